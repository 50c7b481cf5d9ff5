package store

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/sink"
)

// The defaults of a sink, and its limits.
const (
	defaultTimeout     = 15 * time.Second
	defaultConcurrency = 4
	maxConcurrency     = 64
)

// Configure implements [effect.Store]. The path of the store is that with which it was opened. Numbers that are 0 have
// their defaults. On an error nothing changes.
func (s *Store) Configure(keep config.Store, sinks map[string]config.Sink, own map[string]effect.Sink, secrets ...string) error {
	s.configuring.Lock()
	defer s.configuring.Unlock()
	targets, err := s.targets(sinks, own)
	if err != nil {
		return err
	}
	hidden, masker := s.hide(secrets) // which may take its time, while commits go on
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return ErrClosed
	case s.readOnly:
		return errReadOnly
	}
	s.keep, s.sync = keep.Keep, keep.Sync
	s.hidden = hidden
	s.secrets.Store(masker)
	closeSinks(s.outbox.configure(cmp.Or(keep.MaxOutbox, defaultMaxOutbox), targets))
	s.look()
	return nil
}

// maxHidden is of how many configs the secrets are masked.
const maxHidden = 64

// hide returns the secrets of the last configs with those of one more, and what masks them all: events that were
// published with the ones before may still wait. Services that share a store have the same ones, as most configs do.
func (s *Store) hide(secrets []string) ([][]string, *mask.Masker) {
	hidden := slices.DeleteFunc(slices.Clone(s.hidden), func(of []string) bool { return slices.Equal(of, secrets) })
	known := len(hidden) < len(s.hidden)
	if hidden = append(hidden, slices.Clone(secrets)); known {
		return hidden, s.secrets.Load()
	}
	if len(hidden) > maxHidden {
		hidden = hidden[1:]
	}
	return hidden, mask.New(slices.Concat(hidden...))
}

// target is a sink as it is configured.
type target struct {
	config config.Sink
	to     effect.Sink // nil if no such sink is configured
	own    bool        // it is the program's
}

// closeSinks closes sinks that get nothing more.
func closeSinks(sinks []effect.Sink) {
	for _, s := range sinks {
		if c, ok := s.(io.Closer); ok {
			_ = c.Close() // which never fails, see [sink.New]
		}
	}
}

// targets makes the sinks of a config. Those of which the config has not changed stay as they are.
func (s *Store) targets(sinks map[string]config.Sink, own map[string]effect.Sink) (map[string]target, error) {
	now := s.outbox.targets()
	targets := map[string]target{}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(sinks)) {
		c, err := completed(name, sinks[name])
		if err != nil {
			problems = append(problems, err)
			continue
		}
		t := target{config: c}
		if t.to, t.own = own[c.Type]; t.own && t.to == nil {
			err = fmt.Errorf("sink %q: the program's sink of type %q is nil", name, c.Type)
		} else if before := now[name]; !t.own && before.to != nil && reflect.DeepEqual(before.config, c) {
			t = before
		} else if !t.own {
			t.to, err = sink.New(name, c, sink.Options{Log: s.log})
		}
		problems = append(problems, err)
		targets[name] = t
	}
	return targets, errors.Join(problems...)
}

// completed returns the config of a sink with its defaults.
func completed(name string, c config.Sink) (config.Sink, error) {
	if err := checkSinkName(name); err != nil {
		return c, err
	}
	if c.Events == nil {
		c.Events = []string{"*"}
	}
	for _, g := range c.Events {
		if err := glob.Check(g); err != nil {
			return c, fmt.Errorf("sink %q: events: %w", name, err)
		}
	}
	c.Timeout, c.Concurrency = cmp.Or(c.Timeout, defaultTimeout), cmp.Or(c.Concurrency, defaultConcurrency)
	if c.Timeout < 0 {
		return c, fmt.Errorf("sink %q: timeout: want more than 0, got %s", name, c.Timeout)
	}
	if c.Concurrency < 1 || c.Concurrency > maxConcurrency {
		return c, fmt.Errorf("sink %q: concurrency: want 1 to %d, got %d", name, maxConcurrency, c.Concurrency)
	}
	return c, nil
}

// checkSinkName returns an error where a name is none that the store can keep: it is a part of keys.
func checkSinkName(name string) error {
	if name == "" || len(name) > maxKey {
		return fmt.Errorf("want a name of a sink of 1 to %d bytes, got %d", maxKey, len(name))
	}
	return nil
}

// targets returns the sinks as they are configured.
func (o *outbox) targets() map[string]target {
	o.mu.Lock()
	defer o.mu.Unlock()
	targets := map[string]target{}
	for name, k := range o.sinks {
		targets[name] = k.target
	}
	return targets
}

// configure sets the sinks, and returns those of ours that get nothing more. A sink that is gone keeps what waits for
// it, in case that it comes back.
func (o *outbox) configure(max int, targets map[string]target) (replaced []effect.Sink) {
	defer o.proceedAll()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.max = max
	clear(o.routes)
	for name := range targets {
		o.outlet(name)
	}
	for name, k := range o.sinks {
		if k.to != nil && !k.own && k.to != targets[name].to {
			replaced = append(replaced, k.to)
		}
		k.target = targets[name]
	}
	return replaced
}
