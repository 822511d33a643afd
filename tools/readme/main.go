// Command readme runs the snippets of a Markdown file that are marked to be run, in
// order, and fails when one fails or prints something else than the file says.
//
//	readme FILE.md
//
// A snippet is a fenced block of bash, python or go after a line "<!-- run: NAME -->"; the
// comment is invisible to a reader. A "<!-- output -->" line before a following block
// makes that block the expected output of the snippet; a line "..." in it stands for
// any lines. A snippet of one bash command that ends with "&" is a server: it runs until
// all snippets are done, and the next one waits until it listens on its "--port".
//
// Snippets run in a temporary folder, with .build/bin and .venv/bin of the working
// directory first in PATH.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "readme:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) != 1 {
		return errors.New("usage: readme FILE.md")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	snippets, err := parse(string(text))
	if err != nil {
		return fmt.Errorf("%s:%w", args[0], err)
	}
	if len(snippets) == 0 {
		return fmt.Errorf("%s: no snippet is marked with %q", args[0], runMark+" NAME -->")
	}
	r, err := newRunner()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	for _, s := range snippets {
		fmt.Printf("%s:%d: run %s (%s)\n", args[0], s.line, s.name, s.language)
		if err := r.run(ctx, s); err != nil {
			return fmt.Errorf("%s:%d: snippet %s: %w", args[0], s.line, s.name, err)
		}
	}
	fmt.Printf("ok\t%s\t%d snippets\n", args[0], len(snippets))
	return nil
}
