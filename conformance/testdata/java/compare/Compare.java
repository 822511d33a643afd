import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import org.apache.ignite.Ignition;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.ClientCacheConfiguration;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;

/**
 * Asks a server everything that Ignite's Java thin client can ask of its caches and prints one line for each check:
 * {@code NAME = ANSWER}. An exception is an answer, too. {@code java Compare ADDRESS [GROUP...]} runs the groups that are
 * named, all without one. The caches it makes begin with JAVA_; those named JAVA_BYTES_ stay behind, so that another client
 * can compare the bytes of their entries.
 */
public class Compare {
    /** The part of the program that runs: names of checks begin with it. */
    private static String group;

    private static ClientConfiguration connection;

    /** Another client, which knows nothing yet. */
    static IgniteClient other() {
        return Ignition.startClient(connection);
    }

    interface Group {
        void run(IgniteClient client) throws Exception;
    }

    static Map<String, Group> groups() {
        Map<String, Group> groups = new LinkedHashMap<>();
        groups.put("state", States::run); // at first, for it loses the data of all caches
        groups.put("value", Values::run);
        groups.put("key", Keys::run);
        groups.put("binary", Binaries::run);
        groups.put("operation", Operations::run);
        groups.put("query", Queries::run);
        groups.put("config", Configurations::run);
        return groups;
    }

    public static void main(String[] args) throws Exception {
        List<String> only = Arrays.asList(args).subList(1, args.length);
        connection = new ClientConfiguration().setAddresses(args[0]).setTimeout(20_000).setReconnectThrottlingPeriod(0);
        for (Map.Entry<String, Group> g : groups().entrySet()) {
            if (!only.isEmpty() && !only.contains(g.getKey()))
                continue;
            group = g.getKey();
            try (IgniteClient client = Ignition.startClient(connection)) {
                g.getValue().run(client);
            }
        }
        System.out.println("END");
    }

    /** Something done for its effect alone. */
    interface Action {
        void run() throws Exception;
    }

    /** Prints what a question answers. */
    static void check(String name, Callable<?> question) {
        String answer;
        try {
            answer = Show.of(question.call());
        }
        catch (Throwable e) {
            answer = Show.failure(e);
        }
        System.out.println(group + "." + name + " = " + answer);
    }

    /** Prints whether an action succeeds. */
    static void does(String name, Action action) {
        check(name, () -> {
            action.run();
            return "done";
        });
    }

    /** A cache without entries. */
    static <K, V> ClientCache<K, V> fresh(IgniteClient client, String name) {
        ClientCache<K, V> cache = client.getOrCreateCache(name);
        cache.removeAll();
        return cache;
    }

    /** A cache of a configuration that is made anew. */
    static <K, V> ClientCache<K, V> remade(IgniteClient client, ClientCacheConfiguration cfg) {
        if (client.cacheNames().contains(cfg.getName()))
            client.destroyCache(cfg.getName());
        return client.createCache(cfg);
    }
}
