package wire

import (
	"errors"
	"fmt"
	"testing"
)

func TestStatusIsAnError(t *testing.T) {
	err := fmt.Errorf("get: %w", StatusCacheDoesNotExist)
	if !errors.Is(err, StatusCacheDoesNotExist) || errors.Is(err, StatusCacheExists) {
		t.Errorf("errors.Is of %v", err)
	}
	var s Status
	if !errors.As(err, &s) || s != 1000 {
		t.Errorf("errors.As gives %d", s)
	}
}

func TestStatusTexts(t *testing.T) {
	if got := StatusAuthFailed.Error(); got != "authentication failed (AUTH_FAILED, status 2000)" {
		t.Error(got)
	}
	if got := StatusTooManyCursors.String(); got != "TOO_MANY_CURSORS" {
		t.Error(got)
	}
	if got := Status(77).Error() + " " + Status(77).String(); got != "status 77 STATUS(77)" {
		t.Error(got)
	}
	if len(statusTexts) != 17 {
		t.Errorf("%d statuses, want 17", len(statusTexts))
	}
}
