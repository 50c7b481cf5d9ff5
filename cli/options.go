package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/config"
)

// optionSettings are the options of scripts that run without a config, as --set gives them.
type optionSettings map[string]any

// Set implements [pflag.Value]: it takes "key=value", where the value is TOML, such as 5, true or ["a", "b"], or else a
// text as it is. A dot in the key leads into a table.
func (o optionSettings) Set(setting string) error {
	key, text, ok := strings.Cut(setting, "=")
	path := strings.Split(key, ".")
	if !ok || slices.Contains(path, "") {
		return fmt.Errorf("want key=value, got %q", setting)
	}
	into := map[string]any(o)
	for _, name := range path[:len(path)-1] {
		if into[name] == nil {
			into[name] = map[string]any{}
		}
		inner, isTable := into[name].(map[string]any)
		if !isTable {
			return fmt.Errorf("%s: %s is a value already, and no table", key, name)
		}
		into = inner
	}
	into[path[len(path)-1]] = config.OptionValue(text)
	return nil
}

// String implements [pflag.Value].
func (o optionSettings) String() string { return "" }

// Type implements [pflag.Value].
func (o optionSettings) Type() string { return "KEY=VALUE" }
