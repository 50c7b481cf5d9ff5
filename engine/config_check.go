package engine

import (
	"path"
	"slices"

	"github.com/hookrun/hookrun/internal/suggest"
)

// validate returns every mistake that is in the values of c, wherever they come
// from, and in the folder of scripts that they name.
func (c *Config) validate() []Problem {
	f := c.newFindings()
	if len(c.Services) == 0 {
		f.root().key("services").problemf("want at least one service, got none")
	}
	folder := c.openScripts(f)
	for _, name := range sortedNames(c.Services) {
		service := c.Services[name]
		plainName(c.spot(f, name, -1, ""), name)
		c.checkKeys(f, name, -1, inService, configTarget{config: c, service: &service})
		for i := range service.Hooks {
			hook := service.Hooks[i]
			c.checkKeys(f, name, i, inHook, configTarget{config: c, service: &service, hook: &hook})
			folder.check(c.spot(f, name, i, "script"), hook.Script)
		}
		c.checkUnique(f, name, service.Hooks)
	}
	return f.problems
}

// problems returns every mistake of c as far as one service is concerned: those that LoadConfig found, or else what is wrong
// now, and what does not fit the declared methods.
func (c *Config) problems(service string, known []Method) []Problem {
	f := c.newFindings()
	if c.invalid != nil {
		f.problems = slices.Clone(c.invalid.Problems)
	} else {
		f.problems = c.validate()
	}
	for _, p := range c.checkMethods(service, known) {
		if !f.within(p.Key) {
			f.problems = append(f.problems, p)
		}
	}
	return f.problems
}

// checkKeys checks the keys of one service or hook.
func (c *Config) checkKeys(f *configFindings, service string, hook int, level keyLevel, of configTarget) {
	for _, k := range configKeys() {
		isOwn := k.in == level || level == inHook && k.in == inherited
		if isOwn && k.check != nil {
			k.check(c.spot(f, service, hook, k.name), of)
		}
	}
}

// checkUnique reports hooks that have the name of an earlier one.
func (c *Config) checkUnique(f *configFindings, service string, hooks []Hook) {
	first := map[string]configSpot{}
	for i, hook := range hooks {
		at := c.spot(f, service, i, "name")
		earlier, taken := first[hook.Name]
		switch {
		case hook.Name == "":
		case !taken:
			first[hook.Name] = at
		case earlier.line > 0:
			at.problemf("want a name of its own, got %q, which the hook on line %d has", hook.Name, earlier.line)
		default:
			at.problemf("want a name of its own, got %q, as %s", hook.Name, earlier.path)
		}
	}
}

// checkMethods returns what does not fit the methods that the Go program
// declares: globs of hooks that match no method of the service, and extra
// methods that are among the declared ones. With none declared, any name will
// do.
func (c *Config) checkMethods(service string, known []Method) []Problem {
	if len(known) == 0 {
		return nil
	}
	var names []string
	for _, method := range known {
		names = append(names, method.Name)
	}
	f := c.newFindings()
	for i, extra := range c.Services[service].ExtraMethods {
		if slices.Contains(names, extra) {
			c.spot(f, service, -1, "extra_methods").index(i).problemf("%q is a method of every service already", extra)
		}
	}
	names = append(names, c.Services[service].ExtraMethods...)
	for i, hook := range c.Services[service].Hooks {
		at := c.spot(f, service, i, "methods")
		for j, glob := range hook.Methods {
			if !matchesAny(glob, names) {
				at.index(j).problemf("no method matches %q%s", glob, suggest.Hint(glob, names))
			}
		}
	}
	return slices.Compact(sortedProblems(f.problems)) // a glob that hooks inherit is one mistake
}

func matchesAny(glob string, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		ok, err := path.Match(glob, name)
		return ok && err == nil
	})
}
