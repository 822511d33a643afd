package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
)

// workload is a kind of row and how each reader reads it.
type workload struct {
	Name      string `json:"name"`
	RowBytes  int    `json:"row_bytes"` // of values: what MB and GB count
	Rows      int    `json:"rows"`
	BatchRows int    `json:"batch_rows"`

	pageRows int // about 0.5 MiB: where the ceiling's shapes begin
	value    func(r *rows, key int64) any
	arrays   bool // there are some in a row
	fit      bool // a small net can learn from it
}

const (
	smallBatch = 256 // measured beside BatchRows where that is larger
	mib        = 1 << 20
)

// workloads are all kinds of rows, sized so that the ceiling reader needs a second or two.
func workloads(scale float64) []workload {
	all := []workload{
		{Name: "1MiB", RowBytes: mib, Rows: 2048, BatchRows: 8, pageRows: 1, value: (*rows).bytes, arrays: true},
		{Name: "64KiB", RowBytes: 64 << 10, Rows: 32768, BatchRows: 64, pageRows: 8, value: (*rows).bytes, arrays: true},
		{Name: "4KiB", RowBytes: 4 << 10, Rows: 393216, BatchRows: 256, pageRows: 128, value: (*rows).bytes, arrays: true},
		{Name: "785B", RowBytes: 785, Rows: 1500000, BatchRows: 1024, pageRows: 512, value: (*rows).image, arrays: true, fit: true},
		{Name: "10fields", RowBytes: tenFieldsBytes, Rows: 1500000, BatchRows: 1024, pageRows: 1024, value: (*rows).tenFields},
	}
	for i := range all {
		w := &all[i]
		w.Rows = max(int(float64(w.Rows)*scale)/w.BatchRows, 4) * w.BatchRows
	}
	return all
}

// plainWorkloads are the chosen ones of rows that are one array, the largest and the
// most usual: what loading and clusters are measured with.
func (s *settings) plainWorkloads(scale float64) []workload {
	return slices.DeleteFunc(workloads(s.scale*scale), func(w workload) bool {
		return w.Name != "1MiB" && w.Name != "4KiB" || !slices.Contains(s.workloads, w.Name)
	})
}

// cacheName is the cache of a workload on a server that has it with so many partitions.
func (w *workload) cacheName(partitions int) string {
	return fmt.Sprintf("BENCH_%s_%d", w.Name, partitions)
}

func (w *workload) gigabytes(rows int) float64 { return float64(rows) * float64(w.RowBytes) / 1e9 }

// rows makes the values of one workload. They are slices of one random block, so that they
// cost little to make and do not compress within a page.
type rows struct {
	block []byte
	size  int
}

const slack = 4096 // rows begin at so many places of the block

func newRows(w *workload) *rows {
	r := &rows{block: make([]byte, w.RowBytes+slack), size: w.RowBytes}
	_, _ = rand.NewChaCha8([32]byte{}).Read(r.block)
	return r
}

// bytes is a plain byte[] that holds its key in front. It is valid until the next call.
func (r *rows) bytes(key int64) any {
	at := int(key % slack)
	v := r.block[at : at+r.size]
	if r.size >= 8 {
		binary.LittleEndian.PutUint64(v, uint64(key))
	}
	return v
}

// image is an object of a label and 784 pixels.
func (r *rows) image(key int64) any {
	at := int(key % slack)
	return ignitebinary.NewObject("kindling.bench.Image").
		Set("label", int8(key%10)).
		Set("pixels", r.block[at:at+r.size-1])
}

// tenFieldsBytes: 8+4+2+1+1+4+8+8 of numbers and two strings of 10 and 18 bytes.
const tenFieldsBytes = 64

// tenFields is an object of ten fields of many types.
func (r *rows) tenFields(key int64) any {
	return ignitebinary.NewObject("kindling.bench.Reading").
		Set("id", key).
		Set("count", int32(key%1000)).
		Set("kind", int16(key%7)).
		Set("level", int8(key%5)).
		Set("active", key%2 == 0).
		Set("weight", float32(key%100)).
		Set("price", float64(key)/8).
		Set("taken", 1_700_000_000_000+key).
		Set("code", fmt.Sprintf("C%09d", key)).
		Set("label", fmt.Sprintf("reading-of-%07d", key%10_000_000))
}
