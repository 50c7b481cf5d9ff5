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

// Tidy gives a table memory for the entries that it has, in the same order. A walk through the table by next cannot go
// on behind an entry that was removed.
func Tidy(t *lua.LTable) {
	p := PartsOf(t)
	p.Array = append([]lua.LValue(nil), p.Array[:filled(p.Array)]...)
	keys, dict, strdict := p.Keys, p.Dict, p.Strdict
	p.Keys, p.K2i, p.Dict, p.Strdict = nil, nil, nil, nil
	for _, k := range keys {
		if text, ok := k.(lua.LString); !ok {
			if v := dict[k]; v != nil {
				t.RawSetH(k, v)
			}
		} else if v := strdict[string(text)]; v != nil {
			t.RawSetString(string(text), v)
		}
	}
}
