// Package record reads call records. A record is one driver call, with what it was given and how it ended,
// as a JSON object. Dry runs read records, and services write them, one object per line.
//
//	{"service":"nfs1","method":"extend_share","at":"2026-11-23T10:00:00Z",
//	 "context":{"request_id":"req-1"},
//	 "args":{"share":{"id":"s-1"},"new_size":20},"result":{},"error":null}
//
// The arguments and the result stay JSON text until the method, and so their Go types, are known; [Raw.Decode] then
// reads them strictly. Times are RFC 3339 and may have a blank for the T; one without a zone, as Manila writes them, is
// UTC. Numbers without a Go type are [json.Number], so no digit is lost. Every mistake is an [Error] that says where it
// stands; a record with several mistakes reports them together as [Errors].
//
// A tape (package tape) is a file of records, too. Its lines that are none are passed over.
package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// Periodic is the method of a record that stands for one tick of a service's periodic hooks.
const Periodic = "periodic"

// Record is one call.
type Record struct {
	Service string         `json:"service,omitzero"` // empty: the reader of the record knows it
	Method  string         `json:"method"`
	At      time.Time      `json:"at,omitzero"`      // when the call was made, which is the time that scripts see; zero: unknown
	Context map[string]any `json:"context,omitzero"` // who asked; numbers are json.Number
	Tick    int            `json:"tick,omitzero"`    // of a periodic record, counted from 1; 0: not said
	Args    Raw            `json:"args,omitzero"`
	Result  Raw            `json:"result,omitzero"`
	Error   *Failure       `json:"error"` // nil: the driver did its work
	// Recorded is what came of the call, in a record of a tape.
	Recorded Raw `json:"recorded,omitzero"`
	Expect   Raw `json:"expect,omitzero"` // a part of what should come of it, an object; absent: that it completes

	Pos Position `json:"-"` // where the record begins
}

// RequestID returns the id of the request that the call belongs to, as its context has it; empty for none.
func (r *Record) RequestID() string {
	switch id := r.Context["request_id"].(type) {
	case string:
		return id
	case json.Number:
		return id.String()
	}
	return ""
}

// Failure is the error with which the driver ended the call.
type Failure struct {
	Message string `json:"message"`
	Code    string `json:"code"`
}

// Raw is a value of a record as JSON text, just as it was written. The zero Raw is an absent value.
type Raw struct {
	JSON json.RawMessage
	pos  Position
}

// Pos is where the value begins.
func (r Raw) Pos() Position { return r.pos }

// Mistake is one in the value, as a whole.
func (r Raw) Mistake(path, message string) Errors { return Errors{{r.pos, path, message}} }

// IsZero reports whether the value is absent.
func (r Raw) IsZero() bool { return len(r.JSON) == 0 }

// IsNull reports whether the value is absent or null.
func (r Raw) IsNull() bool { return r.IsZero() || string(r.JSON) == "null" }

// MarshalJSON returns the text, and null when the value is absent.
func (r Raw) MarshalJSON() ([]byte, error) {
	if r.IsZero() {
		return []byte("null"), nil
	}
	return r.JSON, nil
}

// Position is a place in a file of records. Line and Column count from 1, the column in bytes.
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// after returns the position at the end of text, which begins at p.
func (p Position) after(text []byte) Position {
	lines := bytes.Count(text, []byte("\n"))
	if lines == 0 {
		p.Column += len(text)
		return p
	}
	p.Line += lines
	p.Column = len(text) - bytes.LastIndexByte(text, '\n')
	return p
}

// Error is one mistake in a record.
type Error struct {
	Pos     Position
	Path    string // the wrong value, such as args.shares[1].size, where lists count from 1 as in Lua; "" for the record
	Message string
}

// Error returns the mistake on one line. What a terminal would obey is escaped.
func (e *Error) Error() string {
	text := e.Message
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	return plaintext.Line(e.Pos.String() + ": " + text)
}

// Errors are all the mistakes found in one value, in the order of the text. The message has one mistake per line.
type Errors []*Error

// Words is the mistakes on one line without their places, for values that do not come from a file.
func (es Errors) Words() string {
	var all []string
	for _, e := range es {
		text := e.Message
		if e.Path != "" {
			text = e.Path + ": " + text
		}
		all = append(all, plaintext.Line(text))
	}
	return strings.Join(all, "; ")
}

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}
