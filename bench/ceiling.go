package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	ignitebinary "github.com/kindling-ml/kindling/ignite/binary"
	"github.com/kindling-ml/kindling/ignite/wire"
)

// shape is how the ceiling reader asks: connections, cursors in flight on each, rows in a page.
type shape struct{ conns, cursors, page int }

func (s shape) String() string {
	return fmt.Sprintf("%dx%d cursors, pages of %d", s.conns, s.cursors, s.page)
}

// shapes are the ways of asking from which the ceiling is chosen.
func shapes(pageRows int) []shape {
	return []shape{
		{conns: 1, cursors: 4, page: pageRows},
		{conns: 2, cursors: 2, page: pageRows},
		{conns: 2, cursors: 4, page: pageRows},
		{conns: 8, cursors: 1, page: pageRows},
		{conns: 2, cursors: 2, page: 2 * pageRows},
		{conns: 4, cursors: 1, page: 2 * pageRows},
		{conns: 8, cursors: 1, page: 3 * pageRows},
	}
}

// share is what one node has of a cache. Partitions are taken in turn by its connections.
type share struct {
	addr       string
	partitions []int32
	next       atomic.Int32
}

// read scans the partitions of all shares, each from its node, and throws the bytes away.
// It looks at the header and the last byte of each answer only: no reader of this server
// can be faster.
func (s shape) read(ctx context.Context, cache string, shares []*share) (pass, error) {
	var conns []*ceilingConn
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for _, sh := range shares {
		sh.next.Store(0)
		for range s.conns {
			c, err := dialCeiling(ctx, sh.addr)
			if err != nil {
				return pass{}, err
			}
			c.share, conns = sh, append(conns, c)
		}
	}
	var group errgroup.Group
	cpu, began := processCPU(), time.Now()
	for _, c := range conns {
		group.Go(func() error { return c.scan(s, cache) })
	}
	if err := group.Wait(); err != nil {
		return pass{}, err
	}
	p := pass{Seconds: time.Since(began).Seconds(), CPU: (processCPU() - cpu).Seconds()}
	for _, c := range conns {
		p.Rows += c.rows
	}
	return p, nil
}

const (
	ceilingBuffer   = 16 << 10 // for heads; bodies never come this far
	headerBytes     = 8 + 2    // request id and flags
	affinityBytes   = 8 + 4
	ceilingDeadline = 5 * time.Minute
)

type ceilingConn struct {
	net.Conn
	scratch []byte
	r       *bufio.Reader
	share   *share
	frame   []byte
	rows    int
}

func dialCeiling(ctx context.Context, addr string) (*ceilingConn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &ceilingConn{Conn: conn, scratch: make([]byte, mib), r: bufio.NewReaderSize(conn, ceilingBuffer)}
	hello := wire.HandshakeRequest{Version: wire.Version170, Features: wire.FeaturesClient}
	body := hello.AppendTo(nil)
	err = errors.Join(
		conn.SetDeadline(time.Now().Add(ceilingDeadline)),
		c.send(func(w *ignitebinary.Writer) { w.PutBytes(body) }),
	)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	length, err := c.length()
	if err == nil {
		_, err = c.r.Discard(length)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (c *ceilingConn) send(body func(*ignitebinary.Writer)) error {
	c.frame = wire.AppendFrame(c.frame[:0], body)
	_, err := c.Write(c.frame)
	return err
}

func (c *ceilingConn) ask(slot int64, req wire.Request) error {
	c.frame = wire.AppendRequest(c.frame[:0], slot, req, wire.FeaturesClient)
	_, err := c.Write(c.frame)
	return err
}

func (c *ceilingConn) length() (int, error) {
	b, err := c.take(4)
	if err != nil {
		return 0, err
	}
	return int(binary.LittleEndian.Uint32(b)), nil
}

// take gives the next n bytes, valid until the next call.
func (c *ceilingConn) take(n int) ([]byte, error) {
	b, err := c.r.Peek(n)
	if err != nil {
		return nil, err
	}
	_, err = c.r.Discard(n)
	return b, err
}

// scan keeps some cursors in flight, each on the next partition that nobody has taken.
func (c *ceilingConn) scan(s shape, cache string) error {
	cursors := make([]int64, s.cursors) // by request id; 0 before the first answer
	open := 0
	start := func(slot int) error {
		taken := int(c.share.next.Add(1)) - 1
		if taken >= len(c.share.partitions) {
			return nil
		}
		open++
		cursors[slot] = 0
		return c.ask(int64(slot), &wire.QueryScanRequest{
			CacheInfo: wire.CacheInfo{CacheID: ignitebinary.CacheID(cache), Flags: wire.FlagKeepBinary},
			PageRows:  int32(s.page), Partition: c.share.partitions[taken],
		})
	}
	for slot := range cursors {
		if err := start(slot); err != nil {
			return err
		}
	}
	for open > 0 {
		slot, more, err := c.page(cursors)
		if err != nil {
			return err
		}
		if more {
			err = c.ask(int64(slot), &wire.QueryScanPageRequest{CursorID: cursors[slot]})
		} else {
			open--
			err = start(slot)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// page reads one answer.
func (c *ceilingConn) page(cursors []int64) (slot int, more bool, err error) {
	left, err := c.length()
	if err != nil {
		return 0, false, err
	}
	header, err := c.take(headerBytes)
	if err != nil {
		return 0, false, err
	}
	slot = int(binary.LittleEndian.Uint64(header))
	flags := binary.LittleEndian.Uint16(header[8:])
	left -= headerBytes
	if flags&2 != 0 {
		if _, err := c.r.Discard(affinityBytes); err != nil {
			return 0, false, err
		}
		left -= affinityBytes
	}
	if flags&1 != 0 || slot >= len(cursors) {
		return 0, false, fmt.Errorf("the server refused a page (flags %d)", flags)
	}
	if cursors[slot] == 0 {
		id, err := c.take(8)
		if err != nil {
			return 0, false, err
		}
		cursors[slot] = int64(binary.LittleEndian.Uint64(id))
		left -= 8
	}
	count, err := c.take(4)
	if err != nil {
		return 0, false, err
	}
	c.rows += int(binary.LittleEndian.Uint32(count))
	if left < 5 {
		return 0, false, io.ErrUnexpectedEOF
	}
	left -= 5
	here := min(left, c.r.Buffered())
	_, err = c.r.Discard(here)
	if err == nil {
		err = c.drop(left - here)
	}
	if err != nil {
		return 0, false, err
	}
	last, err := c.r.ReadByte()
	return slot, last != 0, err
}

// drop reads n bytes into memory that is used again and again. To take them off the
// socket without a copy would be faster, but no reader that wants them can do so.
func (c *ceilingConn) drop(n int) error {
	for n > 0 {
		got, err := c.Read(c.scratch[:min(n, len(c.scratch))])
		if err != nil {
			return err
		}
		n -= got
	}
	return nil
}
