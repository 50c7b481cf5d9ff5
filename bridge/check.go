package bridge

import (
	"fmt"
	"reflect"
	"sync"
)

// Check returns an error that names a part of a type which cannot be shown to scripts: a channel, a function, an
// interface with methods, a map whose keys cannot be text, or the fields that an embedded pointer to a struct of an
// unexported type lends to the struct that it is in, which reflection cannot set. An example is "args.items[].x: chan
// int cannot be shown to scripts", whose path starts with name. Check returns nil where all parts can be shown. It
// skips what a field with the tag `lua:"-"` (or, without a lua tag, `json:"-"`) holds, and what an any will hold.
func Check(name string, t reflect.Type) error {
	text, ok := unshown.Load(t)
	if !ok {
		text, _ = unshown.LoadOrStore(t, findUnshown(t, map[reflect.Type]bool{}))
	}
	if text == "" {
		return nil
	}
	return fmt.Errorf("%s%s cannot be shown to scripts; a field with the tag `lua:\"-\"` is left out", name, text)
}

var unshown sync.Map // reflect.Type -> the part that cannot be shown, with its path; empty for none

func findUnshown(t reflect.Type, seen map[reflect.Type]bool) string {
	if seen[t] {
		return ""
	}
	seen[t] = true
	switch kindOf(t) {
	case pointerKind:
		return findUnshown(t.Elem(), seen)
	case listKind, dictKind:
		if inner := findUnshown(t.Elem(), seen); inner != "" {
			return "[]" + inner
		}
	case hidden:
		return ": " + t.String()
	case recordKind:
		return findUnshownField(t, seen)
	}
	return ""
}

func findUnshownField(t reflect.Type, seen map[reflect.Type]bool) string {
	for sf := range t.Fields() {
		if inner, ok := embedded(sf); ok {
			if text := findUnshown(inner, seen); text != "" {
				return text
			}
			continue
		}
		if t, ok := outOfReach(sf); ok && len(typeInfoOf(t).fields) > 0 {
			return "." + sf.Name + ": " + sf.Type.String()
		}
		tag, name := tagOf(sf)
		if !sf.IsExported() || tag == "-" {
			continue
		}
		if name == "" {
			name = sf.Name
		}
		if text := findUnshown(sf.Type, seen); text != "" {
			return "." + name + text
		}
	}
	return ""
}
