import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

import org.apache.ignite.Ignite;
import org.apache.ignite.Ignition;
import org.apache.ignite.cache.affinity.rendezvous.RendezvousAffinityFunction;
import org.apache.ignite.cluster.ClusterState;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.ClientConnectorConfiguration;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.configuration.WALMode;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.apache.ignite.ssl.SslContextFactory;

/**
 * One Apache Ignite server node for a test: {@code java Node.java key=value...}, everything on 127.0.0.1.
 *
 * <p>Prints "READY" on standard output when the node serves clients, logs to standard error, and ends when standard
 * input ends: a node never outlives the program that started it.
 *
 * <p>Keys: name, work, port, discovery, communication, peers (discovery addresses, comma separated), region (MiB),
 * auth (true: persistent region and user accounts), tls (off, server, mutual), cert, key, ca (PEM files),
 * caches (name:partitions, comma separated, of caches that a thin client cannot configure).
 */
public class Node {
    private static final char[] PASSWORD = "changeit".toCharArray();

    public static void main(String[] args) throws Exception {
        PrintStream ready = System.out;
        System.setOut(System.err);
        Map<String, String> opts = new HashMap<>();
        for (String arg : args) {
            int eq = arg.indexOf('=');
            opts.put(arg.substring(0, eq), arg.substring(eq + 1));
        }
        Thread watch = new Thread(Node::haltAtEndOfInput, "watch-stdin");
        watch.setDaemon(true);
        watch.start();

        Ignite ignite = Ignition.start(configuration(opts));
        // A persistent cluster starts inactive the first time; the first node of several must not wait for the rest.
        if (ignite.cluster().state() != ClusterState.ACTIVE)
            ignite.cluster().state(ClusterState.ACTIVE);
        ready.println("READY");
        ready.flush();
    }

    private static void haltAtEndOfInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        }
        catch (Exception ignored) {
            // A broken pipe says the same as its end.
        }
        Runtime.getRuntime().halt(0);
    }

    private static IgniteConfiguration configuration(Map<String, String> opts) throws Exception {
        boolean auth = Boolean.parseBoolean(opts.get("auth"));
        DataRegionConfiguration region = new DataRegionConfiguration()
            .setName("default")
            .setInitialSize(64L << 20)
            .setMaxSize(Long.parseLong(opts.get("region")) << 20)
            .setPersistenceEnabled(auth);
        if (auth)
            region.setCheckpointPageBufferSize(64L << 20);
        DataStorageConfiguration storage = new DataStorageConfiguration()
            .setDefaultDataRegionConfiguration(region)
            .setWalMode(WALMode.LOG_ONLY)
            .setWalSegmentSize(4 << 20)
            .setWalSegments(2)
            .setMaxWalArchiveSize(32L << 20);
        return new IgniteConfiguration()
            .setIgniteInstanceName(opts.get("name"))
            .setConsistentId(opts.get("name"))
            .setWorkDirectory(opts.get("work"))
            .setLocalHost("127.0.0.1")
            .setMetricsLogFrequency(0)
            .setConnectorConfiguration(null)
            .setAuthenticationEnabled(auth)
            .setDataStorageConfiguration(storage)
            .setClientConnectorConfiguration(connector(opts))
            .setCacheConfiguration(caches(opts.get("caches")))
            .setCommunicationSpi(new TcpCommunicationSpi()
                .setLocalAddress("127.0.0.1")
                .setLocalPort(Integer.parseInt(opts.get("communication")))
                .setLocalPortRange(0))
            .setDiscoverySpi(new TcpDiscoverySpi()
                .setLocalAddress("127.0.0.1")
                .setLocalPort(Integer.parseInt(opts.get("discovery")))
                .setLocalPortRange(0)
                .setIpFinder(new TcpDiscoveryVmIpFinder()
                    .setAddresses(Arrays.asList(opts.get("peers").split(",")))));
    }

    private static CacheConfiguration<?, ?>[] caches(String list) {
        if (list == null)
            return new CacheConfiguration<?, ?>[0];
        return Arrays.stream(list.split(","))
            .map(item -> item.split(":"))
            .map(item -> new CacheConfiguration<Object, Object>(item[0])
                .setAffinity(new RendezvousAffinityFunction(false, Integer.parseInt(item[1]))))
            .toArray(CacheConfiguration<?, ?>[]::new);
    }

    private static ClientConnectorConfiguration connector(Map<String, String> opts) throws Exception {
        ClientConnectorConfiguration connector = new ClientConnectorConfiguration()
            .setHost("127.0.0.1")
            .setPort(Integer.parseInt(opts.get("port")))
            .setPortRange(0);
        String tls = opts.get("tls");
        if (tls.equals("off"))
            return connector;
        SslContextFactory factory = new SslContextFactory();
        factory.setKeyStoreFilePath(keyStore(opts).toString());
        factory.setKeyStoreType("PKCS12");
        factory.setKeyStorePassword(PASSWORD);
        factory.setTrustStoreFilePath(trustStore(opts).toString());
        factory.setTrustStoreType("PKCS12");
        factory.setTrustStorePassword(PASSWORD);
        return connector
            .setSslEnabled(true)
            .setSslClientAuth(tls.equals("mutual"))
            .setUseIgniteSslContextFactory(false)
            .setSslContextFactory(factory);
    }

    private static Path keyStore(Map<String, String> opts) throws Exception {
        String pem = Files.readString(Path.of(opts.get("key")));
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setKeyEntry("server", KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der)), PASSWORD,
            new Certificate[] {certificate(opts.get("cert")), certificate(opts.get("ca"))});
        return save(store, Path.of(opts.get("work"), "server.p12"));
    }

    private static Path trustStore(Map<String, String> opts) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, PASSWORD);
        store.setCertificateEntry("ca", certificate(opts.get("ca")));
        return save(store, Path.of(opts.get("work"), "trust.p12"));
    }

    private static Certificate certificate(String file) throws Exception {
        byte[] pem = Files.readAllBytes(Path.of(file));
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    }

    private static Path save(KeyStore store, Path file) throws Exception {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
        return file;
    }
}
