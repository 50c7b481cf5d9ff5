// Package hostlib is the library that scripts have beside Lua's own: what a hook needs to decide, to tell somebody, and
// to remember. Each table of it is a file here, with a line in [Library.Functions].
//
// Its functions check their arguments as Lua's library does, and charge their work and memory to the run before they
// begin it: none takes long at once, whatever it is given. Where a text from elsewhere may well be wrong, as in
// time.parse, a function returns nil and a message; what only the script's author can get wrong is an error.
package hostlib

import (
	"context"
	"fmt"
	"iter"
	"time"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/stdlib"
	"github.com/hookrun/hookrun/internal/plaintext"
)

// Library is the library of one VM.
type Library struct {
	*machine.Budget
	stdlib.Host
	Now     func(L *lua.LState) time.Time
	Std     *stdlib.Library // of the same VM
	Effects Effects         // nil where there is nobody for them
	// Wait runs code that may wait, and returns when that is done. It raises an error when the run ends first.
	Wait func(call func(context.Context))
	// Stop ends the run: what it did cannot be kept.
	Stop func(L *lua.LState, why *effect.Error)
	// Asked is what the current run asks and is told from outside; nil where nobody wants to know.
	Asked func() *answers.Run

	zones map[string]*time.Location // that scripts asked for, see zone
}

// Functions returns the functions by the table that they are in.
func (l *Library) Functions() map[string]map[string]lua.LGFunction {
	return map[string]map[string]lua.LGFunction{
		"bit":     bitFunctions(),
		"cidr":    l.cidrFunctions(),
		"crypto":  l.cryptoFunctions(),
		"events":  l.eventFunctions(),
		"http":    l.httpFunctions(),
		"metrics": l.metricFunctions(),
		"re":      l.expressionFunctions(),
		"state":   l.stateFunctions(),
		"time":    l.timeFunctions(),
	}
}

// pieces yields a text in pieces of maxPiece bytes, and the rest of it, and charges for each before.
func (l *Library) pieces(L *lua.LState, text string, bytesPerInstruction int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for text != "" {
			n := min(len(text), maxPiece)
			l.Charge(L, n/bytesPerInstruction)
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

// maxPiece is what is worked on between two charges: some 0.1 ms of hashing. It is a multiple of what an encoding reads
// at once: two digits of hex, three bytes for base64, four digits of it.
const maxPiece = 24 << 10

// toJSON returns a value as JSON that reads as the value does. The name is that of the value in an error, which it
// raises.
func (l *Library) toJSON(L *lua.LState, v lua.LValue, name string) []byte {
	text, err := bridge.Wrap(v).AppendExactJSON(nil, name, l.Host)
	if err != nil {
		machine.Raise(L, "%s", err.Error())
	}
	return text
}

// fromJSON returns the value of a JSON text, as a decoder of the bridge makes it.
func (l *Library) fromJSON(L *lua.LState, text string, decode func(string, bridge.Meter) (bridge.Value, error)) lua.LValue {
	v, err := decode(text, l.Host)
	if err != nil {
		machine.Raise(L, "%s", err.Error())
	}
	return v.Lua()
}

// failed is what a function returns for a text that is not what it wants: nil, and a message.
func failed(L *lua.LState, format string, args ...any) int {
	L.Push(lua.LNil)
	L.Push(lua.LString(fmt.Sprintf(format, args...)))
	return 2
}

// quoted shows a text in a message.
func quoted(text string) string { return fmt.Sprintf("%q", plaintext.Clip(text, maxQuoted)) }

const maxQuoted = 80
