// Package stubs reads the Lua files that stand in for a service's host objects in dry runs and checks: stubs/cmdb.lua for the global
// cmdb.
package stubs

import (
	"context"
	"errors"
	"path"
	"path/filepath"

	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/sandbox"
)

// Stub is a file.
type Stub struct {
	Name string // of the global
	*sandbox.Stub
}

// Mistake is why a file is no stub.
type Mistake struct {
	File    string
	Line    int // 0 where unknown
	Message string
}

// Load reads all stubs of a folder, which may require the modules of the scripts folder. The error is that the folder itself cannot
// be read.
func Load(ctx context.Context, folder, scripts string) ([]Stub, []Mistake, error) {
	files, err := luafiles.Stubs(folder)
	if err != nil {
		return nil, nil, err
	}
	modules := compiled(scripts)
	var found []Stub
	var mistakes []Mistake
	for _, f := range files {
		s, err := load(ctx, path.Join(filepath.Base(folder), f.File), f, modules)
		if err != nil {
			mistakes = append(mistakes, mistake(luafiles.Path(folder, f.File), err))
			continue
		}
		found = append(found, Stub{f.Name, s})
	}
	return found, mistakes, nil
}

func load(ctx context.Context, name string, f luafiles.Module, modules map[string]*sandbox.Program) (*sandbox.Stub, error) {
	if f.Err != nil {
		return nil, f.Err
	}
	p, err := sandbox.Compile(name, f.Source)
	if err != nil {
		return nil, err
	}
	return sandbox.NewStub(ctx, p, modules)
}

// compiled are the modules. What is wrong with them is told of the scripts that require them.
func compiled(scripts string) map[string]*sandbox.Program {
	found, _ := luafiles.Modules(scripts)
	modules := map[string]*sandbox.Program{}
	for _, m := range found {
		var p *sandbox.Program
		err := m.Err
		if err == nil {
			p, err = sandbox.Compile(m.File, m.Source)
		}
		if err != nil {
			p = sandbox.Broken(m.File, err)
		}
		modules[m.Name] = p
	}
	return modules
}

func mistake(file string, err error) Mistake {
	var at *sandbox.Error
	if errors.As(err, &at) {
		return Mistake{file, at.Line, at.Message}
	}
	return Mistake{file, 0, err.Error()}
}
