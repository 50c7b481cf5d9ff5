package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	lua "github.com/yuin/gopher-lua"
)

// FromExactJSON returns the Go value of a type which [Value.AppendExactJSON] has written of a view that showed it, in a
// place that can be addressed. What scripts do not see of the value is zero, and so is what was written as null. A nil
// map or list, which was written as an empty one, is an empty one. Free-form data is map[string]any, []any, string,
// bool, [json.Number] or nil. The name is where the path in an error begins.
//
// It takes what the host has brought, so the limits for what scripts write do not hold.
func FromExactJSON(text []byte, t reflect.Type, name string) (val reflect.Value, err error) {
	place := reflect.New(t).Elem()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var data any
	if err := dec.Decode(&data); err != nil {
		return place, fmt.Errorf("%s: not JSON: %w", name, err)
	}
	c := restorer{converter{name: name}}
	defer func() {
		if p := recover(); p != nil {
			err = c.panicked(p)
		}
	}()
	val, bad := c.value(typeInfoOf(t), data)
	if bad != nil {
		return place, bad
	}
	place.Set(val)
	return place, nil
}

// restorer is the inverse of an encoder that copies.
type restorer struct{ converter }

func (c *restorer) value(p *typeInfo, data any) (reflect.Value, *TypeError) {
	if data == nil {
		return reflect.Zero(p.typ), nil
	}
	switch p.kind {
	case pointerKind:
		val, err := c.value(p.elem, data)
		if err != nil {
			return val, err
		}
		return addressed(p.typ, val), nil
	case anyKind:
		return reflect.ValueOf(data), nil
	case rawKind:
		text, bad := marshalJSON(reflect.ValueOf(data))
		return reflect.ValueOf(json.RawMessage(bytes.TrimSuffix(text.Bytes(), []byte("\n")))), c.placed(bad)
	}
	got := "table"
	switch x := data.(type) {
	case map[string]any:
		switch p.kind {
		case recordKind:
			return c.record(p, x)
		case dictKind:
			return c.dict(p, x)
		}
	case []any:
		if p.kind == listKind {
			return c.list(p, x)
		}
		got = "list"
	case string:
		if p.kind == textKind {
			val, bad := p.unmarshal(&c.account, x)
			return val, c.placed(bad)
		}
		return c.scalar(p, func(val reflect.Value) string { return p.setText(val, x) })
	case json.Number:
		return c.scalar(p, func(val reflect.Value) string { return p.setDigits(val, x.String()) })
	case bool:
		return c.scalar(p, func(val reflect.Value) string { return p.assign(nil, nil, val, lua.LBool(x)) })
	}
	return reflect.Value{}, c.fail("want %s, got %s", p.want(), got)
}

// scalar makes a value that a function sets.
func (c *restorer) scalar(p *typeInfo, set func(reflect.Value) (problem string)) (reflect.Value, *TypeError) {
	val := reflect.New(p.typ).Elem()
	if problem := set(val); problem != "" {
		return val, c.fail("%s", problem)
	}
	return val, nil
}

// setDigits sets a number, of which no digit is lost.
func (p *typeInfo) setDigits(val reflect.Value, digits string) (problem string) {
	if problem, ok := p.setInteger(val, integer{digits: digits}); ok {
		return problem
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return p.outOfRange(digits)
	}
	return p.setNumber(val, n)
}

func (c *restorer) record(p *typeInfo, fields map[string]any) (reflect.Value, *TypeError) {
	rec := reflect.New(p.typ).Elem()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		c.seg = append(c.seg, segment{name: name})
		i := p.named(name)
		if i == noField {
			return rec, c.fail("no such field%s", hint(name, p.fieldNames()))
		}
		if fields[name] != nil { // which would make the embedded pointers on the way to it
			val, err := c.value(p.fields[i].info, fields[name])
			if err != nil {
				return rec, err
			}
			placeIn(rec, p.fields[i].index).Set(val)
		}
		c.seg = c.seg[:len(c.seg)-1]
	}
	return rec, nil
}

func (c *restorer) dict(p *typeInfo, entries map[string]any) (reflect.Value, *TypeError) {
	m := reflect.MakeMapWithSize(p.typ, len(entries))
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		c.seg = append(c.seg, segment{name: name})
		key, bad := p.keyOf(&c.account, name)
		if bad != nil {
			return m, c.placed(bad)
		}
		val, err := c.value(p.elem, entries[name])
		if err != nil {
			return m, err
		}
		m.SetMapIndex(key, val)
		c.seg = c.seg[:len(c.seg)-1]
	}
	return m, nil
}

func (c *restorer) list(p *typeInfo, items []any) (reflect.Value, *TypeError) {
	list, err := c.newList(p, len(items))
	if err != nil {
		return list, err
	}
	for i, item := range items {
		c.seg = append(c.seg, segment{index: i + 1})
		val, err := c.value(p.elem, item)
		if err != nil {
			return list, err
		}
		list.Index(i).Set(val)
		c.seg = c.seg[:len(c.seg)-1]
	}
	return list, nil
}
