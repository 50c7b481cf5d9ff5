package attack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// site is an engine under soak, with everything that must come of it.
type site struct {
	engine    *engine.Engine
	hooked    *share.HookedDriver
	driver    soakDriver
	driven    atomic.Int64
	host      *host
	log       *soakLog
	cast      []player
	attackers []attacker // in the order in which generations have them
	folder    string
	figures   *figures
	claims    *claims
	past      past

	changing sync.Mutex // held by what changes the engine
	next     int        // of attackers
	on       bool

	mu    sync.Mutex
	books map[int]*book // by generation
}

func newSite(folder string, attackers []attacker, f *figures, c *claims) (*site, error) {
	s := &site{
		host: newHost(), log: &soakLog{players: map[string]bool{}}, cast: cast(), attackers: attackers, folder: folder,
		figures: f, claims: c, on: true, books: map[int]*book{},
	}
	for _, h := range s.cast {
		s.log.players[h.Name] = true
	}
	cfg, err := writeConfig(folder, 1, nil)
	if err != nil {
		return nil, err
	}
	s.engine, err = engine.New(cfg, "attacked", engine.Options{
		Logger: slog.New(s.log), Methods: share.Methods(), Objects: s.host.objects(false),
	})
	if err != nil {
		return nil, err
	}
	s.books[1] = newBook(1)
	s.past.begin(state{1, true})
	s.past.settle()
	s.driver = soakDriver{calls: func() { s.driven.Add(1) }}
	s.hooked = share.Hooked(s.driver, s.engine)
	return s, nil
}

func (s *site) claim(format string, args ...any) { s.claims.add(fmt.Sprintf(format, args...)) }

// do is one call, with the chore before it.
func (s *site) do(p *plan) {
	switch p.chore {
	case "reload":
		s.changing.Lock()
		s.next++
		s.reload(&s.attackers[s.next%len(s.attackers)])
		s.changing.Unlock()
	case "switch":
		s.toggle()
	case "look":
		s.look()
	case "tick":
		s.tick(p)
	}
	s.call(p)
}

// reload loads the scripts anew, with an attack or none. An attack may well keep them from being loaded.
func (s *site) reload(a *attacker) {
	number := s.engine.Generation() + 1
	cfg, err := writeConfig(s.folder, number, a)
	if err != nil {
		s.claim("writing the scripts: %v", err)
		return
	}
	s.mu.Lock()
	s.books[number] = newBook(number)
	s.mu.Unlock()
	s.past.begin(state{number, s.on})
	err = s.engine.Reload(context.Background(), cfg)
	var mistakes *config.Error
	refused := errors.As(err, &mistakes)
	if refused {
		s.past.begin(state{number - 1, s.on})
	}
	s.past.settle()
	want := number
	if refused {
		want--
	}
	if got := s.engine.Generation(); got != want || err != nil && (!refused || a == nil) {
		s.claim("a reload: want generation %d, got %d and error %v", want, got, err)
	}
	s.figures.reload(refused, a, mistakes)
	for _, within := range []string{"g" + strconv.Itoa(number), "lib"} {
		if err := os.RemoveAll(filepath.Join(s.folder, within)); err != nil {
			s.claim("removing the scripts: %v", err)
		}
	}
}

// toggle switches the optional hook.
func (s *site) toggle() {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.on = !s.on
	s.past.begin(state{s.engine.Generation(), s.on})
	if err := s.engine.SetEnabled("optional", s.on); err != nil {
		s.claim("switching a hook: %v", err)
	}
	s.past.settle()
	s.figures.count("switches of a hook", 1)
}

// look reads what the engine counts while calls go on: not less than what has come back by now, and not more than what
// will have in the end.
func (s *site) look() {
	from := s.past.settled()
	s.mu.Lock()
	back := map[int]map[string]engine.Stats{}
	for _, st := range s.past.since(from) {
		back[st.generation] = maps.Clone(s.books[st.generation].stats)
	}
	s.mu.Unlock()
	generation, counts := look(s.engine)
	for hook, n := range counts {
		if known := back[generation]; known != nil && !atMost(known[hook], n) || !sane(n) {
			s.claim("hook %s of generation %d: the engine counts %+v after %+v", hook, generation, n, known[hook])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.books[generation]
	b.looks = append(b.looks, counts)
	s.figures.count("reads of Hooks()", 1)
}

// enter puts a call into the book of its generation. One that ran nothing has none.
func (s *site) enter(seen *trail, want account, steps []engine.Span) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.books[seen.generation]; b != nil {
		b.enter(s.cast, seen, want, steps)
	} else if len(want.tally) > 0 {
		s.claim("generation %d ran something and has no book", seen.generation)
	}
	s.figures.hooks(seen, steps, s.log.players)
}

// settle closes the books while no call is under way, and goes on with scripts that attack nobody.
func (s *site) settle() {
	s.mu.Lock()
	generation, counts := look(s.engine)
	if err := s.books[generation].balance(counts); err != nil {
		s.claim("%v", err)
	}
	for _, b := range s.books {
		if err := b.check(); err != nil {
			s.claim("%v", err)
		}
	}
	clear(s.books)
	s.mu.Unlock()
	s.past.forget()
	s.reload(nil)
}

// state is what calls of the engine may meet.
type state struct {
	generation int
	on         bool // the optional hook
}

// past is the states of an engine, in order. A change shows some time between its begin and its settling.
type past struct {
	mu      sync.Mutex
	states  []state
	done    int // the last that has settled
	dropped int // states that nobody can meet any more
}

func (p *past) begin(s state) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.states = append(p.states, s)
}

func (p *past) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = p.dropped + len(p.states) - 1
}

// settled is the place of the last state that is certain to have come.
func (p *past) settled() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// since returns the states from a place on, up to the last that has begun.
func (p *past) since(at int) []state {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]state(nil), p.states[at-p.dropped:]...)
}

// forget drops all but the last state.
func (p *past) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropped += len(p.states) - 1
	p.states = p.states[len(p.states)-1:]
}
