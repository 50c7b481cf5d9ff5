package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/tester"
)

// testRun is what test is asked for.
type testRun struct {
	program Options
	config  string
	// configIsDefault says that nobody named the config, so that it need not be there.
	configIsDefault bool
	json            bool
	verbose         bool
	pattern         string
	parallel        int
	shuffle         string
	junit           string
	cover           testCover
	watch           bool
	mutating        mutating

	run  *regexp.Regexp
	seed uint64
}

func newTest(o Options, std *streams) *cobra.Command {
	c := &testRun{program: o}
	cmd := &cobra.Command{
		Use:   "test [PATH ...]",
		Short: "Run the tests of scripts",
		Long: `test runs the tests in files named NAME_test.lua, which are written in Lua, and
stand beside the scripts that they test. Without a path it looks through the
scripts folder of the config, or where there is no config, through this folder; a
path is a file or a folder.

Each test has hooks of its own, loaded anew, with a driver that ends calls as the
test says, state and events in memory, and a clock that stands still until the
test moves it. Nothing outside is touched. So tests run side by side, and in any
order.

What a test can do is in docs/testing.md.

With --mutate the scripts are changed afterwards in small ways, one at a time: an
operator, a constant, a condition, a statement. What no test notices is shown.

Exit status: 0 all tests passed, 1 a test failed, 2 wrong usage, no test, or a
file that cannot be read.`,
		Example: `  hookrun test
  hookrun test --run quota scripts/quota_guard_test.lua
  hookrun test --shuffle on --junit report.xml`,
		ValidArgsFunction: filesEndingIn("lua"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
			defer stop()
			return c.command(ctx, cmd, std, args)
		},
	}
	c.addFlags(cmd, std)
	return cmd
}

func (c *testRun) addFlags(cmd *cobra.Command, std *streams) {
	flags := cmd.Flags()
	flags.StringVarP(&c.config, "config", "c", "config.toml", "take the scripts folder of the config in `FILE`")
	flags.BoolVar(&c.json, "json", false, "write JSON for other programs, a line for each test")
	flags.BoolVarP(&c.verbose, "verbose", "v", false, "show each test, and what tests log")
	flags.StringVar(&c.pattern, "run", "", "run the tests whose names match the regular expression `PATTERN`")
	flags.IntVar(&c.parallel, "parallel", runtime.GOMAXPROCS(0), "run `N` tests side by side")
	flags.StringVar(&c.shuffle, "shuffle", "off", "run the tests in another order: on, off, or a `SEED` that was shown before")
	flags.StringVar(&c.junit, "junit", "", "write the results to `FILE` as JUnit does as well")
	c.cover.addFlags(cmd, std)
	flags.BoolVarP(&c.watch, "watch", "w", false, "run the tests again whenever a file is saved")
	flags.BoolVar(&c.mutating.on, "mutate", false, "change the scripts in small ways, and show what no test notices")
	flags.Float64Var(&c.mutating.min, "mutate-min", 0, "fail where the tests notice less than `PERCENT` of the changes")
	flags.IntVar(&c.mutating.sample, "mutate-sample", 0, "try `N` changes, which the seed of --shuffle chooses, and not all")
	std.completeFlags(cmd, map[string]cobra.CompletionFunc{"config": filesEndingIn("toml"), "junit": filesEndingIn("xml")})
}

// command runs the tests of an invocation.
func (c *testRun) command(ctx context.Context, cmd *cobra.Command, std *streams, paths []string) error {
	c.configIsDefault = !cmd.Flags().Changed("config")
	if err := c.readFlags(cmd); err != nil {
		return err
	}
	if err := c.cover.begin(cmd); err != nil {
		return err
	}
	if c.watch {
		if c.json || c.junit != "" {
			return usagef(cmd, "--watch is for people: take away --json and --junit")
		}
		cmd.SetContext(ctx)
		w := &watching{selection: selection{program: c.program, config: c.config, configIsDefault: c.configIsDefault}, cmd: cmd, std: std, tests: c, paths: paths}
		return w.run(ctx)
	}
	files, err := c.find(paths)
	if err != nil {
		return err
	}
	return c.round(ctx, std, files)
}

func (c *testRun) readFlags(cmd *cobra.Command) error {
	var err error
	if c.run, err = regexp.Compile(c.pattern); err != nil {
		return usagef(cmd, "--run: %v", err)
	}
	if c.parallel < 1 {
		return usagef(cmd, "--parallel: want 1 or more, got %d", c.parallel)
	}
	if m := &c.mutating; m.min < 0 || m.min > 100 {
		return usagef(cmd, "--mutate-min: want 0 to 100, got %g", m.min)
	} else if m.sample < 1 && cmd.Flags().Changed("mutate-sample") {
		return usagef(cmd, "--mutate-sample: want 1 or more, got %d", m.sample)
	} else if m.min > 0 || m.sample > 0 {
		m.on = true
	}
	switch c.shuffle {
	case "off":
	case "on":
		c.seed = rand.Uint64N(1<<32-1) + 1
	default:
		if _, err := fmt.Sscanf(c.shuffle, "%d", &c.seed); err != nil || fmt.Sprint(c.seed) != c.shuffle || c.seed == 0 {
			return usagef(cmd, "--shuffle: want on, off or a number above 0, got %q", c.shuffle)
		}
	}
	return nil
}

// round runs the tests of all files once.
func (c *testRun) round(ctx context.Context, std *streams, files []string) error {
	began := time.Now()
	show := newTestShow(c, std)
	tests, sites := c.load(ctx, files, show)
	if len(tests) == 0 && show.unread == 0 {
		if c.pattern != "" {
			return fmt.Errorf("no test matches --run %q", c.pattern)
		}
		return errors.New("no test in " + strings.Join(files, ", "))
	}
	world := func(f *tester.File) tester.NewWorld { return c.world(sites[f]) }
	done := 0
	tester.RunAll(ctx, tests, world, c.parallel, c.seed, func(r *tester.Result) bool {
		c.progress(std, 0, 0, "")
		going := show.ran(r)
		done++
		c.progress(std, done, len(tests), "tests")
		return going
	})
	c.progress(std, 0, 0, "")
	if err := show.end(time.Since(began)); err != nil {
		return err
	}
	covered := c.cover.end(std, c.json)
	switch {
	case ctx.Err() != nil:
		return std.fail("interrupted: not all tests were run")
	case show.unread > 0:
		return errUnread
	case show.failed > 0:
		return errFailed
	case c.mutating.on:
		return cmp.Or(covered, c.mutate(ctx, std, tests, sites))
	}
	return covered
}

// errUnread ends a command that could not read a file, and has said so already.
var errUnread = errors.New("unread")

func (c *testRun) world(site *testSite) tester.NewWorld {
	return func(stub tester.Stub) tester.World {
		w := newTestWorld(c.program, site, stub)
		if c.cover.collector != nil {
			w.watch = c.cover.collector
		}
		return w
	}
}

// load reads the files, and returns the tests that are to run.
func (c *testRun) load(ctx context.Context, files []string, show *testShow) (tests []*tester.Test, sites map[*tester.File]*testSite) {
	sites = map[*tester.File]*testSite{}
	modules := map[string]map[string]*sandbox.Program{} // by scripts folder
	root := c.scripts()
	for _, name := range files {
		site := newTestSite(name, root)
		if modules[site.root] == nil {
			modules[site.root] = c.modules(site.root)
		}
		source, err := readLua(name)
		var f *tester.File
		if err == nil {
			f, err = tester.NewFile(name, source, modules[site.root])
		}
		var all []*tester.Test
		if err == nil {
			sites[f] = site
			all, err = f.Tests(ctx, c.world(site))
		}
		if err != nil {
			show.cannotRead(name, source, err)
			continue
		}
		tests = append(tests, slices.DeleteFunc(all, func(t *tester.Test) bool { return !c.run.MatchString(t.Name) })...)
	}
	return tests, sites
}

// readLua reads a file of Lua, if it is a plain one: whoever opens a pipe may wait for ever.
func readLua(path string) (string, error) {
	return luafiles.In(nil, filepath.Dir(path)).Read(filepath.Base(path))
}

// modules compiles the modules of a scripts folder for tests, which know them by where people find them.
func (c *testRun) modules(root string) map[string]*sandbox.Program {
	folder := luafiles.In(nil, root)
	found, _ := folder.Modules() // an unreadable lib is told where a script requires it
	for i, m := range found {
		found[i].File = folder.Path(m.File)
	}
	compiled := sandbox.CompileModules(found)
	if collector := c.cover.collector; collector != nil {
		for _, m := range found {
			collector.Compiled(compiled[m.Name], m.File, m.Source)
		}
	}
	return compiled
}

// scripts returns the scripts folder of the config; "" where there is no config to be read.
func (c *testRun) scripts() string {
	cfg, _ := config.Load(c.config) // what is wrong with it is told by check
	if cfg == nil {
		return ""
	}
	return cfg.Scripts
}
