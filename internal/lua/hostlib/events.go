package hostlib

import (
	"fmt"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/internal/lua/args"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/plaintext"
)

func (l *Library) eventFunctions() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{"publish": l.publish}
}

// publish notes an event and returns its id: publish(type, data [, {subject=, id=, when=}]).
func (l *Library) publish(L *lua.LState) int {
	e := Publication{Type: name(L, 1, "type of event")}
	args.Any(L, 2)
	if o := options(L, 3, "subject", "id", "when"); o != nil {
		if subject, ok := o.text("subject"); ok {
			e.Subject = &subject
		}
		e.ID, _ = o.text("id")
		when, ok := o.text("when")
		if e.Always = when == "always"; ok && !e.Always {
			args.Bad(L, 3, fmt.Sprintf(`when: want "always", got %q`, plaintext.Clip(when, maxName)))
		}
	}
	effects := l.effects(L)
	e.Data = l.toJSON(L, machine.OrNil(L.Get(2)), "data")
	held := len(e.Data) + eventBytes
	l.Keep(L, held)
	id, err := effects.Publish(e)
	if err != nil {
		l.Keep(L, -held)
		l.raise(L, err)
	}
	L.Push(lua.LString(id))
	return 1
}

// eventBytes is what an event takes besides its data, until the run has ended.
const eventBytes = 512

// maxName is the length in bytes of the longest name of a type, subject, id or metric.
const maxName = 256

// name reads an argument that must be a short text.
func name(L *lua.LState, at int, what string) string {
	text := args.Text(L, at)
	if problem := nameProblem(text); problem != "" {
		args.Bad(L, at, what+": "+problem)
	}
	return text
}

// Subject is a text from elsewhere as a subject: of one line, and not too long.
func Subject(text string) string { return plaintext.Clip(plaintext.Line(text), maxName) }

func nameProblem(text string) string {
	switch {
	case text == "":
		return "want a text that is not empty"
	case len(text) > maxName:
		return "want at most " + strconv.Itoa(maxName) + " bytes, got " + strconv.Itoa(len(text))
	case plaintext.Line(text) != text:
		return "want a line of text, got " + strconv.Quote(text)
	}
	return ""
}
