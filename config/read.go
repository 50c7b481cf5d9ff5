package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hookrun/hookrun/internal/suggest"
)

// readTable reads the keys of a table into the target, and reports those that do not belong there.
func (s place) readTable(in level, table map[string]any, into target) {
	keys := s.findings.keys
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if message := unknownKey(keys, in, name); message != "" {
			s.key(name).problemf("%s", message)
		}
	}
	for _, k := range keys {
		if v, ok := table[k.name]; ok && k.in&in != 0 {
			k.read(s.key(k.name), v, into)
		}
	}
}

// unknownKey says what is wrong with a key of that name in a table of the level; "" when nothing is.
func unknownKey(keys []key, in level, name string) string {
	var here []string
	var elsewhere level
	for _, k := range keys {
		switch {
		case k.name == name && k.in&in != 0:
			return ""
		case k.name == name:
			elsewhere |= k.in
		case k.in&in != 0:
			here = append(here, k.name)
		}
	}
	if elsewhere != 0 {
		return fmt.Sprintf("unknown key here: it belongs %s", elsewhere)
	}
	if i := slices.IndexFunc(keys, func(k key) bool { return name != "" && k.manila == name }); i >= 0 {
		if keys[i].in&in == 0 {
			return fmt.Sprintf("unknown key (did you mean %q, which belongs %s?)", keys[i].name, keys[i].in)
		}
		return "unknown key" + suggest.DidYouMean(keys[i].name)
	}
	return "unknown key" + suggest.Hint(name, here)
}

func readDefaults(s place, v any, into target) {
	if table, ok := tomlTable(s, v); ok {
		s.readTable(inDefaults, table, into)
	}
}

func readServices(s place, v any, into target) {
	services, ok := tomlTable(s, v)
	if !ok {
		return
	}
	into.config.Services = make(map[string]Service, len(services))
	for _, name := range slices.Sorted(maps.Keys(services)) {
		at := s.key(name)
		service, template := Service{Tick: DefaultTick}, into.hook.clone()
		if table, ok := tomlTable(at, services[name]); ok {
			at.readTable(inService, table, target{config: into.config, service: &service, hook: &template})
		}
		into.config.Services[name] = service
	}
}

// readHooks reads one hook for each element, whatever is wrong with it, so that indexes are those in the file.
func readHooks(s place, v any, into target) {
	list, ok := tomlList(v)
	if !ok {
		s.problemf("want list of tables, got %s", tomlDescription(v))
		return
	}
	for i, element := range list {
		at, hook := s.index(i), into.hook.clone()
		if table, ok := tomlTable(at, element); ok {
			at.readTable(inHook, table, target{config: into.config, service: into.service, hook: &hook})
		}
		if hook.Name == "" {
			hook.Name = scriptName(hook.Script)
		}
		into.service.Hooks = append(into.service.Hooks, hook)
	}
}

// clone returns a copy of the hook, which may be changed without changing h.
func (h *Hook) clone() Hook {
	heir := *h
	heir.Methods, heir.AllowHTTP = slices.Clone(h.Methods), slices.Clone(h.AllowHTTP)
	return heir
}
