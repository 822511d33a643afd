package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite"
	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// pageServer answers each scan with one page.
type pageServer struct {
	client *ignite.Client
	wg     sync.WaitGroup

	mu   sync.Mutex
	rows int
	data []byte
}

func startPages(t testing.TB) *pageServer {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &pageServer{}
	s.wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() {
				_ = s.serve(nc)
				_ = nc.Close()
			})
		}
	})
	s.client, err = ignite.Open(t.Context(), ignite.Config{Addresses: []string{l.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = s.client.Close(), l.Close()
		s.wg.Wait()
	})
	return s
}

func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.LittleEndian.Uint32(head[:]))
	_, err := io.ReadFull(r, b)
	return b, err
}

// serve speaks the protocol with one client.
func (s *pageServer) serve(nc net.Conn) error {
	b, err := readFrame(nc)
	if err != nil {
		return err
	}
	var hello wire.HandshakeRequest
	if err := hello.Decode(b); err != nil {
		return err
	}
	res := wire.HandshakeResponse{Accepted: true, Features: hello.Features, NodeID: [16]byte{1}}
	b = res.AppendTo(nil)
	out := append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)
	for {
		if _, err := nc.Write(out); err != nil {
			return err
		}
		if b, err = readFrame(nc); err != nil {
			return err
		}
		op, id := wire.DecodeRequestHeader(ignitebinary.NewReader(b))
		if op != wire.OpQueryScan {
			h := wire.ResponseHeader{RequestID: id, Status: wire.StatusInvalidOpCode, Message: "not in the script"}
			out = wire.AppendResponse(nil, h, nil, hello.Features)
			continue
		}
		s.mu.Lock()
		page := wire.Page{Rows: int32(s.rows), Data: s.data}
		out = wire.AppendResponse(nil, wire.ResponseHeader{RequestID: id}, &wire.QueryScanResponse{CursorID: 1, Page: page}, hello.Features)
		s.mu.Unlock()
	}
}

// page has the server send the rows, through the placer, nil for none.
func (s *pageServer) page(t testing.TB, rows int, data []byte, p *placer) page {
	t.Helper()
	s.mu.Lock()
	s.rows, s.data = rows, data
	s.mu.Unlock()
	src := &clusterSource{c: s.client, spec: &Spec{Cache: "PAGES"}}
	cur, err := src.open(t.Context(), AllPartitions, 1, p)
	if err != nil {
		t.Fatal(err)
	}
	defer cur.close()
	got, err := cur.next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// pageKind is a kind of rows: a schema, where its array is, and the values.
type pageKind struct {
	name   string
	schema string
	elem   func(d *decoder) *column.Appender
	value  func(key int64, pixels any) any
}

func valueElem(d *decoder) *column.Appender { return d.builder.Column(1).Elem() }

func fieldElem(d *decoder) *column.Appender { return d.builder.Column(1).Field(1).Elem() }

const pixelSchema = `{"key": "long", "val": {"label": "int", "pixels": "byte[]", "name": "string"}}`

var pageKinds = []pageKind{
	{
		name: "array", schema: `{"key": "long", "val": "byte[]"}`, elem: valueElem,
		value: func(_ int64, pixels any) any { return pixels },
	},
	{
		name: "array first", schema: pixelSchema, elem: fieldElem,
		value: func(key int64, pixels any) any {
			return ignitebinary.NewObject("First").Set("pixels", pixels).Set("label", int32(key)).Set("name", fmt.Sprintf("%05d", key))
		},
	},
	{
		name: "array in the middle", schema: pixelSchema, elem: fieldElem,
		value: func(key int64, pixels any) any {
			return ignitebinary.NewObject("Middle").Set("label", int32(key)).Set("pixels", pixels).Set("name", fmt.Sprintf("%05d", key))
		},
	},
	{
		name: "array last", schema: pixelSchema, elem: fieldElem,
		value: func(key int64, pixels any) any {
			return ignitebinary.NewObject("Last").Set("label", int32(key)).Set("name", fmt.Sprintf("%05d", key)).Set("pixels", pixels)
		},
	},
}

// oddRows are rows that are not like the others, as keys and values.
func oddRows(k pageKind, key int64, width int) map[string][2]any {
	plain := k.value(key, calm(key, width))
	odd := map[string][2]any{
		"shorter key":    {int32(key), plain},
		"text as key":    {"k", plain},
		"key as long":    {ignitebinary.SQLDate(1), plain},
		"null key":       {nil, plain},
		"array as key":   {calm(key, width), plain},
		"object as key":  {ignitebinary.NewObject("Key").Set("id", key), plain},
		"shorter array":  {key, k.value(key, calm(key, width-1))},
		"longer array":   {key, k.value(key, calm(key, width+1))},
		"two arrays":     {key, k.value(key, calm(key, 2*width+placedStub))},
		"no array":       {key, k.value(key, nil)},
		"null":           {key, nil},
		"other array":    {key, k.value(key, make([]int64, width/8))},
		"text for array": {key, k.value(key, "none")},
		"small":          {key, int64(1)},
	}
	if o, ok := plain.(*ignitebinary.Object); ok {
		odd["one field more"] = [2]any{key, o.Set("extra", int8(1))}
		odd["object behind"] = [2]any{key, k.value(key, calm(key, width)).(*ignitebinary.Object).Set("extra", ignitebinary.NewObject("Extra").Set("a", int32(1)))}
		odd["longer name"] = [2]any{key, k.value(key, calm(key, width)).(*ignitebinary.Object).Set("name", "a longer name")}
	}
	return odd
}

// calm is an array without bytes that are no type code.
func calm(key int64, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(int64(i)*7^int64(i>>8)^key) & 0x7f
	}
	return b
}

func appendRow(t testing.TB, ts types, page []byte, key, value any) []byte {
	t.Helper()
	for _, v := range []any{key, value} {
		b := ts.encode(t, v)
		if _, ok := v.(*ignitebinary.Object); ok {
			b = wrap(b)
		}
		page = append(page, b...)
	}
	return page
}

// decoded is what came of a page.
type decoded struct {
	batch   *column.Batch
	pool    *column.Pool // of its memory
	err     error
	places  int
	strokes bool
}

// decodePage decodes a page that was sent: placed, from its row first on, when width is
// not 0.
func decodePage(t testing.TB, s *pageServer, k pageKind, ts types, rows int, data []byte, width int, first int64) (got decoded) {
	t.Helper()
	schema := mustSchema(t, k.schema)
	pool := column.NewPool(0)
	spec := Spec{QuantumRows: 4, BatchRows: max(rows, 1), BufferBytes: DefaultBufferBytes}
	p := newPlacement(&spec, &state{lanes: make([]laneState, 1)}, newBudget(DefaultBufferBytes, newRecorder("PAGES", 1, Hooks{})), pool)
	d, err := newDecoder(&schema, NullsDefault, ts, p)
	if err != nil {
		t.Fatal(err)
	}
	var sink *placer
	if width > 0 {
		p.elem, p.code, p.width, p.rows = k.elem(d), ignitebinary.TypeByteArray, width, rows-int(first)
		sink = &placer{p: p, skip: int(first)}
		d.place = p
	}
	pg := s.page(t, rows, data, sink)
	d.turnTo(pg.placed)
	pos := 0
	for range first {
		if pos = skipRow(pg.data, pos); pos < 0 {
			got.err = errBrokenPage
			break
		}
	}
	for range rows - int(first) {
		if got.err != nil {
			break
		}
		if p.elem != nil {
			p.room(d.builder.Rows())
		}
		n := d.builder.Rows()
		if pos, got.err = d.row(pg.data, pos); got.err != nil {
			d.builder.Truncate(n)
		}
	}
	if pg.placed != nil {
		got.places = len(pg.placed.places)
	}
	got.strokes = p.misses.Load() == 0 && got.places > 1
	pg.free()
	got.batch = d.builder.NewBatch()
	p.built(got.batch.Rows)
	p.stop()
	got.pool = pool
	return got
}

// free releases the batch, after which nothing of the page may be held.
func (d *decoded) free(t testing.TB) {
	t.Helper()
	d.batch.Release()
	if d.pool.Lent() != 0 {
		t.Errorf("%d buffers were not given back", d.pool.Lent())
	}
}

// samePage decodes a page placed and unplaced, which must not make a difference.
func samePage(t testing.TB, s *pageServer, k pageKind, ts types, rows int, data []byte, width int, first int64) decoded {
	t.Helper()
	want := decodePage(t, s, k, ts, rows, data, 0, first)
	defer want.free(t)
	got := decodePage(t, s, k, ts, rows, data, width, first)
	defer got.free(t)
	if fmt.Sprint(got.err) != fmt.Sprint(want.err) {
		t.Fatalf("placed: %v, unplaced: %v", got.err, want.err)
	}
	if err := got.batch.Validate(); err != nil {
		t.Fatal(err)
	}
	if got.batch.Rows != want.batch.Rows || !slices.EqualFunc(got.batch.Columns, want.batch.Columns, sameColumn) {
		t.Fatalf("%d rows and %d rows, which are not the same", got.batch.Rows, want.batch.Rows)
	}
	return got
}

func sameColumn(a, b *column.Column) bool {
	return a.Len == b.Len && bytes.Equal(a.Data, b.Data) && slices.Equal(a.Offsets, b.Offsets) && bytes.Equal(a.Validity, b.Validity) &&
		slices.EqualFunc(a.Children, b.Children, sameColumn)
}

// TestStrokesOfLikeRows: all arrays of like rows are placed, also those of a page that is
// begun in its middle, and the rows are those of the page.
func TestStrokesOfLikeRows(t *testing.T) {
	s := startPages(t)
	for _, k := range pageKinds {
		ts := types{}
		for _, width := range []int{placedBytes, 4096, aloneBytes, 200 << 10} {
			for _, first := range []int64{0, 1, 9} {
				const rows = 300
				n := min(rows, 12<<20/width)
				var data []byte
				for key := range int64(n) {
					data = appendRow(t, ts, data, key, k.value(key, calm(key, width)))
				}
				got := samePage(t, s, k, ts, n, data, width, first)
				if got.err != nil || got.places != n-int(first) || !got.strokes {
					t.Errorf("%s, arrays of %d bytes, from row %d: %d of %d places, strokes %v, %v", k.name, width, first, got.places, n, got.strokes, got.err)
				}
			}
		}
	}
}

// TestStrokesOfOddRows has one row that is not like the others at each place of a page.
func TestStrokesOfOddRows(t *testing.T) {
	s := startPages(t)
	const rows = 9
	for _, k := range pageKinds {
		for _, width := range []int{placedBytes, aloneBytes} {
			for name := range oddRows(k, 0, width) {
				t.Run(fmt.Sprint(k.name, ", ", width, " bytes, ", name), func(t *testing.T) {
					for at := range int64(rows) {
						ts := types{}
						var data []byte
						for key := range int64(rows) {
							if key == at {
								odd := oddRows(k, key, width)[name]
								data = appendRow(t, types{}, data, odd[0], odd[1])
								continue
							}
							data = appendRow(t, ts, data, key, k.value(key, calm(key, width)))
						}
						samePage(t, s, k, ts, rows, data, width, at%3)
					}
				})
			}
		}
	}
}

// TestStrokesOfBrokenPages changes each byte that is not an array's, and cuts pages off.
func TestStrokesOfBrokenPages(t *testing.T) {
	s := startPages(t)
	const rows, width = 4, placedBytes
	for _, k := range pageKinds {
		ts := types{}
		var data []byte
		for key := range int64(rows) {
			data = appendRow(t, ts, data, key, k.value(key, calm(key, width)))
		}
		size := len(data) / rows
		for _, cut := range []int{1, 4, 30, size - 1, size, size + 1, 2 * size} {
			samePage(t, s, k, ts, rows, data[:len(data)-cut], width, 0)
		}
		array := bytes.Index(data, calm(0, width)[:64])
		for i := range size {
			if i >= array+2 && i < array+width-2 {
				continue
			}
			for _, row := range []int{0, 2, 3} {
				broken := slices.Clone(data)
				broken[row*size+i] ^= 1 << (i % 7)
				samePage(t, s, k, ts, rows, broken, width, 0)
			}
		}
	}
}

// TestMissesEndStrokes: rows whose size changes all the time are not guessed for long.
func TestMissesEndStrokes(t *testing.T) {
	p := &placement{}
	for range mostMisses {
		if !p.guesses() {
			t.Error("too early")
		}
		p.guessed(true, true)
	}
	if p.guesses() {
		t.Error("it guesses on")
	}
	if p.guessed(true, false); !p.guesses() {
		t.Error("a page without a miss counts for nothing")
	}
}

// FuzzStrokes reads pages of any bytes placed and unplaced.
func FuzzStrokes(f *testing.F) {
	s := startPages(f)
	const width = placedBytes
	ts := types{}
	for i, k := range pageKinds {
		var data []byte
		for key := range int64(4) {
			data = appendRow(f, ts, data, key, k.value(key, calm(key, width)))
		}
		f.Add(uint8(i), uint8(4), data)
		for _, odd := range oddRows(k, 9, width) {
			f.Add(uint8(i), uint8(6), slices.Concat(data, appendRow(f, types{}, nil, odd[0], odd[1]), data[:len(data)/4]))
		}
	}
	f.Fuzz(func(t *testing.T, kind, rows uint8, data []byte) {
		if rows == 0 || len(data) > 1<<20 || int(rows) > len(data) {
			return
		}
		samePage(t, s, pageKinds[int(kind)%len(pageKinds)], ts, int(rows), data, width, int64(kind>>4)%int64(rows))
	})
}

// TestStrokesAllocateLittle: a page of many rows takes as many allocations as one of few.
func TestStrokesAllocateLittle(t *testing.T) {
	s := startPages(t)
	const width = placedBytes
	spec := Spec{QuantumRows: 4, BatchRows: 100, BufferBytes: DefaultBufferBytes}
	k := pageKinds[0]
	count := func(rows int) float64 {
		var data []byte
		for key := range int64(rows) {
			data = appendRow(t, nil, data, key, calm(key, width))
		}
		return testing.AllocsPerRun(20, func() {
			p := newPlacement(&spec, &state{lanes: make([]laneState, 1)}, newBudget(DefaultBufferBytes, newRecorder("PAGES", 1, Hooks{})), column.NewPool(0))
			p.code, p.width, p.rows = ignitebinary.TypeByteArray, width, rows
			pg := s.page(t, rows, data, &placer{p: p})
			if len(pg.placed.places) != rows {
				t.Error(errors.New("not all were placed"))
			}
			pg.free()
			p.stop()
		})
	}
	if few, many := count(4), count(400); many > few+30 {
		t.Errorf("%s: %v allocations for 4 rows, %v for 400", k.name, few, many)
	}
}
