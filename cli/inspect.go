package cli

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/check"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/sandbox"
	"github.com/hookrun/hookrun/internal/stubs"
)

// inspection collects what is wrong with a config and its scripts.
type inspection struct {
	selection *selection
	cfg       *config.Config
	config    *config.Error // what is wrong with the config; nil for nothing
	problems  []config.Problem

	services, hooks int // looked at
	logs            loadLogs
	modules         map[string]check.Module
}

// service looks into one service: first at the sources of its scripts, then at what happens when they are loaded.
func (in *inspection) service(name string) error {
	hooks := in.cfg.Services[name].Hooks
	in.services++
	in.hooks += len(hooks)
	globals, err := sandbox.Globals()
	if err != nil {
		return err
	}
	schema := check.Schema{
		Globals:   globals,
		Removed:   sandbox.Removed(),
		Libraries: sandbox.Libraries(),
		Methods:   in.selection.methodsOf(in.cfg, name),
		Share:     in.selection.program.Shares,
		Modules:   in.libModules(),
	}
	found, _ := stubs.Load(context.Background(), in.cfg) // mistakes are reported when the service is loaded
	for _, s := range found {
		schema.Globals[s.Name] = s.Methods()
	}
	for name, o := range in.selection.program.Objects {
		schema.Globals[name] = o.Methods
	}
	var scripts []string
	for _, h := range hooks {
		if !slices.Contains(scripts, h.Script) && filepath.IsLocal(filepath.FromSlash(h.Script)) {
			scripts = append(scripts, h.Script)
		}
	}
	for _, script := range scripts {
		if source, err := in.folder().Read(script); err == nil { // a missing script is reported with the config
			in.problems = append(in.problems, check.Check(in.folder().Path(script), []byte(source), schema)...)
		}
	}
	return in.load(name)
}

// load adds the problems that loading the service finds, except on lines of scripts that already have one: it would say
// the same in other words.
func (in *inspection) load(service string) error {
	eng, err := in.selection.newEngine(in.cfg, service, &in.logs)
	var invalid *config.Error
	switch {
	case err == nil:
		if in.cfg.Path != "" { // scripts named on the command line may be modules
			in.problems = append(in.problems, eng.Warnings()...)
		}
		return eng.Close()
	case !errors.As(err, &invalid):
		return err
	case invalid == in.config:
		return nil // it is reported already
	}
	for _, p := range invalid.Problems {
		if p.File == in.cfg.Path || !in.knowsLine(p) {
			in.problems = append(in.problems, p)
		}
	}
	return nil
}

func (in *inspection) knowsLine(p config.Problem) bool {
	return p.Line > 0 && slices.ContainsFunc(in.problems, func(known config.Problem) bool {
		return known.File == p.File && known.Line == p.Line
	})
}

func (in *inspection) folder() luafiles.Folder { return luafiles.In(in.cfg.FS, in.cfg.Scripts) }

// libModules reads the modules that scripts may require, and notes what is broken in them. A service works without a
// broken module until a script requires it.
func (in *inspection) libModules() map[string]check.Module {
	if in.modules != nil {
		return in.modules
	}
	in.modules = map[string]check.Module{}
	found, _ := in.folder().Modules() // an unreadable lib is reported when the scripts are loaded
	for _, m := range found {
		file := in.folder().Path(m.File)
		in.modules[m.Name] = check.Module{File: file, Source: []byte(m.Source), Err: m.Err}
		in.problems = append(in.problems, check.Broken(in.modules[m.Name])...)
	}
	return in.modules
}
