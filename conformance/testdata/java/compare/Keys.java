import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;

/** Each kind of value as a key. */
class Keys {
    static Map<String, Object> keys() {
        Map<String, Object> all = new LinkedHashMap<>(Samples.values());
        all.put("OwnedKey", new Types.OwnedKey(1, "tom"));
        all.put("TextKey", new Types.TextKey("key"));
        return all;
    }

    static void run(IgniteClient client) {
        for (Map.Entry<String, Object> e : keys().entrySet()) {
            String name = e.getKey();
            Object k = e.getValue();
            ClientCache<Object, Object> cache = empty(client);
            Compare.does(name + " put", () -> {
                cache.put(k, "v");
            });
            Compare.check(name + " get", () -> cache.get(k));
            Compare.check(name + " containsKey", () -> cache.containsKey(k));
            Compare.check(name + " scan", () -> cache.query(new ScanQuery<Object, Object>()).getAll());
            Compare.check(name + " binary scan", () -> cache.withKeepBinary().query(new ScanQuery<Object, Object>()).getAll());
            Compare.check(name + " getAll", () -> cache.getAll(new HashSet<>(Collections.singletonList(k))));
            Compare.check(name + " putIfAbsent", () -> cache.putIfAbsent(k, "w"));
            Compare.check(name + " getAndReplace", () -> cache.getAndReplace(k, "x"));
            Compare.check(name + " size", () -> cache.size());
            Compare.check(name + " remove", () -> cache.remove(k));
            Compare.check(name + " size after remove", () -> cache.size());
        }
        distinct(client);
        owned(client);
    }

    /** A real Ignite does not find some keys again, so that they stay when all are removed. */
    private static ClientCache<Object, Object> empty(IgniteClient client) {
        ClientCache<Object, Object> cache = Compare.fresh(client, "JAVA_KEY");
        if (cache.size() == 0)
            return cache;
        client.destroyCache("JAVA_KEY");
        return client.createCache("JAVA_KEY");
    }

    /** Equal numbers of different classes are different keys. */
    private static void distinct(IgniteClient client) {
        ClientCache<Object, Object> cache = Compare.fresh(client, "JAVA_DISTINCT");
        for (Object k : new Object[] {(byte)1, (short)1, 1, 1L, 1f, 1.0, '\u0001', true, "1"})
            cache.put(k, k);
        Compare.check("numbers apart", () -> cache.size());
        Compare.check("numbers", () -> Values.sorted(cache.query(new ScanQuery<Object, Object>()).getAll()));
        Compare.check("decimals 1.0 and 1.00", () -> {
            cache.removeAll();
            cache.put(new java.math.BigDecimal("1.0"), 1);
            cache.put(new java.math.BigDecimal("1.00"), 2);
            return cache.size();
        });
        Compare.check("doubles 0.0 and -0.0", () -> {
            cache.removeAll();
            cache.put(0.0, 1);
            cache.put(-0.0, 2);
            return cache.size();
        });
        Compare.check("date and timestamp", () -> {
            cache.removeAll();
            cache.put(new java.util.Date(5), 1);
            cache.put(new java.sql.Timestamp(5), 2);
            cache.put(new java.sql.Time(5), 3);
            return cache.size();
        });
        Compare.check("object by builder", () -> {
            cache.removeAll();
            cache.put(new Types.Point(1, 2), "p");
            return cache.get(client.binary().builder("Types$Point").setField("x", 1).setField("y", 2).build());
        });
        Compare.check("object by builder, other order", () ->
            cache.get(client.binary().builder("Types$Point").setField("y", 2).setField("x", 1).build()));
    }

    /** Keys that share an owner share a partition. */
    private static void owned(IgniteClient client) {
        ClientCache<Object, Object> cache = Compare.fresh(client, "JAVA_OWNED");
        for (int i = 0; i < 20; i++)
            cache.put(new Types.OwnedKey(i, "tom"), i);
        Compare.check("partitions of one owner", () -> partitions(cache));
        cache.removeAll();
        for (int i = 0; i < 20; i++)
            cache.put(new org.apache.ignite.cache.affinity.AffinityKey<>(i, "near"), i);
        Compare.check("partitions of one affinity key", () -> partitions(cache));
        cache.removeAll();
        for (Object k : new Object[] {1, 2L, "three", 4.0, new Types.Point(5, 5), Types.Color.BLUE})
            cache.put(k, "v");
        Compare.check("partitions", () -> partitions(cache));
    }

    private static List<String> partitions(ClientCache<Object, Object> cache) {
        List<String> found = new ArrayList<>();
        for (int p = 0; p < 1024; p++) {
            Set<String> keys = new java.util.TreeSet<>();
            cache.query(new ScanQuery<Object, Object>().setPartition(p)).forEach(e -> keys.add(Show.of(e.getKey())));
            if (!keys.isEmpty())
                found.add(p + ":" + keys);
        }
        return found;
    }
}
