package config_test

import (
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/hookrun/hookrun/config"
)

func ExampleLoad() {
	cfg, err := config.Load("testdata/valid.toml")
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

func ExampleError() {
	_, err := config.Load("testdata/mistakes/no_folder.toml")
	var invalid *config.Error
	if errors.As(err, &invalid) {
		for _, p := range invalid.Problems {
			fmt.Printf("line %d, %s: %s\n", p.Line, p.Key, p.Message)
		}
	}
	// Output:
	// line 2, scripts: there is no folder "testdata/script" (did you mean "scripts"?)
	// line 8, services.nfs1.hooks[1].script: want a path within the scripts folder, got "../notify.lua"
}

func ExampleDefaultHook() {
	hook := config.DefaultHook("quota_guard.lua")
	hook.Options = map[string]any{"max_gib": 500}
	cfg := &config.Config{
		Scripts:  "scripts/examples",
		Services: map[string]config.Service{"nfs1": {Hooks: []config.Hook{hook}}},
	}
	fmt.Println(cfg.Services["nfs1"].Hooks[0].Name, hook.Timeout, hook.Methods)
	// Output: quota_guard 1s [*]
}

func ExampleParse() {
	fsys := fstest.MapFS{ // or an embed.FS
		"hooks.toml":         {Data: []byte("scripts = \"scripts\"\n[[services.nfs1.hooks]]\nscript = \"notify.lua\"\n")},
		"scripts/notify.lua": {Data: []byte("function post(call, result) log.info(call.method) end")},
	}
	cfg, err := config.Parse(fsys, "hooks.toml")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cfg.Scripts, cfg.Services["nfs1"].Hooks[0].Name)
	// Output: scripts notify
}
