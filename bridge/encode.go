package bridge

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	lua "github.com/yuin/gopher-lua"
)

// AppendJSON appends a Lua value as JSON on one line to text, by the rules of [Value.ToGo] and as encoding/json writes
// it, except that HTML is not escaped. The keys of maps and records are sorted. The meter is told of memory that text
// does not have yet.
func (v Value) AppendJSON(text []byte, name string, m Meter) ([]byte, error) {
	e := encoder{converter: converter{account: account{meter: m}, name: name, copies: true}, text: text, given: cap(text)}
	err := e.lua(v.Lua())
	if err == nil {
		err = e.charge((len(e.text)-len(text))/bytesPerStep, 0)
	}
	if err := e.end(err); err != nil {
		return text, err
	}
	return e.text, nil
}

// maxRawDepth is how deep raw JSON may be nested: as deep as encoding/json reads it.
const maxRawDepth = 10_000

// encoder appends values to a JSON text. Where its converter does not copy, Go values of a service's own types are
// written by encoding/json, as they will be when the service writes them.
type encoder struct {
	converter
	text    []byte
	given   int     // the bytes that text had room for when it was another's
	pending []entry // the entries of the plain tables that are being written
}

// entry is one entry of a table with string keys.
type entry struct {
	key   string
	value lua.LValue
}

// room makes room for n more bytes of text.
func (e *encoder) room(n int) *TypeError {
	if cap(e.text)-len(e.text) >= n {
		return nil
	}
	grown := max(2*cap(e.text), len(e.text)+n, 64)
	if err := e.charge(len(e.text)/bytesPerStep, grown); err != nil {
		return err
	}
	old := e.text
	e.text = append(make([]byte, 0, grown), old...)
	e.giveBack(cap(old) - e.given)
	e.given = 0
	return nil
}

// write appends a short text.
func (e *encoder) write(s string) *TypeError {
	err := e.room(len(s))
	if err == nil {
		e.text = append(e.text, s...)
	}
	return err
}

func (e *encoder) lua(lv lua.LValue) *TypeError {
	switch x := lv.(type) {
	case lua.LBool:
		return e.write(strconv.FormatBool(bool(x)))
	case lua.LString:
		return e.string(string(x))
	case lua.LNumber:
		if i, ok := e.standsFor(nil, lv); ok {
			return e.write(i.digits)
		}
		return e.luaNumber(float64(x))
	case *lua.LTable:
		return e.table(x)
	}
	if lv == nil || lv == lua.LNil || lv == Null {
		return e.write("null")
	}
	return e.fail("want data, got %s", Wrap(lv).TypeName())
}

func (e *encoder) table(t *lua.LTable) *TypeError {
	if v := viewOf(t); v != nil {
		return e.view(v)
	}
	if isObject(t) {
		return e.fail("want data, got a host object")
	}
	if err := e.enter(t); err != nil {
		return err
	}
	defer e.leave()
	if isList(t) {
		return e.luaList(t)
	}
	return e.luaMap(t)
}

func (e *encoder) luaList(t *lua.LTable) *TypeError {
	n, err := e.items(t)
	if err != nil {
		return err
	}
	return e.list(n, func(i int) *TypeError { return e.nested(t.RawGetInt(i + 1)) })
}

// nested writes a value inside a table.
func (e *encoder) nested(lv lua.LValue) *TypeError {
	if err := e.count(); err != nil {
		return err
	}
	return e.lua(lv)
}

func (e *encoder) list(n int, item func(i int) *TypeError) *TypeError {
	if err := e.write("["); err != nil {
		return err
	}
	for i := range n {
		if i > 0 {
			e.text = append(e.text, ',') // there is room, see below
		}
		e.seg = append(e.seg, segment{index: i + 1})
		err := item(i)
		if err == nil {
			err = e.room(2)
		}
		if err != nil {
			return err
		}
		e.seg = e.seg[:len(e.seg)-1]
	}
	return e.write("]")
}

func (e *encoder) luaMap(t *lua.LTable) *TypeError {
	first := len(e.pending)
	err := each(&e.account, t, func(key, value lua.LValue) *TypeError {
		name, ok := key.(lua.LString)
		if !ok {
			return e.fail("want string keys, got a %s key", Wrap(key).TypeName())
		}
		if len(e.pending) == cap(e.pending) {
			if err := e.charge(0, cap(e.pending)*2*slotBytes); err != nil {
				return err
			}
		}
		e.pending = append(e.pending, entry{string(name), value})
		return nil
	})
	if err != nil {
		return err
	}
	entries := e.pending[first:]
	slices.SortFunc(entries, func(x, y entry) int { return e.compare(x.key, y.key) })
	err = e.keys(len(entries), func(i int) (string, *TypeError) { return entries[i].key, nil },
		func(i int) *TypeError { return e.nested(entries[i].value) })
	e.pending = e.pending[:first]
	return err
}

// keys writes the n entries of a map or record, in their order.
func (e *encoder) keys(n int, key func(i int) (string, *TypeError), value func(i int) *TypeError) *TypeError {
	if err := e.write("{"); err != nil {
		return err
	}
	for i := range n {
		if i > 0 {
			e.text = append(e.text, ',') // there is room, see below
		}
		name, err := key(i)
		if err == nil {
			err = e.string(name)
		}
		if err == nil {
			err = e.write(":")
		}
		if err != nil {
			return err
		}
		e.seg = append(e.seg, segment{name: name})
		if err = value(i); err == nil {
			err = e.room(2)
		}
		if err != nil {
			return err
		}
		e.seg = e.seg[:len(e.seg)-1]
	}
	return e.write("}")
}

func (e *encoder) view(v *view) *TypeError {
	if !e.copies {
		data, err := e.freeView(v)
		if err != nil {
			return err
		}
		val := reflect.ValueOf(data)
		return e.value(typeInfoOf(val.Type()), val, maxRawDepth)
	}
	val, _, err := e.commit(v)
	if err == nil {
		err = e.fillIn()
	}
	if err != nil {
		return err
	}
	if len(v.info.values) > 0 { // it may contain itself
		if err := e.enter(v.table()); err != nil {
			return err
		}
		defer e.leave()
	}
	return e.value(v.info, val, maxDepth)
}

// foreign writes a Go value of one of the service's own types.
func (e *encoder) foreign(val reflect.Value) *TypeError {
	e.hosts()
	text, bad := marshalJSON(val)
	if bad != nil {
		return e.placed(bad)
	}
	if err := e.charge(text.Len()/4, text.Len()); err != nil {
		return err
	}
	return e.write(string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))))
}

func marshalJSON(val reflect.Value) (text bytes.Buffer, bad *TypeError) {
	defer guard(&bad, "MarshalJSON")
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(val.Interface()); err != nil {
		bad = &TypeError{Text: clipped(err.Error())}
	}
	return text, bad
}
