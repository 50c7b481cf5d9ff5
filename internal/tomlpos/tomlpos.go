// Package tomlpos tells on which line each key and list element of a TOML 1.1 document stands, which the TOML library
// does not tell once a document is decoded, and whether one is defined twice, which the library does not always see.
//
// It reads only the structure: tables, arrays of tables, keys (bare, quoted, dotted), lists and inline tables. What a
// number or a date looks like is left to the library.
package tomlpos

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// MaxDepth is how deep a value may lie: the number of keys and indexes of its
// path. It bounds the memory that a hostile document costs its readers.
const MaxDepth = 100

// MaxPaths is how many bytes the paths of all values may have together, with perValue more for each value. It bounds
// the same: a long key is a part of the path of each element that its value has.
const MaxPaths = 32 << 20

// perValue is what is kept for a value beside its path, about.
const perValue = 64

// Path names a value of a document, as in `services.nfs1.hooks[1].script`. Keys that TOML would quote are quoted;
// indexes count from 0. The zero Path is the document itself.
type Path string

// Key returns the path of the value that the table at p holds under name.
func (p Path) Key(name string) Path {
	if !isBare(name) {
		name = strconv.Quote(name)
	}
	if p == "" {
		return Path(name)
	}
	return p + "." + Path(name)
}

// Index returns the path of element i, counted from 0, of the list at p.
func (p Path) Index(i int) Path {
	return p + Path("["+strconv.Itoa(i)+"]")
}

// Holders yields p and the paths of everything that holds it, the document itself first. Where keys are quoted it may
// also yield strings that are not paths.
func (p Path) Holders() iter.Seq[Path] {
	return func(yield func(Path) bool) {
		for i := range len(p) {
			if i > 0 && p[i] != '.' && p[i] != '[' {
				continue
			}
			if !yield(p[:i]) {
				return
			}
		}
		yield(p)
	}
}

func isBare(name string) bool {
	for i := range len(name) {
		if !isBareChar(name[i]) {
			return false
		}
	}
	return name != ""
}

func isBareChar(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// DepthError says that a value lies deeper than MaxDepth.
type DepthError struct {
	Line int // counted from 1
}

func (e *DepthError) Error() string {
	return fmt.Sprintf("line %d: nested more than %d levels deep", e.Line, MaxDepth)
}

// SizeError says that the paths of all values would take more than MaxPaths.
type SizeError struct {
	Line int // counted from 1
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("line %d: too many values, or too long keys", e.Line)
}

// TwiceError says that a key is defined more than once: it is written a second time, or it is a table that is extended
// where it may not be, such as an inline table, or a table with a header that dotted keys extend. Decoders keep one of
// the two definitions, or a mixture.
type TwiceError struct {
	Path        Path // of the value that was already complete
	Line, First int  // where it is defined again, and where it was first; counted from 1
}

func (e *TwiceError) Error() string {
	return fmt.Sprintf("line %d: %s is defined on line %d already", e.Line, e.Path, e.First)
}

// Lines returns the line, counted from 1, of every key and list element of src. A table stands where its own header or
// key is, else where it is first mentioned; a list of tables stands at its first table.
//
// For a document that is not TOML it returns what stands before the first mistake in its structure. The error is a
// *DepthError or *SizeError, which come with the lines before that place, or the first *TwiceError, which comes with
// all lines.
func Lines(src []byte) (map[Path]int, error) {
	s := &scanner{
		src:    withoutMark(string(src)),
		line:   1,
		room:   MaxPaths,
		lines:  map[Path]int{},
		header: map[Path]bool{},
		tables: map[Path]int{},
		kinds:  map[Path]kind{},
	}
	s.document()
	if s.tooDeep {
		return s.lines, &DepthError{Line: s.line}
	}
	if s.room < 0 {
		return s.lines, &SizeError{Line: s.line}
	}
	if s.twice != nil {
		return s.lines, s.twice
	}
	return s.lines, nil
}

// withoutMark drops a byte order mark.
func withoutMark(src string) string {
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		if rest, ok := strings.CutPrefix(src, mark); ok {
			return rest
		}
	}
	return src
}
