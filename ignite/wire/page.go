package wire

import (
	"fmt"

	"github.com/kindling-ml/kindling/ignite/binary"
)

// Page is a page of rows as the server's cursor wrote it
// (ClientCacheQueryCursor.writePage). Decode looks at the frame only, not into
// the rows: whoever decodes them checks them, or calls [Page.Check].
type Page struct {
	Rows int32
	// Data has the rows' values, encoded, one after the other: key, value,
	// key, value for a scan; one value a column for SQL. After Decode it
	// aliases the frame.
	Data []byte
	// More says that the cursor has further rows. When it is false the server
	// has closed the cursor already.
	More bool
}

// pageMinBytes is a page of no rows.
const pageMinBytes = 5

func (p *Page) encode(w *binary.Writer) {
	w.PutInt32(p.Rows)
	w.PutBytes(p.Data)
	w.PutBool(p.More)
}

// decode reads a page that goes to the end of the body.
func (p *Page) decode(r *binary.Reader) {
	*p = Page{}
	if r.Len() < pageMinBytes {
		r.Fail("page", fmt.Sprintf("needs %d bytes, %d remain", pageMinBytes, r.Len()))
		return
	}
	p.Rows = int32(r.Count(1))
	if r.Err() != nil {
		return
	}
	p.Data = r.Take(r.Len() - 1)
	p.More = r.Bool()
	if int(p.Rows) > len(p.Data) || p.Rows == 0 && len(p.Data) > 0 {
		r.Fail("page", fmt.Sprintf("%d rows in %d bytes", p.Rows, len(p.Data)))
	}
}

// Check walks through Data and reports whether it is exactly Rows rows of so
// many encoded values.
func (p *Page) Check(valuesPerRow int) error {
	r := binary.NewReader(p.Data)
	for range p.Rows {
		for range valuesPerRow {
			r.Raw()
		}
		if err := r.Err(); err != nil {
			return fmt.Errorf("wire: page of %d rows: %w", p.Rows, err)
		}
	}
	if err := r.Finish(); err != nil {
		return fmt.Errorf("wire: page of %d rows: %w", p.Rows, err)
	}
	return nil
}

// PageResponse answers the requests for a cursor's next page.
type PageResponse struct{ Page }

// Encode implements [Response].
func (p *PageResponse) Encode(w *binary.Writer, _ Features) { p.encode(w) }

// Decode implements [Response].
func (p *PageResponse) Decode(r *binary.Reader, _ Features) { p.decode(r) }
