// Command kindling looks into Ignite caches, fills them, queries them, and runs
// the embedded node. Data goes to standard output, progress and messages to
// standard error; the exit codes are those of exit.go.
//
//	kindling node
//	kindling load CATS cats.csv --key id
//	kindling peek CATS -n 5
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/internal/version"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run executes a command line and returns its exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	root := newRoot()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	code := exitCode(ctx, err)
	if line := complaint(cmd, code, err); line != "" {
		fmt.Fprintln(os.Stderr, "kindling:", line)
	}
	return code
}

// stdinGrace is how long a read of standard input may hold an interrupted command.
const stdinGrace = 500 * time.Millisecond

// whileReadingStdin makes Ctrl-C end the process even where a read of standard
// input, which nothing can interrupt, holds it. The caller calls the result when
// it has read all.
func whileReadingStdin(ctx context.Context) (done func() bool) {
	return context.AfterFunc(ctx, func() {
		time.AfterFunc(stdinGrace, func() {
			fmt.Fprintln(os.Stderr, "kindling: interrupted")
			os.Exit(exitInterrupted)
		})
	})
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "kindling",
		Short: "TensorFlow on Apache Ignite: caches in and out, and an embedded node",
		Long: `Kindling streams Apache Ignite caches into TensorFlow, Keras and Go.
This command shows, fills and queries caches, and runs the embedded node.

Data goes to standard output, progress and messages to standard error.
` + exitCodesHelp,
		Example: `  kindling node                                   # an embedded node on 127.0.0.1:10800
  kindling load CATS cats.csv --key id            # a file into a cache
  kindling peek CATS -n 5                         # its first entries
  kindling sql 'SELECT COUNT(*) FROM "CATS".CATS' # SQL
  kindling quickstart                             # the whole path: a cache trains a Keras model`,
		Version:       version.Version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SuggestionsMinimumDistance = 2
	root.SetVersionTemplate("kindling {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newNodeCommand(), newQuickstartCommand(), newLoadCommand(), newPeekCommand(),
		newCachesCommand(), newSQLCommand(), newSchemaCommand(), newBenchCommand(), newVersionCommand())
	root.InitDefaultCompletionCmd()
	wrapArgs(root)
	return root
}

// knownCommand refuses what is not the name of a command, with the names near it.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %s?", err, near[0])
	}
	return usageError{err}
}

// wrapArgs marks what the commands say about their arguments as usage errors.
func wrapArgs(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
	check := cmd.Args
	if check == nil || !cmd.HasParent() {
		return
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
