package attack

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hookrun/hookrun/engine"
)

// bystanders are the hooks before and after the attacked ones.
var bystanders = []string{"guard", "witness"}

// observer makes calls that have nothing to do with the attack, and checks that each gets what it should.
type observer struct {
	engine *engine.Engine
	after  func()       // called after each round
	others atomic.Int64 // probes that scripts may have made through the host
	seen   map[string]sight
	claims []string
	// rebuilt counts how often the globals of a bystander were fresh within one generation.
	rebuilt int
	calls   int
	slowest struct{ probe, plain time.Duration }
	quit    chan struct{}
	done    chan struct{}
}

// sight is what a bystander showed last.
type sight struct {
	generation, probes int64
	globals            string
}

func newObserver(e *engine.Engine, after func()) *observer {
	return &observer{engine: e, after: after, seen: map[string]sight{}, quit: make(chan struct{}), done: make(chan struct{})}
}

// run makes calls until stop.
func (o *observer) run() {
	defer close(o.done)
	for {
		select {
		case <-o.quit:
			return
		default:
			o.observe()
			o.after()
		}
	}
}

func (o *observer) stop() {
	close(o.quit)
	<-o.done
}

// observe makes one call without hooks and one with those of the bystanders.
func (o *observer) observe() {
	o.calls++
	began := time.Now()
	if n, err := callPlain(context.Background(), o.engine); err != nil || n != 21 {
		o.claim("a call without hooks: want 21, got %d and error %v", n, err)
	}
	o.slowest.plain = max(o.slowest.plain, time.Since(began))
	began = time.Now()
	result, err := callProbe(context.Background(), o.engine)
	o.slowest.probe = max(o.slowest.probe, time.Since(began))
	if err != nil {
		o.claim("a bystander's call failed: %v", err)
		return
	}
	for _, name := range bystanders {
		if err := o.look(name, result); err != nil {
			o.claim("%s: %v", name, err)
		}
	}
}

// look compares what a bystander shows with what it showed in the call before.
func (o *observer) look(name string, result response) error {
	shown, ok := result.Seen[name].(map[string]any)
	if !ok {
		return fmt.Errorf("want what it saw, got %v", result.Seen[name])
	}
	var now sight
	now.probes, _ = shown["probes"].(int64)
	now.generation, _ = shown["generation"].(int64)
	now.globals, _ = shown["globals"].(string)
	before, known := o.seen[name]
	o.seen[name] = now
	switch {
	case !known:
		return nil
	case now.globals != before.globals:
		return fmt.Errorf("want the globals %s, got %s", before.globals, now.globals)
	case now.generation == before.generation && before.probes < now.probes && now.probes <= before.probes+1+o.others.Load():
		return nil
	case now.probes == 1:
		if now.generation == before.generation {
			o.rebuilt++
		}
		return nil
	}
	return fmt.Errorf("want %d probes in generation %d, got %d in generation %d", before.probes+1, before.generation, now.probes, now.generation)
}

const maxClaims = 5

func (o *observer) claim(format string, args ...any) {
	if len(o.claims) < maxClaims {
		o.claims = append(o.claims, fmt.Sprintf(format, args...))
	}
}
