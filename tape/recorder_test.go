package tape_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/tape"
)

var quiet = slog.New(slog.DiscardHandler)

// oneScript is a config of one script.
func oneScript(script, toml string) (*config.Config, error) {
	return config.Parse(fstest.MapFS{
		"hooks.toml": {Data: []byte(toml + "\n[services.nfs1]\n[[services.nfs1.hooks]]\nscript = \"hook.lua\"\nallow_http = [\"example.org\"]\n")},
		"hook.lua":   {Data: []byte(script)},
	}, "hooks.toml")
}

// recording is a config of one script that records into a folder.
func recording(t testing.TB, name, script, toml string) *config.Config {
	t.Helper()
	cfg, err := oneScript(script, toml)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Record.Path = filepath.Join(t.TempDir(), name)
	return cfg
}

// open opens a recorder, and an engine that has it.
func open(t testing.TB, cfg *config.Config, o engine.Options) (*engine.Engine, *tape.Recorder) {
	t.Helper()
	r, err := tape.Open(cfg.Record, tape.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	o.Logger, o.Recorder = quiet, r
	eng, err := engine.New(cfg, "nfs1", o)
	if err != nil {
		t.Fatal(err)
	}
	return eng, r
}

// end closes both.
func end(t testing.TB, eng *engine.Engine, r *tape.Recorder) {
	t.Helper()
	if err := errors.Join(eng.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
}

// files are all tapes of a recorder, the oldest first.
func files(t testing.TB, cfg *config.Config) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(cfg.Record.Path), "*-*"))
	if err != nil {
		t.Fatal(err)
	}
	return append(found, cfg.Record.Path)
}

// tally counts what is on tapes.
func tally(t testing.TB, paths []string) (calls, dropped, headers int) {
	t.Helper()
	for line, err := range tape.Files(paths...) {
		switch {
		case err != nil:
			t.Fatal(err)
		case line.Call != nil:
			calls++
		case line.Header != nil:
			headers++
		}
		if line != nil {
			dropped += int(line.Dropped)
		}
	}
	return calls, dropped, headers
}

func grow(_ context.Context, a *args) (*result, error) { return &result{Text: a.Name}, nil }

func TestACallShowsInItsLineAsItWas(t *testing.T) {
	cfg := recording(t, "calls.jsonl", `
function pre.grow(call) log.info("small", { n = call.args.n }) return { call.args.n } end
function post.grow(call, result) result.text = result.text .. "!" end`, "")
	sum := sumOf(t, cfg)
	eng, r := open(t, cfg, engine.Options{})
	a := &args{N: 1, Name: "a"}
	ctx := engine.WithTime(engine.WithCallContext(t.Context(), map[string]any{"request_id": "req-1"}), at)
	res, err := engine.Call(ctx, eng, "grow", a, grow)
	if err != nil {
		t.Fatal(err)
	}
	a.Name, res.Text = "changed", "changed" // by the caller, who may do that now
	end(t, eng, r)
	var got []string
	for line, err := range tape.Files(cfg.Record.Path) {
		if err != nil {
			t.Fatal(err)
		}
		if c := line.Call; c != nil {
			for i := range c.Recorded.Steps {
				c.Recorded.Steps[i].Duration, c.Recorded.Steps[i].Instructions = 0, 0
			}
			got = append(got, indented(t, c))
			continue
		}
		got = append(got, fmt.Sprint(line.Header.Service, " ", line.Header.Generation, line.Header.Scripts))
	}
	want := indented(t, &tape.Call{
		Service: "nfs1", Method: "grow", At: at, Context: map[string]any{"request_id": "req-1"},
		Args: []byte(`{"n":1,"size":0,"name":"a"}`), Result: []byte(`{"text":"a","big":0,"tags":null}`),
		Recorded: &tape.Recorded{
			Generation: 1, ID: "nfs1-1", Outcome: tape.Completed, Driver: tape.Driver{Called: true},
			Args: args{N: 1, Name: "a"}, Result: result{Text: "a!"},
			Steps: []tape.Step{
				{Hook: "hook", Script: "hook.lua", Phase: "pre", Status: "ok", Returned: []any{1}, Changes: nil, Logs: []tape.LogLine{{Level: "info", Message: "small", Fields: map[string]any{"n": 1}}}, Effects: nil},
				{Hook: "hook", Script: "hook.lua", Phase: "post", Status: "ok", Logs: nil, Effects: nil},
			},
		},
	})
	want = strings.ReplaceAll(strings.Replace(want, `"changes": null`, `"changes": []`, 1), `"effects": null`, `"effects": []`)
	want = strings.Replace(want, `"logs": null`, `"logs": []`, 1)
	want = strings.Replace(want, `"changes": null`, "\"changes\": [\n     {\n      \"old\": \"a\",\n      \"op\": \"replace\",\n      \"path\": \"/text\",\n      \"value\": \"a!\"\n     }\n    ]", 1)
	if diff := cmp.Diff([]string{fmt.Sprint("nfs1 1 ", []tape.Script{{Path: "hook.lua", SHA256: sum}}), want}, got); diff != "" {
		t.Errorf("tape (-want +got):\n%s", diff)
	}
}

// sumOf is the hash of the script of a config.
func sumOf(t *testing.T, cfg *config.Config) string {
	t.Helper()
	text, err := fs.ReadFile(cfg.FS, "hook.lua")
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", sha256.Sum256(text))
}

// noRoom is an error that says how things are when it is asked.
type noRoom struct{ free int }

func (e *noRoom) Error() string { return fmt.Sprint("no room: free ", e.free) }
func (e *noRoom) Code() string  { return fmt.Sprint("free-", e.free) }

func TestADriversErrorIsRecordedAsItWasWhenTheCallEnded(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function failed.grow(call, err) log.info(err.message) end", "")
	eng, r := open(t, cfg, engine.Options{})
	failure := &noRoom{free: 1}
	_, err := engine.Call(t.Context(), eng, "grow", &args{}, func(context.Context, *args) (*result, error) { return nil, failure })
	if !errors.Is(err, failure) {
		t.Fatalf("got %v, want the driver's error", err)
	}
	failure.free = 2
	end(t, eng, r)
	text := raw(t, cfg.Record.Path)
	if bytes.Contains(text, []byte("free 2")) || bytes.Count(text, []byte("no room: free 1")) != 4 || bytes.Count(text, []byte(`"free-1"`)) != 3 {
		t.Errorf("got the tape\n%s\nwant the error as failed had it", text)
	}
}

// A replay must not take a driver for one that has done its work.
func TestADriverThatPanicsIsRecordedAsOneThatFailed(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function failed.grow(call, err) log.info(err.message) end", "")
	eng, r := open(t, cfg, engine.Options{})
	func() {
		defer func() { _ = recover() }()
		_, _ = engine.Call(t.Context(), eng, "grow", &args{}, func(context.Context, *args) (*result, error) { panic("a bug") })
	}()
	end(t, eng, r)
	for line, err := range tape.Files(cfg.Record.Path) {
		if err != nil {
			t.Fatal(err)
		}
		c := line.Call
		if c == nil {
			continue
		}
		const message = "the driver panicked, or ended its goroutine"
		if d := c.Recorded.Driver; c.Error == nil || c.Error.Message != message || !d.Called || d.Error == nil || d.Error.Message != message || c.Recorded.Outcome != tape.Failed {
			t.Errorf("got the error %+v and the driver %+v, want %q", c.Error, d, message)
		}
		return
	}
	t.Error("the call is not on the tape")
}

// A driver may call another service, whose hooks refuse that.
func TestADriverThatFailsWithARejectionHasFailed(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function finally.grow(call, outcome) log.info(outcome.status) end", "")
	eng, r := open(t, cfg, engine.Options{})
	_, err := engine.Call(t.Context(), eng, "grow", &args{}, func(context.Context, *args) (*result, error) {
		return nil, fmt.Errorf("no node: %w", &engine.RejectedError{Service: "nodes", Method: "take", Hook: "quota", Message: "too many", Code: "quota"})
	})
	if err == nil {
		t.Fatal("got no error")
	}
	end(t, eng, r)
	for line, err := range tape.Files(cfg.Record.Path) {
		if err != nil {
			t.Fatal(err)
		}
		if line.Call == nil {
			continue
		}
		c := line.Call.Recorded
		if got := c.Steps[0].Logs[0].Message; c.Outcome != got || got != tape.Failed || c.Error.Kind != string(engine.KindDriver) {
			t.Errorf("the tape says %s with a failure of the kind %s, and finally was told %s, want failed", c.Outcome, c.Error.Kind, got)
		}
	}
}

// Each file begins with the headers of all services.
func TestAHeaderThatIsTooLongCostsNoCalls(t *testing.T) {
	long.Only(t)
	cfg := recording(t, "calls.jsonl", `function pre.grow() log.info(("x"):rep(30000)) end`, "")
	cfg.Record.MaxSize = 1 // each call begins a file
	eng, r := open(t, cfg, engine.Options{})
	long := json.RawMessage(`"` + strings.Repeat("x", tape.MaxLine) + `"`)
	r.Loaded(effect.Generation{Service: "nfs0", Number: 7, Told: map[string][]effect.Answer{"hook": {{Kind: effect.AnswerObject, Value: long}}}})
	for range 3 {
		_, _ = engine.Call(t.Context(), eng, "grow", &args{}, grow)
	}
	_ = eng.Close()
	if err := r.Close(); err == nil {
		t.Error("got no error of what a header lacks")
	}
	if calls, dropped, headers := tally(t, files(t, cfg)); calls != 3 || dropped != 0 || headers < 4 {
		t.Errorf("got %d calls, %d dropped and %d headers, want 3 calls with headers before them", calls, dropped, headers)
	}
	for line, err := range tape.Files(cfg.Record.Path) {
		if err != nil || line.Header == nil || line.Header.Service != "nfs0" || line.Header.Generation != 7 || line.Header.Load != nil {
			t.Errorf("the last file begins with %+v, %v; want the header without its answers", line, err)
		}
		break
	}
}

func TestDropsAreCountedExactly(t *testing.T) {
	cfg := recording(t, "calls.jsonl.gz", "function pre.grow() end", "")
	cfg.Record.Queue = 3
	eng, r := open(t, cfg, engine.Options{})
	admitted := 0
	for range 5 {
		if r.Admit("nfs1", "grow") {
			admitted++
		}
	}
	for range admitted { // calls that did not get as far as their hooks make room for others
		r.Record(nil, nil)
	}
	if admitted != 3 || r.Stats().Dropped != 2 {
		t.Fatalf("got %d admitted, %+v; want 3, and 2 dropped", admitted, r.Stats())
	}
	const callers, each = 4, 500
	var wait sync.WaitGroup
	for range callers {
		wait.Go(func() {
			for i := range each {
				if _, err := engine.Call(t.Context(), eng, "grow", &args{N: i}, grow); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	end(t, eng, r)
	calls, dropped, _ := tally(t, files(t, cfg))
	if calls+dropped != callers*each+2 || r.Stats() != (tape.Stats{Written: int64(calls), Dropped: int64(dropped)}) {
		t.Errorf("got %d calls and %d drops, %+v; want %d together", calls, dropped, r.Stats(), callers*each+2)
	}
}

func TestAValueWithoutJSONIsDroppedAndCounted(t *testing.T) {
	loop := map[string]any{}
	loop["loop"] = loop
	for name, value := range map[string]any{"a loop": loop, "a channel": &struct {
		N int      `json:"n"`
		C chan int `lua:"-"`
	}{}} {
		t.Run(name, func(t *testing.T) {
			cfg := recording(t, "calls.jsonl", "function pre.grow() end", "")
			eng, r := open(t, cfg, engine.Options{})
			_, _ = engine.Call(t.Context(), eng, "grow", value, func(context.Context, any) (any, error) { return nil, nil })
			if err := eng.Close(); err != nil {
				t.Fatal(err)
			}
			if err := r.Close(); err == nil || !strings.HasPrefix(err.Error(), "grow of nfs1: ") {
				t.Errorf("got %v, want an error that names the call", err)
			}
			if calls, dropped, _ := tally(t, files(t, cfg)); calls != 0 || dropped != 1 {
				t.Errorf("got %d calls and %d drops, want one drop", calls, dropped)
			}
		})
	}
}

func TestAFolderWithTheNameOfATapeStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.jsonl")
	kept := filepath.Join(path, "kept")
	if err := os.MkdirAll(kept, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := config.DefaultRecord()
	cfg.Path = path
	if _, err := tape.Open(cfg, tape.Options{}); err == nil || err.Error() != path+": want a file, got a folder" {
		t.Errorf("got %v, want an error that says what is there", err)
	}
	if _, err := os.Stat(kept); err != nil {
		t.Errorf("what is in the folder: %v", err)
	}
}

// A script may put one text into very many places, which takes no memory but on a tape. How much that is shows before
// it is written.
func TestWhatIsTooLongForALineIsLeftOutOrDropsTheCall(t *testing.T) {
	long.Only(t)
	const many = `
local function many(n)
  local text, list = ("x"):rep(1e6), {}
  for i = 1, n do list[i] = text end
  return list
end
`
	for _, test := range []struct{ name, script, toml, want string }{
		{"what fits", "function pre.grow() return many(10) end", "", ""},
		{"what a run returned", "function pre.grow() return many(1e5) end", "", "returned_note"},
		{"what a run changed without effect", "function pre.grow(call) call.args.list = many(1e5) end", "", `"changes":[],"note"`},
		{"arguments", "function pre.grow(call) call.args.list = many(1e5) end", "[defaults]\nchange_args = true", "dropped"},
		{"a result", "function post.grow(call, result) result.list = many(1e5) end", "", "dropped"},
		{"what the runs of a call returned together", `
function pre.grow() return many(50) end
function finally.grow() return many(50) end`, "", "dropped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := recording(t, "calls.jsonl", many+test.script, test.toml)
			cfg.Secrets = []string{"hunter22"}
			eng, r := open(t, cfg, engine.Options{})
			_, err := engine.Call(t.Context(), eng, "grow", map[string]any{"n": 1}, func(context.Context, map[string]any) (map[string]any, error) {
				return map[string]any{"n": 1}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = eng.Close(), r.Close() // whose error is that of a line that is missing
			calls, dropped, _ := tally(t, files(t, cfg))
			if calls != 1-dropped || r.Stats() != (tape.Stats{Written: int64(calls), Dropped: int64(dropped)}) {
				t.Errorf("got %d calls and %d drops, %+v; want one together", calls, dropped, r.Stats())
			}
			if text := raw(t, cfg.Record.Path); !bytes.Contains(text, []byte(test.want)) || (dropped > 0) != (test.want == "dropped") {
				t.Errorf("the tape has no %s:\n%.2000s", test.want, text)
			}
		})
	}
}

func TestALargeFileIsSetAsideAndTheOldestAreDeleted(t *testing.T) {
	for _, ending := range endings {
		cfg := recording(t, "my.calls"+ending, "function pre.grow() end", "")
		cfg.Record.MaxSize, cfg.Record.Keep = 1, 3
		if err := os.WriteFile(cfg.Record.Path, []byte("something of yesterday's"), 0o600); err != nil {
			t.Fatal(err)
		}
		eng, r := open(t, cfg, engine.Options{})
		if old := files(t, cfg); len(old) != 2 {
			t.Errorf("got the files %q, want what there was set aside", old)
		}
		_ = eng.Close()
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			eng, r = open(t, cfg, engine.Options{})
			_, _ = engine.Call(t.Context(), eng, "grow", &args{}, grow)
			end(t, eng, r)
		}
		found := files(t, cfg)
		if len(found) != 4 {
			t.Errorf("got %d files, want the one that is written and 3: %q", len(found), found)
		}
		for _, path := range found {
			lines := 0
			for line, err := range tape.Files(path) {
				if err != nil {
					t.Fatal(err)
				}
				if lines++; lines == 1 && line.Header == nil {
					t.Errorf("%s does not begin with a header", path)
				}
			}
		}
	}
}

func TestALinkToATapeStaysALink(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function pre.grow() end", "")
	folder := t.TempDir()
	if err := os.Symlink(filepath.Join(folder, "data"), cfg.Record.Path); err != nil {
		t.Skip("there are no symbolic links here:", err)
	}
	for range 3 { // at first there is nothing where the link leads
		eng, r := open(t, cfg, engine.Options{})
		_, _ = engine.Call(t.Context(), eng, "grow", &args{}, grow)
		end(t, eng, r)
		if info, err := os.Lstat(cfg.Record.Path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Fatalf("got %v, %v, want the link", info, err)
		}
	}
	found, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(found) != 3 {
		t.Fatalf("got the files %q, %v, want three tapes where the link leads", found, err)
	}
	if calls, _, _ := tally(t, found); calls != 3 {
		t.Errorf("got %d calls on %q, want three", calls, found)
	}
}

func TestTheNewestTapeStaysWhenTheClockIsSetBack(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function pre.grow() end", "")
	cfg.Record.Keep = 2
	stem := strings.TrimSuffix(cfg.Record.Path, ".jsonl")
	for _, name := range []string{"-20981231T235959.000000Z", "-20990101T000000.000000Z", ""} {
		if err := os.WriteFile(stem+name+".jsonl", []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var want []string
	for _, text := range []string{"first", "second"} {
		if err := os.WriteFile(cfg.Record.Path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := tape.Open(cfg.Record, tape.Options{Logger: quiet})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		want = append(want, text)
	}
	var got []string
	for _, path := range files(t, cfg)[:2] {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(text))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tapes that were put aside (-want +got):\n%s", diff)
	}
}

func TestThePartOfTheLongestGlobIsRecorded(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function pre() end", "")
	cfg.Record.Sample = map[string]float64{"gr*": 1, "grind": 0.5}
	eng, r := open(t, cfg, engine.Options{})
	for _, method := range []string{"grow", "shrink", "grind"} {
		for range 400 {
			_, _ = engine.Call(t.Context(), eng, method, &args{}, grow)
		}
	}
	end(t, eng, r)
	got := map[string]int{}
	for line, err := range tape.Files(cfg.Record.Path) {
		if err != nil {
			t.Fatal(err)
		}
		if line.Call != nil {
			got[line.Call.Method]++
		}
	}
	if got["grow"] != 400 || got["shrink"] != 0 || got["grind"] < 100 || got["grind"] > 300 {
		t.Errorf("got %v, want all of grow, none of shrink, and about half of grind", got)
	}
}

// answering is a client whose answers have secrets in them.
type answering struct{}

func (answering) Do(_ context.Context, r effect.Request) (*effect.Response, error) {
	return &effect.Response{Status: 200, Header: map[string]string{"x-of": r.URL}, Body: `{"access_key": "akia-of-http", "n": 1}`}, nil
}

func TestSecretsAndMaskedFieldsAreNowhere(t *testing.T) {
	t.Setenv("CMDB_TOKEN", "tok-of-the-config")
	script := `
local token = options.token
local function leak(call)
  local key, ctx = call.args.access.access_key, call.context.token
  log.warn("a token " .. token .. " " .. ctx, { access_key = key, url = "https://example.org/?k=" .. key, list = { token } })
  state.set("access_key", key)
  state.set("k", { access_key = key, t = ctx })
  for _, v in state.each() do end
  events.publish("t", { access_key = key, token = token, pin = call.args.access.pin })
  local resp = http.get("https://example.org/?t=" .. token .. "&c=" .. ctx)
  pcall(cmdb.Echo, cmdb, key)
  return key, ctx, resp
end
function pre.grow(call)
  local key, ctx, resp = leak(call)
  call.args.name = key
  call.args.access.access_key = key .. "-new"
  return { access_key = key, both = { ctx, token }, http = resp.json().access_key }
end
function post.grow(call, result)
  result.access_key = call.args.access.access_key
  error("post: " .. call.context.token .. call.pre.access_key .. token)
end
function finally(call, outcome) leak(call) end
function failed(call, err) error(call.args.access.access_key) end`
	cfg, err := config.Parse(fstest.MapFS{
		"hooks.toml": {Data: []byte(`
[record]
path = "calls.jsonl"
mask = ["**.access_key", "context.token", "args.access.pin"]
[store]
path = "x.db"
[services.nfs1]
[[services.nfs1.hooks]]
script = "hook.lua"
allow_http = ["example.org"]
change_args = true
options = { token = "${env:CMDB_TOKEN}" }
`)},
		"hook.lua": {Data: []byte(script)},
	}, "hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	type access struct {
		AccessKey string `json:"access_key"`
		Pin       int    `json:"pin"`
	}
	type shareArgs struct {
		Name   string `json:"name"`
		Access access `json:"access"`
	}
	for _, ending := range endings {
		cfg.Record.Path = filepath.Join(t.TempDir(), "calls"+ending)
		eng, r := open(t, cfg, engine.Options{
			Store: &effect.Memory{}, HTTP: answering{}, Objects: map[string]engine.Object{"cmdb": {Value: echo{}, Methods: []string{"Echo"}}},
		})
		ctx := engine.WithCallContext(t.Context(), map[string]any{"token": "ctx-token-1", "user": "ada"})
		for i := range 2 {
			_, _ = engine.Call(ctx, eng, "grow", shareArgs{"s", access{"akia-of-args", 987654}}, func(_ context.Context, a shareArgs) (map[string]any, error) {
				if i == 1 {
					return nil, fmt.Errorf("driver: %s tok-of-the-config", a.Access.AccessKey)
				}
				return map[string]any{"access_key": "akia-of-driver", "n": 1}, nil
			})
		}
		end(t, eng, r)
		text := raw(t, cfg.Record.Path)
		for _, secret := range []string{"tok-of-the-config", "ctx-token-1", "akia-of-args", "akia-of-http", "akia-of-driver", "987654"} {
			if at := bytes.Index(text, []byte(secret)); at >= 0 {
				t.Errorf("%s: %q is on the tape: ...%s...", ending, secret, text[max(0, at-80):min(len(text), at+80)])
			}
		}
		for _, shown := range []string{`"user":"ada"`, `"access_key":"***"`, `"pin":0`} {
			if !bytes.Contains(text, []byte(shown)) {
				t.Errorf("%s: %s is not on the tape:\n%s", ending, shown, text)
			}
		}
		if calls, _, headers := tally(t, []string{cfg.Record.Path}); calls != 2 || headers != 1 {
			t.Errorf("%s: got %d calls and %d headers", ending, calls, headers)
		}
	}
}

func TestACallIsMaskedByTheSecretsOfItsConfigHoweverLongItTakes(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function pre.grow() end", "")
	r, err := tape.Open(cfg.Record, tape.Options{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	const last = 100
	secrets := func(n int) []string { return []string{fmt.Sprintf("secret-of-%03d", n)} }
	for n := range last { // one engine after the other, each with its first generation
		r.Loaded(effect.Generation{Service: "nfs1", Number: 1, Secrets: secrets(n)})
	}
	for n := range last { // all of them end now
		if !r.Admit("nfs1", "grow") {
			t.Fatal("got a call that is not admitted")
		}
		r.Record(&effect.CallRecord{Service: "nfs1", Method: "grow", Generation: 1, Given: args{N: n, Name: secrets(n)[0]}, Secrets: secrets(n)}, nil)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if at := bytes.Index(raw(t, cfg.Record.Path), []byte("secret-of")); at >= 0 {
		t.Errorf("got a secret on the tape: %.40s", raw(t, cfg.Record.Path)[at:])
	}
	if calls, dropped, headers := tally(t, files(t, cfg)); calls != last || dropped != 0 || headers != last {
		t.Errorf("got %d calls, %d dropped and %d headers, want %d calls and as many headers", calls, dropped, headers, last)
	}
}

func TestACallOfAnEngineThatWasReplacedIsMaskedByItsOwnSecrets(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function pre.grow() end", "")
	cfg.Secrets = []string{"the-old-token"}
	old, r := open(t, cfg, engine.Options{})
	_, err := engine.Call(t.Context(), old, "grow", &args{Name: "the-old-token"}, func(context.Context, *args) (*result, error) {
		if err := old.Close(); err != nil {
			t.Error(err)
		}
		changed := *cfg
		changed.Secrets = []string{"the-new-token"}
		eng, err := engine.New(&changed, "nfs1", engine.Options{Logger: quiet, Recorder: r})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = eng.Close() })
		return &result{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if text := raw(t, cfg.Record.Path); bytes.Contains(text, []byte("old-token")) || !bytes.Contains(text, []byte(`"name":"***"`)) {
		t.Errorf("got the tape\n%s\nwant the name masked", text)
	}
}

func TestAShareOfAnyNameLeavesATapeThatCanBeReplayed(t *testing.T) {
	cfg := recording(t, "calls.jsonl", "function post.grow(call, result) result.text = 'grown' end", "")
	cfg.Record.Mask = []string{"args.name"}
	eng, r := open(t, cfg, engine.Options{})
	names := []string{"2026", "nfs1", "grow", "completed", "post", "args", "size", "text", "hook"}
	for _, name := range names {
		if _, err := engine.Call(engine.WithTime(t.Context(), at), eng, "grow", &args{Name: name}, grow); err != nil {
			t.Fatal(err)
		}
	}
	end(t, eng, r)
	calls := 0
	for line, err := range tape.Files(cfg.Record.Path) {
		if err != nil {
			t.Fatal(err)
		}
		c := line.Call
		if c == nil {
			continue
		}
		calls++
		if c.Service != "nfs1" || c.Method != "grow" || !c.At.Equal(at) || string(c.Args) != `{"n":0,"size":0,"name":"***"}` ||
			c.Recorded.Outcome != tape.Completed || c.Recorded.Steps[0].Hook != "hook" || c.Recorded.Steps[0].Phase != "post" {
			t.Errorf("got %s", line.JSON)
		}
	}
	if calls != len(names) {
		t.Errorf("got %d calls, want %d", calls, len(names))
	}
}

// echo is a host object.
type echo struct{}

func (echo) Echo(s string) (string, error) { return s + s, errors.New(s) }

// raw is the text of a tape.
func raw(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := tape.Decompress(path, f)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAnOpenTapeShowsItsLines(t *testing.T) {
	long.Only(t)
	for _, ending := range endings {
		cfg := recording(t, "calls"+ending, "function pre.grow() end", "")
		eng, r := open(t, cfg, engine.Options{})
		_, _ = engine.Call(t.Context(), eng, "grow", &args{}, grow)
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			if calls, _, _ := tally(t, []string{cfg.Record.Path}); calls == 1 {
				break
			} else if time.Now().After(deadline) {
				t.Fatalf("%s: the line does not show", ending)
			}
		}
		end(t, eng, r)
	}
}

func TestAFullDiskDropsCallsAndCountsThem(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	cfg := recording(t, "calls.jsonl", "function pre.grow() end", "")
	link := cfg.Record.Path
	if err := os.Symlink("/dev/full", link); err != nil {
		t.Fatal(err)
	}
	eng, r := open(t, cfg, engine.Options{})
	_, _ = engine.Call(t.Context(), eng, "grow", &args{}, grow)
	if err := errors.Join(eng.Close(), r.Close()); err == nil {
		t.Error("got no error of a disk that is full")
	}
	if got, want := r.Stats(), (tape.Stats{Dropped: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNoPathMeansNoRecorder(t *testing.T) {
	r, err := tape.Open(config.Record{}, tape.Options{})
	if r != nil || err != nil {
		t.Fatalf("got %v, %v, want neither", r, err)
	}
	eng, err := engine.New(recording(t, "x.jsonl", "function pre.grow() end", ""), "nfs1", engine.Options{Recorder: r, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = engine.Call(t.Context(), eng, "grow", &args{}, grow)
	end(t, eng, r)
	if got := r.Stats(); got != (tape.Stats{}) {
		t.Errorf("got %+v, want zeros", got)
	}
}
