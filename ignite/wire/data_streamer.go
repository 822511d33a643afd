package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// Flags of the data streamer, as in Ignite's ClientDataStreamerFlags.
const (
	StreamerAllowOverwrite uint8 = 1  // without it, keys that exist keep their value
	StreamerSkipStore      uint8 = 2  // do not write through to a cache store
	StreamerKeepBinary     uint8 = 4  // the receiver gets binary objects
	StreamerFlush          uint8 = 8  // answer once everything so far is stored
	StreamerClose          uint8 = 16 // answer once everything is stored, then close
)

// StreamerDefaultBuffer as a buffer size leaves it to the server.
const StreamerDefaultBuffer int32 = -1

// StreamerEntry is an entry to stream; a nil Value removes the key.
type StreamerEntry struct{ Key, Value binary.Raw }

// DataStreamerStartRequest opens a data streamer, with first entries if there
// are any; answered by [LongResponse] with its id, 0 when Flags have
// [StreamerClose].
type DataStreamerStartRequest struct {
	CacheID             int32
	Flags               uint8
	PerNodeBufferSize   int32 // entries; 512 by Ignite's default
	PerThreadBufferSize int32 // entries; 4096 by Ignite's default
	// Receiver is an encoded object of a class that the servers have; nil for
	// none. ReceiverPlatform goes with it.
	Receiver         binary.Raw
	ReceiverPlatform uint8
	Entries          []StreamerEntry
}

// Op implements [Request].
func (*DataStreamerStartRequest) Op() Op { return OpDataStreamerStart }

// Encode implements [Request].
func (q *DataStreamerStartRequest) Encode(w *binary.Writer, _ Features) {
	w.PutInt32(q.CacheID)
	w.PutUint8(q.Flags)
	w.PutInt32(q.PerNodeBufferSize)
	w.PutInt32(q.PerThreadBufferSize)
	putPlatformObject(w, q.Receiver, q.ReceiverPlatform)
	putStreamerEntries(w, q.Entries)
}

// Decode implements [Request].
func (q *DataStreamerStartRequest) Decode(r *binary.Reader, _ Features) {
	q.CacheID = r.Int32()
	q.Flags = r.Uint8()
	q.PerNodeBufferSize = r.Int32()
	q.PerThreadBufferSize = r.Int32()
	q.Receiver, q.ReceiverPlatform = readPlatformObject(r)
	q.Entries = readStreamerEntries(r)
}

// DataStreamerAddDataRequest streams entries; answered by [EmptyResponse] as
// soon as the server has buffered them, unless Flags ask for more.
type DataStreamerAddDataRequest struct {
	StreamerID int64
	Flags      uint8 // StreamerFlush, StreamerClose
	Entries    []StreamerEntry
	// Encoded is EncodedRows further entries, each an encoded key and its encoded
	// value, one after the other. A request that was decoded has none.
	Encoded     []byte
	EncodedRows int
}

// Op implements [Request].
func (*DataStreamerAddDataRequest) Op() Op { return OpDataStreamerAddData }

// Encode implements [Request].
func (q *DataStreamerAddDataRequest) Encode(w *binary.Writer, f Features) {
	q.EncodeHead(w, f)
	w.PutBytes(q.Encoded)
}

// Tail implements [TailedRequest]: it is Encoded.
func (q *DataStreamerAddDataRequest) Tail() []byte { return q.Encoded }

// EncodeHead implements [TailedRequest].
func (q *DataStreamerAddDataRequest) EncodeHead(w *binary.Writer, _ Features) {
	w.PutInt64(q.StreamerID)
	w.PutUint8(q.Flags)
	w.PutInt32(int32(len(q.Entries) + q.EncodedRows))
	for _, e := range q.Entries {
		e.put(w)
	}
}

// Decode implements [Request].
func (q *DataStreamerAddDataRequest) Decode(r *binary.Reader, _ Features) {
	q.StreamerID = r.Int64()
	q.Flags = r.Uint8()
	q.Entries = readStreamerEntries(r)
}

func putStreamerEntries(w *binary.Writer, entries []StreamerEntry) {
	putList(w, entries, func(w *binary.Writer, e StreamerEntry) { e.put(w) })
}

func (e StreamerEntry) put(w *binary.Writer) {
	w.PutRaw(e.Key)
	w.PutRaw(e.Value)
}

func readStreamerEntries(r *binary.Reader) []StreamerEntry {
	return readList(r, entryMinBytes, func(r *binary.Reader) StreamerEntry {
		return StreamerEntry{Key: r.Raw(), Value: readOptValue(r)}
	})
}
