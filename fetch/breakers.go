package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/sony/gobreaker/v2"
)

const (
	failuresToOpen = 5               // in a row
	openFor        = 5 * time.Second // until one attempt is made as a trial
	maxBreakers    = 256             // hosts, those dialled last
)

// errNotTried is the error of an attempt while the breaker of its host is open.
var errNotTried = fmt.Errorf("not tried: the last %d attempts to connect failed, and less than %v ago", failuresToOpen, openFor)

// breakers let attempts to connect fail at once where those before them failed, so that hooks do not wait for a host
// that is down. What counts is what became of the attempt itself: a request that gives up early says nothing of the
// host.
type breakers struct {
	mu     sync.Mutex
	byHost *simplelru.LRU[string, *gobreaker.CircuitBreaker[net.Conn]]
}

func newBreakers() *breakers {
	byHost, _ := simplelru.NewLRU[string, *gobreaker.CircuitBreaker[net.Conn]](maxBreakers, nil) // fails for sizes below 1
	return &breakers{byHost: byHost}
}

// dial connects to a host and port, unless its breaker is open.
func (b *breakers) dial(host string, dial func() (net.Conn, error)) (net.Conn, error) {
	conn, err := b.of(host).Execute(dial)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return nil, errNotTried
	}
	return conn, err
}

func (b *breakers) of(host string) *gobreaker.CircuitBreaker[net.Conn] {
	b.mu.Lock()
	defer b.mu.Unlock()
	breaker, ok := b.byHost.Get(host)
	if !ok {
		breaker = gobreaker.NewCircuitBreaker[net.Conn](gobreaker.Settings{
			Timeout:     openFor,
			ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failuresToOpen },
			IsExcluded:  saysNothing,
		})
		b.byHost.Add(host, breaker)
	}
	return breaker
}

// saysNothing reports whether an error is not the host's: the address was refused, or the client was closed meanwhile.
func saysNothing(err error) bool {
	var refused *refusal
	return errors.As(err, &refused) || errors.Is(err, context.Canceled)
}
