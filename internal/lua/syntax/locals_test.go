package syntax

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"
)

// FuzzVariablesKeepTheirNames asks that the variables of every function, as the rewrite knows them, are those that the
// compiler notes: of a function where they differ no message names a variable.
func FuzzVariablesKeepTheirNames(f *testing.F) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(source))
		for part := range strings.SplitSeq(string(source), "\n\n") {
			f.Add(part)
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		chunk, err := Parse("x.lua", source)
		if err != nil {
			return
		}
		r := newRewriter()
		defer func() {
			if err, ok := recover().(*Error); ok {
				t.Skip(err)
			}
		}()
		main, err := lua.Compile(r.chunk(chunk.Stmts, chunk.concatenates), "x.lua")
		if err != nil {
			return
		}
		namesKept(t, main, r.locals, r.tags)
	})
}

func namesKept(t *testing.T, f *lua.FunctionProto, locals []*local, tags []tag) {
	t.Helper()
	if len(namedLocals(f, locals)) != len(locals) {
		t.Errorf("line %d: the compiler's variables are not the rewrite's", f.LineDefined)
	}
	for _, inner := range f.FunctionPrototypes {
		namesKept(t, inner, tags[inner.LastLineDefined-tagBase].locals, tags)
	}
}
