package config

import (
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/abspath"
	"github.com/hookrun/hookrun/internal/standardwebhooks"
	"github.com/hookrun/hookrun/internal/suggest"
)

// The types of sinks that every program has.
const (
	webhookSink = "webhook"
	fileSink    = "file"
	logSink     = "log"
)

var sinkTypes = []string{webhookSink, fileSink, logSink}

// maxConcurrency is for how many subjects a sink may get events side by side.
const maxConcurrency = 64

func readStore(s place, v any, into target) {
	if table, ok := tomlTable(s, v); ok {
		s.readTable(inStore, table, into)
	}
	if store := &into.config.Store; store.Path != "" {
		store.Path = into.config.written(store.Path)
	}
}

func readSinks(s place, v any, into target) {
	sinks, ok := tomlTable(s, v)
	if !ok {
		return
	}
	c := into.config
	c.Sinks = make(map[string]Sink, len(sinks))
	for _, name := range slices.Sorted(maps.Keys(sinks)) {
		at, sink := s.key(name), DefaultSink("")
		if table, ok := tomlTable(at, sinks[name]); ok {
			table = at.substituted(table).(map[string]any)
			at.readTable(inSink, table, target{config: c, sink: &sink})
		}
		if sink.Path != "" {
			sink.Path = c.written(sink.Path)
		}
		if !s.findings.within(at.key("secret").path) { // what does not resolve is no secret, and its message should show it
			c.hide(sink.Secret)
			for _, key := range strings.Fields(sink.Secret) {
				if strings.HasPrefix(key, standardwebhooks.KeyPrefix) { // one of several
					c.hide(key)
				}
			}
		}
		c.Sinks[name] = sink
	}
}

// checkStore reports what is wrong with the store, if there is one.
func (c *Config) checkStore(f *findings) {
	at := section{place: f.root().key("store")}
	if c.Store.Path != "" || at.stands() {
		at.checkKeys(inStore, target{config: c})
	}
}

func (c *Config) checkSinks(f *findings) {
	for _, name := range slices.Sorted(maps.Keys(c.Sinks)) {
		sink, at := c.Sinks[name], section{place: f.sink(name)}
		plainName(at.place, name)
		at.checkKeys(inSink, target{config: c, sink: &sink})
	}
	c.checkPaths(f)
}

// checkPaths reports tapes and file sinks that would write to a file that the store, the tape or an earlier sink has.
func (c *Config) checkPaths(f *findings) {
	owners := map[string]string{}
	if c.Store.Path != "" {
		owners[abspath.Resolved(c.Store.Path)] = "the store"
	}
	if path := c.Record.Path; path != "" {
		file := abspath.Resolved(path)
		if owner := owners[file]; owner != "" {
			f.root().key("record").key("path").problemf("want a file of its own, got %q, which %s has", filepath.Clean(path), owner)
		}
		owners[file] = "[record]"
	}
	for _, name := range slices.Sorted(maps.Keys(c.Sinks)) {
		sink := c.Sinks[name]
		if sink.Type != fileSink || sink.Path == "" {
			continue
		}
		file := abspath.Resolved(sink.Path)
		if owner := owners[file]; owner != "" {
			f.sink(name).key("path").problemf("want a file of its own, got %q, which %s has", filepath.Clean(sink.Path), owner)
		} else {
			owners[file] = "sink " + name
		}
	}
}

// CheckSinks returns what does not fit the types of sinks that a program registers, besides webhook, file and log:
// sinks of other types, and types that are there already.
func (c *Config) CheckSinks(types []string) []Problem {
	f := c.newFindings()
	known := slices.Concat(sinkTypes, types)
	for _, name := range slices.Sorted(maps.Keys(c.Sinks)) {
		got := c.Sinks[name].Type
		if got != "" && !slices.Contains(known, got) {
			f.sink(name).key("type").problemf("want a type of sink such as %q, got %q, which this program does not have%s",
				webhookSink, got, suggest.Hint(got, known))
		}
	}
	for _, name := range types {
		if slices.Contains(sinkTypes, name) {
			f.add(Problem{Key: "Options.Sinks", Message: "the type " + name + " is there already"})
		}
	}
	return c.masked(f.problems)
}

func (f *findings) sink(name string) place { return f.root().key("sinks").key(name) }

func sinkType(s place, v string) bool {
	if v == "" {
		return s.problemf(`want "webhook", "file", "log" or a type that the program registers, got none`)
	}
	return plainName(s, v)
}

func eventGlobs(s place, v []string) bool {
	if len(v) == 0 {
		return s.problemf(`want at least one glob of event types such as "share.*", got none`)
	}
	return eachGlob(s, v, `event types such as "share.*"`)
}

func aFile(s place, v string) bool {
	return v != "" || s.problemf("want the path of a file, got none")
}

// webhookURL keeps the user and the password out of URLs, as RFC 9110 has it in section 4.2.4: programs show URLs.
func webhookURL(s place, v string) bool {
	if v == "" {
		return s.problemf(`want a URL such as "https://ops.example.org/hooks", got none`)
	}
	u, err := url.Parse(v)
	switch {
	case err == nil && u.User != nil:
		return s.problemf("want a URL without user and password, got one with them")
	case err != nil, u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return s.problemf(`want a URL such as "https://ops.example.org/hooks", got %q`, v)
	}
	return true
}

// signingKey checks the form of a webhook's secret. No message shows it.
func signingKey(s place, v string) bool {
	if _, err := standardwebhooks.Keys(v); err != nil {
		return s.problemf("%v", err)
	}
	return true
}
