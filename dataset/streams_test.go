package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kindling-ml/kindling/column"
	"github.com/kindling-ml/kindling/ignite"
)

func noEnv(string) string { return "" }

// streamsOn is a store whose readers read src.
func streamsOn(src source, pool *column.Pool) (*Streams, *atomic.Int64) {
	s := NewStreams(StreamsConfig{Getenv: noEnv, Allocator: pool})
	opened := &atomic.Int64{}
	s.opener = func(ctx context.Context, spec Spec, pos Position) (*Reader, func(), error) {
		opened.Add(1)
		r, err := openReader(ctx, src, spec, pos, pool, Hooks{})
		return r, func() {}, err
	}
	return s, opened
}

func streamSpec(t testing.TB) Spec {
	return Spec{Cache: "C", Part: -1, Schema: mustSchema(t, plainSchema), BatchRows: 2, Lanes: 2, QuantumRows: 1, PageRows: 3}
}

// steps reads a whole epoch through the store.
func steps(t testing.TB, s *Streams, spec Spec, pos Position) []step {
	t.Helper()
	var out []step
	for {
		b, next, err := s.Next(t.Context(), spec, pos)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		st := step{after: next}
		for i := range b.Rows {
			st.keys = append(st.keys, b.Columns[0].Value(i).(int64))
		}
		b.Release()
		out, pos = append(out, st), next
	}
}

func TestStreamsKeepTheReaderBetweenSteps(t *testing.T) {
	src, pool := tables(t, []int{5, 0, 4}, func(int) int { return 3 }), column.NewPool(0)
	s, opened := streamsOn(src, pool)
	all := steps(t, s, streamSpec(t), nil)
	if n := opened.Load(); n != 1 || len(all) != 5 || s.Open() != 0 {
		t.Fatalf("%d readers opened for %d steps, %d open at the end", n, len(all), s.Open())
	}
	for n := range all { // a token of the middle, as after a restore, and two at once
		if rest := steps(t, s, streamSpec(t), all[n].after); !sameSteps(rest, all[n+1:]) {
			t.Fatalf("after step %d: %v", n, rest)
		}
	}
	opened.Store(0)
	for range 2 { // two iterators side by side
		b, _, err := s.Next(t.Context(), streamSpec(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		b.Release()
	}
	if s.Open() != 2 || opened.Load() != 2 {
		t.Fatalf("%d readers for two iterators at one position", s.Open())
	}
	if err := s.CloseAll(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Next(t.Context(), streamSpec(t), nil); !errors.Is(err, ErrClosed) {
		t.Fatalf("Next after CloseAll: %v", err)
	}
	if s.Open() != 0 || src.open_.Load() != 0 || pool.Lent() != 0 {
		t.Fatalf("%d readers, %d cursors, %d buffers left", s.Open(), src.open_.Load(), pool.Lent())
	}
}

func TestStreamsWaitingLosesNothing(t *testing.T) {
	src := &gate{tables(t, []int{4}, func(int) int { return 1 }), make(chan struct{})}
	s, opened := streamsOn(src, column.NewPool(0))
	defer s.CloseAll()
	spec := streamSpec(t)
	for range 3 {
		if _, _, err := s.NextWithin(t.Context(), spec, nil, time.Millisecond); !errors.Is(err, ErrNotReady) {
			t.Fatalf("NextWithin: %v", err)
		}
		if ok, err := s.Ready(t.Context(), spec, nil, time.Millisecond); ok || err != nil {
			t.Fatalf("Ready: %v, %v", ok, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Next(ctx, spec, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled Next: %v", err)
	}
	if _, err := s.Ready(ctx, spec, nil, time.Minute); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled Ready: %v", err)
	}
	close(src.pass)
	for range 2 { // asking does not take it
		if ok, err := s.Ready(t.Context(), spec, nil, time.Minute); !ok || err != nil {
			t.Fatalf("Ready: %v, %v", ok, err)
		}
	}
	if got := keysOf(steps(t, s, spec, nil)); !slices.Equal(got, []int64{0, 1, 2, 3}) || opened.Load() != 1 {
		t.Fatalf("%v, %d readers opened", got, opened.Load())
	}
}

func TestDropClosesOneReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src, pool := tables(t, []int{9}, func(int) int { return 1 }), column.NewPool(0)
		src.chaos = false
		s, _ := streamsOn(src, pool)
		spec := streamSpec(t)
		var next Position
		for range 2 {
			b, after, err := s.Next(t.Context(), spec, nil)
			if err != nil {
				t.Fatal(err)
			}
			b.Release()
			next = after
		}
		s.Drop(spec, StartPosition(5)) // nobody waits there
		for want := 2; want >= 0; want-- {
			if synctest.Wait(); s.Open() != want {
				t.Fatalf("%d readers open, want %d", s.Open(), want)
			}
			s.Drop(spec, next)
		}
		if src.open_.Load() != 0 || pool.Lent() != 0 {
			t.Fatalf("%d cursors, %d buffers left", src.open_.Load(), pool.Lent())
		}
		_ = s.CloseAll()
	})
}

func TestStreamsTellTheErrorOnce(t *testing.T) {
	src := tables(t, []int{10}, func(int) int { return 1 })
	src.fail, src.failPage = errors.New("closed the connection"), 1
	s, _ := streamsOn(src, column.NewPool(0))
	defer s.CloseAll()
	spec := streamSpec(t)
	b, next, err := s.Next(t.Context(), spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Release()
	if ok, err := s.Ready(t.Context(), spec, next, time.Minute); !ok || err != nil {
		t.Fatalf("Ready before an error: %v, %v", ok, err)
	}
	if _, _, err := s.Next(t.Context(), spec, next); !errors.Is(err, src.fail) {
		t.Fatal(err)
	}
	if s.Open() != 0 {
		t.Fatal("the reader that failed is open")
	}
}

func TestIdleReadersAreClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := tables(t, []int{9}, func(int) int { return 1 })
		src.chaos = false
		s, opened := streamsOn(src, column.NewPool(0))
		spec := streamSpec(t)
		spec.IdleTimeoutMillis = 500
		b, next, err := s.Next(t.Context(), spec, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.Release()
		<-time.After(400 * time.Millisecond) // by the bubble's clock
		synctest.Wait()
		if s.Open() != 1 {
			t.Fatal("closed too early")
		}
		<-time.After(200 * time.Millisecond)
		synctest.Wait()
		if s.Open() != 0 || src.open_.Load() != 0 {
			t.Fatal("an idle reader stays open")
		}
		if got := keysOf(steps(t, s, spec, next)); !slices.Equal(got, []int64{2, 3, 4, 5, 6, 7, 8}) || opened.Load() != 2 {
			t.Fatalf("after the idle time: %v, %d readers", got, opened.Load())
		}
		_ = s.CloseAll()
	})
}

func TestNoServerIsOneError(t *testing.T) {
	s := NewStreams(StreamsConfig{Getenv: noEnv})
	defer s.CloseAll()
	spec := streamSpec(t)
	spec.Host, spec.Port, spec.CredentialsID = "127.0.0.1", 1, "gone"
	_, _, err := s.Next(t.Context(), spec, nil)
	var ce *ignite.ConnectError
	if !errors.As(err, &ce) {
		t.Fatalf("no server: %v", err)
	}
	for _, say := range []string{"127.0.0.1:1", `cache "C"`, "credentials are not registered in this process"} {
		if !strings.Contains(err.Error(), say) {
			t.Errorf("%v does not say %q", err, say)
		}
	}
	if s.Open() != 0 {
		t.Fatal("a stream is left")
	}
}

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if EnvPrefix+pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestEnvironmentOverrides(t *testing.T) {
	base := Spec{Cache: "A", Addresses: []string{"one:1", "two:2"}, Part: -1, PageRows: 5}
	got, err := ApplyEnv(base, env("CACHE_NAME", "B", "PORT", "26800", "LOCAL", "true", "PART", "7", "PAGE_SIZE", "9"))
	if err != nil || got.Cache != "B" || !slices.Equal(got.Endpoints(), []string{"one:26800"}) || !got.Local || got.Part != 7 || got.PageRows != 9 {
		t.Fatalf("%+v, %v", got, err)
	}
	got, err = ApplyEnv(base, env("HOST", "::1", "LOCAL", "false"))
	if err != nil || !slices.Equal(got.Endpoints(), []string{"[::1]:1"}) || got.Local {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err = ApplyEnv(base, noEnv); err != nil || !slices.Equal(got.Addresses, base.Addresses) || got.PageRows != 5 {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, bad := range map[string]string{"PORT": "0", "PART": "x", "LOCAL": "maybe", "PAGE_SIZE": "-1"} {
		if _, err := ApplyEnv(base, env(name, bad)); err == nil || !strings.Contains(err.Error(), EnvPrefix+name) {
			t.Errorf("%s=%s: %v", name, bad, err)
		}
	}
}

func TestCredentials(t *testing.T) {
	RegisterCredentials("id-1", Credentials{Username: "u", Password: "secret-p", TLS: &ignite.TLSConfig{CertFile: "c.pem", KeyFile: "k.pem", KeyPassword: "secret-k"}})
	defer UnregisterCredentials("id-1")
	c, ok := credentials("id-1", noEnv)
	if !ok || c.Username != "u" || c.Password != "secret-p" || c.TLS == nil || c.TLS.KeyPassword != "secret-k" {
		t.Fatal("what was registered is not found")
	}
	js, _ := json.Marshal(c)
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c), string(js)} {
		if strings.Contains(text, "secret") {
			t.Errorf("a secret is shown: %s", text)
		}
	}
	if c, _ = credentials("id-1", env("PASSWORD", "other", "CERTFILE", "mine.pem")); c.Username != "u" || c.Password != "other" || c.TLS.CertFile != "mine.pem" || c.TLS.KeyFile != "" {
		t.Fatal("the environment does not override")
	}
	if c, ok = credentials("unknown", env("USERNAME", "e")); ok || c.Username != "e" || c.TLS != nil {
		t.Fatal("the environment alone")
	}
}
