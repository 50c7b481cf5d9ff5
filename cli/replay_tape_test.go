package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/replay"
	"github.com/hookrun/hookrun/tape"
)

// ofSizing has a method whose arguments encoding/json writes in quotes.
var ofSizing = Options{Methods: []engine.Method{{Name: "size", Args: reflect.TypeFor[sizeArgs]()}}}

type sizeArgs struct {
	Bytes int64 `json:"bytes,string"`
}

// writeSizing makes a folder with a config and one script.
func writeSizing(t *testing.T, script string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range map[string]string{"config.toml": "[services.nfs1]\n[[services.nfs1.hooks]]\nscript = \"size.lua\"\n", "size.lua": script} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// recordSizing makes calls of a service with one script that records them. The folder has the config, the script and
// the tape.
func recordSizing(t *testing.T, script string, calls func(eng *engine.Engine)) (dir, file string) {
	t.Helper()
	dir = writeSizing(t, script)
	cfg, err := config.Load(filepath.Join(dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Record = config.DefaultRecord()
	cfg.Record.Path = filepath.Join(dir, "calls.jsonl")
	log := slog.New(slog.DiscardHandler)
	recorder, err := tape.Open(cfg.Record, tape.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(cfg, "nfs1", engine.Options{Logger: log, Methods: ofSizing.Methods, Recorder: recorder})
	if err != nil {
		t.Fatal(err)
	}
	calls(eng)
	if err := errors.Join(eng.Close(), recorder.Close()); err != nil {
		t.Fatal(err)
	}
	return dir, cfg.Record.Path
}

// wantSame fails unless all calls of a tape come out as they were recorded.
func wantSame(t *testing.T, r *replay.Report, calls int) {
	t.Helper()
	if r.Calls != calls || r.Now.Same != calls || len(r.Unplayable) > 0 {
		t.Errorf("%d calls, %d the same, want %d", r.Calls, r.Now.Same, calls)
	}
	for _, p := range r.Unplayable {
		t.Errorf("%s: %s", p.Example.At, p.Message)
	}
	for _, g := range r.Differences {
		t.Errorf("%s: %s: %s, was %s", g.Example.At, g.Key(), g.Now, g.Then)
	}
}

func TestWhateverIsRecordedCanBeReplayed(t *testing.T) {
	const script = `
function pre.size(call) if call.args.bytes == 20 then reject("twenty") end end
function periodic(shares, tick) if tick <= 0 then error("tick " .. tick) end end`
	dir, file := recordSizing(t, script, func(eng *engine.Engine) {
		for _, bytes := range []int64{10, 20, 30} {
			_, _ = engine.Call(t.Context(), eng, "size", sizeArgs{bytes}, func(_ context.Context, a sizeArgs) (any, error) {
				if a.Bytes == 30 {
					return nil, errors.New("")
				}
				return nil, nil
			})
		}
		for _, n := range []int{-2, 0, 3} {
			_, _ = eng.TickAt(t.Context(), n, func(context.Context) (any, error) { return []any{}, nil })
		}
	})
	_, r := replayTape(t, ofSizing, dir, "", file)
	wantSame(t, r, 6)
	if r.Now.Completed != 2 || r.Now.Rejected != 1 || r.Now.Failed != 3 {
		t.Errorf("got %+v, want 2 completed, 1 rejected and 3 failed", r.Now)
	}
}

func TestACallThatWasTakenOutOfItsTapeGetsItsAnswers(t *testing.T) {
	const script = `function pre.size(call) if call.args.bytes > 0 then reject("drawn " .. crypto.uuid(), "drawn") end end`
	dir, file := recordSizing(t, script, func(eng *engine.Engine) {
		for _, bytes := range []int64{10, 20} {
			_, _ = engine.Call(t.Context(), eng, "size", sizeArgs{bytes}, func(context.Context, sizeArgs) (any, error) { return nil, nil })
		}
	})
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, last, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n")) // without the header
	if err := os.WriteFile(file, last, 0o666); err != nil {
		t.Fatal(err)
	}
	_, r := replayTape(t, ofSizing, dir, "", file)
	wantSame(t, r, 2)
	drawn := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`).FindString(string(last))
	lenient := writeSizing(t, fmt.Sprintf(`function pre.size(call) local id = crypto.uuid() if id ~= %q then reject("drawn " .. id, "drawn") end end`, drawn))
	p, r := replayTape(t, ofSizing, lenient, dir, file)
	if err := p.shrink(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if len(r.Differences) != 1 || !strings.Contains(r.Differences[0].Note, "only with the answers of the tape") {
		t.Errorf("got the differences %+v, want one that shows with the answers of the tape", r.Differences)
	}
}

// impatient presses Ctrl-C while the hooks of its nth call run.
type impatient struct {
	left   *atomic.Int64
	cancel func()
}

func (i impatient) Wait() {
	if i.left.Add(-1) == 0 {
		i.cancel()
	}
}

func TestAnInterruptEndsTheSearchForSmallExamples(t *testing.T) {
	const script = `function pre.size(call) user:Wait() if call.args.bytes > %d then reject("too large", "size") end end`
	then, now := writeSizing(t, fmt.Sprintf(script, 100)), writeSizing(t, fmt.Sprintf(script, 50))
	file := filepath.Join(t.TempDir(), "calls.json")
	if err := os.WriteFile(file, []byte(`{"method":"size","context":{"user":"ada"},"args":{"bytes":77}}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for after := int64(3); after <= 12; after++ { // the first two are those of the record itself
		ctx, cancel := context.WithCancel(t.Context())
		var left atomic.Int64
		left.Store(after)
		program := ofSizing
		program.Objects = map[string]engine.Object{"user": {Value: impatient{&left, cancel}, Methods: []string{"Wait"}}}
		var out, errs bytes.Buffer
		p := &replaying{
			hooks: selection{program: program, config: filepath.Join(now, "config.toml"), json: true}, against: then, workers: 1,
			cases: filepath.Join(t.TempDir(), "cases"), std: &streams{in: strings.NewReader(""), out: bufio.NewWriter(&out), stdout: &out, err: &errs},
		}
		cmd := &cobra.Command{}
		cmd.SetContext(ctx)
		err := p.command(cmd, []string{file})
		if !errors.Is(err, errFailed) || !strings.Contains(errs.String(), "interrupted") {
			t.Errorf("after %d calls: got %v and %q, want that it was interrupted", after, err, errs.String())
		}
		var r replay.Report
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatalf("after %d calls: %v: %s", after, err, out.Bytes())
		}
		if len(r.Differences) != 1 || r.Differences[0].Note != "" || r.Differences[0].Case != "" {
			t.Errorf("after %d calls: got %s, want one difference without a note", after, out.Bytes())
		}
		if saved, _ := os.ReadDir(p.cases); len(saved) > 0 {
			t.Errorf("after %d calls: got %v, want no case", after, saved)
		}
		cancel()
	}
}

func TestAReportIsShownWhereItsCasesCannotBeSaved(t *testing.T) {
	const script = `function pre.size(call) user:Wait() if call.args.bytes > %d then reject("too large", "size") end end`
	then, now := writeSizing(t, fmt.Sprintf(script, 100)), writeSizing(t, fmt.Sprintf(script, 50))
	file := filepath.Join(t.TempDir(), "calls.json")
	if err := os.WriteFile(file, []byte(`{"method":"size","args":{"bytes":77}}`), 0o666); err != nil {
		t.Fatal(err)
	}
	cases := filepath.Join(t.TempDir(), "cases")
	var left atomic.Int64
	left.Store(1)
	program := ofSizing
	program.Objects = map[string]engine.Object{"user": {Value: impatient{&left, func() { _ = os.Remove(cases) }}, Methods: []string{"Wait"}}}
	var out, errs bytes.Buffer
	p := &replaying{
		hooks: selection{program: program, config: filepath.Join(now, "config.toml"), json: true}, against: then, workers: 1,
		cases: cases, std: &streams{in: strings.NewReader(""), out: bufio.NewWriter(&out), stdout: &out, err: &errs},
	}
	cmd := &cobra.Command{}
	cmd.SetContext(t.Context())
	err := p.command(cmd, []string{file})
	_ = p.std.out.Flush()
	var r replay.Report
	if json.Unmarshal(out.Bytes(), &r) != nil || len(r.Differences) != 1 || r.Differences[0].Record == nil {
		t.Errorf("got %q, want a report with an example", out.Bytes())
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that the folder is not there", err)
	}
}
