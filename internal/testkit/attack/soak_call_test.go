package attack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// soakDriver answers each call with what only that call can have for an answer.
type soakDriver struct {
	share.Driver
	calls func() // told of each
}

// work notes what the driver got, and returns the plan of the call that it was for.
func (d soakDriver) work(ctx context.Context, name string) (*plan, error) {
	d.calls()
	seen := ctx.Value(trailKey{}).(*trail)
	seen.driver = append(seen.driver, name)
	if seen.plan.gone == "driver" {
		seen.leave()
	}
	if seen.plan.fails {
		return seen.plan, errDriver
	}
	return seen.plan, nil
}

// CreateShareInstance returns two locations, one of them for the hooks to mark.
func (d soakDriver) CreateShareInstance(ctx context.Context, args share.CreateShareInstanceArgs) (share.CreateShareInstanceResult, error) {
	p, err := d.work(ctx, args.Share.Name)
	if err != nil {
		return share.CreateShareInstanceResult{}, err
	}
	return shareResult(p), nil
}

// CreateSnapshot returns a location to mark, and a size that no hook touches.
func (d soakDriver) CreateSnapshot(ctx context.Context, args share.CreateSnapshotArgs) (share.CreateSnapshotResult, error) {
	p, err := d.work(ctx, args.Snapshot.Name)
	if err != nil {
		return share.CreateSnapshotResult{}, err
	}
	return snapshotResult(p), nil
}

// ShrinkShare has nothing to say.
func (d soakDriver) ShrinkShare(ctx context.Context, args share.ShrinkShareArgs) (r share.ShrinkShareResult, err error) {
	_, err = d.work(ctx, args.Share.Name)
	return r, err
}

// ExtendShare has nothing to say.
func (d soakDriver) ExtendShare(ctx context.Context, args share.ExtendShareArgs) (r share.ExtendShareResult, err error) {
	_, err = d.work(ctx, args.Share.Name)
	return r, err
}

func shareResult(p *plan) share.CreateShareInstanceResult {
	return share.CreateShareInstanceResult{ExportLocations: []share.ExportLocation{
		{Path: "storage-1:/" + p.name(), Preferred: true},
		{Path: "storage-2:/" + p.name(), Metadata: map[string]any{"exact": p.exact(), "none": []any{}}},
	}}
}

func snapshotResult(p *plan) share.CreateSnapshotResult {
	return share.CreateSnapshotResult{ProviderLocation: "/" + p.name(), Size: p.exact()}
}

// dispatch makes the call of a plan.
func (s *site) dispatch(ctx context.Context, p *plan) (any, error) {
	record := share.Share{ID: "s-1", Name: p.name(), Size: p.exact()}
	switch p.method {
	case "create_snapshot":
		return s.hooked.CreateSnapshot(ctx, share.CreateSnapshotArgs{Snapshot: share.Snapshot{ID: "s-1", Name: p.name(), Size: 1}})
	case "create_share_instance":
		return s.hooked.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: record})
	case "shrink_share":
		return s.hooked.ShrinkShare(ctx, share.ShrinkShareArgs{Share: record})
	case "extend_share":
		return s.hooked.ExtendShare(ctx, share.ExtendShareArgs{Share: record})
	}
	return s.attack(ctx)
}

// attack makes a call that the attacking hooks see. Of its result it shows what the others put into it.
func (s *site) attack(ctx context.Context) ([]string, error) {
	args := newRequest()
	result, err := engine.Call(ctx, s.engine, "attack", args, func(ctx context.Context, args request) (response, error) {
		p, err := s.driver.work(ctx, ctx.Value(trailKey{}).(*trail).plan.name())
		if err == nil && !reflect.DeepEqual(args, newRequest()) {
			err = fmt.Errorf("%v: the driver got %+v", p, args)
		}
		return response{Seen: map[string]any{}, Echo: args}, err
	})
	if !reflect.DeepEqual(args, newRequest()) {
		s.claim("the arguments of an attacked call changed")
	}
	var marks []string
	for i := range s.cast {
		if shown := result.Seen[s.cast[i].Name]; shown != nil {
			marks = append(marks, fmt.Sprint(s.cast[i].Name, "=", shown))
		}
	}
	return marks, err
}

// call makes one call and compares all that is known of it with the model.
func (s *site) call(p *plan) {
	seen, trace := &trail{plan: p}, &engine.Trace{}
	base := context.Background()
	if p.gone == "soon" {
		var done context.CancelFunc
		base, done = context.WithTimeout(base, time.Duration(rand.Int64N(int64(500*time.Microsecond))))
		defer done()
	}
	ctx, cancel := context.WithCancel(base)
	defer cancel()
	if seen.leave = cancel; p.gone == "before" {
		cancel()
	}
	ctx = engine.WithCallContext(seen.with(ctx), p.facts())
	if p.traced {
		ctx = engine.WithTrace(ctx, trace)
	}
	from := s.past.settled()
	began := time.Now()
	result, err := s.dispatch(ctx, p)
	took := time.Since(began)
	seen.returned(err)
	got := account{events: seen.events, driver: seen.driver, end: seen.end, result: result}
	want, diff := s.match(from, seen, got, func(on bool) account { return foretell(s.cast, p, on, seen) })
	if diff != "" || len(seen.faults) > 0 {
		s.claim("%v: %s%q; error %v", p, diff, seen.faults, err)
		return
	}
	if p.traced {
		s.compareTrace(p, trace.Spans, want)
	}
	s.enter(seen, want, trace.Spans)
	s.figures.call(p, seen, err, took)
}

// match finds the state of the engine in which the model comes to what was seen. It must be one that the engine had
// while the call began.
func (s *site) match(from int, seen *trail, got account, model func(on bool) account) (want account, diff string) {
	for _, st := range s.past.since(from) {
		if seen.generation != 0 && st.generation != seen.generation {
			continue
		}
		want = model(st.on)
		if got.equals(want) {
			return want, ""
		}
		diff = fmt.Sprintf("in generation %d, optional on %t:\n got %v\nwant %v\n", st.generation, st.on, got, want)
	}
	if diff == "" {
		diff = fmt.Sprintf("scripts of generation %d ran, which was not the engine's; ", seen.generation)
	}
	return want, diff
}

// compareTrace compares the steps of a traced call with what the model counted.
func (s *site) compareTrace(p *plan, steps []engine.Span, want account) {
	got := map[string]engine.Stats{}
	for _, step := range steps {
		if s.log.players[step.Hook] {
			got[step.Hook] = addStep(got[step.Hook], step)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want.tally) {
		s.claim("%v: the trace counts %+v, want %+v", p, got, want.tally)
	}
}

func addStep(n engine.Stats, step engine.Span) engine.Stats {
	n.Runs++
	switch step.Status {
	case engine.StatusSuppressed:
		n.Failures++
		n.Suppressed++
	case engine.StatusError:
		n.Failures++
	case engine.StatusRejected:
		n.Rejections++
	}
	return n
}

// tick beats the clock once; a share says how the periodic functions are to end.
func (s *site) tick(p *plan) {
	rnd := rand.New(rand.NewPCG(p.id, 0))
	endings := map[string]any{}
	if rnd.IntN(4) == 0 {
		hook := []string{"strict", "shaper", "optional"}[rnd.IntN(3)]
		endings[hook] = []string{"script", "instructions", "memory"}[rnd.IntN(3)]
	}
	seen, trace := &trail{}, &engine.Trace{}
	from := s.past.settled()
	ran, err := s.engine.Tick(engine.WithTrace(seen.with(context.Background()), trace), func(context.Context) (any, error) {
		return []share.Share{{ID: "s-1", Metadata: endings}}, nil
	})
	if s.figures.tick(ran); !ran {
		if err != nil || len(seen.events) > 0 {
			s.claim("a skipped tick: %v, error %v", seen.events, err)
		}
		return
	}
	seen.returned(err)
	got := account{events: seen.events, end: seen.end}
	want, diff := s.match(from, seen, got, func(on bool) account { return foretellTick(s.cast, on, endings, seen) })
	if diff != "" || len(seen.faults) > 0 || errors.Is(err, engine.ErrClosed) {
		s.claim("a tick with %v before %v: %s%q; error %v", endings, p, diff, seen.faults, err)
		return
	}
	s.enter(seen, want, trace.Spans)
}
