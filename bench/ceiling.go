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
	return fmt.Sprintf("%d x %d cursors, pages of %d", s.conns, s.cursors, s.page)
}

// read scans all partitions and throws the bytes away. It looks at the header and the
// last byte of each answer only: no reader of this server can be faster.
func (s shape) read(ctx context.Context, addr, cache string) (int, time.Duration, error) {
	conns := make([]*ceilingConn, s.conns)
	for i := range conns {
		c, err := dialCeiling(ctx, addr)
		if err != nil {
			return 0, 0, err
		}
		defer func() { _ = c.Close() }()
		conns[i] = c
	}
	var next atomic.Int32
	began := time.Now()
	var group errgroup.Group
	for _, c := range conns {
		group.Go(func() error { return c.scan(s, cache, &next) })
	}
	if err := group.Wait(); err != nil {
		return 0, 0, err
	}
	took, rows := time.Since(began), 0
	for _, c := range conns {
		rows += c.rows
	}
	return rows, took, nil
}

const (
	ceilingBuffer   = 1 << 20
	headerBytes     = 8 + 2 // request id and flags
	affinityBytes   = 8 + 4
	ceilingDeadline = 5 * time.Minute
)

type ceilingConn struct {
	net.Conn
	r     *bufio.Reader
	frame []byte
	rows  int
}

func dialCeiling(ctx context.Context, addr string) (*ceilingConn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &ceilingConn{Conn: conn, r: bufio.NewReaderSize(conn, ceilingBuffer)}
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
func (c *ceilingConn) scan(s shape, cache string, next *atomic.Int32) error {
	cursors := make([]int64, s.cursors) // by request id; 0 before the first answer
	open := 0
	start := func(slot int) error {
		p := next.Add(1) - 1
		if p >= partitions {
			return nil
		}
		open++
		cursors[slot] = 0
		return c.ask(int64(slot), &wire.QueryScanRequest{
			CacheInfo: wire.CacheInfo{CacheID: ignitebinary.CacheID(cache), Flags: wire.FlagKeepBinary},
			PageRows:  int32(s.page), Partition: p,
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
	if _, err := c.r.Discard(left - 5); err != nil {
		return 0, false, err
	}
	last, err := c.r.ReadByte()
	return slot, last != 0, err
}
