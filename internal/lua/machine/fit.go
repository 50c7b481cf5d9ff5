package machine

import (
	"cmp"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// The program that embeds hooks decides which gopher-lua it is built with: Go takes the highest version that any of its
// modules asks for, or what a replace directive says. This file finds out whether layout.go is right about that
// version.

// KnownVersion is the gopher-lua that layout.go describes.
const KnownVersion = "v1.1.2"

// Misfit describes the first thing that is not as layout.go says; empty for none.
func Misfit() string {
	var theirs struct{ frame, registry, allocator, calls reflect.Type }
	for _, part := range []struct {
		of          reflect.Type
		name, wants string
		found       *reflect.Type
	}{
		{reflect.TypeFor[lua.Debug](), "frame", "*lua.callFrame", &theirs.frame},
		{reflect.TypeFor[lua.LState](), "reg", "*lua.registry", &theirs.registry},
		{reflect.TypeFor[lua.LState](), "stack", "lua.callFrameStack", nil},
		{reflect.TypeFor[lua.LState](), "currentFrame", "*lua.callFrame", nil},
		{reflect.TypeFor[lua.LState](), "uvcache", "*lua.Upvalue", nil},
		{reflect.TypeFor[lua.LState](), "mainLoop", "func(*lua.LState, *lua.callFrame)", nil},
	} {
		f, ok := part.of.FieldByName(part.name)
		if !ok || f.Type.String() != part.wants {
			return fmt.Sprintf("%s: want a field %s of type %s", part.of, part.name, part.wants)
		}
		if part.found != nil {
			*part.found = f.Type.Elem()
		}
	}
	if f, _ := reflect.TypeFor[lua.Debug]().FieldByName("frame"); f.Offset != 0 {
		return "lua.Debug: want a frame at its beginning"
	}
	stack := reflect.ValueOf(lua.NewState(lua.Options{SkipOpenLibs: true})).Elem().FieldByName("stack").Elem().Type()
	if stack.Kind() != reflect.Pointer || stack.Elem().Kind() != reflect.Struct {
		return fmt.Sprintf("lua.callFrameStack: want a struct, got %s", stack)
	}
	theirs.calls = stack.Elem()
	alloc, ok := theirs.registry.FieldByName("alloc")
	if !ok || alloc.Type.Kind() != reflect.Pointer {
		return "lua.registry: want a field alloc of type *lua.allocator"
	}
	theirs.allocator = alloc.Type.Elem()
	for _, pair := range [][2]reflect.Type{
		{reflect.TypeFor[CallFrame](), theirs.frame}, {reflect.TypeFor[CallStack](), theirs.calls},
		{reflect.TypeFor[Registry](), theirs.registry}, {reflect.TypeFor[allocator](), theirs.allocator},
		{reflect.TypeFor[TableParts](), reflect.TypeFor[lua.LTable]()}, {reflect.TypeFor[Upvalue](), reflect.TypeFor[lua.Upvalue]()},
	} {
		if what := layoutsDiffer(pair[0], pair[1]); what != "" {
			return what
		}
	}
	return strangeInstruction()
}

// layoutsDiffer says where a struct of gopher-lua differs from ours in layout.go. A field that ours names _ does not
// matter.
func layoutsDiffer(ours, theirs reflect.Type) string {
	for i := range ours.NumField() {
		want := ours.Field(i)
		if want.Name == "_" {
			continue
		}
		name := cmp.Or(want.Tag.Get("lua"), want.Name)
		got, ok := theirs.FieldByName(name)
		switch {
		case !ok:
			return fmt.Sprintf("%s: want a field %s", theirs, name)
		case got.Offset != want.Offset:
			return fmt.Sprintf("%s: want field %s at byte %d, got it at %d", theirs, name, want.Offset, got.Offset)
		case !alike(want.Type, got.Type):
			return fmt.Sprintf("%s: want field %s as %s, got %s", theirs, name, want.Type, got.Type)
		}
	}
	if theirs.Size() != ours.Size() {
		return fmt.Sprintf("%s: want %d bytes, got %d", theirs, ours.Size(), theirs.Size())
	}
	return ""
}

// alike reports whether a field of gopher-lua's can be read as our type for it: its own types as ours of the same name,
// other pointers as pointers to anything, and interfaces as two such pointers.
func alike(ours, theirs reflect.Type) bool {
	switch {
	case ours.Kind() == reflect.UnsafePointer:
		return theirs.Kind() == reflect.Pointer
	case ours.Kind() == reflect.Array && ours.Elem().Kind() == reflect.UnsafePointer:
		return theirs.Kind() == reflect.Interface
	}
	return strings.EqualFold(strings.ReplaceAll(ours.String(), "machine.", "lua."), theirs.String())
}

// strangeInstruction names an instruction for which gopher-lua has no function. Where gopher-lua has no table of that
// name, the linker makes an empty one.
func strangeInstruction() (what string) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // what is there need not be functions at all
	defer func() {
		if recover() != nil {
			what = "lua.jumpTable: want functions"
		}
	}()
	home := reflect.TypeFor[lua.LState]().PkgPath() + "."
	for op, do := range Instructions {
		if do == nil {
			return "lua.jumpTable: want a function for each instruction"
		}
		if fn := runtime.FuncForPC(reflect.ValueOf(do).Pointer()); fn == nil || !strings.HasPrefix(fn.Name(), home) {
			return fmt.Sprintf("lua.jumpTable: want a function of gopher-lua's for instruction %d", op)
		}
	}
	return ""
}
