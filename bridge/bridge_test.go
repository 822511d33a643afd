package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/internal/version"
)

func TestClassify(t *testing.T) {
	server := func(s wire.Status) error {
		return fmt.Errorf("outer: %w", &ignite.OpError{Err: &ignite.ServerError{Status: s, Message: "no"}})
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{server(wire.StatusFailed), "ServerError"},
		{server(wire.StatusCacheDoesNotExist), "CacheNotFoundError"},
		{server(wire.StatusSecurityViolation), "AuthorizationError"},
		{&ignite.ConnectError{Err: wire.StatusAuthFailed}, "AuthenticationError"},
		{&ignite.ConnectError{Err: context.DeadlineExceeded}, "ConnectError"},
		{&ignite.OpError{Err: context.DeadlineExceeded}, "TimeoutError"},
		{&ignite.OpError{Err: context.Canceled}, "CancelledError"},
		{fmt.Errorf("outer: %w", ignite.ErrNoNode), "ConnectError"},
		{&dataset.SchemaError{}, "SchemaError"},
		{&dataset.RowError{Err: errors.New("a null")}, "SchemaError"},
		{&dataset.RowError{Err: &binary.FormatError{}}, "DataError"},
		{dataset.ErrClosed, "ClosedError"},
		{&panicError{value: "x"}, "InternalError"},
		{badArgument("x"), "ArgumentError"},
		{errors.New("anything"), "IgniteError"},
	} {
		if got := classify(c.err).Name; got != c.want {
			t.Errorf("%v is %s, want %s", c.err, got, c.want)
		}
	}
}

func TestHandlesAreNeverUsedTwice(t *testing.T) {
	var h handles
	first := h.put("a")
	if v, ok := held[string](&h, first); !ok || v != "a" {
		t.Fatalf("held gives %q, %t", v, ok)
	}
	if _, ok := held[int](&h, first); ok {
		t.Error("a string is held as an int")
	}
	h.take(first)
	if second := h.put("b"); second == first {
		t.Errorf("handle %d was given twice", first)
	}
	if _, ok := h.take(first); ok || h.size() != 1 {
		t.Error("a handle that was taken is still there")
	}
}

func TestMemoryIsAlignedAndRecycled(t *testing.T) {
	m := batchMemory
	for _, n := range []int{1, 64, 65, 4096, 1 << 20} {
		b := m.Alloc(n)
		p := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
		if len(b) != n || p%column.Alignment != 0 {
			t.Errorf("Alloc(%d) gives %d bytes at %x", n, len(b), p)
		}
		m.Free(b[:0])
		again := m.Alloc(n)
		if q := uintptr(unsafe.Pointer(unsafe.SliceData(again))); q != p {
			t.Errorf("a freed buffer of %d bytes was not used again", n)
		}
		m.Free(again)
	}
}

func TestTypesOfColumns(t *testing.T) {
	for _, c := range []struct {
		values []any
		want   string
	}{
		{[]any{nil, nil}, "string"},
		{[]any{int32(1), nil, int64(2)}, "int64"},
		{[]any{int8(1), float32(2)}, "float32"},
		{[]any{int64(1), float32(2)}, "float64"},
		{[]any{"a", nil}, "string"},
		{[]any{time.Unix(0, 0)}, "int64[ns]"},
		{[]any{[]byte{1}}, "bytes"},
		{[]any{"a", int32(1)}, "error"},
		{[]any{struct{}{}}, "error"},
	} {
		var typ sqlType
		var err error
		for _, v := range c.values {
			err = errors.Join(err, typ.see(v))
		}
		got := typ.column().String()
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("%v make a column of %s, want %s", c.values, got, c.want)
		}
	}
}

func TestValuesIntoWiderColumns(t *testing.T) {
	schema := &column.Schema{Fields: []column.Field{{Name: "n", Type: column.Type{Kind: column.Float64}, Nullable: true}}}
	b := column.NewBuilder(schema, batchMemory)
	for _, v := range []any{int8(1), int64(-2), float32(0.5), nil} {
		if err := appendSQL(b.Column(0), v); err != nil {
			t.Fatal(err)
		}
	}
	if err := appendSQL(b.Column(0), "text"); err == nil {
		t.Error("a text went into a column of numbers")
	}
	batch := b.NewBatch()
	defer batch.Release()
	for i, want := range []any{1.0, -2.0, 0.5, nil} {
		if got := batch.Columns[0].Value(i); got != want {
			t.Errorf("value %d is %v, want %v", i, got, want)
		}
	}
}

func TestArguments(t *testing.T) {
	for text, want := range map[string]string{
		`1`: "int64 1", `9223372036854775807`: "int64 9223372036854775807", `1.5`: "float64 1.5", `"a"`: "string a", `true`: "bool true",
		`{"bytes": "AQI="}`: "[]uint8 [1 2]", `{"decimal": "1.50"}`: "*apd.Decimal 1.50",
	} {
		v, err := sqlArgument(json.RawMessage(text))
		if got := fmt.Sprintf("%T %v", v, v); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{`{}`, `[1]`, `{"colour": "red"}`, `{"uuid": "x"}`, `{"timestamp": "x"}`} {
		if v, err := sqlArgument(json.RawMessage(text)); err == nil {
			t.Errorf("%s is %v, want an error", text, v)
		}
	}
	if got := fmt.Sprint(uniqueNames([]string{"A", "B", "A"})); got != "[A B A_2]" {
		t.Errorf("the names are %s", got)
	}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	for _, request := range []string{`{"wings": 2}`, `[]`, `{`} {
		if _, err := invoke(t.Context(), "open", []byte(request), nil); classify(err).Name != "ArgumentError" {
			t.Errorf("%s gives %v", request, err)
		}
	}
	if _, err := invoke(t.Context(), "caches", []byte(`{"client": 12345}`), nil); classify(err).Name != "ClosedError" {
		t.Errorf("an unknown client gives %v", err)
	}
	if v, err := invoke(t.Context(), "version", nil, nil); err != nil || v == "" {
		t.Errorf("version gives %v, %v", v, err)
	}
}

// TestHeaderSaysWhatThereIs: include/kindling.h has the op as kernel.c makes it, the
// position that begins an epoch, and each method.
func TestHeaderSaysWhatThereIs(t *testing.T) {
	read := func(file string) string {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	header, kernel := read("include/kindling.h"), read("kernel.c")
	names := func(of string) string {
		var out []string
		for _, m := range regexp.MustCompile(`OpDefinitionBuilderAdd`+of+`\(op, "([^"]*)"\)`).FindAllStringSubmatch(kernel, -1) {
			out = append(out, m[1])
		}
		return strings.Join(out, ", ")
	}
	want := []string{
		fmt.Sprintf("KindlingRead(%s) -> (%s)\n", names("Input"), names("Output")),
		fmt.Sprintf("[%d, seed]", dataset.StartPosition(7)[0]),
		fmt.Sprintf("-> %q\n", version.Version),
	}
	for name := range methods() {
		want = append(want, fmt.Sprintf("\n//   %-12s ", name))
	}
	for _, w := range want {
		if !strings.Contains(header, w) {
			t.Errorf("kindling.h does not have %q", w)
		}
	}
}

// TestOneRequestTimeout: Python and Go wait equally long when nothing is stated.
func TestOneRequestTimeout(t *testing.T) {
	const file = "../python/kindling/client.py"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("\nREQUEST_TIMEOUT = %.1f\n", ignite.DefaultRequestTimeout.Seconds())
	if !strings.Contains(string(text), want) {
		t.Errorf("%s does not have %q", file, want)
	}
	if dataset.DefaultRequestTimeout != ignite.DefaultRequestTimeout {
		t.Errorf("a dataset waits %v, a client %v", dataset.DefaultRequestTimeout, ignite.DefaultRequestTimeout)
	}
}

func TestThreads(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	if err := setThreads("3"); err != nil || runtime.GOMAXPROCS(0) != 3 {
		t.Errorf("%d threads, %v", runtime.GOMAXPROCS(0), err)
	}
	for _, text := range []string{"0", "-1", "two", "1.5"} {
		if err := setThreads(text); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
