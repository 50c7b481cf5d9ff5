package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
)

// What is saved is looked at again, and only what has changed is shown whole.
func TestWatchShowsWhatASaveHasChanged(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("scripts", 0o755); err != nil {
		t.Fatal(err)
	}
	write("config.toml", "scripts = \"scripts\"\n[services.nfs1]\nhooks = [{ script = \"guard.lua\" }]")
	write("scripts/guard.lua", `function pre(call) end`)
	write("small.json", `{"method": "create_share_instance", "args": {"share": {"size": 1}}, "result": {}}`)
	write("large.json", `{"method": "create_share_instance", "args": {"share": {"size": 9}}, "result": {}}`)

	ctx, cancel := context.WithCancel(t.Context())
	shown, output := io.Pipe()
	root := newRoot(ofShares, nil, &streams{})
	w := &watching{
		selection: selection{program: ofShares, config: "config.toml"}, cmd: root, calls: []string{"small.json", "large.json"},
		std: &streams{in: strings.NewReader(""), out: bufio.NewWriter(output), stdout: output, err: output},
	}
	w.cmd.SetContext(ctx)
	ended := make(chan error)
	go func() {
		ended <- w.run(ctx)
		_ = output.Close()
	}()
	lines := bufio.NewScanner(shown)
	until := func(last string) string {
		var text strings.Builder
		for lines.Scan() {
			text.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), last) {
				return text.String()
			}
		}
		t.Fatalf("the output has ended without %q:\n%s", last, &text)
		return ""
	}
	if got := until("large.json:1") + until("completed"); !strings.Contains(got, "all well") || !strings.Contains(got, "small.json:1") {
		t.Errorf("at first: got\n%s", got)
	}
	write("scripts/guard.lua", `function pre(call) if call.args.share.size > 5 then reject("too large") end end`)
	got := until("rejected")
	for _, want := range []string{"scripts/guard.lua was saved", "check: as before", "large.json:1"} {
		if !strings.Contains(got, want) {
			t.Errorf("after a save: want %q, got\n%s", want, got)
		}
	}
	write("scripts/guard.lua", `function pre.create_share_instance(call) if call.args.share.siez > 5 then reject("too large") end end`)
	if got := until("unknown-field"); !strings.Contains(got, "scripts/guard.lua was saved") {
		t.Errorf("after a mistake: got\n%s", got)
	}
	cancel()
	go io.Copy(io.Discard, shown)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// watched makes a watch of a folder that begins with some files, and returns what writes a file and shows what it
// changes: what goes to the output, and what is said besides.
func watched(t *testing.T, json bool, files map[string]string, calls ...string) func(name, text string) (out, err string) {
	t.Helper()
	t.Chdir(t.TempDir())
	var stdout, stderr bytes.Buffer
	w := &watching{
		selection: selection{program: ofShares, config: "config.toml", json: json}, cmd: newRoot(ofShares, nil, &streams{}), calls: calls,
		std: &streams{in: strings.NewReader(""), out: bufio.NewWriter(&stdout), stdout: &stdout, err: &stderr, color: "always"}, shown: map[string]string{},
	}
	w.cmd.SetContext(t.Context())
	save := func(name, text string) (string, string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		stdout.Reset()
		stderr.Reset()
		w.round(change{name, "was saved"})
		_ = w.std.out.Flush()
		return stdout.String(), stderr.String()
	}
	for name, text := range files {
		save(name, text)
	}
	return save
}

const (
	watchedConfig = "[services.nfs1]\nhooks = [{ script = \"guard.lua\" }]"
	watchedTests  = `function test.retry(t)
  local got = t.call { method = "create_share_instance", args = { share = { size = 4 } } }
  t.expect(got.steps[1].returned.retry):is("10s")
end`
	watchedCall = `{"method": "create_share_instance", "at": "2026-11-29T10:00:00Z", "args": {"share": {"size": 1}}, "result": {}}`
	// What it does differs each time in nothing but what is measured, and in the id of its event.
	watchedScript = `function pre.create_share_instance(call)
  for _ = 1, 1000 do end
  events.publish("a", {})
  return { retry = "10s", text = "3 tests in 10s", cost = "10s  5 instructions" }
end`
)

func TestAChangedValueThatLooksLikeADurationIsShown(t *testing.T) {
	for _, json := range []bool{false, true} {
		save := watched(t, json, map[string]string{
			"config.toml": watchedConfig + "\n[store]\npath = \"x.db\"", "guard.lua": watchedScript, "guard_test.lua": watchedTests, "call.json": watchedCall,
		}, "call.json")
		for range 5 {
			out, err := save("guard.lua", watchedScript)
			if all := out + err; strings.Count(all, "as before") != 3 || strings.Contains(out, "retry") || json && out != "" {
				t.Fatalf("json %v: after a save that changes nothing: got %q and %q", json, out, err)
			}
		}
		for _, changed := range []string{`"99s", text = "3 tests in 10s", cost = "10s  5`, `"10s", text = "3 tests in 99s", cost = "10s  5`, `"10s", text = "3 tests in 10s", cost = "99s  5`} {
			out, err := save("guard.lua", strings.Replace(watchedScript, `"10s", text = "3 tests in 10s", cost = "10s  5`, changed, 1))
			if strings.Contains(out+err, "call.json: as before") || !strings.Contains(out, `99s`) {
				t.Errorf("json %v: after a save of %s: got %q and %q", json, changed, out, err)
			}
		}
	}
}

func TestWatchWritesNothingButJSONForPrograms(t *testing.T) {
	save := watched(t, true, map[string]string{"config.toml": watchedConfig, "guard_test.lua": watchedTests, "call.json": watchedCall}, "call.json")
	for _, script := range []string{watchedScript, "function pre() error('no') end", "function"} {
		out, err := save("guard.lua", script)
		if out == "" || !strings.Contains(err, " was saved") {
			t.Errorf("%s: got %q, and besides %q", script, out, err)
		}
		for line := range strings.Lines(out) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: got %q, want JSON", script, line)
			}
		}
	}
}

func TestTestsAreRunAtEachSave(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const tests = `function test.small(t)
  t.expect(t.call { method = "create_share_instance", args = { share = { size = 4 } } }.outcome):is("completed")
end`
	write("config.toml", "[services.nfs1]\nhooks = [{ script = \"guard.lua\" }]")
	write("guard.lua", `function pre(call) end`)
	write("guard_test.lua", tests)
	for name, start := range map[string]func(w *watching){
		"watch": func(*watching) {},
		"test --watch": func(w *watching) {
			w.tests = &testRun{program: ofShares, config: "config.toml", parallel: 1, run: regexp.MustCompile("")}
		},
	} {
		write("guard.lua", `function pre(call) end`)
		ctx, cancel := context.WithCancel(t.Context())
		shown, output := io.Pipe()
		w := &watching{
			selection: selection{program: ofShares, config: "config.toml"}, cmd: newRoot(ofShares, nil, &streams{}),
			std: &streams{in: strings.NewReader(""), out: bufio.NewWriter(output), stdout: output, err: output},
		}
		start(w)
		w.cmd.SetContext(ctx)
		ended := make(chan error)
		go func() {
			ended <- w.run(ctx)
			_ = output.Close()
		}()
		lines := bufio.NewScanner(shown)
		until := func(last string) {
			t.Helper()
			var text strings.Builder
			for lines.Scan() {
				text.WriteString(lines.Text() + "\n")
				if strings.Contains(lines.Text(), last) {
					return
				}
			}
			t.Fatalf("%s: the output has ended without %q:\n%s", name, last, &text)
		}
		until("1 test: 1 passed")
		write("guard.lua", `function pre(call) if call.args.share.size > 3 then reject("too large") end end`)
		until(`got  "rejected"`)
		until("1 test: 1 failed")
		write("guard.lua", `function pre(call) if call.args.share.size > 5 then reject("too large") end end`)
		until("1 test: 1 passed")
		cancel()
		go io.Copy(io.Discard, shown)
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// How long changes took to be tried is no news.
func TestTheTimeThatMutantsTookIsNotShownAgain(t *testing.T) {
	const summary = "4 mutants: 3 noticed (75.0 %), 1 not, in "
	if lasting(summary+"80ms\n") != lasting(summary+"1.2s\n") {
		t.Error("two runs that differ in their time alone are not the same")
	}
}
