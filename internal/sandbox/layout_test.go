package sandbox

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"
)

// TestLayoutsAreThoseOfGopherLua fails when the library keeps its things in another way than layout.go reads them.
func TestLayoutsAreThoseOfGopherLua(t *testing.T) {
	frame, ok := reflect.TypeFor[lua.Debug]().FieldByName("frame")
	if !ok || frame.Offset != 0 || frame.Type.Kind() != reflect.Pointer {
		t.Fatal("a Debug does not begin with a pointer to its frame")
	}
	tests := []struct{ ours, theirs reflect.Type }{
		{reflect.TypeFor[callFrame](), frame.Type.Elem()},
		{reflect.TypeFor[tableParts](), reflect.TypeFor[lua.LTable]()},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(fieldsOf(tt.ours), fieldsOf(tt.theirs)); diff != "" {
			t.Errorf("%s (-ours +theirs):\n%s", tt.theirs, diff)
		}
	}
	for name, want := range map[string]string{"mainLoop": "func(*lua.LState, *lua.callFrame)", "currentFrame": "*lua.callFrame"} {
		if f, ok := reflect.TypeFor[lua.LState]().FieldByName(name); !ok || f.Type.String() != want {
			t.Errorf("lua.LState has %v as %s, want %s", f.Type, name, want)
		}
	}
	theirCalls := reflect.ValueOf(lua.NewState(threadOptions)).Elem().FieldByName("stack").Elem().Type().Elem()
	ourCalls := fieldsOf(reflect.TypeFor[calls]())
	ourCalls[0][2] = "[]lua.callFrame"
	if diff := cmp.Diff(ourCalls, fieldsOf(theirCalls)); diff != "" {
		t.Errorf("%s (-ours +theirs):\n%s", theirCalls, diff)
	}
	stack, _ := reflect.TypeFor[lua.LState]().FieldByName("reg")
	theirs := stack.Type.Elem()
	var registries [][3]any
	for _, name := range []string{"array", "top", "handler"} {
		f, _ := theirs.FieldByName(name)
		registries = append(registries, [3]any{name, f.Offset, f.Type.String()})
	}
	var r registry
	ours := [][3]any{
		{"array", unsafe.Offsetof(r.array), "[]lua.LValue"}, {"top", unsafe.Offsetof(r.top), "int"},
		{"handler", unsafe.Offsetof(r.handler), "lua.registryHandler"},
	}
	if diff := cmp.Diff(ours, registries); diff != "" || unsafe.Sizeof(r) != theirs.Size() {
		t.Errorf("lua.registry has %d bytes, want %d (-ours +theirs):\n%s", theirs.Size(), unsafe.Sizeof(r), diff)
	}
	upvalues := fieldsOf(reflect.TypeFor[upvalue]())
	upvalues[1][2] = "*lua.registry"
	if diff := cmp.Diff(upvalues, fieldsOf(reflect.TypeFor[lua.Upvalue]())); diff != "" {
		t.Errorf("lua.Upvalue (-ours +theirs):\n%s", diff)
	}
	s := load(t, newVM(t, Options{}), `local x = 1 function f() return x end`)
	if th := threadOf(function(t, s, "f").fn.Upvalues[0]); th != s.vm.idle {
		t.Errorf("a variable was on the thread %p, want %p", th, s.vm.idle)
	}
	if frames := framesOn(s.vm.idle); len(frames) != threadOptions.CallStackSize || frames[0].Fn == nil {
		t.Errorf("the call stack has %d places and begins with %v", len(frames), frames[0])
	}
	L := lua.NewState(threadOptions)
	L.Push(lua.LString("there"))
	if got := stackOf(L); len(got.array) != threadOptions.RegistrySize || got.array[0] != lua.LString("there") || got.top != 1 {
		t.Errorf("the registry has %d slots, of which %d in use, and begins with %v", len(got.array), got.top, got.array[0])
	}
}

// fieldsOf describes a struct: names, offsets and types, where a pointer to its own kind counts as that.
func fieldsOf(s reflect.Type) [][3]any {
	var fields [][3]any
	for i := range s.NumField() {
		f := s.Field(i)
		name := f.Type.String()
		if f.Type == reflect.PointerTo(s) {
			name = "itself"
		}
		fields = append(fields, [3]any{f.Name, f.Offset, name})
	}
	return append(fields, [3]any{"size", s.Size(), s.Align()})
}

// TestYieldableKnowsCallsFromCallbacks asks at each place where Lua code can come to run.
func TestYieldableKnowsCallsFromCallbacks(t *testing.T) {
	var got []bool
	vm := newVM(t, Options{})
	vm.lib.globals["probe"] = vm.base.NewFunction(func(L *lua.LState) int {
		got = append(got, yieldable(L))
		return 0
	})
	load(t, vm, `
		coroutine.wrap(function() probe() end)()
		coroutine.wrap(function() local function f() probe() end f() end)()
		coroutine.wrap(function() return probe() end)()
		coroutine.wrap(function() local function f() return probe() end return f() end)()
		local co = coroutine.wrap(function() coroutine.yield() probe() end) co() co()
		coroutine.wrap(function() setmetatable({}, {__call = function() probe() end})() end)()`)
	if diff := cmp.Diff([]bool{true, true, true, true, true, true}, got); diff != "" {
		t.Errorf("in calls (-want +got):\n%s", diff)
	}
	got = nil
	load(t, vm, `
		local function in_coroutine(f) coroutine.wrap(function() f() end)() end
		in_coroutine(function() local x = setmetatable({}, {__index = probe}).x end)
		in_coroutine(function() local x = setmetatable({}, {__index = function() probe() end}).x end)
		in_coroutine(function() local x = -setmetatable({}, {__unm = function() local function f() probe() end f() end}) end)
		in_coroutine(function() for _ in probe do end end)
		in_coroutine(function() for _ in function() probe() end do end end)
		in_coroutine(function() table.sort({1, 2}, probe) end)
		in_coroutine(function() table.sort({1, 2}, function() probe() end) end)
		in_coroutine(function() tostring(setmetatable({}, {__tostring = function() probe() return "" end})) end)`)
	if diff := cmp.Diff(make([]bool, 8), got); diff != "" {
		t.Errorf("in callbacks (-want +got):\n%s", diff)
	}
}
