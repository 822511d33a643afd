package ignitetest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

func ExampleStartEmbedded() {
	srv, err := ignitetest.StartEmbedded(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(srv.Name, "listens on", strings.Split(srv.Addr, ":")[0])
	fmt.Println(srv.Stop())
	// Output:
	// embedded listens on 127.0.0.1
	// <nil>
}

func TestEmbeddedServesAndStops(t *testing.T) {
	srv, err := ignitetest.StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if srv.Real() || srv.Name != "embedded" || srv.LogTail() != "" || len(srv.Pids()) != 0 {
		t.Errorf("the server is %+v", srv)
	}
	c := srv.Client(t)
	if err := c.CreateCache(t.Context(), wire.CacheConfiguration{Name: "C"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := srv.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if conn, err := net.DialTimeout("tcp", srv.Addr, time.Second); err == nil {
		_ = conn.Close()
		t.Errorf("something still listens on %s", srv.Addr)
	}
}

func TestEmbeddedWithMutualTLSAndAuthentication(t *testing.T) {
	certs := ignitetest.NewCertificates(t)
	srv := ignitetest.Embedded(t, ignitetest.WithMutualTLS(certs), ignitetest.WithAuthentication())
	if _, err := srv.Client(t).CacheNames(t.Context()); err != nil {
		t.Error(err)
	}
	wrong := srv.Config
	wrong.Password = "wrong"
	if _, err := ignite.Open(t.Context(), wrong); !errors.Is(err, wire.StatusAuthFailed) {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestOptionsAreRefused(t *testing.T) {
	for name, opts := range map[string][]ignitetest.Option{
		"no nodes":      {ignitetest.WithNodes(0)},
		"two accounts":  {ignitetest.WithNodes(2), ignitetest.WithAuthentication()},
		"small region":  {ignitetest.WithRegionMiB(1)},
		"embedded heap": {ignitetest.WithHeap("1g")},
		"embedded two":  {ignitetest.WithNodes(2)},
	} {
		if srv, err := ignitetest.StartEmbedded(t.Context(), opts...); err == nil {
			t.Errorf("%s: started %s", name, srv.Addr)
		}
	}
}

func TestNoJavaIsUnavailable(t *testing.T) {
	t.Setenv("JAVA_HOME", "")
	t.Setenv("PATH", t.TempDir())
	_, err := ignitetest.StartReal(t.Context())
	if !errors.Is(err, ignitetest.ErrUnavailable) || !strings.Contains(err.Error(), "Java") {
		t.Errorf("without Java: %v", err)
	}
}

// TestRealFailsWithItsLog: what Java says before it dies is in the error.
func TestRealFailsWithItsLog(t *testing.T) {
	ignitetest.Real(t) // skips or fails where there is no Java
	_, err := ignitetest.StartReal(t.Context(), ignitetest.WithHeap("nonsense"))
	if err == nil || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("a Java that cannot start: %v", err)
	}
}
