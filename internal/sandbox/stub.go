package sandbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

// Stub stands in for a host object where the program that provides the object does not run. Its methods are Lua
// functions, which run in a VM of their own, on the goroutine of the call, and take and return copies. So a hook sees
// of them what it sees of Go: no instructions, no globals, and an error with its message.
type Stub struct {
	mu      sync.Mutex // held while one of its functions runs
	vm      *VM
	call    *Function
	methods map[string]bool // by name, whether the function takes the object first
}

// stubLimits bound one call of a stub. The timeout of the hook that makes the call holds as well.
var stubLimits = Limits{Timeout: time.Minute, Instructions: 100_000_000, Memory: 64 << 20}

// stubModule is the name by which stubMain requires the stub's file; no file of lib can have that name.
const stubModule = "\x00stub"

// stubMain finds the methods: those in the table that the file returns, or else the global functions that it defines.
var stubMain = sync.OnceValues(func() (*Program, error) {
	return Compile("stub", `
		local known = {}
		for name in pairs(_G) do known[name] = true end
		methods = require("\0stub")
		if type(methods) ~= "table" then
		  local defined = {}
		  for name, value in pairs(_G) do
		    if not known[name] and name ~= "methods" then defined[name] = value end
		  end
		  methods = defined
		end
		local function list(...)
		  local results = setmetatable({}, { __jsontype = "array" })
		  local given = { ... }
		  for i = 1, select("#", ...) do
		    local value = given[i]
		    if value == nil then value = null end
		    results[i] = value
		  end
		  return results
		end
		function call(method, self, args, n)
		  local given = {}
		  for i = 1, n do
		    if args[i] ~= null then given[i] = args[i] end
		  end
		  if self then return list(methods[method](methods, unpack(given, 1, n))) end
		  return list(methods[method](unpack(given, 1, n)))
		end`)
})

// NewStub loads a stub, which may require modules. The error, if any, is an *[Error].
func NewStub(ctx context.Context, p *Program, modules map[string]*Program) (*Stub, error) {
	main, err := stubMain()
	if err != nil {
		return nil, err
	}
	all := maps.Clone(modules)
	if all == nil {
		all = map[string]*Program{}
	}
	all[stubModule] = p
	vm, err := New(Options{Modules: all})
	if err != nil {
		return nil, err
	}
	script, err := vm.Load(ctx, &stubLimits, main, nil)
	if err != nil {
		return nil, err
	}
	s := &Stub{vm: vm, methods: map[string]bool{}}
	if s.call, err = script.Function("call"); err != nil {
		return nil, err
	}
	methods, _ := script.find(functionName{global: "methods"}).(*lua.LTable)
	methods.ForEach(func(k, v lua.LValue) {
		if fn, ok := v.(*lua.LFunction); ok && fn.Proto != nil && k.Type() == lua.LTString {
			s.methods[k.String()] = takesSelf(fn.Proto)
		}
	})
	if len(s.methods) == 0 {
		return nil, &Error{Kind: KindScript, Chunk: p.name, Message: "no method: want a table of functions returned, or global functions"}
	}
	return s, nil
}

// takesSelf reports whether a function's first parameter is self, as in `function cmdb:owner(id)`.
func takesSelf(f *lua.FunctionProto) bool {
	return f.NumParameters > 0 && len(f.DbgLocals) > 0 && f.DbgLocals[0].Name == "self"
}

// Methods returns the names of the stub's methods, sorted.
func (s *Stub) Methods() []string { return slices.Sorted(maps.Keys(s.methods)) }

// Object returns the stub as a host object.
func (s *Stub) Object() Object {
	functions := bridge.Functions{}
	for name := range s.methods {
		functions[name] = func(ctx context.Context, args ...any) ([]any, error) { return s.run(ctx, name, args) }
	}
	return Object{Value: functions, Methods: s.Methods()}
}

func (s *Stub) run(ctx context.Context, method string, args []any) ([]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var tx bridge.Tx
	s.vm.Of(&tx)
	defer tx.Close()
	v, err := s.vm.Run(ctx, &stubLimits, s.call, bridge.Wrap(lua.LString(method)), bridge.Wrap(lua.LBool(s.methods[method])),
		tx.ToLua(args), bridge.Wrap(lua.LNumber(len(args))))
	if err != nil {
		return nil, HostError(err)
	}
	data, err := v.ToGo(method, s.vm.Meter())
	if err != nil {
		return nil, err
	}
	list, _ := data.([]any)
	return list, nil
}

// HostError is what a hook is told of an error in a stub: the message alone, as with a Go error, except for mistakes of
// the stub itself and for its limits: their place is wanted.
func HostError(err error) error {
	e, ok := err.(*Error)
	if !ok || e.Kind != KindScript || strings.HasPrefix(e.Message, "attempt to ") || strings.HasPrefix(e.Message, "bad argument ") {
		return err
	}
	return fmt.Errorf("%s", e.Message)
}
