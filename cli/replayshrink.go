package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/replay"
	"github.com/hookrun/hookrun/tape"
)

// How many records are tried to make one example small: as many as take a second or two, and fewer where there are very
// many examples.
const (
	mostTries  = 400
	leastTries = 40
	allTries   = 20_000
	freshShare = 4 // a try with new engines takes longer by about this much
)

// shrink makes the examples of all differences as small as they can be, until the context ends.
func (p *replaying) shrink(ctx context.Context, r *replay.Report) error {
	tries := max(leastTries, min(mostTries, allTries/max(1, len(r.Differences))))
	groups := make(chan *replay.Group)
	var working sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for range min(p.workers, len(r.Differences)) {
		working.Go(func() {
			for g := range groups {
				s := &shrinker{p: p, ctx: ctx, group: g, tries: tries}
				if err := s.shrink(); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
				}
			}
		})
	}
	for _, g := range r.Differences {
		groups <- g
	}
	close(groups)
	working.Wait()
	if failed != nil || p.cases == "" || ctx.Err() != nil {
		return failed
	}
	return p.saveCases(ctx, r)
}

// shrinker makes the example of one difference small.
type shrinker struct {
	p     *replaying
	ctx   context.Context
	group *replay.Group
	tries int

	told      *tape.Call     // what tries are told from outside; nil for nothing
	now, then *tape.Recorded // what came of the last record that shows the difference
	broken    error          // why hooks could not be loaded
}

// pair is both versions of the hooks, in which nothing has happened yet.
type pair []*runner

func (s *shrinker) newPair() pair {
	var fresh pair
	for _, v := range s.p.editions {
		hooks, err := v.hooks.fresh(s.ctx)
		if err != nil {
			s.broken = err
			return fresh
		}
		own := *v.cfg // which gets a service for the record where scripts are in no config
		own.Services = maps.Clone(v.cfg.Services)
		b := newRunner(hooks, &own)
		fresh = append(fresh, b)
		if s.told == nil {
			continue
		}
		service := s.group.Example.Service
		if b.engines[service], s.broken = hooks.replayEngine(&own, service, s.group.Header()); s.broken != nil {
			delete(b.engines, service)
			return fresh
		}
	}
	return fresh
}

func (all pair) close() {
	for _, b := range all {
		b.close()
	}
}

// The keys of a record that are made small. The time stays: without one, scripts would see the clock.
var shrunkKeys = []string{"context", "args", "result", "error", "tick"}

// shrink finds the smallest record that shows the difference. Most tries are in the same engines, since loading scripts
// is what takes time; where hooks remember what was tried before, each try is in engines of its own. When the context
// ends, nothing shows any more: then nothing is told.
func (s *shrinker) shrink() error {
	g := s.group
	whole, err := s.example()
	if err != nil {
		g.Note = err.Error()
		return nil
	}
	warm := s.newPair()
	defer func() { warm.close() }()
	note := ""
	if !s.shows(warm, whole) {
		warm.close()
		warm = s.withAnswers()
		if !s.shows(warm, whole) {
			if s.ctx.Err() != nil {
				return nil
			}
			g.Note = "it shows only after the calls before it"
			return s.broken
		}
		note = "it shows only with the answers of the tape: it is no case by itself"
	}
	small := whole
	if s.shows(warm, whole) {
		small = replay.Shrink(whole, shrunkKeys, s.tries, func(candidate map[string]any) bool { return s.shows(warm, candidate) })
	}
	if !s.showsFresh(small) || len(text(small)) == len(text(whole)) {
		small = replay.Shrink(whole, shrunkKeys, s.tries/freshShare, s.showsFresh)
		s.showsFresh(small)
	}
	switch {
	case s.ctx.Err() != nil:
		return nil
	case s.broken != nil:
		return s.broken
	}
	g.Note = note
	s.tell(small)
	return nil
}

// withAnswers returns engines for tries that are told what the tape has of the example's call.
func (s *shrinker) withAnswers() pair {
	var source struct {
		Recorded *tape.Recorded `json:"recorded"`
	}
	if json.Unmarshal(s.group.Source(), &source) == nil {
		s.told = toldOf(s.group.Example.Service, source.Recorded, s.group.Header())
	}
	return s.newPair()
}

// example is the record of the group's example, without what its tape says of it.
func (s *shrinker) example() (map[string]any, error) {
	source := s.group.Source()
	if source == nil {
		return nil, fmt.Errorf("its record is too long to be made small")
	}
	v, err := patch.Decode(source)
	if err != nil {
		return nil, err
	}
	example := v.(map[string]any) // else it would not have been run
	delete(example, "recorded")
	delete(example, "expect")
	example["service"] = s.group.Example.Service
	if example["at"] == nil {
		example["at"] = s.p.began.Format(time.RFC3339)
	}
	return example, nil
}

func (s *shrinker) showsFresh(candidate map[string]any) bool {
	fresh := s.newPair()
	defer fresh.close()
	return s.shows(fresh, candidate)
}

// shows reports whether a record shows the difference.
func (s *shrinker) shows(in pair, candidate map[string]any) bool {
	if s.broken != nil || s.ctx.Err() != nil {
		return false
	}
	var outcomes []*tape.Recorded
	for _, b := range in {
		r, err := s.try(b, candidate)
		if err != nil {
			return false // it is no record of this method any more
		}
		outcomes = append(outcomes, r)
	}
	found, err := replay.Differences(outcomes[1], outcomes[0])
	if err != nil || !s.group.Shows(found) {
		return false
	}
	s.now, s.then = outcomes[0], outcomes[1]
	return true
}

// try runs a record.
func (s *shrinker) try(b *runner, candidate map[string]any) (*tape.Recorded, error) {
	r, err := record.NewDecoder("example", bytes.NewReader(text(candidate))).Next()
	if err != nil {
		return nil, err
	}
	e, err := b.prepare(r)
	if err != nil {
		return nil, err
	}
	eng, err := b.engine(e.service)
	if err != nil {
		return nil, err
	}
	b.execute(telling(s.ctx, s.told, s.group.Example.At), eng, e)
	rep, err := newCallReport(e)
	if err != nil {
		return nil, err
	}
	return &rep.Recorded, nil
}

func text(v any) []byte {
	b, _ := patch.Encode(v) // what was JSON can be JSON again
	return b
}

// tell writes the example into its group.
func (s *shrinker) tell(small map[string]any) {
	g := s.group
	for _, key := range shrunkKeys {
		if v, is := small[key]; is {
			g.Values += replay.Values(v)
		}
	}
	g.Record = s.p.editions[0].secrets.JSON(ordered(text(small)))
	if s.told == nil {
		g.Outcome = s.now
	}
	found, err := replay.Differences(s.then, s.now)
	for _, d := range found {
		if err == nil && g.Shows([]replay.Difference{d}) {
			g.Then, g.Now = d.Then, d.Now
			return
		}
	}
}

// fresh returns the same hooks, in a world like that in which the command began.
func (s *selection) fresh(ctx context.Context) (*selection, error) {
	again := s.again()
	return again, again.world.remember(ctx)
}
