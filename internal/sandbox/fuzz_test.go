package sandbox

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzScript runs any text as a script under small limits: it must come back without a panic, and the VM must work as
// before.
func FuzzScript(f *testing.F) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
	}
	for _, body := range endless {
		f.Add(body)
	}
	for _, end := range endings {
		f.Add(end.statement)
	}
	check := compile(f, "check.lua", `
		local n = 0
		function check(...)
			local a, b
			assert(select("#", ...) == 0 and a == nil and b == nil and coroutine.running() == nil)
			assert(not pcall(error) and coroutine.wrap(function() return pcall(type, 1) end)())
			n = n + 1
			return n
		end`)
	lim := Limits{Timeout: time.Second, Instructions: 5000, Memory: 16 << 20}
	kinds := []Kind{KindScript, KindRejected, KindTimeout, KindInstructions, KindMemory}
	modules := map[string]*Program{"counter": compile(f, "lib/counter.lua", "local n = 0 return function() n = n + 1 return n end")}

	f.Fuzz(func(t *testing.T, source string) {
		p, err := Compile("fuzz.lua", source)
		if err != nil {
			failure(t, err)
			return
		}
		vm := newVM(t, Options{Modules: modules, Objects: map[string]Object{"depot": {&depot{}, []string{"Add", "Fail", "Crash"}}}})
		checker, err := vm.Load(context.Background(), &ample, check, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			s, err := vm.Load(context.Background(), &lim, p, map[string]any{"list": []any{1, "x"}})
			var e *Error
			expected := errors.As(err, &e) && (slices.Contains(kinds, e.Kind) || strings.Contains(e.Message, "depot.Crash"))
			if err != nil && !expected {
				t.Errorf("got %v (%+v)", err, e)
			}
			if s != nil {
				runEntries(t, vm, s, lim)
			}
			if len(vm.active) != 0 {
				t.Errorf("%d threads are active", len(vm.active))
			}
			if got := call(t, vm, checker, "check"); got != int64(i+1) {
				t.Errorf("the check returns %v, want %d", got, i+1)
			}
		}
	})
}

// runEntries calls what a script defined.
func runEntries(t *testing.T, vm *VM, s *Script, lim Limits) {
	for _, phase := range phases {
		e, err := s.Handlers(phase)
		if err != nil {
			failure(t, err)
			continue
		}
		for _, fn := range append(slices.Collect(maps.Values(e.ByMethod)), e.All) {
			if fn != nil {
				if _, err := vm.Run(context.Background(), &lim, fn); err != nil {
					failure(t, err)
				}
			}
		}
	}
}
