package conformance_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/ignitetest"
)

// servers starts the same kind of server twice: embedded and real.
func servers(t *testing.T, f func(t *testing.T, srv *ignitetest.Server), opts ...ignitetest.Option) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { f(t, ignitetest.Embedded(t, opts...)) })
	t.Run("ignite-"+ignitetest.IgniteVersion, func(t *testing.T) { f(t, ignitetest.Real(t, opts...)) })
}

func roundTrip(t *testing.T, c *ignite.Client) {
	t.Helper()
	ctx := javaContext(t)
	if err := c.GetOrCreateCache(ctx, wire.CacheConfiguration{Name: "SECURE"}); err != nil {
		t.Fatal(err)
	}
	cache := ignite.NewCache[int64, string](c, "SECURE")
	if err := cache.Put(ctx, 1, "v"); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := cache.Get(ctx, 1); err != nil || !ok || got != "v" {
		t.Fatalf("got %q, %v, %v", got, ok, err)
	}
}

// refused opens a client that must not come up, and gives the error.
func refused(t *testing.T, cfg ignite.Config, secrets ...string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := ignite.Open(ctx, cfg)
	if err == nil {
		_ = c.Close()
		t.Fatal("the client came up")
	}
	for _, secret := range secrets {
		if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("the error holds the secret %q: %v", secret, err)
		}
	}
	t.Log(err)
	return err
}

func TestTLS(t *testing.T) {
	certs := ignitetest.NewCertificates(t)
	servers(t, func(t *testing.T, srv *ignitetest.Server) {
		roundTrip(t, srv.Client(t))
		wrong := srv.Config
		wrong.TLS = &ignite.TLSConfig{CAFile: certs.OtherCAFile}
		if err := refused(t, wrong); !strings.Contains(err.Error(), "certificate") {
			t.Errorf("a wrong CA: %v", err)
		}
		plain := srv.Config
		plain.TLS = nil
		_ = refused(t, plain)
	}, ignitetest.WithTLS(certs))
}

func TestMutualTLS(t *testing.T) {
	certs := ignitetest.NewCertificates(t)
	servers(t, func(t *testing.T, srv *ignitetest.Server) {
		roundTrip(t, srv.Client(t))
		without := srv.Config
		without.TLS = &ignite.TLSConfig{CAFile: certs.CAFile}
		_ = refused(t, without)
		password := srv.Config
		tls := *srv.Config.TLS
		tls.KeyPassword = "not the password"
		password.TLS = &tls
		var config *ignite.ConfigError
		if err := refused(t, password, tls.KeyPassword, certs.ClientKeyPassword); !errors.As(err, &config) {
			t.Errorf("a wrong password of the key: %v", err)
		}
	}, ignitetest.WithMutualTLS(certs))
}

func TestAuthentication(t *testing.T) {
	servers(t, func(t *testing.T, srv *ignitetest.Server) {
		roundTrip(t, srv.Client(t))
		wrong := srv.Config
		wrong.Password = "not the password"
		if err := refused(t, wrong, wrong.Password); !errors.Is(err, wire.StatusAuthFailed) {
			t.Errorf("a wrong password: %v, want %v", err, wire.StatusAuthFailed)
		}
		nobody := srv.Config
		nobody.Username, nobody.Password = "", ""
		if err := refused(t, nobody); !errors.Is(err, wire.StatusAuthFailed) {
			t.Errorf("no user: %v, want %v", err, wire.StatusAuthFailed)
		}
	}, ignitetest.WithAuthentication())
}
