package crash

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/store"
)

// job is what a process is to do.
type job struct {
	Dir      string
	Seed     uint64 // of the plans
	First    int    // number of its first call
	Calls    int    // after which it comes to its end; 0 for never
	Truthful bool   // whether it knows what became of calls
	Broken   bool   // whether failed functions fail that are planned to
	Sync     bool
}

// Of a process that is to be killed, and of one that is not.
const (
	callers     = 16
	reloadEvery = 64 // calls
)

// process is the job under way.
type process struct {
	job
	journal *os.File
	seen    map[int]*fate // what the processes before this one wrote down
	store   *store.Store
	engine  *engine.Engine
	begun   atomic.Int64
	ticks   atomic.Int64
	broken  atomic.Bool
}

// live does the job.
func (j job) live() error {
	notes, err := readJournal(j.file("journal"))
	if err != nil {
		return err
	}
	p := &process{job: j, seen: notes.calls}
	if p.journal, err = os.OpenFile(j.file("journal"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	defer p.journal.Close()
	quiet := slog.New(slog.DiscardHandler)
	if p.store, err = store.Open(j.file("hooks.db"), store.Options{Logger: quiet}); err != nil {
		return err
	}
	p.broken.Store(j.Broken)
	p.engine, err = engine.New(j.settings(j.Broken), service, engine.Options{
		Logger: quiet, Store: p.store, Methods: []engine.Method{change.Method()}, Outcome: p.outcome,
		Sinks:   map[string]effect.Sink{"ledger": &ledger{path: j.file("ledger.jsonl")}},
		Objects: map[string]engine.Object{"pause": {Value: pause{}, Methods: []string{"Yield"}}},
	})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	p.work()
	return p.end()
}

// pause is a host object.
type pause struct{}

// Yield lets others go on.
func (pause) Yield() { runtime.Gosched() }

// note writes something down; a process that is killed has written it down all the same.
func (p *process) note(format string, args ...any) {
	if _, err := fmt.Fprintf(p.journal, format+"\n", args...); err != nil {
		panic(err)
	}
}

// work makes calls, and ticks and reloads between them.
func (p *process) work() {
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for {
				n := int(p.begun.Add(1))
				if p.Calls > 0 && n > p.Calls {
					return
				}
				p.call(p.First + n)
				if n%8 == 0 {
					p.tick()
				}
				if n%reloadEvery == 0 && p.Calls == 0 {
					p.reload()
				}
			}
		})
	}
	all.Wait()
}

func (p *process) call(number int) {
	q := planned(p.Seed, number)
	p.note("begin %d", number)
	answer, size := p.answer(q)
	p.note("answer %d %s", number, answer)
	if want := q.shown() + 100*further; answer == "ok" && size != want {
		p.note("wrong call %d: the result is %d, want %d", number, size, want)
	}
}

// answer makes a call, and returns what came of it.
func (p *process) answer(q request) (answer string, size int) {
	defer func() {
		if recover() != nil {
			answer = "panic"
		}
	}()
	r, err := change.Call(context.Background(), p.engine, q, p.drive)
	var rejected *engine.RejectedError
	var hook *engine.HookError
	switch {
	case err == nil:
		return "ok", r.Size
	case errors.Is(err, errDriver):
		return "fail", 0
	case errors.As(err, &rejected):
		return "rejected", 0
	case errors.As(err, &hook) && hook.Message == "as planned" && hook.Phase == engine.PhasePre:
		return "hook", 0
	case errors.As(err, &hook) && hook.Message == "as planned":
		return string(hook.Phase), 0
	}
	return fmt.Sprintf("%q", err), 0
}

var errDriver = errors.New("the driver failed")

// drive is the driver: it keeps a journal of what it did.
func (p *process) drive(_ context.Context, q request) (result, error) {
	yield()
	if want := planned(p.Seed, q.Number).driven(); q.Share.Size != want {
		p.note("wrong call %d: the driver got %d, want %d", q.Number, q.Share.Size, want)
	}
	p.note("did %d %s", q.Number, orOK(q.Plan.Driver))
	if err := p.journal.Sync(); err != nil {
		panic(err)
	}
	yield()
	switch q.Plan.Driver {
	case "fail":
		return result{}, errDriver
	case "panic":
		panic("as planned")
	}
	return result{Size: q.Share.Size}, nil
}

func orOK(driver string) string {
	if driver == "" {
		return "ok"
	}
	return driver
}

func yield() {
	for range rand.IntN(20) {
		runtime.Gosched()
	}
}

// outcome says what became of a call of an earlier process, or of this one.
func (p *process) outcome(_ context.Context, c engine.OpenCall) (any, error) {
	q := c.Args.(request)
	said := func(what string) { p.note("asked %d %s", q.Number, what) }
	did := ""
	if f := p.seen[q.Number]; f != nil {
		did = f.did
	}
	if want := planned(p.Seed, q.Number).driven(); did != "" && q.Share.Size != want {
		p.note("wrong call %d: the open call has %d, want %d", q.Number, q.Share.Size, want)
	}
	switch {
	case !p.Truthful:
		said("unknown")
		return nil, engine.ErrOutcomeUnknown
	case did == "ok":
		said("completed")
		return result{Size: q.Share.Size}, nil
	}
	said("failed")
	return nil, errDriver
}

func (p *process) tick() {
	n := p.First + int(p.ticks.Add(1))
	p.note("tick %d", n)
	ran, err := p.engine.TickAt(context.Background(), n, func(context.Context) (any, error) { return []share{}, nil })
	switch {
	case err != nil:
		p.note("ticked %d failed", n)
	case ran:
		p.note("ticked %d ok", n)
	default:
		p.note("ticked %d skipped", n)
	}
}

// reload loads the scripts again, which also tries again to close what could not be closed.
func (p *process) reload() {
	broken := !p.broken.Load()
	p.broken.Store(broken)
	if err := p.engine.Reload(context.Background(), p.settings(broken)); err != nil {
		p.note("wrong reload: %v", err)
	}
}

// end brings everything to its end.
func (p *process) end() error {
	ctx := context.Background()
	if err := p.engine.Shutdown(ctx); err != nil {
		return err
	}
	for {
		stats, err := p.store.Stats(ctx)
		if err != nil {
			return err
		}
		if stats.Reserved > 0 {
			p.note("wrong outbox: room for %d events is kept, though no call is under way", stats.Reserved)
		}
		if stats.Waiting == 0 {
			return p.store.Close()
		}
		runtime.Gosched()
	}
}
