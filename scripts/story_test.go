package scripts_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/share"
)

// tell makes the calls of an example and tells what its hooks did.
func (ex example) tell(t *testing.T) string {
	t.Helper()
	eng, err := newEngine(ex.hooks...)
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	var stories []string
	for i, name := range strings.Fields(ex.records) {
		r := readRecord(t, filepath.Join("examples", "calls", name))
		var s story
		ctx := answers.With(t.Context(), &answers.Call{Seed: fmt.Sprint(name, i)}) // so that what hooks draw does not differ
		ctx = engine.WithTime(engine.WithTrace(engine.WithCallContext(ctx, r.Context), &s.trace), r.At)
		if r.Method == record.Periodic {
			s.periodic(t, ctx, eng, r)
		} else {
			s.call(t, ctx, eng, r)
		}
		stories = append(stories, s.text.String())
	}
	return strings.Join(stories, "\n")
}

func readRecord(t *testing.T, path string) *record.Record {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := record.NewDecoder(path, f).Next()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// story is what one call or tick did.
type story struct {
	trace engine.Trace
	text  strings.Builder
}

func (s *story) call(t *testing.T, ctx context.Context, eng *engine.Engine, r *record.Record) {
	method := methodOf(t, r.Method)
	args, result := decode(t, r.Args, method.Args, "args"), decode(t, r.Result, method.Result, "result")
	var reached any
	got, err := engine.Call(ctx, eng, r.Method, args, func(_ context.Context, args any) (any, error) {
		reached = args
		if r.Error != nil {
			return nil, share.Errorf(r.Error.Code, "%s", r.Error.Message)
		}
		return result, nil
	})
	driver := "driver: not called"
	switch {
	case reached == nil:
	case reflect.DeepEqual(reached, args):
		driver = "driver: called"
	default:
		driver = "driver: called with\n" + indented(t, reached)
	}
	s.steps(t, driver)
	s.outcome(t, got, result, err)
}

func (s *story) outcome(t *testing.T, got, result any, err error) {
	var rejected *engine.RejectedError
	switch {
	case errors.As(err, &rejected):
		s.printf("rejected by %s: %s (%s)", rejected.Hook, rejected.Message, rejected.Code)
	case err != nil:
		s.printf("failed: %v (%s)", err, engine.ErrorCode(err))
	case reflect.DeepEqual(got, result):
		s.printf("completed, the driver's result unchanged")
	default:
		s.printf("completed with\n%s", indented(t, got))
	}
}

func (s *story) periodic(t *testing.T, ctx context.Context, eng *engine.Engine, r *record.Record) {
	args := decode(t, r.Args, reflect.TypeFor[struct {
		Shares []share.Share `json:"shares"`
	}](), "args")
	shares := reflect.ValueOf(args).Field(0).Interface()
	ran, err := eng.TickAt(ctx, r.Tick, func(context.Context) (any, error) { return shares, nil })
	s.steps(t, fmt.Sprintf("tick %d ran: %t, error: %v", r.Tick, ran, err))
}

// steps tells the steps, with the driver's line after the last pre or periodic.
func (s *story) steps(t *testing.T, driver string) {
	told := false
	for _, step := range s.trace.Spans {
		if !told && slices.Contains([]engine.Phase{engine.PhasePost, engine.PhaseFailed, engine.PhaseFinally}, step.Phase) {
			s.printf("%s", driver)
			told = true
		}
		s.printf("%s %s: %s", step.Phase, step.Hook, step.Status)
		for _, l := range step.Logs {
			s.printf("  %s: %s %s", l.Level, l.Message, compact(t, l.Fields))
		}
		for _, e := range step.Effects {
			s.printf("  would do %s", compact(t, e))
		}
		if step.Returned != nil {
			s.printf("  returned %s", compact(t, step.Returned))
		}
		if step.Err != nil {
			s.printf("  error: %v", step.Err)
		}
	}
	if !told {
		s.printf("%s", driver)
	}
}

func (s *story) printf(format string, args ...any) { fmt.Fprintf(&s.text, format+"\n", args...) }

func methodOf(t *testing.T, name string) engine.Method {
	t.Helper()
	for _, m := range share.Methods() {
		if m.Name == name {
			return m
		}
	}
	t.Fatalf("no method %q", name)
	return engine.Method{}
}

func decode(t *testing.T, raw record.Raw, typ reflect.Type, path string) any {
	t.Helper()
	v, err := raw.Decode(typ, path)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// moment is what depends on when the example runs.
var moment = regexp.MustCompile(`"(seconds|began_at)":[\d.e-]+|"(value)":[\d.e-]+("?,"measure":"observe")`)

func compact(t *testing.T, v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return moment.ReplaceAllString(string(text), `"$1$2":N$3`)
}

func indented(t *testing.T, v any) string {
	text, err := json.MarshalIndent(v, "  ", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return "  " + string(text)
}
