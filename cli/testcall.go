package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/tape"
)

// testedCall is what a test sees of a call.
type testedCall struct {
	Outcome string        `json:"outcome"`
	Result  any           `json:"result"`
	Args    any           `json:"args"`
	Error   *tape.Failure `json:"error"`
	Driver  driverEnd     `json:"driver"`
	Steps   any           `json:"steps"`
	Effects any           `json:"effects"`
	Logs    []testLog     `json:"logs"`
	Events  any           `json:"events"`
}

// driverEnd is what a test sees of the driver.
type driverEnd struct {
	Called bool          `json:"called"`
	Args   any           `json:"args"` // it was called with; nil where it was not called
	Error  *tape.Failure `json:"error"`
}

// testLog is a line that a hook has logged.
type testLog struct {
	Level   string         `json:"level"`
	Message string         `json:"message"`
	Fields  map[string]any `json:"fields"`
	Hook    string         `json:"hook"`
	Phase   string         `json:"phase"`
}

var (
	callKeys = []string{"args", "at", "context", "driver_error", "file", "method", "result"}
	tickKeys = []string{"at", "driver_error", "file", "shares", "tick"}
)

func (w *testWorld) call(ctx context.Context, args []any) (any, error) {
	spec, err := arg[map[string]any](args, 0, "call: want a table such as { method = \"create_snapshot\" }", false)
	if err != nil {
		return nil, err
	}
	r, err := w.record("call", spec, callKeys)
	if err != nil {
		return nil, err
	}
	return w.make(ctx, r, args[1])
}

func (w *testWorld) tick(ctx context.Context, args []any) (any, error) {
	spec, err := arg[map[string]any](args, 0, "tick: want a table such as { shares = {} }", false)
	if err != nil {
		return nil, err
	}
	r, err := w.record("tick", spec, tickKeys)
	if err != nil {
		return nil, err
	}
	n, err := arg[int64](args[:0], 0, "", true)
	if spec["tick"] != nil {
		n, err = arg[int64]([]any{spec["tick"]}, 0, "tick: tick: want a whole number", false)
	}
	switch {
	case err != nil:
		return nil, err
	case n > 0:
		w.ticks = int(n)
	case n < 0 || spec["tick"] != nil:
		return nil, fmt.Errorf("tick: tick: want 1 or more, got %d", n)
	case r.Tick > 0:
		w.ticks = r.Tick
	default:
		w.ticks++
	}
	r.Tick = w.ticks
	return w.make(ctx, r, args[1])
}

// record makes a call record of what a test says, on top of what the file has that it names.
func (w *testWorld) record(what string, spec map[string]any, keys []string) (*record.Record, error) {
	for _, key := range slices.Sorted(maps.Keys(spec)) {
		if !slices.Contains(keys, key) {
			return nil, fmt.Errorf("%s: unknown key %q%s", what, key, suggest.Hint(key, keys))
		}
	}
	r := &record.Record{}
	file, err := arg[string]([]any{spec["file"]}, 0, what+": file: want a path", true)
	if err == nil && file != "" {
		r, err = w.read(file)
	}
	if err != nil {
		return nil, err
	}
	if method, ok := spec["method"].(string); ok {
		r.Method = method
	} else if spec["method"] != nil {
		return nil, fmt.Errorf("%s: method: want a name, got %s", what, luaType(spec["method"]))
	}
	switch {
	case what == "tick" && r.Method != "" && r.Method != record.Periodic:
		return nil, fmt.Errorf("tick: file: want a record of a tick, got one of %s", r.Method)
	case what == "tick":
		r.Method = record.Periodic
	case r.Method == "" || r.Method == record.Periodic:
		return nil, errors.New("call: method: want the name of a driver's method; a tick is t.tick{...}")
	}
	if shares, ok := spec["shares"]; ok {
		if empty, isMap := shares.(map[string]any); isMap && len(empty) == 0 {
			shares = []any{}
		}
		r.Args = record.Raw{}
		spec = maps.Clone(spec)
		spec["args"] = map[string]any{"shares": shares}
	}
	if err := w.fill(r, what, spec); err != nil {
		return nil, err
	}
	return r, nil
}

// fill puts what a test says into a record.
func (w *testWorld) fill(r *record.Record, what string, spec map[string]any) error {
	argsType, resultType := w.types(r.Method)
	var err error
	if r.Args, err = merged(r.Args, spec["args"], argsType); err != nil {
		return fmt.Errorf("args: %w", err)
	}
	if r.Result, err = merged(r.Result, spec["result"], resultType); err != nil {
		return fmt.Errorf("result: %w", err)
	}
	facts, err := arg[map[string]any]([]any{spec["context"]}, 0, what+": context: want a table with names as keys", true)
	if err != nil {
		return err
	}
	if facts != nil {
		context := maps.Clone(r.Context)
		if context == nil {
			context = map[string]any{}
		}
		maps.Copy(context, facts)
		r.Context = context
	}
	switch e := spec["driver_error"].(type) {
	case nil:
	case string:
		r.Error = &record.Failure{Message: e}
	case map[string]any:
		message, _ := e["message"].(string)
		code, _ := e["code"].(string)
		r.Error = &record.Failure{Message: message, Code: code}
	default:
		return fmt.Errorf("%s: driver_error: want a text, or { message = …, code = … }, got %s", what, luaType(e))
	}
	if spec["at"] != nil {
		at, err := parseTime([]any{spec["at"]}, what+": at")
		if err != nil {
			return err
		}
		r.At, w.now, w.set = at, at, true
	}
	return nil
}

// read reads the call record of a file that a test names.
func (w *testWorld) read(file string) (*record.Record, error) {
	f, err := os.Open(w.site.path(file))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return record.NewDecoder(w.site.path(file), f).Next()
}

// types are those of a method's arguments and result; nil where they are free-form.
func (w *testWorld) types(method string) (args, result reflect.Type) {
	if method == record.Periodic {
		return periodicArgs(w.program.Shares), nil
	}
	for _, m := range w.program.Methods {
		if m.Name == method {
			return m.Args, m.Result
		}
	}
	return nil, nil
}

// merged puts what a test says on top of a value of a record, key by key.
func merged(base record.Raw, over any, t reflect.Type) (record.Raw, error) {
	if over == nil {
		return base, nil
	}
	over = withLists(over, t)
	if !base.IsNull() {
		below, err := patch.Decode(base.JSON)
		if err != nil {
			return base, err
		}
		over = onTop(below, over)
	}
	text, err := patch.Encode(over)
	return record.Raw{JSON: text}, err
}

func onTop(below, over any) any {
	a, ok := below.(map[string]any)
	b, also := over.(map[string]any)
	if !ok || !also {
		return over
	}
	all := maps.Clone(a)
	for key, v := range b {
		all[key] = onTop(a[key], v)
	}
	return all
}

// withLists makes lists of those empty tables that a type wants as lists: in Lua they look the same.
func withLists(v any, t reflect.Type) any {
	if t == nil {
		return v
	}
	d := bridge.Describe(t)
	switch v := v.(type) {
	case []any:
		if d.Kind == bridge.List {
			for i := range v {
				v[i] = withLists(v[i], d.Elem)
			}
		}
	case map[string]any:
		switch d.Kind {
		case bridge.List:
			if len(v) == 0 {
				return []any{}
			}
		case bridge.Map:
			for key := range v {
				v[key] = withLists(v[key], d.Elem)
			}
		case bridge.Record:
			for _, f := range d.Fields {
				if inner, ok := v[f.Name]; ok {
					v[f.Name] = withLists(inner, f.Type)
				}
			}
		}
	}
	return v
}

// make takes a record through the hooks, and returns what the test sees of that.
func (w *testWorld) make(ctx context.Context, r *record.Record, at any) (any, error) {
	eng, err := w.engine(ctx)
	if err != nil {
		return nil, err
	}
	if !w.set && !r.At.IsZero() {
		w.now = r.At
	}
	text, _ := at.(string)
	r.Pos = positionOf(text)
	hooks := selection{program: w.program}
	drv, err := newDriver(r, w.service, hooks.methodsOf(w.cfg, w.service), w.program.Shares)
	if err != nil {
		return nil, spoken(err)
	}
	e := outcome{service: w.service, record: r, generation: eng.Generation(), secrets: mask.New(w.cfg.Secrets), driver: drv}
	ctx = engine.WithTime(engine.WithTrace(engine.WithCallContext(ctx, r.Context), &e.trace), w.now)
	sent := len(w.memory.Events())
	if r.Method == record.Periodic {
		_, e.err = eng.TickAt(ctx, r.Tick, drv.periodicData)
	} else {
		e.result, e.err = engine.Call[any, any](ctx, eng, r.Method, drv.args, drv.call)
	}
	expected := r.Expect
	r.Expect = record.Raw{} // a test says itself what it expects
	rep, err := newCallReport(&e)
	r.Expect = expected
	if err != nil {
		return nil, err
	}
	w.last = rep
	return w.view(rep, drv, w.memory.Events()[sent:])
}

// positionOf reads a place as Lua writes it, "file:12: ".
func positionOf(place string) record.Position {
	file, rest, _ := strings.Cut(strings.TrimSuffix(place, ": "), ":")
	line, _ := strconv.Atoi(rest)
	return record.Position{File: file, Line: line, Column: 1}
}

// spoken words the mistakes of a record without its place: the test's line says where.
func spoken(err error) error {
	var mistakes record.Errors
	if errors.As(err, &mistakes) {
		return errors.New(mistakes.Words())
	}
	text := err.Error()
	if _, after, ok := strings.Cut(text, ":1: "); ok {
		text = after
	}
	return errors.New(text)
}

// view is what a test sees of a call.
func (w *testWorld) view(rep *callReport, drv *driver, sent []effect.Event) (any, error) {
	c := testedCall{
		Outcome: rep.Outcome, Result: rep.Result, Args: rep.Args, Error: rep.Error,
		Driver: driverEnd{Called: drv.called, Error: rep.Driver.Error}, Logs: []testLog{},
	}
	if drv.called {
		c.Driver.Args = rep.Args
	}
	effects := []any{}
	for i := range rep.Steps {
		s := &rep.Steps[i]
		for _, l := range s.Logs {
			c.Logs = append(c.Logs, testLog{l.Level, l.Message, l.Fields, s.Hook, s.Phase})
		}
		for _, e := range s.Effects {
			free, err := freeForm(e)
			if err != nil {
				return nil, err
			}
			fields, _ := free.(map[string]any)
			fields["hook"], fields["phase"] = s.Hook, s.Phase
			effects = append(effects, free)
		}
	}
	w.said = append(w.said, c.Logs...)
	c.Effects = effects
	var err error
	if c.Steps, err = freeForm(rep.Steps); err != nil {
		return nil, err
	}
	if c.Events, err = eventsView(sent); err != nil {
		return nil, err
	}
	return map[string]any{"call": c, "method": rep.Method, "shapes": w.shapes(rep.Method)}, nil
}

// freeForm is a value as its JSON says it.
func freeForm(v any) (any, error) {
	text, err := patch.Encode(v)
	if err != nil {
		return nil, err
	}
	var free any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&free)
	return free, err
}

// eventsView is what a test sees of events that were sent.
func eventsView(sent []effect.Event) (any, error) {
	all := []any{}
	for _, e := range sent {
		free, err := freeForm(map[string]any{
			"id": e.ID, "source": e.Source, "type": e.Type, "subject": e.Subject, "time": e.Time, "call": e.Call, "data": e.Data,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, free)
	}
	return all, nil
}

func (w *testWorld) events(context.Context, []any) (any, error) { return eventsView(w.memory.Events()) }

func (w *testWorld) allLogs(context.Context, []any) (any, error) {
	return append([]testLog{}, w.said...), nil
}

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
	var d time.Duration
	var err error
	switch by := args[0].(type) {
	case string:
		d, err = time.ParseDuration(by)
	case int64:
		d = time.Duration(by) * time.Second
	case float64:
		d = time.Duration(by * float64(time.Second))
	default:
		err = errors.New("no duration")
	}
	if err != nil || d < 0 {
		return nil, fmt.Errorf(`advance: want a duration such as "2h" or "1m30s", or seconds, got %v`, args[0])
	}
	w.now, w.set = w.now.Add(d), true
	return w.now.Format(time.RFC3339Nano), nil
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
	tx, err := w.memory.Scope(w.service, state).Begin(ctx, w.now)
	if err != nil {
		return nil, err
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
		return patch.Decode(e.Value)
	})
}

func (w *testWorld) stateSet(ctx context.Context, args []any) (any, error) {
	key, err := stateKey(args)
	if err != nil {
		return nil, err
	}
	if len(args) < 3 || args[2] == nil {
		return nil, errors.New("state: set: want a value, got nil")
	}
	value, err := patch.Encode(args[2])
	if err != nil {
		return nil, err
	}
	entry := effect.Entry{Key: key, Value: value}
	if len(args) > 3 {
		how, _ := args[3].(map[string]any)
		switch ttl := how["ttl"].(type) {
		case int64:
			entry.Expires = w.now.Add(time.Duration(min(ttl, math.MaxInt64/int64(time.Second))) * time.Second)
		case float64:
			entry.Expires = w.now.Add(time.Duration(ttl * float64(time.Second)))
		}
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
			v, err := patch.Decode(e.Value)
			if err != nil {
				return nil, err
			}
			all[e.Key] = v
		}
		return all, nil
	})
}
