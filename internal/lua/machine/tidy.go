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

// Tidy gives a table memory for the entries that it has, in the same order. A walk through the table by next cannot go
// on behind an entry that was removed. Where it gets late, the table stays as it was, and Tidy returns false.
func Tidy(t *lua.LTable, late func() bool) bool {
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
		if text, ok := k.(lua.LString); !ok {
			if v := dict[k]; v != nil {
				t.RawSetH(k, v)
			}
		} else if v := strdict[string(text)]; v != nil {
			t.RawSetString(string(text), v)
		}
	}
	return true
}
