package engine

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

func TestServiceIsRefusedForItsOwnMistakesFirst(t *testing.T) {
	const text = `scripts = "scripts"
[defaults]
DEFAULTS
[services.a]
bogus = 1
[[services.a.hooks]]
script = "notify.lua"
timeout = "0s"
[services."b.c"]
tick = "0s"
[services.fine]
`
	load := func(defaults string) (*config.Config, error) {
		cfg, err := config.Parse(fstest.MapFS{
			"c.toml":             {Data: []byte(strings.ReplaceAll(text, "DEFAULTS", defaults))},
			"scripts/notify.lua": {},
		}, "c.toml")
		if err == nil {
			t.Fatal("got no error")
		}
		return cfg, err
	}
	const (
		ofDefaults = "c.toml:3: defaults.nope: unknown key"
		ofA        = "c.toml:5: services.a.bogus: unknown key\n" +
			"c.toml:8: services.a: hook 1 (notify): timeout: want duration above 0, got 0s"
		ofB = "c.toml:10: services.\"b.c\".tick: want duration above 0, got 0s"
	)
	for _, tt := range []struct{ defaults, service, want string }{
		{"", "a", ofA},
		{"", "b.c", ofB},
		{"", "fine", ofA + "\n" + ofB},
		{"nope = 1", "a", ofDefaults + "\n" + ofA},
		{"nope = 1", "fine", ofDefaults},
		{"", "none", ofA + "\n" + ofB}, // a mistake may have hidden it
	} {
		cfg, loadErr := load(tt.defaults)
		_, err := New(cfg, tt.service, Options{})
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s with defaults %q: got\n%v\nwant\n%s", tt.service, tt.defaults, err, tt.want)
		}
		if all := tt.want == ofA+"\n"+ofB; all != (err == loadErr) {
			t.Errorf("%s with defaults %q: the error is that of loading %v, want %v", tt.service, tt.defaults, !all, all)
		}
	}
}

func TestTypesOfSinksAreChecked(t *testing.T) {
	cfg, err := config.Parse(fstest.MapFS{"c.toml": {Data: []byte("[sinks.a]\ntype = \"kafak\"\n[services.a]")}}, "c.toml")
	if err != nil {
		t.Fatal(err)
	}
	const want = `c.toml:2: sinks.a.type: want a type of sink such as "webhook", got "kafak", which this program does not have (did you mean "kafka"?)`
	own := map[string]effect.Sink{"kafka": nil}
	if _, err := New(cfg, "a", Options{Sinks: own}); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	e, err := New(cfg, "a", Options{DryRun: true})
	if err != nil {
		t.Fatalf("dry run: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func TestZeroTickOfAConfigBuiltInGoIsTheDefault(t *testing.T) {
	if got, want := interval(config.Service{}), 60*time.Second; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := interval(config.Service{Tick: 1}), time.Duration(1); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFunctionIsNamedAsItsScriptWritesIt(t *testing.T) {
	for method, want := range map[string]string{
		"create_share": "post.create_share", "POST /shares": `post["POST /shares"]`, "": `post[""]`, "a\"b": `post["a\"b"]`,
	} {
		if got := functionName(PhasePost, method); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
