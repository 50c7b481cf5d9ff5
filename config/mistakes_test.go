package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// mistakeMark begins what is wrong with its line of a file in testdata/mistakes.
const mistakeMark = "#! "

func TestEveryMistakeHasItsLineKeyAndMessage(t *testing.T) {
	files, err := filepath.Glob("testdata/mistakes/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files and error %v, want files", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []Problem
			for i, line := range strings.Split(string(src), "\n") {
				for _, mistake := range strings.Split(line, mistakeMark)[1:] {
					key, message, _ := strings.Cut(strings.TrimSpace(mistake), ": ")
					want = append(want, Problem{File: file, Line: i + 1, Key: key, Message: message})
				}
			}
			if diff := cmp.Diff(sortedProblems(want), problemsOf(t, file), cmpopts.IgnoreFields(Problem{}, "Hook")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTenMistakesAreReportedTogether(t *testing.T) {
	problems := problemsOf(t, "testdata/mistakes/ten_mistakes.toml")
	lines := map[int]bool{}
	for _, p := range problems {
		lines[p.Line] = true
	}
	if len(problems) != 10 || len(lines) != 10 || lines[0] {
		t.Errorf("got %d problems on %d lines, want 10 on 10:\n%v", len(problems), len(lines), problems)
	}
}

// problemsOf loads a config that must have mistakes.
func problemsOf(t *testing.T, file string) []Problem {
	t.Helper()
	cfg, err := Load(file)
	var invalid *Error
	if !errors.As(err, &invalid) {
		t.Fatalf("Load: got error %v, want a *Error", err)
	}
	if cfg == nil || cfg.Err() != err {
		t.Fatalf("the config does not hold the error that came with it")
	}
	return invalid.Problems
}

func TestSyntaxErrorIsReportedAlone(t *testing.T) {
	const inQuotes = `: write texts in quotes, such as "60s"; true and false without`
	tests := []struct {
		name, src, want string
	}{
		{"no value", "a = 1\nenabled =\nfoo = 2", `c.toml:2: expected value but found '\n' instead`},
		{"no equals sign", "[defaults]\nenabled", `c.toml:2: unexpected EOF; expected key separator '='`},
		{"a key twice", "[defaults]\ntimeout = 1\n\ntimeout = 2", `c.toml:4: key 'defaults.timeout' has already been defined`},
		{"a table twice", "[services.nfs1]\n[services.nfs1]", `c.toml:2: key 'services.nfs1' has already been defined`},
		{"a key twice, once with dots", "[services.s]\n[[services.s.hooks]]\n[services.s.hooks.options]\nlimits.max = 500\nlimits = 7",
			`c.toml:5: services.s: hook 1: options.limits: defined on line 4 already`},
		{"an inline table extended", "[services.s]\n[[services.s.hooks]]\noptions = { max_gib = 500 }\noptions.warn = 80",
			`c.toml:4: services.s: hook 1: options: defined on line 3 already`},
		{"an open string", "foo = 1\nname = \"x\n", `c.toml:2: strings cannot contain newlines`},
		{"an open list", "foo = 1\nmethods = [\n\"a\",\n", `c.toml:3: unexpected EOF; expected value`},
		{"a word", "enabled = yes", `c.toml:1: expected value but found "yes" instead` + inQuotes},
		{"a duration without quotes", "tick = 60s\n",
			`c.toml:1: expected a top-level item to end with a newline, comment, or EOF, but got 's' instead` + inQuotes},
		{"two values", "tick = 1 2\n", `c.toml:1: expected a top-level item to end with a newline, comment, or EOF, but got '2' instead`},
		{"an open table name", "\n[services.a\ntick = 1\n", `c.toml:2: expected '.' or ']' to end table name, but got '\n' instead`},
		{"an open name of a list", "\n[[services.a.hooks]\n", `c.toml:2: expected end of table array name delimiter ']', but got '\n' instead`},
		{"a number", "a = 99999999999999999999", `c.toml:1: 99999999999999999999 is out of range for int64`},
		{"half a number", "a = 0b\n", `c.toml:1: not a binary number: '0b\n'`},
		{"not UTF-8", "a = '\xff'", `c.toml:1: invalid UTF-8 byte: 0xff`},
		{"UTF-16", "\xff\xfea\x00", `c.toml:1: files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8`},
		{"a control character", "a = 1 # \x01\n", `c.toml:1: TOML files cannot contain control characters: '0x01'`},
		{"a long key of many elements", "\n" + strings.Repeat("k", 10_000) + " = [" + strings.Repeat("1,", 10_000) + "]",
			`c.toml:2: too many values, or too long keys`},
		{"deep nesting", "\na = " + strings.Repeat("[", 1000), `c.toml:2: nested more than 100 levels deep`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, err := decode(nil, "c.toml", []byte(tt.src))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if cfg == nil || cfg.Path != "c.toml" {
				t.Errorf("got config %+v, want one with its path", cfg)
			}
		})
	}
}

func TestUnreadableConfigGivesNone(t *testing.T) {
	folder := t.TempDir()
	large := filepath.Join(folder, "large.toml")
	if err := os.WriteFile(large, make([]byte, maxBytes+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(folder, "none.toml"), folder, large} {
		cfg, err := Load(path)
		if cfg != nil || err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Load(%q) = %v, %v; want an error with the path alone", path, cfg, err)
		}
	}
	if _, err := Load(filepath.Join(folder, "none.toml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist in it", err)
	}
}

func TestConfigWithMistakesHoldsTheRest(t *testing.T) {
	cfg, err := Load("testdata/mistakes/ten_mistakes.toml")
	if err == nil {
		t.Fatal("got no error")
	}
	var names []string
	for _, hook := range cfg.Services["nfs1"].Hooks {
		names = append(names, hook.Name+"="+hook.Script)
	}
	want := []string{"quota_gaurd=quota_gaurd.lua", "notify-ops=notify.lua", "notify-ops=", "audit-log="}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("hooks (-want +got):\n%s", diff)
	}
}

func TestConfigErrorIsSortedWithEachProblemOnce(t *testing.T) {
	a := Problem{File: "a", Line: 2, Key: "k", Message: "m"}
	b := Problem{File: "a", Line: 10, Message: "m"}
	c := Problem{File: "b", Message: "m"}
	d := Problem{Key: "k", Message: "no file"}
	got := (&Config{}).newError([]Problem{c, b, a, b, d})
	if diff := cmp.Diff([]Problem{d, a, b, c}, got.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	unsorted := &Error{Problems: []Problem{c, b, a, d}}
	if want := "k: no file\na:2: k: m\na:10: m\nb: m"; unsorted.Error() != want {
		t.Errorf("got %q, want %q", unsorted.Error(), want)
	}
	if (&Config{}).newError(nil) != nil {
		t.Error("no problems: got an error, want nil")
	}
}

func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/mistakes/*.toml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/valid.toml", exampleConfig) {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		const path = "testdata/fuzz.toml"
		cfg, err := decode(nil, path, src)
		if err == nil {
			if problems := cfg.validate(); len(problems) > 0 || len(cfg.Services) == 0 {
				t.Errorf("got no error for a config with %d services and %v", len(cfg.Services), problems)
			}
			return
		}
		var invalid *Error
		if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
			t.Fatalf("got error %v, want a *Error with problems", err)
		}
		last := strings.Count(string(src), "\n") + 1
		for _, p := range invalid.Problems {
			if p.File != path || p.Line < 1 || p.Line > last || p.Message == "" || strings.Contains(p.String(), "\n") {
				t.Errorf("got %#v, want one line with a line from 1 to %d", p, last)
			}
		}
	})
}
