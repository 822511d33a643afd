import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteDataStreamer;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;

import com.sun.management.OperatingSystemMXBean;

/**
 * Fills caches through Ignite's data streamer, from a client node: {@code java StreamerLoader.java DISCOVERY WORK}. A
 * line of JSON asks for "create", "load" or "destroy"; caches for all loaders are made here, so that they are alike.
 */
public class StreamerLoader {
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\":(?:\"([^\"]*)\"|([^,}]*))");
    private static final int SLACK = 4096;

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        try (Ignite ignite = Ignition.start(configuration(args[0], args[1]))) {
            out.println("{\"java\":\"" + Runtime.version() + "\"}");
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                try {
                    out.println(answer(ignite, parse(line)));
                }
                catch (Exception e) {
                    out.println("{\"error\":\"" + String.valueOf(e).replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}");
                }
            }
        }
        System.exit(0);
    }

    private static IgniteConfiguration configuration(String discovery, String work) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }
        return new IgniteConfiguration()
            .setClientMode(true)
            .setIgniteInstanceName("loader")
            .setWorkDirectory(work)
            .setLocalHost("127.0.0.1")
            .setMetricsLogFrequency(0)
            .setConnectorConfiguration(null)
            .setClientConnectorConfiguration(null)
            .setCommunicationSpi(new TcpCommunicationSpi().setLocalAddress("127.0.0.1").setLocalPort(port))
            .setDiscoverySpi(new TcpDiscoverySpi()
                .setLocalAddress("127.0.0.1")
                .setIpFinder(new TcpDiscoveryVmIpFinder().setAddresses(List.of(discovery))));
    }

    private static Map<String, String> parse(String line) {
        Map<String, String> members = new HashMap<>();
        for (Matcher m = MEMBER.matcher(line); m.find();)
            members.put(m.group(1), m.group(2) != null ? m.group(2) : m.group(3));
        return members;
    }

    private static String answer(Ignite ignite, Map<String, String> request) {
        String cache = request.get("cache");
        switch (request.get("op")) {
            case "create":
                ignite.createCache(new CacheConfiguration<Long, byte[]>(cache)
                    .setAffinity(new RendezvousAffinityFunction(false, Integer.parseInt(request.get("partitions")))));
                return "{}";
            case "destroy":
                ignite.destroyCache(cache);
                return "{}";
            case "load":
                return load(ignite, cache, Integer.parseInt(request.get("rows")), Integer.parseInt(request.get("row_bytes")));
            default:
                throw new IllegalArgumentException(request.get("op"));
        }
    }

    /** Buffers are bounded by bytes, about 1 MiB a thread and 4 MiB a node: with Ignite's 512 rows large rows fill the heap. */
    private static String load(Ignite ignite, String cache, int rows, int size) {
        byte[] block = new byte[size + SLACK];
        new Random(1).nextBytes(block);
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long cpu = system.getProcessCpuTime(), began = System.nanoTime();
        try (IgniteDataStreamer<Long, byte[]> streamer = ignite.dataStreamer(cache)) {
            streamer.perThreadBufferSize(Math.max(1, Math.min(512, (1 << 20) / size)));
            streamer.perNodeBufferSize(Math.max(1, Math.min(512, (4 << 20) / size)));
            streamer.perNodeParallelOperations(8);
            for (long key = 0; key < rows; key++) {
                int at = (int)(key % SLACK);
                byte[] value = Arrays.copyOfRange(block, at, at + size);
                ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).putLong(key);
                streamer.addData(key, value);
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        return String.format("{\"rows\":%d,\"seconds\":%f,\"cpu\":%f}", rows, seconds, (system.getProcessCpuTime() - cpu) / 1e9);
    }
}
