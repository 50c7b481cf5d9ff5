package sandbox

import (
	"context"
	"testing"
)

func TestAFunctionDefinedTwiceIsRefused(t *testing.T) {
	const once = "function pre.create_snapshot(call) reject('never') end\n"
	for _, tt := range []struct{ name, source, module, want string }{
		{"twice", once + "function pre.create_snapshot(call) end", "",
			"hook.lua:2: pre.create_snapshot is defined twice: here and in line 1"},
		{"both forms", once + "function pre(call) end", "",
			"hook.lua:2: pre is assigned here and pre.create_snapshot in line 1: want one function for all methods, or one a method"},
		{"in a module", "\nrequire('m')\n" + once, once,
			"hook.lua:3: pre.create_snapshot is defined twice: here and in lib/m.lua:1"},
		{"in a module alone", "require('m')", once + once,
			"lib/m.lua:2: pre.create_snapshot is defined twice: here and in line 1"},
		{"in a module that is not required", once, once, ""},
		{"in a module that fails once", "pcall(require, 'm')\nrequire('m')", once + "if not tried then tried = true error('not yet') end", ""},
		{"wrapped", once + "local old = pre.create_snapshot\npre.create_snapshot = function(call) old(call) end", "", ""},
	} {
		got := ""
		if err := loadWith(t, tt.source, tt.module); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// loadWith loads a script beside a module m.
func loadWith(t *testing.T, source, module string) error {
	t.Helper()
	p, err := Compile("hook.lua", source)
	if err != nil {
		return err
	}
	m, err := Compile("lib/m.lua", module)
	if err != nil {
		return err
	}
	_, err = newVM(t, Options{Modules: map[string]*Program{"m": m}}).Load(context.Background(), &ample, p, nil)
	return err
}

func TestAModuleThatFailsIsNotedOnce(t *testing.T) {
	m := compile(t, "lib/m.lua", "function pre.create_snapshot(call) end error('never')")
	s := load(t, newVM(t, Options{Modules: map[string]*Program{"m": m}}), `for i = 1, 100 do assert(not pcall(require, "m")) end`)
	if len(s.required) != 1 {
		t.Errorf("%d modules are noted, want one", len(s.required))
	}
}
