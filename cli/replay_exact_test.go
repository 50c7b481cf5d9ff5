package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/fetch"
	"github.com/hookrun/hookrun/internal/replay"
	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/store"
	"github.com/hookrun/hookrun/tape"
)

// growArgs and growResult are those of the method that the tapes of these tests have.
type growArgs struct {
	N    int    `json:"n"`
	Size int    `json:"size"`
	Name string `json:"name"`
}

type growResult struct {
	Text string            `json:"text"`
	Big  int64             `json:"big"`
	Tags map[string]string `json:"tags"`
}

var ofGrowing = Options{
	Methods: []engine.Method{{Name: "grow", Args: reflect.TypeFor[growArgs](), Result: reflect.TypeFor[growResult]()}},
	Shares:  reflect.TypeFor[growArgs](),
}

// racks is a host object of the service, which a replay does not have.
type racks struct{}

func (racks) Owner(n int) (string, int) { return fmt.Sprint("owner-", n), n }
func (racks) Find(n int) map[string]any { return map[string]any{"big": int64(1)<<60 + int64(n)} }
func (racks) Fail(n int) error          { return fmt.Errorf("no rack for %d", n) }

// recordGrowing makes calls of a service that records them, whose hook asks all that can be asked. It reloads the
// scripts on the way. The folder has the config, the scripts and the tape.
func recordGrowing(t *testing.T, calls int, name string) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "scripts"), os.DirFS("../tape/testdata/exact")); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"tier":"gold-%s"}`, r.URL.Query().Get("n"))
	}))
	defer server.Close()
	text := fmt.Sprintf("scripts = \"scripts\"\n[store]\npath = \"hooks.db\"\nsync = false\n[[services.nfs1.hooks]]\nscript = \"everything.lua\"\n"+
		"change_args = true\nsuppress_post_errors = true\ntimeout = \"60s\"\nallow_http = [%q]\noptions = { url = %q, closed = \"http://127.0.0.1:1\" }\n",
		strings.TrimPrefix(server.URL, "http://"), server.URL)
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Record = config.DefaultRecord()
	cfg.Record.Path, cfg.Record.Queue = filepath.Join(dir, name), calls+10
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
		Logger: log, Methods: ofGrowing.Methods, Store: kept, HTTP: client, Recorder: recorder,
		Objects: map[string]engine.Object{"cmdb": {Value: racks{}, Methods: []string{"Owner", "Find", "Fail"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range calls {
		if i == calls/2 {
			if err := eng.Reload(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
		}
		growOnce(t, eng, i)
	}
	if err := errors.Join(eng.Close(), recorder.Close()); err != nil {
		t.Fatal(err)
	}
	return dir, cfg.Record.Path
}

// growOnce makes a call or, from time to time, a tick. Some of the drivers fail.
func growOnce(t *testing.T, eng *engine.Engine, i int) {
	ctx := engine.WithCallContext(t.Context(), map[string]any{"request_id": fmt.Sprint("req-", i)})
	if i%25 == 24 {
		if _, err := eng.Tick(ctx, func(context.Context) (any, error) { return []growArgs{{N: i}}, nil }); err != nil {
			t.Fatal(err)
		}
		return
	}
	_, _ = engine.Call(ctx, eng, "grow", growArgs{N: i, Size: 1 << 40, Name: "s"}, func(_ context.Context, a growArgs) (growResult, error) {
		if a.N%11 == 0 {
			return growResult{}, errors.New("no room")
		}
		return growResult{Text: a.Name, Big: 1<<60 + 1, Tags: map[string]string{"n": fmt.Sprint(a.Size)}}, nil
	})
}

func replayGrowing(t *testing.T, dir, against, file string) (*replaying, *replay.Report) {
	t.Helper()
	return replayTape(t, ofGrowing, dir, against, file)
}

func replayTape(t *testing.T, program Options, dir, against, file string) (*replaying, *replay.Report) {
	t.Helper()
	p := &replaying{
		hooks: selection{program: program, config: filepath.Join(dir, "config.toml")}, against: against, workers: 2,
		std: &streams{in: strings.NewReader(""), out: bufio.NewWriter(io.Discard), stdout: io.Discard, err: io.Discard},
	}
	done, err := p.open(t.Context(), &cobra.Command{})
	t.Cleanup(done)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.run(t.Context(), newInputs(nil, []string{file})); err != nil {
		t.Fatal(err)
	}
	return p, p.tally.Report()
}

func TestATapeIsReplayedToTheInstruction(t *testing.T) {
	long.Only(t)
	const calls = 200
	for _, name := range []string{"calls.jsonl", "calls.jsonl.zst", "calls.jsonl.gz"} {
		dir, file := recordGrowing(t, calls, name)
		_, r := replayGrowing(t, dir, "", file)
		if r.Calls != calls || r.Compared != calls || r.Now.Same != calls || r.Differing != 0 || len(r.Missing) != 0 || len(r.Notes) != 0 {
			t.Errorf("%s: %d calls, %d compared, %d the same, missing %v, notes %q, want %d that are the same", name, r.Calls, r.Compared, r.Now.Same, r.Missing, r.Notes, calls)
			for _, g := range r.Differences {
				t.Errorf("%s: %s, %d calls: %s, was %s", g.Example.At, g.Key(), g.Calls, g.Now, g.Then)
			}
		}
		if r.Then.Rejected == 0 || r.Then.Failed == 0 || len(r.Slowest) == 0 {
			t.Errorf("%s: %+v with %d slow calls, want some of every outcome", name, r.Then, len(r.Slowest))
		}
	}
}

// edited copies the folder of a service with a script changed, and returns the new folder.
func edited(t *testing.T, dir, old, now string) string {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(copied, "scripts", "everything.lua")
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("there is no %q in %s", old, script)
	}
	if err := os.WriteFile(script, []byte(strings.Replace(string(text), old, now, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	return copied
}

func TestWhatAChangedScriptAsksInVainIsTold(t *testing.T) {
	dir, file := recordGrowing(t, 100, "calls.jsonl")
	changed := edited(t, dir, "function finally(call, outcome)\n", "function finally(call, outcome)\n  if call.args.n % 5 == 0 then http.get(options.url .. \"/new\") end\n")
	_, r := replayGrowing(t, changed, "", file)
	if len(r.Missing) != 1 {
		t.Fatalf("got %d missing answers, want one", len(r.Missing))
	}
	m := r.Missing[0]
	if m.Script != "everything.lua" || m.Line == 0 || !strings.HasPrefix(m.Asked, "http: GET ") || m.Count != r.Now.Unknown || m.Count == 0 {
		t.Errorf("got %+v with %d calls that are not known", m, r.Now.Unknown)
	}
	if r.Compared+r.Now.Unknown != 100 || r.Differing != 0 {
		t.Errorf("%d calls compared, %d not known, %d differ, want all others to be as they were", r.Compared, r.Now.Unknown, r.Differing)
	}
	for _, e := range r.Errors {
		if e.Kind == tape.KindAnswer {
			t.Errorf("a missing answer is told as an error, too: %+v", e)
		}
	}
	if want := []string{"changed since generation 1 of nfs1 was recorded: everything.lua", "changed since generation 2 of nfs1 was recorded: everything.lua"}; !reflect.DeepEqual(r.Notes, want) {
		t.Errorf("got notes %q, want %q", r.Notes, want)
	}
}

func TestADifferenceThatNeedsAnswersIsShrunkWithThem(t *testing.T) {
	dir, file := recordGrowing(t, 60, "calls.jsonl")
	changed := edited(t, dir, "a.size = a.size + math.random(3)", "a.size = a.size + 4")
	p, r := replayGrowing(t, changed, dir, file)
	if len(r.Differences) == 0 {
		t.Fatal("no difference was found")
	}
	if err := p.shrink(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for _, g := range r.Differences {
		t.Logf("%s, %d calls, %d values, %s: %s", g.Key(), g.Calls, g.Values, g.Note, g.Record)
	}
	g := r.Differences[0]
	if g.Kind != replay.KindArgs || g.Record == nil || !strings.Contains(g.Note, "answers of the tape") {
		t.Errorf("got %s with the record %s and the note %q, want a record that shows it with the answers of the tape", g.Key(), g.Record, g.Note)
	}
}
