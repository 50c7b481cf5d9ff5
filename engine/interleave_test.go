package engine_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

var (
	schedules    = flag.Int("schedules", 200, "how many schedules of calls that wait are compared with a model")
	scheduleSeed = flag.Uint64("schedule", 0, "the first of these schedules; 0 for a new one")
)

// What calls do whose hooks wait is decided by a scheduler: which call begins, which host method comes back, which
// caller gives up, when scripts are reloaded and when the VM breaks. After each of its decisions all goes on until
// nothing can, and everything is where the model says.
func TestSchedulesOfCallsThatWaitComeOutAsTheModelSays(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that a schedule is the same each time
	first := *scheduleSeed
	if first == 0 {
		first = rand.Uint64() >> 1
	}
	for i := range *schedules {
		seed := first + uint64(i)
		synctest.Test(t, func(t *testing.T) { newStage(t, seed).play() })
		if t.Failed() {
			t.Fatalf("again with -schedule %d -schedules 1", seed)
		}
	}
}

const actorSource = `
local name, alone = options.name, options.alone
count = 0

local function work(call, phase, value)
  local before = count
  local order
  repeat
    order = stage:Step(name, phase)
    while order == "nest" do
      coroutine.wrap(function() order = select(2, pcall(stage.Step, name, phase)) end)()
    end
    if order == "write" then value.name = value.name .. name end
    if order == "error" then error("demanded", 0) end
    if order == "reject" then pcall(reject, "demanded") end
  until order == "done"
  if alone and count ~= before then error("torn", 0) end
  count = count + 1
end

function pre.work(call) work(call, "pre", call.args.share) end
function post.work(call, result) work(call, "post", result) end
function failed.work(call) work(call, "failed") end
function finally.work(call) work(call, "finally") end
function periodic() work(nil, "periodic") end
function post.read(call, result) result.name = result.name .. name .. count .. " " end
`

// stageHooks are the hooks of a stage in run order, with how many of their runs may be under way.
var stageHooks = []struct {
	name       string
	concurrent int
}{{"a", 1}, {"b", 2}, {"c", 1}}

func stageConfig() *config.Config {
	fsys, service := fstest.MapFS{
		"actor.lua":   {Data: []byte(actorSource)},
		"breaker.lua": {Data: []byte("function pre.collapse(call) local _ = call.context.word end")},
	}, config.Service{Hooks: []config.Hook{config.DefaultHook("breaker.lua")}}
	for _, s := range stageHooks {
		h := config.DefaultHook("actor.lua")
		h.Name, h.Concurrent, h.Timeout, h.ChangeArgs = s.name, s.concurrent, time.Hour, s.name == "b"
		h.Options = map[string]any{"name": s.name, "alone": s.concurrent == 1}
		service.Hooks = append(service.Hooks, h)
	}
	return &config.Config{FS: fsys, Services: map[string]config.Service{"nfs1": service}}
}

// stage is one schedule with all that takes part.
type stage struct {
	t      *testing.T
	rnd    *rand.Rand
	cfg    *config.Config
	engine *engine.Engine
	actors []*actor // calls and ticks that have begun
	moment int      // how many decisions there were
	broken int      // the moment when the VM of the present generation began
	trail  []string

	mu     sync.Mutex
	parked []*place
}

// place is where a call waits for the scheduler: in a host method, or in its driver.
type place struct {
	*actor
	run  string // "a pre", or "driver"
	open chan struct{}
}

// actor is a call or a tick.
type actor struct {
	id         int
	generation int
	tick       bool
	orders     map[string][]string // what each run does, step by step
	fails      bool                // whether the driver does
	cancel     context.CancelFunc

	events    []string        // the runs that began, in order
	moments   []int           // when those that have ended did
	steps     map[string]int  // that each run has made
	cut       map[string]bool // the runs that were ended, or did not begin, since the caller had gone or the VM broke
	gone      bool            // whether the caller has gone
	share     share
	err       error
	ended     bool
	waits     int // the moment since which it waits for a hook's turn; 0 while it does not
	driverSaw string
}

type actorKey struct{}

func newStage(t *testing.T, seed uint64) *stage {
	s := &stage{t: t, rnd: rand.New(rand.NewPCG(seed, 0)), cfg: stageConfig()}
	e, err := engine.New(s.cfg, "nfs1", engine.Options{
		Logger:  slog.New(slog.DiscardHandler),
		Objects: map[string]engine.Object{"stage": {Value: s, Methods: []string{"Step"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.engine = e
	return s
}

// Step is what a run calls to learn what to do next. It waits where the plan says so.
func (s *stage) Step(ctx context.Context, hook, phase string) (string, error) {
	a := ctx.Value(actorKey{}).(*actor)
	run := hook + " " + phase
	n := a.steps[run]
	if a.steps[run]++; n == 0 {
		a.events = append(a.events, run)
	}
	order := "done"
	if orders := a.orders[run]; n < len(orders) {
		order = orders[n]
	}
	if order == "wait" {
		return order, s.park(ctx, a, run)
	}
	return order, nil
}

func (s *stage) park(ctx context.Context, a *actor, run string) error {
	p := &place{a, run, make(chan struct{})}
	s.mu.Lock()
	s.parked = append(s.parked, p)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.parked = slices.DeleteFunc(s.parked, func(q *place) bool { return q == p })
		s.mu.Unlock()
	}()
	select {
	case <-p.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *stage) play() {
	for range 20 + s.rnd.IntN(30) {
		if s.settle(s.decide()); s.t.Failed() {
			break
		}
	}
	for len(s.parked) > 0 {
		if s.settle(s.release()); s.t.Failed() {
			break
		}
	}
	if !s.t.Failed() {
		s.compareCounts()
	}
	for _, a := range s.actors {
		a.cancel()
	}
	for len(s.parked) > 0 {
		close(s.parked[0].open)
		synctest.Wait()
	}
	must(0, s.engine.Close())
	if s.t.Failed() {
		s.t.Log(strings.Join(s.trail, "\n"))
	}
}

func (s *stage) note(format string, args ...any) {
	s.trail = append(s.trail, fmt.Sprintf("%d: ", s.moment)+fmt.Sprintf(format, args...))
}

// decide makes a decision, and returns what carries it out.
func (s *stage) decide() (act func()) {
	under := 0
	for _, a := range s.actors {
		if !a.ended {
			under++
		}
	}
	switch n := s.rnd.IntN(100); {
	case n < 2:
		s.note("reload")
		s.broken = s.moment
		return func() { must(0, s.engine.Reload(context.Background(), s.cfg)) }
	case n < 4:
		return s.collapse()
	case n < 10:
		return s.leave()
	case under < 7 && n < 50:
		return s.begin()
	case len(s.parked) > 0:
		return s.release()
	}
	return func() {}
}

// begin begins a call, or a tick where none is under way.
func (s *stage) begin() func() {
	a := &actor{id: len(s.actors), generation: s.engine.Generation(), steps: map[string]int{}, cut: map[string]bool{}, orders: map[string][]string{}, fails: s.rnd.IntN(8) == 0}
	a.tick = s.rnd.IntN(8) == 0 && !slices.ContainsFunc(s.actors, func(b *actor) bool { return b.tick && !b.ended })
	for _, h := range stageHooks {
		for _, phase := range []string{"pre", "post", "failed", "finally", "periodic"} {
			a.orders[h.name+" "+phase] = s.orders(phase)
		}
	}
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), actorKey{}, a))
	a.cancel = cancel
	s.actors = append(s.actors, a)
	s.note("begin %d, tick %v, driver fails %v, %v", a.id, a.tick, a.fails, a.orders)
	return func() { go s.perform(ctx, a) }
}

func (s *stage) perform(ctx context.Context, a *actor) {
	if a.tick {
		_, a.err = s.engine.Tick(ctx, func(context.Context) (any, error) { return []share{}, nil })
	} else {
		a.share, a.err = engine.Call(ctx, s.engine, "work", args{share{Name: "for:"}}, func(ctx context.Context, in args) (share, error) {
			a.driverSaw = in.Share.Name
			_ = s.park(context.Background(), a, "driver")
			if a.fails {
				return share{}, errDriver
			}
			return share{Name: "made:"}, nil
		})
	}
	a.ended = true
}

func (s *stage) orders(phase string) (orders []string) {
	for range s.rnd.IntN(4) {
		orders = append(orders, []string{"wait", "wait", "write", "nest"}[s.rnd.IntN(4)])
	}
	if phase != "pre" && phase != "post" {
		orders = slices.DeleteFunc(orders, func(o string) bool { return o == "write" })
	}
	switch n := s.rnd.IntN(20); {
	case n == 0:
		orders = append(orders, "error")
	case n == 1 && phase == "pre":
		orders = append(orders, "reject")
	}
	return orders
}

func (s *stage) release() func() {
	p := s.parked[s.rnd.IntN(len(s.parked))]
	s.note("release %d at %s", p.id, p.run)
	return func() { close(p.open) }
}

// leave lets a caller give up.
func (s *stage) leave() func() {
	var left []*actor
	for _, a := range s.actors {
		if !a.ended && !a.gone {
			left = append(left, a)
		}
	}
	if len(left) == 0 {
		return func() {}
	}
	a := left[s.rnd.IntN(len(left))]
	s.note("caller of %d leaves", a.id)
	next := s.at(a)
	if runs := s.course(a).runs; next == "" {
		next = runs[len(a.events)]
	} else if next == "driver" {
		next = runs[min(len(a.events), len(runs)-1)]
	}
	if cuttable(next) {
		a.cut[next], a.waits = true, 0 // what it waits for now comes later in its course
	}
	a.gone = true
	return a.cancel
}

// cuttable reports whether a run ends when its caller goes.
func cuttable(run string) bool {
	return strings.HasSuffix(run, " pre") || strings.HasSuffix(run, " post") || strings.HasSuffix(run, " periodic")
}

// collapse makes a call whose hook breaks the VM.
func (s *stage) collapse() func() {
	s.note("the VM breaks")
	for _, p := range s.parked {
		if p.generation == s.engine.Generation() && p.run != "driver" {
			p.cut[p.run] = true
		}
	}
	s.broken = s.moment
	ctx := engine.WithCallContext(context.Background(), map[string]any{"word": lastWord{}})
	return func() {
		go func() { _, _ = engine.Call(ctx, s.engine, "collapse", args{}, echo) }()
	}
}

// at is where a call waits for the scheduler; "" where it does not.
func (s *stage) at(a *actor) string {
	for _, p := range s.parked {
		if p.actor == a {
			return p.run
		}
	}
	return ""
}

// course is the model of a call: the runs that it makes in order, which of them come to their ends, and how it ends.
type course struct {
	runs []string
	good []bool
	end  string
}

func (s *stage) course(a *actor) (c course) {
	add := func(hook, phase string) (outcome string) {
		run := hook + " " + phase
		if a.cut[run] {
			outcome = "cut"
		} else if orders := a.orders[run]; len(orders) > 0 && slices.Contains([]string{"error", "reject"}, orders[len(orders)-1]) {
			outcome = orders[len(orders)-1]
		}
		if outcome != "cut" || a.steps[run] > 0 { // else it did not begin, or ended with its first instruction
			c.runs, c.good = append(c.runs, run), append(c.good, outcome == "")
		}
		return outcome
	}
	all := func(phase string) (reached int) {
		for i, h := range stageHooks {
			if c.end = add(h.name, phase); c.end != "" {
				return i
			}
		}
		return len(stageHooks)
	}
	if a.tick {
		all("periodic")
		return c
	}
	reached := all("pre")
	if c.end == "" && a.fails {
		c.end = "driver"
	}
	if c.end == "" {
		all("post")
	} else {
		for i := reached - 1; i >= 0; i-- {
			add(stageHooks[i].name, "failed")
		}
	}
	for _, h := range stageHooks {
		add(h.name, "finally")
	}
	return c
}

// stand is where a call was before a decision.
type stand struct{ events, waits int }

// settle carries out a decision, lets all go on until nothing can, and compares where everything is with the model.
func (s *stage) settle(act func()) {
	before := map[*actor]stand{}
	for _, a := range s.actors {
		before[a] = stand{len(a.events), a.waits}
	}
	s.moment++
	act()
	synctest.Wait()
	under, queued := map[string]int{}, map[string][]*actor{}
	for _, a := range s.actors {
		c, at := s.course(a), s.at(a)
		if n := len(a.events); n > len(c.runs) || !slices.Equal(a.events, c.runs[:n]) {
			s.t.Errorf("call %d: it made the runs %v, want %v", a.id, a.events, c.runs)
			return
		}
		for i := len(a.moments); i < len(a.events) && a.events[i] != at; i++ {
			a.moments = append(a.moments, s.moment)
		}
		a.waits = 0
		switch {
		case a.ended:
			s.compareEnd(a, c)
		case at == "driver":
		case at != "":
			under[a.hookOf(at)]++
		case len(a.events) == len(c.runs):
			s.t.Errorf("call %d has made its runs %v, and waits for nothing", a.id, c.runs)
		default:
			key := a.hookOf(c.runs[len(a.events)])
			queued[key] = append(queued[key], a)
			if a.waits = before[a].waits; a.waits == 0 || len(a.events) > before[a].events {
				a.waits = s.moment
			}
		}
	}
	s.compareTurns(before, under, queued)
}

// hookOf tells the hooks of different generations apart.
func (a *actor) hookOf(run string) string {
	hook, _, _ := strings.Cut(run, " ")
	return fmt.Sprint(hook, a.generation)
}

// compareTurns checks that each hook has as many runs under way as it may, and no more, and that those who wait for a
// turn get it in order.
func (s *stage) compareTurns(before map[*actor]stand, under map[string]int, queued map[string][]*actor) {
	first := map[string]int{} // when the first of those who wait began to
	for key, waiting := range queued {
		for _, a := range waiting {
			if first[key] == 0 || a.waits < first[key] {
				first[key] = a.waits
			}
		}
	}
	for _, h := range stageHooks {
		for generation := 1; generation <= s.engine.Generation(); generation++ {
			key := fmt.Sprint(h.name, generation)
			if under[key] > h.concurrent || under[key] < h.concurrent && len(queued[key]) > 0 {
				s.t.Errorf("hook %s: %d runs are under way and %d wait, want %d under way at most, and at least where others wait",
					key, under[key], len(queued[key]), h.concurrent)
			}
		}
	}
	for a, then := range before {
		for i, run := range a.events[then.events:] {
			since := s.moment
			if i == 0 && then.waits > 0 {
				since = then.waits
			}
			if longest := first[a.hookOf(run)]; longest > 0 && longest < since {
				s.t.Errorf("call %d had its turn for %s, for which another waited longer", a.id, run)
			}
		}
	}
}

func (s *stage) compareEnd(a *actor, c course) {
	if len(a.events) != len(c.runs) {
		s.t.Errorf("call %d has ended after %v, want %v", a.id, a.events, c.runs)
	}
	var rejected *engine.RejectedError
	var failed *engine.HookError
	var waited *engine.WaitError
	ok := false
	switch c.end {
	case "":
		ok = a.err == nil
	case "error":
		ok = errors.As(a.err, &failed) && failed.Message == "demanded"
	case "reject":
		ok = errors.As(a.err, &rejected)
	case "driver":
		ok = errors.Is(a.err, errDriver)
	case "cut":
		ok = errors.As(a.err, &waited) && a.gone || errors.As(a.err, &failed) &&
			(failed.Kind == engine.KindTimeout && a.gone || failed.Kind == engine.KindInternal && strings.Contains(failed.Message, "made anew"))
	}
	if !ok {
		s.t.Errorf("call %d ended with %v, want %q", a.id, a.err, c.end)
	}
	s.compareWritten(a, c)
}

// compareWritten checks that what committed runs wrote is there, and nothing else.
func (s *stage) compareWritten(a *actor, c course) {
	var pre, post string
	for i, run := range c.runs {
		hook, phase, _ := strings.Cut(run, " ")
		for _, order := range a.orders[run] {
			switch {
			case order != "write" || !c.good[i]:
			case phase == "pre" && hook == "b": // which may change the arguments
				pre += hook
			case phase == "post":
				post += hook
			}
		}
	}
	if a.driverSaw != "" && a.driverSaw != "for:"+pre {
		s.t.Errorf("call %d: the driver got the name %q, want %q", a.id, a.driverSaw, "for:"+pre)
	}
	if got, want := a.share.Name, "made:"+post; got != want && (got != "" || c.end == "" && !a.tick) {
		s.t.Errorf("call %d: got the name %q, want %q", a.id, got, want)
	}
}

// compareCounts checks what the hooks count in their globals.
func (s *stage) compareCounts() {
	counts := map[string]int{}
	for _, a := range s.actors {
		c := s.course(a)
		for i, run := range c.runs {
			if hook, _, _ := strings.Cut(run, " "); c.good[i] && a.generation == s.engine.Generation() && a.moments[i] > s.broken {
				counts[hook]++
			}
		}
	}
	got, err := engine.Call(context.Background(), s.engine, "read", args{}, echo)
	want := ""
	for _, h := range stageHooks {
		want += fmt.Sprint(h.name, counts[h.name], " ")
	}
	if err != nil || got.Name != want {
		s.t.Errorf("the hooks counted %q, want %q; error %v", got.Name, want, err)
	}
}
