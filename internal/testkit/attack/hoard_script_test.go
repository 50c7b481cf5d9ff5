package attack

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// hoarder writes scripts out of patterns of allocation: what grows, what is thrown away, what is kept, in all the ways
// that Lua has.
type hoarder struct{ *rand.Rand }

func (h hoarder) pick(from ...string) string { return from[h.IntN(len(from))] }

// some is a number up to a power of ten, small ones as often as large ones.
func (h hoarder) some(digits int) int {
	n := 1
	for range h.IntN(digits + 1) {
		n *= 10
	}
	return 1 + h.IntN(n)
}

// hook is a hook's whole text, for a limit in bytes. Its `keep` holds on to a value, most of the time.
func (h hoarder) hook(limit int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "local all, n, long = {}, 0, (%q):rep(%d)\n", "0123456789abcdef", max(min(limit/256/int64(h.some(4)), 1<<16), 1))
	b.WriteString("kept = kept or {}\n")
	fmt.Fprintf(&b, "local function keep(v) n = n + 1 %s end\n", h.keep())
	fmt.Fprintf(&b, "function %s(call)\n", h.pick("pre.attack", "pre.attack", "post.attack"))
	for range 1 + h.IntN(3) {
		h.loop(&b, h.pick("1e9", fmt.Sprint(h.some(6))))
	}
	b.WriteString(h.pick("", "", "return all ", "all = {} ", "kept = all "))
	b.WriteString("end\n")
	return b.String()
}

// keep is what becomes of the values that are made.
func (h hoarder) keep() string {
	return h.pick(
		"all[n] = v", "all[n] = v", "all[n] = v", "all[#all + 1] = v",
		"all = {all, v}", "all[n % 1000 + 1] = v", "all[-n] = v", `all["k" .. n] = v`, "table.insert(all, v)", "kept[n] = v",
		"if n % 3 == 0 then all[n / 3] = v end", "if n % 100 == 0 then all[n / 100] = v end",
		"local before = all all = function() return before, v end", "all = setmetatable({v}, {__index = all})",
		"all[n] = coroutine.wrap(function() coroutine.yield() return v end) all[n]()",
		"all[n + 0.5] = v", "string[n] = v", "all[n] = v if n % 50000 == 0 then all = {} n = 0 end",
	)
}

// loop makes values over and over, and does something else now and then.
func (h hoarder) loop(b *strings.Builder, times string) {
	fmt.Fprintf(b, "for i = 1, %s do\n  %s\n", times, h.value())
	for range h.IntN(3) {
		if h.IntN(2) == 0 {
			fmt.Fprintf(b, "  %s\n", h.garbage())
		} else {
			fmt.Fprintf(b, "  if i %% %d == 0 then %s end\n", h.some(5), h.garbage())
		}
	}
	b.WriteString("end\n")
}

// value is a statement that makes something and keeps it.
func (h hoarder) value() string {
	return h.filled(h.pick(
		"keep({})", "keep({i, i, i})", "keep({id = i})", "keep({id = i, name = 'n' .. i, tags = {}})", "keep(i + 0.5)", "keep('s' .. i)",
		"local t = {} for k = 1, $k do t[k] = k end for k = $k, 1, -1 do t[k] = nil end keep(t)",
		"local t = {} for k = 1, $k do t['k' .. k] = k end for k = 1, $k do t['k' .. k] = nil end keep(t)",
		"local t = {} t.x = true t.x = nil keep(t)",
		"local t = {} for k = 1, $k do t[k] = true end keep(t)",
		"local t = {} for k = 1, $k do t[#t + 1] = i end keep(t)",
		"local t = {} for k = 1, $k do table.insert(t, long .. k) end for k = 1, $k do table.remove(t) end keep(t)",
		"local t = {} for k = 1, $k do t[k + 0.5] = k end keep(t)",
		"local t = {} for k = 1, $k do t[{}] = k end keep(t)",
		"local t = {} t[$n] = i keep(t)",
		"local v = i keep(function() return v end)",
		"local co = coroutine.create(function() local v = {i} coroutine.yield() return v end) coroutine.resume(co) keep(co)",
		"keep((function(...) local a = {...} return function() return a end end)(i, i, i))",
		"keep(long .. i)", "keep(('x'):rep($n) .. i)", "keep((long .. i):gsub('1', 'one'))", "keep(('%s %d'):format(long, i))",
		"keep((long .. i):sub($k))", "keep((long .. i):upper())", "keep(table.concat({long, i, long}))",
		"keep((long .. i):gmatch('.'))", "keep({(long .. i):byte(1, $k)})",
		`keep(json.decode('{"a":[1,2,{"b":null}],"c":"text","d":{}}'))`, "keep(json.encode({i, long, {a = i}}))",
		"keep({unpack({1, 2, 3, 4, 5, 6, 7, 8}, 1, 8)})", "keep(setmetatable({}, {__index = {i}}))",
		"local _, e = pcall(error, {i}) keep(e)", "local _, e = pcall(error, 'x' .. i) keep(e)",
		"for k, item in ipairs(call.args.items) do keep(item.meta) end",
		"keep(call.args.items[i % 100 + 1])", "call.args.extra['k' .. i] = long .. i", "call.args.words[i] = long",
		"table.insert(call.args.items, {name = long .. i})", "for k, v in pairs(call.args.extra) do keep(k) keep(v) end",
		"local s = long for k = 1, $k do s = s .. k end keep(s)",
		"local t = {} for k = 1, $k do t[k] = k * 1.5 end table.sort(t, function(a, b) return a > b end) keep(t)",
	))
}

// garbage is a statement that makes something and keeps nothing.
func (h hoarder) garbage() string {
	return h.filled(h.pick(
		"local x = {i}", "local x = long .. i", "local x = ('x'):rep($n)", "local x = {} for k = 1, 100 do x[k] = {k} end", "log.info('x')",
		"local x = json.encode({long, i})", "pcall(string.rep, 'x', 1e9)", "pcall(error, {})", "local x = function() return i end",
		"local x = (long .. i):gsub('%d', '%0%0')", "all = {} n = 0", "coroutine.wrap(function() local x = {} coroutine.yield(x) end)()",
		"local x = {} for k, v in pairs(call.args) do x[k] = v end", "local x = table.concat({long, long, i})",
	))
}

// filled puts numbers into a statement: a small one and one that may be large.
func (h hoarder) filled(statement string) string {
	return strings.NewReplacer("$k", fmt.Sprint(h.some(3)), "$n", fmt.Sprint(h.some(6))).Replace(statement)
}
