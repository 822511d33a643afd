import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;

/** Each kind of value, alone and inside of other values. */
class Values {
    static void run(IgniteClient client) {
        ClientCache<String, Object> one = Compare.fresh(client, "JAVA_VALUE");
        ClientCache<String, Object> bytes = Compare.fresh(client, "JAVA_BYTES_VALUES");
        for (Map.Entry<String, Object> e : Samples.values().entrySet()) {
            String name = e.getKey();
            Object v = e.getValue();
            Compare.does(name + " put", () -> {
                one.removeAll();
                one.put("k", v);
                bytes.put(name, v);
            });
            read(one, name);
            Compare.check(name + " replaceIfEquals", () -> one.replace("k", v, v));
            Compare.check(name + " getAndPut", () -> one.getAndPut("k", v));
            Compare.check(name + " removeIfEquals", () -> one.remove("k", v));
            inside(one, bytes, name, v);
        }
        enums(client);
        evolve(client);
    }

    /** Reads the one entry in every way that there is. */
    private static void read(ClientCache<String, Object> cache, String name) {
        Compare.check(name + " get", () -> cache.get("k"));
        Compare.check(name + " getAll", () -> cache.getAll(Collections.singleton("k")));
        Compare.check(name + " scan", () -> cache.query(new ScanQuery<String, Object>()).getAll());
        Compare.check(name + " binary", () -> cache.<String, Object>withKeepBinary().get("k"));
        Compare.check(name + " binary scan", () -> cache.<String, Object>withKeepBinary().query(new ScanQuery<String, Object>()).getAll());
    }

    /** Puts a value into a field, an array, a collection and a map, and reads those. */
    private static void inside(ClientCache<String, Object> cache, ClientCache<String, Object> bytes, String name, Object v) {
        Map<String, Object> containers = new LinkedHashMap<>();
        containers.put("field", new Types.Holder(v));
        containers.put("Object[]", new Object[] {v, 1});
        containers.put("list", new ArrayList<>(Collections.singletonList(v)));
        containers.put("map", new HashMap<>(Collections.singletonMap("k", v)));
        for (Map.Entry<String, Object> e : containers.entrySet()) {
            String in = name + " in " + e.getKey();
            Compare.does(in + " put", () -> {
                cache.put("k", e.getValue());
                bytes.put(in, e.getValue());
            });
            Compare.check(in, () -> cache.get("k"));
            Compare.check(in + " binary", () -> cache.<String, Object>withKeepBinary().get("k"));
        }
    }

    private static void enums(IgniteClient client) {
        ClientCache<Integer, Object> cache = Compare.fresh(client, "JAVA_ENUMS");
        for (Types.Color c : Types.Color.values())
            cache.put(c.ordinal(), c);
        Compare.check("enum by replace", () -> cache.replace(0, Types.Color.RED, Types.Color.BLUE));
        Compare.check("enum after replace", () -> cache.get(0));
        Compare.check("enum by builder", () -> client.binary().buildEnum("Types$Color", "GREEN"));
        Compare.does("enum put by builder", () -> cache.put(7, client.binary().buildEnum("Types$Color", "GREEN")));
        Compare.check("enum get of builder", () -> cache.get(7));
        Compare.does("enum put by ordinal", () -> cache.put(8, client.binary().buildEnum("Types$Color", 2)));
        Compare.check("enum get of ordinal", () -> cache.get(8));
    }

    /** A type whose objects have other fields than the class of today. */
    private static void evolve(IgniteClient client) {
        ClientCache<Integer, Object> cache = Compare.fresh(client, "JAVA_EVOLVING");
        ClientCache<Integer, Object> binary = cache.withKeepBinary();
        Compare.does("evolve old", () -> binary.put(1, client.binary().builder("Types$Evolving").setField("a", 5).setField("gone", "x").build()));
        Compare.check("evolve read old", () -> cache.get(1));
        Compare.does("evolve today", () -> cache.put(2, new Types.Evolving()));
        Compare.does("evolve newer", () -> binary.put(3, client.binary().builder("Types$Evolving").setField("a", 6).setField("later", 9.5).build()));
        Compare.check("evolve scan", () -> sorted(cache.query(new ScanQuery<Integer, Object>()).getAll()));
        Compare.check("evolve binary", () -> sorted(binary.query(new ScanQuery<Integer, Object>()).getAll()));
        Compare.does("evolve other type", () -> binary.put(4, client.binary().builder("Types$Evolving").setField("a", "text").build()));
        Compare.check("evolve type", () -> new java.util.TreeSet<>(client.binary().type("Types$Evolving").fieldNames()));
    }

    static List<String> sorted(List<?> rows) {
        List<String> lines = new ArrayList<>();
        for (Object row : rows)
            lines.add(Show.of(row));
        Collections.sort(lines);
        return lines;
    }
}
