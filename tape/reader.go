package tape

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// Files reads tapes one after another, line by line. An error ends it; what it reads takes no more memory than its
// longest line.
func Files(paths ...string) iter.Seq2[*Line, error] {
	return func(yield func(*Line, error) bool) {
		for _, path := range paths {
			if !file(path, yield) {
				return
			}
		}
	}
}

// file reads one tape, and reports whether to go on.
func file(path string, yield func(*Line, error) bool) bool {
	f, err := os.Open(path)
	if err != nil {
		yield(nil, err)
		return false
	}
	defer f.Close()
	r, err := NewReader(path, f)
	if err != nil {
		yield(nil, err)
		return false
	}
	defer r.Close()
	for {
		line, err := r.Next()
		if err == io.EOF {
			return true
		}
		if !yield(line, err) || err != nil {
			return false
		}
	}
}

// Reader reads one tape.
type Reader struct {
	name   string
	text   io.ReadCloser
	in     *bufio.Reader
	number int
	line   []byte
}

// NewReader returns a reader of a tape, which must be closed. The name stands in messages, and its ending says how the
// tape is compressed.
func NewReader(name string, r io.Reader) (*Reader, error) {
	text, err := Decompress(name, r)
	if err != nil {
		return nil, err
	}
	return &Reader{name: name, text: text, in: bufio.NewReaderSize(text, 64<<10)}, nil
}

// Close lets go of what the reader took. It does not close what the tape was read from.
func (r *Reader) Close() error { return r.text.Close() }

// Next returns the next line, or io.EOF after the last whole one. A line without its end that is no JSON is what a
// killed writer left, and passed over; any other mistake is an error with its place.
func (r *Reader) Next() (*Line, error) {
	for {
		text, whole, err := r.read()
		if err != nil {
			return nil, err
		}
		if text = bytes.TrimSpace(text); len(text) == 0 {
			if !whole {
				return nil, io.EOF
			}
			continue
		}
		line, err := r.parse(text)
		if err != nil && !whole && !json.Valid(text) {
			return nil, io.EOF
		}
		return line, err
	}
}

// read returns the next line, and whether it has its end.
func (r *Reader) read() (text []byte, whole bool, err error) {
	r.line = r.line[:0]
	r.number++
	for {
		part, err := r.in.ReadSlice('\n')
		if len(r.line)+len(part) > MaxLine {
			return nil, false, r.mistake("want a line of at most %d bytes, got more", MaxLine)
		}
		r.line = append(r.line, part...)
		switch {
		case err == nil:
			return r.marked(), true, nil
		case err == io.EOF:
			return r.marked(), false, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, r.mistake("%w", err)
		}
	}
}

// marked is the line without the mark that some programs put before a text.
func (r *Reader) marked() []byte {
	if r.number > 1 {
		return r.line
	}
	return bytes.TrimPrefix(r.line, []byte("\ufeff"))
}

// anyLine has the keys of all kinds of lines.
type anyLine struct {
	Version    *int                `json:"tape"`
	Dropped    *int64              `json:"dropped"`
	Service    string              `json:"service"`
	Generation int                 `json:"generation"`
	At         time.Time           `json:"at"`
	Zone       string              `json:"zone"`
	Scripts    []Script            `json:"scripts"`
	Objects    map[string][]string `json:"objects"`
	Load       []Loaded            `json:"load"`
	Method     string              `json:"method"`
	Tick       int                 `json:"tick"`
	Context    map[string]any      `json:"context"`
	Args       json.RawMessage     `json:"args"`
	Result     json.RawMessage     `json:"result"`
	Error      *DriverError        `json:"error"`
	Recorded   *Recorded           `json:"recorded"`
}

func (r *Reader) parse(text []byte) (*Line, error) {
	var v struct {
		Version *int `json:"tape"`
	}
	if bytes.HasPrefix(text, []byte(`{"tape"`)) { // of a newer version nothing else is known
		if err := json.Unmarshal(text, &v); err == nil && v.Version != nil && *v.Version != Version {
			return nil, r.version(*v.Version)
		}
	}
	var l anyLine
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&l); err != nil {
		return nil, r.unreadable(text, err)
	}
	if rest := bytes.TrimSpace(text[dec.InputOffset():]); len(rest) > 0 {
		return nil, r.mistake("want one object on the line, got more after it: %.20q", rest)
	}
	line := &Line{File: r.name, Number: r.number, JSON: text}
	switch {
	case l.Version != nil:
		if *l.Version != Version {
			return nil, r.version(*l.Version)
		}
		line.Header = &Header{*l.Version, l.Service, l.Generation, l.At, l.Zone, l.Scripts, l.Objects, l.Load}
	case l.Dropped != nil:
		if line.Dropped = *l.Dropped; line.Dropped <= 0 {
			return nil, r.mistake("dropped: want 1 or more, got %d", line.Dropped)
		}
	case l.Method == "":
		return nil, r.mistake(`want a call record, which has a "method", a header ("tape") or "dropped"`)
	default:
		line.Call = &Call{l.Service, l.Method, l.At, l.Tick, l.Context, l.Args, l.Result, l.Error, l.Recorded}
	}
	return line, nil
}

func (r *Reader) version(got int) error {
	return r.mistake("want format %d of tapes, got %d, which another version of hookrun writes", Version, got)
}

// unreadable says why a line cannot be read.
func (r *Reader) unreadable(text []byte, err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return r.mistake("want an object, got %s", kind.Value)
	case errors.As(err, &kind):
		return r.mistake("%s: want %s, got %s", kind.Field, kind.Type, kind.Value)
	case errors.As(err, &syntax):
		return r.mistake("not JSON: at byte %d: %s", syntax.Offset, syntax.Error())
	case errors.Is(err, io.ErrUnexpectedEOF):
		return r.mistake("not JSON: the line ends in the middle of a value")
	}
	return r.mistake("%w", err)
}

// mistake is an error with its place.
func (r *Reader) mistake(format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", plaintext.Line(r.name), r.number, fmt.Errorf(format, args...))
}
