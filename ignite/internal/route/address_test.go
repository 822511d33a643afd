package route

import (
	"slices"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"localhost":              "localhost:10800",
		" host1 ":                "host1:10800",
		"host1:10801":            "host1:10801",
		"10.0.0.1:10800..10802":  "10.0.0.1:10800 10.0.0.1:10801 10.0.0.1:10802",
		"[::1]":                  "[::1]:10800",
		"[::1]:5":                "[::1]:5",
		"[fe80::1%eth0]:10800":   "[fe80::1%eth0]:10800",
		"node-1.svc.local:10800": "node-1.svc.local:10800",
	} {
		got, err := ParseAddress(in)
		if err != nil || !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: %v, %v; want %s", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", ":10800", "host:", "host:0", "host:65536", "host:ten", "host:5..3", "host:1..500", "::1", "[::1", "[::1]x", "[::1]:",
		"a b", "host/x", "user@host", "host:10800..", "[]:5",
	} {
		if got, err := ParseAddress(in); err == nil {
			t.Errorf("%q was taken for %v", in, got)
		}
	}
}
