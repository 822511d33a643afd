import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectInputStream;
import java.io.ObjectOutput;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Objects;

import org.apache.ignite.binary.BinaryObjectException;
import org.apache.ignite.binary.BinaryReader;
import org.apache.ignite.binary.BinaryWriter;
import org.apache.ignite.binary.Binarylizable;
import org.apache.ignite.cache.affinity.AffinityKeyMapped;

/** Classes whose objects go into caches. */
class Types {
    enum Color { RED, GREEN, BLUE }

    enum Shade {
        LIGHT { @Override int weight() { return 1; } },
        DARK { @Override int weight() { return 9; } };

        abstract int weight();
    }

    interface Shape { }

    static class Point implements Shape {
        int x;
        int y;

        Point() { }

        Point(int x, int y) {
            this.x = x;
            this.y = y;
        }
    }

    static class Point3 extends Point {
        int z;

        Point3() { }

        Point3(int x, int y, int z) {
            super(x, y);
            this.z = z;
        }
    }

    static class Empty { }

    static class Line {
        Point from = new Point(1, 2);
        Point to = new Point(3, 4);
        Point none;
        String name = "line";
    }

    static class Ring {
        String name;
        Ring next;

        Ring() { }

        Ring(String name) {
            this.name = name;
        }

        static Ring of(int n) {
            Ring first = new Ring("0");
            Ring at = first;
            for (int i = 1; i < n; i++) {
                at.next = new Ring("" + i);
                at = at.next;
            }
            at.next = first;
            return first;
        }
    }

    /** Arrays of classes as fields. */
    static class Arrays {
        Point[] points = {new Point(1, 2), null, new Point3(1, 2, 3)};
        Shape[] shapes = {new Point(5, 6)};
        Color[] colors = {Color.RED, null, Color.BLUE};
        Integer[] ints = {1, null, 3};
        int[][] grid = {{1}, {2, 3}, {}};
        String[][] words = {{"a", null}, {}};
        Object[] objects = {1, "x", new Point(7, 8), new Point[] {new Point(9, 9)}};
        Object array = new Point[] {new Point(0, 1)};
        Point[] none;
        Point[] empty = {};
    }

    /** Holds any value in a field of each kind of declaration. */
    static class Holder {
        Object value;
        Object again;

        Holder() { }

        Holder(Object value) {
            this.value = value;
            this.again = value;
        }
    }

    static class Generic<T> {
        T value;

        Generic() { }

        Generic(T value) {
            this.value = value;
        }
    }

    static class Plain implements Serializable {
        private static final long serialVersionUID = 1;
        int n = 5;
        transient int skipped = 7;
        final String text = "final";
        long[] longs = {1, 2};
    }

    static class Custom implements Serializable {
        private static final long serialVersionUID = 1;
        int n = 5;

        private void writeObject(ObjectOutputStream out) throws IOException {
            out.defaultWriteObject();
            out.writeUTF("more");
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            n += in.readUTF().length();
        }
    }

    static class Replaced implements Serializable {
        private static final long serialVersionUID = 1;

        private Object writeReplace() {
            return new Plain();
        }
    }

    public static class Outer implements Externalizable {
        private static final long serialVersionUID = 1;
        int n;

        public Outer() { }

        Outer(int n) {
            this.n = n;
        }

        @Override public void writeExternal(ObjectOutput out) throws IOException {
            out.writeInt(n);
        }

        @Override public void readExternal(ObjectInput in) throws IOException {
            n = in.readInt();
        }

        @Override public boolean equals(Object o) {
            return o instanceof Outer && ((Outer)o).n == n;
        }

        @Override public int hashCode() {
            return n;
        }
    }

    static class Binary implements Binarylizable {
        int n = 1;
        String text = "raw";
        Point point = new Point(1, 1);

        @Override public void writeBinary(BinaryWriter w) throws BinaryObjectException {
            w.writeInt("n", n);
            w.writeObject("point", point);
            w.rawWriter().writeString(text);
            w.rawWriter().writeObject(new Point[] {point, null});
        }

        @Override public void readBinary(BinaryReader r) throws BinaryObjectException {
            n = r.readInt("n");
            point = r.readObject("point");
            text = r.rawReader().readString();
            Object[] points = (Object[])r.rawReader().readObject();
            text += points.length;
        }
    }

    static class OnlyRaw implements Binarylizable {
        int n = 3;

        @Override public void writeBinary(BinaryWriter w) throws BinaryObjectException {
            w.rawWriter().writeInt(n);
            w.rawWriter().writeIntArray(new int[] {n, n});
        }

        @Override public void readBinary(BinaryReader r) throws BinaryObjectException {
            n = r.rawReader().readInt() + r.rawReader().readIntArray().length;
        }
    }

    record Pair(int left, String right) { }

    /** A key whose field owner decides its partition. */
    static class OwnedKey {
        int id;
        @AffinityKeyMapped String owner;

        OwnedKey() { }

        OwnedKey(int id, String owner) {
            this.id = id;
            this.owner = owner;
        }
    }

    static class TextKey {
        String text;
        Point point;

        TextKey() { }

        TextKey(String text) {
            this.text = text;
            this.point = new Point(text.length(), 0);
        }

        @Override public boolean equals(Object o) {
            return o instanceof TextKey && Objects.equals(text, ((TextKey)o).text);
        }

        @Override public int hashCode() {
            return 17;
        }
    }

    static class Twins {
        int value = 1;
        int VALUE = 2;
    }

    /** Has the name of a type that a builder writes with other fields. */
    static class Evolving {
        int a = -1;
        String b = "default";
        long added = 77;
    }

    static class Wide {
        byte b = -1;
        short s = -2;
        int i = -3;
        long l = -4L << 40;
        float f = 1.25f;
        double d = Math.PI;
        char c = '\u042F';
        boolean z = true;
        Byte bb = 1;
        Short ss = 2;
        Integer ii = 3;
        Long ll = 4L;
        Float ff = 5f;
        Double dd = 6.0;
        Character cc = 'c';
        Boolean zz = false;
        Integer nothing;
    }
}
