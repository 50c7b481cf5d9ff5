package sandbox

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/testkit/long"
	"github.com/hookrun/hookrun/internal/testkit/luasuite"
)

// The test files of Lua 5.1, and gopher-lua's own, run in the sandbox as any script does. Where they expect what hooks
// do not have, [deviations] says so, place by place; [borrowed] are library functions that hooks do not have and that
// are lent to the files. Everything in the two lists is needed, and docs/lua.md gives its reason.

func TestOfficialFilesPass(t *testing.T) {
	long.Only(t)
	for _, file := range officialFiles {
		t.Run(file, func(t *testing.T) {
			text, err := officialText(file, luasuite.Of(file, deviations))
			if err != nil {
				t.Fatal(err)
			}
			if err := runOfficial(t, file, text, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEveryDeviationIsNeeded(t *testing.T) {
	long.Only(t)
	for i, d := range deviations {
		t.Run(fmt.Sprintf("%s/%d", d.File, i), func(t *testing.T) {
			others := slices.Delete(slices.Clone(deviations), i, i+1)
			text, err := officialText(d.File, luasuite.Of(d.File, others))
			if err == nil {
				err = runOfficial(t, d.File, text, nil)
			}
			if err == nil {
				t.Errorf("%s passes with %q as it stands", d.File, d.Text)
			}
		})
	}
}

func TestEveryBorrowedFunctionIsNeeded(t *testing.T) {
	for name, b := range borrowed {
		t.Run(name, func(t *testing.T) {
			text, err := officialText(b.file, luasuite.Of(b.file, deviations))
			if err != nil {
				t.Fatal(err)
			}
			if err := runOfficial(t, b.file, text, []string{name}); err == nil {
				t.Errorf("%s passes without %s", b.file, name)
			}
		})
	}
}

func TestEveryOfficialFileIsRunOrLeftOut(t *testing.T) {
	root, err := luasuite.Root()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, folder := range []string{"_lua5.1-tests", "_glua-tests"} {
		names, err := filepath.Glob(filepath.Join(root, folder, "*.lua"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			found = append(found, folder+"/"+filepath.Base(name))
		}
	}
	if len(found) == 0 {
		t.Fatalf("no files below %s", root)
	}
	for _, file := range found {
		if run, out := slices.Contains(officialFiles, file), leftOut[file] != ""; run == out {
			t.Errorf("%s: run %v, left out %v; want one of the two", file, run, out)
		}
	}
	for file := range leftOut {
		if !slices.Contains(found, file) {
			t.Errorf("%s is left out, but is not there", file)
		}
	}
}

// officialText is a file as it is run.
func officialText(file string, apply []luasuite.Deviation) (string, error) {
	text, err := luasuite.Read(file)
	if err != nil {
		return "", err
	}
	if text, err = luasuite.Uncomment(file, text, restored); err != nil {
		return "", err
	}
	return luasuite.Apply(text, apply)
}

// runOfficial runs a file with what it borrows, but for some.
func runOfficial(t *testing.T, file, text string, without []string) error {
	p, err := Compile(file, text)
	if err != nil {
		return err
	}
	vm := newVM(t, Options{Modules: map[string]*Program{"checktable": compile(t, "checktable", "function stat() end")}})
	s := &Script{vm: vm}
	s.openEnvironment() // whole, since what the files load from strings may reach all of it
	s.program = p
	s.lend(t, without)
	_, err = vm.Run(context.Background(), &ample, s.main(p))
	return err
}

// lend puts the borrowed functions into a script's globals.
func (s *Script) lend(t *testing.T, without []string) {
	own := compile(t, "borrowed", "return "+borrowedInLua)
	made, err := s.vm.Run(context.Background(), &ample, s.main(own))
	if err != nil {
		t.Fatal(err)
	}
	for _, open := range []lua.LGFunction{lua.OpenBase, lua.OpenDebug} {
		s.vm.base.Push(s.vm.base.NewFunction(open))
		s.vm.base.Call(0, 0)
	}
	for name := range borrowed {
		if slices.Contains(without, name) {
			continue
		}
		v := made.Lua().(*lua.LTable).RawGetString(name)
		switch {
		case name == "loadstring":
			v = s.vm.base.NewFunction(s.loadString)
		case v == lua.LNil: // gopher-lua's
			v = s.vm.base.G.Global.RawGetString(name)
		}
		to := s.env
		if table, member, ok := strings.Cut(name, "."); ok {
			to, name = to.RawGetString(table).(*lua.LTable), member
		}
		to.RawSetString(name, v)
	}
}

// loadString compiles a string as a script is, with the globals of this one.
func (s *Script) loadString(L *lua.LState) int {
	p, err := Compile(L.OptString(2, `[string "..."]`), L.CheckString(1))
	if err != nil {
		L.Push(lua.LNil)
		L.Push(lua.LString(err.Error()))
		return 2
	}
	L.Push(s.function(p))
	return 1
}
