package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// oneHook is where the names of the sides with one hook begin.
const oneHook = "BenchmarkGrowth/over=hooks/n=1/side="

// fault is something wrong with an input, and what is said of it.
type fault struct{ is, input, want string }

func TestBrokenLinesAreNamed(t *testing.T) {
	for _, f := range []fault{
		{
			"empty", "",
			"standard input: no result: want what go test -bench Growth prints\n",
		}, {
			"only another benchmark", "BenchmarkGoals/G1/base-2 \t 100 \t 5.0 ns/op\n",
			"standard input: no result: want what go test -bench Growth prints\n",
		}, {
			"text in a result", oneHook + "bare-2 \t panic: no memory\n",
			"standard input:1: parsing iteration count: invalid syntax: want a name, a number of iterations, a value and its unit\n",
		}, {
			"name without its parts", "pkg: bench\nBenchmarkGrowth/hooks-2 \t 100 \t 5.0 ns/op\n",
			"standard input:2: BenchmarkGrowth/hooks-2: want a name like BenchmarkGrowth/over=hooks/n=20/side=hookrun\n",
		}, {
			"more parts", oneHook + "bare/again-2 \t 100 \t 5.0 ns/op\n",
			"standard input:1: " + oneHook + "bare/again-2: want a name like BenchmarkGrowth/over=hooks/n=20/side=hookrun\n",
		}, {
			"no size", "BenchmarkGrowth/over=hooks/n=0/side=bare-2 \t 100 \t 5.0 ns/op\n",
			"standard input:1: BenchmarkGrowth/over=hooks/n=0/side=bare-2: want a number above 0 for n, got 0\n",
		}, {
			"no time", oneHook + "bare-2 \t 100 \t 5.0 B/op\n",
			"standard input:1: " + oneHook + "bare-2: want a time in ns/op above 0\n",
		}, {
			"a time of 0", oneHook + "bare-2 \t 100 \t 0 ns/op\n",
			"standard input:1: " + oneHook + "bare-2: want a time in ns/op above 0\n",
		}, {
			"a time that is no number", oneHook + "bare-2 \t 100 \t NaN ns/op\n",
			"standard input:1: " + oneHook + "bare-2: want a time in ns/op above 0\n",
		}, {
			"two numbers of processors", oneHook + "bare-2 \t 100 \t 5.0 ns/op\n" + oneHook + "bare \t 100 \t 5.0 ns/op\n",
			"standard input:2: " + oneHook + "bare: want one GOMAXPROCS in a file, got 1 after 2\n",
		},
	} {
		t.Run(f.is, f.isNamed)
	}
}

func TestMissingResultsAreNamed(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []fault{
		{
			"missing base", without(string(text), oneHook+"bare"),
			"standard input:6: the base of " + oneHook + "hookrun is missing: want " + oneHook + "bare\n",
		}, {
			"missing size 1", without(string(text), "BenchmarkGrowth/over=goroutines/n=1/"),
			"standard input:20: the base of BenchmarkGrowth/over=goroutines/n=4/side=hookrun is missing: " +
				"want BenchmarkGrowth/over=goroutines/n=1/side=hookrun\n",
		}, {
			"missing side", without(string(text), "BenchmarkGrowth/over=arguments/n=10/side=one", "BenchmarkGrowth/over=arguments/n=1000/side=one"),
			"standard input: want results of BenchmarkGrowth/over=arguments/n=.../side=one, got none\n",
		},
	} {
		t.Run(f.is, f.isNamed)
	}
}

// isNamed is that nothing is plotted of the input, and what is wrong is said.
func (f fault) isNamed(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "plots")
	var stderr strings.Builder
	status := run([]string{"-o", folder}, strings.NewReader(f.input), &stderr)
	if status != 1 || stderr.String() != f.want {
		t.Errorf("want status 1 and\n%s\ngot %d and\n%s", f.want, status, stderr.String())
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("want nothing written, got %v", err)
	}
}

// without leaves out the lines that begin with one of some texts.
func without(text string, begins ...string) string {
	var kept strings.Builder
lines:
	for line := range strings.Lines(text) {
		for _, b := range begins {
			if strings.HasPrefix(line, b) {
				continue lines
			}
		}
		kept.WriteString(line)
	}
	return kept.String()
}

func TestWrongUsageIsToldFromFaultsOfInput(t *testing.T) {
	for _, test := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"-h"}, 0, "usage: plot [-o folder]"},
		{[]string{"-x"}, 2, "flag provided but not defined: -x"},
		{[]string{"a.txt", "b.txt"}, 2, "want one file, got 2"},
		{[]string{filepath.Join(t.TempDir(), "missing.txt")}, 1, "missing.txt"},
	} {
		var stderr strings.Builder
		status := run(test.args, strings.NewReader(""), &stderr)
		if status != test.status || !strings.Contains(stderr.String(), test.says) {
			t.Errorf("%q: want status %d and %q, got %d and %q", test.args, test.status, test.says, status, stderr.String())
		}
	}
}
