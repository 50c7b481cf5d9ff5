package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// newHistory is a loop that makes tables and does the same things to each of them.
func newHistory(rnd *rand.Rand) string {
	pick := func(from ...string) string { return from[rnd.IntN(len(from))] }
	n := []int{0, 1, 5, 8, 9, 14, 15, 31, 32, 33, 100, 896, 897, 1100}[rnd.IntN(14)]
	value := func() string {
		return pick("true", "i", "i + k / 3", `"s" .. k`, `("x"):rep(k % 50)`, `("x"):rep(900)`, `("%d and %5.1f"):format(k, i)`, "{}", "{k}", "{id = k}", "t",
			`("a b c"):gsub("b", i) .. ""`, `("a long text, number " .. i):sub(1, 20)`, `table.concat({k, i}, ",")`, `("name"):upper()`, "function() return k, i end")
	}
	key := func() string {
		return pick("k", "k", "#t + 1", `"key" .. k`, `"key" .. k`, "k + 0.5", "-k", "k * 1000", `("k"):rep(40) .. k`, "{}", "k % 2 == 0", "math.huge * k")
	}
	var steps []string
	for range 1 + rnd.IntN(4) {
		loop := fmt.Sprintf("for k = 1, %d do ", n)
		if rnd.IntN(4) == 0 {
			loop = fmt.Sprintf("for k = %d, 1, -1 do ", n)
		}
		at := key()
		steps = append(steps, pick(
			loop+"t["+at+"] = "+value()+" end",
			loop+"t["+at+"] = "+value()+" end",
			loop+"local at = "+at+" t[at] = "+value()+" t[at] = nil end",
			loop+"t["+at+"] = "+value()+" end "+loop+"t["+at+"] = nil end",
			loop+"table.insert(t, "+value()+") end",
			loop+"table.insert(t, 1, "+value()+") end",
			loop+"table.insert(t, "+value()+") end "+loop+"table.remove(t) end",
			loop+"table.insert(t, "+value()+") end "+loop+"table.remove(t, 1) end",
			loop+"t[k] = k end table.sort(t, function(a, b) return tostring(a) > tostring(b) end)",
			"for k in pairs(t) do t[k] = nil end",
			"setmetatable(t, {__index = t})",
			"local k = i t = {t, "+value()+"}",
			"local k = i t = {a = t, b = "+value()+"}",
			"local k = i local before, v = t, "+value()+" t = {function() return before, v end}",
			`t[#t + 1] = json.decode('{"a":[1,2,{"b":null}],"c":"text","d":{}}')`,
			"local k = i local co = coroutine.create(function(v) coroutine.yield(v) end) coroutine.resume(co, t) t = {co}",
			"local all = {unpack(t, 1, 20)} t = {all, select('#', unpack(all))}",
			"local f = (function(...) local a = {...} return function() return a end end)(t, i) t = {f}",
		))
	}
	made := pick("{}", "{}", "{1, 2, 3}", `{x = i}`, `{id = i, name = "n" .. i, size = i * 1.5, tags = {}}`, "{nil, nil, nil, nil, nil}", "{[1] = 1, [2.5] = 2}")
	return fmt.Sprintf("for i = 1, %d do local t = %s do %s end kept[i] = t end", max(3000/(n+10), 4)*2, made, strings.Join(steps, " end do "))
}
