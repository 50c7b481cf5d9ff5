package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/patch"
)

func parseTime(args []any, what string) (time.Time, error) {
	text, err := arg[string](args, 0, what+`: want a time such as "2026-11-27T18:00:00Z"`, false)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf(`%s: want a time such as "2026-11-27T18:00:00Z", got %q`, what, text)
	}
	return at, nil
}

// clock sets the time that hooks see, and returns it.
func (w *testWorld) clock(_ context.Context, args []any) (any, error) {
	if len(args) > 0 && args[0] != nil {
		at, err := parseTime(args, "clock")
		if err != nil {
			return nil, err
		}
		w.now, w.set = at, true
	}
	return w.now.Format(time.RFC3339Nano), nil
}

func (w *testWorld) advance(_ context.Context, args []any) (any, error) {
	d, ok := inSeconds(args[0])
	if text, isText := args[0].(string); isText {
		var err error
		d, err = time.ParseDuration(text)
		ok = err == nil && d >= 0
	}
	if !ok {
		return nil, fmt.Errorf(`advance: want a duration such as "2h" or "1m30s", or seconds, got %v`, args[0])
	}
	w.now, w.set = w.now.Add(d), true
	return w.now.Format(time.RFC3339Nano), nil
}

// inSeconds reads a number of seconds from 0 to a hundred years, which is how long a hook's state may last.
func inSeconds(v any) (d time.Duration, ok bool) {
	var n float64
	switch v := v.(type) {
	case int64:
		n = float64(v)
	case float64:
		n = v
	default:
		return 0, false
	}
	if !(n >= 0 && n <= 100*365*24*3600) { // nor is it no number
		return 0, false
	}
	return time.Duration(n * float64(time.Second)), true
}

// state does something to the state of a hook.
func (w *testWorld) state(ctx context.Context, args []any, do func(tx *effect.Tx, max int64) (any, error)) (any, error) {
	if _, err := w.engine(ctx); err != nil {
		return nil, err
	}
	name, _ := args[0].(string)
	hook, err := w.hookOf(name)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	state := hook.State
	if state == "" {
		state = hook.Name
	}
	tx := w.memory.Scope(w.service, state).TryBegin(w.now)
	if tx == nil { // nobody has it while no call is under way, and the test has its turn in one only in a stub
		return nil, fmt.Errorf("state: the run of %s that waits for this stub has it until it ends: want it before or after the call", hook.Name)
	}
	defer tx.End()
	answer, err := do(tx, hook.MaxState)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	if tx.Changed() {
		_, err = w.memory.Commit(&effect.Commit{State: tx})
	}
	return answer, err
}

func stateKey(args []any) (string, error) { return arg[string](args, 1, "state: want a key", false) }

// valueOf puts the value of an entry into a table, where it may be null.
func (w *testWorld) valueOf(e effect.Entry) (any, error) {
	v, err := w.freeForm(e.Value)
	return map[string]any{"value": v}, err
}

func (w *testWorld) stateGet(ctx context.Context, args []any) (any, error) {
	key, err := stateKey(args)
	if err != nil {
		return nil, err
	}
	return w.state(ctx, args, func(tx *effect.Tx, _ int64) (any, error) {
		e, ok := tx.Entry(key)
		if !ok {
			return nil, nil
		}
		return w.valueOf(e)
	})
}

func (w *testWorld) stateSet(ctx context.Context, args []any) (any, error) {
	key, err := stateKey(args)
	if err != nil {
		return nil, err
	}
	boxed, _ := args[2].(map[string]any) // see valueOf
	given, ok := boxed["value"]
	if !ok {
		return nil, errors.New("state: set: want a value, got nil")
	}
	value, err := patch.Encode(given)
	if err != nil {
		return nil, err
	}
	entry := effect.Entry{Key: key, Value: value}
	how, err := arg[map[string]any](args, 3, "state: set: want a table such as { ttl = 60 }", true)
	if err == nil {
		err = onlyKeys(how, "state: set", "ttl")
	}
	if err != nil {
		return nil, err
	}
	if ttl := how["ttl"]; ttl != nil {
		d, ok := inSeconds(ttl)
		if !ok || d == 0 {
			return nil, fmt.Errorf("state: set: ttl: want seconds above 0, at most a hundred years, got %v", ttl)
		}
		entry.Expires = w.now.Add(d)
	}
	return w.state(ctx, args, func(tx *effect.Tx, max int64) (any, error) { return nil, tx.Set(entry, max) })
}

func (w *testWorld) stateDelete(ctx context.Context, args []any) (any, error) {
	key, err := stateKey(args)
	if err != nil {
		return nil, err
	}
	return w.state(ctx, args, func(tx *effect.Tx, _ int64) (any, error) {
		tx.Delete(key)
		return nil, nil
	})
}

func (w *testWorld) stateAll(ctx context.Context, args []any) (any, error) {
	return w.state(ctx, args, func(tx *effect.Tx, _ int64) (any, error) {
		all := map[string]any{}
		for e, ok := tx.After("", ""); ok; e, ok = tx.After("", e.Key) {
			v, err := w.valueOf(e)
			if err != nil {
				return nil, err
			}
			all[e.Key] = v
		}
		return all, nil
	})
}
