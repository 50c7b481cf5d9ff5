package editor_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/internal/editor"
)

// comments are collected from Go sources.
type comments editor.Docs

// readDocs reads the comments of the Go packages in the folders.
func readDocs(folders ...string) (editor.Docs, error) {
	d := comments{Types: map[string]string{}, Fields: map[string]string{}, Methods: map[string]string{}}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return editor.Docs{}, err
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return editor.Docs{}, err
			}
			d.addFile(f)
		}
	}
	return editor.Docs(d), nil
}

func (d *comments) addFile(f *ast.File) {
	for _, decl := range f.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			if ts, ok := spec.(*ast.TypeSpec); ok {
				d.addType(f.Name.Name+"."+ts.Name.Name, ts, cmp.Or(ts.Doc, gen.Doc).Text())
			}
		}
	}
}

func (d *comments) addType(key string, ts *ast.TypeSpec, doc string) {
	switch t := ts.Type.(type) {
	case *ast.StructType:
		named := fieldNames(t)
		delete(named, ts.Name.Name) // which is the subject of the type's own comment
		d.Types[key] = withoutSubject(ts.Name.Name, inLua(doc, named))
		for _, f := range t.Fields.List {
			text := cmp.Or(f.Comment.Text(), f.Doc.Text())
			for _, name := range f.Names {
				d.Fields[key+"."+luaName(name.Name, f.Tag)] = inLua(text, named)
			}
		}
	case *ast.InterfaceType:
		for _, m := range t.Methods.List {
			for _, name := range m.Names {
				d.Methods[key+"."+name.Name] = inLua(m.Doc.Text(), map[string]string{name.Name: snakeCase(name.Name)})
			}
		}
	}
}

// fieldNames maps the Go names of a struct's fields to those in Lua.
func fieldNames(t *ast.StructType) map[string]string {
	names := map[string]string{}
	for _, f := range t.Fields.List {
		for _, name := range f.Names {
			names[name.Name] = luaName(name.Name, f.Tag)
		}
	}
	return names
}

// luaName returns the name that scripts use for a field: its lua tag, or else its json tag, or else its Go name.
func luaName(name string, tag *ast.BasicLit) string {
	if tag == nil {
		return name
	}
	text, err := strconv.Unquote(tag.Value)
	if err != nil {
		return name
	}
	for _, key := range []string{"lua", "json"} {
		if first, _, _ := strings.Cut(reflect.StructTag(text).Get(key), ","); first != "" {
			return first
		}
	}
	return name
}

var (
	identifier = regexp.MustCompile(`\b(args\.)?[A-Z][A-Za-z]*\b`)
	docLink    = regexp.MustCompile(`\[([A-Za-z.]+)\]`)
)

// inLua puts a comment into the words of scripts, on one line.
func inLua(text string, named map[string]string) string {
	text = docLink.ReplaceAllString(strings.Join(strings.Fields(text), " "), "$1")
	return identifier.ReplaceAllStringFunc(text, func(word string) string {
		if field, ok := strings.CutPrefix(word, "args."); ok {
			return "args." + snakeCase(field)
		}
		if name, ok := named[word]; ok {
			return name
		}
		return word
	})
}

// withoutSubject drops the Go name that a comment begins with: "Share is a file share" says "A file share".
func withoutSubject(name, text string) string {
	for _, verb := range []string{" is ", " are "} {
		if rest, ok := strings.CutPrefix(text, name+verb); ok {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return text
}

// snakeCase writes a Go name as the names of methods and args are written: CreateSnapshot as create_snapshot.
func snakeCase(name string) string {
	var b strings.Builder
	for i, c := range name {
		if 'A' <= c && c <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}
