package config

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// loadText loads a config that stands beside the folder of test scripts.
func loadText(t *testing.T, src string) *Config {
	t.Helper()
	cfg, err := decode(nil, "testdata/c.toml", []byte("scripts = \"scripts\"\n"+src))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestHookHasTheDefaultsOfEveryKey(t *testing.T) {
	cfg := loadText(t, "[services.nfs1]\nhooks = [{script = \"ops/audit_log.lua\"}]")
	want := map[string]Service{"nfs1": {
		Tick: time.Minute,
		Hooks: []Hook{{
			Name: "audit_log", Script: "ops/audit_log.lua",
			Enabled: true, EnablePre: true, EnablePost: true, EnableFinally: true, EnablePeriodic: true,
			Methods: []string{"*"}, PeriodicEvery: 1,
			Timeout: time.Second, MaxInstructions: 10_000_000, MaxMemory: 64 << 20, Concurrent: 1,
			MaxState: 16 << 20, MaxHTTP: 10,
		}},
	}}
	if diff := cmp.Diff(want, cfg.Services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(DefaultHook("ops/audit_log.lua"), cfg.Services["nfs1"].Hooks[0]); diff != "" {
		t.Errorf("hook (-DefaultHook +loaded):\n%s", diff)
	}
}

func TestEveryKeyIsRead(t *testing.T) {
	cfg := loadText(t, `
[services.nfs1]
tick = "1m30s"
host = "storage-1"
extra_methods = ["create_share_group"]
[[services.nfs1.hooks]]
name = "n"
script = "notify.lua"
options = { a = 1 }
enabled = false
enable_pre = false
enable_post = false
enable_finally = false
enable_periodic = false
suppress_pre_errors = true
suppress_post_errors = true
suppress_periodic_errors = true
change_args = true
methods = []
periodic_every = 2
timeout = "3s"
max_instructions = 4
max_memory = 5
concurrent = 6
state = "s"
max_state = 7
allow_http = ["cmdb.example.org"]
allow_http_writes = true
max_http = 8
`)
	want := map[string]Service{"nfs1": {
		Tick: 90 * time.Second, Host: "storage-1", ExtraMethods: []string{"create_share_group"},
		Hooks: []Hook{{
			Name: "n", Script: "notify.lua", Options: map[string]any{"a": int64(1)},
			SuppressPreErrors: true, SuppressPostErrors: true, SuppressPeriodicErrors: true,
			ChangeArgs: true, Methods: []string{}, PeriodicEvery: 2,
			Timeout: 3 * time.Second, MaxInstructions: 4, MaxMemory: 5, Concurrent: 6,
			State: "s", MaxState: 7, AllowHTTP: []string{"cmdb.example.org"}, AllowHTTPWrites: true, MaxHTTP: 8,
		}},
	}}
	if diff := cmp.Diff(want, cfg.Services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
}

func TestKeysInheritFromDefaultsThenServiceThenHook(t *testing.T) {
	cfg := loadText(t, `
[[services.a.hooks]]
script = "notify.lua"
[[services.a.hooks]]
script = "quota_guard.lua"
timeout = "3s"
enabled = true
methods = ["own"]
[services.a]
timeout = "2s"
enabled = false
periodic_every = 7
[services.b]
hooks = [{ script = "notify.lua" }]
[defaults]
timeout = "1500ms"
methods = ["create_*"]
max_memory = "1MiB"
`)
	type inherited struct {
		Timeout       time.Duration
		Enabled       bool
		Methods       string
		PeriodicEvery int
		MaxMemory     int64
	}
	got := map[string][]inherited{}
	for name, service := range cfg.Services {
		for _, h := range service.Hooks {
			got[name] = append(got[name], inherited{h.Timeout, h.Enabled, h.Methods[0], h.PeriodicEvery, h.MaxMemory})
		}
	}
	want := map[string][]inherited{
		"a": {{2 * time.Second, false, "create_*", 7, 1 << 20}, {3 * time.Second, true, "own", 7, 1 << 20}},
		"b": {{1500 * time.Millisecond, true, "create_*", 1, 1 << 20}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("hooks (-want +got):\n%s", diff)
	}
}

func TestInheritedListsAreNotShared(t *testing.T) {
	cfg := loadText(t, "[services.a]\nmethods = [\"x\"]\nallow_http = [\"y\"]\nhooks = [{script = \"notify.lua\"}, {script = \"quota_guard.lua\"}]")
	hooks := cfg.Services["a"].Hooks
	hooks[0].Methods[0], hooks[0].AllowHTTP[0] = "changed", "changed"
	if got := hooks[1].Methods[0] + hooks[1].AllowHTTP[0]; got != "xy" {
		t.Errorf("the second hook has methods and hosts %q, want %q", got, "xy")
	}
}

func TestOptionsKeepTheirTypes(t *testing.T) {
	cfg := loadText(t, `
[[services.a.hooks]]
script = "notify.lua"
[services.a.hooks.options]
text = "x"
large = 9007199254740993
float = 1.0
yes = true
at = 2026-11-23T10:00:00.5Z
local = 2026-11-23T10:00:00.5
day = 2026-11-23
hour = 07:32:00
empty = []
nothing = {}
inline = [{ a = 1 }, { b = [2026-11-23] }]
mixed = [1, "x", [{}]]
[services.a.hooks.options."deep er".still]
x = 1
[[services.a.hooks.options.tables]]
y = 07:30:00
`)
	want := map[string]any{
		"text": "x", "large": int64(9007199254740993), "float": 1.0, "yes": true,
		"at":    time.Date(2026, 11, 23, 10, 0, 0, 5e8, time.UTC),
		"local": "2026-11-23T10:00:00.5", "day": "2026-11-23", "hour": "07:32:00",
		"empty": []any{}, "nothing": map[string]any{},
		"inline":  []any{map[string]any{"a": int64(1)}, map[string]any{"b": []any{"2026-11-23"}}},
		"mixed":   []any{int64(1), "x", []any{map[string]any{}}},
		"deep er": map[string]any{"still": map[string]any{"x": int64(1)}},
		"tables":  []any{map[string]any{"y": "07:30:00"}},
	}
	if diff := cmp.Diff(want, cfg.Services["a"].Hooks[0].Options); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
}

func TestValuesOfCommandLinesAreAsInOptionsOfAConfig(t *testing.T) {
	for _, text := range []string{
		`5`, `9007199254740993`, `1.0`, `true`, `"7"`, `["a", "b"]`, `[]`, `{}`, `[{ a = 1 }, { b = 2 }]`, `{ a = [{ b = "x" }] }`,
		`2026-11-23`, `10:00:00`, `2026-11-23T10:00:00.5`, `2026-11-23T10:00:00.5Z`, `[2026-11-23, { at = 10:00:00 }]`,
	} {
		cfg := loadText(t, "[services.a]\nhooks = [{ script = \"notify.lua\", options = { v = "+text+" } }]")
		if diff := cmp.Diff(cfg.Services["a"].Hooks[0].Options["v"], OptionValue(text)); diff != "" {
			t.Errorf("%s (-config +command line):\n%s", text, diff)
		}
	}
	for _, text := range []string{"", "hello", "2026-13-23", "a\nb", "1\nW = 2"} {
		if got := OptionValue(text); got != text {
			t.Errorf("%q: got %v, want the text itself", text, got)
		}
	}
}

func TestSizesAreBytes(t *testing.T) {
	for text, want := range map[string]int64{
		`1`: 1, `1_000`: 1000, `"17"`: 17, `"17B"`: 17, `"17 B"`: 17,
		`"3kB"`: 3000, `"3MB"`: 3_000_000, `"3GB"`: 3_000_000_000,
		`"3KiB"`: 3 << 10, `"64MiB"`: 64 << 20, `"8589934591 GiB"`: 8589934591 << 30,
	} {
		cfg := loadText(t, "[services.a]\nhooks = [{script = \"notify.lua\", max_memory = "+text+"}]")
		if got := cfg.Services["a"].Hooks[0].MaxMemory; got != want {
			t.Errorf("max_memory = %s: got %d, want %d", text, got, want)
		}
	}
}

func TestScriptsFolderIsRelativeToTheFile(t *testing.T) {
	absolute, err := filepath.Abs("testdata/scripts")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ path, key, want string }{
		{"testdata/c.toml", "scripts = 'scripts'", filepath.FromSlash("testdata/scripts")},
		{"testdata/valid/c.toml", "scripts = '../scripts'", filepath.FromSlash("testdata/scripts")},
		{"testdata/scripts/c.toml", "", filepath.FromSlash("testdata/scripts")},
		{"c.toml", "", "."},
		{"elsewhere/c.toml", "scripts = '" + absolute + "'", absolute},
	}
	for _, tt := range tests {
		cfg, err := decode(nil, tt.path, []byte(tt.key+"\n[services.a]"))
		if err != nil {
			t.Errorf("%s with %s: %v", tt.path, tt.key, err)
		}
		if cfg.Scripts != tt.want || cfg.Path != tt.path {
			t.Errorf("%s with %s: got scripts %q and path %q, want %q", tt.path, tt.key, cfg.Scripts, cfg.Path, tt.want)
		}
	}
}
