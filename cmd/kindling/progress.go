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

// bar shows on standard error how far a file has been read. The zero value shows nothing yet.
type bar struct {
	bar      *progressbar.ProgressBar
	path     string
	checking bool
}

func (b *bar) show(p ingest.Progress) {
	if b.bar == nil || b.path != p.Path || b.checking != p.Checking {
		b.end()
		b.path, b.checking = p.Path, p.Checking
		b.bar = progressbar.NewOptions64(max(p.Bytes, -1),
			progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowBytes(true), progressbar.OptionThrottle(progressPause),
			progressbar.OptionSetPredictTime(p.Bytes > 0), progressbar.OptionSetWidth(20))
	}
	at := p.Offset
	if p.Bytes > 0 {
		at = min(at, p.Bytes-1) // a full bar could not be cleared
	}
	text := strings.Map(printable, p.Path) + ": " + rowCount(p.Rows)
	if p.Checking {
		text += " checked"
	}
	b.bar.Describe(text)
	_ = b.bar.Set64(at)
}

// end takes the bar away: what the load has done is said on a line of its own.
func (b *bar) end() {
	if b.bar == nil {
		return
	}
	_ = b.bar.Exit()
	_ = b.bar.Clear()
}

// rowCount is "1 row", "2 rows".
func rowCount(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
