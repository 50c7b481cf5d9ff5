package engine_test

import (
	"errors"
	"fmt"

	"github.com/hookrun/hookrun/engine"
)

func ExampleLoadConfig() {
	cfg, err := engine.LoadConfig("testdata/config/valid.toml")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, hook := range cfg.Services["nfs1"].Hooks {
		fmt.Println(hook.Name, hook.Options, hook.Timeout)
	}
	// Output:
	// quota_guard map[max_gib:500] 2s
	// notify-ops map[] 250ms
}

func ExampleConfigError() {
	_, err := engine.LoadConfig("testdata/config/mistakes/no_folder.toml")
	var invalid *engine.ConfigError
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			fmt.Printf("line %d, %s: %s\n", p.Line, p.Key, p.Message)
		}
	}
	// Output:
	// line 2, scripts: there is no folder "testdata/config/script" (did you mean "scripts"?)
	// line 8, services.nfs1.hooks[1].script: want a path within the scripts folder, got "../notify.lua"
}

func ExampleDefaultHook() {
	hook := engine.DefaultHook("quota_guard.lua")
	hook.Options = map[string]any{"max_gib": 500}
	cfg := &engine.Config{
		Scripts:  "scripts/examples",
		Services: map[string]engine.Service{"nfs1": {Hooks: []engine.Hook{hook}}},
	}
	fmt.Println(cfg.Services["nfs1"].Hooks[0].Name, hook.Timeout, hook.Methods)
	// Output: quota_guard 1s [*]
}
