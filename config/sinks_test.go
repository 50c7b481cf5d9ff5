package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStoreAndSinksAreRead(t *testing.T) {
	cfg := loadText(t, `
[store]
path = "../state/hookrun.db"
max_outbox = 5
keep = "0s"
sync = false
[sinks.ops]
type = "webhook"
url = "HTTPS://ops.example.org:8443/hooks?x=1"
events = ["share.*"]
secret = "whsec_c2VjcmV0"
timeout = "3s"
concurrency = 64
[sinks.archive]
type = "file"
path = "events.jsonl"
max_size = "1KiB"
[sinks.log]
type = "log"
[sinks.own]
type = "kafka"
url = "kafka://broker"
[services.a]`)
	want := &Config{
		Store: Store{Path: filepath.FromSlash("state/hookrun.db"), MaxOutbox: 5},
		Sinks: map[string]Sink{
			"ops": {
				Type: "webhook", URL: "HTTPS://ops.example.org:8443/hooks?x=1", Events: []string{"share.*"}, Secret: "whsec_c2VjcmV0",
				Timeout: 3 * time.Second, Concurrency: 64, MaxSize: 64 << 20,
			},
			"archive": {
				Type: "file", Path: filepath.FromSlash("testdata/events.jsonl"), MaxSize: 1 << 10, Events: []string{"*"}, Timeout: 15 * time.Second,
				Concurrency: 4,
			},
			"log": DefaultSink("log"),
			"own": {Type: "kafka", URL: "kafka://broker", Events: []string{"*"}, Timeout: 15 * time.Second, Concurrency: 4, MaxSize: 64 << 20},
		},
		Secrets: []string{"whsec_c2VjcmV0"},
	}
	got := &Config{Store: cfg.Store, Sinks: cfg.Sinks, Secrets: cfg.Secrets}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Config{})); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
	if cfg := loadText(t, "[services.a]"); cfg.Store != DefaultStore() || cfg.Sinks != nil {
		t.Errorf("got store %+v and sinks %v, want none", cfg.Store, cfg.Sinks)
	}
}

func TestASecretMayBeAnOldAndANewKey(t *testing.T) {
	const before, after = "whsec_b2xkIGtleQ==", "whsec_bmV3IGtleQ=="
	cfg := loadText(t, `
[sinks.ops]
type = "webhook"
url = "https://ops.example.org"
secret = "`+before+" "+after+`"
[services.a]`)
	if diff := cmp.Diff([]string{before + " " + after, before, after}, cfg.Secrets); diff != "" {
		t.Errorf("what is masked (-want +got):\n%s", diff)
	}
}

func TestWhatIsWrittenIsOnThisMachine(t *testing.T) {
	fsys := fstest.MapFS{"conf/hooks.toml": {Data: []byte(`
[store]
path = "state/hookrun.db"
[sinks.archive]
type = "file"
path = "/var/events.jsonl"
[services.a]`)}}
	cfg, err := Parse(fsys, "conf/hooks.toml")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{cfg.Store.Path, cfg.Sinks["archive"].Path}
	if diff := cmp.Diff([]string{filepath.FromSlash("state/hookrun.db"), filepath.FromSlash("/var/events.jsonl")}, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
}

func TestStoreAndSinksBuiltInGoAreChecked(t *testing.T) {
	sink := func(sinkType string, change func(s *Sink)) Sink {
		s := DefaultSink(sinkType)
		change(&s)
		return s
	}
	for name, tt := range map[string]struct {
		store Store
		sinks map[string]Sink
		want  string
	}{
		"none":            {},
		"default":         {store: DefaultStore()},
		"zero store":      {store: Store{Path: "x"}, want: "store.max_outbox: want integer above 0, got 0"},
		"good sinks":      {sinks: map[string]Sink{"a": DefaultSink("log"), "b": sink("webhook", func(s *Sink) { s.URL = "http://[::1]:80/x" })}},
		"zero sink":       {sinks: map[string]Sink{"a": {}}, want: "sinks.a.concurrency: want integer from 1 to 64, got 0"},
		"bare log":        {sinks: map[string]Sink{"a": {Type: "log", Events: []string{"*"}, Timeout: 1, Concurrency: 1}}},
		"url of a file":   {sinks: map[string]Sink{"a": sink("file", func(s *Sink) { s.Path, s.URL = "x", "y" })}, want: `sinks.a.url: want no url in a sink of type "file": it goes with type "webhook"`},
		"size of a log":   {sinks: map[string]Sink{"a": sink("log", func(s *Sink) { s.MaxSize = 1 })}, want: `sinks.a.max_size: want no max_size in a sink of type "log": it goes with type "file"`},
		"file of a store": {store: Store{Path: "x/../y", MaxOutbox: 1}, sinks: map[string]Sink{"a": sink("file", func(s *Sink) { s.Path = "y" })}, want: `sinks.a.path: want a file of its own, got "y", which the store has`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := &Config{Scripts: "testdata/scripts", Store: tt.store, Sinks: tt.sinks, Services: map[string]Service{"a": {}}}
			got := ""
			if problems := sortedProblems(cfg.Check("a", nil)); len(problems) > 0 {
				got = strings.TrimPrefix(problems[0].String(), "config: ")
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTypesOfSinksAreThoseOfTheProgram(t *testing.T) {
	cfg := loadText(t, "[sinks.a]\ntype = \"webhok\"\n[sinks.b]\ntype = \"kafka\"\n[sinks.c]\ntype = \"log\"\n[services.a]")
	var got []string
	for _, p := range append(cfg.CheckSinks([]string{"kafka"}), cfg.CheckSinks([]string{"nats", "log", "webhok"})...) {
		got = append(got, p.String())
	}
	want := []string{
		`testdata/c.toml:3: sinks.a.type: want a type of sink such as "webhook", got "webhok", which this program does not have (did you mean "webhook"?)`,
		`testdata/c.toml:5: sinks.b.type: want a type of sink such as "webhook", got "kafka", which this program does not have`,
		`Options.Sinks: the type log is there already`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestARecordWithoutAPathIsSwitchedOff(t *testing.T) {
	cfg := loadText(t, "[record]\nmask = [\"**.token\"]\n[services.a]")
	if err := cfg.Err(); err != nil || cfg.Record.Path != "" {
		t.Errorf("got error %v and tape %q, want none", err, cfg.Record.Path)
	}
}

func TestAFileIsOneFileHoweverItsPathIsWritten(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".", "link"); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{"h.jsonl", "link/h.jsonl", filepath.Join(here, "h.jsonl"), filepath.Join(here, "link", "h.jsonl")} {
		for owner, cfg := range map[string]*Config{
			"the store": {Store: Store{Path: "h.jsonl", MaxOutbox: 1}},
			"[record]":  {Record: Record{Path: "h.jsonl", Queue: 1, MaxSize: 1}},
			"sink a":    {Sinks: map[string]Sink{"a": {Type: "file", Path: "h.jsonl", Events: []string{"*"}, Timeout: 1, Concurrency: 1, MaxSize: 1}}},
		} {
			if cfg.Sinks == nil {
				cfg.Sinks = map[string]Sink{}
			}
			cfg.Sinks["z"] = Sink{Type: "file", Path: path, Events: []string{"*"}, Timeout: 1, Concurrency: 1, MaxSize: 1}
			f := cfg.newFindings()
			cfg.checkSinks(f)
			if got := firstMessage(f.problems); !strings.HasSuffix(got, "which "+owner+" has") {
				t.Errorf("%s and %s: got %q, want a mistake", path, owner, got)
			}
		}
	}
}
