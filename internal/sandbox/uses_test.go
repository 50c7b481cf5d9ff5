package sandbox

import (
	"testing"

	"github.com/hookrun/hookrun/internal/luafiles"
)

func TestWhoeverMayComeByALibraryTableMayUseIt(t *testing.T) {
	modules := map[string]string{
		"tells":   `local m = {} function m.tell() events.publish("a") end return m`,
		"says":    `return require("_G").events`,
		"nothing": `return {}`,
	}
	for source, want := range map[string]bool{
		`function pre() events.publish("a") end`:                                  true,
		`local e = events function pre() e.publish("a") end`:                      true,
		`function pre() _G["eve" .. "nts"].publish("a") end`:                      true,
		`function pre() require("_G").events.publish("a") end`:                    true,
		`function pre() require("_" .. "G").events.publish("a") end`:              true,
		`local r = require function pre() r("_G").events.publish() end`:           true,
		`local _, g = pcall(require, "_G") function pre() g.events.publish() end`: true,
		`function pre() state.set("events", 1) end`:                               false,
		`function pre() return "_G" end`:                                          false,
		`local events = {} function pre() return events.publish end`:              false,
	} {
		if got := mayPublish(t, source, nil); got != want {
			t.Errorf("%s: got %v", source, got)
		}
	}
	const requires = `local m = require("nothing")`
	for _, test := range []struct {
		module string
		want   bool
	}{{"tells", true}, {"says", true}, {"nothing", false}} {
		if got := mayPublish(t, requires, map[string]string{"nothing": `return {}`, test.module: modules[test.module]}); got != test.want {
			t.Errorf("with module %s: got %v", test.module, got)
		}
	}
}

func mayPublish(t *testing.T, source string, modules map[string]string) bool {
	t.Helper()
	program, err := Compile("a.lua", source)
	if err != nil {
		t.Fatal(err)
	}
	var found []luafiles.Module
	for name, source := range modules {
		found = append(found, luafiles.Module{Name: name, Source: source})
	}
	vm, err := New(Options{Modules: CompileModules(found), Effects: newOutside(func(string) {})})
	if err != nil {
		t.Fatal(err)
	}
	script, err := vm.Load(t.Context(), &benchLimits, program, nil)
	if err != nil {
		t.Fatal(err)
	}
	return script.MayUse("events")
}
