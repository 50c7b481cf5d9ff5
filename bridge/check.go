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
// skips fields that others of the same name shadow, what a field with the tag `lua:"-"` (or, without a lua tag,
// `json:"-"`) holds, and what an any will hold.
func Check(name string, t reflect.Type) error {
	text, ok := unshown.Load(t)
	if !ok {
		typeInfoOf(t) // with those of all its parts, of which the search asks
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
	for _, f := range (typeInfos{}).visible(t) {
		switch {
		case f.behind == nil:
			if text := findUnshown(f.info.typ, seen); text != "" {
				return "." + f.name + text
			}
		case f.info.kind != hidden:
			return "." + f.behind.Name + ": " + f.behind.Type.String()
		}
	}
	return ""
}
