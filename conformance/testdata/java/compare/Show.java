import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import javax.cache.Cache;

import org.apache.ignite.binary.BinaryObject;
import org.apache.ignite.internal.binary.BinaryEnumObjectImpl;
import org.apache.ignite.internal.client.thin.ClientServerError;

/** Writes values with their classes, so that two that differ in either differ as text. */
class Show {
    private final Set<Object> open = Collections.newSetFromMap(new IdentityHashMap<>());

    static String of(Object v) {
        return line(new Show().show(v));
    }

    /** The class of an exception, the status of the server's answer and its text. */
    static String failure(Throwable e) {
        StringBuilder out = new StringBuilder();
        for (Throwable at = e; at != null && at != at.getCause(); at = at.getCause()) {
            if (at instanceof ClientServerError)
                return out + "status " + ((ClientServerError)at).getCode() + ": " + line(serverText(at.getMessage()));
            out.append(at.getClass().getName()).append(" / ");
        }
        return out + line(String.valueOf(e.getMessage()));
    }

    /** The server's own words out of the client's sentence around them, without the dumps of its Java objects. */
    private static String serverText(String s) {
        return s.replaceAll("(?s)^Ignite failed to process request \\[\\d+\\]: (.*) \\(server status code \\[\\d+\\]\\)$", "$1")
            .replaceAll("(?s)(Failed to complete exchange process\\.).*", "$1").replaceAll("(?s) \\[queryEntity=.*", "");
    }

    /** One line without what differs from run to run: ids, ports, identity hash codes. */
    private static String line(String s) {
        return s.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
            .replaceAll("\\p{Cc}|\\p{Cs}", "?")
            .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?!\\))", "UUID")
            .replaceAll("127\\.0\\.0\\.1:\\d+", "ADDRESS");
    }

    private String show(Object v) {
        if (v == null)
            return "null";
        Class<?> c = v.getClass();
        if (v instanceof String)
            return '"' + (String)v + '"';
        if (v instanceof BinaryObject)
            return binary((BinaryObject)v);
        if (v instanceof Enum)
            return c.getName() + "." + ((Enum<?>)v).name();
        if (v instanceof Class)
            return "class " + ((Class<?>)v).getName();
        if (!open.add(v))
            return "again " + c.getName();
        try {
            return shape(v, c);
        }
        finally {
            open.remove(v);
        }
    }

    private String shape(Object v, Class<?> c) {
        if (c.isArray())
            return array(v, c);
        if (v instanceof Cache.Entry)
            return show(((Cache.Entry<?, ?>)v).getKey()) + "->" + show(((Cache.Entry<?, ?>)v).getValue());
        if (v instanceof Map)
            return map((Map<?, ?>)v, c);
        if (v instanceof Collection)
            return collection((Collection<?>)v, c);
        if (Proxy.isProxyClass(c))
            return "proxy " + show(Proxy.getInvocationHandler(v));
        if (v instanceof Throwable)
            return c.getName() + ":" + ((Throwable)v).getMessage();
        if (c.getPackageName().isEmpty())
            return fields(v, c);
        return c.getName() + ":" + v;
    }

    private String array(Object v, Class<?> c) {
        List<String> items = new ArrayList<>();
        for (int i = 0; i < Array.getLength(v); i++)
            items.add(c.getComponentType().isPrimitive() ? Array.get(v, i).toString() : show(Array.get(v, i)));
        return c.getComponentType().getName() + items;
    }

    private String collection(Collection<?> v, Class<?> c) {
        List<String> items = new ArrayList<>();
        for (Object o : v)
            items.add(show(o));
        return c.getName() + items;
    }

    private String map(Map<?, ?> v, Class<?> c) {
        List<String> items = new ArrayList<>();
        for (Map.Entry<?, ?> e : v.entrySet())
            items.add(show(e.getKey()) + "=" + show(e.getValue()));
        return c.getName() + items;
    }

    private String binary(BinaryObject o) {
        if (!open.add(o))
            return "again";
        try {
            String name;
            try {
                name = o.type().typeName();
            }
            catch (RuntimeException e) {
                return o.getClass().getSimpleName() + " without type: " + failure(e);
            }
            if (o instanceof BinaryEnumObjectImpl)
                return "binary enum " + name + "#" + o.enumOrdinal() + "." + o.enumName();
            List<String> items = new ArrayList<>();
            for (String f : new java.util.TreeSet<>(o.type().fieldNames()))
                items.add(f + (o.hasField(f) ? "=" + show(o.field(f)) : " missing"));
            return "binary " + name + items;
        }
        finally {
            open.remove(o);
        }
    }

    private String fields(Object v, Class<?> c) {
        List<String> items = new ArrayList<>();
        for (Class<?> at = c; at != Object.class; at = at.getSuperclass()) {
            for (Field f : at.getDeclaredFields()) {
                if (Modifier.isStatic(f.getModifiers()) || f.isSynthetic())
                    continue;
                try {
                    f.setAccessible(true);
                    items.add(f.getName() + "=" + show(f.get(v)));
                }
                catch (IllegalAccessException e) {
                    items.add(f.getName() + " " + e);
                }
            }
        }
        return c.getName() + items;
    }
}
