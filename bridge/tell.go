package bridge

import (
	"math"
	"reflect"
	"slices"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// Tell returns a copy of a Lua value as [Value.ToGo] does, but for people to read: it says in words what is not data,
// such as "(function)" or "nan", and any key becomes text. room is about how many bytes the copy may take; what does
// not fit is cut, and the copy says so. Only the meter's errors are errors.
func (v Value) Tell(name string, room int, m Meter) (any, error) {
	t := teller{account: account{meter: m}, name: name, room: room}
	data := t.value(v.Lua())
	if err := t.end(nil); err != nil {
		return nil, err
	}
	return data, nil
}

// teller copies a value for people to read.
type teller struct {
	account
	name string
	room int           // bytes that are left
	open []*lua.LTable // the tables it is in
}

const (
	partRoom = 8 // bytes that a value counts as, beside its text
	tooLong  = "(too long)"
)

func (t *teller) value(lv lua.LValue) any {
	if t.room -= partRoom; t.room < 0 || !t.take(1, boxBytes) {
		return tooLong
	}
	switch x := lv.(type) {
	case lua.LBool:
		return bool(x)
	case lua.LString:
		s := plaintext.Cut(string(x), t.room)
		t.room -= len(s)
		return s
	case lua.LNumber:
		if i, ok := t.standsFor(nil, lv); ok {
			return i.free()
		}
		return toldNumber(float64(x))
	case *lua.LTable:
		return t.table(x)
	}
	if lv == nil || lv == lua.LNil || lv == Null {
		return nil
	}
	return "(" + Wrap(lv).TypeName() + ")"
}

func toldNumber(n float64) any {
	switch {
	case math.IsNaN(n):
		return "nan"
	case math.IsInf(n, 1):
		return "inf"
	case math.IsInf(n, -1):
		return "-inf"
	case n == math.Trunc(n) && n >= -1<<63 && n < 1<<63:
		return int64(n)
	}
	return n
}

func (t *teller) table(x *lua.LTable) any {
	switch {
	case slices.Contains(t.open, x):
		return "(a table that contains itself)"
	case len(t.open) == maxDepth:
		return "(nested too deep)"
	case isObject(x):
		return "(host object)"
	}
	t.open = append(t.open, x)
	defer func() { t.open = t.open[:len(t.open)-1] }()
	if v := viewOf(x); v != nil {
		return t.view(v)
	}
	if !t.take((arraySize(x)+keysSize(x))/bytesPerStep, mapBytes) {
		return nil
	}
	return t.entries(x)
}

// entries copies a plain table: one with the keys 1 to n as a list, any other as a map.
func (t *teller) entries(x *lua.LTable) any {
	entries, numbers := map[string]any{}, 0
	_ = each(&t.account, x, func(k, v lua.LValue) *TypeError {
		key := toldKey(k)
		if _, taken := entries[key]; taken {
			key = "(" + Wrap(k).TypeName() + " " + key + ")"
		}
		if t.room -= len(key); t.room <= 0 {
			entries["(more)"] = tooLong
			return errEnough
		}
		if n, ok := k.(lua.LNumber); ok && n == lua.LNumber(int(n)) && n > 0 {
			numbers++
		}
		if err := t.charge(1, entryBytes(slotBytes)); err != nil {
			return err
		}
		entries[key] = t.value(v)
		return nil
	})
	if len(entries) == 0 && isList(x) {
		return []any{}
	}
	if numbers < len(entries) || numbers == 0 {
		return entries
	}
	list := make([]any, numbers)
	for i := range list {
		item, ok := entries[strconv.Itoa(i+1)]
		if !ok {
			return entries // there are holes
		}
		list[i] = item
	}
	return list
}

// toldKey returns a key as text.
func toldKey(k lua.LValue) string {
	switch k := k.(type) {
	case lua.LString:
		return string(k)
	case lua.LNumber, lua.LBool:
		return k.String()
	}
	return "(" + Wrap(k).TypeName() + ")"
}

// view copies what is behind a view, where all of it can be read.
func (t *teller) view(v *view) any {
	c := converter{account: account{meter: t.meter}, name: t.name, copies: true}
	data, bad := c.freeView(v)
	c.tell()
	c.over()
	err := c.err
	if err == nil && bad != nil {
		err = bad
	}
	switch err := err.(type) {
	case nil:
	case *TypeError:
		return "(" + err.Error() + ")"
	default:
		t.err, t.steps = err, arrearSteps
		return nil
	}
	size := 0
	if data = told(data, &size); size > t.room {
		return tooLong
	}
	t.room -= size
	return data
}

// told replaces the NaNs and infinities in free-form data with words, and adds up what its parts count as.
func told(data any, size *int) any {
	*size += partRoom
	switch x := data.(type) {
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return toldNumber(x)
		}
	case string:
		*size += len(x)
	case []any:
		for i, item := range x {
			x[i] = told(item, size)
		}
	case map[string]any:
		for key, item := range x {
			*size += len(key)
			x[key] = told(item, size)
		}
	default:
		if v := reflect.ValueOf(data); v.Kind() == reflect.String {
			*size += v.Len()
		}
	}
	return data
}
