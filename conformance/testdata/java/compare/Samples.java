import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.ignite.cache.affinity.AffinityKey;
import org.apache.ignite.lang.IgniteUuid;

/** Values of every kind, by name. */
class Samples {
    private static final UUID ID = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);

    private final Map<String, Object> all = new LinkedHashMap<>();

    /** Values that Ignite has a type code for, without classes of the user's. */
    static Map<String, Object> simple() {
        Samples s = new Samples();
        s.numbers();
        s.scalars();
        return s.all;
    }

    static Map<String, Object> values() {
        Samples s = new Samples();
        s.numbers();
        s.scalars();
        s.arrays();
        s.boxedArrays();
        s.objectArrays();
        s.collections();
        s.maps();
        s.classes();
        s.foreign();
        return s.all;
    }

    private void numbers() {
        all.put("byte", (byte)-128);
        all.put("short", (short)32767);
        all.put("int", Integer.MIN_VALUE);
        all.put("int 0", 0);
        all.put("long", Long.MAX_VALUE);
        all.put("long small", 5L);
        all.put("float", 1.25f);
        all.put("float NaN", Float.NaN);
        all.put("double", -2.5e300);
        all.put("double NaN", Double.NaN);
        all.put("double -0", -0.0);
        all.put("char", '\u042F');
        all.put("true", true);
        all.put("false", false);
        all.put("decimal", new BigDecimal("-12345.678"));
        all.put("decimal zero", new BigDecimal("0.00"));
        all.put("decimal E", new BigDecimal("1E+3"));
        all.put("decimal wide", new BigDecimal("123456789012345678901234567890.1"));
    }

    private static Timestamp timestamp() {
        Timestamp ts = new Timestamp(1700000000123L);
        ts.setNanos(123456789);
        return ts;
    }

    private void scalars() {
        all.put("string", "plain");
        all.put("string empty", "");
        all.put("string wide", "\u043A\u043E\u0442 \uD83D\uDC31 \u0000");
        all.put("string long", "ab".repeat(3000));
        all.put("uuid", ID);
        all.put("date", new Date(1700000000123L));
        all.put("date early", new Date(-62135769600000L));
        all.put("timestamp", timestamp());
        all.put("time", new Time(3600000));
        all.put("sql date", new java.sql.Date(1699920000000L));
    }

    private void arrays() {
        all.put("byte[]", new byte[] {1, 2, -1});
        all.put("short[]", new short[] {1, -2});
        all.put("int[]", new int[] {1, -2, 3});
        all.put("long[]", new long[] {1L << 40});
        all.put("float[]", new float[] {0.5f, -1, Float.NaN});
        all.put("double[]", new double[] {0.25});
        all.put("char[]", new char[] {'a', '\u042F'});
        all.put("boolean[]", new boolean[] {true, false});
        all.put("byte[0]", new byte[0]);
        all.put("int[0]", new int[0]);
        all.put("String[]", new String[] {"a", null, "\u043A\u043E\u0442"});
        all.put("String[0]", new String[0]);
        all.put("UUID[]", new UUID[] {ID, null});
        all.put("Date[]", new Date[] {new Date(5), null});
        all.put("Timestamp[]", new Timestamp[] {timestamp(), null});
        all.put("Time[]", new Time[] {new Time(7), null});
        all.put("sql Date[]", new java.sql.Date[] {new java.sql.Date(0), null});
        all.put("BigDecimal[]", new BigDecimal[] {new BigDecimal("0.01"), null});
    }

    private void boxedArrays() {
        all.put("Byte[]", new Byte[] {1, null});
        all.put("Short[]", new Short[] {1, null});
        all.put("Integer[]", new Integer[] {1, null, 3});
        all.put("Integer[0]", new Integer[0]);
        all.put("Long[]", new Long[] {1L, null});
        all.put("Float[]", new Float[] {1f, null});
        all.put("Double[]", new Double[] {1.0, null});
        all.put("Character[]", new Character[] {'a', null});
        all.put("Boolean[]", new Boolean[] {true, null});
        all.put("Number[]", new Number[] {1, 2L, 3.0});
        all.put("Class[]", new Class[] {Integer.class, Types.Point.class});
        all.put("BigInteger[]", new BigInteger[] {BigInteger.TEN, null});
        all.put("LocalDate[]", new LocalDate[] {LocalDate.of(2020, 1, 2)});
    }

    private void objectArrays() {
        all.put("Object[]", new Object[] {1, "x", null, new Types.Point(5, 6), new int[] {1, 2}});
        all.put("Object[0]", new Object[0]);
        all.put("Object[] nested", new Object[] {new Object[] {new Object[] {1}, new Types.Point(0, 0)}});
        all.put("int[][]", new int[][] {{1}, {2, 3}, {}, null});
        all.put("byte[][]", new byte[][] {{1}, {}});
        all.put("String[][]", new String[][] {{"a", null}, {}});
        all.put("Integer[][]", new Integer[][] {{1, null}, {}});
        all.put("Object[][]", new Object[][] {{1, "a"}, {new Types.Point(1, 1)}});
        all.put("Point[]", new Types.Point[] {new Types.Point(1, 2), null});
        all.put("Point[0]", new Types.Point[0]);
        all.put("Point[][]", new Types.Point[][] {{new Types.Point(1, 2)}, {}});
        all.put("Point[] of Point3", new Types.Point[] {new Types.Point3(1, 2, 3), new Types.Point(1, 2)});
        all.put("Shape[]", new Types.Shape[] {new Types.Point(1, 2)});
        all.put("Object[] of Point[]", new Object[] {new Types.Point[] {new Types.Point(1, 2)}});
        Types.Point same = new Types.Point(4, 4);
        all.put("Object[] of one twice", new Object[] {same, same});
        all.put("Point[] of one twice", new Types.Point[] {same, same});
        all.put("Object[] of Point and holder", new Object[] {same, new Types.Holder(same)});
        all.put("Object[] of holder and Point", new Object[] {new Types.Holder(same), same});
        List<Object> list = new ArrayList<>(List.of(same, 1));
        all.put("Object[] of list twice", new Object[] {list, list, same});
        Object[] inner = {same, 2};
        all.put("Object[] of array twice", new Object[] {inner, inner, inner});
        Object[] itself = {1, null};
        itself[1] = itself;
        all.put("Object[] of itself", itself);
        all.put("Object[] of string twice", new Object[] {"s", "s", ID, ID, Types.Color.RED, Types.Color.RED});
        all.put("List[]", new List[] {new ArrayList<>(List.of(1)), null});
        all.put("Color[]", new Types.Color[] {Types.Color.RED, null, Types.Color.BLUE});
        all.put("Color[0]", new Types.Color[0]);
        all.put("Color[][]", new Types.Color[][] {{Types.Color.RED}, {}});
        all.put("Shade[]", new Types.Shade[] {Types.Shade.DARK});
        all.put("Object[] of Color", new Object[] {Types.Color.RED, new Types.Color[] {Types.Color.GREEN}});
        all.put("UUID[][]", new UUID[][] {{ID}});
    }

    private void collections() {
        List<Object> items = Arrays.asList(1, "two", 3.0, new Types.Point(9, 9), Types.Color.GREEN, null);
        all.put("ArrayList", new ArrayList<>(items));
        all.put("ArrayList empty", new ArrayList<>());
        all.put("LinkedList", new LinkedList<>(items));
        all.put("HashSet", new HashSet<>(List.of(7, 8)));
        all.put("LinkedHashSet", new LinkedHashSet<>(List.of("z", "a")));
        all.put("TreeSet", new TreeSet<>(List.of("z", "a")));
        all.put("ConcurrentSkipListSet", new ConcurrentSkipListSet<>(List.of(3, 1)));
        all.put("Vector", new Vector<>(items));
        all.put("ArrayDeque", new ArrayDeque<>(List.of(1, 2)));
        all.put("PriorityQueue", new PriorityQueue<>(List.of(2, 1)));
        all.put("Arrays.asList", items);
        all.put("List.of", List.of(1, 2));
        all.put("List.of()", List.of());
        all.put("Set.of", Set.of(1));
        all.put("singletonList", Collections.singletonList(new Types.Point(1, 1)));
        all.put("emptyList", Collections.emptyList());
        all.put("emptySet", Collections.emptySet());
        all.put("unmodifiableList", Collections.unmodifiableList(new ArrayList<>(List.of(1))));
        all.put("synchronizedList", Collections.synchronizedList(new ArrayList<>(List.of(1))));
        all.put("subList", new ArrayList<>(List.of(1, 2, 3)).subList(1, 2));
        all.put("EnumSet", EnumSet.of(Types.Color.RED, Types.Color.BLUE));
        all.put("ArrayList of arrays", new ArrayList<>(List.of(new int[] {1}, new Types.Point[] {new Types.Point(1, 1)}, new Object[] {1})));
        all.put("ArrayList of lists", new ArrayList<>(List.of(new ArrayList<>(List.of(new Types.Point(2, 2))))));
        Collection<Object> twice = new ArrayList<>();
        Types.Point same = new Types.Point(4, 4);
        twice.add(same);
        twice.add(same);
        all.put("ArrayList of one twice", twice);
        all.put("HashSet of Point", new HashSet<>(List.of(new Types.Point(3, 3))));
    }

    private void maps() {
        Map<Object, Object> entries = new LinkedHashMap<>();
        entries.put("a", 1);
        entries.put(2, new Types.Point(7, 8));
        entries.put(new UUID(1, 2), null);
        all.put("HashMap", new HashMap<>(Map.of("k", 1)));
        all.put("HashMap empty", new HashMap<>());
        all.put("LinkedHashMap", entries);
        all.put("TreeMap", new TreeMap<>(Map.of("z", 1, "a", new Types.Point(1, 1))));
        all.put("ConcurrentHashMap", new ConcurrentHashMap<>(Map.of(1, 2)));
        all.put("ConcurrentSkipListMap", new ConcurrentSkipListMap<>(Map.of(1, 2)));
        all.put("Hashtable", new Hashtable<>(Map.of(1, 2)));
        all.put("Map.of", Map.of("k", new Types.Point(1, 1)));
        all.put("singletonMap", Collections.singletonMap("k", 1));
        all.put("emptyMap", Collections.emptyMap());
        all.put("unmodifiableMap", Collections.unmodifiableMap(new HashMap<>(Map.of("k", 1))));
        EnumMap<Types.Color, Integer> colors = new EnumMap<>(Types.Color.class);
        colors.put(Types.Color.GREEN, 1);
        all.put("EnumMap", colors);
        Properties p = new Properties();
        p.setProperty("a", "b");
        all.put("Properties", p);
        all.put("HashMap of arrays", new HashMap<>(Map.of("k", new Types.Point[] {new Types.Point(1, 2)})));
        all.put("HashMap by Point", new HashMap<>(Map.of(new Types.TextKey("k"), Types.Color.RED)));
    }

    private void classes() {
        all.put("Color", Types.Color.GREEN);
        all.put("Shade", Types.Shade.DARK);
        all.put("Point", new Types.Point(3, 4));
        all.put("Point3", new Types.Point3(3, 4, 5));
        all.put("Empty", new Types.Empty());
        all.put("Line", new Types.Line());
        all.put("Ring of 1", Types.Ring.of(1));
        all.put("Ring of 3", Types.Ring.of(3));
        all.put("Arrays", new Types.Arrays());
        all.put("Holder", new Types.Holder(new Types.Holder(new int[] {1})));
        all.put("Generic", new Types.Generic<>(List.of(1)));
        all.put("Wide", new Types.Wide());
        all.put("Plain", new Types.Plain());
        all.put("Custom", new Types.Custom());
        all.put("Replaced", new Types.Replaced());
        all.put("Externalizable", new Types.Outer(5));
        all.put("Externalizable[]", new Types.Outer[] {new Types.Outer(6)});
        all.put("Binarylizable", new Types.Binary());
        all.put("OnlyRaw", new Types.OnlyRaw());
        all.put("record", new Types.Pair(1, "r"));
        all.put("Twins", new Types.Twins());
        all.put("proxy", Proxy.newProxyInstance(Types.class.getClassLoader(), new Class<?>[] {Types.Shape.class}, new Handler()));
    }

    static class Handler implements InvocationHandler, java.io.Serializable {
        int n = 4;

        @Override public Object invoke(Object proxy, java.lang.reflect.Method m, Object[] args) {
            return m.getName().equals("hashCode") ? n : m.getName().equals("equals") ? (Object)false : "handled";
        }
    }

    private void foreign() {
        all.put("LocalDate", LocalDate.of(2020, 2, 29));
        all.put("LocalTime", LocalTime.of(1, 2, 3));
        all.put("LocalDateTime", LocalDateTime.of(2020, 1, 2, 3, 4));
        all.put("Instant", Instant.ofEpochMilli(1700000000123L));
        all.put("ZoneOffset", ZoneOffset.ofHours(2));
        all.put("Duration", Duration.ofSeconds(5));
        all.put("BigInteger", new BigInteger("123456789012345678901234567890"));
        all.put("BitSet", BitSet.valueOf(new long[] {5}));
        all.put("AtomicInteger", new AtomicInteger(5));
        all.put("Locale", Locale.GERMANY);
        all.put("URI", URI.create("http://x/y"));
        all.put("StringBuilder", new StringBuilder("sb"));
        all.put("Class", Integer.class);
        all.put("Class of user", Types.Point.class);
        all.put("Exception", new IllegalStateException("text"));
        all.put("IgniteUuid", new IgniteUuid(ID, 7));
        all.put("AffinityKey", new AffinityKey<>(1, "near"));
    }
}
