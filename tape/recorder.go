package tape

import (
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/snapshot"
)

// Options are what the program brings to a [Recorder]. The zero value works.
type Options struct {
	Logger *slog.Logger // for what goes wrong; nil means slog.Default()
}

// Recorder records the calls of all engines that have it as their Recorder. Calls hand over copies of their values and
// go on; a goroutine of the recorder's own makes lines of them, takes out secrets and masked fields, compresses and
// writes. A call never waits for it: one that comes while Queue calls wait, or while those that wait hold too much
// memory, is dropped, and counted in [Stats]. A nil Recorder records nothing.
type Recorder struct {
	cfg     config.Record
	log     *slog.Logger
	sample  []rate
	queue   int64
	pending atomic.Int64 // calls that were admitted, and are not written yet
	held    atomic.Int64 // bytes that those of them hold which have ended, about
	dropped atomic.Int64 // since the last line that says so
	lost    atomic.Int64 // in all
	written atomic.Int64

	mu       sync.Mutex
	items    []item
	closed   bool
	wake     chan struct{}
	closing  chan struct{} // closed when the recorder is to end
	ended    chan struct{}
	failed   error           // the last one; this and what follows is only for the goroutine
	told     map[string]bool // the errors that were logged
	toldFrom time.Time       // since then
	out      *output
	masks    fieldMasks
	names    fieldNames // of the types of calls
	secrets  []hidden   // of the last configs, of which there may be calls under way; those that were used last come last
}

var _ engine.Recorder = (*Recorder)(nil)

// item is something to write: a call, or a header.
type item struct {
	call   *effect.CallRecord
	held   int64 // bytes, about
	ended  ending
	spans  []engine.Span
	types  [4]reflect.Type // of the arguments and results: a copy may have become JSON; nil for those without a value
	err    error           // why the call cannot be recorded, whose values are not kept then
	header *effect.Generation
}

// rate is how many of the calls of some methods are recorded.
type rate struct {
	pattern string
	share   float64
}

// Open begins to record into the file that cfg.Path names; without a Path it returns a nil Recorder and no error. A
// file of that name becomes an earlier one. A cfg that [config.Load] has not checked is taken as it is: start it from
// [config.DefaultRecord], since with a Queue of 0 every call is dropped. The recorder must be closed, after the engines
// that have it.
func Open(cfg config.Record, o Options) (*Recorder, error) {
	if cfg.Path == "" {
		return nil, nil
	}
	r := &Recorder{
		cfg: cfg, log: o.Logger, queue: int64(cfg.Queue), wake: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{}),
		masks: newFieldMasks(cfg.Mask), names: newFieldNames(),
	}
	if r.log == nil {
		r.log = slog.Default()
	}
	for pattern, share := range cfg.Sample {
		r.sample = append(r.sample, rate{pattern, share})
	}
	slices.SortFunc(r.sample, func(a, b rate) int { return len(b.pattern) - len(a.pattern) })
	var err error
	if r.out, err = newOutput(cfg, r.settled); err != nil {
		return nil, err
	}
	go r.run()
	return r, nil
}

// Admit implements [engine.Recorder].
func (r *Recorder) Admit(_, method string) bool {
	if r == nil || !r.sampled(method) {
		return false
	}
	if r.pending.Add(1) > r.queue || r.held.Load() >= maxHeld {
		r.pending.Add(-1)
		r.drop(1)
		return false
	}
	return true
}

// sampled decides whether a call of a method is one of those to be recorded: by the longest pattern that fits.
func (r *Recorder) sampled(method string) bool {
	if len(r.sample) == 0 {
		return true
	}
	for _, s := range r.sample {
		if glob.Match(s.pattern, method) {
			return s.share >= 1 || rand.Float64() < s.share
		}
	}
	return false
}

func (r *Recorder) drop(n int64) {
	r.dropped.Add(n)
	r.lost.Add(n)
}

// Record implements [engine.Recorder].
func (r *Recorder) Record(c *effect.CallRecord, spans []engine.Span) {
	if c == nil {
		r.pending.Add(-1)
		return
	}
	kept := false
	defer func() {
		if !kept { // also where a method of a value panics
			r.pending.Add(-1)
			r.drop(1)
		}
	}()
	if r.held.Load() >= maxHeld { // nothing need be copied
		return
	}
	i := item{call: c, ended: endingOf(c), spans: spans, types: typesOf(c)}
	copied, err := snapshotCall(c, spans)
	if err != nil {
		copied, spans = 0, nil
		i = item{call: &effect.CallRecord{Service: c.Service, Method: c.Method}, err: err}
	}
	i.held = callCost + copied + heldBy(spans)
	if !r.hold(i.held) {
		return
	}
	if kept = r.put(i); !kept {
		r.held.Add(-i.held)
	}
}

// hold counts what a call holds, unless those before it hold too much: it may be one of many that were under way.
func (r *Recorder) hold(n int64) bool {
	if r.held.Add(n)-n < maxHeld {
		return true
	}
	r.held.Add(-n)
	return false
}

// typesOf are the types of the arguments and results of a call.
func typesOf(c *effect.CallRecord) [4]reflect.Type {
	return [4]reflect.Type{reflect.TypeOf(c.Given), reflect.TypeOf(c.Args), reflect.TypeOf(c.Result), reflect.TypeOf(c.Got)}
}

// ending is how a call ended. It is read while the call holds its errors: they are the program's, which may change what
// they say.
type ending struct {
	outcome     string
	err, driver *Failure
}

func endingOf(c *effect.CallRecord) ending {
	outcome, driver := OutcomeOf(c.Err, c.DriverErr), NewFailure(c.DriverErr, c.DriverErr)
	if driver != nil {
		return ending{outcome, driver, driver} // which is the error of the call
	}
	return ending{outcome, NewFailure(c.Err, nil), nil}
}

// snapshotCall replaces the values of a call by copies, and returns how many bytes these hold, about. Most calls change
// nothing: what is the same is copied once.
func snapshotCall(c *effect.CallRecord, spans []engine.Span) (held int64, err error) {
	given, result := c.Given, c.Result
	copied := func(v any) any {
		var made any
		if err == nil {
			var n int
			made, n, err = snapshot.Of(v)
			held += int64(n)
		}
		return made
	}
	c.Given, c.Result = copied(given), copied(result)
	if c.Args = copyUnless(same(c.Args, given), c.Args, c.Given, copied); c.Got != nil {
		c.Got = copyUnless(same(c.Got, result), c.Got, c.Result, copied)
	}
	for i := range spans {
		s := &spans[i]
		s.Before, s.After = copied(s.Before), copied(s.After)
		if s.Dropped != nil {
			s.Dropped = &engine.Drop{Of: s.Dropped.Of, Why: s.Dropped.Why, Before: copied(s.Dropped.Before), After: copied(s.Dropped.After), Note: s.Dropped.Note}
		}
	}
	if c.Context == nil {
		return held, err
	}
	context := copied(c.Context)
	if text, is := context.(json.RawMessage); is && err == nil {
		context, err = patch.Decode(text)
	}
	c.Context, _ = context.(map[string]any) // of another type only where there is an error
	return held, err
}

func copyUnless(same bool, v, known any, copied func(any) any) any {
	if same {
		return known
	}
	return copied(v)
}

// same reports whether two values are equal by ==. It returns false for values that cannot be compared.
func same(a, b any) (yes bool) {
	defer func() { _ = recover() }() // values that cannot be compared
	return a == b
}

// Loaded implements [engine.Recorder].
func (r *Recorder) Loaded(g effect.Generation) {
	if r != nil {
		r.put(item{header: &g})
	}
}

// put hands something to the goroutine, and reports whether that still runs.
func (r *Recorder) put(i item) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.items = append(r.items, i)
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return true
}

// Stats are what a recorder has done.
type Stats struct {
	Written int64 // calls
	Dropped int64 // calls that were to be recorded, and are missing
}

// Stats returns what the recorder has done so far.
func (r *Recorder) Stats() Stats {
	if r == nil {
		return Stats{}
	}
	return Stats{r.written.Load(), r.lost.Load()}
}

// Close writes what is left, and ends the recorder. It returns the last error since [Open]; nil where all was written.
// A nil Recorder has nothing to close.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	already := r.closed
	r.closed = true
	r.mu.Unlock()
	if !already {
		close(r.closing)
	}
	<-r.ended
	return r.failed
}

// flushEvery is how long a line may wait to be compressed together with others.
const flushEvery = time.Second

// run writes until the recorder is closed.
func (r *Recorder) run() {
	defer close(r.ended)
	timer := time.NewTimer(flushEvery)
	defer timer.Stop()
	for open := true; open; {
		select {
		case <-r.wake:
		case <-r.closing:
			open = false
		case <-timer.C:
			r.note(r.out.flush())
			timer.Reset(flushEvery)
		}
		r.writeAll()
	}
	r.note(r.out.close())
}

// writeAll writes what was handed over.
func (r *Recorder) writeAll() {
	for {
		r.mu.Lock()
		items := r.items
		r.items = nil
		r.mu.Unlock()
		r.writeDrops()
		if len(items) == 0 {
			r.note(r.out.idle())
			return
		}
		began := time.Now()
		for i := range items {
			r.write(&items[i])
			items[i] = item{} // what it holds is free now, not when all are written
			if worked := time.Since(began); worked >= workFor {
				r.rest(min(worked*restShare, time.Second))
				began = time.Now()
			}
		}
	}
}

// The recorder works for a while and then rests several times as long, so that on a machine without a core to spare it
// takes a small share of one: recording makes a call 1.3 times as long at most, however many calls are made. What that
// is not enough for is dropped.
const (
	workFor   = time.Millisecond
	restShare = 6
)

// rest waits, unless the recorder is being closed.
func (r *Recorder) rest(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.closing:
	}
}

// writeDrops writes how many calls were dropped since it was last written.
func (r *Recorder) writeDrops() {
	n := r.dropped.Swap(0)
	if n == 0 {
		return
	}
	r.note(r.out.line(encodeLine(drops{n}), waiting{dropped: n}))
}

// settled is told what became of lines. Drops that could not be written are to be said again.
func (r *Recorder) settled(w waiting, written bool) {
	if written {
		r.written.Add(w.calls)
		return
	}
	r.drop(w.calls)
	r.dropped.Add(w.dropped)
}

// write writes a call or a header.
func (r *Recorder) write(i *item) {
	if i.header != nil {
		r.header(i.header)
		return
	}
	defer func() {
		r.held.Add(-i.held)
		r.pending.Add(-1)
	}()
	r.note(r.call(i))
}

// An error that goes on is logged every tellEvery, and of different ones maxTold in that time.
const (
	tellEvery = time.Minute
	maxTold   = 16
)

// note keeps an error, and logs it.
func (r *Recorder) note(err error) {
	if err == nil {
		return
	}
	r.failed = err
	if time.Since(r.toldFrom) >= tellEvery {
		r.told, r.toldFrom = map[string]bool{}, time.Now()
	}
	if text := err.Error(); !r.told[text] && len(r.told) < maxTold {
		r.told[text] = true
		r.log.Error("a call cannot be recorded", slog.Any("error", err))
	}
}
