import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.cache.Cache;

import org.apache.ignite.Ignition;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;

import com.sun.management.OperatingSystemMXBean;

/**
 * Reads caches through Ignite's Java thin client: a line of JSON asks for a pass.
 *
 * <p>Threads take partitions in turn, each over a connection of its own, until the time is over or all are read.
 * Objects stay binary and no field of them is read: the least that the client can do.
 */
public class ThinReader {
    private static final Pattern MEMBER = Pattern.compile("\"(\\w+)\":(?:\"([^\"]*)\"|([^,}]*))");

    private final List<IgniteClient> clients = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private String connected = "";

    public static void main(String[] args) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        out.println("{\"java\":\"" + Runtime.version() + "\"}");
        ThinReader reader = new ThinReader();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                out.println(reader.pass(parse(line)));
            }
            catch (Exception e) {
                out.println("{\"error\":\"" + String.valueOf(e).replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}");
            }
        }
        System.exit(0);
    }

    private static Map<String, String> parse(String line) {
        Map<String, String> members = new HashMap<>();
        for (Matcher m = MEMBER.matcher(line); m.find();)
            members.put(m.group(1), m.group(2) != null ? m.group(2) : m.group(3));
        return members;
    }

    private String pass(Map<String, String> request) throws Exception {
        int count = Integer.parseInt(request.get("threads"));
        connect(request.get("address"), count);
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        AtomicInteger next = new AtomicInteger();
        List<Future<Long>> parts = new ArrayList<>();
        long cpu = system.getProcessCpuTime(), began = System.nanoTime();
        long end = began + (long)(Double.parseDouble(request.get("seconds")) * 1e9);
        for (IgniteClient client : clients.subList(0, count))
            parts.add(threads.submit(() -> read(client, request, next, end)));
        long rows = 0;
        for (Future<Long> part : parts)
            rows += part.get();
        double seconds = (System.nanoTime() - began) / 1e9;
        return String.format("{\"rows\":%d,\"seconds\":%f,\"cpu\":%f}", rows, seconds, (system.getProcessCpuTime() - cpu) / 1e9);
    }

    private void connect(String address, int count) {
        if (!address.equals(connected)) {
            clients.forEach(IgniteClient::close);
            clients.clear();
            connected = address;
        }
        while (clients.size() < count)
            clients.add(Ignition.startClient(new ClientConfiguration().setAddresses(address)));
    }

    private static long read(IgniteClient client, Map<String, String> request, AtomicInteger next, long end) {
        ClientCache<Object, Object> cache = client.cache(request.get("cache")).withKeepBinary();
        int partitions = Integer.parseInt(request.get("partitions"));
        int page = Integer.parseInt(request.get("page_rows"));
        long rows = 0;
        for (int p = next.getAndIncrement(); p < partitions; p = next.getAndIncrement()) {
            ScanQuery<Object, Object> query = new ScanQuery<>();
            query.setPartition(p).setPageSize(page);
            try (QueryCursor<Cache.Entry<Object, Object>> cursor = cache.query(query)) {
                for (Cache.Entry<Object, Object> entry : cursor) {
                    if (entry.getValue() != null)
                        rows++;
                    if (System.nanoTime() > end)
                        return rows;
                }
            }
        }
        return rows;
    }
}
