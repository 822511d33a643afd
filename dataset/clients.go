package dataset

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/kindling-ml/kindling/ignite"
)

// connectionsPerNode is one for each lane of a reader: a server writes the pages that it
// sends over one connection one after the other, and in one thread.
const connectionsPerNode = DefaultLanes

// clients are the clients that readers share. The zero value is ready.
type clients struct {
	mu    sync.Mutex
	byKey map[string]*sharedClient
}

// sharedClient is a client with those who use it.
type sharedClient struct {
	*ignite.Client
	key   string
	ready chan struct{} // closed when Client or err is there
	err   error
	refs  int
	timer *time.Timer
	keep  time.Duration
}

// acquire gives the client of the spec's addresses and credentials, which the
// caller releases.
func (cs *clients) acquire(ctx context.Context, spec *Spec, cfg *StreamsConfig) (*sharedClient, error) {
	creds, registered := credentials(spec.CredentialsID, cfg.Getenv)
	for {
		c, mine := cs.find(clientKey(spec, &creds), spec)
		if mine {
			c.Client, c.err = openClient(ctx, spec, creds, registered, cfg)
			if c.err != nil { // the next one tries anew
				cs.mu.Lock()
				delete(cs.byKey, c.key)
				cs.mu.Unlock()
			}
			close(c.ready)
			return c, c.err
		}
		select {
		case <-c.ready:
		case <-ctx.Done():
			cs.release(c)
			return nil, context.Cause(ctx)
		}
		switch {
		case c.err == nil:
			return c, nil
		case ctx.Err() != nil || !errors.Is(c.err, context.Canceled) && !errors.Is(c.err, context.DeadlineExceeded):
			return nil, c.err
		} // it was another caller whose time was over
	}
}

// find gives the client of a key with one more user; mine says that the caller
// is to open it.
func (cs *clients) find(key string, spec *Spec) (c *sharedClient, mine bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c = cs.byKey[key]; c == nil {
		c, mine = &sharedClient{key: key, ready: make(chan struct{}), keep: spec.IdleTimeout()}, true
		if cs.byKey == nil {
			cs.byKey = make(map[string]*sharedClient)
		}
		cs.byKey[key] = c
	}
	c.refs++
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	return c, mine
}

func clientKey(spec *Spec, creds *Credentials) string {
	key := fmt.Sprintf("%q %v %d %q %q", spec.Endpoints(), spec.Local, spec.RequestTimeoutMillis, creds.Username, creds.Password)
	if creds.TLS != nil {
		type plain ignite.TLSConfig // without its own way of printing
		key += fmt.Sprintf(" %q", fmt.Sprint(plain(*creds.TLS)))
	}
	return key
}

func openClient(ctx context.Context, spec *Spec, creds Credentials, registered bool, cfg *StreamsConfig) (*ignite.Client, error) {
	conf := ignite.Config{
		Addresses: spec.Endpoints(), Username: creds.Username, Password: creds.Password, TLS: creds.TLS,
		RequestTimeout:       spec.requestTimeout(),
		ConnectionsPerNode:   connectionsPerNode,
		NoPartitionAwareness: spec.Local,
	}
	if spec.Local {
		conf.Addresses = conf.Addresses[:1] // local to this node, every time
	}
	if cfg.Client != nil {
		cfg.Client(&conf)
	}
	c, err := ignite.Open(ctx, conf)
	if err != nil {
		hint := ""
		if spec.CredentialsID != "" && !registered {
			hint = " (its credentials are not registered in this process: make the dataset anew, or set " +
				strings.Join([]string{EnvPrefix + "USERNAME", EnvPrefix + "PASSWORD", EnvPrefix + "CERTFILE"}, ", ") + ")"
		}
		return nil, fmt.Errorf("dataset: cache %q%s: %w", spec.Cache, hint, err)
	}
	return c, nil
}

// release gives a client back. The last one starts the clock of its end.
func (cs *clients) release(c *sharedClient) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c.refs--; c.refs > 0 {
		return
	}
	c.timer = time.AfterFunc(c.keep, func() { cs.expire(c) })
}

func (cs *clients) expire(c *sharedClient) {
	cs.mu.Lock()
	if c.refs > 0 || cs.byKey[c.key] != c {
		cs.mu.Unlock()
		return
	}
	delete(cs.byKey, c.key)
	cs.mu.Unlock()
	<-c.ready
	if c.Client == nil {
		return
	}
	_ = c.Client.Close() // nobody uses it, and nobody is there to be told
}

// closeIdle closes the clients that nobody uses.
func (cs *clients) closeIdle() {
	cs.mu.Lock()
	var idle []*sharedClient
	for _, c := range cs.byKey {
		if c.refs == 0 {
			idle = append(idle, c)
			if c.timer != nil {
				c.timer.Stop()
			}
		}
	}
	cs.mu.Unlock()
	for _, c := range idle {
		cs.expire(c)
	}
}
