import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.ignite.cache.CacheAtomicityMode;
import org.apache.ignite.cache.CacheMode;
import org.apache.ignite.cache.CachePeekMode;
import org.apache.ignite.cache.CacheWriteSynchronizationMode;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.ClientCacheConfiguration;
import org.apache.ignite.client.IgniteClient;

/** Every operation on entries, in caches of each mode. */
class Operations {
    static void run(IgniteClient client) {
        for (CacheMode mode : CacheMode.values()) {
            for (CacheAtomicityMode atomicity : new CacheAtomicityMode[] {CacheAtomicityMode.ATOMIC, CacheAtomicityMode.TRANSACTIONAL}) {
                String at = mode + " " + atomicity + " ";
                ClientCache<Object, Object> cache = Compare.remade(client, new ClientCacheConfiguration()
                    .setName("JAVA_" + mode + "_" + atomicity).setCacheMode(mode).setAtomicityMode(atomicity)
                    .setWriteSynchronizationMode(CacheWriteSynchronizationMode.FULL_SYNC));
                single(cache, at);
                absent(cache, at);
                replace(cache, at);
                remove(cache, at);
                bulk(cache, at);
                sizes(cache, at);
            }
        }
        peek(client);
        nulls(client);
        gone(client);
    }

    private static void single(ClientCache<Object, Object> c, String at) {
        Compare.check(at + "get of nothing", () -> c.get(1));
        Compare.does(at + "put", () -> c.put(1, "a"));
        Compare.check(at + "get", () -> c.get(1));
        Compare.check(at + "getAndPut of nothing", () -> c.getAndPut(2, "b"));
        Compare.check(at + "getAndPut", () -> c.getAndPut(2, "c"));
        Compare.check(at + "containsKey", () -> c.containsKey(2));
        Compare.check(at + "containsKey of nothing", () -> c.containsKey(3));
        Compare.check(at + "containsKeys", () -> c.containsKeys(Set.of(1, 2)));
        Compare.check(at + "containsKeys with one missing", () -> c.containsKeys(Set.of(1, 3)));
        Compare.check(at + "containsKeys of none", () -> c.containsKeys(Collections.emptySet()));
    }

    private static void absent(ClientCache<Object, Object> c, String at) {
        Compare.check(at + "putIfAbsent", () -> c.putIfAbsent(1, "z"));
        Compare.check(at + "putIfAbsent of nothing", () -> c.putIfAbsent(3, "d"));
        Compare.check(at + "getAndPutIfAbsent", () -> c.getAndPutIfAbsent(1, "z"));
        Compare.check(at + "getAndPutIfAbsent of nothing", () -> c.getAndPutIfAbsent(4, "e"));
        Compare.check(at + "get after them", () -> c.getAll(new LinkedHashSet<>(List.of(1, 2, 3, 4))));
    }

    private static void replace(ClientCache<Object, Object> c, String at) {
        Compare.check(at + "replace of nothing", () -> c.replace(9, "z"));
        Compare.check(at + "replace", () -> c.replace(1, "r"));
        Compare.check(at + "replaceIfEquals, other", () -> c.replace(1, "q", "z"));
        Compare.check(at + "replaceIfEquals", () -> c.replace(1, "r", "s"));
        Compare.check(at + "replaceIfEquals of nothing", () -> c.replace(9, "r", "s"));
        Compare.check(at + "replaceIfEquals, other class", () -> {
            c.put(8, 1);
            return c.replace(8, 1L, 2L);
        });
        Compare.check(at + "getAndReplace of nothing", () -> c.getAndReplace(9, "z"));
        Compare.check(at + "getAndReplace", () -> c.getAndReplace(1, "t"));
        Compare.check(at + "containsKey after them", () -> c.containsKey(9));
    }

    private static void remove(ClientCache<Object, Object> c, String at) {
        Compare.check(at + "remove of nothing", () -> c.remove(9));
        Compare.check(at + "removeIfEquals, other", () -> c.remove(1, "z"));
        Compare.check(at + "removeIfEquals", () -> c.remove(1, "t"));
        Compare.check(at + "getAndRemove of nothing", () -> c.getAndRemove(1));
        Compare.check(at + "getAndRemove", () -> c.getAndRemove(2));
        Compare.check(at + "remove", () -> c.remove(3));
        Compare.does(at + "clear of a key", () -> c.clear(4));
        Compare.does(at + "clear of no key", () -> c.clear(9));
        Compare.check(at + "size after them", () -> c.size());
    }

    private static void bulk(ClientCache<Object, Object> c, String at) {
        Compare.does(at + "putAll", () -> {
            Map<Object, Object> entries = new LinkedHashMap<>();
            for (int i = 0; i < 10; i++)
                entries.put(i, "v" + i);
            c.putAll(entries);
        });
        Compare.does(at + "putAll of none", () -> c.putAll(Collections.emptyMap()));
        Compare.check(at + "getAll of none", () -> c.getAll(Collections.emptySet()));
        Compare.check(at + "getAll", () -> new java.util.TreeMap<>(c.getAll(Set.of(1, 2, 99))));
        Compare.does(at + "removeAll of keys", () -> c.removeAll(Set.of(1, 99)));
        Compare.does(at + "removeAll of no keys", () -> c.removeAll(Collections.emptySet()));
        Compare.does(at + "clearAll of keys", () -> c.clearAll(Set.of(2, 98)));
        Compare.does(at + "clearAll of no keys", () -> c.clearAll(Collections.emptySet()));
        Compare.check(at + "size after bulk", () -> c.size());
    }

    private static void sizes(ClientCache<Object, Object> c, String at) {
        for (CachePeekMode mode : CachePeekMode.values())
            Compare.check(at + "size of " + mode, () -> c.size(mode));
        for (CachePeekMode a : CachePeekMode.values()) {
            for (CachePeekMode b : CachePeekMode.values()) {
                if (a.ordinal() < b.ordinal())
                    Compare.check(at + "size of " + a + " and " + b, () -> c.size(a, b));
            }
        }
        Compare.does(at + "clear", c::clear);
        Compare.check(at + "size after clear", () -> c.size());
        Compare.does(at + "removeAll", () -> {
            c.put(1, 1);
            c.removeAll();
        });
        Compare.check(at + "size after removeAll", () -> c.size());
    }

    /** Sizes by peek mode of caches with backups and with rows on the heap. */
    private static void peek(IgniteClient client) {
        for (boolean onheap : new boolean[] {false, true}) {
            for (int backups = 0; backups < 2; backups++) {
                ClientCache<Object, Object> c = Compare.remade(client, new ClientCacheConfiguration().setName("JAVA_PEEK")
                    .setBackups(backups).setOnheapCacheEnabled(onheap));
                String at = (onheap ? "onheap " : "offheap ") + backups + " backups ";
                for (int i = 0; i < 7; i++)
                    c.put(i, "v");
                for (int i = 0; i < 3; i++)
                    c.get(i);
                sizes(c, at);
            }
        }
    }

    private static void nulls(IgniteClient client) {
        ClientCache<Object, Object> c = Compare.fresh(client, "JAVA_NULLS");
        c.put(1, "a");
        Compare.does("null key put", () -> c.put(null, 1));
        Compare.does("null value put", () -> c.put(1, null));
        Compare.check("null key get", () -> c.get(null));
        Compare.check("null value replace", () -> c.replace(1, null));
        Compare.check("null old value replace", () -> c.replace(1, null, "b"));
        Compare.check("null old value remove", () -> c.remove(1, null));
        Compare.does("null value putAll", () -> c.putAll(new java.util.HashMap<>(Collections.singletonMap(1, null))));
        Compare.does("null key putAll", () -> c.putAll(new java.util.HashMap<>(Collections.singletonMap(null, 1))));
        Compare.check("null key getAll", () -> c.getAll(new java.util.HashSet<>(Collections.singletonList(null))));
        Compare.check("null key containsKeys", () -> c.containsKeys(new java.util.HashSet<>(Collections.singletonList(null))));
        Compare.does("null key removeAll", () -> c.removeAll(new java.util.HashSet<>(Collections.singletonList(null))));
        Compare.check("get after nulls", () -> c.get(1));
    }

    /** A cache that was destroyed. */
    private static void gone(IgniteClient client) {
        ClientCache<Object, Object> c = client.getOrCreateCache("JAVA_GONE");
        c.put(1, 1);
        client.destroyCache("JAVA_GONE");
        Compare.check("gone get", () -> c.get(1));
        Compare.does("gone put", () -> c.put(1, 1));
        Compare.check("gone size", () -> c.size());
        Compare.check("gone configuration", () -> c.getConfiguration());
        Compare.check("gone scan", () -> c.query(new org.apache.ignite.cache.query.ScanQuery<>()).getAll());
        Compare.does("gone clear", c::clear);
        Compare.does("gone removeAll", () -> c.removeAll());
        Compare.does("gone destroy", () -> client.destroyCache("JAVA_GONE"));
        Compare.check("gone again", () -> client.getOrCreateCache("JAVA_GONE").size());
        client.destroyCache("JAVA_GONE");
    }
}
