// Package config says which Lua hooks run in which service. A config is built in Go, or read from a TOML file on this
// machine or in any file system.
//
// [Load] reads a file, [Parse] one of an [fs.FS] such as an [embed.FS]; a [Config] built in Go has hooks made by
// [DefaultHook]. Every mistake is a [Problem] with its file and line, and all of them come back together as an
// *[Error].
//
// A Config is data: the engine only reads it. Do not change it once an engine has it.
package config

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/tomlpos"
)

// Config is the services of a program with their hooks.
type Config struct {
	Path     string             // the file it was read from; "" when built in Go
	FS       fs.FS              // the file system with the folders Scripts and Stubs; nil means this machine
	Scripts  string             // folder where script paths start; "" is the working directory, or the root of FS
	Services map[string]Service // by name, at least one

	// Stubs is a folder of Lua files that stand in, in dry runs, for host objects that the program does not provide,
	// one file per object: cmdb.lua for the global cmdb. "" is none. TOML key stubs, relative to the file.
	Stubs string

	Store Store           // how effects are kept. TOML table [store]
	Sinks map[string]Sink // where events go, by name. TOML tables [sinks.NAME]

	Record Record // how calls are recorded. TOML table [record]

	// Secrets are texts that must not be shown: they are masked in logs, traces, errors and all that the command line
	// prints, except for those of fewer than 4 bytes, which would hide half of every text. [Load] and [Parse] fill them
	// in: what ${env:NAME} and ${file:PATH} stand for in the file, and the secrets of sinks.
	Secrets []string

	lines    map[tomlpos.Path]int // the lines of keys in the file
	invalid  *Error               // the mistakes that Load found
	mistakes map[string][]Problem // the same by service; those of no service under ""
}

// Service is one configured share back end with its hooks.
type Service struct {
	// Host names the machine or back end of the service to its scripts, as service.host. TOML key host, default "".
	Host string
	// Tick is the time between two ticks of the periodic clock, above 0. TOML
	// key tick, default 60s; 0 means the default in a Config built in Go.
	Tick time.Duration
	// ExtraMethods are the methods of this service beyond those that the Go program declares; [Config.Check] says which
	// names will do. Their arguments and results are free-form. TOML key extra_methods, default none.
	ExtraMethods []string
	// Hooks run in this order. TOML tables [[services.NAME.hooks]].
	Hooks []Hook
}

// Store says how the events and the state of hooks are kept. The TOML key of a field is its name in snake case.
//
// The zero value is none. For another, start from [DefaultStore].
type Store struct {
	// Path is the file, relative to the config's. Default "": hooks can neither publish nor keep state. In a file, a table
	// [store] must have it.
	Path string
	// MaxOutbox is how many events may wait for their delivery. Above 0, default 100000.
	MaxOutbox int
	// Keep is how long an event is kept after its first delivery to all its sinks, for sending it again. 0 or more,
	// default 24h.
	Keep time.Duration
	// Sync makes commits wait for the disk. Default true; with false a power cut may lose the last second, a killed
	// process nothing.
	Sync bool
}

// Sink says where events go. The TOML key of a field is its name in snake case; in all of its texts, ${env:NAME} and
// ${file:PATH} stand for a variable and for what a file holds, as in the options of a [Hook].
//
// The zero value lacks what it needs: start from [DefaultSink].
type Sink struct {
	// Type is webhook, file, log, or one that the program registers. What such a type makes of the fields that are those
	// of a webhook or of a file sink, is the program's to say.
	Type string
	// Events are globs of the types of the events that it gets, as [Hook.Methods] are of methods; at least one. Default
	// ["*"].
	Events []string
	// Timeout of one attempt to deliver. Above 0, default 15s.
	Timeout time.Duration
	// Concurrency is for how many subjects events are delivered side by side. From 1 to 64, default 4.
	Concurrency int
	// URL is where a webhook is: http or https, without user and password.
	URL string
	// Secret is the key with which a webhook's requests are signed, as Standard Webhooks has it: "whsec_" and base64, or
	// any other text as it is. Several that begin with "whsec_", separated by spaces, all sign. Default "": requests are
	// not signed.
	Secret string
	// Path is that of a file sink, relative to the config's file; no other sink and not the store may have it.
	Path string
	// MaxSize is how many bytes the file of a file sink may have before a new one is begun. Above 0, default 64 MiB.
	MaxSize int64
}

// Hook is one configured instance of a script in a service. The TOML key of a field is its name in snake case. All keys
// but name, script, options and state may also stand in the service or in [defaults]; hooks inherit them from there.
//
// The zero value is a hook that is switched off and without the limits that it needs: start from [DefaultHook].
type Hook struct {
	// Name tells the hooks of a service apart. Default: the base name of the script without .lua.
	Name string
	// Script is the path of a Lua file, with slashes, within Config.Scripts.
	Script string
	// Options are what the script sees as options. From TOML they hold string, int64, float64, bool, time.Time, []any and
	// map[string]any; local dates and times are strings such as "2026-11-23". Default: none.
	//
	// In their texts, at any depth, ${env:NAME} stands for a variable of the environment, and ${file:PATH} for what a file
	// of at most 64 KiB holds, without a line feed at its end; PATH is relative to the config's file. Both must be there,
	// and be UTF-8. Before a brace two dollar signs stand for one: $${ is the text ${. Options built in Go are taken as
	// they are.
	Options map[string]any

	Enabled        bool // default true; false switches the whole hook off
	EnablePre      bool // default true; false switches pre off, and failed with it
	EnablePost     bool // default true; false switches post off
	EnableFinally  bool // default true; false switches finally off
	EnablePeriodic bool // default true; false switches periodic off

	SuppressPreErrors      bool // default false; true logs a failing pre and goes on
	SuppressPostErrors     bool // default false; true logs a failing post and goes on
	SuppressPeriodicErrors bool // default false; true logs a failing periodic and goes on

	// ChangeArgs lets pre change the arguments that later hooks and the driver get. Default false.
	ChangeArgs bool
	// Methods are globs of the method names whose calls the hook may see: * matches any characters, slashes included, ?
	// matches one, [a-z] one of these and [^a-z] one that is none of these; a backslash makes the next character stand
	// for itself. Default ["*"]; an empty list leaves the hook only its periodic function.
	Methods []string
	// PeriodicEvery runs periodic on the ticks whose number it divides. Above 0, default 1.
	PeriodicEvery int

	Timeout         time.Duration // of one run of one function; above 0, default 1s
	MaxInstructions int64         // of one run of one function; above 0, default 10 million
	MaxMemory       int64         // bytes, of one run of one function; above 0, default 64 MiB
	Concurrent      int           // runs that may be under way while one of them waits for host code; from 1 to MaxConcurrent, default 1

	// State is the name of the state that the hook keeps, made as names of hooks are. Hooks of a service that name the
	// same one share it. Default "": the hook's own name. It is not inherited.
	State    string
	MaxState int64 // bytes that the state may hold; above 0, default 16 MiB

	// AllowHTTP lists the hosts that http may reach, such as "cmdb.example.org", "*.example.org:8443", "10.1.0.0/16:8080"
	// or "[fd00::1]:8080"; without a port it is that of the scheme. Default none.
	AllowHTTP []string
	// AllowHTTPWrites lets http make requests with other methods than GET and HEAD. Default false.
	AllowHTTPWrites bool
	// MaxHTTP is how many requests one run may make. Above 0, default 10.
	MaxHTTP int
}

// MaxConcurrent is how many runs of all hooks of a service together may wait for host code while others go on.
const MaxConcurrent = 64

// DefaultTick is the time between two ticks where the config sets none.
const DefaultTick = 60 * time.Second

// DefaultHook returns a hook with every key at its documented default, named
// after the script: the hook of "ops/notify.lua" is called "notify".
func DefaultHook(script string) Hook {
	return Hook{
		Name:            scriptName(script),
		Script:          script,
		Enabled:         true,
		EnablePre:       true,
		EnablePost:      true,
		EnableFinally:   true,
		EnablePeriodic:  true,
		Methods:         []string{"*"},
		PeriodicEvery:   1,
		Timeout:         time.Second,
		MaxInstructions: 10_000_000,
		MaxMemory:       64 << 20,
		Concurrent:      1,
		MaxState:        16 << 20,
		MaxHTTP:         10,
	}
}

// DefaultStore returns a store with every key at its documented default: without a path, it is none.
func DefaultStore() Store {
	return Store{MaxOutbox: 100_000, Keep: 24 * time.Hour, Sync: true}
}

// DefaultSink returns a sink of a type with every other key at its documented default.
func DefaultSink(sinkType string) Sink {
	return Sink{Type: sinkType, Events: []string{"*"}, Timeout: 15 * time.Second, Concurrency: 4, MaxSize: 64 << 20}
}

func scriptName(script string) string {
	if script == "" {
		return ""
	}
	return strings.TrimSuffix(path.Base(filepath.ToSlash(script)), ".lua")
}

// Err is the *[Error] that came with the config from [Load] or [Parse], or nil.
func (c *Config) Err() error {
	if c.invalid == nil {
		return nil
	}
	return c.invalid
}
