package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// attempts dials a host n times, and returns how often it was tried.
func attempts(b *breakers, host string, n int, err error) (tried int) {
	for range n {
		_, _ = b.dial(host, func() (net.Conn, error) {
			tried++
			return nil, err
		})
	}
	return tried
}

func TestOneAttemptAsATrialClosesABreakerOrNot(t *testing.T) {
	down := errors.New("connection refused")
	synctest.Test(t, func(t *testing.T) {
		b := newBreakers()
		if got := attempts(b, "a:80", 20, down); got != 5 {
			t.Errorf("got %d attempts, want 5", got)
		}
		if got := attempts(b, "a:443", 1, nil); got != 1 {
			t.Error("another port was not tried")
		}
		time.Sleep(openFor + time.Nanosecond) // of the time of the bubble
		if got := attempts(b, "a:80", 20, down); got != 1 {
			t.Errorf("got %d attempts after a while, want 1 as a trial", got)
		}
		time.Sleep(openFor + time.Nanosecond)
		if got := attempts(b, "a:80", 20, nil); got != 20 {
			t.Errorf("got %d attempts at a host that is up again, want 20", got)
		}
	})
}

func TestWhatSaysNothingOfAHostOpensNoBreaker(t *testing.T) {
	for _, err := range []error{&refusal{errors.New("not listed")}, &net.OpError{Op: "dial", Err: &refusal{errors.New("not listed")}}, context.Canceled} {
		if got := attempts(newBreakers(), "a:80", 20, err); got != 20 {
			t.Errorf("%v: got %d attempts, want 20", err, got)
		}
	}
}

func TestBreakersAreKeptForHostsThatWereDialledLast(t *testing.T) {
	b := newBreakers()
	down := errors.New("connection refused")
	attempts(b, "first:80", 5, down)
	for i := range 2 * maxBreakers {
		attempts(b, fmt.Sprintf("host%d:80", i), 5, down)
	}
	if n := b.byHost.Len(); n != maxBreakers {
		t.Errorf("got %d breakers, want %d", n, maxBreakers)
	}
	if got := attempts(b, "first:80", 1, down); got != 1 {
		t.Error("the breaker of a host that was not dialled for long is still open")
	}
}
