package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// hostile is what a script may say to forge a line, to colour a terminal, or to turn its text around.
const hostile = "\x1b[31m\r\nnfs1 create: FORGED LINE\u009b\u202e\u2028\xff\x7f"

const luaHostile = `"\27[31m\r\nnfs1 create: FORGED LINE\194\155\226\128\174\226\128\168\255\127"`

func TestErrorTextsAreOnePlainLine(t *testing.T) {
	for name, source := range map[string]string{
		"reject":       `function pre() reject(` + luaHostile + `, ` + luaHostile + `) end`,
		"error":        `function pre() error(` + luaHostile + `) end`,
		"error value":  `function post() error({ message = ` + luaHostile + ` }) end`,
		"field":        `function post(call, result) result[` + luaHostile + `] = 1 end`,
		"value":        `function post(call, result) result.size = ` + luaHostile + ` end`,
		"key":          `function post(call, result) result.metadata[` + luaHostile + `] = print end`,
		"module":       `function pre() require(` + luaHostile + `) end`,
		"global":       `function pre() _G[` + luaHostile + `].x = 1 end`,
		"concat":       `function pre() return {} .. ` + luaHostile + ` end`,
		"bad argument": `function pre() tonumber("1", ` + luaHostile + `) end`,
		"bad option":   `function pre() collectgarbage(` + luaHostile + `) end`,
		"bad json":     `function pre() json.decode(` + luaHostile + `) end`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, hook("a", source))
			_, err := w.call(share{})
			if err == nil {
				t.Fatal("the call completed")
			}
			wantPlain(t, "error", err.Error())
			wantPlain(t, "wrapped error", fmt.Sprintf("%v", fmt.Errorf("create: %w", err)))
		})
	}
}

func TestErrorsKeepTheMessageAsItWasRaised(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `function pre() reject(`+luaHostile+`, "a\nb") end`))
	_, err := w.call(share{})
	var re *engine.RejectedError
	if !errors.As(err, &re) || re.Message != hostile || re.Code != "a\nb" {
		t.Errorf("got %#v, want the message as the script gave it", err)
	}
}

func TestLoadErrorsArePlainLines(t *testing.T) {
	for name, source := range map[string]string{
		"error":   `error(` + luaHostile + `)`,
		"method":  `pre[` + luaHostile + `] = function() end`,
		"require": `require(` + luaHostile + `)`,
		"syntax":  "x = \x1b[31m\u009b",
		"string":  "x = '\x1b[31m\u202e\n'",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engine.New(configOf(t, t.TempDir(), hook("a", source)), "nfs1",
				engine.Options{Methods: []engine.Method{{Name: "create_snapshot"}}})
			var ce *config.Error
			if !errors.As(err, &ce) {
				t.Fatalf("got %v, want a *config.Error", err)
			}
			for _, p := range ce.Problems {
				wantPlain(t, "problem", p.Message)
			}
			wantPlain(t, "error", err.Error())
		})
	}
}

func TestConfigErrorsArePlainLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config\x1b\n.toml")
	text := `[services."\u001b[31m\n\u202e"]
nonsense = 1
[services.a]
host = "\u001b[31m"
[[services.a.hooks]]
script = "\u001b\n\u009b"
"\u001b\n" = 1
`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(file)
	if err == nil {
		t.Fatal("the config is read")
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		wantPlain(t, "line", line)
		if !strings.Contains(line, `config\x1b\n.toml:`) {
			t.Errorf("line %q does not name the file", line)
		}
	}
}

func TestLogMessagesAreOnePlainLine(t *testing.T) {
	var got records
	w := newWorld(t, engine.Options{Logger: slog.New(&got)}, hook("a", `
		function pre() log.info(`+luaHostile+`) print(`+luaHostile+`) error(`+luaHostile+`) end`,
		func(h *config.Hook) { h.SuppressPreErrors = true }))
	if _, err := w.call(share{}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 {
		t.Fatalf("got %d log records, want 3", len(got))
	}
	for _, r := range got {
		wantPlain(t, "message", r.Message)
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "error" {
				wantPlain(t, "error", a.Value.String())
			}
			return true
		})
	}
}

// records is a log handler that keeps what it gets.
type records []slog.Record

func (r *records) Enabled(context.Context, slog.Level) bool { return true }
func (r *records) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *records) WithGroup(string) slog.Handler            { return r }
func (r *records) Handle(_ context.Context, record slog.Record) error {
	*r = append(*r, record)
	return nil
}

func wantPlain(t *testing.T, what, text string) {
	t.Helper()
	for i, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == unicode.ReplacementChar {
			t.Errorf("%s %q holds %U at %d", what, text, r, i)
			return
		}
	}
}
