package config_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
)

func TestSettingsAreThoseOfAHookInAFile(t *testing.T) {
	base := config.DefaultHook("a.lua")
	options := map[string]any{"text": "${env:NOBODY_SETS_THIS}"}
	got, err := base.With(map[string]any{
		"name": "b", "change_args": true, "timeout": "2s", "methods": []any{"create_*"}, "max_http": int64(3), "allow_http": map[string]any{}, "options": options,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := base
	want.Name, want.ChangeArgs, want.Timeout, want.Methods, want.MaxHTTP, want.AllowHTTP, want.Options = "b", true, 2*time.Second, []string{"create_*"}, 3, []string{}, options
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if same, err := base.With(nil); err != nil || !cmp.Equal(base, same) {
		t.Errorf("without settings: got %+v, %v, want the hook as it is", same, err)
	}
}

func TestSettingsThatWillNotDo(t *testing.T) {
	for _, tc := range []struct {
		settings map[string]any
		want     string
	}{
		{map[string]any{"change_arg": true}, `change_arg: unknown key (did you mean "change_args"?)`},
		{map[string]any{"timeout": int64(5)}, `timeout: want duration such as "1s" or "1m30s", got integer 5`},
		{map[string]any{"timeout": 5}, `timeout: want duration such as "1s" or "1m30s", got int`},
		{map[string]any{"methods": []string{"a"}}, "methods: want list of strings, got []string"},
		{map[string]any{"options": "x"}, `options: want table, got string "x"`},
		{map[string]any{"enabled": "yes", "concurrent": int64(0)}, `concurrent: want integer from 1 to 64, got 0; enabled: want boolean, got string "yes"`},
		{map[string]any{"services": map[string]any{}}, "services: unknown key here: it belongs at the top of the file"},
	} {
		if _, err := config.DefaultHook("a.lua").With(tc.settings); err == nil || err.Error() != tc.want {
			t.Errorf("%v: got %v, want %s", tc.settings, err, tc.want)
		}
	}
}
