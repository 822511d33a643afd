package conformance

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"

	ignite "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// testVersions speaks each version of the protocol: a client of an old Ignite does.
func testVersions(e *env) {
	for minor := range wire.Version170.Minor + 1 {
		v := wire.Version{Major: 1, Minor: minor}
		e.run(v.String(), func(e *env) { testVersion(e, v, nil) })
	}
	e.run("bytes behind a handshake", func(e *env) {
		for minor := range wire.Version170.Minor + 1 {
			testVersion(e, wire.Version{Major: 1, Minor: minor}, []byte{101, 101, 0, 0, 0, 0})
		}
	})
	e.run("unknown", testUnknownVersions)
}

// oldConn is a connection of one version of the protocol, which package ignite, always at
// the newest, has not.
type oldConn struct {
	nc       net.Conn
	version  wire.Version
	features wire.Features
}

var version140 = wire.Version{Major: 1, Minor: 4}

// shake connects and sends a handshake with more bytes behind it. It returns the body of
// the answer.
func (e *env) shake(v wire.Version, more []byte) (*oldConn, []byte) {
	e.Helper()
	nc, err := new(net.Dialer).DialContext(e.ctx, "tcp", e.target.Server.Addr)
	e.noError(err)
	e.Cleanup(func() { _ = nc.Close() })
	deadline, _ := e.ctx.Deadline()
	e.noError(nc.SetDeadline(deadline))
	c := &oldConn{nc: nc, version: v, features: wire.FeaturesClient}
	if v.Minor < wire.Version170.Minor {
		c.features = 0
	}
	if v.Minor < 6 {
		c.features = c.features.With(wire.LayoutBefore160)
	}
	if v.Minor < 2 {
		c.features = c.features.With(wire.LayoutBefore120)
	}
	q := wire.HandshakeRequest{Version: v, Features: c.features}
	_, err = nc.Write(wire.AppendFrame(nil, func(w *ignite.Writer) { w.Buf = append(q.AppendTo(w.Buf), more...) }))
	e.noError(err)
	body, err := c.frame()
	e.noError(err)
	return c, body
}

func (c *oldConn) frame() ([]byte, error) {
	var head [wire.FrameHeaderBytes]byte
	if _, err := io.ReadFull(c.nc, head[:]); err != nil {
		return nil, err
	}
	body := make([]byte, binary.LittleEndian.Uint32(head[:]))
	_, err := io.ReadFull(c.nc, body)
	return body, err
}

// ask sends a request and reads its answer in the layout of the version.
func (c *oldConn) ask(req wire.Request, res wire.Response) error {
	const id = 77
	if _, err := c.nc.Write(wire.AppendRequest(nil, id, req, c.features)); err != nil {
		return err
	}
	body, err := c.frame()
	if err != nil {
		return err
	}
	r := ignite.NewReader(body)
	if got := r.Int64(); got != id {
		return fmt.Errorf("the answer is for request %d", got)
	}
	failed := false
	if c.version.Compare(version140) >= 0 {
		flags := r.Int16()
		failed = flags&1 != 0
		if flags&2 != 0 {
			r.Int64()
			r.Int32()
		}
	}
	if c.version.Compare(version140) < 0 || failed {
		if status := wire.Status(r.Int32()); status != wire.StatusSuccess {
			return fmt.Errorf("%s: %w", r.Str(), status)
		}
	}
	res.Decode(r, c.features)
	return r.Finish()
}

func testVersion(e *env, v wire.Version, more []byte) {
	c, body := e.shake(v, more)
	if len(body) == 0 || body[0] != 1 {
		e.Fatalf("version %s: the handshake is answered %x", v, body)
	}
	cfg := wire.CacheConfiguration{
		Name: e.cacheName(), Backups: 1, SQLSchema: "PUBLIC",
		KeyConfigurations: []wire.KeyConfiguration{{TypeName: "some.Key", AffinityKeyField: "owner"}},
	}
	cfg.QueryEntities = []wire.QueryEntity{{
		KeyType: "java.lang.Long", ValueType: "some.Price", TableName: "T_" + cfg.Name,
		Fields: []wire.QueryField{{Name: "price", TypeName: "java.math.BigDecimal", NotNull: true, Precision: -1, Scale: -1}},
	}}
	if !c.features.Has(wire.LayoutBefore120) {
		cfg.QueryEntities[0].Fields[0].Precision, cfg.QueryEntities[0].Fields[0].Scale = 9, 2
	}
	e.noError(c.ask(&wire.CacheCreateWithConfigurationRequest{Config: cfg}, &wire.EmptyResponse{}))
	info := wire.CacheInfo{CacheID: ignite.CacheID(cfg.Name)}
	var read wire.CacheGetConfigurationResponse
	e.noError(c.ask(&wire.CacheGetConfigurationRequest{CacheInfo: info}, &read))
	got := read.Config
	if got.Name != cfg.Name || got.Backups != 1 || got.RebalanceTimeoutMillis != 10_000 ||
		!reflect.DeepEqual(got.KeyConfigurations, cfg.KeyConfigurations) || len(got.QueryEntities) != 1 ||
		!reflect.DeepEqual(got.QueryEntities[0].Fields, cfg.QueryEntities[0].Fields) {
		e.Errorf("version %s: the configuration came back as %+v", v, got)
	}
	testOldOperations(e, c, info)
	e.noError(c.ask(&wire.CacheDestroyRequest{CacheID: info.CacheID}, &wire.EmptyResponse{}))
	err := c.ask(&wire.CacheDestroyRequest{CacheID: info.CacheID}, &wire.EmptyResponse{})
	if !errors.Is(err, wire.StatusCacheDoesNotExist) {
		e.Errorf("version %s: a second destroy: %v", v, err)
	}
}

func testOldOperations(e *env, c *oldConn, info wire.CacheInfo) {
	key, err := ignite.AppendValue(nil, int32(5))
	e.noError(err)
	value, err := ignite.AppendValue(nil, "five")
	e.noError(err)
	e.noError(c.ask(&wire.CachePutRequest{CacheInfo: info, Key: key, Value: value}, &wire.EmptyResponse{}))
	var got wire.ObjectResponse
	e.noError(c.ask(&wire.CacheGetRequest{CacheInfo: info, Key: key}, &got))
	var size wire.LongResponse
	e.noError(c.ask(&wire.CacheGetSizeRequest{CacheInfo: info}, &size))
	var page wire.QueryScanResponse
	e.noError(c.ask(&wire.QueryScanRequest{CacheInfo: info, PageRows: 10, Partition: -1}, &page))
	if string(got.Value) != string(value) || size.Value != 1 || page.More {
		e.Errorf("version %s: got %x, size %d, page %+v", c.version, []byte(got.Value), size.Value, page)
	}
}

// testUnknownVersions: a version that the server does not speak is refused with the newest
// that it does.
func testUnknownVersions(e *env) {
	for _, v := range []wire.Version{{Major: 1, Minor: 8}, {Major: 1, Patch: 1}, {Major: 2}} {
		_, body := e.shake(v, nil)
		r := ignite.NewReader(body)
		if r.Bool() {
			e.Errorf("version %s was accepted", v)
			continue
		}
		if got := (wire.Version{Major: r.Int16(), Minor: r.Int16(), Patch: r.Int16()}); got != wire.Version170 {
			e.Errorf("version %s: the server says that it speaks %s", v, got)
		}
		if text := r.Str(); text != "Unsupported version: "+v.String() {
			e.Errorf("version %s: %s", v, text)
		}
	}
}
