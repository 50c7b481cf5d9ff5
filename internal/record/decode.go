package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// Decoder reads the records of one input, one after another: a single object, several in a row, or JSON Lines. It waits
// for no more input than the record that it returns needs, so that one that is typed or piped in is returned at once.
type Decoder struct {
	lines *lineReader
	json  *json.Decoder
	tape  bool
}

// NewDecoder returns a decoder that reads from r and passes over a byte order mark. The name stands for the input in
// messages.
func NewDecoder(name string, r io.Reader) *Decoder {
	lines := &lineReader{file: name, in: &unmarked{in: r}, starts: []int64{0}, first: 1}
	return &Decoder{lines: lines, json: json.NewDecoder(lines)}
}

// Next returns the next record, or io.EOF after the last one. A mistake in the record is an [Errors]; when the mistake
// is one of meaning and not of JSON, Next may be called again for the record after it.
func (d *Decoder) Next() (*Record, error) {
	for {
		raw, err := d.value("the record is ")
		if err != nil {
			return nil, err
		}
		if !ofTape(raw.JSON) {
			r, err := decode(raw.JSON, raw.pos)
			d.tape = d.tape || r != nil && !r.Recorded.IsNull()
			return r, err
		}
		d.tape = true
	}
}

// OfTape reports whether Next has come to a line that only a tape has: its header, how many calls are missing, or a
// record of what came of its call.
func (d *Decoder) OfTape() bool { return d.tape }

// Parse reads a record that stands alone on a line of a file.
func Parse(text []byte, file string, line int) (*Record, error) {
	pos := Position{File: file, Line: line, Column: 1}
	if !json.Valid(text) || !utf8.Valid(text) {
		return nil, Errors{{Pos: pos, Message: "want a call record, which is JSON in UTF-8"}}
	}
	text = bytes.TrimSpace(text)
	return decode(text, pos)
}

// ofTape reports whether an object is a line of a tape that is no call: its header, or how many calls are missing.
func ofTape(text []byte) bool {
	w := walk{text: text}
	if text[0] != '{' {
		return false
	}
	for _, name := range w.members() {
		return name == "tape" || name == "dropped"
	}
	return false
}

// Value returns the next value, which may be anything, or io.EOF after the last one.
func (d *Decoder) Value() (Raw, error) { return d.value("") }

func (d *Decoder) value(is string) (Raw, error) {
	var text json.RawMessage
	if err := d.json.Decode(&text); err != nil {
		return Raw{}, d.syntaxError(err, is)
	}
	pos := d.lines.position(d.json.InputOffset() - int64(len(text)))
	d.lines.forget(d.json.InputOffset())
	if !utf8.Valid(text) {
		return Raw{}, Errors{{Pos: pos.after(validPrefix(text)), Message: "want UTF-8 text, got another encoding"}}
	}
	return Raw{JSON: text, pos: pos}, nil
}

func decode(text []byte, pos Position) (*Record, error) {
	r := &Record{Pos: pos}
	w := walk{text: text, base: pos}
	if text[0] != '{' {
		w.fail(0, "", "want a call record, which is an object, got %s", w.kind())
		return nil, w.errs
	}
	w.value(reflect.ValueOf(r).Elem(), "")
	if len(w.errs) == 0 {
		w.errs = r.mistakes()
		if r.Error != nil && !saysWhy(text) {
			w.fail(0, "error.message", "missing: want what the driver said")
		}
	}
	if len(w.errs) > 0 {
		return nil, w.errs
	}
	return r, nil
}

// mistakes finds the mistakes that the types of the fields do not show.
func (r *Record) mistakes() Errors {
	var errs Errors
	add := func(path, message string) { errs = append(errs, &Error{r.Pos, path, message}) }
	if r.Method == "" {
		add("method", "missing: want the name of the driver's method")
	}
	if r.Tick != 0 && r.Method != "" && r.Method != Periodic {
		add("tick", fmt.Sprintf("only a %q record has a tick, this one is %q", Periodic, r.Method))
	}
	if r.Method == Periodic && r.Result.JSON != nil {
		add("result", fmt.Sprintf("a %q record has none: its shares are args.shares", Periodic))
	}
	if !r.Expect.IsZero() {
		errs = append(errs, r.Expect.objectMistakes("expect")...)
	}
	return errs
}

// saysWhy reports whether the error of a record has a message, which may be empty: so are messages of some drivers.
func saysWhy(text []byte) bool {
	var r struct {
		Error struct {
			Message *string `json:"message"`
		} `json:"error"`
	}
	return json.Unmarshal(text, &r) == nil && r.Error.Message != nil
}

// objectMistakes finds what is wrong with a value that must be an object of any form.
func (r Raw) objectMistakes(path string) Errors {
	w := walk{text: r.JSON, base: r.pos}
	if w.want(path, "object") {
		w.free(path) // reports keys that are given twice
	}
	return w.errs
}

func (d *Decoder) syntaxError(err error, is string) error {
	var syntax *json.SyntaxError
	var path *fs.PathError
	switch {
	case err == io.EOF:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return Errors{{Pos: d.lines.position(d.lines.read), Message: is + incomplete}}
	case errors.As(err, &syntax):
		// The offset counts the byte that did not fit.
		pos := d.lines.position(max(syntax.Offset-1, 0))
		if strings.Contains(syntax.Error(), "max depth") {
			return Errors{{Pos: pos, Message: "nested deeper than 10 000 objects and lists"}} // which encoding/json reads
		}
		return Errors{{Pos: pos, Message: "not JSON: " + strings.TrimPrefix(syntax.Error(), "json: ")}}
	case errors.As(err, &path):
		err = path.Err // the message names the file anyway
	}
	return fmt.Errorf("read %s: %w", d.lines.file, err)
}

// incomplete is the message of a value in the middle of which the input ends.
const incomplete = "not complete: unexpected end of input"

// IsIncomplete reports whether the input ended in the middle of a value.
func IsIncomplete(err error) bool {
	var all Errors
	return errors.As(err, &all) && len(all) == 1 && strings.HasSuffix(all[0].Message, incomplete)
}

func validPrefix(text []byte) []byte {
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return text[:n]
}

// mostRead is how many bytes are read at once, which bounds the lines to know of beside those of one value: the buffer
// of a json.Decoder is as large as the largest value so far.
const mostRead = 64 << 10

// lineReader notes where the lines begin in what is read through it.
type lineReader struct {
	file   string
	in     io.Reader
	read   int64   // bytes so far
	starts []int64 // offsets of the lines that may still be asked for, in order
	first  int     // the number of the line at starts[0]
}

func (l *lineReader) Read(p []byte) (int, error) {
	n, err := l.in.Read(p[:min(len(p), mostRead)])
	for i, b := range p[:n] {
		if b == '\n' {
			l.starts = append(l.starts, l.read+int64(i)+1)
		}
	}
	l.read += int64(n)
	return n, err
}

func (l *lineReader) position(offset int64) Position {
	i := l.line(offset)
	return Position{File: l.file, Line: l.first + i, Column: int(offset-l.starts[i]) + 1}
}

// forget drops the lines before the one that offset stands on, so that a long input takes no memory.
func (l *lineReader) forget(offset int64) {
	i := l.line(offset)
	l.starts = slices.Delete(l.starts, 0, i)
	l.first += i
}

// line returns the index in starts of the line that offset stands on.
func (l *lineReader) line(offset int64) int {
	i, exact := slices.BinarySearch(l.starts, offset)
	if !exact {
		i--
	}
	return max(i, 0)
}

// byteOrderMark is what some programs put before a text.
var byteOrderMark = []byte("\ufeff")

// unmarked passes on what it reads, except for a byte order mark at the beginning.
type unmarked struct {
	in    io.Reader
	begun bool
	head  []byte // read to look for the mark, and not passed on yet
}

func (u *unmarked) Read(p []byte) (int, error) {
	if !u.begun {
		u.begun = true
		head := make([]byte, len(byteOrderMark))
		n, err := io.ReadFull(u.in, head)
		if u.head = head[:n]; bytes.Equal(u.head, byteOrderMark) {
			u.head = nil
		}
		if n == 0 || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return copy(p, u.head), err
		}
	}
	if len(u.head) > 0 {
		n := copy(p, u.head)
		u.head = u.head[n:]
		return n, nil
	}
	return u.in.Read(p)
}
