package wire

import (
	"slices"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// EmptyResponse is the body of a response that says no more than success.
type EmptyResponse struct{}

// Encode implements [Response].
func (*EmptyResponse) Encode(*binary.Writer, Features) {}

// Decode implements [Response].
func (*EmptyResponse) Decode(*binary.Reader, Features) {}

// BoolResponse is Ignite's ClientBooleanResponse.
type BoolResponse struct{ Value bool }

// Encode implements [Response].
func (p *BoolResponse) Encode(w *binary.Writer, _ Features) { w.PutBool(p.Value) }

// Decode implements [Response].
func (p *BoolResponse) Decode(r *binary.Reader, _ Features) { p.Value = r.Bool() }

// IntResponse is Ignite's ClientIntResponse.
type IntResponse struct{ Value int32 }

// Encode implements [Response].
func (p *IntResponse) Encode(w *binary.Writer, _ Features) { w.PutInt32(p.Value) }

// Decode implements [Response].
func (p *IntResponse) Decode(r *binary.Reader, _ Features) { p.Value = r.Int32() }

// LongResponse is Ignite's ClientLongResponse.
type LongResponse struct{ Value int64 }

// Encode implements [Response].
func (p *LongResponse) Encode(w *binary.Writer, _ Features) { w.PutInt64(p.Value) }

// Decode implements [Response].
func (p *LongResponse) Decode(r *binary.Reader, _ Features) { p.Value = r.Int64() }

// StringResponse is Ignite's ClientStringResponse. An empty string is null on
// the wire.
type StringResponse struct{ Value string }

// Encode implements [Response].
func (p *StringResponse) Encode(w *binary.Writer, _ Features) { putStr(w, p.Value) }

// Decode implements [Response].
func (p *StringResponse) Decode(r *binary.Reader, _ Features) { p.Value = r.Str() }

// ObjectResponse is Ignite's ClientObjectResponse: one encoded value, which
// may be null. After Decode the value aliases the frame.
type ObjectResponse struct{ Value binary.Raw }

// Encode implements [Response].
func (p *ObjectResponse) Encode(w *binary.Writer, _ Features) { w.PutRaw(p.Value) }

// Decode implements [Response].
func (p *ObjectResponse) Decode(r *binary.Reader, _ Features) { p.Value = r.Raw() }

// Entry is a key and its value, both encoded.
type Entry struct{ Key, Value binary.Raw }

const entryMinBytes = 2

func readEntry(r *binary.Reader) Entry     { return Entry{Key: r.Raw(), Value: r.Raw()} }
func putEntry(w *binary.Writer, e Entry)   { w.PutRaw(e.Key); w.PutRaw(e.Value) }
func readEntries(r *binary.Reader) []Entry { return readList(r, entryMinBytes, readEntry) }

// putEntries makes room for all of them first: a frame of some MiB would grow twenty times.
func putEntries(w *binary.Writer, list []Entry) {
	n := 4 // the count
	for _, e := range list {
		n += len(e.Key) + len(e.Value)
	}
	w.Buf = slices.Grow(w.Buf, n)
	putList(w, list, putEntry)
}

// EntriesResponse answers [CacheGetAllRequest] with the entries found, in no
// order. After Decode they alias the frame.
type EntriesResponse struct{ Entries []Entry }

// Encode implements [Response].
func (p *EntriesResponse) Encode(w *binary.Writer, _ Features) { putEntries(w, p.Entries) }

// Decode implements [Response].
func (p *EntriesResponse) Decode(r *binary.Reader, _ Features) { p.Entries = readEntries(r) }
