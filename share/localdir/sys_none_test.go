//go:build !linux && !darwin && !freebsd

package localdir

import (
	"errors"
	"testing"
)

func TestOpenSaysWhereItWorks(t *testing.T) {
	if _, err := Open(t.TempDir(), Options{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v, want %v", err, errors.ErrUnsupported)
	}
}
