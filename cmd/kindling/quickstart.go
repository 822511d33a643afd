package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// childGrace is how long an interrupted child may take to end.
const childGrace = 10 * time.Second

func newQuickstartCommand() *cobra.Command {
	var python, out string
	var epochs int
	cmd := &cobra.Command{
		Use:   "quickstart",
		Short: "From a cache to a trained Keras model, on this machine",
		Long: `Start an embedded node, load 5,000 handwritten digits into the cache MNIST_CACHE,
draw five of them read back through IgniteDataset, train a small Keras network that
streams from the cache, and evaluate it on digits held out.

It needs Python with the kindling package and TensorFlow:
  pip install 'kindling-ignite[tensorflow,arrow]'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if epochs < 1 {
				return usageError{fmt.Errorf("--epochs %d: at least one", epochs)}
			}
			interpreter, err := findPython(cmd.Context(), python)
			if err != nil {
				return err
			}
			child := exec.CommandContext(cmd.Context(), interpreter, "-m", "kindling.quickstart",
				"--out", out, "--epochs", fmt.Sprint(epochs))
			child.Stdin, child.Stdout, child.Stderr = os.Stdin, cmd.OutOrStdout(), cmd.ErrOrStderr()
			child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
			child.WaitDelay = childGrace
			return child.Run()
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&out, "out", "kindling-quickstart", "folder for the picture and the downloaded digits")
	flags.IntVar(&epochs, "epochs", 5, "passes over the training digits")
	flags.StringVar(&python, "python", "", "Python interpreter (default: the one beside this command, then of the active environment)")
	return cmd
}

// findPython looks for the interpreter that has the kindling package: the one
// named, the one in the folder of this executable (where pip puts both), that
// of the active virtual environment, then the one on PATH.
func findPython(ctx context.Context, named string) (string, error) {
	candidates := []string{named}
	if named == "" {
		if self, err := os.Executable(); err == nil {
			candidates = append(candidates, filepath.Join(filepath.Dir(self), pythonName("python")))
		}
		if env := os.Getenv("VIRTUAL_ENV"); env != "" {
			candidates = append(candidates, filepath.Join(env, venvBin(), pythonName("python")))
		}
		candidates = append(candidates, "python3", "python")
	}
	var tried []string
	for _, candidate := range candidates {
		if candidate == "" {
			continue
		}
		path, err := exec.LookPath(candidate)
		if err != nil {
			continue
		}
		if exec.CommandContext(ctx, path, "-c", "import kindling").Run() == nil { //nolint:gosec // the user's own interpreter
			return path, nil
		}
		tried = append(tried, path)
	}
	if len(tried) == 0 && named != "" {
		return "", usageError{fmt.Errorf("--python %s: no such program", named)}
	}
	if len(tried) == 0 {
		return "", errors.New("no Python found; install Python 3.10 or newer and then: pip install 'kindling-ignite[tensorflow,arrow]'")
	}
	return "", fmt.Errorf("no Python with the kindling package (tried %s): pip install 'kindling-ignite[tensorflow,arrow]', or name one with --python", strings.Join(tried, ", "))
}

func pythonName(base string) string {
	if runtime.GOOS == "windows" {
		return base + ".exe"
	}
	return base
}

func venvBin() string {
	if runtime.GOOS == "windows" {
		return "Scripts"
	}
	return "bin"
}
