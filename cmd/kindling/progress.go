package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/kindling-ml/kindling/ingest"
)

// progressPause is the least time between two pictures of the progress bar.
const progressPause = 100 * time.Millisecond

// bar shows on standard error how far a file has been read.
type bar struct {
	bar    *progressbar.ProgressBar
	path   string
	reader *ingest.Reader
}

func newBar(path string, reader *ingest.Reader) *bar {
	path = strings.Map(printable, path)
	return &bar{path: path, reader: reader, bar: progressbar.NewOptions64(max(reader.Bytes, -1),
		progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowBytes(true), progressbar.OptionSetDescription(path),
		progressbar.OptionThrottle(progressPause), progressbar.OptionSetPredictTime(reader.Bytes > 0), progressbar.OptionSetWidth(20))}
}

func (b *bar) show(rows int64) {
	at := b.reader.Offset()
	if b.reader.Bytes > 0 {
		at = min(at, b.reader.Bytes-1) // a full bar could not be cleared
	}
	b.bar.Describe(b.path + ": " + count(rows, "row"))
	_ = b.bar.Set64(at)
}

// end takes the bar away: what the load has done is said on a line of its own.
func (b *bar) end() {
	_ = b.bar.Exit()
	_ = b.bar.Clear()
}

// count is "1 row", "2 rows".
func count(n int64, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
