package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/chzyer/readline"
)

const (
	promptNew  = "ignite> "
	promptMore = "     -> "
)

// prompt reads statements from the terminal until "exit" or the end of input. A
// statement ends with a semicolon. Ctrl-C drops the statement that is being typed,
// or ends the one that runs; SIGTERM ends the prompt.
func (s *sqlSession) prompt(ctx context.Context) error {
	editor, err := readline.NewEx(&readline.Config{
		Prompt: promptNew, HistoryFile: historyFile(), DisableAutoSaveHistory: true, InterruptPrompt: "^C", EOFPrompt: "exit",
		Stdout: os.Stderr, // so that standard output holds rows only
	})
	if err != nil {
		return err
	}
	defer editor.Close() //nolint:errcheck // the terminal is given back either way
	ended, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ended, func() { _ = editor.Close() })()
	fmt.Fprintln(s.notes, "SQL on the cluster; end a statement with ';'. 'exit' or Ctrl-D leaves.")
	var typed []string
	for {
		line, err := editor.Readline()
		switch {
		case ended.Err() != nil:
			return fmt.Errorf("prompt: %w", context.Cause(ended))
		case errors.Is(err, readline.ErrInterrupt):
			typed = nil
			editor.SetPrompt(promptNew)
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if word := strings.TrimSuffix(strings.TrimSpace(line), ";"); len(typed) == 0 && (word == "exit" || word == "quit") {
			return nil
		}
		typed = append(typed, line)
		parsed := splitScript(strings.Join(typed, "\n"))
		if parsed.rest.text != "" || parsed.unclosed != "" {
			editor.SetPrompt(promptMore)
			continue
		}
		saveHistory(editor, typed)
		typed = nil
		editor.SetPrompt(promptNew)
		s.runTyped(ended, parsed.statements)
	}
}

// runTyped runs statements until one fails. Ctrl-C ends them, not the prompt.
func (s *sqlSession) runTyped(ctx context.Context, statements []statement) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	for _, st := range statements {
		err := s.run(ctx, st.text)
		if err != nil && ctx.Err() != nil {
			fmt.Fprintln(s.notes, "interrupted")
			return
		}
		if err != nil {
			fmt.Fprintln(s.notes, "error:", oneLine(err))
			return
		}
	}
}

// saveHistory keeps the lines of a statement, but none that holds a password.
func saveHistory(editor *readline.Instance, lines []string) {
	if strings.Contains(strings.ToUpper(strings.Join(lines, "\n")), "PASSWORD") {
		return
	}
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			_ = editor.SaveHistory(line)
		}
	}
}

// historyFile is where the prompt keeps its history, in a folder that only the
// user can read; "" keeps none.
func historyFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir = filepath.Join(dir, "kindling")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return ""
	}
	return filepath.Join(dir, "sql_history")
}
