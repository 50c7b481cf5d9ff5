package config

import (
	"errors"
	"maps"
	"strings"
)

// With returns the hook with settings by their TOML keys: what a hook's table in a file may hold, as string, int64,
// float64, bool, []any and map[string]any. An empty map stands for an empty list as well. Options are taken as they
// are. The error names each setting that will not do.
func (h Hook) With(settings map[string]any) (Hook, error) {
	hook, table := h.clone(), maps.Clone(settings)
	delete(table, "options")
	for name, v := range table {
		if empty, ok := v.(map[string]any); ok && len(empty) == 0 {
			table[name] = []any{}
		}
	}
	c := &Config{}
	f := c.newFindings()
	f.root().readTable(inHook, table, target{config: c, hook: &hook})
	if options, ok := settings["options"].(map[string]any); ok {
		hook.Options = options
	} else if settings["options"] != nil {
		f.root().key("options").problemf("want table, got %s", tomlDescription(settings["options"]))
	}
	if len(f.problems) == 0 {
		return hook, nil
	}
	var texts []string
	for _, p := range sortedProblems(f.problems) {
		texts = append(texts, p.Where()+": "+p.Message)
	}
	return h, errors.New(strings.Join(texts, "; "))
}
