package cli

import (
	"bufio"
	"context"
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
