package config

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConfigBuiltInGoIsChecked(t *testing.T) {
	good := DefaultHook("notify.lua")
	with := func(change func(h *Hook)) []Hook {
		h := DefaultHook("notify.lua")
		change(&h)
		return []Hook{h}
	}
	const hook = "services.a.hooks[0]"
	tests := []struct {
		name    string
		service Service
		want    []Problem
	}{
		{"good", Service{Hooks: []Hook{good}}, nil},
		{"no hooks", Service{Tick: time.Second, Host: "h"}, nil},
		{"negative tick", Service{Tick: -1}, []Problem{{Key: "services.a.tick", Message: "want duration above 0, got -1ns"}}},
		{"extra method", Service{ExtraMethods: []string{"a\nb"}}, []Problem{
			{Key: "services.a.extra_methods[0]", Message: `want method name such as "create_share_group", got "a\nb"`},
		}},
		{"zero hook", Service{Hooks: []Hook{{}}}, []Problem{
			{Key: hook + ".concurrent", Message: "want integer from 1 to 64, got 0"},
			{Key: hook + ".max_http", Message: "want integer above 0, got 0"},
			{Key: hook + ".max_instructions", Message: "want integer above 0, got 0"},
			{Key: hook + ".max_memory", Message: "want size in bytes above 0, got 0"},
			{Key: hook + ".max_state", Message: "want size in bytes above 0, got 0"},
			{Key: hook + ".periodic_every", Message: "want integer above 0, got 0"},
			{Key: hook + ".script", Message: "want the path of a Lua file, got none"},
			{Key: hook + ".timeout", Message: "want duration above 0, got 0s"},
		}},
		{"no name", Service{Hooks: with(func(h *Hook) { h.Name = "" })}, []Problem{
			{Key: hook + ".name", Message: "want a name, got none"},
		}},
		{"two of one name", Service{Hooks: []Hook{good, good}}, []Problem{
			{Key: "services.a.hooks[1].name", Message: `want a name of its own, got "notify", which hook 1 has`},
		}},
		{"bad glob", Service{Hooks: with(func(h *Hook) { h.Methods = []string{"["} })}, []Problem{
			{Key: hook + ".methods[0]", Message: `want glob of method names such as "create_*", got "["`},
		}},
		{"script outside", Service{Hooks: with(func(h *Hook) { h.Script = "../x.lua" })}, []Problem{
			{Key: hook + ".script", Message: `want a path within the scripts folder, got "../x.lua"`},
		}},
		{"script missing", Service{Hooks: with(func(h *Hook) { h.Script = "notifi.lua" })}, []Problem{
			{Key: hook + ".script", Message: `there is no script "notifi.lua" in "testdata/scripts" (did you mean "notify.lua"?)`},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := &Config{Scripts: "testdata/scripts", Services: map[string]Service{"a": tt.service}}
			for i := range tt.want {
				tt.want[i].File = "config"
			}
			if diff := cmp.Diff(tt.want, sortedProblems(cfg.validate())); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if err := cfg.Err(); err != nil {
				t.Errorf("got %v, want no error of a file", err)
			}
		})
	}
}

func TestConfigWithoutServicesOrScriptsIsChecked(t *testing.T) {
	got := (&Config{Scripts: "none"}).validate()
	want := []Problem{
		{File: "config", Key: "services", Message: "want at least one service, got none"},
		{File: "config", Key: "scripts", Message: `there is no folder "none"`},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestGlobsAndExtraMethodsFitTheDeclaredMethods(t *testing.T) {
	cfg := loadText(t, `
[defaults]
methods = ["create_*", "delet_snapshot"]
[services.a]
extra_methods = ["create_share_group", "delete_snapshot"]
[[services.a.hooks]]
script = "notify.lua"
[[services.a.hooks]]
script = "quota_guard.lua"
[[services.a.hooks]]
name = "own"
script = "quota_guard.lua"
methods = [
  "create_share_group",
  "create_sharegroup",
  "deny_*",
]
`)
	known := []string{"create_snapshot", "delete_snapshot"}
	want := []Problem{
		{Line: 4, Key: "defaults.methods[1]", Message: `no method matches "delet_snapshot" (did you mean "delete_snapshot"?)`},
		{Line: 6, Key: "services.a.extra_methods[1]", Message: `"delete_snapshot" is a method of every service already`},
		{Line: 16, Key: "services.a.hooks[2].methods[1]", Message: `no method matches "create_sharegroup" (did you mean "create_share_group"?)`},
		{Line: 17, Key: "services.a.hooks[2].methods[2]", Message: `no method matches "deny_*"`},
	}
	for i := range want {
		want[i].File = "testdata/c.toml"
	}
	if diff := cmp.Diff(want, cfg.checkMethods("a", known)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if got := cfg.checkMethods("a", nil); got != nil {
		t.Errorf("with no declared methods: got %v, want nothing", got)
	}
}

func TestProblemsStandWhereTheirKeyIs(t *testing.T) {
	cfg := loadText(t, `[defaults]
timeout = "1s"
[services.a]
max_memory = 1
tick = "1s"
[[services.a.hooks]]
script = "notify.lua"
options = { x = 1 }
`)
	cfg.Path = "c.toml"
	tests := []struct {
		hook      int
		key, want string
	}{
		{0, "", "c.toml:7: services.a: hook 1 (notify): m"},
		{0, "script", "c.toml:8: services.a: hook 1 (notify): script: m"},
		{0, "options", "c.toml:9: services.a: hook 1 (notify): options: m"},
		{0, "max_memory", "c.toml:5: services.a.max_memory: m"},
		{0, "timeout", "c.toml:3: defaults.timeout: m"},
		{0, "methods", "c.toml:7: services.a: hook 1 (notify): methods: m"},
		{0, "name", "c.toml:7: services.a: hook 1 (notify): name: m"},
		{-1, "", "c.toml:4: services.a: m"},
		{-1, "tick", "c.toml:6: services.a.tick: m"},
		{-1, "extra_methods", "c.toml:4: services.a.extra_methods: m"},
		{7, "", "c.toml:7: services.a: hook 8: m"},
	}
	for _, tt := range tests {
		if got := cfg.Problem("a", tt.hook, tt.key, "m").String(); got != tt.want {
			t.Errorf("hook %d, key %q: got %q, want %q", tt.hook, tt.key, got, tt.want)
		}
	}
	built := &Config{}
	if got, want := built.Problem("a", 0, "script", "m").String(), "config: services.a: hook 1: script: m"; got != want {
		t.Errorf("built in Go: got %q, want %q", got, want)
	}
}
