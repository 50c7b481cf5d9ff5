package hookrun_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/hookrun/hookrun/"

// order is the direction of the imports: a package may import those after it, never one before it.
var order = []string{
	"cmd/hookrun", "cli", "tape", "share/localdir", "share", "fetch", "engine", "store", "config", "internal/coverage", "internal/profile", "internal/sandbox", "internal/lua/reflines", "internal/lua/hostlib", "internal/lua/stdlib", "internal/lua/args",
	"internal/lua/retained", "internal/lua/machine", "bridge",
}

// only names, for a dependency, the packages that may import it.
var only = map[string][]string{
	"github.com/yuin/gopher-lua": {
		"internal/coverage", "internal/profile", "internal/sandbox", "bridge", "internal/lua/args", "internal/lua/bytecode", "internal/lua/hostlib", "internal/lua/machine",
		"internal/lua/number", "internal/lua/reflines", "internal/lua/retained", "internal/lua/shorttext", "internal/lua/stdlib", "internal/lua/syntax", "internal/testkit/luatest",
	},
	"layeh.com/gopher-luar":              {"bridge"},
	"net/http":                           {"fetch", "internal/sink"},
	"github.com/BurntSushi/toml":         {"config"},
	"github.com/gofrs/flock":             {"store"},
	"go.etcd.io/bbolt":                   {"internal/sealed"},
	module + "store":                     {"cli"},
	"github.com/spf13/cobra":             {"cli"},
	"github.com/klauspost/compress/zstd": {"tape"},
	"github.com/yuin/gopher-lua/ast":     {"internal/lua/handlers", "internal/check", "internal/lua/reflines", "internal/lua/syntax"},
}

// faces are how many names a public package may export, besides methods, fields and the constants of its types.
var faces = map[string]int{"engine": 50, "config": 20, "bridge": 20, "cli": 6}

func TestPublicPackagesExportFewNames(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		most, public := faces[strings.TrimPrefix(p.ImportPath, module)]
		if !public {
			continue
		}
		seen++
		var names []string
		for _, file := range p.GoFiles {
			tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, exported(tree)...)
		}
		if len(names) > most {
			t.Errorf("%s exports %d names, want at most %d: %v", p.ImportPath, len(names), most, names)
		}
	}
	if seen != len(faces) {
		t.Errorf("found %d of %d public packages", seen, len(faces))
	}
}

// exported returns the names that a file exports, without methods, fields and the constants of its types.
func exported(file *ast.File) (names []string) {
	note := func(id *ast.Ident) {
		if id.IsExported() {
			names = append(names, id.Name)
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				note(d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if t, ok := spec.(*ast.TypeSpec); ok {
					note(t.Name)
				}
				if v, ok := spec.(*ast.ValueSpec); ok && (d.Tok == token.VAR || v.Type == nil) {
					for _, id := range v.Names {
						note(id)
					}
				}
			}
		}
	}
	return names
}

type goPackage struct {
	Dir        string
	ImportPath string
	GoFiles    []string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=Dir,ImportPath,GoFiles,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestPackagesImportInOneDirection(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		at := slices.Index(order, name)
		if at >= 0 {
			seen++
		}
		for _, imported := range p.Imports {
			if to := slices.Index(order, strings.TrimPrefix(imported, module)); at >= 0 && to >= 0 && to <= at {
				t.Errorf("%s imports %s, which comes before it in %v", name, imported, order)
			}
			if allowed, bound := only[imported]; bound && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s; want it in %v only", name, imported, allowed)
			}
		}
	}
	if seen != len(order) {
		t.Errorf("found %d of the packages %v; is the list out of date?", seen, order)
	}
}

// TestTheEngineLinksNoHTTP: a program whose hooks make no requests need not carry what makes them.
func TestTheEngineLinksNoHTTP(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"engine", module+"share").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for name := range strings.Lines(string(out)) {
		if name = strings.TrimSpace(name); name == "net/http" || name == module+"fetch" {
			t.Errorf("the engine links %s", name)
		}
	}
}
