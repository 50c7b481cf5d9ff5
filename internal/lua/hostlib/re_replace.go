package hostlib

import (
	"math"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/regex"
)

// replacement is a text in which something else takes the place of the matches of a pattern.
type replacement struct {
	*expressions
	L       *lua.LState
	pattern *regex.Pattern
	text    string
	copied  int    // how much of the text is in result, as it was or replaced
	result  []byte // held, as the meter says
}

// replace puts a text, in which $1 stands for a capture, or what a function returns for the captures in the place of
// the matches, of the first ones up to a number.
func (x *expressions) replace(L *lua.LState) int {
	r := replacement{expressions: x, L: L, text: args.Text(L, 1), pattern: x.compile(L)}
	with := L.Get(3)
	template, isText := machine.PlainText(L, with)
	fn, isFunction := with.(*lua.LFunction)
	switch {
	case isText:
		r.check(template)
	case !isFunction:
		args.Bad(L, 3, "want a text or a function, got "+machine.TypeName(machine.OrNil(with)))
	}
	if isFunction {
		x.Hold(L, r.pattern.Size()) // while it may replace with a pattern of its own
	}
	most, n := args.OptWhole(L, 4, math.Inf(1)), 0
	for matches := r.pattern.Matches(r.text); float64(n) < most && x.next(L, &matches); n++ {
		if isText {
			r.expand(template)
		} else {
			r.call(fn)
		}
	}
	x.matcher.Release()
	if isFunction {
		x.Release(r.pattern.Size())
	}
	L.Push(r.finish(n))
	L.Push(machine.NumberValue(float64(n)))
	return 2
}

// check raises an error for a template with captures that the pattern does not have.
func (r *replacement) check(template string) {
	for rest := template; rest != ""; {
		var err error
		if _, _, rest, err = r.part(rest); err != nil {
			args.Bad(r.L, 3, "want captures of the pattern, got "+quoted(template)+": "+err.Error())
		}
	}
}

// part is [regex.Pattern.Part], paid for.
func (r *replacement) part(template string) (text string, capture int, rest string, err error) {
	r.Charge(r.L, 1+len(r.pattern.Names())/8)
	return r.pattern.Part(template)
}

// expand writes what a template says in place of the last match.
func (r *replacement) expand(template string) {
	from, to := r.matcher.Span(0)
	r.write(r.text[r.copied:from])
	r.copied = to
	for template != "" {
		text, capture, rest, _ := r.part(template)
		template = rest
		r.write(text)
		if capture >= 0 {
			if from, to := r.matcher.Span(capture); from >= 0 {
				r.write(r.text[from:to])
			}
		}
	}
}

// call writes what a function returns in place of the last match, which stays for nil and false.
func (r *replacement) call(fn *lua.LFunction) {
	from, to := r.matcher.Span(0)
	r.L.Push(fn)
	r.L.Call(r.pushMatch(r.L, r.pattern, r.text), 1)
	v := machine.OrNil(r.L.Get(-1))
	r.L.Pop(1)
	if lua.LVIsFalse(v) {
		return
	}
	text, ok := machine.PlainText(r.L, v)
	if !ok {
		machine.Raise(r.L, "invalid replacement value (a %s)", machine.TypeName(v))
	}
	r.write(r.text[r.copied:from])
	r.write(text)
	r.copied = to
}

func (r *replacement) write(s string) {
	r.Charge(r.L, 1+len(s)/machine.BytesPerInstruction)
	if n := len(r.result) + len(s); n > cap(r.result) {
		n = max(n, 2*cap(r.result), 64)
		r.Hold(r.L, n)
		result := append(make([]byte, 0, n), r.result...)
		r.Release(cap(r.result))
		r.result = result
	}
	r.result = append(r.result, s...)
}

// finish returns the text with its replacements, of which there are n.
func (r *replacement) finish(n int) lua.LString {
	if n == 0 {
		return lua.LString(r.text)
	}
	r.write(r.text[r.copied:])
	r.Allocate(r.L, len(r.result))
	text := lua.LString(r.result)
	r.Release(cap(r.result))
	return text
}
