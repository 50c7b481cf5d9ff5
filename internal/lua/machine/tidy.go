package machine

import lua "github.com/yuin/gopher-lua"

// spare is how many removed entries a table may have in any case.
const spare = 64

// IsLoose reports whether most of the memory of a table's entries is that of removed ones. Gopher-lua keeps their keys
// and their places.
func IsLoose(t *lua.LTable) bool {
	p := PartsOf(t)
	live := len(p.Dict) + len(p.Strdict)
	return len(p.Keys)-live > max(live, spare) || cap(p.Array) > spare && filled(p.Array) < cap(p.Array)/4
}

// filled is the length of an array without the nils at its end.
func filled(array []lua.LValue) int {
	n := len(array)
	for n > 0 && OrNil(array[n-1]) == lua.LNil {
		n--
	}
	return n
}

// keysAtOnce is how many keys are moved between two questions whether there is time left.
const keysAtOnce = 1 << 10

// Removed is about how many bytes a table takes for removed entries, besides their keys themselves.
func Removed(t *lua.LTable) int64 {
	const key, item = 80, 16 // in the list of keys and in the map from them to their places; in the array
	p := PartsOf(t)
	return int64(key*(len(p.Keys)-len(p.Dict)-len(p.Strdict)) + item*(cap(p.Array)-filled(p.Array)))
}

// Tidy gives a table memory for the entries that it has, and for the removed keys that somebody has, all in the same
// order. By these keys next goes on as before, and by numbers behind the end of the array as well; by others it cannot.
// Where it gets late, the table stays as it was, and Tidy returns false.
func Tidy(t *lua.LTable, has func(key lua.LValue) bool, late func() bool) bool {
	p := PartsOf(t)
	was := *p
	p.Array = append([]lua.LValue(nil), p.Array[:filled(p.Array)]...)
	keys, dict, strdict := p.Keys, p.Dict, p.Strdict
	p.Keys, p.K2i, p.Dict, p.Strdict = nil, nil, nil, nil
	for i, k := range keys {
		if i%keysAtOnce == keysAtOnce-1 && late() {
			*p = was
			return false
		}
		v, text := dict[k], ""
		if s, ok := k.(lua.LString); ok {
			text = string(s)
			v = strdict[text]
		}
		switch {
		case v == nil && !has(k):
		case v == nil:
			if p.K2i == nil {
				p.K2i = map[lua.LValue]int{}
			}
			p.K2i[k], p.Keys = len(p.Keys), append(p.Keys, k)
		case k.Type() == lua.LTString:
			t.RawSetString(text, v)
		default:
			t.RawSetH(k, v)
		}
	}
	return true
}
