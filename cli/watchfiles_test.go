package cli

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/fsnotify/fsnotify"

	"github.com/hookrun/hookrun/internal/abspath"
)

// save writes a file in one step, as editors do, and makes its folder.
func save(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+"~", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+"~", name); err != nil {
		t.Fatal(err)
	}
}

func newWatching(hooks *selection, calls ...string) *watching {
	hooks.program = ofShares
	w := &watching{selection: *hooks.again(), cmd: newRoot(ofShares, nil, &streams{}), calls: calls}
	w.std = &streams{in: strings.NewReader(""), out: bufio.NewWriter(io.Discard), stdout: io.Discard, err: io.Discard}
	return w
}

// begin begins to watch. What it returns waits for a text of the output.
func (w *watching) begin(t *testing.T) (until func(text string)) {
	ctx, cancel := context.WithCancel(t.Context())
	shown, output := io.Pipe()
	w.std.out, w.std.stdout, w.std.err = bufio.NewWriter(output), output, output
	w.cmd.SetContext(ctx)
	ended := make(chan error)
	go func() {
		err := w.run(ctx)
		_ = output.Close()
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		_, _ = io.Copy(io.Discard, shown)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	lines := bufio.NewScanner(shown)
	return func(text string) {
		t.Helper()
		var before strings.Builder
		for lines.Scan() {
			if before.WriteString(lines.Text() + "\n"); strings.Contains(lines.Text(), text) {
				return
			}
		}
		t.Fatalf("the output has ended without %q:\n%s", text, &before)
	}
}

func TestASaveOfAFileThatIsNamedCountsWhateverItsNameEndsIn(t *testing.T) {
	inFolder(t, map[string]string{"q.lua": "", "call.txt": watchedCall, "begin.export": "", "answers.list": "[]"})
	hooks := selection{config: "config.toml", scripts: []string{"q.lua"}, world: world{state: "begin.export", answers: "answers.list"}}
	until := newWatching(&hooks, "call.txt").begin(t)
	until("completed")
	for _, file := range []string{"call.txt", "begin.export", "answers.list", "q.lua"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		save(t, file, string(text))
		until(file + " was saved")
		until("call.txt: as before")
	}
}

func TestFoldersMayGoAndComeWhileTheyAreWatched(t *testing.T) {
	const config = "scripts = \"scripts\"\n[services.nfs1]\nhooks = [{ script = \"guard.lua\" }]"
	inFolder(t, map[string]string{"config.toml": config, "scripts/guard.lua": "function pre() end", "more/calls/call.json": watchedCall})
	until := newWatching(&selection{config: "config.toml"}, "more/calls/call.json").begin(t)
	until("completed")
	for _, folder := range []string{"more/calls", "more"} {
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		until(" is gone")
		until("no such file")
		save(t, "more/calls/call.json", watchedCall)
		until("completed")
	}
	if err := os.Rename("scripts", "aside"); err != nil {
		t.Fatal(err)
	}
	until("scripts is gone")
	if err := os.Rename("aside", "scripts"); err != nil {
		t.Fatal(err)
	}
	until("scripts is there")
	save(t, "scripts/guard.lua", "require('deep.module')\nfunction pre() end")
	until("not found in the scripts folder's lib")
	save(t, "scripts/lib/deep/module.lua", "return (")
	until("module.lua:1")
	save(t, "scripts/lib/deep/module.lua", "return {}")
	until("all well")
}

func TestWhatEventsCount(t *testing.T) {
	inFolder(t, map[string]string{"config.toml": watchedConfig, "guard.lua": "", "calls/call.json": watchedCall, "tape.jsonl": ""})
	files, err := fsnotify.NewWatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	f, err := newWatching(&selection{config: "config.toml"}, "calls/call.json", "tape.jsonl").watch(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		op     fsnotify.Op
		counts bool
	}{
		{"guard.lua", fsnotify.Write, true},
		{"config.toml", fsnotify.Create, true},
		{"config.toml", fsnotify.Chmod, false},
		{"calls/call.json", fsnotify.Rename, true},
		{"calls/other.json", fsnotify.Write, true}, // which a test may name
		{"tape.jsonl", fsnotify.Write, true},
		{"app.jsonl", fsnotify.Write, false}, // which a service may be writing
		{"guard.lua~", fsnotify.Create, false},
		{"calls", fsnotify.Remove, true},
		{"calls", fsnotify.Write, false},
		{"elsewhere", fsnotify.Remove, false},
	} {
		if got := f.counting(fsnotify.Event{Name: abspath.Resolved(tt.name), Op: tt.op}) != ""; got != tt.counts {
			t.Errorf("%s of %s: got %v, want %v", tt.op, tt.name, got, tt.counts)
		}
	}
}

func TestEventsThatTheSystemHasDroppedCountAsAChange(t *testing.T) {
	f := &watchedFiles{Watcher: &fsnotify.Watcher{Errors: make(chan error, 1)}}
	f.Errors <- fsnotify.ErrEventOverflow
	if seen, err := f.next(t.Context()); err != nil || seen.name == "" {
		t.Errorf("got %v and the error %v, want a change", seen, err)
	}
}

func TestWhatCannotBeReadAgainIsNotWatched(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no such file here")
	}
	inFolder(t, map[string]string{"config.toml": watchedConfig, "guard.lua": ""})
	for flag, w := range map[string]*watching{
		"--state":  newWatching(&selection{config: "config.toml", world: world{state: os.DevNull}}),
		"--http":   newWatching(&selection{config: "config.toml", world: world{answers: os.DevNull}}),
		"--config": newWatching(&selection{config: os.DevNull}),
		"--script": newWatching(&selection{scripts: []string{os.DevNull}}),
		"CALL":     newWatching(&selection{config: "config.toml"}, os.DevNull),
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w.cmd.SetContext(ctx)
		if err := w.run(ctx); err == nil || !strings.Contains(err.Error(), "want files, which can be read again, got "+os.DevNull) {
			t.Errorf("%s: got %v, want an error", flag, err)
		}
	}
}
