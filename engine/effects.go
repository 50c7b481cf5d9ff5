package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/lua/hostlib"
)

// runEffects are what a run does besides changing its call. They take effect when the run ends well.
type runEffects struct {
	state   *effect.Tx     // on the state of its hook; nil until the run looks at it
	now     []effect.Event // sent when the run has ended
	waiting []effect.Event // sent when the driver has succeeded
	bytes   int            // of the data of all events
	room    int            // reserved in the outbox, for those that wait
	metrics []effect.Metric
	// requests were made, whatever becomes of the run.
	requests []httpRequest
}

// acted reports whether the run has done something that takes effect in the store. One that has only looked at its
// state, counted or asked is no part of an open call: that is written down, and closed, without it.
func (fx *runEffects) acted() bool {
	return fx.state != nil && fx.state.Changed() || len(fx.now)+len(fx.waiting) > 0
}

// The most that one run may publish.
const (
	maxEvents     = 1000
	maxEventBytes = 1 << 20 // of their data
)

// scriptEffects does for scripts what they ask for besides changing their calls, on behalf of the run that has the VM.
type scriptEffects struct{ g *generation }

var (
	errLoading    = errors.New("this works in functions of hooks only, not while a script or module is loaded")
	errNoStore    = errors.New("this needs a store, and the config says nothing of one: [store] path")
	errStoreUnset = errors.New("this needs a store, and the program opens none, though the config has [store]")
	errManyEvents = fmt.Errorf("want at most %d events in one run, with at most %d bytes of data", maxEvents, maxEventBytes)
)

// run returns the call that has the VM, with effects for its run.
func (s scriptEffects) run() (*call, error) {
	c := s.g.now
	if c.handler.phase == PhaseLoad || s.g.vm.Loading() {
		return nil, errLoading
	}
	if c.effects == nil {
		c.effects, c.loud = &runEffects{}, true
	}
	return c, nil
}

func (s scriptEffects) stored() (*call, error) {
	c, err := s.run()
	if err == nil && c.eng.opts.Store == nil {
		err = s.g.noStore
	}
	return c, err
}

// Publish notes an event, and keeps room for one that must wait for the driver.
func (s scriptEffects) Publish(p hostlib.Publication) (string, error) {
	c, err := s.stored()
	if err != nil {
		return "", err
	}
	fx := c.effects
	if fx.bytes+len(p.Data) > maxEventBytes || len(fx.now)+len(fx.waiting) == maxEvents {
		return "", errManyEvents
	}
	fx.bytes += len(p.Data)
	e := c.event(p)
	if c.handler.phase != PhasePre || p.Always {
		fx.now = append(fx.now, e)
		return e.ID, nil
	}
	if err := c.reserve(); err != nil {
		return "", err
	}
	fx.room++
	fx.waiting = append(fx.waiting, e)
	return e.ID, nil
}

// event makes an event of what a script gave.
func (c *call) event(p hostlib.Publication) effect.Event {
	now := c.scriptTime()
	e := effect.Event{
		ID: p.ID, Source: effect.Source(c.eng.service, c.handler.Name), Type: p.Type, Time: now.UTC(),
		Generation: c.chain.gen.number, Data: p.Data,
	}
	if e.ID == "" {
		e.ID = c.eventID(now)
	}
	if c.handler.phase != PhasePeriodic {
		id, _ := c.info.ID.MarshalText()
		e.Call = string(id)
		e.TraceParent, _ = c.info.Context["traceparent"].(string)
	}
	if p.Subject != nil {
		e.Subject = *p.Subject
	} else if c.handler.phase != PhasePeriodic {
		e.Subject = c.subject()
	}
	return e
}

// newEventID returns an id that no other event has or, in a dry run, that the same event has in each run of the record.
func (c *call) newEventID(now time.Time) string {
	if !c.eng.opts.DryRun {
		return effect.NewID(now)
	}
	c.events++
	id, _ := c.info.ID.MarshalText()
	return fmt.Sprintf("%s-%d", id, c.events)
}

// subject is what the events of a call are about where its script does not say: the id of the share, else that of the
// snapshot, in its arguments.
func (c *call) subject() string {
	for _, name := range [...]string{"share", "snapshot"} {
		if id, ok := c.args.Text(name, "id"); ok && id != "" {
			return hostlib.Subject(id)
		}
	}
	return ""
}

// State returns the transaction of the run on the state of its hook, and begins it the first time.
func (s scriptEffects) State(wait func(func(context.Context))) (*effect.Tx, int64, error) {
	c, err := s.stored()
	if err != nil {
		return nil, 0, err
	}
	if c.effects.state == nil {
		if err := c.takeState(wait); err != nil {
			return nil, 0, err
		}
	}
	return c.effects.state, c.handler.MaxState, nil
}

// takeState begins the transaction. Where another run has the state, or it is on disk, the VM is given to others
// meanwhile.
func (c *call) takeState(wait func(func(context.Context))) error {
	scope, now, fx := c.handler.acts.scope, c.scriptTime(), c.effects
	if c.asked.Replays() {
		var err error
		fx.state, err = c.asked.State(scope.Service, scope.Name)
		return err
	}
	if fx.state = scope.TryBegin(now); fx.state != nil {
		return nil
	}
	c.claims = true
	defer func() { c.claims = false }()
	var taken claim
	defer func() { fx.state = taken.end() }() // even where waiting ends the run
	wait(func(ctx context.Context) { taken.take(scope.Begin(ctx, now)) })
	if taken.err != nil { // where the context had ended, so has the run
		why := &effect.Error{Code: "store", Message: "the state cannot be read: " + taken.err.Error(), Err: taken.err}
		c.asked.Note(effect.Answer{Kind: effect.AnswerState, Ask: "begin", Error: &effect.AnswerError{Code: why.Code, Message: why.Message}})
		return why
	}
	return nil
}

// claim is a transaction that is begun on another goroutine, for a run that may have ended by then.
type claim struct {
	mu   sync.Mutex
	tx   *effect.Tx
	err  error
	over bool // whether the run waits no longer
}

func (c *claim) take(tx *effect.Tx, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over && tx != nil {
		tx.End()
		return
	}
	c.tx, c.err = tx, err
}

// end ends the wait, and returns the transaction if it has begun.
func (c *claim) end() *effect.Tx {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	return c.tx
}

// Measure notes a metric, unless the hook has made as many series as it may.
func (s scriptEffects) Measure(m effect.Metric) error {
	c, err := s.run()
	if err != nil || c.eng.opts.Observer == nil && !c.inDetail() {
		return err
	}
	if !c.handler.acts.series.add(m) {
		c.tooManySeries()
		return nil
	}
	m.Service, m.Hook = c.eng.service, c.handler.Name
	m.Name, m.Labels = s.g.secrets.Text(m.Name), s.g.secrets.Value(m.Labels).(map[string]string)
	c.effects.metrics = append(c.effects.metrics, m)
	return nil
}

// refused returns why a call cannot begin: its values cannot be shown, or what its hooks may publish after the driver
// has no room. The room is kept for them otherwise.
func (f *invocation[A, R]) refused() error {
	if f.unshown != nil {
		return f.unshown
	}
	return f.keepRoom()
}

func (c *call) keepRoom() error {
	store := c.eng.opts.Store
	if store == nil {
		return nil
	}
	if told := c.told; told != nil && told.NoRoom != nil {
		return c.noRoom(told.NoRoom)
	}
	n := len(c.chain.publishers)
	if err := store.Reserve(n); err != nil {
		return c.noRoom(err)
	}
	c.room, c.admitted = n, true
	return nil
}

// noRoom is the error of a call that cannot begin, since what its hooks may publish after the driver has no room. Its
// phase is pre, whose errors say that the driver was not called.
func (c *call) noRoom(err error) error {
	kept := *notKept(err)
	if errors.Is(err, effect.ErrOutboxFull) {
		kept.Message, kept.Err = "the outbox is full: it has no room for what the hook may publish after the driver", err
	}
	first := *c.chain.publishers[0]
	first.phase = PhasePre
	return c.hookError(&first, &kept)
}

// dropEffects ends the effects of a run, whether they were committed or not. It gives back what they hold.
func (c *call) dropEffects(ended bool) {
	fx := c.effects
	c.effects = nil
	if ended && c.eng.opts.Observer != nil {
		if c.pending != nil {
			c.pending.metrics = fx.metrics
		} else {
			c.observed.metrics = append(c.observed.metrics, fx.metrics...)
		}
	}
	if fx.state != nil {
		fx.state.End()
	}
	if fx.room > 0 {
		c.eng.opts.Store.Release(fx.room)
	}
}
