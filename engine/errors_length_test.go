package engine_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// TestTextsOfErrorsAreShort: 4 KiB at most, with whole characters, whatever a script puts into them and wherever they
// come from.
func TestTextsOfErrorsAreShort(t *testing.T) {
	tests := map[string]string{
		"an error":               `function post.create_snapshot() error(("é"):rep(10000)) end`,
		"of what is escaped":     `function post.create_snapshot() error(("\27"):rep(4000)) end`,
		"a reject":               `function pre.create_snapshot() reject(("\1é"):rep(10000)) end`,
		"a reject elsewhere":     `function post.create_snapshot() reject(("é"):rep(10000)) end`,
		"a key that is deep":     `function post.create_snapshot(call, result) local t = print for i = 1, 60 do t = { [("\2"):rep(300)] = t } end result.metadata = t end`,
		"returned, and deep":     `function post.create_snapshot() local t = print for i = 1, 60 do t = { [("k"):rep(300)] = t } end return { metadata = t } end`,
		"an undefined field":     `function post.create_snapshot(call, result) result[("é"):rep(10000)] = 1 end`,
		"a text for a time":      `function post.create_snapshot(call, result) result.created_at = ("é"):rep(10000) end`,
		"an error that is table": `function post.create_snapshot() error({ message = ("é"):rep(10000), code = ("é"):rep(10000) }) end`,
	}
	for name, source := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, hook("long", source))
			_, err := w.call(share{Name: "s"})
			var he *engine.HookError
			var re *engine.RejectedError
			texts := []string{}
			switch {
			case errors.As(err, &he):
				texts = append(texts, err.Error(), he.Message)
			case errors.As(err, &re):
				texts = append(texts, err.Error(), re.Message, re.Code)
			default:
				t.Fatalf("got error %v", err)
			}
			for _, text := range texts {
				if len(text) > 4096 || !utf8.ValidString(text) {
					t.Errorf("got %d bytes, valid: %v", len(text), utf8.ValidString(text))
				}
			}
		})
	}
	_, err := engine.New(configOf(t, t.TempDir(), hook("long", `error(("\27é"):rep(10000))`)), "nfs1", engine.Options{})
	var ce *config.Error
	if !errors.As(err, &ce) || len(ce.Problems) != 1 || len(ce.Problems[0].Message) > 4096 || len(err.Error()) > 4096 || !strings.Contains(ce.Problems[0].Message, "é") {
		t.Errorf("got %.100v", err)
	}
}
