package store

import (
	"fmt"
	"testing"
	"time"
)

// stores are the two places where a store can keep its data.
func stores(t testing.TB) map[string]Options {
	return map[string]Options{"memory": {}, "directory": {Dir: t.TempDir()}}
}

func BenchmarkScan(b *testing.B) {
	for name, options := range stores(b) {
		for _, bytesPerRow := range []int{4 << 10, 1 << 20} {
			b.Run(fmt.Sprintf("%s/%d", name, bytesPerRow), func(b *testing.B) {
				s := open(b, options)
				total := 256 << 20
				value := make([]byte, bytesPerRow)
				begin := time.Now()
				for n := range total / bytesPerRow {
					r := Row{Key: key(1, n), Value: value}
					if _, err := s.Write(1, []Row{r}, Overwrite); err != nil {
						b.Fatal(err)
					}
				}
				load := float64(total) / 1e6 / time.Since(begin).Seconds()
				var sink []byte
				b.SetBytes(int64(total))
				for b.Loop() {
					cur, err := s.Scan(1, 0, 16)
					if err != nil {
						b.Fatal(err)
					}
					for cur.Next() {
						sink = append(sink[:0], cur.Value()...)
					}
					if err := cur.Close(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(load, "load-MB/s")
			})
		}
	}
}

// BenchmarkScanSmall opens, reads and closes a cursor on a partition of four
// rows, as a scan of a small cache does 1,024 times.
func BenchmarkScanSmall(b *testing.B) {
	const partitions, rows = 1024, 4096
	for name, options := range stores(b) {
		b.Run(name, func(b *testing.B) {
			s := open(b, options)
			for n := range rows {
				r := row(1, n, "a value of a few bytes")
				r.Key.Partition = uint16(n % partitions)
				write(b, s, 1, Overwrite, r)
			}
			b.ReportAllocs()
			for p := 0; b.Loop(); p = (p + 1) % partitions {
				cur, err := s.Scan(1, p, p+1)
				if err != nil {
					b.Fatal(err)
				}
				for n := range rows / partitions {
					if !cur.Next() {
						b.Fatalf("partition %d ends after %d rows: %v", p, n, cur.Err())
					}
				}
				if err := cur.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
