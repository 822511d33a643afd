package ignite_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/internal/wiretest"
	"github.com/kindling-ml/kindling/ignite/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type handler = func(c *wiretest.Conn, id int64, req wire.Request) bool

// open starts a scripted server of one node and a client of it.
func open(t *testing.T, h handler) (*ignite.Client, *wiretest.Server) {
	t.Helper()
	srv := wiretest.Start(t, wiretest.Options{Handle: h})
	return openAt(t, ignite.Config{Addresses: []string{srv.Addr}}), srv
}

func openAt(t *testing.T, cfg ignite.Config) *ignite.Client {
	t.Helper()
	c, err := ignite.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func encoded(t *testing.T, values ...any) []byte {
	t.Helper()
	var b []byte
	for _, v := range values {
		var err error
		if b, err = binary.AppendValue(b, v); err != nil {
			t.Error(err) // a server's goroutine may ask
		}
	}
	return b
}
