package main

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"golang.org/x/sync/errgroup"
)

// loopback sends so many MiB from one goroutine to another through TCP.
func loopback(ctx context.Context, count int) (pass, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return pass{}, err
	}
	defer func() { _ = l.Close() }()
	var group errgroup.Group
	cpu, began := processCPU(), time.Now()
	group.Go(func() error { return sendBlocks(l, count) })
	received, err := receiveAll(ctx, l.Addr().String())
	if err := errors.Join(err, l.Close(), group.Wait()); err != nil {
		return pass{}, err
	}
	return pass{Rows: int(received / mib), Seconds: time.Since(began).Seconds(), CPU: (processCPU() - cpu).Seconds()}, nil
}

func sendBlocks(l net.Listener, count int) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	block := make([]byte, mib)
	for range count {
		if _, err := conn.Write(block); err != nil {
			return errors.Join(err, conn.Close())
		}
	}
	return conn.Close()
}

func receiveAll(ctx context.Context, addr string) (int64, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(ceilingDeadline)); err != nil {
		return 0, err
	}
	block := make([]byte, mib)
	var sum int64
	for {
		n, err := conn.Read(block)
		sum += int64(n)
		if errors.Is(err, io.EOF) {
			return sum, nil
		}
		if err != nil {
			return sum, err
		}
	}
}
