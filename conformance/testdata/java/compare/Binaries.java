import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

import org.apache.ignite.IgniteBinary;
import org.apache.ignite.binary.BinaryObject;
import org.apache.ignite.binary.BinaryObjectBuilder;
import org.apache.ignite.binary.BinaryType;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;

/** Binary objects without classes, and the types that the server keeps of them. */
class Binaries {
    static void run(IgniteClient client) {
        IgniteBinary binary = client.binary();
        ClientCache<Object, Object> cache = Compare.<Object, Object>fresh(client, "JAVA_BYTES_BINARY").withKeepBinary();
        build(binary, cache);
        twins(client, binary, cache);
        types(binary);
        enums(binary, cache);
        conflicts(binary, cache);
    }

    private static void build(IgniteBinary binary, ClientCache<Object, Object> cache) {
        BinaryObject inner = binary.builder("some.Inner").setField("n", 1).build();
        Compare.does("object put", () -> cache.put("object", binary.builder("some.Outer").setField("inner", inner)
            .setField("array", new Object[] {inner, 1}).setField("list", new ArrayList<>(Arrays.asList(inner, null)))
            .setField("objects", new BinaryObject[] {inner, inner}).setField("none", null, String.class).build()));
        Compare.check("object", () -> cache.get("object"));
        Compare.does("BinaryObject[] put", () -> cache.put("BinaryObject[]", new BinaryObject[] {inner, null}));
        Compare.check("BinaryObject[]", () -> cache.get("BinaryObject[]"));
        Compare.does("list of BinaryObject put", () -> cache.put("list", new ArrayList<>(Arrays.asList(inner, inner))));
        Compare.check("list of BinaryObject", () -> cache.get("list"));
        Compare.does("toBinary of Point[] put", () -> cache.put("toBinary", binary.<Object>toBinary(new Types.Point[] {new Types.Point(1, 2)})));
        Compare.check("toBinary of Point[]", () -> cache.get("toBinary"));
        Compare.check("changed", () -> {
            BinaryObjectBuilder b = ((BinaryObject)cache.get("object")).toBuilder();
            b.setField("more", 5L);
            b.removeField("list");
            cache.put("changed", b.build());
            return cache.get("changed");
        });
        Compare.check("object by scan", () -> Values.sorted(cache.query(new ScanQuery<>()).getAll()));
        Compare.check("replaceIfEquals", () -> cache.replace("object", cache.get("object"), inner));
        Compare.check("removeIfEquals", () -> cache.remove("object", inner));
        Compare.does("object as key", () -> cache.put(inner, "by object"));
        Compare.check("object as key get", () -> cache.get(binary.builder("some.Inner").setField("n", 1).build()));
        Compare.check("empty object", () -> {
            cache.put("empty", binary.builder("some.Empty").build());
            return cache.get("empty");
        });
    }

    /** Fields that differ in case alone have one id. */
    private static void twins(IgniteClient client, IgniteBinary binary, ClientCache<Object, Object> cache) {
        Compare.does("twins of one builder", () ->
            cache.put("twins", binary.builder("some.Twins").setField("test_bool", true).setField("TEST_BOOL", false).build()));
        Compare.check("twins get", () -> cache.get("twins"));
        Compare.does("twin lower", () -> cache.put("lower", binary.builder("some.Twin").setField("test_bool", true).build()));
        Compare.does("twin upper", () -> cache.put("upper", binary.builder("some.Twin").setField("TEST_BOOL", false).build()));
        Compare.does("twin of another type", () -> cache.put("other", binary.builder("some.Twin").setField("Test_Bool", 5).build()));
        Compare.check("twin type", () -> describe(binary.type("some.Twin")));
        Compare.check("twin lower get", () -> cache.get("lower"));
        Compare.check("twin upper get", () -> cache.get("upper"));
        Compare.check("twin other get", () -> cache.get("other"));
        try (IgniteClient other = Compare.other()) {
            ClientCache<Object, Object> theirs = other.cache("JAVA_BYTES_BINARY").withKeepBinary();
            Compare.check("twin type of another client", () -> describe(other.binary().type("some.Twin")));
            Compare.check("twins type of another client", () -> describe(other.binary().type("some.Twins")));
            for (String key : new String[] {"twins", "lower", "upper", "other"})
                Compare.check("twin " + key + " of another client", () -> theirs.get(key));
            Compare.does("twin upper first", () -> theirs.put("upper first", other.binary().builder("some.UpperTwin").setField("A", 1).build()));
            Compare.does("twin lower then", () -> cache.put("lower then", binary.builder("some.UpperTwin").setField("a", "text").build()));
            Compare.check("twin lower then get", () -> cache.get("lower then"));
        }
        try (IgniteClient other = Compare.other()) {
            Compare.check("type of both twins", () -> describe(other.binary().type("some.UpperTwin")));
            Compare.check("twins at last", () -> Values.sorted(other.cache("JAVA_BYTES_BINARY").withKeepBinary().query(new ScanQuery<>()).getAll()));
        }
        Compare.does("twins of a class", () -> cache.put("class", new Types.Twins()));
        Compare.check("twins of a class get", () -> client.cache("JAVA_BYTES_BINARY").get("class"));
    }

    static String describe(BinaryType t) {
        if (t == null)
            return "null";
        TreeMap<String, String> fields = new TreeMap<>();
        Collection<String> names = t.fieldNames();
        for (String f : names)
            fields.put(f, t.fieldTypeName(f));
        StringBuilder out = new StringBuilder(t.typeName() + " " + t.typeId() + " affinity " + t.affinityKeyFieldName() + " " + fields);
        if (t.isEnum()) {
            List<String> constants = new ArrayList<>();
            for (BinaryObject o : t.enumValues())
                constants.add(o.enumName() + "=" + o.enumOrdinal());
            out.append(" enum ").append(new TreeSet<>(constants));
        }
        return out.toString();
    }

    private static void types(IgniteBinary binary) {
        for (String name : new String[] {"some.Inner", "some.Outer", "some.Empty", "some.Nothing", "Types$Point", "Types$Wide", "Types$Arrays",
            "Types$OwnedKey", "Types$Color", "Types$Shade", "Types$Plain", "Types$Outer", "Types$Binary", "Types$Holder"})
            Compare.check("type " + name, () -> describe(binary.type(name)));
        Compare.check("type id", () -> binary.typeId("Types$Point"));
        Compare.check("type 77", () -> describe(binary.type(77)));
    }

    private static void enums(IgniteBinary binary, ClientCache<Object, Object> cache) {
        TreeMap<String, Integer> constants = new TreeMap<>();
        constants.put("NORTH", 0);
        constants.put("SOUTH", 5);
        Compare.check("enum register", () -> describe(binary.registerEnum("some.Way", constants)));
        Compare.does("enum put", () -> cache.put("enum", binary.buildEnum("some.Way", "SOUTH")));
        Compare.check("enum", () -> cache.get("enum"));
        Compare.does("enum array put", () -> cache.put("enums", new BinaryObject[] {binary.buildEnum("some.Way", 0)}));
        Compare.check("enum array", () -> cache.get("enums"));
        Compare.does("enum field put", () -> cache.put("enum field",
            binary.builder("some.Compass").setField("way", binary.buildEnum("some.Way", 5)).build()));
        Compare.check("enum field", () -> cache.get("enum field"));
        TreeMap<String, Integer> more = new TreeMap<>(constants);
        more.put("EAST", 7);
        Compare.check("enum with more", () -> describe(binary.registerEnum("some.Way", more)));
        TreeMap<String, Integer> other = new TreeMap<>();
        other.put("NORTH", 3);
        Compare.check("enum with another ordinal", () -> describe(binary.registerEnum("some.Way", other)));
        TreeMap<String, Integer> taken = new TreeMap<>();
        taken.put("UP", 5);
        Compare.check("enum with a taken ordinal", () -> describe(binary.registerEnum("some.Way", taken)));
        Compare.check("enum type", () -> describe(binary.type("some.Way")));
        Compare.check("enum constant that is none", () -> binary.buildEnum("some.Way", "NOWHERE"));
    }

    private static void conflicts(IgniteBinary binary, ClientCache<Object, Object> cache) {
        cache.put("c", binary.builder("some.Fixed").setField("n", 1).build());
        Compare.does("field of another type", () -> cache.put("d", binary.builder("some.Fixed").setField("n", "text").build()));
        Compare.does("field of Object", () -> cache.put("d", binary.builder("some.Fixed").setField("n", null).build()));
        Compare.does("enum where an object was", () -> binary.registerEnum("some.Fixed", new TreeMap<>(java.util.Map.of("A", 1))));
        Compare.check("type after conflicts", () -> describe(binary.type("some.Fixed")));
    }
}
