package wire

import "testing"

func TestResourceCloseRequest(t *testing.T) {
	checkRequest(t, 0, &ResourceCloseRequest{ID: 258}, "0201000000000000")
}
