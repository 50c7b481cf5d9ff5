package config

import "testing"

func TestProblemsCountHooksFromOneAndNameThem(t *testing.T) {
	for key, want := range map[string]string{
		"":                                            "",
		"scripts":                                     "scripts",
		"defaults.methods[1]":                         "defaults.methods[2]",
		"services.nfs1":                               "services.nfs1",
		"services.nfs1.tick":                          "services.nfs1.tick",
		"services.nfs1.extra_methods[0]":              "services.nfs1.extra_methods[1]",
		"services.nfs1.hooks[0]":                      "services.nfs1: hook 1",
		"services.nfs1.hooks[1]":                      "services.nfs1: hook 2 (notify)",
		"services.nfs1.hooks[1].timeout":              "services.nfs1: hook 2 (notify): timeout",
		"services.nfs1.hooks[1].methods[0]":           "services.nfs1: hook 2 (notify): methods[1]",
		"services.nfs1.hooks[9].name":                 "services.nfs1: hook 10: name",
		`services."a.hooks[0]".hooks[0].x`:            `services."a.hooks[0]": hook 1 (odd): x`,
		`services."a\"b".hooks[0].x`:                  `services."a\"b": hook 1: x`,
		`defaults."[3]"`:                              `defaults."[3]"`,
		"services.nfs1.hooks[99999999999999999999].x": "services.nfs1: hook 99999999999999999999: x",
	} {
		c := &Config{Services: map[string]Service{
			"nfs1": {Hooks: []Hook{{}, {Name: "notify"}}}, "a.hooks[0]": {Hooks: []Hook{{Name: "odd"}}}, `a"b`: {Hooks: []Hook{{}}},
		}}
		problems := []Problem{{Key: key}}
		c.nameHooks(problems)
		if got := problems[0].Where(); got != want {
			t.Errorf("%s reads %q, want %q", key, got, want)
		}
	}
}
