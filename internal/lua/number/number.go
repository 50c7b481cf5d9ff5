// Package number holds the small whole numbers as Lua values that exist once, where Go would allocate each anew: the
// indexes of lists, and most sizes and counts. It has the arithmetic in which Lua and Go differ besides.
package number

import (
	"math"

	lua "github.com/yuin/gopher-lua"
)

// Small is how many numbers exist once: those from 0 to Small-1.
const Small = 1 << 10

var numbers = func() (numbers [Small]lua.LValue) {
	for i := range numbers {
		numbers[i] = lua.LNumber(i)
	}
	return numbers
}()

// Of returns the Lua number nearest to n.
func Of(n int64) lua.LValue {
	if 0 <= n && n < Small {
		return numbers[n]
	}
	return lua.LNumber(n)
}

// Mod is Lua's a % b, by the formula of the manual: a - floor(a/b)*b. The product is rounded before it is subtracted.
func Mod(a, b float64) float64 { return a - float64(math.Floor(a/b)*b) }
