package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/kindling-ml/kindling/ignitetest"
)

// terminal is a pseudo-terminal with a command on its other side.
type terminal struct {
	t      *testing.T
	master *os.File
	cmd    *exec.Cmd
	ended  chan struct{}

	mu   sync.Mutex
	text bytes.Buffer
	grew chan struct{}
	seen int // bytes that expect has passed
}

func openTerminal(t *testing.T, cmd *exec.Cmd) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 40, Col: 120}); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slave.Close() }()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.Env = append(cmd.Env, "TERM=xterm")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, master: master, cmd: cmd, grew: make(chan struct{}, 1), ended: make(chan struct{})}
	go term.read()
	t.Cleanup(func() {
		_ = master.Close()
		<-term.ended
	})
	return term
}

func (p *terminal) read() {
	defer close(p.ended)
	buf := make([]byte, 4096)
	for {
		n, err := p.master.Read(buf)
		p.mu.Lock()
		p.text.Write(buf[:n])
		p.mu.Unlock()
		select {
		case p.grew <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// expect waits until the terminal has shown the text after what was expected before.
func (p *terminal) expect(text string) {
	p.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		p.mu.Lock()
		rest := p.text.Bytes()[p.seen:]
		at := bytes.Index(rest, []byte(text))
		if at >= 0 {
			p.seen += at + len(text)
		}
		p.mu.Unlock()
		if at >= 0 {
			return
		}
		select {
		case <-p.grew:
		case <-limit:
			p.t.Fatalf("the terminal does not show %q but\n%q", text, rest)
		}
	}
}

func (p *terminal) write(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.master, text); err != nil {
		p.t.Fatal(err)
	}
}

func TestPrompt(t *testing.T) {
	srv := ignitetest.Embedded(t)
	cmd := command(t, []string{envAddress + "=" + srv.Addr}, "sql")
	p := openTerminal(t, cmd)
	p.expect("'exit' or Ctrl-D leaves.")
	p.expect(promptNew)
	p.write("CREATE TABLE T (ID LONG PRIMARY KEY,\r")
	p.expect(strings.TrimSpace(promptMore))
	p.write("V VARCHAR); INSERT INTO T VALUES (1, 'a;b'); -- both\r")
	p.expect("done")
	p.expect("1 row changed")
	p.expect(promptNew)
	p.write("SELEC;\r")
	p.expect("error: ")
	p.expect(promptNew)
	p.write("SELECT half\x03") // Ctrl-C drops the line
	p.expect(promptNew)
	p.write("SELECT * FROM T;\r")
	p.expect("\x1b[1mID  V") // bold on a terminal
	p.expect(" 1  a;b")
	p.expect(promptNew)
	p.write("SELECT 'secret' AS PASSWORD;\r")
	p.expect(promptNew)
	p.write("\x1b[A\x1b[A") // up, up: the last statement is not in the history
	p.expect("SELEC;")
	p.write("\x03exit\r")
	if code := finish(t, cmd); code != exitOK {
		t.Errorf("the prompt ended with %d", code)
	}
	var history string
	for _, kv := range cmd.Env {
		if dir, ok := strings.CutPrefix(kv, "XDG_CACHE_HOME="); ok {
			b, err := os.ReadFile(filepath.Join(dir, "kindling", "sql_history"))
			if err != nil {
				t.Fatal(err)
			}
			history = string(b)
		}
	}
	want := "CREATE TABLE T (ID LONG PRIMARY KEY,\nV VARCHAR); INSERT INTO T VALUES (1, 'a;b'); -- both\nSELEC;\nSELECT * FROM T;\n"
	if history != want {
		t.Errorf("the history is %q, want %q", history, want)
	}
}

func TestPromptEnds(t *testing.T) {
	srv := ignitetest.Embedded(t)
	for _, end := range []struct {
		keys   string
		signal syscall.Signal
		code   int
	}{{keys: "\x04", code: exitOK}, {keys: "quit;\r", code: exitOK}, {signal: syscall.SIGTERM, code: exitInterrupted}} {
		cmd := command(t, []string{envAddress + "=" + srv.Addr}, "sql")
		p := openTerminal(t, cmd)
		p.expect(promptNew)
		if end.keys != "" {
			p.write(end.keys)
		} else {
			signalTo(t, cmd, end.signal)
		}
		if code := finish(t, cmd); code != end.code {
			t.Errorf("%+v: the prompt ended with %d", end, code)
		}
	}
}

func TestNoColor(t *testing.T) {
	srv := ignitetest.Embedded(t)
	cmd := command(t, []string{envAddress + "=" + srv.Addr, "NO_COLOR=1"}, "caches")
	p := openTerminal(t, cmd)
	p.expect("CACHE  ROWS")
	finish(t, cmd)
	p.mu.Lock()
	defer p.mu.Unlock()
	if text := p.text.String(); strings.Contains(text, "\x1b") {
		t.Errorf("NO_COLOR, yet %q", text)
	}
}

func TestProgressBar(t *testing.T) {
	srv := ignitetest.Embedded(t)
	path := file(t, "rows.csv", "a\n"+strings.Repeat("1\n", 3000))
	cmd := command(t, []string{envAddress + "=" + srv.Addr}, "load", "C", path)
	p := openTerminal(t, cmd)
	p.expect("rows.csv: ")
	p.expect("3000 rows into C in ")
	if code := finish(t, cmd); code != exitOK {
		t.Errorf("the load ended with %d", code)
	}
}
