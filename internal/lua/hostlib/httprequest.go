package hostlib

import (
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/suggest"
)

const (
	requestCost    = 100     // instructions that a request counts as, besides its texts
	entryCost      = 10      // instructions that an entry of its tables counts as
	maxFields      = 100     // header fields of a request
	maxURL         = 8 << 10 // bytes of a URL, and of a query before it is escaped
	maxKey         = 1 << 10 // bytes of a key
	maxMessage     = 1 << 10 // bytes of a message, which may quote the script's keys
	longestTimeout = 24 * time.Hour
)

// requestReader reads a request from the tables of a script. They may be views, as those of options are.
type requestReader struct {
	*Library
	L     *lua.LState
	r     effect.Request
	where bool     // whether it has a URL, which may be empty
	query []string // its parameters
	body  string   // the key that the body came from; "" for none
	held  int      // bytes that are held for the body
}

func newRequestReader(l *Library, L *lua.LState) *requestReader {
	l.Charge(L, requestCost)
	return &requestReader{Library: l, L: L, r: effect.Request{Method: "GET", Header: map[string]string{}}}
}

// read reads the keys of a request.
func (q *requestReader) read(t *lua.LTable, known ...string) {
	for key, v := range q.entries(t) {
		if !slices.Contains(known, key) {
			q.bad("no such key of a request: %q%s", key, suggest.Hint(key, known))
		}
		switch key {
		case "url":
			q.address(q.text(key, v))
		case "method":
			q.r.Method = strings.ToUpper(q.text(key, v))
		case "headers":
			q.headers(v)
		case "query":
			q.parameters(v)
		case "timeout":
			q.timeout(v)
		case "json", "body":
			q.content(key, v)
		}
	}
}

func (q *requestReader) address(text string) {
	if q.r.URL, q.where = text, true; len(text) > maxURL {
		q.bad("url: want at most %d bytes, got %d", maxURL, len(text))
	}
}

// request returns the request that was read.
func (q *requestReader) request() effect.Request {
	if !q.where {
		q.bad("url: want a text, got none")
	}
	if len(q.query) > 0 {
		base, _, _ := strings.Cut(q.r.URL, "#")
		sign := "?"
		if strings.Contains(base, "?") {
			sign = "&"
		}
		q.r.URL = base + sign + strings.Join(q.query, "&")
	}
	if _, given := q.r.Header["content-type"]; !given && q.body == "json" {
		q.r.Header["content-type"] = "application/json"
	}
	return q.r
}

// headers reads the header fields.
func (q *requestReader) headers(v lua.LValue) {
	for name, v := range q.entries(q.table("headers", v)) {
		if len(q.r.Header) == maxFields {
			q.bad("headers: want at most %d", maxFields)
		}
		lower := strings.ToLower(name)
		if _, twice := q.r.Header[lower]; twice {
			q.bad("headers: %q is there twice", lower)
		}
		q.r.Header[lower] = q.text("headers."+name, v)
	}
}

// parameters reads the query. A list stands for a parameter that occurs several times.
func (q *requestReader) parameters(v lua.LValue) {
	left := maxURL
	for name, v := range q.entries(q.table("query", v)) {
		t, ok := v.(*lua.LTable)
		if !ok {
			q.query = append(q.query, q.parameter(name, v, &left))
			continue
		}
		items, values := bridge.Of(t).Array(q.L, false), []string(nil)
		for i := range machine.LengthOf(q.L, items) {
			values = append(values, q.parameter(name, machine.OrNil(items.RawGetInt(i+1)), &left))
		}
		if len(values) > 0 {
			q.query = append(q.query, strings.Join(values, "&"))
		}
	}
	slices.Sort(q.query) // tables have no order of their own
}

// parameter reads one value of the query, for which there are so many bytes left.
func (q *requestReader) parameter(name string, v lua.LValue, left *int) string {
	q.Charge(q.L, entryCost)
	text := ""
	if b, ok := v.(lua.LBool); ok {
		text = b.String()
	} else {
		text = q.text("query."+name, v)
	}
	if *left -= len(name) + len(text) + 2; *left < 0 {
		q.bad("query: want at most %d bytes", maxURL)
	}
	return url.QueryEscape(name) + "=" + url.QueryEscape(text)
}

func (q *requestReader) timeout(v lua.LValue) {
	n, ok := machine.PlainNumber(q.L, v)
	if !ok || !(n > 0) {
		q.bad("timeout: want seconds above 0, got %s", q.shown(v))
	}
	q.r.Timeout = max(1, time.Duration(min(n, longestTimeout.Seconds())*float64(time.Second)))
}

// content reads the body: a text, or a value as JSON.
func (q *requestReader) content(key string, v lua.LValue) {
	if q.body != "" {
		q.bad("want json or body, got both")
	}
	q.body = key
	if key == "body" {
		q.r.Body = q.text(key, v)
		return
	}
	text, err := bridge.Wrap(v).AppendExactJSON(nil, "json", q.Host)
	if err != nil {
		q.bad("%s", err.Error())
	}
	q.Hold(q.L, len(text))
	q.held = len(text)
	q.r.Body = string(text)
}

// entries walks a table whose keys are texts.
func (q *requestReader) entries(t *lua.LTable) iter.Seq2[string, lua.LValue] {
	return func(yield func(string, lua.LValue) bool) {
		var key, v lua.LValue = lua.LNil, nil
		for {
			key, v = bridge.Of(t).Next(q.L, key)
			if key = machine.OrNil(key); key == lua.LNil {
				return
			}
			q.Charge(q.L, entryCost)
			name, ok := key.(lua.LString)
			switch {
			case !ok:
				q.bad("want texts as keys, got a %s", machine.TypeName(key))
			case len(name) > maxKey:
				q.bad("want keys of at most %d bytes, got %d", maxKey, len(name))
			}
			if !yield(string(name), machine.OrNil(v)) {
				return
			}
		}
	}
}

func (q *requestReader) table(path string, v lua.LValue) *lua.LTable {
	t, ok := v.(*lua.LTable)
	if !ok {
		q.bad("%s: want a table, got %s", path, q.shown(v))
	}
	return t
}

// text reads a string or number, and charges for its use.
func (q *requestReader) text(path string, v lua.LValue) string {
	s, ok := machine.PlainText(q.L, v)
	if !ok {
		q.bad("%s: want a text, got %s", path, machine.TypeName(v))
	}
	q.Charge(q.L, len(s)/machine.BytesPerInstruction)
	return s
}

// shown is a value as a message shows it.
func (q *requestReader) shown(v lua.LValue) string {
	if n, ok := v.(lua.LNumber); ok {
		s, _ := machine.RawText(n)
		return s
	}
	return machine.TypeName(v)
}

func (q *requestReader) bad(format string, args ...any) {
	machine.Raise(q.L, "%s", plaintext.Clip(fmt.Sprintf(format, args...), maxMessage))
}
