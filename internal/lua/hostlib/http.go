package hostlib

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
)

// httpFunctions make HTTP requests. A request that gets an answer, whatever its status, returns a response; one that
// gets none returns nil and an error. Mistakes of the script raise errors.
func (l *Library) httpFunctions() map[string]lua.LGFunction {
	h := &httpLibrary{Library: l}
	h.errors = h.errorMeta()
	return map[string]lua.LGFunction{"get": h.get, "request": h.request}
}

type httpLibrary struct {
	*Library
	errors *lua.LTable // the metatable of all errors
}

func (h *httpLibrary) get(L *lua.LState) int {
	q := newRequestReader(h.Library, L)
	q.address(args.Text(L, 1))
	if machine.OrNil(L.Get(2)) != lua.LNil {
		q.read(args.Table(L, 2), "headers", "query", "timeout")
	}
	return h.send(L, q)
}

func (h *httpLibrary) request(L *lua.LState) int {
	q := newRequestReader(h.Library, L)
	q.read(args.Table(L, 1), "url", "method", "headers", "query", "json", "body", "timeout")
	return h.send(L, q)
}

// send makes a request, and pushes what came of it.
func (h *httpLibrary) send(L *lua.LState, q *requestReader) int {
	r := q.request()
	if h.Effects == nil {
		machine.Raise(L, "there is no http here: the program does not offer it")
	}
	var resp *effect.Response
	do, err := h.Effects.HTTP(r)
	if err == nil {
		resp, err = h.answer(L, r, do)
	}
	h.Release(q.held)
	var failed *effect.HTTPError
	switch {
	case errors.As(err, &failed):
		L.Push(lua.LNil)
		L.Push(h.failure(L, failed))
		return 2
	case err != nil:
		machine.Raise(L, "%s", err.Error())
	}
	L.Push(h.response(L, resp))
	return 1
}

// answer is what came of a request, from the world or from a tape.
func (h *httpLibrary) answer(L *lua.LState, r effect.Request, do func(context.Context) (*effect.Response, error)) (resp *effect.Response, err error) {
	run := h.Asked()
	if run == nil {
		h.Wait(func(ctx context.Context) { resp, err = do(ctx) })
		return resp, err
	}
	a, missing := run.Answer(effect.AnswerHTTP, r.Method+" "+r.URL, func() effect.Answer {
		h.Wait(func(ctx context.Context) { resp, err = do(ctx) })
		return answers.OfHTTP(resp, err)
	})
	if run.Replays() && missing == nil {
		resp, missing, err = answers.HTTP(a)
	}
	if missing != nil {
		h.Stop(L, missing)
	}
	return resp, err
}

const (
	tableCost = 1000 // bytes that a response takes besides its texts, or an error
	fieldCost = 100  // bytes that a header field takes besides its texts
)

// response makes the table of a response. Its json is found through the metatable, so that a walk of the response meets
// data alone.
func (h *httpLibrary) response(L *lua.LState, r *effect.Response) *lua.LTable {
	size := tableCost + len(r.Body)
	for name, value := range r.Header {
		size += fieldCost + len(name) + len(value)
	}
	h.Allocate(L, size)
	h.Charge(L, size/machine.BytesPerInstruction)
	headers := L.CreateTable(0, len(r.Header))
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		headers.RawSetString(name, lua.LString(r.Header[name]))
	}
	t, text := L.CreateTable(0, 3), r.Body
	body := lua.LString(text)
	t.RawSetString("status", machine.NumberValue(float64(r.Status)))
	t.RawSetString("headers", headers)
	t.RawSetString("body", body)
	methods := L.CreateTable(0, 1)
	decode := func(L *lua.LState) int {
		L.Push(h.fromJSON(L, text, bridge.DecodeJSON))
		return 1
	}
	methods.RawSetString("json", L.NewClosure(decode, body)) // as an upvalue, so that a walk sees what the function holds
	meta := L.CreateTable(0, 1)
	meta.RawSetString("__index", methods)
	t.Metatable = meta
	return t
}

// failure makes the table of an error.
func (h *httpLibrary) failure(L *lua.LState, e *effect.HTTPError) *lua.LTable {
	h.Allocate(L, tableCost+len(e.Message))
	t := L.CreateTable(0, 2)
	t.RawSetString("message", lua.LString(e.Message))
	t.RawSetString("kind", lua.LString(e.Kind))
	t.Metatable = h.errors
	return t
}

// errorMeta makes the metatable of errors, by which they read as their message. All scripts share it, so none can get
// at it.
func (h *httpLibrary) errorMeta() *lua.LTable {
	meta := &lua.LTable{Metatable: lua.LNil}
	function := func(name string, fn lua.LGFunction) {
		meta.RawSetString(name, &lua.LFunction{IsG: true, GFunction: fn, Env: &lua.LTable{Metatable: lua.LNil}})
	}
	meta.RawSetString("__metatable", lua.LFalse)
	function("__tostring", func(L *lua.LState) int {
		L.Push(lua.LString(h.spoken(L, L.Get(1))))
		return 1
	})
	function("__concat", func(L *lua.LState) int {
		left, right := h.spoken(L, L.Get(1)), h.spoken(L, L.Get(2))
		h.Allocate(L, len(left)+len(right))
		h.Charge(L, (len(left)+len(right))/machine.BytesPerInstruction)
		L.Push(lua.LString(left + right))
		return 1
	})
	return meta
}

// spoken is what an error says, or what is concatenated with one.
func (h *httpLibrary) spoken(L *lua.LState, v lua.LValue) string {
	if t, ok := v.(*lua.LTable); ok && t.Metatable == lua.LValue(h.errors) {
		if text, ok := machine.PlainText(L, t.RawGetString("message")); ok {
			return text
		}
		return "an error of http" // whose message the script took away
	}
	text, ok := machine.PlainText(L, v)
	if !ok {
		machine.Fault(L, fmt.Sprintf("attempt to concatenate a %s value", machine.TypeName(machine.OrNil(v))))
	}
	return text
}
