package effect

import (
	"errors"
	"sync"
)

// ErrClaimed says that another engine works on the calls of a service.
var ErrClaimed = errors.New("another engine has this service in the same store, and is not closed, or has calls under way")

// Claims are the services that engines work on, for a [Store] to keep. The zero value has none.
type Claims struct {
	mu    sync.Mutex
	taken map[string]bool
}

// Take claims a service until release is called, which may be done twice. The error is [ErrClaimed].
func (c *Claims) Take(service string) (release func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken[service] {
		return nil, ErrClaimed
	}
	if c.taken == nil {
		c.taken = map[string]bool{}
	}
	c.taken[service] = true
	return sync.OnceFunc(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.taken, service)
	}), nil
}
