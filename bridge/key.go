package bridge

import (
	"encoding"
	"reflect"
	"strconv"

	lua "github.com/yuin/gopher-lua"
)

// Scripts see the keys of Go maps as strings, as in JSON: integers as their digits, and types with text methods as
// their text. So a dry run, whose maps come from JSON, has the same keys as the service.

// keyKind is how the keys of a map become strings.
type keyKind uint8

const (
	noKeys      keyKind = iota // scripts cannot see the map
	stringKeys                 // the keys are strings
	intKeys                    // by their digits
	uintKeys                   // likewise
	textualKeys                // by MarshalText, and back by UnmarshalText
)

var textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()

func keyKindOf(t reflect.Type) keyKind {
	switch k := t.Kind(); {
	case k == reflect.String:
		return stringKeys
	case k != reflect.Pointer && k != reflect.Interface && t.Implements(textMarshalerType) && reflect.PointerTo(t).Implements(textUnmarshalerType):
		return textualKeys
	case reflect.Int <= k && k <= reflect.Int64:
		return intKeys
	case reflect.Uint <= k && k <= reflect.Uintptr:
		return uintKeys
	}
	return noKeys
}

// keyText returns the string that scripts see as a key of a map. An error has no path yet.
func (p *typeInfo) keyText(b *account, k reflect.Value) (string, *TypeError) {
	switch p.keys {
	case intKeys:
		return strconv.FormatInt(k.Int(), 10), nil
	case uintKeys:
		return strconv.FormatUint(k.Uint(), 10), nil
	case textualKeys:
		return p.key.marshal(b, k)
	}
	return k.String(), nil
}

// newKey makes the key of a map that a script's string stands for. An error has no path yet.
func (p *typeInfo) newKey(b *account, name string) (k reflect.Value, bad *TypeError) {
	if p.keys == textualKeys && len(name) > maxText {
		return k, &TypeError{Text: "want a shorter key"}
	}
	return p.keyOf(b, name)
}

// keyOf is newKey for a string of any length.
func (p *typeInfo) keyOf(b *account, name string) (k reflect.Value, bad *TypeError) {
	t := p.typ.Key()
	switch p.keys {
	case intKeys, uintKeys:
		k = reflect.New(t).Elem()
		if p.keys == intKeys {
			n, _ := strconv.ParseInt(name, 10, t.Bits())
			k.SetInt(n)
		} else {
			n, _ := strconv.ParseUint(name, 10, t.Bits())
			k.SetUint(n)
		}
		if digits, _ := p.keyText(b, k); digits != name { // it is another number, or none
			return k, &TypeError{Text: "want a key that is an integer of type " + t.Kind().String()}
		}
		return k, nil
	case textualKeys:
		if k, bad = p.key.unmarshal(b, name); bad == nil && !k.Comparable() {
			bad = &TypeError{Text: "UnmarshalText made a key that no map can have"}
		}
		return k, bad
	}
	if k = reflect.ValueOf(name); t != k.Type() {
		k = k.Convert(t)
	}
	return k, nil
}

// keyName returns the string of a key that a script uses, and false for one that a map cannot have. A number will do
// where keys are integers.
func (p *typeInfo) keyName(key lua.LValue) (string, bool) {
	switch k := key.(type) {
	case lua.LString:
		return string(k), true
	case lua.LNumber:
		if p.keys == intKeys || p.keys == uintKeys {
			return formatNumber(float64(k)), true
		}
	}
	return "", false
}
