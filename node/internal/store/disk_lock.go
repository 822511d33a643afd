package store

import (
	"errors"
	"strings"
	"syscall"
)

// isLocked recognises pebble's refusals of a directory that is open elsewhere:
// in this process by text, in another by the error of the operating system.
func isLocked(err error) bool {
	return errors.Is(err, syscall.EAGAIN) ||
		strings.Contains(err.Error(), "lock held by current process")
}
