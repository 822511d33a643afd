import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.apache.ignite.Ignition;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.configuration.ClientConfiguration;

/**
 * Fills the cache ALL_TYPES with two objects that have a field of each binary type, one with values and one with nulls,
 * and ALL_VALUES with the same values as entries of their own: {@code java AllTypes.java ADDRESS}.
 */
public class AllTypes {
    enum Color { RED, GREEN, BLUE }

    static class Point {
        int x;
        int y;

        Point(int x, int y) {
            this.x = x;
            this.y = y;
        }
    }

    static class Everything {
        byte b;
        short s;
        int i;
        long l;
        float f;
        double d;
        char c;
        boolean z;
        Integer boxed;
        String string;
        UUID uuid;
        Date date;
        Timestamp timestamp;
        Time time;
        java.sql.Date sqlDate;
        BigDecimal decimal;
        byte[] bytes;
        short[] shorts;
        int[] ints;
        long[] longs;
        float[] floats;
        double[] doubles;
        char[] chars;
        boolean[] bools;
        String[] strings;
        UUID[] uuids;
        Date[] dates;
        Timestamp[] timestamps;
        BigDecimal[] decimals;
        Object[] objects;
        Point[] points;
        Color color;
        Color[] colors;
        List<Object> list;
        List<Integer> linked;
        Set<Integer> set;
        Map<String, Object> map;
        Point point;
        Everything parent;
        LocalDate localDate;
        Instant instant;
        BigInteger bigInteger;
        BitSet bitSet;
    }

    static Timestamp timestamp() {
        Timestamp ts = new Timestamp(1700000000123L);
        ts.setNanos(123456789);
        return ts;
    }

    static Everything everything() {
        Everything e = new Everything();
        e.b = -1;
        e.s = -2;
        e.i = -3;
        e.l = -4L << 40;
        e.f = 1.25f;
        e.d = Math.PI;
        e.c = '\u042F';
        e.z = true;
        e.boxed = 42;
        e.string = "\u043A\u043E\u0442";
        e.uuid = new UUID(1, 2);
        e.date = new Date(1700000000123L);
        e.timestamp = timestamp();
        e.time = new Time(3600000);
        e.sqlDate = new java.sql.Date(1699920000000L);
        e.decimal = new BigDecimal("-12345.678");
        e.bytes = new byte[] {1, 2, -1};
        e.shorts = new short[] {1, -2};
        e.ints = new int[] {1, -2, 3};
        e.longs = new long[] {1L << 40};
        e.floats = new float[] {0.5f, -1};
        e.doubles = new double[] {0.25};
        e.chars = new char[] {'a', '\u042F'};
        e.bools = new boolean[] {true, false};
        e.strings = new String[] {"a", null, "\u043A\u043E\u0442"};
        e.uuids = new UUID[] {new UUID(3, 4), null};
        e.dates = new Date[] {new Date(5), null};
        e.timestamps = new Timestamp[] {timestamp(), null};
        e.decimals = new BigDecimal[] {new BigDecimal("0.01"), null};
        e.objects = new Object[] {1, "x", null, new Point(5, 6), new int[] {1, 2}};
        e.points = new Point[] {new Point(1, 2), null};
        e.color = Color.GREEN;
        e.colors = new Color[] {Color.RED, Color.BLUE};
        e.list = new ArrayList<>(List.of(1, "two", 3.0, new Point(9, 9)));
        e.linked = new LinkedList<>(List.of(1, 2));
        e.set = new HashSet<>(Set.of(7));
        e.map = new LinkedHashMap<>();
        e.map.put("a", 1);
        e.map.put("p", new Point(7, 8));
        e.point = new Point(3, 4);
        e.parent = new Everything();
        e.parent.string = "mother";
        e.localDate = LocalDate.of(2020, 1, 2);
        e.instant = Instant.ofEpochMilli(1700000000123L);
        e.bigInteger = new BigInteger("123456789012345678901234567890");
        e.bitSet = BitSet.valueOf(new long[] {5});
        return e;
    }

    public static void main(String[] args) throws Exception {
        try (IgniteClient client = Ignition.startClient(new ClientConfiguration().setAddresses(args[0]))) {
            ClientCache<Object, Object> objects = client.getOrCreateCache("ALL_TYPES");
            Everything full = everything();
            objects.put("full", full);
            objects.put("empty", new Everything());
            ClientCache<Object, Object> values = client.getOrCreateCache("ALL_VALUES");
            for (var field : Everything.class.getDeclaredFields()) {
                if (!field.isSynthetic())
                    values.put(field.getName(), field.get(full));
            }
            values.put(new Point(10, 20), "object key");
            System.out.println("ALL_TYPES has " + objects.size() + ", ALL_VALUES has " + values.size() + " entries");
        }
    }
}
