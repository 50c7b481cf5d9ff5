package pattern

import (
	"fmt"
	"strings"

	"github.com/hookrun/hookrun/internal/testkit/lua51"
)

// prelude has, in Lua, the functions that answer has in Go.
const prelude = `
find, match, gsub = string.find, string.match, string.gsub

local function raise(ok, ...)
  if not ok then error((...), 0) end
  return ...
end

function gmatch(s, p)
  local next, all, n = string.gmatch(s, p), {}, 0
  while true do
    local found = {raise(pcall(next))}
    if found[1] == nil then return n, unpack(all) end
    n = n + 1
    for _, capture in ipairs(found) do all[#all + 1] = capture end
  end
end

function gsubf(s, p)
  local n = 0
  return raise(pcall(string.gsub, s, p, function(...)
    n = n + 1
    return n % 3 ~= 0 and "<" .. table.concat({...}, ",") .. ">"
  end))
end
`

// library is Lua's functions over a Matcher, without what is the caller's: the conversion of arguments.
type library struct {
	Matcher
	Cache
}

// answer runs a call and shows its results or its error.
func (l *library) answer(call lua51.Call) string {
	src, pattern := call.Args[0].(string), call.Args[1].(string)
	switch call.Func {
	case "find", "match":
		return l.find(src, pattern, int(call.Args[2].(float64)), call.Func == "find")
	case "gmatch":
		return l.gmatch(src, pattern)
	case "gsub":
		limit := len(src) + 1
		if len(call.Args) > 3 {
			limit = int(call.Args[3].(float64))
		}
		text, n, err := l.Gsub(l.Compile(pattern), src, call.Args[2].(string), limit)
		return result(err, text, n)
	case "gsubf":
		return l.gsubf(src, pattern)
	}
	panic("unknown function " + call.Func)
}

func result(err error, values ...any) string {
	if err != nil {
		return lua51.Show(err)
	}
	return lua51.Show(values...)
}

// place is where a search starts, from the third argument of find and match.
func place(src string, init int) int {
	if init < 0 {
		init = len(src) + init + 1
	}
	return min(max(init-1, 0), len(src))
}

func (l *library) find(src, pattern string, init int, places bool) string {
	p := l.Compile(pattern)
	if places && p.Plain() {
		at, err := l.Index(src, pattern, place(src, init))
		if at < 0 {
			return result(err, nil)
		}
		return result(err, at+1, at+len(pattern))
	}
	found, err := l.Find(p, src, place(src, init))
	if !found {
		return result(err, nil)
	}
	captures, err := l.captures(!places)
	if places {
		captures = append([]any{l.Start() + 1, l.End()}, captures...)
	}
	return result(err, captures...)
}

// captures are all captures of the match, or the match when there are none and it is asked for.
func (l *library) captures(whole bool) ([]any, error) {
	n := l.pattern.Captures()
	if n == 0 && whole {
		n = 1
	}
	values := make([]any, n)
	for i := range values {
		capture, err := l.Capture(i)
		if err != nil {
			return nil, err
		}
		if values[i] = capture.Text; capture.Position > 0 {
			values[i] = capture.Position
		}
	}
	return values, nil
}

func (l *library) gmatch(src, pattern string) string {
	values := []any{0}
	for g := NewGmatch(l.CompileUnanchored(pattern), src); ; {
		found, err := g.Next(&l.Matcher)
		if !found {
			return result(err, values...)
		}
		captures, err := l.captures(true)
		if err != nil {
			return result(err)
		}
		values[0] = values[0].(int) + 1
		values = append(values, captures...)
	}
}

func (l *library) gsubf(src, pattern string) string {
	calls := 0
	text, n, err := l.GsubFunc(l.Compile(pattern), src, len(src)+1, func() (string, bool, error) {
		captures, err := l.captures(true)
		if err != nil {
			return "", false, err
		}
		words := make([]string, len(captures))
		for i, c := range captures {
			words[i] = fmt.Sprint(c)
		}
		calls++
		return "<" + strings.Join(words, ",") + ">", calls%3 != 0, nil
	})
	return result(err, text, n)
}
