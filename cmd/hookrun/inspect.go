package main

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/lint"
	"github.com/hookrun/hookrun/internal/luafiles"
	"github.com/hookrun/hookrun/internal/stubs"
	"github.com/hookrun/hookrun/sandbox"
	"github.com/hookrun/hookrun/share"
)

// inspection collects what is wrong with a config and its scripts.
type inspection struct {
	cfg      *engine.Config
	config   *engine.ConfigError // what is wrong with the config; nil for nothing
	problems []engine.Problem

	services, hooks int // looked at
	logs            loadLogs
	modules         map[string]lint.Module
}

// service looks into one service: first at the texts of its scripts, then at what happens when they are loaded.
func (in *inspection) service(name string) error {
	hooks := in.cfg.Services[name].Hooks
	in.services++
	in.hooks += len(hooks)
	schema := lint.Schema{
		Globals:   sandbox.Globals(),
		Removed:   sandbox.Removed(),
		Libraries: sandbox.Libraries(),
		Methods:   methodsOf(in.cfg, name),
		Share:     reflect.TypeFor[share.Share](),
		Modules:   in.libModules(),
	}
	if in.cfg.Stubs != "" {
		found, _, _ := stubs.Load(context.Background(), in.cfg.Stubs, in.cfg.Scripts) // mistakes are told when the service is loaded
		for _, s := range found {
			schema.Globals[s.Name] = s.Methods()
		}
	}
	var scripts []string
	for _, h := range hooks {
		if !slices.Contains(scripts, h.Script) && filepath.IsLocal(filepath.FromSlash(h.Script)) {
			scripts = append(scripts, h.Script)
		}
	}
	for _, script := range scripts {
		file := filepath.Join(in.cfg.Scripts, filepath.FromSlash(script))
		if source, err := luafiles.Read(in.cfg.Scripts, script); err == nil { // that it is missing is known from the config
			in.problems = append(in.problems, lint.Check(file, []byte(source), schema)...)
		}
	}
	return in.load(name)
}

// load adds what loading the service finds. A line of a script that has a problem already is not told twice in other words.
func (in *inspection) load(service string) error {
	eng, err := newEngine(in.cfg, service, &in.logs)
	var invalid *engine.ConfigError
	switch {
	case err == nil:
		if in.cfg.Path != "" { // scripts named on the command line may be modules
			in.problems = append(in.problems, eng.Warnings()...)
		}
		return eng.Close()
	case !errors.As(err, &invalid):
		return err
	case invalid == in.config:
		return nil // it is told already
	}
	for _, p := range invalid.Problems {
		if p.File == in.cfg.Path || !in.knowsLine(p) {
			in.problems = append(in.problems, p)
		}
	}
	return nil
}

func (in *inspection) knowsLine(p engine.Problem) bool {
	return p.Line > 0 && slices.ContainsFunc(in.problems, func(known engine.Problem) bool {
		return known.File == p.File && known.Line == p.Line
	})
}

// libModules reads what scripts may require, and notes what is broken of it, which a service does without until a script asks.
func (in *inspection) libModules() map[string]lint.Module {
	if in.modules != nil {
		return in.modules
	}
	in.modules = map[string]lint.Module{}
	found, _ := luafiles.Modules(in.cfg.Scripts) // that lib cannot be read is told when the scripts are loaded
	for _, m := range found {
		file := luafiles.Path(in.cfg.Scripts, m.File)
		in.modules[m.Name] = lint.Module{File: file, Source: []byte(m.Source), Err: m.Err}
		in.problems = append(in.problems, lint.Broken(in.modules[m.Name])...)
	}
	return in.modules
}
