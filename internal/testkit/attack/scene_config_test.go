package attack

import (
	"os"
	"path/filepath"
	"time"

	"github.com/hookrun/hookrun/config"
)

// config is that of the bystanders with hooks between them.
func (s *scene) config(attacks []part) (*config.Config, error) {
	var hooks []config.Hook
	add := func(h config.Hook, source string) error {
		h.Script = h.Name + ".lua"
		hooks = append(hooks, h)
		return os.WriteFile(filepath.Join(s.Folder, h.Script), []byte(source), 0o600)
	}
	bystander, err := os.ReadFile(filepath.Join("testdata", "bystander.lua"))
	if err != nil {
		return nil, err
	}
	calm := func(name string) config.Hook {
		h := config.DefaultHook(name + ".lua")
		h.Name, h.Timeout, h.Options = name, time.Minute, map[string]any{"name": name}
		return h
	}
	if err := add(calm(bystanders[0]), string(bystander)); err != nil {
		return nil, err
	}
	for _, p := range attacks {
		if err := add(s.hook(p), s.script.hookSource(p, s.Where)); err != nil {
			return nil, err
		}
	}
	if err := add(calm(bystanders[1]), string(bystander)); err != nil {
		return nil, err
	}
	cfg := &config.Config{Scripts: s.Folder, Services: map[string]config.Service{"attacked": {Host: "storage-1", Hooks: hooks}}}
	if s.script.acts {
		configureEffects(cfg)
	}
	return cfg, nil
}

func (s *scene) hook(p part) config.Hook {
	h := config.DefaultHook(p.name + ".lua")
	h.Name, h.Methods = p.name, []string{"attack"}
	h.Timeout, h.MaxMemory, h.MaxInstructions = s.Timeout, s.Memory, 1_000_000_000
	h.SuppressPreErrors, h.SuppressPostErrors, h.SuppressPeriodicErrors = true, true, true
	h.ChangeArgs = s.script.changeArgs
	if s.script.acts {
		h.AllowHTTP, h.AllowHTTPWrites, h.MaxHTTP = []string{"remote.example.org"}, true, 1000
	}
	h.Options = map[string]any{"name": p.name, "list": []any{1, 2, 3}, "table": map[string]any{"a": map[string]any{"b": "c"}}}
	return h
}
