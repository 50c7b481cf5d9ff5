package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/bridge/luatype"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/suggest"
)

var (
	callKeys = []string{"args", "at", "context", "driver_error", "file", "method", "result"}
	tickKeys = []string{"at", "driver_error", "file", "shares", "tick"}
)

func (w *testWorld) call(ctx context.Context, args []any) (any, error) {
	spec, err := arg[map[string]any](args, 0, "call: want a table such as { method = \"create_snapshot\" }", false)
	if err != nil {
		return nil, err
	}
	r, err := w.record(ctx, "call", spec, callKeys)
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
	r, err := w.record(ctx, "tick", spec, tickKeys)
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
func (w *testWorld) record(ctx context.Context, what string, spec map[string]any, keys []string) (*record.Record, error) {
	if err := onlyKeys(spec, what, keys...); err != nil {
		return nil, err
	}
	r := &record.Record{}
	file, err := arg[string]([]any{spec["file"]}, 0, what+": file: want a path", true)
	if err == nil && file != "" {
		r, err = w.read(ctx, file)
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
		if r.Error, err = failure(e, what+": driver_error"); err != nil {
			return err
		}
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

// failure is an error of the driver that a test writes as a table.
func failure(e map[string]any, what string) (*record.Failure, error) {
	if err := onlyKeys(e, what, "code", "message"); err != nil {
		return nil, err
	}
	message, err := arg[string]([]any{e["message"]}, 0, what+": message: want a text", true)
	if err != nil {
		return nil, err
	}
	code, err := arg[string]([]any{e["code"]}, 0, what+": code: want a text", true)
	return &record.Failure{Message: message, Code: code}, err
}

// onlyKeys complains of a key that means nothing in a table that a test gives.
func onlyKeys(given map[string]any, what string, keys ...string) error {
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(keys, key) {
			return fmt.Errorf("%s: unknown key %q%s", what, key, suggest.Hint(key, keys))
		}
	}
	return nil
}

// read reads the call record of a file that a test names.
func (w *testWorld) read(ctx context.Context, file string) (*record.Record, error) {
	records, err := openRecords(nil, w.site.path(file))
	if err != nil {
		return nil, err
	}
	defer records.Close()
	return records.next(ctx)
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
		if d.Kind == luatype.List {
			for i := range v {
				v[i] = withLists(v[i], d.Elem)
			}
		}
	case map[string]any:
		switch d.Kind {
		case luatype.List:
			if len(v) == 0 {
				return []any{}
			}
		case luatype.Map:
			for key := range v {
				v[key] = withLists(v[key], d.Elem)
			}
		case luatype.Record:
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
	e := outcome{service: w.service, record: r, generation: eng.Generation(), secrets: w.secrets, driver: drv}
	sent := len(w.memory.Events())
	e.make(engine.WithTrace(ctx, &e.trace), eng, w.now)
	expected := r.Expect
	r.Expect = record.Raw{} // a test says itself what it expects
	rep, err := newCallReport(&e)
	r.Expect = expected
	if err != nil {
		return nil, err
	}
	w.last = &lastCall{rep, luafiles.In(w.cfg.FS, w.cfg.Scripts)}
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
