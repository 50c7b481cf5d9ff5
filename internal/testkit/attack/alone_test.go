package attack

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"time"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/engine"
)

// What a call may take beyond the timeouts of its hooks, and a process beyond the budget of the script.
const (
	grace         = 250 * time.Millisecond
	hostGrace     = 100 * time.Millisecond // for each hook, before a host method is left behind
	graceMemory   = 64 << 20
	maxErrorBytes = 4 << 10
	maxLogBytes   = 64 << 20
)

// alwaysMeasured is how many calls begin with collected memory before only some do, which takes its time.
const alwaysMeasured = 10

const verdictMark = "attack-verdict: "

// scene is one attack in a process of its own.
type scene struct {
	job
	script   *script
	host     *host
	waiter   *waiter
	engine   *engine.Engine
	observer *observer
	logged   *countingHandler
	loaded   bool
	base     int64 // what the process had in memory before
	ticks    int
	measured int
	verdict  verdict
}

// attackAlone runs the job that the parent asked for and prints the verdict.
func attackAlone(text string) error {
	if err := limitProcess(); err != nil {
		return err
	}
	s := &scene{host: newHost(), waiter: &waiter{make(chan struct{})}, logged: &countingHandler{}}
	s.host.logged = s.logged
	if err := json.Unmarshal([]byte(text), &s.job); err != nil {
		return err
	}
	var err error
	if s.script, err = readScript(s.Script); err != nil {
		return err
	}
	s.script.waits = s.Waits
	leaks := goleak.IgnoreCurrent()
	if err := s.play(); err != nil {
		return err
	}
	if err := goleak.Find(leaks); err != nil {
		s.broken("a goroutine was left behind: %v", err)
	}
	line, err := json.Marshal(s.verdict)
	if err != nil {
		return err
	}
	_, err = fmt.Printf("%s%s\n", verdictMark, line)
	return err
}

func (s *scene) broken(format string, args ...any) {
	s.verdict.Broken = append(s.verdict.Broken, fmt.Sprintf(format, args...))
}

// play is the whole attack: quiet calls, the scripts' load, the attacked calls, and quiet calls again.
func (s *scene) play() error {
	quiet, err := s.config(nil)
	if err != nil {
		return err
	}
	opts := engine.Options{Logger: slog.New(s.logged)}
	if s.script.objects {
		opts.Objects = s.host.objects(s.Harm)
	}
	opts.Objects = s.withWaiter(opts.Objects)
	if s.script.acts {
		closeStore, err := s.addEffects(&opts)
		if err != nil {
			return err
		}
		defer closeStore()
	}
	if s.engine, err = engine.New(quiet, "attacked", opts); err != nil {
		return err
	}
	s.host.again = func(ctx context.Context) error {
		s.observer.others.Add(1)
		_, err := callProbe(ctx, s.engine)
		return err
	}
	s.observer = newObserver(s.engine, s.waiter.pass)
	for range 20 {
		s.observer.observe()
	}
	if len(s.observer.claims) > 0 {
		return fmt.Errorf("before the attack: %s", s.observer.claims[0])
	}
	s.verdict.Slowdown = slowdown()
	debug.FreeOSMemory()
	if s.base, err = resetPeak(); err != nil {
		return err
	}
	go s.observer.run()
	err = s.attack()
	s.observer.stop()
	if err != nil {
		return err
	}
	s.recover(quiet)
	close(s.host.release)
	s.verdict.Slowdown = max(s.verdict.Slowdown, slowdown())
	s.judge()
	return s.engine.Close()
}

// attack loads the scripts and makes the attacked calls.
func (s *scene) attack() error {
	for _, p := range s.script.parts {
		if !p.isModule() {
			continue
		}
		file := filepath.Join(s.Folder, filepath.FromSlash(p.name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(p.source), 0o600); err != nil {
			return err
		}
	}
	cfg, err := s.config(s.script.hooks())
	if err != nil {
		return err
	}
	s.timed("loading", func() { err = s.engine.Reload(context.Background(), cfg) })
	if err != nil {
		s.verdict.Outcome = outcomeOfLoad(err)
		s.checkError(err)
		return nil
	}
	s.loaded = true
	for range s.script.calls {
		s.call(true)
	}
	s.call(false) // as a service makes it
	if s.Where == preBody {
		s.impatientCall()
	}
	return nil
}

// impatientCall makes one attacked call whose caller gives up long before the timeouts of the hooks.
func (s *scene) impatientCall() {
	patience := s.Timeout / 4
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	began := time.Now()
	_, err := callAttack(ctx, s.engine, newRequest(), s.script.driverFails)
	if took, limit := time.Since(began), patience+s.allowance(); took > limit {
		s.verdict.Late = append(s.verdict.Late, fmt.Sprintf("a caller that gave up after %v had to wait %v, want %v at most", patience, took, limit))
	}
	s.checkError(err)
}

// call makes one attacked call, and a tick after it where scripts may have a function for it.
func (s *scene) call(traced bool) {
	var trace engine.Trace
	ctx := context.Background()
	if traced {
		ctx = engine.WithTrace(ctx, &trace)
	}
	args := newRequest()
	var result response
	var others []engine.Span
	var err error
	s.timed("the attacked call", func() {
		if s.Waits {
			result, others, err = s.besideAnother(ctx, args)
		} else {
			result, err = callAttack(ctx, s.engine, args, s.script.driverFails)
		}
	})
	if !reflect.DeepEqual(args, newRequest()) {
		s.broken("the caller's arguments changed")
	}
	s.checkError(err)
	if err == nil && (result.Seen["guard"] != true || result.Seen["witness"] != true) {
		s.broken("the bystanders of the attacked call: want both to have had their turn, got %v", result.Seen)
	}
	if s.Where == asHook {
		s.ticks++
		s.timed("the tick", func() {
			_, err = s.engine.TickAt(ctx, s.ticks, func(context.Context) (any, error) { return []request{args, args}, nil })
		})
		s.checkError(err)
		if !reflect.DeepEqual(args, newRequest()) {
			s.broken("the shares of a tick changed")
		}
	}
	if traced {
		counting := s.script.hooks()
		if s.Where == preBody {
			counting = counting[len(counting)-1:] // what the hooks before it did must not show in the last one
		}
		if !s.verdict.Outcome.killed() { // of many calls the first kill is what counts
			if s.verdict.Outcome = outcomeOfSteps(others, counting); !s.verdict.Outcome.killed() {
				s.verdict.Outcome = outcomeOfSteps(trace.Spans, counting)
			}
		}
		for _, step := range trace.Spans {
			s.checkError(step.Err)
		}
	}
}

// checkError looks at the form of an error.
func (s *scene) checkError(err error) {
	if err != nil && len(err.Error()) > maxErrorBytes {
		s.broken("an error of %d bytes", len(err.Error()))
	}
}

// timed notes how long something took that all attacked hooks may have a turn in, in each of their phases, and how much
// memory the process had meanwhile. What earlier calls left to the collector is not counted, what they hold is.
func (s *scene) timed(what string, do func()) {
	if s.measured++; s.measured <= alwaysMeasured || s.measured%alwaysMeasured == 0 {
		debug.FreeOSMemory()
		_, _ = resetPeak() // it worked before
	}
	began := time.Now()
	do()
	took := time.Since(began)
	s.verdict.Peak = max(s.verdict.Peak, peakMemory()-s.base)
	s.verdict.Slowest = max(s.verdict.Slowest, took)
	turns := len(s.script.hooks())
	if s.Where == asHook {
		turns *= 2 // pre and post, or pre and failed
	}
	turns *= s.abreast()
	turn := s.Timeout
	if s.script.objects {
		turn += hostGrace
	}
	if limit := time.Duration(turns)*turn + s.allowance(); took > limit {
		s.verdict.Late = append(s.verdict.Late, fmt.Sprintf("%s took %v, want %v at most", what, took, limit))
	}
}

// allowance is how late a call may be on this machine.
func (s *scene) allowance() time.Duration {
	return time.Duration(raceSlows * float64(grace) * s.verdict.Slowdown)
}
