package conformance_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

const (
	differentialSeed  = 20240229
	differentialSteps = 3000
)

// TestDifferential sends the same random operations to both servers: every answer must be
// equal, and afterwards the same rows must lie in the same partitions in the same order,
// but for the quirk EqualHashOrder.
func TestDifferential(t *testing.T) {
	ctx := javaContext(t)
	const name = "DIFFERENTIAL"
	sides := []*ignitetest.Server{ignitetest.Embedded(t), ignitetest.Real(t)}
	caches := make([]*ignite.Cache[any, any], len(sides))
	for i, srv := range sides {
		c := srv.Client(t)
		if err := c.CreateCache(ctx, wire.CacheConfiguration{Name: name}); err != nil {
			t.Fatal(err)
		}
		caches[i] = ignite.NewCache[any, any](c, name)
	}
	random := rand.New(rand.NewPCG(differentialSeed, 0))
	for step := range differentialSteps {
		op := randomOperation(random)
		want := op.run(ctx, caches[1])
		if got := op.run(ctx, caches[0]); got != want {
			t.Fatalf("seed %d step %d: %s answers %s, a real Ignite %s (last error: %v)", differentialSeed, step, op.name, got, want, errLast)
		}
	}
	for p := range 1024 {
		got, want := partition(ctx, t, caches[0], p), partition(ctx, t, caches[1], p)
		if !slices.Equal(got, want) {
			t.Errorf("partition %d is\n%s\non a real Ignite\n%s", p, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// partition gives the rows of a partition in their order, as texts that begin with the
// key's hash code. Rows of equal hash codes, one after the other, are put in one order.
func partition(ctx context.Context, t *testing.T, cache *ignite.Cache[any, any], p int) []string {
	t.Helper()
	var rows []string
	for entry, err := range ignite.NewCache[binary.Raw, binary.Raw](cache.Client(), cache.Name()).Scan(ctx, ignite.ScanQuery{Partition: &p}) {
		if err != nil {
			t.Fatal(err)
		}
		hash := int64(binary.HashCode(entry.Key)) + 1<<31 // from 0, so that texts sort as numbers
		rows = append(rows, fmt.Sprintf("%08x %x: %x", hash, []byte(entry.Key), []byte(entry.Value)))
	}
	for start := 0; start < len(rows); {
		end := start + 1
		for end < len(rows) && rows[end][:8] == rows[start][:8] {
			end++
		}
		slices.Sort(rows[start:end])
		start = end
	}
	return rows
}

// errLast is for the message of a failure.
var errLast error

// operation is one call with its arguments; run gives its answer as a text.
type operation struct {
	name string
	run  func(context.Context, *ignite.Cache[any, any]) string
}

func answer(parts ...any) string {
	for i, p := range parts {
		if err, ok := p.(error); ok {
			parts[i] = "error"
			errLast = err
		}
	}
	return fmt.Sprintf("%#v", parts)
}

// randomKey is one of a few, of several types, so that operations meet.
func randomKey(r *rand.Rand) any {
	n := r.IntN(12)
	switch r.IntN(6) {
	case 0:
		return int32(n)
	case 1:
		return fmt.Sprint("key ", n)
	case 2:
		return int16(n)
	case 3:
		return binary.NewObject("differential.Key").Set("a", int64(n)).Set("b", fmt.Sprint(n))
	case 4:
		return float64(n) / 4
	}
	return int64(n) << (4 * r.IntN(12))
}

// randomValue is no object: a real Ignite fails to compare an object whose Java class it
// lacks with a value of another kind, and ReplaceIfEquals would do that here.
func randomValue(r *rand.Rand) any {
	switch r.IntN(4) {
	case 0:
		return int64(r.IntN(3))
	case 1:
		return fmt.Sprint("v", r.IntN(3))
	case 2:
		return bytes.Repeat([]byte{byte(r.IntN(3))}, r.IntN(5000))
	}
	return []float32{float32(r.IntN(3))}
}

// show makes values comparable as texts: objects by their fields.
func show(v any) any {
	if o, ok := v.(*binary.Object); ok && o != nil {
		return fmt.Sprintf("%s%v", o.TypeName, o.Fields)
	}
	return v
}

func randomOperation(r *rand.Rand) operation {
	k, v, w := randomKey(r), randomValue(r), randomValue(r)
	type cache = *ignite.Cache[any, any]
	all := []operation{
		{"Get", func(ctx context.Context, c cache) string {
			x, ok, err := c.Get(ctx, k)
			return answer(show(x), ok, err)
		}},
		{"Put", func(ctx context.Context, c cache) string { return answer(c.Put(ctx, k, v)) }},
		{"PutIfAbsent", func(ctx context.Context, c cache) string { ok, err := c.PutIfAbsent(ctx, k, v); return answer(ok, err) }},
		{"GetAndPut", func(ctx context.Context, c cache) string {
			x, ok, err := c.GetAndPut(ctx, k, v)
			return answer(show(x), ok, err)
		}},
		{"GetAndReplace", func(ctx context.Context, c cache) string {
			x, ok, err := c.GetAndReplace(ctx, k, v)
			return answer(show(x), ok, err)
		}},
		{"GetAndRemove", func(ctx context.Context, c cache) string {
			x, ok, err := c.GetAndRemove(ctx, k)
			return answer(show(x), ok, err)
		}},
		{"GetAndPutIfAbsent", func(ctx context.Context, c cache) string {
			x, ok, err := c.GetAndPutIfAbsent(ctx, k, v)
			return answer(show(x), ok, err)
		}},
		{"Replace", func(ctx context.Context, c cache) string { ok, err := c.Replace(ctx, k, v); return answer(ok, err) }},
		{"ReplaceIfEquals", func(ctx context.Context, c cache) string {
			ok, err := c.ReplaceIfEquals(ctx, k, v, w)
			return answer(ok, err)
		}},
		{"ContainsKey", func(ctx context.Context, c cache) string { ok, err := c.ContainsKey(ctx, k); return answer(ok, err) }},
		{"Remove", func(ctx context.Context, c cache) string { ok, err := c.Remove(ctx, k); return answer(ok, err) }},
		{"RemoveIfEquals", func(ctx context.Context, c cache) string {
			ok, err := c.RemoveIfEquals(ctx, k, v)
			return answer(ok, err)
		}},
		{"Size", func(ctx context.Context, c cache) string { n, err := c.Size(ctx); return answer(n, err) }},
	}
	keys := []any{k, randomKey(r), randomKey(r)}
	bulk := []operation{
		{"GetAll", func(ctx context.Context, c cache) string {
			entries, err := c.GetAll(ctx, keys)
			texts := make([]string, len(entries))
			for i, e := range entries {
				texts[i] = answer(show(e.Key), show(e.Value))
			}
			slices.Sort(texts)
			return answer(slices.Compact(texts), err)
		}},
		{"RemoveKeys", func(ctx context.Context, c cache) string { return answer(c.RemoveKeys(ctx, keys)) }},
		{"PutAll", func(ctx context.Context, c cache) string {
			return answer(c.PutAll(ctx, []ignite.Entry[any, any]{{Key: k, Value: v}, {Key: int8(1), Value: w}}))
		}},
	}
	all = append(append(all, bulk...), all[1], all[1], all[1]) // more puts, so that there is something
	return all[r.IntN(len(all))]
}
