package hostlib

import (
	"fmt"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/suggest"
)

// optionTable is a table of options as an argument.
type optionTable struct {
	L  *lua.LState
	at int
}

// options reads an optional argument that may have fields of these names only; nil where it is missing.
func options(L *lua.LState, at int, names ...string) *optionTable {
	if machine.OrNil(L.Get(at)) == lua.LNil {
		return nil
	}
	t := bridge.Of(args.Table(L, at))
	for k, _ := t.Next(L, lua.LNil); machine.OrNil(k) != lua.LNil; k, _ = t.Next(L, k) {
		if name := k.String(); !slices.Contains(names, name) {
			args.Bad(L, at, fmt.Sprintf("want fields %s, got %s%s", strings.Join(names, ", "), quoted(name), suggest.Hint(name, names)))
		}
	}
	return &optionTable{L, at}
}

// value returns a field; nil where there is none.
func (o *optionTable) value(name string) lua.LValue {
	return machine.OrNil(o.L.GetField(o.L.Get(o.at), name))
}

// text reads a field that is a short text, and reports whether it is there.
func (o *optionTable) text(name string) (text string, ok bool) {
	v := o.value(name)
	if v == lua.LNil {
		return "", false
	}
	text, isText := machine.PlainText(o.L, v)
	if !isText {
		o.bad(name, "want a string, got "+machine.TypeName(v))
	}
	if problem := nameProblem(text); problem != "" {
		o.bad(name, problem)
	}
	return text, true
}

// number reads a field that is a number, and reports whether it is there.
func (o *optionTable) number(name string) (n float64, ok bool) {
	v := o.value(name)
	if v == lua.LNil {
		return 0, false
	}
	n, isNumber := machine.PlainNumber(o.L, v)
	if !isNumber {
		o.bad(name, "want a number, got "+machine.TypeName(v))
	}
	return n, true
}

func (o *optionTable) bad(name, problem string) { args.Bad(o.L, o.at, name+": "+problem) }
