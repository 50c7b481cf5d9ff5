package effect

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/hookrun/hookrun/config"
)

// Memory is a [Store] that keeps everything in memory, and delivers nothing: for dry runs and tests. The zero value is
// empty and ready.
type Memory struct {
	mu     sync.Mutex
	scopes map[[2]string]*Scope
	events []Event
	room   int // reserved
	max    int // events; 0 for any number
	open   map[string]OpenCall
	claims Claims
}

// Scope returns the state of a name within a service.
func (m *Memory) Scope(service, name string) *Scope {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := [2]string{service, name}
	s := m.scopes[key]
	if s == nil {
		s = NewScope(service, name, func() ([]Entry, error) { return nil, nil })
		s.now = newEntries() // there is nothing to load, and TryBegin need not leave that to Begin
		if m.scopes == nil {
			m.scopes = map[[2]string]*Scope{}
		}
		m.scopes[key] = s
	}
	return s
}

// Scopes returns all scopes that were asked for, by service and name.
func (m *Memory) Scopes() []*Scope {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.SortedFunc(maps.Values(m.scopes), (*Scope).compare)
}

// Reserve keeps room for n events.
func (m *Memory) Reserve(n int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.max > 0 && len(m.events)+m.room+n > m.max {
		return ErrOutboxFull
	}
	m.room += n
	return nil
}

// Release gives back room for n events.
func (m *Memory) Release(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room -= n
}

// Commit takes effect at once.
func (m *Memory) Commit(c *Commit) (Ticket, error) {
	if c.State != nil {
		defer c.State.End()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if free := m.max - len(m.events) - m.room; m.max > 0 && !c.Beyond && len(c.Events)-c.Room > free {
		return nil, ErrOutboxFull
	}
	if c.State != nil && (!c.State.Stands() || c.State.Changed() && !c.State.Commit()) {
		return nil, fmt.Errorf("state %q was forgotten meanwhile", c.State.Scope().Name)
	}
	m.events, m.room = append(m.events, c.Events...), m.room-c.Room
	if c.Open != nil {
		if m.open == nil {
			m.open = map[string]OpenCall{}
		}
		m.open[c.Open.Key] = *c.Open
	}
	delete(m.open, c.Close)
	return nil, nil
}

// Claim implements [Store].
func (m *Memory) Claim(service string) ([]OpenCall, func(), error) {
	release, err := m.claims.Take(service)
	if err != nil {
		return nil, nil, err
	}
	calls, err := m.OpenCalls(service)
	return calls, release, err
}

// OpenCalls returns the calls of a service that are open.
func (m *Memory) OpenCalls(service string) ([]OpenCall, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var calls []OpenCall
	for _, key := range slices.Sorted(maps.Keys(m.open)) {
		if c := m.open[key]; c.Service == service {
			calls = append(calls, c)
		}
	}
	return calls, nil
}

// Configure heeds how many events may be kept.
func (m *Memory) Configure(keep config.Store, _ map[string]config.Sink, _ map[string]Sink, _ ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.max = keep.MaxOutbox
	return nil
}

// Deliver returns the events that were committed, in order, and forgets them: their room is free again, as if each sink
// had taken them.
func (m *Memory) Deliver() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := m.events
	m.events = nil
	return events
}

// Events returns the events that were committed and not delivered, in order.
func (m *Memory) Events() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events)
}
