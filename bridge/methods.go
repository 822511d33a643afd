package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/kindling-ml/kindling/dataset"
	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ingest"
	"github.com/kindling-ml/kindling/internal/version"
	"github.com/kindling-ml/kindling/node"
)

var errGone = errors.Join(errors.New("is closed"), ignite.ErrClosed)

// methods are the methods of the C ABI by name; include/kindling.h lists them.
func methods() map[string]method {
	return map[string]method{
		"version":     func(context.Context, json.RawMessage, array.RecordReader) (any, error) { return version.Version, nil },
		"errors":      func(context.Context, json.RawMessage, array.RecordReader) (any, error) { return errorClasses, nil },
		"stats":       without(stats),
		"open":        without(openClient),
		"close":       without(closeObject),
		"caches":      without(listCaches),
		"schema":      without(discoverSchema),
		"size":        without(cacheSize),
		"scan":        without(scanCache),
		"sql":         without(runSQL),
		"load":        loadRows,
		"node":        without(startNode),
		"credentials": without(registerCredentials),
		"describe":    without(describe),
	}
}

// without makes a method of a function that reads no rows.
func without[T any](do func(context.Context, T) (any, error)) method {
	return func(ctx context.Context, request json.RawMessage, rows array.RecordReader) (any, error) {
		v, err := decode[T](request)
		if err != nil {
			return nil, err
		}
		if rows != nil {
			return nil, badArgument("this method reads no rows")
		}
		return do(ctx, v)
	}
}

// tlsRequest is ignite.TLSConfig in JSON.
type tlsRequest struct {
	CertFile, KeyFile, KeyPassword, CAFile, ServerName string
	SkipServerName, InsecureSkipVerify                 bool
}

func (t *tlsRequest) config() *ignite.TLSConfig {
	if t == nil {
		return nil
	}
	return &ignite.TLSConfig{
		CertFile: t.CertFile, KeyFile: t.KeyFile, KeyPassword: t.KeyPassword, CAFile: t.CAFile, ServerName: t.ServerName,
		SkipServerName: t.SkipServerName, InsecureSkipVerify: t.InsecureSkipVerify,
	}
}

type openRequest struct {
	Addresses            []string
	Username, Password   string
	TLS                  *tlsRequest
	RequestTimeoutMillis int64
}

// client is an ignite.Client that C knows, with what must be closed before it.
type client struct {
	*ignite.Client
	requestTimeout time.Duration
}

func openClient(ctx context.Context, r openRequest) (any, error) {
	timeout := time.Duration(r.RequestTimeoutMillis) * time.Millisecond
	c, err := ignite.Open(ctx, ignite.Config{
		Addresses: r.Addresses, Username: r.Username, Password: r.Password, TLS: r.TLS.config(), RequestTimeout: timeout,
		ConnectionsPerNode: 2,
	})
	if err != nil {
		return nil, err
	}
	if timeout == 0 {
		timeout = ignite.DefaultRequestTimeout
	}
	return map[string]int64{"client": objects.put(&client{c, timeout})}, nil
}

type closeRequest struct{ Handle int64 }

// closer is anything that a handle stands for and that "close" ends.
type closer interface{ Close() error }

func closeObject(_ context.Context, r closeRequest) (any, error) {
	v, ok := objects.take(r.Handle)
	if c, isCloser := v.(closer); ok && isCloser {
		return nil, c.Close()
	}
	return nil, nil //nolint:nilnil // closing twice is no error
}

type clientRequest struct{ Client int64 }

func listCaches(ctx context.Context, r clientRequest) (any, error) {
	c, err := object[*client](r.Client, "client")
	if err != nil {
		return nil, err
	}
	names, err := c.CacheNames(ctx)
	if names == nil {
		names = []string{}
	}
	return names, err
}

type cacheRequest struct {
	Client          int64
	Cache           string
	Fields          []string
	SkipUnsupported bool
}

func discoverSchema(ctx context.Context, r cacheRequest) (any, error) {
	c, err := object[*client](r.Client, "client")
	if err != nil {
		return nil, err
	}
	s, err := dataset.Discover(ctx, c.Client, dataset.DiscoverOptions{Cache: r.Cache, Fields: r.Fields, SkipUnsupported: r.SkipUnsupported})
	if err != nil {
		return nil, err
	}
	return map[string]any{"schema": s, "text": s.String()}, nil
}

func cacheSize(ctx context.Context, r cacheRequest) (any, error) {
	c, err := object[*client](r.Client, "client")
	if err != nil {
		return nil, err
	}
	return ignite.NewCache[binary.Raw, binary.Raw](c.Client, r.Cache).Size(ctx)
}

type loadRequest struct {
	Client             int64
	Cache              string
	Key                []string
	KeepKey            bool
	KeyType, ValueType string
	Plain, Overwrite   bool
	FirstRow           int64
}

func loadRows(ctx context.Context, request json.RawMessage, rows array.RecordReader) (any, error) {
	r, err := decode[loadRequest](request)
	if err != nil {
		return nil, err
	}
	if rows == nil {
		return nil, badArgument("load needs a stream of rows")
	}
	c, err := object[*client](r.Client, "client")
	if err != nil {
		return nil, err
	}
	result, err := ingest.Load(ctx, c.Client, r.Cache, rows, ingest.Options{
		Key: r.Key, KeepKey: r.KeepKey, KeyType: r.KeyType, ValueType: r.ValueType, Plain: r.Plain, Overwrite: r.Overwrite,
		FirstRow: r.FirstRow,
	})
	if err != nil {
		return nil, err
	}
	return map[string]int64{"rows": result.Rows, "stored": result.Stored, "known": result.Known, "bytes": result.Bytes}, nil
}

type nodeRequest struct {
	Address, DataDir string
	Users            map[string]string
	Partitions       int
}

func startNode(ctx context.Context, r nodeRequest) (any, error) {
	n, err := node.Start(context.WithoutCancel(ctx), node.Config{Address: r.Address, DataDir: r.DataDir, Users: r.Users, Partitions: r.Partitions})
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(n.Addr())
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return map[string]any{"node": objects.put(n), "host": host, "port": number}, nil
}

type credentialsRequest struct {
	ID                 string
	Username, Password string
	TLS                *tlsRequest
}

func registerCredentials(_ context.Context, r credentialsRequest) (any, error) {
	if r.ID == "" {
		return nil, badArgument("credentials need an id")
	}
	if r.Username == "" && r.Password == "" && r.TLS == nil {
		dataset.UnregisterCredentials(r.ID)
		return nil, nil //nolint:nilnil // forgotten
	}
	dataset.RegisterCredentials(r.ID, dataset.Credentials{Username: r.Username, Password: r.Password, TLS: r.TLS.config()})
	return nil, nil //nolint:nilnil // kept
}
