package machine

import (
	"reflect"
	"strings"
	"testing"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

func TestLayoutsThatDifferAreNamed(t *testing.T) {
	type first struct {
		Extra int
		Array []lua.LValue
		Top   int
	}
	type last struct {
		Array []lua.LValue
		Top   int
		Extra int
	}
	type renamed struct {
		Values []lua.LValue
		Top    int
	}
	type retyped struct {
		Array []lua.LValue
		Top   uint
	}
	type same struct {
		Array []lua.LValue
		Top   int
	}
	for _, tt := range []struct {
		theirs reflect.Type
		want   string
	}{
		{reflect.TypeFor[first](), "want field Array at byte 0, got it at"},
		{reflect.TypeFor[last](), "bytes, got"},
		{reflect.TypeFor[renamed](), "want a field Array"},
		{reflect.TypeFor[retyped](), "want field Top as int, got uint"},
	} {
		if got := layoutsDiffer(reflect.TypeFor[same](), tt.theirs); !strings.Contains(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.theirs, got, tt.want)
		}
	}
	for _, tt := range []struct {
		ours, theirs reflect.Type
		want         bool
	}{
		{reflect.TypeFor[unsafe.Pointer](), reflect.TypeFor[*int](), true},
		{reflect.TypeFor[unsafe.Pointer](), reflect.TypeFor[int](), false},
		{reflect.TypeFor[[2]unsafe.Pointer](), reflect.TypeFor[error](), true},
		{reflect.TypeFor[[2]unsafe.Pointer](), reflect.TypeFor[string](), false},
	} {
		if got := alike(tt.ours, tt.theirs); got != tt.want {
			t.Errorf("%s for %s: got %v", tt.ours, tt.theirs, got)
		}
	}
}
