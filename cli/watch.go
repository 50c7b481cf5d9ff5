package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/fsnotify/fsnotify"
	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

func newWatch(o Options, std *streams) *cobra.Command {
	w := &watching{selection: selection{program: o}}
	cmd := &cobra.Command{
		Use:   "watch [CALL.json ...]",
		Short: "Check the scripts, test them and run call records at each save",
		Long: `watch checks the config and its scripts, runs their tests and takes call records
through the hooks, as check, test and run do, and does so again whenever one of
the files is saved. What is as it was before is said in a line; what has changed
is shown whole. Ctrl-C ends it.

Exit status: 0 ended, 2 wrong usage, or files that cannot be watched.`,
		Example: `  hookrun watch calls/create_share.json
  hookrun watch --script quota_guard.lua --set max_gib=100 calls/*.json`,
		ValidArgsFunction: filesEndingIn("json", "jsonl"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.Contains(args, "-") {
				return usagef(cmd, "want files, which can be read again, got -")
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			w.cmd, w.std, w.calls = cmd, std, args
			return w.run(ctx)
		},
	}
	w.addFlags(cmd, std)
	w.addOptions(cmd)
	w.world.addInputs(cmd, std)
	return cmd
}

// watching is what watch looks at, and what it has shown last.
type watching struct {
	selection
	cmd   *cobra.Command
	std   *streams
	calls []string
	tests *testRun          // the only section, of test --watch; nil for all that watch shows
	paths []string          // of the tests
	shown map[string]string // by section, without what differs each time
}

// section is a part of what watch shows.
type section struct {
	name string
	run  func(std *streams) error
}

func (w *watching) run(ctx context.Context) error {
	for _, file := range w.named() {
		if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			return usagef(w.cmd, "want files, which can be read again, got %s", file)
		}
	}
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer files.Close()
	w.shown = map[string]string{}
	var seen change
	for {
		watched, err := w.watch(files)
		if err != nil {
			return err
		}
		w.round(seen)
		if err := w.std.out.Flush(); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
		if seen, err = watched.next(ctx); err != nil || seen.name == "" {
			return err
		}
	}
}

// round shows all sections: the whole of those that have changed. For programs there is JSON alone on the output.
func (w *watching) round(seen change) {
	p, besides := w.std.painter(), w.std.out
	if w.forPrograms() {
		besides = bufio.NewWriter(w.std.err)
		p = w.std.painterOn(besides, w.std.err)
		defer besides.Flush()
	}
	if seen.name != "" {
		p.Line()
		p.Line(p.Paint(report.Bold, plaintext.Line(seen.name)), " ", seen.what)
	}
	for _, s := range w.sections() {
		var text, told, reports bytes.Buffer
		out := &streams{in: w.std.in, out: bufio.NewWriter(&text), stdout: w.std.stdout, err: &told, reports: &reports, color: w.std.color}
		err := s.run(out)
		if err != nil && !errors.Is(err, errFailed) && !errors.Is(err, errUnread) {
			explain(out.painterOn(&told, w.std.stdout), err)
		}
		_ = out.out.Flush() // into memory
		got := cmp.Or(reports.String(), lasting(text.String())) + "\x00" + lasting(told.String())
		if before, known := w.shown[s.name]; known && before == got {
			p.Line(p.Paint(report.Faint, plaintext.Line(s.name)+": as before"))
			continue
		}
		w.shown[s.name] = got
		p.Line()
		_, _ = w.std.out.Write(text.Bytes())
		_, _ = besides.Write(told.Bytes())
	}
}

// forPrograms reports whether programs read the output.
func (w *watching) forPrograms() bool { return w.json || w.tests != nil && w.tests.json }

func (w *watching) sections() []section {
	if w.tests != nil {
		return []section{{"test", func(std *streams) error { return w.test(w.tests, std, w.paths) }}}
	}
	all := []section{{"check", (&checking{selection: w.again()}).run}}
	if paths := w.testPaths(); len(paths) > 0 {
		all = append(all, section{"test", func(std *streams) error {
			return w.test(&testRun{program: w.program, config: w.config, json: w.json, parallel: runtime.GOMAXPROCS(0), run: regexp.MustCompile("")}, std, paths)
		}})
	}
	for _, call := range w.calls {
		all = append(all, section{call, func(std *streams) error {
			return runRecords(w.cmd, std, w.again(), []string{call})
		}})
	}
	return all
}

// testPaths are the files with tests of the scripts.
func (w *watching) testPaths() (files []string) {
	if len(w.scripts) == 0 {
		if cfg, _ := w.load(); cfg != nil { // mistakes are told by the check
			files, _ = testsIn(cfg.Scripts) // none of a folder without tests
		}
		return files
	}
	for _, script := range w.scripts {
		file := strings.TrimSuffix(script, ".lua") + testEnding
		if _, err := os.Stat(file); err == nil {
			files = append(files, file)
		}
	}
	return files
}

// test runs tests as test does.
func (w *watching) test(c *testRun, std *streams, paths []string) error {
	files, err := c.find(paths)
	if err != nil {
		return err
	}
	if err := c.cover.begin(w.cmd); err != nil { // anew
		return err
	}
	return c.round(w.cmd.Context(), std, files)
}

var (
	colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	// measured is where test writes how long something took.
	measured = regexp.MustCompile(`(?m)"duration_ns":\d+|((?:tests?|failed|passed|loaded|not,|hook runs?) in |line \d+, )\d[\d.hmnµ]*s\b|` +
		` *\d[\d.hmnµ]*s( +[\d_]+ instructions?)$`)
)

// lasting returns what test or check has written without what differs each time. Values stay as they are, also those
// that look like a duration.
func lasting(text string) string {
	return measured.ReplaceAllString(colours.ReplaceAllString(text, ""), "$1$2")
}
