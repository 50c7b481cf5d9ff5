// Package stubs reads the Lua files that stand in for a service's host objects in dry runs and checks: stubs/cmdb.lua
// for the global cmdb.
package stubs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/suggest"
)

// Stub is one such file.
type Stub struct {
	Name string // of the global
	*sandbox.Stub
}

// Files returns the files of the stubs of a config, without running them.
func Files(cfg *config.Config) (files []luafiles.Module, problems []config.Problem) {
	if cfg.Stubs == "" {
		return nil, nil
	}
	folder := luafiles.In(cfg.FS, cfg.Stubs)
	all, err := folder.Stubs()
	if err != nil {
		return nil, []config.Problem{cfg.Problem("", -1, "stubs", unreadable(folder, cfg.Stubs, err))}
	}
	globals, err := sandbox.Globals()
	if err != nil {
		return nil, []config.Problem{problem("", err)}
	}
	for _, f := range all {
		if _, taken := globals[f.Name]; taken {
			problems = append(problems, problem(folder.Path(f.File), errTaken))
			continue
		}
		files = append(files, f)
	}
	return files, problems
}

// Load reads and runs all stubs of a config, which may require the modules of its scripts folder.
func Load(ctx context.Context, cfg *config.Config) ([]Stub, []config.Problem) {
	files, problems := Files(cfg)
	if len(files) == 0 {
		return nil, problems
	}
	folder := luafiles.In(cfg.FS, cfg.Stubs)
	lib, _ := luafiles.In(cfg.FS, cfg.Scripts).Modules() // that it cannot be read is reported where the scripts are loaded
	modules := sandbox.CompileModules(lib)
	var found []Stub
	for _, f := range files {
		s, err := load(ctx, path.Join(filepath.Base(cfg.Stubs), f.File), f, modules)
		if err != nil {
			problems = append(problems, problem(folder.Path(f.File), err))
			continue
		}
		found = append(found, Stub{f.Name, s})
	}
	return found, problems
}

var errTaken = errors.New("want a name of its own, got that of a global which every script has")

func unreadable(folder luafiles.Folder, name string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return plaintext.Line(fmt.Sprintf("there is no folder \"%s\"%s", name, suggest.Hint(filepath.Base(name), folder.Siblings())))
	}
	return plaintext.Line(fmt.Sprintf("cannot read the folder \"%s\": %v", name, err))
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

func problem(file string, err error) config.Problem {
	var at *sandbox.Error
	if errors.As(err, &at) {
		return config.Problem{File: file, Line: at.Line, Message: plaintext.Line(at.Message)}
	}
	return config.Problem{File: file, Message: plaintext.Line(err.Error())}
}
