package tape_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/tape"
)

// TestWhatATapeHasNoAnswerForEndsTheRun: a script that has changed, and asks something else, is told so.
func TestWhatATapeHasNoAnswerForEndsTheRun(t *testing.T) {
	const asks = `
function pre.grow()
  http.get("https://example.org/a") state.get("a") for _ in state.each("a") do end
  local _ = { time.now(), os.clock(), math.random(), crypto.uuid(), cmdb:Echo2("a") }
end`
	cfg := recording(t, "calls.jsonl", asks, "[store]\npath = \"x.db\"")
	objects := map[string]engine.Object{"cmdb": {Value: echoes{}, Methods: []string{"Echo2"}}}
	eng, r := open(t, cfg, engine.Options{Store: &effect.Memory{}, HTTP: answering{}, Objects: objects})
	if _, err := engine.Call(t.Context(), eng, "grow", &args{}, grow); err != nil {
		t.Fatal(err)
	}
	end(t, eng, r)
	for lua, want := range map[string]string{
		`pcall(http.get, "https://example.org/b")`:                       "http: GET https://example.org/b",
		`http.request{ url = "https://example.org/a", method = "HEAD" }`: "http: HEAD https://example.org/a",
		`state.get("b")`:                         "state: get b",
		`state.incr("b")`:                        "state: get b",
		`for _ in state.each("b") do end`:        `state: each "b" after ""`,
		`time.now() os.time()`:                   "clock",
		`os.clock() os.clock()`:                  "clock: os.clock",
		`crypto.random(3)`:                       "random: 3 bytes",
		`pcall(cmdb.Echo2, "a") cmdb.Echo2("b")`: "object: cmdb.Echo2",
		// What a run does itself, and what it asks again of the state, needs no answer.
		`state.set("b", 1) state.get("b") state.get("a") state.get("a") math.random() math.random() events.publish("t", 1)`: "",
	} {
		changed, err := oneScript("function pre.grow()\n  local _ = nil\n  "+strings.ReplaceAll(lua, "time.now() os.time()", "time.now() return os.time()")+"\nend", "[store]\npath = \"x.db\"")
		if err != nil {
			t.Fatal(err)
		}
		span := replayOne(t, changed, cfg.Record.Path)
		got := ""
		if he, ok := span.Err.(*engine.HookError); ok {
			got = fmt.Sprintf("%s %s:%d %s", he.Kind, he.Hook, he.Line, he.Message)
		} else if span.Err != nil {
			got = span.Err.Error()
		}
		if want != "" {
			want = fmt.Sprintf("%s hook:3 the tape has no answer to this question (%s)", tape.KindAnswer, want)
		}
		if got != want {
			t.Errorf("%s\ngot  %s\nwant %s", lua, got, want)
		}
	}
}

// echoes is a host object.
type echoes struct{}

func (echoes) Echo2(s string) string { return s + s }

// replayOne makes the only call of a tape again, with other scripts, and returns its only run.
func replayOne(t *testing.T, cfg *config.Config, path string) engine.Span {
	t.Helper()
	var trace engine.Trace
	var eng *engine.Engine
	for line, err := range tape.Files(path) {
		switch {
		case err != nil:
			t.Fatal(err)
		case line.Header != nil:
			eng, err = engine.New(cfg, "nfs1", engine.Options{
				DryRun: true, Logger: quiet, Store: &effect.Memory{}, HTTP: noHTTP{}, Objects: line.Header.StandIns(), Told: line.Header.Told(),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer eng.Close()
		default:
			ctx := line.Call.Replaying(engine.WithTrace(t.Context(), &trace))
			_, _ = engine.Call(ctx, eng, "grow", &args{}, func(context.Context, *args) (*result, error) { return &result{}, nil })
		}
	}
	if len(trace.Spans) != 1 {
		t.Fatalf("got %d runs, want one", len(trace.Spans))
	}
	return trace.Spans[0]
}
