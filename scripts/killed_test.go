package scripts_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/store"
)

// process is one that has the examples, and a store in a file.
type process struct {
	*engine.Engine
	store *store.Store
	path  string
	trail *trail
}

// silent is the log of a process whose log does not matter.
var silent = slog.New(slog.DiscardHandler)

// trail is a sink that remembers the events it was given.
type trail struct{ events sync.Map }

func (s *trail) Deliver(_ context.Context, events []store.Event) error {
	for _, e := range events {
		s.events.Store(e.ID, e)
	}
	return nil
}

// start starts a process with a store, which undoes or finishes what was interrupted.
func start(t *testing.T, path string, log *slog.Logger, hooks ...config.Hook) *process {
	t.Helper()
	p := &process{path: path, trail: new(trail)}
	var err error
	if p.store, err = store.Open(path, store.Options{Logger: log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.store.Close() })
	p.Engine, err = engine.New(&config.Config{
		FS:       withFailingPost(t),
		Sinks:    map[string]config.Sink{"trail": config.DefaultSink("trail")},
		Services: map[string]config.Service{"nfs1": {Hooks: hooks, ExtraMethods: []string{ownMethod}}},
	}, "nfs1", engine.Options{
		Methods: share.Methods(), Logger: log, Store: p.store, Sinks: map[string]effect.Sink{"trail": p.trail}, HTTP: inventory{},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// told is the data of the events of a type, in the order in which they were published, and their ids.
func (p *process) told(t *testing.T, of string) (found []map[string]any, ids []string) {
	t.Helper()
	if err := p.store.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.trail.events.Range(func(id, e any) bool {
		if e.(store.Event).Type == of {
			ids = append(ids, id.(string))
		}
		return true
	})
	slices.Sort(ids) // which are in the order of time
	for _, id := range ids {
		e, _ := p.trail.events.Load(id)
		var data map[string]any
		if err := json.Unmarshal(e.(store.Event).Data, &data); err != nil {
			t.Fatal(err)
		}
		found = append(found, data)
	}
	return found, ids
}

// withFailingPost is the folder of the examples, and with them fails.lua, whose post fails.
func withFailingPost(t *testing.T) fs.FS {
	t.Helper()
	scripts := fstest.MapFS{"fails.lua": {Data: []byte(`function post() error("it fails") end`)}}
	examples := os.DirFS("examples")
	files, err := fs.Glob(examples, "*.lua")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(examples, name)
		if err != nil {
			t.Fatal(err)
		}
		scripts[name] = &fstest.MapFile{Data: text}
	}
	return scripts
}

// killed makes a call in a process that is killed while the driver works, and starts another one with what is on disk.
func killed(t *testing.T, method string, args any, hooks ...config.Hook) *process {
	t.Helper()
	before := start(t, filepath.Join(t.TempDir(), "before.db"), silent, hooks...)
	after := filepath.Join(t.TempDir(), "after.db")
	_, err := engine.Call(t.Context(), before.Engine, method, args, func(context.Context, any) (any, error) {
		return reflect.Zero(methodOf(t, method).Result).Interface(), copyFile(before.path, after)
	})
	if err != nil {
		t.Fatal(err)
	}
	return start(t, after, silent, hooks...)
}

// state is what a hook remembers, as JSON by key.
func (p *process) state(t *testing.T, hook string) map[string]string {
	t.Helper()
	entries, err := p.store.State(t.Context(), "nfs1", hook, "")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		found[e.Key] = string(e.Value)
	}
	return found
}

var s1 = share.Share{ID: "s-1", ProjectID: "media", Size: 60}

// The ids of calls are those of another call in the next process.
func TestACallThatIsKilledIsInTheAuditTrail(t *testing.T) {
	p := killed(t, "create_share_instance", share.CreateShareInstanceArgs{Share: s1}, hook("audit_log.lua"))
	told, ids := p.told(t, "audit")
	if len(told) != 2 {
		t.Fatalf("got events %v, want two", told)
	}
	for _, data := range told {
		delete(data, "seconds")
	}
	begun := map[string]any{"method": "create_share_instance", "target": "s-1", "outcome": "begun"}
	ended := maps.Clone(begun)
	ended["outcome"], ended["code"], ended["begun"] = "failed", "interrupted", ids[0]
	ended["error"] = "the process ended during the call; whether the driver did its work is unknown"
	if diff := cmp.Diff([]map[string]any{begun, ended}, told); diff != "" {
		t.Errorf("the trail (-want +got):\n%s", diff)
	}
}

func TestACallThatIsKilledGivesItsQuotaBack(t *testing.T) {
	p := killed(t, "create_share_instance", share.CreateShareInstanceArgs{Share: s1}, hook("project_quota.lua"))
	if diff := cmp.Diff(map[string]string{"gib/media": "0"}, p.state(t, "project_quota")); diff != "" {
		t.Errorf("the state (-want +got):\n%s", diff)
	}
}

func TestACallThatIsKilledIsCleanedUp(t *testing.T) {
	p := killed(t, "create_share_instance", share.CreateShareInstanceArgs{Share: s1}, hook("cleanup.lua"))
	if told, _ := p.told(t, "cleanup.wanted"); len(told) != 1 || told[0]["certain"] != false {
		t.Errorf("got events %v, want one that is not certain", told)
	}
	if diff := cmp.Diff(map[string]string{}, p.state(t, "cleanup")); diff != "" {
		t.Errorf("the state (-want +got):\n%s", diff)
	}
}

// The service repeats the call, and learns that the first has made the share.
func TestQuotaCountsAShareThatAKilledCallHasMade(t *testing.T) {
	var args any = share.CreateShareInstanceArgs{Share: s1}
	p := killed(t, "create_share_instance", args, hook("project_quota.lua"))
	_, err := engine.Call(t.Context(), p.Engine, "create_share_instance", args, func(context.Context, any) (any, error) {
		return nil, share.ErrExists
	})
	if !errors.Is(err, share.ErrExists) {
		t.Errorf("got error %v, want that of the driver", err)
	}
	if diff := cmp.Diff(map[string]string{"gib/media": "60", "share/s-1": `{"gib":60,"project":"media"}`}, p.state(t, "project_quota")); diff != "" {
		t.Errorf("the state (-want +got):\n%s", diff)
	}
}

var s2 = share.Share{ID: "s-2", ProjectID: "media"}

// quotaCalls are calls that succeed, and what project_quota.lua remembers after each.
var quotaCalls = []struct {
	method       string
	args, result any
	want         map[string]string
}{
	{"create_share_instance", share.CreateShareInstanceArgs{Share: s1}, share.CreateShareInstanceResult{},
		map[string]string{"gib/media": "60", "share/s-1": `{"gib":60,"project":"media"}`}},
	{"shrink_share", share.ShrinkShareArgs{Share: s1, NewSize: 50}, share.ShrinkShareResult{},
		map[string]string{"gib/media": "50", "share/s-1": `{"gib":50,"project":"media"}`}},
	{"manage_share", share.ManageShareArgs{Share: s2}, share.ManageShareResult{Size: 5},
		map[string]string{"gib/media": "55", "share/s-1": `{"gib":50,"project":"media"}`, "share/s-2": `{"gib":5,"project":"media"}`}},
	{"delete_share_instance", share.DeleteShareInstanceArgs{Share: s1}, share.DeleteShareInstanceResult{},
		map[string]string{"gib/media": "5", "share/s-2": `{"gib":5,"project":"media"}`}},
	{"unmanage_share", share.UnmanageShareArgs{Share: s2}, share.UnmanageShareResult{},
		map[string]string{"gib/media": "0"}},
}

// Once a call is closed, nothing tells the next process to do what is left, such as its finally functions.
func TestQuotaIsCountedWhenACallIsClosed(t *testing.T) {
	quota := hook("project_quota.lua")
	quota.EnableFinally = false
	p := start(t, filepath.Join(t.TempDir(), "hookrun.db"), silent, quota)
	for _, c := range quotaCalls {
		_, err := engine.Call(t.Context(), p.Engine, c.method, c.args, func(context.Context, any) (any, error) { return c.result, nil })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, p.state(t, "project_quota")); diff != "" {
			t.Errorf("the state after %s (-want +got):\n%s", c.method, diff)
		}
	}
}

// The driver has done its work when a post fails, and the posts behind it do not run.
func TestQuotaCountsWhatTheDriverDidAlthoughAPostFails(t *testing.T) {
	p := start(t, filepath.Join(t.TempDir(), "hookrun.db"), silent, hook("fails.lua"), hook("project_quota.lua"))
	for _, call := range quotaCalls {
		var failed *engine.HookError
		_, err := engine.Call(t.Context(), p.Engine, call.method, call.args, func(context.Context, any) (any, error) { return call.result, nil })
		if !errors.As(err, &failed) || failed.Hook != "fails" {
			t.Errorf("%s: got error %v, want that of the post", call.method, err)
		}
		if diff := cmp.Diff(call.want, p.state(t, "project_quota")); diff != "" {
			t.Errorf("the state after %s (-want +got):\n%s", call.method, diff)
		}
	}
}
