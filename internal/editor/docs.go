package editor

import (
	_ "embed"
	"encoding/json"
	"strings"
)

// Docs holds the comments of Go packages in the words of scripts: where a comment names a Go field, Docs has the name
// that a script writes. The zero Docs has no comments.
type Docs struct {
	Types   map[string]string // by package and type, as in share.Share
	Fields  map[string]string // by package, type and the field's name in Lua, as in share.Share.size
	Methods map[string]string // of interfaces, by package, interface and method, as in share.Driver.CreateSnapshot
}

// comments are those of the packages share and scriptapi, which a program does not carry otherwise.
//
//go:embed comments.json
var comments []byte

// OurDocs returns the comments of the packages share and scriptapi.
func OurDocs() Docs {
	var d Docs
	if err := json.Unmarshal(comments, &d); err != nil {
		panic(err) // it is written by this package's tests
	}
	return d
}

// camelCase writes the name of a method as Go does: create_snapshot as CreateSnapshot.
func camelCase(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
