import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

import javax.cache.expiry.Duration;
import javax.cache.expiry.ModifiedExpiryPolicy;

import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.cache.CacheKeyConfiguration;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CacheRebalanceMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.cache.PartitionLossPolicy;
import org.apache.ignite.cache.QueryEntity;
import org.apache.ignite.cache.QueryIndex;
import org.apache.ignite.cache.QueryIndexType;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.ClientCacheConfiguration;
import org.apache.ignite.client.IgniteClient;

/** Every property of a cache's configuration: created, read back, refused. */
class Configurations {
    static void run(IgniteClient client) {
        for (Map.Entry<String, Consumer<ClientCacheConfiguration>> e : properties().entrySet())
            create(client, e.getKey(), e.getValue());
        groups(client);
        tables(client);
        names(client);
        twice(client);
    }

    private static Map<String, Consumer<ClientCacheConfiguration>> properties() {
        Map<String, Consumer<ClientCacheConfiguration>> all = new LinkedHashMap<>();
        all.put("default", c -> { });
        for (CacheMode v : CacheMode.values())
            all.put("mode " + v, c -> c.setCacheMode(v));
        for (CacheAtomicityMode v : CacheAtomicityMode.values())
            all.put("atomicity " + v, c -> c.setAtomicityMode(v));
        for (CacheWriteSynchronizationMode v : CacheWriteSynchronizationMode.values())
            all.put("write sync " + v, c -> c.setWriteSynchronizationMode(v));
        for (PartitionLossPolicy v : PartitionLossPolicy.values())
            all.put("loss " + v, c -> c.setPartitionLossPolicy(v));
        for (CacheRebalanceMode v : CacheRebalanceMode.values())
            all.put("rebalance mode " + v, c -> c.setRebalanceMode(v));
        for (int v : new int[] {-1, 0, 1, 3, Integer.MAX_VALUE})
            all.put("backups " + v, c -> c.setBackups(v));
        for (boolean v : new boolean[] {true, false}) {
            all.put("copy on read " + v, c -> c.setCopyOnRead(v));
            all.put("eager ttl " + v, c -> c.setEagerTtl(v));
            all.put("onheap " + v, c -> c.setOnheapCacheEnabled(v));
            all.put("read from backup " + v, c -> c.setReadFromBackup(v));
            all.put("escape all " + v, c -> c.setSqlEscapeAll(v));
            all.put("statistics " + v, c -> c.setStatisticsEnabled(v));
        }
        texts(all);
        numbers(all);
        all.put("expiry", c -> c.setExpiryPolicy(new ModifiedExpiryPolicy(new Duration(java.util.concurrent.TimeUnit.HOURS, 1))));
        all.put("replicated with backups", c -> c.setCacheMode(CacheMode.REPLICATED).setBackups(1));
        all.put("replicated with parallelism", c -> c.setCacheMode(CacheMode.REPLICATED).setQueryParallelism(2));
        all.put("key configuration", c -> c.setKeyConfiguration(new CacheKeyConfiguration("some.Key", "owner")));
        all.put("key configurations", c -> c.setKeyConfiguration(
            new CacheKeyConfiguration("some.Key", "owner"), new CacheKeyConfiguration("other.Key", "id")));
        all.put("key configuration of one type twice", c -> c.setKeyConfiguration(
            new CacheKeyConfiguration("some.Key", "owner"), new CacheKeyConfiguration("some.Key", "id")));
        return all;
    }

    private static void texts(Map<String, Consumer<ClientCacheConfiguration>> all) {
        for (String v : new String[] {"default", "nowhere", ""})
            all.put("data region \"" + v + "\"", c -> c.setDataRegionName(v));
        for (String v : new String[] {"PUBLIC", "shelf", "\"shelf\"", "with space", ""})
            all.put("schema " + v + ".", c -> c.setSqlSchema(v));
        for (String v : new String[] {"some group", ""})
            all.put("group \"" + v + "\"", c -> c.setGroupName(v));
    }

    private static void numbers(Map<String, Consumer<ClientCacheConfiguration>> all) {
        for (int v : new int[] {-1, 0, 2}) {
            all.put("lock timeout " + v, c -> c.setDefaultLockTimeout(v));
            all.put("async operations " + v, c -> c.setMaxConcurrentAsyncOperations(v));
            all.put("query iterators " + v, c -> c.setMaxQueryIteratorsCount(v));
            all.put("query metrics " + v, c -> c.setQueryDetailMetricsSize(v));
            all.put("query parallelism " + v, c -> c.setQueryParallelism(v));
            all.put("rebalance batch size " + v, c -> c.setRebalanceBatchSize(v));
            all.put("rebalance batches " + v, c -> c.setRebalanceBatchesPrefetchCount(v));
            all.put("rebalance delay " + v, c -> c.setRebalanceDelay(v));
            all.put("rebalance order " + v, c -> c.setRebalanceOrder(v));
            all.put("rebalance throttle " + v, c -> c.setRebalanceThrottle(v));
            all.put("rebalance timeout " + v, c -> c.setRebalanceTimeout(v));
            all.put("inline size " + v, c -> c.setSqlIndexMaxInlineSize(v));
        }
        all.put("rebalance order sync", c -> c.setRebalanceOrder(1).setRebalanceMode(CacheRebalanceMode.SYNC));
    }

    /** Creates a cache, reads its configuration, uses it and destroys it. */
    private static void create(IgniteClient client, String name, Consumer<ClientCacheConfiguration> change) {
        ClientCacheConfiguration cfg = new ClientCacheConfiguration().setName("JAVA_CONFIG");
        Compare.does(name + " create", () -> {
            change.accept(cfg);
            client.createCache(cfg);
        });
        if (!client.cacheNames().contains("JAVA_CONFIG"))
            return;
        ClientCache<Object, Object> cache = client.cache("JAVA_CONFIG");
        Compare.check(name, () -> describe(cache.getConfiguration()));
        Compare.check(name + " use", () -> {
            cache.put(1, "v");
            return cache.get(1);
        });
        client.destroyCache("JAVA_CONFIG");
    }

    /** Every property of a configuration by name. */
    static String describe(ClientCacheConfiguration cfg) throws Exception {
        Map<String, Object> all = new TreeMap<>();
        for (Method m : ClientCacheConfiguration.class.getMethods()) {
            String name = m.getName();
            if (m.getDeclaringClass() == ClientCacheConfiguration.class && m.getParameterCount() == 0 && name.matches("(get|is).*"))
                all.put(name, describe(m.invoke(cfg)));
        }
        return all.toString();
    }

    private static String describe(Object v) {
        if (v instanceof QueryEntity[])
            return Arrays.stream((QueryEntity[])v).map(Configurations::describe).toList().toString();
        if (v instanceof CacheKeyConfiguration[])
            return Arrays.stream((CacheKeyConfiguration[])v).map(k -> k.getTypeName() + ":" + k.getAffinityKeyFieldName()).toList().toString();
        if (v instanceof javax.cache.expiry.ExpiryPolicy) {
            javax.cache.expiry.ExpiryPolicy p = (javax.cache.expiry.ExpiryPolicy)v;
            return p.getExpiryForCreation() + ", " + p.getExpiryForUpdate() + ", " + p.getExpiryForAccess();
        }
        return v instanceof QueryEntity ? describe((QueryEntity)v) : Show.of(v);
    }

    private static String describe(QueryEntity e) {
        StringBuilder indexes = new StringBuilder();
        for (QueryIndex x : e.getIndexes())
            indexes.append(x.getName()).append(' ').append(x.getIndexType()).append(x.getFields()).append(x.getInlineSize()).append("; ");
        return "key " + e.getKeyType() + " " + e.getKeyFieldName() + " " + e.getKeyFields() + ", value " + e.getValueType() + " "
            + e.getValueFieldName() + ", table " + e.getTableName() + ", fields " + e.getFields() + ", aliases " + new TreeMap<>(e.getAliases())
            + ", not null " + set(e.getNotNullFields()) + ", default " + map(e.getDefaultFieldValues()) + ", precision "
            + map(e.getFieldsPrecision()) + ", scale " + map(e.getFieldsScale()) + ", indexes " + indexes;
    }

    private static String set(Set<String> s) {
        return s == null ? "null" : new TreeSet<>(s).toString();
    }

    private static String map(Map<String, ?> m) {
        return m == null ? "null" : new TreeMap<>(m).toString();
    }

    /** Caches of one group must agree about what the group decides. */
    private static void groups(IgniteClient client) {
        Map<String, Consumer<ClientCacheConfiguration>> others = new LinkedHashMap<>();
        others.put("the same", c -> { });
        others.put("mode", c -> c.setCacheMode(CacheMode.REPLICATED));
        others.put("backups", c -> c.setBackups(0));
        others.put("atomicity", c -> c.setAtomicityMode(CacheAtomicityMode.TRANSACTIONAL));
        others.put("loss", c -> c.setPartitionLossPolicy(PartitionLossPolicy.READ_ONLY_SAFE));
        others.put("rebalance mode", c -> c.setRebalanceMode(CacheRebalanceMode.SYNC));
        others.put("rebalance delay", c -> c.setRebalanceDelay(5));
        others.put("rebalance order", c -> c.setRebalanceOrder(5));
        others.put("rebalance batch size", c -> c.setRebalanceBatchSize(5));
        others.put("rebalance batches", c -> c.setRebalanceBatchesPrefetchCount(5));
        others.put("rebalance timeout", c -> c.setRebalanceTimeout(5));
        others.put("rebalance throttle", c -> c.setRebalanceThrottle(5));
        others.put("data region", c -> c.setDataRegionName("default"));
        others.put("parallelism", c -> c.setQueryParallelism(4));
        others.put("write sync", c -> c.setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_ASYNC));
        others.put("onheap", c -> c.setOnheapCacheEnabled(true));
        others.put("schema", c -> c.setSqlSchema("OTHER"));
        others.put("statistics", c -> c.setStatisticsEnabled(true));
        client.createCache(new ClientCacheConfiguration().setName("JAVA_FIRST").setGroupName("JAVA_GROUP").setBackups(1));
        for (Map.Entry<String, Consumer<ClientCacheConfiguration>> e : others.entrySet()) {
            ClientCacheConfiguration cfg = new ClientCacheConfiguration().setName("JAVA_SECOND").setGroupName("JAVA_GROUP").setBackups(1);
            e.getValue().accept(cfg);
            Compare.does("group with another " + e.getKey(), () -> client.createCache(cfg));
            Compare.check("group with another " + e.getKey() + " is there", () -> client.cacheNames().contains("JAVA_SECOND"));
            if (client.cacheNames().contains("JAVA_SECOND"))
                client.destroyCache("JAVA_SECOND");
        }
        client.destroyCache("JAVA_FIRST");
        client.createCache("JAVA_C");
        Compare.does("group named like a cache that is", () ->
            client.createCache(new ClientCacheConfiguration().setName("JAVA_D").setGroupName("JAVA_C")));
        Compare.does("group named like its cache", () ->
            client.createCache(new ClientCacheConfiguration().setName("JAVA_E").setGroupName("JAVA_E")));
        Compare.does("group named like a cache", () -> client.createCache(new ClientCacheConfiguration().setName("JAVA_A").setGroupName("JAVA_B")));
        Compare.does("cache named like a group", () -> client.createCache(new ClientCacheConfiguration().setName("JAVA_B")));
        for (String name : new String[] {"JAVA_A", "JAVA_B", "JAVA_C", "JAVA_D", "JAVA_E"}) {
            if (client.cacheNames().contains(name))
                client.destroyCache(name);
        }
    }

    private static QueryEntity entity() {
        return new QueryEntity("java.lang.Long", "some.Kitten").addQueryField("name", "java.lang.String", null)
            .addQueryField("age", "java.lang.Integer", "years");
    }

    private static void tables(IgniteClient client) {
        Map<String, Consumer<QueryEntity>> changes = new LinkedHashMap<>();
        changes.put("plain", e -> { });
        changes.put("table name", e -> e.setTableName("Kittens"));
        changes.put("key field", e -> e.addQueryField("id", "java.lang.Long", null).setKeyFieldName("id"));
        changes.put("key fields", e -> e.setKeyType("some.Key").setKeyFields(Collections.singleton("name")));
        changes.put("value field", e -> e.addQueryField("all", "some.Kitten", null).setValueFieldName("all"));
        changes.put("not null", e -> e.setNotNullFields(Collections.singleton("name")));
        changes.put("default", e -> e.setDefaultFieldValues(Collections.singletonMap("age", 7)));
        changes.put("precision", e -> e.setFieldsPrecision(Collections.singletonMap("name", 5)));
        changes.put("scale", e -> e.addQueryField("d", "java.math.BigDecimal", null)
            .setFieldsPrecision(Collections.singletonMap("d", 5)).setFieldsScale(Collections.singletonMap("d", 2)));
        changes.put("index", e -> e.setIndexes(Collections.singletonList(new QueryIndex("name"))));
        changes.put("index, two fields", e -> e.setIndexes(Collections.singletonList(
            new QueryIndex(Arrays.asList("name", "age"), QueryIndexType.SORTED).setName("by_both").setInlineSize(9))));
        changes.put("index of no field", e -> e.setIndexes(Collections.singletonList(new QueryIndex("nothing"))));
        changes.put("two indexes of one name", e -> e.setIndexes(Arrays.asList(
            new QueryIndex("name").setName("x"), new QueryIndex("age").setName("x"))));
        changes.put("fulltext index", e -> e.setIndexes(Collections.singletonList(new QueryIndex("name", QueryIndexType.FULLTEXT))));
        changes.put("two fields in case", e -> e.addQueryField("NAME", "java.lang.String", null));
        changes.put("two fields of one alias", e -> e.addQueryField("surname", "java.lang.String", "name"));
        changes.put("alias of no field", e -> e.addQueryField("age", "java.lang.Integer", null).setAliases(Collections.singletonMap("nothing", "x")));
        changes.put("key field of no field", e -> e.setKeyFieldName("nothing"));
        changes.put("value field of no field", e -> e.setValueFieldName("nothing"));
        changes.put("index by alias", e -> e.setIndexes(Collections.singletonList(new QueryIndex("years"))));
        changes.put("index by column", e -> e.setIndexes(Collections.singletonList(new QueryIndex("NAME"))));
        changes.put("index of a field twice", e -> e.setIndexes(Collections.singletonList(
            new QueryIndex(Arrays.asList("name", "name"), QueryIndexType.SORTED))));
        changes.put("no value type", e -> e.setValueType(null));
        changes.put("no key type", e -> e.setKeyType(null));
        changes.put("nested field", e -> e.addQueryField("at.x", "java.lang.Integer", null));
        for (Map.Entry<String, Consumer<QueryEntity>> e : changes.entrySet()) {
            create(client, "table " + e.getKey(), c -> {
                QueryEntity q = entity();
                e.getValue().accept(q);
                c.setQueryEntities(q).setSqlSchema("PUBLIC");
            });
        }
        create(client, "table in escaped schema", c -> c.setQueryEntities(entity()).setSqlEscapeAll(true));
        create(client, "two tables", c -> c.setQueryEntities(entity(), new QueryEntity("java.lang.Long", "some.Dog")));
        create(client, "two tables of one type", c -> c.setQueryEntities(entity(), entity()));
        create(client, "two tables of one name", c -> c.setQueryEntities(entity().setTableName("T"),
            new QueryEntity("java.lang.Long", "some.Dog").setTableName("t")));
        second(client);
    }

    /** A second cache with a table of the same name. */
    private static void second(IgniteClient client) {
        client.createCache(new ClientCacheConfiguration().setName("JAVA_TABLE").setQueryEntities(entity()).setSqlSchema("PUBLIC"));
        Compare.does("second table of the name", () ->
            client.createCache(new ClientCacheConfiguration().setName("JAVA_TABLE_2").setQueryEntities(entity()).setSqlSchema("PUBLIC")));
        Compare.check("second table's cache", () -> client.cacheNames().contains("JAVA_TABLE_2"));
        Compare.does("second table of the name in another schema", () ->
            client.createCache(new ClientCacheConfiguration().setName("JAVA_TABLE_3").setQueryEntities(entity()).setSqlSchema("OTHER")));
        Compare.does("second table of the index name", () ->
            client.createCache(new ClientCacheConfiguration().setName("JAVA_TABLE_4").setSqlSchema("PUBLIC").setQueryEntities(
                entity().setTableName("OTHER").setIndexes(Collections.singletonList(new QueryIndex("name").setName("KITTEN"))))));
        for (String name : new String[] {"JAVA_TABLE", "JAVA_TABLE_2", "JAVA_TABLE_3", "JAVA_TABLE_4"}) {
            if (client.cacheNames().contains(name))
                client.destroyCache(name);
        }
    }

    private static void names(IgniteClient client) {
        for (String name : new String[] {"", " ", "a/b", "\u043A\u043E\u0442", "lower", "LOWER", "x".repeat(300)}) {
            Compare.does("name \"" + name + "\" create", () -> client.createCache(name));
            Compare.check("name \"" + name + "\" is there", () -> client.cacheNames().contains(name));
            Compare.does("name \"" + name + "\" destroy", () -> client.destroyCache(name));
        }
    }

    private static void twice(IgniteClient client) {
        client.createCache("JAVA_TWICE");
        Compare.does("create twice", () -> client.createCache("JAVA_TWICE"));
        Compare.does("create twice by configuration", () -> client.createCache(new ClientCacheConfiguration().setName("JAVA_TWICE")));
        Compare.check("get or create of another mode", () -> describe(client.getOrCreateCache(
            new ClientCacheConfiguration().setName("JAVA_TWICE").setCacheMode(CacheMode.REPLICATED)).getConfiguration()));
        Compare.does("get or create by name", () -> client.getOrCreateCache("JAVA_TWICE"));
        client.destroyCache("JAVA_TWICE");
        Compare.does("destroy twice", () -> client.destroyCache("JAVA_TWICE"));
    }
}
