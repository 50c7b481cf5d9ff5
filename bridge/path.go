package bridge

import (
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/suggest"
)

// segment is one step of a path: a field, a key, or the index of an item.
type segment struct {
	name  string
	index int
	of    *typeInfo // of the record that a field is in; nil for a key or an index
}

// path says where a view stands, for messages: result.export_locations[1].
func (v *view) path() string {
	var steps []string
	at := v
	for ; at.up != nil && len(steps) < maxSteps; at = at.up {
		steps = append(steps, at.lastStep())
	}
	if at.up != nil {
		steps = append(steps, "...")
	}
	for at.up != nil {
		at = at.up
	}
	steps = append(steps, at.lastStep())
	slices.Reverse(steps)
	return strings.Join(steps, "")
}

// maxSteps is how many steps of a path a message shows from its end: Go values may be nested deeply.
const maxSteps = 20

// lastStep is the last part of a path.
func (v *view) lastStep() string {
	switch {
	case v.up == nil:
		return clipped(*v.name)
	case v.up.info.kind == recordKind:
		return "." + v.up.info.fields[v.slot].name
	case v.up.info.kind == listKind:
		return "[" + strconv.Itoa(int(v.slot)+1) + "]"
	}
	return "." + clipped(*v.name)
}

func (c *converter) path() string {
	var path strings.Builder
	if c.root != nil {
		path.WriteString(c.root.path())
	} else {
		path.WriteString(c.name)
	}
	shown := c.seg
	if n := len(shown); n > maxSegments {
		shown = shown[n-maxSegments:]
		path.WriteString("...")
	}
	for _, s := range shown {
		if s.index != 0 {
			path.WriteString("[" + strconv.Itoa(s.index) + "]")
		} else {
			path.WriteString("." + clipped(s.name))
		}
	}
	return path.String()
}

// maxSegments is how many steps below a view, or a name, a path shows at most: Go values may be nested deeply.
const maxSegments = 2 * maxDepth

func (c *converter) fail(format string, args ...any) *TypeError {
	return typeErrorf(c.path(), format, args...)
}

// describeKey shows a table key in a message.
func describeKey(key lua.LValue) string {
	switch k := key.(type) {
	case lua.LString:
		return strconv.Quote(plaintext.Clip(string(k), maxShown))
	case lua.LNumber:
		return k.String()
	}
	return "a " + Wrap(key).TypeName()
}

// joinKey appends a key to a path.
func joinKey(path string, key lua.LValue) string {
	if s, ok := key.(lua.LString); ok {
		return path + "." + clipped(string(s))
	}
	return path + "[" + describeKey(key) + "]"
}

// maxShown bounds what a message shows of one string, in bytes: a script may use any string as a key.
const maxShown = 120

// clipped returns a string as messages show it: short, and on one line.
func clipped(s string) string {
	return plaintext.Line(plaintext.Clip(s, maxShown))
}

// hint suggests a name near an unknown one, unless that is longer than names are: a script may use any string as a key,
// and looking for names near a long one takes long.
func hint(name string, names []string) string {
	if len(name) > 100 {
		return ""
	}
	return suggest.Hint(name, names)
}
