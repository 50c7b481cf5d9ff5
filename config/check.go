package config

import (
	"maps"
	"slices"
	"strconv"

	"github.com/hookrun/hookrun/internal/glob"
	"github.com/hookrun/hookrun/internal/suggest"
	"github.com/hookrun/hookrun/internal/tomlpos"
)

// validate returns every mistake that is in the values of c, wherever they come
// from, and in the folder of scripts that they name.
func (c *Config) validate() []Problem {
	f := c.newFindings()
	if len(c.Services) == 0 {
		f.root().key("services").problemf("want at least one service, got none")
	}
	c.checkStore(f)
	c.checkSinks(f)
	c.checkRecord(f)
	folder := c.openScripts(f)
	for _, name := range slices.Sorted(maps.Keys(c.Services)) {
		c.checkService(f, name, folder)
	}
	return f.problems
}

// Check returns every mistake of c that concerns one service: those that [Load] found in the service or in no service
// at all or, where Load found none anywhere, what is wrong with the service, the folder of scripts, the store, the
// sinks and the tape as they are in c; and what does not fit the names of the methods that the program declares. It
// does not look at the other services, which have engines of their own.
func (c *Config) Check(service string, methods []string) []Problem {
	f := c.newFindings()
	if c.invalid != nil {
		f.add(c.mistakes[""]...)
		f.add(c.mistakes[service]...)
	} else {
		c.checkStore(f)
		c.checkSinks(f)
		c.checkRecord(f)
		c.checkService(f, service, c.openScripts(f))
	}
	f.addOthers(c.checkMethods(service, methods))
	return c.masked(append(f.problems, checkDeclared(methods)...))
}

// checkDeclared returns what is wrong with the names of the methods that the program declares.
func checkDeclared(methods []string) (problems []Problem) {
	for i, name := range methods {
		if mistake := methodNameMistake(name, methods[:i]); mistake != "" {
			problems = append(problems, Problem{Key: "Options.Methods", Message: "method " + strconv.Itoa(i+1) + ": " + mistake})
		}
	}
	return problems
}

// byService sorts mistakes by the service that they are of; those of no service are under "".
func (c *Config) byService(invalid *Error) map[string][]Problem {
	if invalid == nil {
		return nil
	}
	names := map[tomlpos.Path]string{}
	for name := range c.Services {
		names[tomlpos.Path("services").Key(name)] = name
	}
	mistakes := map[string][]Problem{}
	for _, p := range invalid.Problems {
		service := ""
		for holder := range tomlpos.Path(p.Key).Holders() {
			if name, ok := names[holder]; ok {
				service = name
			}
		}
		mistakes[service] = append(mistakes[service], p)
	}
	return mistakes
}

func (c *Config) checkService(f *findings, name string, folder *scriptFolder) {
	service := c.Services[name]
	at := f.section(name, -1)
	plainName(at.place, name)
	at.checkKeys(inService, target{config: c, service: &service})
	for i := range service.Hooks {
		hook, at := service.Hooks[i], f.section(name, i)
		at.checkKeys(inHook, target{config: c, service: &service, hook: &hook})
		folder.check(at.spot("script"), hook.Script)
	}
	f.checkUnique(name, service.Hooks)
}

// checkKeys checks the keys of one service or hook.
func (p section) checkKeys(in level, of target) {
	for _, k := range p.findings.keys {
		isOwn := k.in == in || in == inHook && k.in == inherited
		if isOwn && k.check != nil {
			k.check(p.spot(k.name), of)
		}
	}
}

// checkUnique reports hooks that have the name of an earlier one.
func (f *findings) checkUnique(service string, hooks []Hook) {
	first, line := map[string]int{}, map[string]int{} // where each name comes first
	for i, hook := range hooks {
		at := f.section(service, i).spot("name")
		earlier, taken := first[hook.Name]
		switch {
		case hook.Name == "":
		case !taken:
			first[hook.Name], line[hook.Name] = i, at.line
		case line[hook.Name] > 0:
			at.problemf("want a name of its own, got %q, which the hook on line %d has", hook.Name, line[hook.Name])
		default:
			at.problemf("want a name of its own, got %q, which hook %d has", hook.Name, earlier+1)
		}
	}
}

// checkMethods returns what does not fit the methods that the Go program declares: globs of hooks that match no method
// of the service, and extra methods that are declared already. If none are declared, any name will do.
func (c *Config) checkMethods(service string, declared []string) []Problem {
	if len(declared) == 0 {
		return nil
	}
	f := c.newFindings()
	for i, extra := range c.Services[service].ExtraMethods {
		if slices.Contains(declared, extra) {
			f.section(service, -1).spot("extra_methods").index(i).problemf("%q is a method of every service already", extra)
		}
	}
	names := slices.Concat(declared, c.Services[service].ExtraMethods)
	for i, hook := range c.Services[service].Hooks {
		at := f.section(service, i).spot("methods")
		for j, pattern := range hook.Methods {
			if !slices.ContainsFunc(names, func(name string) bool { return glob.Match(pattern, name) }) {
				at.index(j).problemf("no method matches %q%s", pattern, suggest.Hint(pattern, names))
			}
		}
	}
	return slices.Compact(sortedProblems(f.problems)) // a glob that several hooks inherit is one mistake
}
