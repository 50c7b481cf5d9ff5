package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hookrun/hookrun/config"
)

func (w *testWorld) addHook(_ context.Context, args []any) (any, error) {
	file, err := arg[string](args, 0, "hook: want the path of a script", false)
	if err != nil {
		return nil, err
	}
	settings, err := arg[map[string]any](args, 1, "hook: want a table of settings", true)
	if err != nil {
		return nil, err
	}
	if w.cfg != nil {
		return nil, errors.New("hook: the hooks are those of the config")
	}
	script, err := w.site.scriptAt(file)
	if err != nil {
		return nil, fmt.Errorf("hook: %w", err)
	}
	hook, err := config.DefaultHook(script).With(settings)
	if err != nil {
		return nil, fmt.Errorf("hook: %w", err)
	}
	w.hooks = append(w.hooks, hook)
	return nil, nil
}

func (w *testWorld) setOptions(_ context.Context, args []any) (any, error) {
	options, err := arg[map[string]any](args, 0, "options: want a table with names as keys", false)
	if err == nil && w.cfg != nil {
		err = errors.New("options: they are those of the config")
	}
	w.options = options
	return nil, err
}

func (w *testWorld) setConfig(_ context.Context, args []any) (any, error) {
	path, err := arg[string](args, 0, "config: want the path of a config", false)
	if err != nil {
		return nil, err
	}
	service, err := arg[string](args, 1, "config: want the name of a service", true)
	if err != nil {
		return nil, err
	}
	if len(w.hooks) > 0 || w.options != nil {
		return nil, errors.New("config: want it, or hooks and options of the test's own, got both")
	}
	cfg, err := config.Load(w.site.path(path))
	if err != nil {
		return nil, err
	}
	w.service, err = (&selection{service: service}).pick(cfg, "")
	w.cfg = cfg
	return nil, err
}

func (w *testWorld) setService(_ context.Context, args []any) (any, error) {
	name, err := arg[string](args, 0, "service: want a name", false)
	if err != nil {
		return nil, err
	}
	if w.cfg != nil {
		return nil, errors.New("service: it is that of the config")
	}
	w.service = name
	w.host, err = arg[string](args, 1, "service: want the name of a host", true)
	return nil, err
}

func (w *testWorld) addStub(_ context.Context, args []any) (any, error) {
	name, _ := args[0].(string)
	list, _ := args[1].([]any)
	var methods []string
	for _, m := range list {
		method, _ := m.(string)
		methods = append(methods, method)
	}
	if w.eng != nil && !slices.Equal(w.stubs[name], methods) {
		return nil, errors.New("stub: the hooks are loaded: want the methods that it had before")
	}
	w.stubs[name] = methods
	return nil, nil
}

func (w *testWorld) answer(_ context.Context, args []any) (any, error) {
	method, err := arg[string](args, 0, "http: want a method such as \"GET\"", false)
	if err != nil {
		return nil, err
	}
	url, err := arg[string](args, 1, "http: want a URL", false)
	if err != nil {
		return nil, err
	}
	answer, err := arg[map[string]any](args, 2, "http: want a table such as { status = 200 }", true)
	if err != nil {
		return nil, err
	}
	entry := maps.Clone(answer)
	if entry == nil {
		entry = map[string]any{}
	}
	if method != "*" {
		entry["method"] = method
	}
	entry["url"] = url
	if err := w.answers.First(entry); err != nil {
		return nil, fmt.Errorf("http: %w", err)
	}
	return nil, nil
}
