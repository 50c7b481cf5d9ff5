package shorttext

import lua "github.com/yuin/gopher-lua"

// Cache makes Lua strings of Go strings, and makes one only once of a short text that is met again and again, such as a
// status or the name of a host. It keeps a bounded number of texts, of its own bytes only, each from the second time on
// that it is met: texts that are met once, such as IDs, drive none of the others out. The zero Cache is empty.
//
// A Cache must not be used by two goroutines at once.
type Cache struct{ slots [slots]slot }

// slots is how many texts a Cache keeps at most: a text has one place, by its hash.
const slots = 256

// slot is the place of all texts whose hash begins alike.
type slot struct {
	kept *lua.LString // nil before a text was met twice
	met  uint32       // of the hash of the text that was met last and is not the one that is kept
}

// Of returns a Go string as a Lua value.
func (c *Cache) Of(s string) lua.LValue {
	if len(s) > Max || c == nil {
		return lua.LString(s)
	}
	h := Hash(s)
	at, met := &c.slots[h%slots], uint32(h>>32)
	if at.kept != nil && string(*at.kept) == s {
		return boxed(at.kept)
	}
	if at.met != met {
		at.met = met
		return lua.LString(s)
	}
	at.kept = join(s, "")
	return boxed(at.kept)
}
