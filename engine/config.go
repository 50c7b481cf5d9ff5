package engine

import (
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookrun/hookrun/internal/tomlpos"
)

// Config says which hooks run in which service. [LoadConfig] reads one from a
// TOML file; one built in Go works as well, with hooks made by [DefaultHook].
//
// A Config is data that the engine only reads. Leave it alone once an engine has
// it, and do not copy it. The engines of one Config share its compiled scripts: a program with a thousand services should make
// their engines of one.
type Config struct {
	Path     string             // the file it was read from; "" when built in Go
	Scripts  string             // folder where script paths start; "" is the working directory
	Services map[string]Service // by name, at least one

	// Stubs is a folder of Lua files that stand in for host objects where DryRun is set and the program does not bring them, one
	// file an object: cmdb.lua for the global cmdb. "" is none. TOML key stubs, relative to the file.
	Stubs string

	lines    map[tomlpos.Path]int // where keys stand in the file
	invalid  *ConfigError         // the mistakes that LoadConfig found
	mistakes map[string][]Problem // the same by service, under "" those of no service
	programs programs             // the scripts, compiled
}

// Service is one configured share back end with its hooks.
type Service struct {
	// Host names the machine or back end of the service to its scripts, as
	// service.host. TOML key host, default "".
	Host string
	// Tick is the time between two ticks of the periodic clock, above 0. TOML
	// key tick, default 60s; 0 means the default in a Config built in Go.
	Tick time.Duration
	// ExtraMethods are the methods of this service beyond those that the Go
	// program declares, as [Method] names them; they are free-form. TOML key extra_methods, default none.
	ExtraMethods []string
	// Hooks run in this order. TOML tables [[services.NAME.hooks]].
	Hooks []Hook
}

// Hook is one configured instance of a script in a service. The TOML key of a
// field is its name in snake case. All of them but name, script and options
// may also stand in the service or in [defaults], to be inherited from there.
//
// The zero value is a hook that is switched off and without the limits that it
// needs: start from [DefaultHook].
type Hook struct {
	// Name tells the hooks of a service apart. Default: the base name of the
	// script without .lua.
	Name string
	// Script is the path of a Lua file, with slashes, within Config.Scripts.
	Script string
	// Options are what the script sees as options. From TOML they hold string,
	// int64, float64, bool, time.Time, []any and map[string]any; local dates
	// and times are strings such as "2026-11-23". Default: none.
	Options map[string]any

	Enabled        bool // default true; false switches the whole hook off
	EnablePre      bool // default true; false switches pre and with it failed off
	EnablePost     bool // default true; false switches post off
	EnableFinally  bool // default true; false switches finally off
	EnablePeriodic bool // default true; false switches periodic off

	SuppressPreErrors      bool // default false; true logs a failing pre and goes on
	SuppressPostErrors     bool // default false; true logs a failing post and goes on
	SuppressPeriodicErrors bool // default false; true logs a failing periodic and goes on

	// ChangeArgs lets pre change the arguments that later hooks and the driver
	// get. Default false.
	ChangeArgs bool
	// Methods are globs of the method names whose calls the hook may see: * is any run of characters, with slashes too, ? is
	// one, [a-z] and [^a-z] are one of some, and a backslash takes the meaning away from the next. Default ["*"]; none at all
	// leaves the hook periodic alone.
	Methods []string
	// PeriodicEvery runs periodic on the ticks that it divides. Above 0,
	// default 1.
	PeriodicEvery int

	Timeout         time.Duration // of one run of one function; above 0, default 1s
	MaxInstructions int64         // of one run of one function; above 0, default 10 million
	MaxMemory       int64         // bytes, of one run of one function; above 0, default 64 MiB
}

const defaultTick = 60 * time.Second

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
	}
}

func scriptName(script string) string {
	if script == "" {
		return ""
	}
	return strings.TrimSuffix(path.Base(filepath.ToSlash(script)), ".lua")
}

// tick is the time between two ticks, with the default filled in.
func (s Service) tick() time.Duration {
	if s.Tick == 0 {
		return defaultTick
	}
	return s.Tick
}

// invalidErr returns the *ConfigError that LoadConfig returned with c, or nil.
func (c *Config) invalidErr() error {
	if c.invalid == nil {
		return nil
	}
	return c.invalid
}
