package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// worker is a reader in a process of its own, so that starting and importing are not
// measured. It answers a line of JSON for each line of JSON.
type worker struct {
	name  string
	about map[string]string // what it said of itself: versions
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
}

// request asks a worker for one pass. Which fields count depends on Op.
type request struct {
	Op         string  `json:"op"`
	Address    string  `json:"address"`
	Cache      string  `json:"cache"`
	RowBytes   int     `json:"row_bytes"`
	BatchRows  int     `json:"batch_rows,omitempty"`
	PageRows   int     `json:"page_rows,omitempty"`
	Partitions int     `json:"partitions,omitempty"`
	Threads    int     `json:"threads,omitempty"`
	Rows       int     `json:"rows,omitempty"`
	Count      bool    `json:"count,omitempty"`   // look at each batch, to count its rows
	Seconds    float64 `json:"seconds,omitempty"` // stop after this time; 0: at the end
	Idiom      string  `json:"idiom,omitempty"`   // of a pipeline
	Buffer     int     `json:"buffer,omitempty"`  // of its shuffle
	Memory     bool    `json:"memory,omitempty"`  // the rows are in memory
}

// answer is a worker's pass, or what went wrong.
type answer struct {
	pass
	Error string `json:"error"`
}

// startWorker starts a program and waits for its first line, which describes it.
func startWorker(cmd *exec.Cmd, name string) (*worker, error) {
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	w := &worker{name: name, cmd: cmd, stdin: stdin, lines: bufio.NewScanner(stdout)}
	if err := w.receive(&w.about); err != nil {
		return nil, errors.Join(err, w.stop())
	}
	return w, nil
}

// startPython starts one of the scripts beside this file.
func startPython(python, script string) (*worker, error) {
	cmd := exec.Command(python, script) //nolint:noctx // ends when its input does
	return startWorker(cmd, script)
}

func (w *worker) receive(to any) error {
	if !w.lines.Scan() {
		return fmt.Errorf("%s ended: %w", w.name, errors.Join(w.lines.Err(), io.ErrUnexpectedEOF))
	}
	if err := json.Unmarshal(w.lines.Bytes(), to); err != nil {
		return fmt.Errorf("%s answered %q: %w", w.name, w.lines.Text(), err)
	}
	return nil
}

func (w *worker) ask(req request) (pass, error) {
	if err := json.NewEncoder(w.stdin).Encode(req); err != nil {
		return pass{}, fmt.Errorf("%s: %w", w.name, err)
	}
	var a answer
	if err := w.receive(&a); err != nil {
		return pass{}, err
	}
	if a.Error != "" {
		return pass{}, fmt.Errorf("%s: %s %s: %s", w.name, req.Op, req.Cache, a.Error)
	}
	return a.pass, nil
}

const workerStop = 20 * time.Second

// stop ends the worker's input and waits for it; a worker that does not end is killed.
func (w *worker) stop() error {
	_ = w.stdin.Close()
	late := time.AfterFunc(workerStop, func() { _ = w.cmd.Process.Kill() })
	defer late.Stop()
	if err := w.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	return nil
}
