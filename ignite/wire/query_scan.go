package wire

import "github.com/kindling-ml/kindling/ignite/binary"

// Platforms that a scan's filter or a streamer's receiver is written for.
const (
	PlatformJava   uint8 = 1
	PlatformDotNet uint8 = 2
)

// AllPartitions is the Partition of a scan over the whole cache.
const AllPartitions int32 = -1

// QueryScanRequest opens a cursor over a cache's entries; answered by
// [QueryScanResponse] with the first page.
type QueryScanRequest struct {
	CacheInfo
	// Filter is an encoded object of a class that the servers have; nil for
	// none. FilterPlatform goes with it.
	Filter         binary.Raw
	FilterPlatform uint8
	// PageRows is the most rows in a page, above 0. Nothing limits a page's
	// bytes.
	PageRows int32
	// Partition to scan; negative, [AllPartitions], for all.
	Partition int32
	// Local restricts the scan to the node that is asked.
	Local bool
}

// Op implements [Request].
func (*QueryScanRequest) Op() Op { return OpQueryScan }

// Encode implements [Request].
func (q *QueryScanRequest) Encode(w *binary.Writer, _ Features) {
	q.CacheInfo.encode(w)
	putPlatformObject(w, q.Filter, q.FilterPlatform)
	w.PutInt32(q.PageRows)
	w.PutInt32(q.Partition)
	w.PutBool(q.Local)
}

// Decode implements [Request].
func (q *QueryScanRequest) Decode(r *binary.Reader, _ Features) {
	q.CacheInfo.decode(r)
	q.Filter, q.FilterPlatform = readPlatformObject(r)
	q.PageRows = r.Int32()
	q.Partition = r.Int32()
	q.Local = r.Bool()
}

// QueryScanResponse has the cursor's id and the first page, two values a row.
type QueryScanResponse struct {
	CursorID int64
	Page
}

// Encode implements [Response].
func (p *QueryScanResponse) Encode(w *binary.Writer, _ Features) {
	w.PutInt64(p.CursorID)
	p.Page.encode(w)
}

// Decode implements [Response].
func (p *QueryScanResponse) Decode(r *binary.Reader, _ Features) {
	p.CursorID = r.Int64()
	p.Page.decode(r)
}

// putPlatformObject writes an object and, unless it is null, its platform.
func putPlatformObject(w *binary.Writer, v binary.Raw, platform uint8) {
	w.PutRaw(v)
	if len(v) > 0 && !v.IsNull() {
		w.PutUint8(platform)
	}
}

func readPlatformObject(r *binary.Reader) (binary.Raw, uint8) {
	v := readOptValue(r)
	if v == nil {
		return nil, 0
	}
	return v, r.Uint8()
}
