package wire

import "testing"

func TestCursorPageRequests(t *testing.T) {
	for _, q := range []Request{
		&QueryScanPageRequest{CursorID: 258},
		&SQLPageRequest{CursorID: 258},
		&SQLFieldsPageRequest{CursorID: 258},
		&IndexPageRequest{CursorID: 258},
	} {
		checkRequest(t, 0, q, "0201000000000000")
	}
}
