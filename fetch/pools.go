package fetch

import (
	"errors"
	"net/http"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/hookrun/hookrun/internal/allow"
)

// maxPools is for how many lists connections are kept: those used last.
const maxPools = 64

// pool has the connections of one list.
type pool struct {
	transport *http.Transport
	users     int  // requests under way
	retired   bool // whether there will be no more users
}

// pools has the pools by the text of their lists.
type pools struct {
	mu     sync.Mutex
	byList *simplelru.LRU[string, *pool] // nil when closed
	make   func(allow.List) *http.Transport
}

func newPools(transport func(allow.List) *http.Transport) *pools {
	byList, _ := simplelru.NewLRU(maxPools, func(_ string, p *pool) {
		p.retired = true
		p.settle()
	}) // which fails for sizes below 1
	return &pools{byList: byList, make: transport}
}

// take returns the pool of a list, for a request that is about to begin.
func (s *pools) take(list allow.List) (*pool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byList == nil {
		return nil, errors.New("the client is closed")
	}
	key := list.String()
	p, ok := s.byList.Get(key)
	if !ok {
		p = &pool{transport: s.make(list)}
		s.byList.Add(key, p)
	}
	p.users++
	return p, nil
}

// giveBack is told that a request has ended.
func (s *pools) giveBack(p *pool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.users--
	p.settle()
}

// settle closes the connections of a pool that has no users, and will have none.
func (p *pool) settle() {
	if p.retired && p.users == 0 {
		p.transport.CloseIdleConnections()
	}
}

func (s *pools) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byList != nil {
		s.byList.Purge()
		s.byList = nil
	}
}
