package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hookrun/hookrun/engine"
)

// hostile is what a terminal would obey: an escape sequence, a forged line, C1, DEL, a right-to-left override, a line
// separator, an invisible tag.
const hostile = "\x1b[31m\r\nFORGED\u009b\x7f\u202e\u2028\U000e0041"

// hostileFiles holds texts of that kind in every place where an operator's files may bring one: names of services,
// hooks, files and fields, hosts, options, values, logs, errors and source lines.
func hostileFiles(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	quoted, err := json.Marshal(hostile) // as TOML and JSON have it
	if err != nil {
		t.Fatal(err)
	}
	q := string(quoted)
	inLua := `"\27[31m\r\nFORGED\194\155\127\226\128\174\226\128\168\243\160\129\129\255"`
	inSource := strings.NewReplacer("\r", "", "\n", "").Replace(hostile)
	name := "evil" + strings.ReplaceAll(hostile, "/", "") + ".lua"
	for file, text := range map[string]string{
		"config.toml": `[services.a]
host = ` + q + `
[[services.a.hooks]]
script = "log.lua"
options = { ` + q + ` = ` + q + ` }
[[services.a.hooks]]
script = ` + strings.ReplaceAll(q, `.lua`, ``)[:len(q)-1] + `.lua"
`,
		"good.toml": `[services.a]
host = ` + q + `
[[services.a.hooks]]
script = "log.lua"
options = { ` + q + ` = ` + q + ` }
`,
		"broken.toml":  "[services." + q + "]\n" + q + " = 1\nx = \x1b[31m\u009b\n",
		"mistake.toml": "[services." + q + "]\n" + q + " = 1\nhost = 5\n[services.a]\n[[services.a.hooks]]\nname = " + q + "\nscript = " + q + "\nmethods = [" + q + "]\ntimeout = " + q + "\n",
		"log.lua": `
log.info(` + inLua + `, { [` + inLua + `] = ` + inLua + ` })
function pre(call)
  log.warn(` + inLua + `, { [` + inLua + `] = ` + inLua + ` })
  print(` + inLua + `)
  call.args.share.metadata[` + inLua + `] = ` + inLua + `
  return { [` + inLua + `] = ` + inLua + ` }
end
function post(call, result)
  result.provider_location = ` + inLua + `
end
function failed(call, err) print(err.message) end
`,
		name:                       "function pre() error('x') end",
		"error.lua":                "function pre()\n  error(" + inLua + ") --" + inSource + "\nend",
		"reject.lua":               "function pre()\n  reject(" + inLua + ", " + inLua + ") --" + inSource + "\nend",
		"field.lua":                "function post(call, result)\n  result[" + inLua + "] = 1 --" + inSource + "\nend",
		"syntax.lua":               "x = = '" + inSource + "'",
		"top.lua":                  "error(" + inLua + ")",
		"lint.lua":                 "x[" + inLua + "] = y\nfunction pre(call) return call.args[" + inLua + "], call[" + inLua + "] end\npre[" + inLua + "] = function() end",
		"require.lua":              "require(" + inLua + ")",
		"call.json":                `{"method":"create_snapshot","context":{"request_id":` + q + `,` + q + `:` + q + `},"args":{"snapshot":{"name":` + q + `}},"result":{"provider_location":` + q + `}}`,
		"fail.json":                `{"method":"create_snapshot","error":{"message":` + q + `,"code":` + q + `}}`,
		"raw.json":                 `{"method":"create_snapshot","args":{"snapshot":{"name":"` + "\u009b\x7f\u202e" + `"}}}`,
		"service.json":             `{"service":` + q + `,"method":"create_snapshot"}`,
		"method.json":              `{"method":` + q + `}`,
		"unknown.json":             `{"method":"create_snapshot",` + q + `:1,"args":{` + q + `:1},"result":{` + q + `:` + q + `}}`,
		"time.json":                `{"method":"create_snapshot","at":` + q + `,"args":{"snapshot":{"created_at":` + q + `}}}`,
		"expect.json":              `{"method":"create_snapshot","expect":{` + q + `:` + q + `,"outcome":` + q + `,"steps":[` + q + `]}}`,
		"twice.json":               `{"method":"create_snapshot","context":{` + q + `:1,` + q + `:2}}`,
		"broken.json":              "{\"method\":\x1b\u009b}",
		"evil" + hostile + ".json": `{"method":"create_snapshot"}`,
		"bad" + hostile + ".json":  `{`,
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestNoOutputHoldsWhatATerminalObeys(t *testing.T) {
	dir := hostileFiles(t)
	t.Chdir(dir)
	files := func(pattern string) []string {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		return append(found, hostile)
	}
	var commands [][]string
	for _, script := range files("*.lua") {
		commands = append(commands, []string{"check", "--script", script}, []string{"list", "--script", script})
		for _, call := range []string{"call.json", "fail.json", "raw.json"} {
			commands = append(commands, []string{"run", "--script", script, call})
		}
	}
	for _, call := range files("*.json") {
		commands = append(commands, []string{"run", "--script", "log.lua", call}, []string{"run", "-c", "good.toml", call})
	}
	for _, config := range files("*.toml") {
		commands = append(commands, []string{"check", "-c", config}, []string{"list", "-c", config}, []string{"run", "-c", config, "call.json"},
			[]string{"list", "-c", config, "--service", hostile}, []string{"run", "-c", config, "--service", hostile, "call.json"})
	}
	commands = append(commands, []string{hostile}, []string{"--" + hostile}, []string{"-" + hostile}, []string{"help", hostile},
		[]string{"check", hostile}, []string{"list", "--" + hostile}, []string{"run", "--json=" + hostile}, []string{"completion", hostile},
		[]string{"completion", "bash"})
	shown := 0
	for _, args := range commands {
		for _, args := range [][]string{args, append(args[:len(args):len(args)], "--json")} {
			var stdout, stderr bytes.Buffer
			Run(ofShares, args, strings.NewReader(""), &stdout, &stderr)
			wantPlain(t, args, stdout.String())
			wantPlain(t, args, stderr.String())
			shown += strings.Count(stdout.String()+stderr.String(), "FORGED")
		}
	}
	if shown < 200 {
		t.Errorf("the hostile text is shown %d times: the test does not reach what it is about", shown)
	}
}

// What is painted holds the painter's own escape sequences and no others, at any width.
func TestNoTerminalGetsWhatItObeys(t *testing.T) {
	t.Chdir(hostileFiles(t))
	hooks := &selection{program: ofShares, scripts: []string{"log.lua", "error.lua", "field.lua"}}
	cfg, err := hooks.load()
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{1, 20, 40, 80, 200} {
		var out bytes.Buffer
		std := &streams{in: strings.NewReader(""), out: bufio.NewWriter(&out), stdout: &out, err: io.Discard}
		show := newShow(std, hooks, cfg)
		show.text.Color, show.text.Width = true, width
		b := &runner{hooks: hooks, cfg: cfg, engines: map[string]*engine.Engine{}}
		for _, call := range []string{"call.json", "fail.json", "expect.json"} {
			if err := b.runInput(t.Context(), std.in, call, show); err != nil {
				t.Fatal(err)
			}
		}
		show.end()
		b.close()
		if err := std.out.Flush(); err != nil {
			t.Fatal(err)
		}
		unpainted := regexp.MustCompile("\x1b\\[(0|1|2|31|32|33|36|1;31)m").ReplaceAllString(out.String(), "")
		wantPlain(t, []string{fmt.Sprint("width ", width)}, unpainted)
		if strings.Contains(out.String(), hostile[:6]) || !strings.Contains(unpainted, "FORGED") && width > 40 {
			t.Errorf("width %d: %q", width, out.String())
		}
	}
}

// wantPlain looks for what a terminal would obey, and for lines that a hostile text has begun.
func wantPlain(t *testing.T, args []string, output string) {
	t.Helper()
	if !utf8.ValidString(output) {
		t.Errorf("%q: output is no UTF-8: %q", args, output)
	}
	for line := range strings.Lines(output) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "FORGED") {
			t.Errorf("%q: a line is forged: %q", args, line)
		}
		for _, r := range line {
			if r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r >= 0xe0000 && r < 0xe0080 {
				t.Errorf("%q: %U in %q", args, r, line)
				break
			}
		}
	}
}
