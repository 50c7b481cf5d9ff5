package cli

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/report"
)

// change shows one operation as lines that a script would write: the old value is taken away, the new one is put in.
func (s *textReport) change(op patch.Op, root string) {
	place := luaPath(root, op)
	if op.Op != "add" {
		s.changed("-", report.Red, place, op.Old)
	}
	if op.Op != "remove" {
		s.changed("+", report.Green, place, op.Value)
	}
}

func (s *textReport) changed(sign string, look report.Style, place string, value []byte) {
	text := sign + " " + place + " = " + string(plaintext.JSON(value))
	s.Line(s.inner, s.Paint(look, s.Fit(text, len(s.inner))))
}

// text says what was dropped and why.
func (d *dropped) text() string {
	if d.Note != "" {
		return fmt.Sprintf("changes to %s dropped: %s (%s)", d.Of, d.Why, plaintext.Line(d.Note))
	}
	return fmt.Sprintf("%s to %s dropped: %s", counted(len(d.Changes), "change"), d.Of, d.Why)
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// luaPath writes the path of an operation as scripts do, with lists counted from 1.
func luaPath(root string, op patch.Op) string {
	path := root
	for _, part := range op.Place {
		switch key := part.(type) {
		case int:
			path += "[" + strconv.Itoa(key+1) + "]"
		case string:
			if identifier.MatchString(key) {
				path += "." + key
			} else {
				path += "[" + strconv.Quote(key) + "]"
			}
		}
	}
	return plaintext.Line(path)
}
