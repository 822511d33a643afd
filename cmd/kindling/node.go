package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/node"
)

func newNodeCommand() *cobra.Command {
	var host, dataDir, checkDir, memoryText string
	var port int
	var asJSON, verbose bool
	cmd := &cobra.Command{
		Use:   "node",
		Short: "Run the embedded node",
		Long: `Run a node that speaks Ignite's thin client protocol, in this process: no Java,
no Docker. Without --data-dir its data lives in memory and ends with it.
Ctrl-C and SIGTERM stop it: requests at work are answered, the exit code is 0.
--memory bounds what it holds in memory; who goes over that gets an error.
--check says what of a data directory can be read, and changes nothing.`,
		Example: `  kindling node
  kindling node --port 10900 --data-dir ./data --memory 4GiB
  kindling node --port 0 --json                   # {"address":"127.0.0.1:...","pid":...}
  kindling node --check ./data`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if port < 0 || port > 65535 {
				return usageError{fmt.Errorf("--port %d: 0 to 65535", port)}
			}
			if checkDir != "" {
				return checkData(cmd, checkDir, asJSON)
			}
			bytes, err := memoryLimit(memoryText)
			if err != nil {
				return err
			}
			level := slog.LevelWarn
			if verbose {
				level = slog.LevelInfo
			}
			return runNode(cmd, asJSON, node.Config{
				Address: net.JoinHostPort(host, strconv.Itoa(port)), DataDir: dataDir, MemoryBytes: bytes,
				Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})),
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&host, "host", "127.0.0.1", "address to listen on")
	flags.IntVarP(&port, "port", "p", 10800, "port to listen on; 0 picks a free one")
	flags.StringVar(&dataDir, "data-dir", "", "keep the data in this folder (default: in memory)")
	flags.StringVar(&memoryText, "memory", "", "bound of what is held in memory, such as 4GiB (default: half of the machine's)")
	flags.StringVar(&checkDir, "check", "", "say what can be read of a data directory, and end")
	flags.BoolVar(&asJSON, "json", false, `print {"address": ...} when ready`)
	flags.BoolVarP(&verbose, "verbose", "v", false, "log connections")
	return cmd
}

// runNode runs a node until the command is interrupted.
func runNode(cmd *cobra.Command, asJSON bool, cfg node.Config) error {
	cfg.OnFatal = func(err error) {
		fmt.Fprintf(os.Stderr, "kindling: the node ends: %s; 'kindling node --check %s' says what can be read\n", oneLine(err), cfg.DataDir)
		os.Exit(exitDamaged)
	}
	// Go's heap may grow to twice of what is used; near the bound it collects earlier.
	debug.SetMemoryLimit(cfg.MemoryBytes + heapBeside)
	start := time.Now()
	n, err := node.Start(cmd.Context(), cfg)
	if errors.Is(err, node.ErrDataDamaged) {
		return fmt.Errorf("%w; 'kindling node --check %s' says what can be read", err, cfg.DataDir)
	}
	if err != nil {
		return err
	}
	if err := announceNode(cmd, n, time.Since(start), asJSON); err != nil {
		return errors.Join(err, n.Close())
	}
	<-cmd.Context().Done()
	return n.Close()
}

// announceNode says where the node listens: a line for people on standard
// error, or a JSON object for programs on standard output.
func announceNode(cmd *cobra.Command, n *node.Node, took time.Duration, asJSON bool) error {
	if asJSON {
		out := newJSONLines(cmd.OutOrStdout()) // one line, for programs that wait for it
		return errors.Join(out.add(jsonObject{{"address", n.Addr()}, {"pid", os.Getpid()}}), out.end())
	}
	_, err := fmt.Fprintf(cmd.ErrOrStderr(), "kindling node listens on %s (ready in %d ms). Ctrl-C stops it.\n", n.Addr(), took.Milliseconds())
	return err
}
