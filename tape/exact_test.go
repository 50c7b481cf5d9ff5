package tape_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/fetch"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/store"
	"github.com/hookrun/hookrun/tape"
)

var exactCalls = flag.Int("tape.calls", 200, "how many calls are recorded and made again")

// args and result are those of the method grow.
type args struct {
	N    int    `json:"n"`
	Size int    `json:"size"`
	Name string `json:"name"`
}

type result struct {
	Text string            `json:"text"`
	Big  int64             `json:"big"`
	Tags map[string]string `json:"tags"`
}

// cmdb is a host object.
type cmdb struct{}

func (cmdb) Owner(n int) (string, *int) {
	if n%2 == 0 {
		return "ada", nil
	}
	return fmt.Sprint("bob", n), &n
}

// found has a map, whose order is another each time, and an integer that no double holds.
type found struct {
	Big   int64             `json:"big"`
	Map   map[string]any    `json:"map"`
	Empty []string          `json:"empty"`
	List  []any             `json:"list"`
	At    time.Time         `json:"at"`
	Notes map[string]string `json:"notes"`
}

func (cmdb) Find(n int) found {
	return found{
		Big: 1<<60 + int64(n), Map: map[string]any{"a": 1, "b": "x", "c": true, "d": []any{}, "e": map[string]any{}, "f": 1.5, "g": nil},
		Empty: []string{}, List: []any{nil, 1, "<&>\u2028"}, At: time.Now(), Notes: map[string]string{"x": "1", "y": "2", "z": "3"},
	}
}

func (cmdb) Fail(n int) error { return fmt.Errorf("no rack for %d at %s", n, time.Now()) }

// driverFailure is an error with a code.
type driverFailure struct{ message, code string }

func (e *driverFailure) Error() string { return e.message }
func (e *driverFailure) Code() string  { return e.code }

var methods = []engine.Method{{Name: "grow", Args: reflect.TypeFor[args](), Result: reflect.TypeFor[result]()}}

// exactConfig is a config whose one hook asks everything.
func exactConfig(t *testing.T, dir string, record config.Record, url, closed string) *config.Config {
	t.Helper()
	path := filepath.Join(dir, "config.toml")
	scripts, err := filepath.Abs("testdata/exact")
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`scripts = %q
[store]
path = "hookrun.db"
sync = false
[[services.nfs1.hooks]]
script = "everything.lua"
change_args = true
allow_http = [%q, %q]
suppress_post_errors = true
timeout = "60s"
options = { url = %q, closed = %q }
`, filepath.ToSlash(scripts), strings.TrimPrefix(url, "http://"), strings.TrimPrefix(closed, "http://"), url, closed)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Record = record
	return cfg
}

// recordCalls makes calls of a service that records them, and returns its config and tape.
func recordCalls(t *testing.T, calls int, name string) (*config.Config, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Of", r.URL.RawQuery)
		if strings.HasSuffix(r.URL.RawQuery, "3") {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprintf(w, `{"tier":"gold-%s-%d"}`, r.URL.Query().Get("n"), time.Now().UnixNano())
	}))
	defer server.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	closed := gone.URL
	gone.Close()
	dir := t.TempDir()
	record := config.DefaultRecord()
	record.Path = filepath.Join(dir, name)
	record.Queue = calls + 10
	cfg := exactConfig(t, dir, record, server.URL, closed)
	log := slog.New(slog.DiscardHandler)
	kept, err := store.Open(cfg.Store.Path, store.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	recorder, err := tape.Open(cfg.Record, tape.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	client := fetch.New(fetch.Options{})
	defer client.Close()
	eng, err := engine.New(cfg, "nfs1", engine.Options{
		Logger: log, Methods: methods, Store: kept, HTTP: client, Recorder: recorder,
		Objects: map[string]engine.Object{"cmdb": {Value: cmdb{}, Methods: []string{"Owner", "Find", "Fail"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range calls {
		ctx := engine.WithCallContext(t.Context(), map[string]any{"request_id": fmt.Sprint("req-", i)})
		if i%25 == 24 {
			if _, err := eng.Tick(ctx, func(context.Context) (any, error) { return []args{{N: i}}, nil }); err != nil {
				t.Fatal(err)
			}
			continue
		}
		_, _ = engine.Call(ctx, eng, "grow", args{N: i, Size: 1 << 40, Name: "s"}, func(_ context.Context, a args) (result, error) {
			if a.N%11 == 0 {
				return result{}, &driverFailure{fmt.Sprint("no room for ", a.N), "full"}
			}
			return result{Text: a.Name, Big: 1<<60 + 1, Tags: map[string]string{"n": fmt.Sprint(a.Size)}}, nil
		})
	}
	for _, c := range []interface{ Close() error }{eng, recorder} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := recorder.Stats(), (tape.Stats{Written: int64(calls)}); got != want {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	return cfg, record.Path
}

// noHTTP is a client that must not be asked.
type noHTTP struct{}

func (noHTTP) Do(context.Context, effect.Request) (*effect.Response, error) {
	return nil, errors.New("a replay has asked the world")
}

// player makes the calls of a tape again.
type player struct {
	cfg    *config.Config
	eng    *engine.Engine
	memory *effect.Memory
}

// playedAgain goes through the calls of the tape that a config names, each with what came of it when it was made again.
func playedAgain(t *testing.T, cfg *config.Config) iter.Seq2[*tape.Line, *tape.Recorded] {
	return func(yield func(*tape.Line, *tape.Recorded) bool) {
		t.Helper()
		p := &player{cfg: cfg}
		defer p.close()
		for line, err := range tape.Files(cfg.Record.Path) {
			if err != nil {
				t.Fatal(err)
			}
			if line.Header != nil {
				p.load(t, line.Header)
			} else if !yield(line, p.play(t, line.Call)) {
				return
			}
		}
	}
}

func (p *player) load(t *testing.T, h *tape.Header) {
	t.Helper()
	p.close()
	p.memory = &effect.Memory{}
	var err error
	p.eng, err = engine.New(p.cfg, h.Service, engine.Options{
		DryRun: true, Logger: slog.New(slog.DiscardHandler), Methods: methods, Store: p.memory, HTTP: noHTTP{}, Objects: h.StandIns(), Told: h.Told(),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (p *player) close() {
	if p.eng != nil {
		_ = p.eng.Close()
	}
}

// play makes a call again, and returns what came of it.
func (p *player) play(t *testing.T, c *tape.Call) *tape.Recorded {
	t.Helper()
	var trace engine.Trace
	ctx := engine.WithTime(engine.WithTrace(engine.WithCallContext(t.Context(), c.Context), &trace), c.At)
	ctx = c.Replaying(ctx)
	got := &tape.Recorded{Generation: c.Recorded.Generation, ID: c.Recorded.ID, Duration: c.Recorded.Duration, Steps: []tape.Step{}}
	var failed, err error
	if c.Tick > 0 {
		var shares struct {
			Shares []args `json:"shares"`
		}
		mustDecode(t, c.Args, &shares)
		got.Driver.Called, got.Args = true, shares
		_, err = p.eng.TickAt(ctx, c.Tick, func(context.Context) (any, error) { return shares.Shares, nil })
	} else {
		var a args
		mustDecode(t, c.Args, &a)
		got.Args = a
		got.Result, err = engine.Call(ctx, p.eng, c.Method, any(a), func(_ context.Context, a any) (any, error) {
			got.Driver.Called, got.Args = true, a
			var r result
			if c.Error != nil {
				failed = &driverFailure{c.Error.Message, c.Error.Code}
			}
			mustDecode(t, c.Result, &r)
			return r, failed
		})
	}
	p.memory.Deliver()
	got.Driver.Error, got.Outcome, got.Error = tape.NewFailure(failed, failed), tape.OutcomeOf(err, failed), tape.NewFailure(err, failed)
	for i, s := range trace.Spans {
		st, err := tape.NewStep(s)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Driver.Called && s.After != nil {
			got.Args = s.After
		}
		if i < len(c.Recorded.Steps) {
			st.Duration, st.Answers = c.Recorded.Steps[i].Duration, c.Recorded.Steps[i].Answers
		}
		got.Steps = append(got.Steps, st)
	}
	return got
}

func mustDecode(t *testing.T, text json.RawMessage, into any) {
	t.Helper()
	if text == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// indented is a value as JSON, line by line.
func indented(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	mustDecode(t, text, &plain)
	text, _ = json.MarshalIndent(plain, "", " ")
	return string(text)
}

func TestAReplayOfTheSameScriptsDoesTheSame(t *testing.T) {
	long.Only(t)
	cfg, path := recordCalls(t, *exactCalls, "calls.jsonl.zst")
	p := &player{cfg: cfg}
	defer p.close()
	calls, outcomes, kinds := 0, map[string]int{}, map[effect.AnswerKind]int{}
	for line, err := range tape.Files(path) {
		switch {
		case err != nil:
			t.Fatal(err)
		case line.Header != nil:
			p.load(t, line.Header)
		case line.Call != nil:
			calls++
			outcomes[line.Call.Recorded.Outcome]++
			for _, s := range line.Call.Recorded.Steps {
				for _, a := range s.Answers {
					kinds[a.Kind]++
				}
			}
			if diff := cmp.Diff(indented(t, line.Call.Recorded), indented(t, p.play(t, line.Call))); diff != "" {
				t.Fatalf("%s: recorded and played (-recorded +played):\n%s", line.Place(), diff)
			}
		}
	}
	if calls != *exactCalls || len(outcomes) != 3 || len(kinds) < 6 {
		t.Errorf("got %d calls with outcomes %v and answers %v; want %d of all outcomes and kinds", calls, outcomes, kinds, *exactCalls)
	}
}

// terse is a client that gives one answer to all requests.
type terse struct{ effect.Response }

func (t terse) Do(context.Context, effect.Request) (*effect.Response, error) { return &t.Response, nil }

// torn is a host object whose error has a text that was cut within a letter.
type torn struct{}

func (torn) Fail() error { return errors.New("gr\xc3") }

func TestAnswersThatAreNoTextAreTheSameInAReplay(t *testing.T) {
	const script = `
function pre.grow(call)
  local answer = http.get("https://example.org/")
  local ok, err = pcall(cmdb.Fail)
  return { #answer.headers.name, answer.headers.name == "gr\246\223e", answer.headers.kind, #answer.headers.data, answer.body == "\255", #err, err:byte(-1) }
end`
	cfg := recording(t, "calls.jsonl", script, "")
	eng, r := open(t, cfg, engine.Options{
		Methods: methods, Objects: map[string]engine.Object{"cmdb": {Value: torn{}, Methods: []string{"Fail"}}},
		HTTP: terse{effect.Response{Status: 200, Header: map[string]string{"name": "gr\xf6\xdfe", "kind": "größe", "data": "data:application/octet-stream;base64,AAAA"}, Body: "\xff"}},
	})
	if _, err := engine.Call(t.Context(), eng, "grow", args{}, func(context.Context, args) (result, error) { return result{}, nil }); err != nil {
		t.Fatal(err)
	}
	end(t, eng, r)
	for line, played := range playedAgain(t, cfg) {
		if diff := cmp.Diff(indented(t, line.Call.Recorded), indented(t, played)); diff != "" {
			t.Errorf("recorded and played (-recorded +played):\n%s", diff)
		}
	}
}

func TestQuestionsWithSecretsOrBytesAreAnsweredInAReplay(t *testing.T) {
	t.Setenv("TAPE_TOKEN", "sk_live_abcdef0123")
	t.Setenv("TAPE_OTHER", "sk_live_0123abcdef")
	cfg, err := config.Parse(fstest.MapFS{
		"hooks.toml": {Data: []byte(`
[store]
path = "x.db"
[[services.nfs1.hooks]]
script = "hook.lua"
allow_http = ["example.org"]
options = { token = "${env:TAPE_TOKEN}", other = "${env:TAPE_OTHER}" }
`)},
		"hook.lua": {Data: []byte(`
function pre.grow(call)
  local said = {}
  for _, key in ipairs { "by/" .. options.token, "by/" .. options.other, "gr\195", "gr\196", "by/" .. options.token } do
    said[#said + 1] = tostring(state.get(key, "none"))
  end
  state.set("by/" .. options.token, 7)
  state.set("by/" .. options.other, state.incr("by/" .. options.other, 8))
  local answer = http.get("https://example.org/" .. options.token)
  said[#said + 1] = answer.body .. http.get("https://example.org/\195").status
  if call.args.n == 2 then
    for key in state.each("by/" .. options.token) do said[#said + 1] = "met" end
  end
  return table.concat(said, " ")
end`)},
	}, "hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Record.Path = filepath.Join(t.TempDir(), "calls.jsonl")
	eng, r := open(t, cfg, engine.Options{Methods: methods, Store: &effect.Memory{}, HTTP: terse{effect.Response{Status: 200, Body: "gold"}}})
	for n := range 3 {
		if _, err := engine.Call(t.Context(), eng, "grow", args{N: n}, func(context.Context, args) (result, error) { return result{}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	end(t, eng, r)
	n := 0
	for line, got := range playedAgain(t, cfg) {
		if n++; n < 3 {
			if diff := cmp.Diff(indented(t, line.Call.Recorded), indented(t, got)); diff != "" {
				t.Errorf("%s: recorded and played (-recorded +played):\n%s", line.Place(), diff)
			}
		} else if got.Error == nil || got.Error.Kind != string(tape.KindAnswer) {
			t.Errorf("a walk of keys that the tape does not have: got %+v, want that it has no answer", got.Error)
		}
	}
	if n != 3 {
		t.Errorf("got %d calls, want 3", n)
	}
}
