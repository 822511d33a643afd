import java.util.Set;
import java.util.TreeSet;

import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.cache.query.SqlFieldsQuery;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.ClientCacheConfiguration;
import org.apache.ignite.client.ClientCluster;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.cluster.ClusterState;

/** The states of the cluster, and what each operation answers in each of them. The cluster is active afterwards. */
class States {
    static void run(IgniteClient client) throws Exception {
        ClientCluster cluster = client.cluster();
        ClientCache<Object, Object> c = Compare.fresh(client, "JAVA_STATE");
        Compare.check("state at first", cluster::state);
        c.put(1, "v");
        ClientCache<Object, Object> grouped = Compare.remade(client,
            new ClientCacheConfiguration().setName("JAVA_STATE_GROUPED").setGroupName("JAVA_STATE_GROUP"));
        Compare.does("the same state", () -> cluster.state(ClusterState.ACTIVE));
        Compare.does("read-only", () -> cluster.state(ClusterState.ACTIVE_READ_ONLY));
        operations(client, c, "read-only ");
        grouped(client, grouped, "read-only ");
        Compare.check("read-only state", cluster::state);
        Compare.does("read-only to inactive", () -> cluster.state(ClusterState.INACTIVE));
        Compare.check("state then", cluster::state);
        Compare.does("active", () -> cluster.state(ClusterState.ACTIVE));
        Compare.check("rows after read-only", () -> c.get(1));
        Compare.does("inactive", () -> cluster.state(ClusterState.INACTIVE));
        Compare.does("inactive by force", () -> deactivate(cluster));
        Compare.check("inactive state", cluster::state);
        operations(client, c, "inactive ");
        grouped(client, grouped, "inactive ");
        Compare.does("inactive to read-only", () -> cluster.state(ClusterState.ACTIVE_READ_ONLY));
        Compare.check("state after read-only", cluster::state);
        Compare.does("active again", () -> cluster.state(ClusterState.ACTIVE));
        Compare.check("state at last", cluster::state);
        Compare.check("rows after inactive", () -> c.size());
        Compare.check("caches after inactive", () -> caches(client));
        operations(client, c, "active ");
        Compare.check("wal", () -> cluster.isWalEnabled("JAVA_STATE"));
        Compare.check("wal off", () -> cluster.disableWal("JAVA_STATE"));
        Compare.check("wal on", () -> cluster.enableWal("JAVA_STATE"));
        Compare.check("wal of no cache", () -> cluster.isWalEnabled("JAVA_NOTHING"));
        Compare.check("nodes", () -> cluster.nodes().size());
    }

    /** The thin client has the forced deactivation, which loses the data, in a method that its interface lacks. */
    private static void deactivate(ClientCluster cluster) throws Exception {
        java.lang.reflect.Method m = cluster.getClass().getMethod("state", ClusterState.class, boolean.class);
        m.setAccessible(true);
        m.invoke(cluster, ClusterState.INACTIVE, true);
    }

    private static Set<String> caches(IgniteClient client) {
        Set<String> names = new TreeSet<>(client.cacheNames());
        names.removeIf(n -> !n.startsWith("JAVA_STATE"));
        return names;
    }

    private static void grouped(IgniteClient client, ClientCache<Object, Object> c, String at) {
        Compare.does(at + "put into a group", () -> c.put(1, "v"));
        Compare.does(at + "clear in a group", c::clear);
        Compare.does(at + "create in a group", () -> client.createCache(
            new ClientCacheConfiguration().setName("JAVA_STATE_NEW").setGroupName("JAVA_STATE_GROUP")));
        Compare.does(at + "destroy of one that is", () -> client.destroyCache("JAVA_STATE_GROUPED"));
        Compare.check(at + "is there", () -> caches(client));
    }

    private static void operations(IgniteClient client, ClientCache<Object, Object> c, String at) {
        Compare.check(at + "get", () -> c.get(1));
        Compare.check(at + "getAll", () -> c.getAll(Set.of(1)));
        Compare.check(at + "containsKey", () -> c.containsKey(1));
        Compare.does(at + "put", () -> c.put(2, "w"));
        Compare.does(at + "put of the same", () -> c.put(1, "v"));
        Compare.does(at + "putAll", () -> c.putAll(java.util.Map.of(2, "w", 3, "x")));
        Compare.check(at + "putIfAbsent", () -> c.putIfAbsent(1, "w"));
        Compare.check(at + "getAndPut", () -> c.getAndPut(2, "w"));
        Compare.check(at + "replace", () -> c.replace(77, "w"));
        Compare.check(at + "replaceIfEquals", () -> c.replace(1, "q", "w"));
        Compare.check(at + "remove", () -> c.remove(77));
        Compare.check(at + "getAndRemove", () -> c.getAndRemove(77));
        Compare.does(at + "removeAll of keys", () -> c.removeAll(Set.of(77)));
        Compare.does(at + "removeAll", () -> c.removeAll());
        Compare.does(at + "clear", c::clear);
        Compare.does(at + "clear of a key", () -> c.clear(77));
        Compare.check(at + "size", () -> c.size());
        Compare.check(at + "size of PRIMARY", () -> c.size(CachePeekMode.PRIMARY));
        Compare.check(at + "scan", () -> c.query(new ScanQuery<>()).getAll());
        Compare.check(at + "sql", () -> {
            try (QueryCursor<java.util.List<?>> cursor = c.query(new SqlFieldsQuery("SELECT 1").setSchema("PUBLIC"))) {
                return cursor.getAll();
            }
        });
        Compare.check(at + "cache names", () -> caches(client));
        Compare.check(at + "configuration", () -> c.getConfiguration().getName());
        Compare.does(at + "create", () -> client.createCache("JAVA_STATE_" + at.trim()));
        Compare.does(at + "get or create of one that is", () -> client.getOrCreateCache("JAVA_STATE"));
        Compare.does(at + "get or create", () -> client.getOrCreateCache("JAVA_STATE_" + at.trim()));
        Compare.does(at + "destroy", () -> client.destroyCache("JAVA_STATE_" + at.trim()));
        Compare.does(at + "no such cache", () -> client.cache("JAVA_NOTHING").get(1));
        Compare.does(at + "new type", () -> client.binary().registerEnum("some.State" + at.trim(), new java.util.TreeMap<>(java.util.Map.of("A", 1))));
        Compare.check(at + "type", () -> client.binary().type("Types$Nothing"));
        Compare.does(at + "put of a new type", () -> c.put(5, client.binary().builder("some.New" + at.trim()).setField("n", 1).build()));
        Compare.does(at + "get and put of a missing row", () -> c.getAndReplace(76, 1));
    }
}
