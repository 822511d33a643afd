package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite"
	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

// imageBytes is an array that is large enough to be placed.
const imageBytes = placedBytes + 8

// image is what row key holds.
func image(key int64, n int) []byte {
	b := make([]byte, n)
	for i := 0; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], uint64(key)<<32|uint64(i))
	}
	return b
}

// shapes are caches with large arrays: their values, and where the array is.
var shapes = []struct {
	name   string
	value  func(key int64) any
	images func(b *column.Batch) *column.Column
	size   func(key int64) int
	placed bool
}{
	{
		name:   "array",
		value:  func(key int64) any { return image(key, imageBytes) },
		images: func(b *column.Batch) *column.Column { return b.Columns[1] },
		placed: true,
	},
	{
		name: "object",
		value: func(key int64) any {
			meta := ignitebinary.NewObject("Meta").Set("name", fmt.Sprint("image ", key)).Set("width", int32(key))
			return ignitebinary.NewObject("Image").Set("label", int32(key%10)).Set("meta", meta).
				Set("pixels", image(key, imageBytes)).Set("score", float64(key)).Set("name", fmt.Sprint(key))
		},
		images: func(b *column.Batch) *column.Column { return b.Columns[1].Children[2] },
		placed: true,
	},
	{
		name: "object with an object behind",
		value: func(key int64) any {
			meta := ignitebinary.NewObject("Meta2").Set("width", int32(key))
			return ignitebinary.NewObject("Image2").Set("pixels", image(key, imageBytes)).Set("meta", meta)
		},
		images: func(b *column.Batch) *column.Column { return b.Columns[1].Children[0] },
	},
	{
		name: "longs",
		value: func(key int64) any {
			b := image(key, imageBytes)
			out := make([]int64, len(b)/8)
			for i := range out {
				out[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
			}
			return out
		},
		images: func(b *column.Batch) *column.Column { return b.Columns[1] },
		placed: true,
	},
	{
		name:   "sizes that change",
		value:  func(key int64) any { return image(key, changing(key)) },
		images: func(b *column.Batch) *column.Column { return b.Columns[1] },
		size:   changing,
	},
}

func changing(key int64) int { return imageBytes + 8*int(key%5/3)*int(key%7-3) }

// loadImages fills a cache of its own with the values of the keys 0 to n-1.
func loadImages(t *testing.T, c *ignite.Client, cache string, n int, value func(int64) any) {
	t.Helper()
	if err := c.CreateCache(t.Context(), wire.CacheConfiguration{Name: cache}); err != nil {
		t.Fatal(err)
	}
	st, err := c.NewStreamer(t.Context(), cache, ignite.StreamerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for key := range int64(n) {
		if err := st.Add(t.Context(), key, value(key)); err != nil {
			t.Fatal(err)
		}
	}
	if err := st.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func imageClient(t *testing.T) *ignite.Client {
	t.Helper()
	c, err := ignite.Open(t.Context(), ignitetest.Embedded(t).Config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestPlacedArraysAreThoseOfTheirRows reads large arrays in batches and in rows
// mode, whole and from the middle: every array belongs to its key, each key comes
// once, and the memory comes back.
func TestPlacedArraysAreThoseOfTheirRows(t *testing.T) {
	const rows = 150
	c := imageClient(t)
	for i, shape := range shapes {
		cache := fmt.Sprint("IMAGES", i)
		loadImages(t, c, cache, rows, shape.value)
		schema, err := Discover(t.Context(), c, DiscoverOptions{Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		for _, batchRows := range []int{0, 1, 7, rows + 1} {
			t.Run(fmt.Sprint(shape.name, ", batches of ", batchRows), func(t *testing.T) {
				spec := Spec{Cache: cache, Part: -1, Schema: *schema, BatchRows: batchRows, Lanes: 3, QuantumRows: 2, PageRows: 1 + i%2}
				var pos Position
				var order, rest []int64
				for round := range 3 {
					r, pool := openImages(t, c, spec, pos)
					got := readImages(t, r, shape.images, shape.size, func(seen int) {
						if round == 0 && seen <= rows/3 {
							pos = r.Position()
							rest = nil
						}
					}, &rest)
					if round == 0 {
						order = got
					} else if !slices.Equal(got, order[len(order)-len(got):]) {
						t.Fatalf("round %d: another order", round)
					}
					placed := r.place != nil && r.place.placed > 0
					if err := r.Close(); err != nil {
						t.Fatal(err)
					}
					if want := shape.placed && (batchRows > 0 || i != 1); want && !placed {
						t.Error("nothing was placed")
					}
					if pool.Lent() != 0 {
						t.Errorf("%d buffers were not given back", pool.Lent())
					}
				}
				slices.Sort(order)
				if len(order) != rows || len(slices.Compact(order)) != rows {
					t.Fatalf("%d rows, %d of them different, not %d", len(order), len(slices.Compact(order)), rows)
				}
			})
		}
	}
}

func openImages(t *testing.T, c *ignite.Client, spec Spec, pos Position) (*Reader, *column.Pool) {
	t.Helper()
	pool := column.NewPool(0)
	r, err := OpenWith(t.Context(), c, spec, pos, pool)
	if err != nil {
		t.Fatal(err)
	}
	return r, pool
}

// readImages reads to the end, checks every array and gives the keys.
func readImages(t *testing.T, r *Reader, images func(*column.Batch) *column.Column, size func(int64) int, each func(int), rest *[]int64) (keys []int64) {
	t.Helper()
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return keys
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Validate(); err != nil {
			t.Fatal(err)
		}
		list := images(b)
		w := int64(list.Children[0].Type.Kind.Width())
		for i := range b.Rows {
			key := b.Columns[0].Value(i).(int64)
			n := imageBytes
			if size != nil {
				n = size(key)
			}
			got := list.Children[0].Data[list.Offsets[i]*w : list.Offsets[i+1]*w]
			if !bytes.Equal(got, image(key, n)) {
				t.Fatalf("the array of row %d is not its own", key)
			}
			keys = append(keys, key)
			*rest = append(*rest, key)
		}
		b.Release()
		each(len(keys))
	}
}

// TestBatchesLargerThanTheCache: the size of a batch is a bound, not an order for
// memory.
func TestBatchesLargerThanTheCache(t *testing.T) {
	const rows = 40
	c := imageClient(t)
	loadImages(t, c, "IMAGES", rows, shapes[0].value)
	schema, err := Discover(t.Context(), c, DiscoverOptions{Cache: "IMAGES"})
	if err != nil {
		t.Fatal(err)
	}
	for _, batchRows := range []int{DefaultBufferBytes/imageBytes + 1, math.MaxInt32, math.MaxInt} {
		spec := Spec{Cache: "IMAGES", Part: -1, Schema: *schema, BatchRows: batchRows}
		memory := &greatest{Allocator: column.NewPool(0)}
		r, err := OpenWith(t.Context(), c, spec, nil, memory)
		if err != nil {
			t.Fatal(err)
		}
		var keys []int64
		if keys = readImages(t, r, shapes[0].images, nil, func(int) {}, &keys); len(keys) != rows {
			t.Errorf("batches of %d: %d rows, not %d", batchRows, len(keys), rows)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if memory.bytes > 4*rows*imageBytes {
			t.Errorf("batches of %d: %d bytes at once, and all rows have %d", batchRows, memory.bytes, rows*imageBytes)
		}
	}
}

// greatest notes the greatest piece of memory that was asked for.
type greatest struct {
	column.Allocator
	mu    sync.Mutex
	bytes int
}

func (g *greatest) Alloc(n int) []byte {
	g.mu.Lock()
	g.bytes = max(g.bytes, n)
	g.mu.Unlock()
	return g.Allocator.Alloc(n)
}

// TestPlacedMemoryOutlivesTheReader closes readers while arrays are on their way,
// with batches still in hand: what is in hand stays as it is, and all memory comes
// back at last.
func TestPlacedMemoryOutlivesTheReader(t *testing.T) {
	const rows = 200
	c := imageClient(t)
	loadImages(t, c, "IMAGES", rows, shapes[0].value)
	schema, err := Discover(t.Context(), c, DiscoverOptions{Cache: "IMAGES"})
	if err != nil {
		t.Fatal(err)
	}
	pool := column.NewPool(0)
	for range 40 {
		spec := Spec{Cache: "IMAGES", Part: -1, Schema: *schema, BatchRows: 5, Lanes: 4, QuantumRows: 3}
		r, err := OpenWith(t.Context(), c, spec, nil, pool)
		if err != nil {
			t.Fatal(err)
		}
		var held []*column.Batch
		for range rand.IntN(rows / spec.BatchRows) {
			b, err := r.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, b)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		for _, b := range held {
			for i := range b.Rows {
				key, list := b.Columns[0].Value(i).(int64), b.Columns[1]
				if !bytes.Equal(list.Children[0].Data[list.Offsets[i]:list.Offsets[i+1]], image(key, imageBytes)) {
					t.Fatalf("the array of row %d is not its own", key)
				}
			}
			b.Release()
		}
	}
	// An answer that nobody waits for holds its memory until it is there.
	deadline, tick := time.After(10*time.Second), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for pool.Lent() > 0 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d buffers were not given back", pool.Lent())
		}
	}
}
