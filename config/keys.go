package config

import (
	"slices"
	"strings"
	"time"
)

// level is the set of tables of the config file where a key may stand.
type level int

const (
	inFile level = 1 << iota
	inDefaults
	inService
	inHook

	inherited = inDefaults | inService | inHook
)

// String says where keys of the level belong.
func (l level) String() string {
	var names []string
	for i, name := range []string{"at the top of the file", "in [defaults]", "in a service", "in a hook"} {
		if l&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// target is what the keys of a table are read into. For a service, hook is the template of its hooks.
type target struct {
	config  *Config
	service *Service
	hook    *Hook
}

// key is a key of the config file.
type key struct {
	name   string
	in     level
	manila string // the option of Manila that does this, "" for none

	// read sets the key in the target from a value of the file, unless something is wrong with the value.
	read func(s place, v any, into target)
	// check reports what is wrong with the value in the target, wherever it comes from.
	check func(s place, of target)
}

// allKeys makes every key that a config file may hold, in the order in which the keys of a table are read: keys that
// hooks inherit come before the tables that inherit them. Each findings keeps its own.
func allKeys() []key {
	return []key{
		valueKey("scripts", inFile, "", tomlString, notEmpty,
			func(t target) *string { return &t.config.Scripts }),
		valueKey("stubs", inFile, "", tomlString, notEmpty,
			func(t target) *string { return &t.config.Stubs }),
		{name: "defaults", in: inFile, read: readDefaults},
		{name: "services", in: inFile, read: readServices},

		hookSwitch("enabled", "", func(h *Hook) *bool { return &h.Enabled }),
		hookSwitch("enable_pre", "enable_pre_hooks", func(h *Hook) *bool { return &h.EnablePre }),
		hookSwitch("enable_post", "enable_post_hooks", func(h *Hook) *bool { return &h.EnablePost }),
		hookSwitch("enable_finally", "", func(h *Hook) *bool { return &h.EnableFinally }),
		hookSwitch("enable_periodic", "enable_periodic_hooks", func(h *Hook) *bool { return &h.EnablePeriodic }),
		hookSwitch("suppress_pre_errors", "suppress_pre_hooks_errors",
			func(h *Hook) *bool { return &h.SuppressPreErrors }),
		hookSwitch("suppress_post_errors", "suppress_post_hooks_errors",
			func(h *Hook) *bool { return &h.SuppressPostErrors }),
		hookSwitch("suppress_periodic_errors", "",
			func(h *Hook) *bool { return &h.SuppressPeriodicErrors }),
		hookSwitch("change_args", "", func(h *Hook) *bool { return &h.ChangeArgs }),
		valueKey("methods", inherited, "", tomlStrings, globs,
			func(t target) *[]string { return &t.hook.Methods }),
		valueKey("periodic_every", inherited, "", tomlInteger[int], positive[int]("integer"),
			func(t target) *int { return &t.hook.PeriodicEvery }),
		valueKey("timeout", inherited, "", tomlDuration, positive[time.Duration]("duration"),
			func(t target) *time.Duration { return &t.hook.Timeout }),
		valueKey("max_instructions", inherited, "", tomlInteger[int64], positive[int64]("integer"),
			func(t target) *int64 { return &t.hook.MaxInstructions }),
		valueKey("max_memory", inherited, "", tomlSize, positive[int64]("size in bytes"),
			func(t target) *int64 { return &t.hook.MaxMemory }),
		valueKey("concurrent", inherited, "", tomlInteger[int], fewRuns,
			func(t target) *int { return &t.hook.Concurrent }),

		valueKey("tick", inService, "periodic_hooks_interval", tomlDuration, tickLength,
			func(t target) *time.Duration { return &t.service.Tick }),
		valueKey("host", inService, "", tomlString, anyValue,
			func(t target) *string { return &t.service.Host }),
		valueKey("extra_methods", inService, "", tomlStrings, methodNames,
			func(t target) *[]string { return &t.service.ExtraMethods }),
		{name: "hooks", in: inService, manila: "hook_drivers", read: readHooks},

		hookName(),
		valueKey("script", inHook, "", tomlString, scriptPath,
			func(t target) *string { return &t.hook.Script }),
		valueKey("options", inHook, "", tomlOptions, anyValue,
			func(t target) *map[string]any { return &t.hook.Options }),
	}
}

// valueKey is a key that holds a value rather than more keys: parse makes a T from what the file holds, and check says
// whether that will do. Both report what is wrong.
func valueKey[T any](name string, in level, manila string,
	parse func(place, any) (T, bool), check func(place, T) bool,
	field func(target) *T,
) key {
	return key{
		name: name, in: in, manila: manila,
		read: func(s place, v any, into target) {
			parsed, ok := parse(s, v)
			if check(s, parsed) && ok { // checked even if not ok: other elements of a list may be wrong as well
				*field(into) = parsed
			}
		},
		check: func(s place, of target) { check(s, *field(of)) },
	}
}

func hookSwitch(name, manila string, field func(*Hook) *bool) key {
	return valueKey(name, inherited, manila, tomlBoolean, anyValue,
		func(t target) *bool { return field(t.hook) })
}

func hookName() key {
	key := valueKey("name", inHook, "", tomlString, plainName,
		func(t target) *string { return &t.hook.Name })
	key.check = func(s place, of target) {
		// A hook without a script has no name to take from it: reporting the missing script is enough.
		if of.hook.Name != "" || of.hook.Script != "" {
			plainName(s, of.hook.Name)
		}
	}
	return key
}

// isInherited reports whether hooks inherit the key from their service and from [defaults].
func (f *findings) isInherited(name string) bool {
	return slices.ContainsFunc(f.keys, func(k key) bool {
		return k.name == name && k.in == inherited
	})
}
