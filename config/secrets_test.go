package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// secretsOf loads a config with some options, from a folder in which there may be files.
func secretsOf(t *testing.T, files map[string]string, src string) (*Config, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "c.toml")
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "x.lua"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestReferencesStandForWhatTheyName(t *testing.T) {
	t.Setenv("HOOKRUN_TOKEN", "tok-1234")
	t.Setenv("HOOKRUN_EMPTY", "")
	elsewhere := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(elsewhere, []byte("far"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"key": "key\n", "two": "a\nb\n\n", "dos": "dos\r\n", "return": "a\r", "${env:HOOKRUN_TOKEN": "odd"}
	cfg, err := secretsOf(t, files, `
[[services.a.hooks]]
script = "x.lua"
[services.a.hooks.options]
whole = "${env:HOOKRUN_TOKEN}"
part = "Bearer ${env:HOOKRUN_TOKEN}."
both = "${env:HOOKRUN_TOKEN}${file:key}"
key = "${file:./key}"
two = "${file:two}"
dos = "${file:dos}"
return = "${file:return}"
empty = "<${env:HOOKRUN_EMPTY}>"
far = "${file:`+elsewhere+`}"
literal = "$${env:HOOKRUN_TOKEN} $$$${x} $$ $x {} $"
dollar = "$$${env:HOOKRUN_TOKEN}"
deep = [{ a = ["${file:key}", 1, 2026-01-01] }]
"${env:HOOKRUN_TOKEN}" = true
[sinks.ops]
type = "${file:hook}"
url = "https://ops.example.org/${env:HOOKRUN_TOKEN}"
secret = "own-secret"
events = ["${file:key}.*"]
timeout = "${file:time}"
`)
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Fatalf("got %v, want two problems", err)
	}
	want := map[string]any{
		"whole": "tok-1234", "part": "Bearer tok-1234.", "both": "tok-1234key", "key": "key", "two": "a\nb\n", "dos": "dos", "return": "a\r", "empty": "<>",
		"far": "far", "literal": "${env:HOOKRUN_TOKEN} $${x} $$ $x {} $", "dollar": "$tok-1234",
		"deep": []any{map[string]any{"a": []any{"key", int64(1), "2026-01-01"}}}, "${env:HOOKRUN_TOKEN}": true,
	}
	if diff := cmp.Diff(want, cfg.Services["a"].Hooks[0].Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	sink := cfg.Sinks["ops"]
	if sink.URL != "https://ops.example.org/tok-1234" || sink.Events[0] != "key.*" {
		t.Errorf("got sink %+v", sink)
	}
	got := strings.Join(cfg.Secrets, "|")
	for _, secret := range []string{"tok-1234", "key", "a\nb\n", "dos", "far", "own-secret"} {
		if strings.Count("|"+got+"|", "|"+secret+"|") != 1 {
			t.Errorf("got the secrets %q, want %q once", cfg.Secrets, secret)
		}
	}
}

func TestBadFilesOfSecretsAreReported(t *testing.T) {
	_, err := secretsOf(t, map[string]string{"large": strings.Repeat("x", maxSecret+1), "latin1": "caf\xe9", "fits": strings.Repeat("x", maxSecret)}, `
[[services.a.hooks]]
script = "x.lua"
[services.a.hooks.options]
large = "${file:large}"
latin1 = "${file:latin1}"
fits = "${file:fits}"
variable = "${env:HOOKRUN_LATIN1}"
`)
	var invalid *Error
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v, want an *Error", err)
	}
	got := ""
	for _, p := range invalid.Problems {
		got += p.Key[strings.LastIndex(p.Key, ".")+1:] + ": " + strings.ReplaceAll(p.Message, filepath.Dir(p.File)+string(filepath.Separator), "") + "\n"
	}
	want := `large: want at most 64 KiB in the file "large", got more
latin1: want text in UTF-8 in "${file:latin1}", got other bytes
variable: there is no environment variable "HOOKRUN_LATIN1"
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestAMissingVariableIsSuggested(t *testing.T) {
	t.Setenv("HOOKRUN_CMDB_TOKEN", "tok-1234")
	_, err := secretsOf(t, nil, "[[services.a.hooks]]\nscript = \"x.lua\"\noptions = { t = \"${env:HOOKRUN_CMBD_TOKEN}\" }")
	const want = `c.toml:3: services.a: hook 1 (x): options.t: there is no environment variable "HOOKRUN_CMBD_TOKEN" (did you mean "HOOKRUN_CMDB_TOKEN"?)`
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestNoMistakeShowsASecret(t *testing.T) {
	t.Setenv("HOOKRUN_SECRET", `se"cret`+"\n"+`<1234>`)
	_, err := secretsOf(t, map[string]string{"long": strings.Repeat("long-secret-", 100)}, `
[sinks.a]
type = "${env:HOOKRUN_SECRET}"
[sinks.b]
type = "webhook"
url = "x${env:HOOKRUN_SECRET}y"
events = ["[${env:HOOKRUN_SECRET}"]
timeout = "${env:HOOKRUN_SECRET}"
concurrency = "${file:long}"
[sinks.c]
type = "webhook"
url = "https://me:${env:HOOKRUN_SECRET}@example.org/"
secret = "whsec_${file:long}"
[sinks.d]
type = "file"
path = "${file:long}"
[sinks.e]
type = "file"
path = "${file:long}"
[services.a]
`)
	if err == nil {
		t.Fatal("got no error")
	}
	if text := err.Error(); strings.Count(text, "***") < 6 || strings.Contains(text, "cret") && !strings.Contains(text, ".secret:") || strings.Contains(text, "1234") || strings.Contains(text, "long-") {
		t.Errorf("the error shows a secret:\n%s", text)
	}
}

func TestFilesOfSecretsAreWhereTheConfigIs(t *testing.T) {
	elsewhere := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(elsewhere, []byte("far"), 0o600); err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{
		"conf/c.toml": {Data: []byte("[[services.a.hooks]]\nscript = \"x.lua\"\noptions = { near = \"${file:key}\", far = \"${file:" + filepath.ToSlash(elsewhere) + "}\" }")},
		"conf/key":    {Data: []byte("near\n")},
		"conf/x.lua":  {},
	}
	cfg, err := Parse(fsys, "conf/c.toml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"near": "near", "far": "far"}, cfg.Services["a"].Hooks[0].Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}
