package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/kindling-ml/kindling/ignite"
)

// startNode runs the embedded node in a process of its own, like any other server.
func (s *session) startNode(ctx context.Context) (endpoint, error) {
	cmd := exec.Command(s.kindling, "node", "--port", "0", "--json") //nolint:noctx // lives until stop, not until a context ends
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return endpoint{}, err
	}
	if err := cmd.Start(); err != nil {
		return endpoint{}, fmt.Errorf("the embedded node (make build makes it): %w", err)
	}
	s.later(func() error { return stopNode(cmd) })
	lines := bufio.NewScanner(stdout)
	var said struct {
		Address string `json:"address"`
	}
	if !lines.Scan() {
		return endpoint{}, errors.Join(errors.New("the embedded node did not say its address"), lines.Err())
	}
	if err := json.Unmarshal(lines.Bytes(), &said); err != nil {
		return endpoint{}, fmt.Errorf("the embedded node: %w", err)
	}
	e := endpoint{name: serverNode, addr: said.Address, pids: []int{cmd.Process.Pid}}
	return s.connect(ctx, e, ignite.Config{Addresses: []string{said.Address}})
}

func stopNode(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		_ = cmd.Process.Kill()
	}
	late := time.AfterFunc(workerStop, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	return cmd.Wait()
}

// nodeRows is how many rows of a workload the embedded node is given: its memory is that
// of Go, and a pass need not be longer than a second.
func nodeRows(w *workload) int {
	return max(w.Rows/2/w.BatchRows, 4) * w.BatchRows
}

// nodeReaders load the embedded node and read it. For rows of 1 MiB there is the
// loopback interface beside it, which it can not pass.
func (s *session) nodeReaders(ctx context.Context, w *workload, tf *worker) ([]reader, error) {
	e, err := s.startNode(ctx)
	if err != nil {
		return nil, err
	}
	rows := nodeRows(w)
	cache := w.cacheName(0)
	if err := createCache(ctx, e, cache); err != nil {
		return nil, err
	}
	if err := fill(ctx, e.client, cache, w, rows); err != nil {
		return nil, err
	}
	all, err := ceilings(ctx, e, w, cache)
	if err != nil {
		return nil, err
	}
	all = append(all, goReader(e, w, cache, ""))
	all = append(all, tfReaders(tf, e, w, cache, rows)[:1]...)
	if w.RowBytes >= mib {
		all = append(all, reader{
			kind: kindLoopback, name: "loopback TCP, writes of 1 MiB", server: serverNode,
			read: func(ctx context.Context, _ bool) (pass, error) { return loopback(ctx, rows) },
		})
	}
	for i := range all {
		all[i].rows = rows
	}
	return all, nil
}
