package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/ignite"
	"github.com/kindling-ml/kindling/ignite/wire"
	"github.com/kindling-ml/kindling/node"
)

// The exit codes of every command.
const (
	exitOK          = 0
	exitFailure     = 1   // the operation failed
	exitUsage       = 2   // the command line or the environment is wrong
	exitConnect     = 3   // no server could be reached
	exitAccess      = 4   // user, password or certificate were refused, or TLS failed
	exitNotFound    = 5   // the cache or file does not exist
	exitDamaged     = 6   // files of a data directory are broken
	exitInterrupted = 130 // ended by Ctrl-C or SIGTERM
)

const exitCodesHelp = `Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server reached,
4 access refused (user, password, certificate, TLS), 5 cache or file not found,
6 a data directory is damaged, 130 interrupted.`

// usageError is an error in the command line or the environment.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// exitCode tells the exit code for what a command returned.
func exitCode(ctx context.Context, err error) int {
	var usage usageError
	var config *ignite.ConfigError
	var connect *ignite.ConnectError
	var child *exec.ExitError
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &child):
		if code := child.ExitCode(); code > 0 {
			return code
		}
		return exitFailure // a signal ended it
	case errors.Is(err, node.ErrDataDamaged):
		return exitDamaged
	case errors.Is(err, os.ErrNotExist), errors.Is(err, wire.StatusCacheDoesNotExist):
		return exitNotFound
	case errors.As(err, &usage), errors.As(err, &config):
		return exitUsage
	case errors.Is(err, wire.StatusAuthFailed), errors.Is(err, wire.StatusSecurityViolation):
		return exitAccess
	case errors.As(err, &connect):
		return connectCode(connect.Reason)
	case errors.Is(err, ignite.ErrNoNode):
		return exitConnect
	default:
		return exitFailure
	}
}

// connectCode tells a server that refuses from one that is not there.
func connectCode(reason ignite.Reason) int {
	switch reason {
	case ignite.ReasonTLSUnverified, ignite.ReasonClientCertificate, ignite.ReasonTLS, ignite.ReasonNeedsTLS, ignite.ReasonNotTLS:
		return exitAccess
	default:
		return exitConnect
	}
}

// complaint is the one line that says what went wrong; "" when there is nothing
// to say, or a child process has said it.
func complaint(cmd *cobra.Command, code int, err error) string {
	var usage usageError
	var child *exec.ExitError
	switch {
	case err == nil, errors.As(err, &child) && code != exitInterrupted:
		return ""
	case code == exitInterrupted && (err == context.Canceled || child != nil): //nolint:errorlint // a wrapped one says how far it came
		return "interrupted"
	case errors.As(err, &usage):
		return fmt.Sprintf("%s (see '%s --help')", oneLine(err), cmd.CommandPath())
	default:
		return oneLine(err)
	}
}

// oneLine is the text of an error without line breaks, control characters and
// the name of the package that it comes from.
func oneLine(err error) string {
	text := err.Error()
	for _, prefix := range []string{"ignite: ", "dataset: ", "ingest: ", "node: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return strings.Map(printable, strings.ReplaceAll(strings.TrimSpace(text), "\n", "; "))
}
