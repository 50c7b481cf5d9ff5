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
	inStore
	inSink
	inRecord
	inDefaults
	inService
	inHook

	inherited = inDefaults | inService | inHook
)

// String says where keys of the level belong.
func (l level) String() string {
	var names []string
	for i, name := range []string{"at the top of the file", "in [store]", "in a sink", "in [record]", "in [defaults]", "in a service", "in a hook"} {
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
	sink    *Sink
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
	return slices.Concat(fileKeys(), storeKeys(), sinkKeys(), recordKeys(), inheritedKeys(), serviceKeys(), hookKeys())
}

func fileKeys() []key {
	return []key{
		valueKey("scripts", inFile, "", tomlString, notEmpty,
			func(t target) *string { return &t.config.Scripts }),
		valueKey("stubs", inFile, "", tomlString, notEmpty,
			func(t target) *string { return &t.config.Stubs }),
		{name: "store", in: inFile, read: readStore},
		{name: "sinks", in: inFile, read: readSinks},
		{name: "record", in: inFile, read: readRecord},
		{name: "defaults", in: inFile, read: readDefaults},
		{name: "services", in: inFile, read: readServices},
	}
}

func storeKeys() []key {
	return []key{
		valueKey("path", inStore, "", tomlString, aFile,
			func(t target) *string { return &t.config.Store.Path }),
		valueKey("max_outbox", inStore, "", tomlInteger[int], positive[int]("integer"),
			func(t target) *int { return &t.config.Store.MaxOutbox }),
		valueKey("keep", inStore, "", tomlDuration, notNegative[time.Duration]("duration"),
			func(t target) *time.Duration { return &t.config.Store.Keep }),
		valueKey("sync", inStore, "", tomlBoolean, anyValue,
			func(t target) *bool { return &t.config.Store.Sync }),
	}
}

func sinkKeys() []key {
	return []key{
		valueKey("type", inSink, "", tomlString, sinkType,
			func(t target) *string { return &t.sink.Type }),
		valueKey("events", inSink, "", tomlStrings, eventGlobs,
			func(t target) *[]string { return &t.sink.Events }),
		valueKey("timeout", inSink, "", tomlDuration, positive[time.Duration]("duration"),
			func(t target) *time.Duration { return &t.sink.Timeout }),
		valueKey("concurrency", inSink, "", tomlInteger[int], upTo(maxConcurrency),
			func(t target) *int { return &t.sink.Concurrency }),

		typeKey("url", webhookSink, tomlString, notEmpty, webhookURL, func(s *Sink) *string { return &s.URL }),
		typeKey("secret", webhookSink, tomlSecret, notEmpty, signingKey, func(s *Sink) *string { return &s.Secret }),
		typeKey("path", fileSink, tomlString, notEmpty, aFile, func(s *Sink) *string { return &s.Path }),
		typeKey("max_size", fileSink, tomlSize, positive[int64]("size in bytes"), positive[int64]("size in bytes"),
			func(s *Sink) *int64 { return &s.MaxSize }),
	}
}

func inheritedKeys() []key {
	return []key{
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
		valueKey("concurrent", inherited, "", tomlInteger[int], upTo(MaxConcurrent),
			func(t target) *int { return &t.hook.Concurrent }),
		valueKey("max_state", inherited, "", tomlSize, positive[int64]("size in bytes"),
			func(t target) *int64 { return &t.hook.MaxState }),
		valueKey("allow_http", inherited, "", tomlStrings, hosts,
			func(t target) *[]string { return &t.hook.AllowHTTP }),
		hookSwitch("allow_http_writes", "", func(h *Hook) *bool { return &h.AllowHTTPWrites }),
		valueKey("max_http", inherited, "", tomlInteger[int], positive[int]("integer"),
			func(t target) *int { return &t.hook.MaxHTTP }),
	}
}

func serviceKeys() []key {
	return []key{
		valueKey("tick", inService, "periodic_hooks_interval", tomlDuration, tickLength,
			func(t target) *time.Duration { return &t.service.Tick }),
		valueKey("host", inService, "", tomlString, anyValue,
			func(t target) *string { return &t.service.Host }),
		valueKey("extra_methods", inService, "", tomlStrings, methodNames,
			func(t target) *[]string { return &t.service.ExtraMethods }),
		{name: "hooks", in: inService, manila: "hook_drivers", read: readHooks},
	}
}

func hookKeys() []key {
	return []key{
		// A hook without a script has no name to take from it: reporting the missing script is enough.
		nameKey("name", func(h *Hook) *string { return &h.Name }, func(h *Hook) bool { return h.Script == "" }),
		nameKey("state", func(h *Hook) *string { return &h.State }, func(*Hook) bool { return true }),
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

// nameKey is a key of a hook that holds a name. The name may be missing where optional says so.
func nameKey(name string, field func(*Hook) *string, optional func(*Hook) bool) key {
	key := valueKey(name, inHook, "", tomlString, plainName,
		func(t target) *string { return field(t.hook) })
	key.check = func(s place, of target) {
		if v := *field(of.hook); v != "" || !optional(of.hook) {
			plainName(s, v)
		}
	}
	return key
}

// typeKey is a key of sinks of one type. The other built-in types must not have it; those of a program may, and what it
// means for them is theirs to say. Given says whether a value will do that stands in the file, and check whether one
// will do for the type.
func typeKey[T comparable](name, sinkType string, parse func(place, any) (T, bool), given, check func(place, T) bool, field func(*Sink) *T) key {
	key := valueKey(name, inSink, "", parse, given, func(t target) *T { return field(t.sink) })
	key.check = func(s place, of target) {
		zero, unset, v := Sink{}, DefaultSink(of.sink.Type), *field(of.sink)
		switch {
		case of.sink.Type == sinkType:
			check(s, v)
		case slices.Contains(sinkTypes, of.sink.Type) && (s.stands() || v != *field(&zero) && v != *field(&unset)):
			s.problemf("want no %s in a sink of type %q: it goes with type %q", name, of.sink.Type, sinkType)
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
