import java.util.ArrayList;
import java.util.List;

import javax.cache.Cache;

import org.apache.ignite.cache.query.Query;
import org.apache.ignite.cache.query.QueryCursor;
import org.apache.ignite.cache.query.ScanQuery;
import org.apache.ignite.client.ClientCache;
import org.apache.ignite.client.IgniteClient;

/** Scans with every setting. */
class Queries {
    static void run(IgniteClient client) {
        ClientCache<Object, Object> c = Compare.fresh(client, "JAVA_QUERY");
        for (int i = 0; i < 100; i++)
            c.put(i, "v" + i);
        scans(c);
        cursors(client, c);
    }

    private static int rows(ClientCache<Object, Object> c, Query<Cache.Entry<Object, Object>> q) {
        int n = 0;
        try (QueryCursor<Cache.Entry<Object, Object>> cursor = c.query(q)) {
            for (Cache.Entry<Object, Object> ignored : cursor)
                n++;
        }
        return n;
    }

    private static void scans(ClientCache<Object, Object> c) {
        Compare.check("scan order", () -> keys(c, new ScanQuery<>()));
        for (int page : new int[] {1, 7, 99, 100, 101, 4096})
            Compare.check("scan in pages of " + page, () -> rows(c, new ScanQuery<>().setPageSize(page)));
        for (int p : new int[] {0, 1, 42, 1023})
            Compare.check("scan of partition " + p, () -> keys(c, new ScanQuery<>().setPartition(p)));
        Compare.check("scan of partition 1024", () -> keys(c, new ScanQuery<>().setPartition(1024)));
        Compare.check("scan local", () -> rows(c, new ScanQuery<>().setLocal(true)));
        Compare.check("scan local of a partition", () -> keys(c, new ScanQuery<>().setLocal(true).setPartition(42)));
    }

    private static List<Object> keys(ClientCache<Object, Object> c, Query<Cache.Entry<Object, Object>> q) {
        List<Object> keys = new ArrayList<>();
        for (Cache.Entry<Object, Object> e : c.query(q))
            keys.add(e.getKey());
        return keys;
    }

    private static void cursors(IgniteClient client, ClientCache<Object, Object> c) {
        Compare.check("cursor closed early", () -> {
            try (QueryCursor<Cache.Entry<Object, Object>> cursor = c.query(new ScanQuery<>().setPageSize(3))) {
                return cursor.iterator().next().getValue();
            }
        });
        Compare.check("cursor over a destroyed cache", () -> {
            ClientCache<Object, Object> gone = client.getOrCreateCache("JAVA_CURSOR");
            for (int i = 0; i < 10; i++)
                gone.put(i, i);
            QueryCursor<Cache.Entry<Object, Object>> cursor = gone.query(new ScanQuery<>().setPageSize(2));
            cursor.iterator().next();
            client.destroyCache("JAVA_CURSOR");
            return cursor.getAll().size();
        });
        Compare.check("too many cursors", () -> {
            List<QueryCursor<Cache.Entry<Object, Object>>> open = new ArrayList<>();
            try {
                for (int i = 0; i < 200; i++) {
                    open.add(c.query(new ScanQuery<>().setPageSize(1)));
                    open.get(i).iterator().next();
                }
                return open.size();
            }
            finally {
                open.forEach(QueryCursor::close);
            }
        });
    }
}
