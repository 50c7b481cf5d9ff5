package share_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/hookrun/hookrun/share"
)

func TestErrorHasItsCodeAndIsItsSentinel(t *testing.T) {
	sentinels := map[string]error{
		share.CodeNotFound:      share.ErrNotFound,
		share.CodeExists:        share.ErrExists,
		share.CodeInUse:         share.ErrInUse,
		share.CodeQuotaExceeded: share.ErrQuotaExceeded,
		share.CodeInvalid:       share.ErrInvalid,
		share.CodeUnsupported:   share.ErrUnsupported,
		share.CodeNoSpace:       share.ErrNoSpace,
		share.CodeOutOfOrder:    share.ErrOutOfOrder,
	}
	for code := range sentinels {
		err := fmt.Errorf("outer: %w", share.Errorf(code, "share %q: %w", "s-1", fs.ErrPermission))
		if got, want := err.Error(), `outer: share "s-1": permission denied`; got != want {
			t.Errorf("got message %s, want %s", got, want)
		}
		var coded interface{ Code() string }
		if !errors.As(err, &coded) || coded.Code() != code {
			t.Errorf("%s: got code %v", code, coded)
		}
		if !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: does not unwrap to its cause", code)
		}
		for other, sentinel := range sentinels {
			if got, want := errors.Is(err, sentinel), other == code; got != want {
				t.Errorf("errors.Is(%s error, %s sentinel): got %v, want %v", code, other, got, want)
			}
		}
	}
}

func TestErrorsOfOneCodeAreNotTheSame(t *testing.T) {
	if a, b := share.Errorf("x", "one"), share.Errorf("x", "one"); errors.Is(a, b) {
		t.Error("errors.Is takes two errors of one code for the same")
	}
}
