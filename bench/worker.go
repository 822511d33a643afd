package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// workers are the readers that are written in Python. They live for the whole run, so
// that their imports are not measured.
type workers struct {
	tensorflow, pyignite *worker
}

func startWorkers(python, addr string) (*workers, error) {
	tf, err := startWorker(python, filepath.Join("bench", "tensorflow_reader.py"), addr)
	if err != nil {
		return nil, err
	}
	py, err := startWorker(python, filepath.Join("bench", "pyignite_reader.py"), addr)
	if err != nil {
		return nil, errors.Join(err, tf.stop())
	}
	return &workers{tensorflow: tf, pyignite: py}, nil
}

func (w *workers) stop() error { return errors.Join(w.tensorflow.stop(), w.pyignite.stop()) }

// worker answers one line of JSON for each line of JSON.
type worker struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
}

// request asks a worker to read a cache once.
type request struct {
	Cache     string `json:"cache"`
	BatchRows int    `json:"batch_rows,omitempty"`
	PageRows  int    `json:"page_rows,omitempty"`
}

func startWorker(python, script, addr string) (*worker, error) {
	cmd := exec.Command(python, script, addr) //nolint:noctx // ends when its input does
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
	return &worker{name: script, cmd: cmd, stdin: stdin, lines: bufio.NewScanner(stdout)}, nil
}

func (w *worker) ask(req request) (int, time.Duration, error) {
	if err := json.NewEncoder(w.stdin).Encode(req); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", w.name, err)
	}
	if !w.lines.Scan() {
		return 0, 0, fmt.Errorf("%s ended: %w", w.name, errors.Join(w.lines.Err(), io.ErrUnexpectedEOF))
	}
	var answer struct {
		Rows    int     `json:"rows"`
		Seconds float64 `json:"seconds"`
	}
	if err := json.Unmarshal(w.lines.Bytes(), &answer); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", w.name, err)
	}
	return answer.Rows, time.Duration(answer.Seconds * float64(time.Second)), nil
}

func (w *worker) stop() error {
	_ = w.stdin.Close()
	if err := w.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	return nil
}
