// Package world is what everything is measured in: a service whose driver does nothing, hooks around it, and shares.
package world

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

// NewEngine opens an engine with a hook for each source, in their order.
func NewEngine(tb testing.TB, sources ...string) *engine.Engine {
	tb.Helper()
	return Open(tb, NewConfig(tb, sources...))
}

// Open opens an engine for the service of a config.
func Open(tb testing.TB, cfg *config.Config) *engine.Engine {
	tb.Helper()
	e, err := engine.New(cfg, "nfs1", engine.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = e.Close() })
	return e
}

// NewConfig makes a config whose one service has a hook for each source, each with a script of its own.
func NewConfig(tb testing.TB, sources ...string) *config.Config {
	tb.Helper()
	dir, scripts := tb.TempDir(), make([]string, len(sources))
	for i, source := range sources {
		scripts[i] = fmt.Sprintf("hook%d.lua", i)
		Write(tb, filepath.Join(dir, scripts[i]), source)
	}
	return load(tb, dir, scripts)
}

// NewConfigOf makes a config whose one service has some hooks of the same script.
func NewConfigOf(tb testing.TB, hooks int, source string) *config.Config {
	tb.Helper()
	dir, scripts := tb.TempDir(), make([]string, hooks)
	Write(tb, filepath.Join(dir, "hook.lua"), source)
	for i := range scripts {
		scripts[i] = "hook.lua"
	}
	return load(tb, dir, scripts)
}

// load writes and loads a config with a hook for each script of a folder.
func load(tb testing.TB, dir string, scripts []string) *config.Config {
	tb.Helper()
	var text strings.Builder
	// A hook has a timeout, but one that no machine reaches that is only slow.
	text.WriteString("scripts = \".\"\n[defaults]\ntimeout = \"1m\"\n[services.nfs1]\n")
	for i, script := range scripts {
		fmt.Fprintf(&text, "[[services.nfs1.hooks]]\nname = \"hook%d\"\nscript = %q\n", i, script)
	}
	path := filepath.Join(dir, "hookrun.toml")
	Write(tb, path, text.String())
	cfg, err := config.Load(path)
	if err != nil {
		tb.Fatal(err)
	}
	return cfg
}

// Write writes a file.
func Write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// Extend is the driver. No real one is inlined.
//
//go:noinline
func Extend(context.Context, share.ExtendShareArgs) (share.ExtendShareResult, error) {
	return share.ExtendShareResult{}, nil
}
