package luagen

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// world is a VM in which programs run as hooks do, one after another.
type world struct {
	vm      *sandbox.VM
	before  map[string]*sandbox.Function
	printed strings.Builder
}

var limits = sandbox.Limits{Timeout: time.Minute, Instructions: 20_000_000, Memory: 256 << 20}

var prelude = sync.OnceValues(func() (*sandbox.Program, error) { return sandbox.Compile("prelude", Prelude) })

// befores are what happens in the VM before a program runs.
var befores = []struct{ name, function string }{{"first", ""}, {"after a kill", "spin"}, {"after an error", "fail"}, {"after a coroutine was left", "leave"}}

const beforeSource = `
function spin() local t = {} for i = 1, 10 do t[i] = function() return i end end while true do t[1]() end end
function fail() local t = {} for k in pairs({ 1 }) do error({ k }) end end
function leave() left = coroutine.wrap(function() coroutine.yield(1) end) left() end`

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{before: map[string]*sandbox.Function{}}
	module, err := prelude()
	if err != nil {
		t.Fatal(err)
	}
	w.vm, err = sandbox.New(sandbox.Options{
		Modules: map[string]*sandbox.Program{"prelude": module},
		Log:     func(_, message string, _ map[string]any) { w.printed.WriteString(message + "\n") },
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := sandbox.Compile("before", beforeSource)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.vm.Load(context.Background(), &limits, p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range befores[1:] {
		if w.before[b.function], err = s.Function(b.function); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// run runs a program after something else, and returns what it printed.
func (w *world) run(p Program, seed uint64) string {
	if fn := w.before[befores[seed%uint64(len(befores))].function]; fn != nil {
		few := limits
		few.Instructions = 200
		_, _ = w.vm.Run(context.Background(), &few, fn)
	}
	w.printed.Reset()
	program, err := sandbox.Compile("program", p.Source())
	if err != nil {
		return "cannot be compiled: " + err.Error()
	}
	if err := w.execute(program); err != nil {
		if e, ok := err.(*sandbox.Error); !ok || e.Kind != sandbox.KindScript {
			return "ended: " + err.Error() + "\n" + e.Traceback
		}
		w.printed.WriteString("failed\n")
	}
	return w.printed.String()
}

func (w *world) execute(program *sandbox.Program) error {
	s, err := w.vm.Load(context.Background(), &limits, program, nil)
	if err != nil {
		return err
	}
	hook, err := s.Function("hook")
	if err != nil || hook == nil {
		return err
	}
	var scope bridge.Tx
	var root bridge.Binding
	root.Bind(&scope, "V", reflect.ValueOf(given()), true)
	_, err = w.vm.Run(context.Background(), &limits, hook, root.Value())
	scope.Close()
	return err
}

// given is what hooks get: the prelude's V.
func given() map[string]any {
	return map[string]any{
		"n": 1.5, "s": "text", "b": true, "z": 0.0, "list": []any{1.0, "two", 3.25},
		"map": map[string]any{"k": "v", "deep": map[string]any{"x": 1.0}},
	}
}
