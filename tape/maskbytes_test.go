package tape_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// tornToken is a host object whose error was cut within a letter.
type tornToken struct{}

func (tornToken) Fail() error { return errors.New("refused t0ken-12345 gr\xc3") }

func TestMasksHideTextsThatAreNotUTF8(t *testing.T) {
	t.Setenv("TAPE_TOKEN", "sk_live_abcdef0123")
	cfg, err := config.Parse(fstest.MapFS{
		"hooks.toml": {Data: []byte(`
[record]
mask = ["**.headers.set-cookie", "**.message", "**.body.pin"]
[[services.nfs1.hooks]]
script = "hook.lua"
allow_http = ["example.org"]
options = { token = "${env:TAPE_TOKEN}" }
`)},
		"hook.lua": {Data: []byte(`
function pre.grow(call)
  local answer = http.get("https://example.org/")
  local ok, err = pcall(cmdb.Fail)
  log.info(answer.headers["set-cookie"])
  return { answer.headers["set-cookie"], answer.headers["x-echo"], answer.headers.name, answer.body, err }
end`)},
	}, "hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Record.Path = filepath.Join(t.TempDir(), "calls.jsonl")
	eng, r := open(t, cfg, engine.Options{
		Methods: methods, Objects: map[string]engine.Object{"cmdb": {Value: tornToken{}, Methods: []string{"Fail"}}},
		HTTP: terse{effect.Response{
			Status: 200, Body: `{"pin":"the pin is 98765","name":"` + "gr\xf6\xdfe" + `"}`,
			Header: map[string]string{"set-cookie": "sid=c00kie\xf6", "x-echo": "sk_live_abcdef0123 of \xf6", "name": "gr\xf6\xdfe"},
		}},
	})
	if _, err := engine.Call(t.Context(), eng, "grow", args{}, func(context.Context, args) (result, error) { return result{}, nil }); err != nil {
		t.Fatal(err)
	}
	end(t, eng, r)
	written := raw(t, cfg.Record.Path)
	for _, hidden := range []string{"sid=c00kie", "sk_live_abcdef0123", "t0ken-12345", "the pin is 98765"} {
		for skip := range 3 { // where it begins in base64
			digits := base64.RawStdEncoding.EncodeToString([]byte(hidden[skip : skip+(len(hidden)-skip)/3*3]))
			if bytes.Contains(written, []byte(hidden)) || bytes.Contains(written, []byte(digits)) {
				t.Errorf("got %s on the tape:\n%s", hidden, written)
			}
		}
	}
	for _, got := range playedAgain(t, cfg) {
		returned, err := json.Marshal(got.Steps[0].Returned)
		// What is not masked is as it was, and encoding/json escapes it.
		const want = `["***","*** of �","gr\ufffd\ufffde","{\"pin\":\"***\",\"name\":\"gr��e\"}","***"]`
		if got.Error != nil || err != nil || string(returned) != want {
			t.Errorf("got %s, %v, %v; want %s", returned, got.Error, err, want)
		}
	}
}
