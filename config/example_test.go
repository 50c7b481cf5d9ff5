package config

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const exampleConfig = "../config.toml.example"

func TestExampleConfigHasNoMistakes(t *testing.T) {
	cfg, err := Load(exampleConfig)
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("../scripts/examples/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, hook := range cfg.Services["nfs1"].Hooks {
		used[hook.Script] = true
	}
	for _, script := range scripts {
		name := filepath.Base(script)
		if isTest, _ := filepath.Match("*_test.lua", name); !isTest && !used[name] {
			t.Errorf("the example script %s is not in the example config", name)
		}
	}
}

func TestExampleConfigShowsEveryKey(t *testing.T) {
	src, err := os.ReadFile(exampleConfig)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range allKeys() {
		shown := regexp.MustCompile(`(?m)^(\[+(services\.nfs1\.)?)?` + key.name + `( = |\]|\.)`)
		if !shown.Match(src) {
			t.Errorf("key %s (%s) is not shown", key.name, key.in)
		}
	}
}

func TestExampleConfigShowsTheDefaults(t *testing.T) {
	src, err := os.ReadFile(exampleConfig)
	if err != nil {
		t.Fatal(err)
	}
	table, _, problem := decodeTOML(src)
	if problem != nil {
		t.Fatal(problem)
	}
	defaults := table["defaults"].(map[string]any)
	var shown Hook
	f := (&Config{}).newFindings()
	f.root().key("defaults").readTable(inDefaults, defaults, target{hook: &shown})
	if diff := cmp.Diff(DefaultHook(""), shown, cmpopts.EquateEmpty()); diff != "" || len(f.problems) > 0 {
		t.Errorf("[defaults] (-DefaultHook +shown) with problems %v:\n%s", f.problems, diff)
	}
	for _, key := range allKeys() {
		if _, ok := defaults[key.name]; ok != f.isInherited(key.name) {
			t.Errorf("[defaults] shows %s: got %t, want %t", key.name, ok, !ok)
		}
	}
	cfg, err := Load(exampleConfig)
	if err != nil {
		t.Fatal(err)
	}
	service := cfg.Services["nfs1"]
	if service.Tick != DefaultTick || len(service.ExtraMethods) != 0 {
		t.Errorf("got tick %v and extra methods %q, want the defaults", service.Tick, service.ExtraMethods)
	}
	store := DefaultStore()
	store.Path = cfg.Store.Path
	ops, archive := DefaultSink("webhook"), DefaultSink("file")
	ops.URL, ops.Secret, archive.Path = cfg.Sinks["ops"].URL, cfg.Sinks["ops"].Secret, cfg.Sinks["archive"].Path
	if diff := cmp.Diff(map[string]Sink{"ops": ops, "archive": archive}, cfg.Sinks); diff != "" || store != cfg.Store {
		t.Errorf("got store %+v, want %+v, and sinks (-want +got):\n%s", cfg.Store, store, diff)
	}
}
