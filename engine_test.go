// Package hookrun_test holds the acceptance tests of the whole: hooks around a real driver, through the public API
// only.
package hookrun_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/share/localdir"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is a service with a real driver on a temporary folder, and hooks around it.
type site struct {
	*share.HookedDriver
	eng     *engine.Engine
	dir     string // of the config and the scripts
	content string // root of the driver
}

// newSite writes the config and scripts, by file name, and opens everything.
func newSite(t *testing.T, files map[string]string) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), content: filepath.Join(t.TempDir(), "shares")}
	s.write(t, files)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	driver, err := localdir.Open(s.content, localdir.Options{Host: "10.0.0.5", Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = driver.Close() })
	s.eng, err = engine.New(s.config(t), "nfs1", engine.Options{Logger: quiet, Methods: share.Methods()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.eng.Close() })
	s.HookedDriver = share.Hooked(driver, s.eng)
	return s
}

func (s *site) write(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *site) config(t *testing.T) *config.Config {
	t.Helper()
	cfg, err := config.Load(filepath.Join(s.dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// check ends the test on an error, as in check(t)(s.Method(ctx, args)).
func check[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("unexpected error: %v", err)
		}
		return v
	}
}

const lifeConfig = `
[services.nfs1]
[[services.nfs1.hooks]]
script = "policy.lua"
options = { max_gib = 100 }
change_args = true
[[services.nfs1.hooks]]
script = "public.lua"
[[services.nfs1.hooks]]
script = "usage.lua"
`

const policy = `
function pre.create_share_instance(call)
  local share = call.args.share
  if share.size > options.max_gib then reject("too large", "quota_exceeded") end
  share.metadata.made_by = call.context.user_id
end
function pre.delete_share_instance(call)
  if kept[call.args.share.id] then reject("still needed", "kept") end
end
kept = {}
function post.create_snapshot(call) kept[call.args.snapshot.share_id] = true end
function post.delete_snapshot(call) kept[call.args.snapshot.share_id] = nil end
`

const public = `
local function publish(_, result)
  for _, location in ipairs(result.export_locations) do
    location.path = location.path:gsub("^10%.0%.0%.5:", "shares.example.org:")
  end
end
post.create_share_instance = publish
post.manage_share = publish
`

const usage = `
total = 0
function periodic(shares, tick)
  total = 0
  for _, s in ipairs(shares) do
    assert(s.metadata.used_bytes, "no facts about " .. s.id)
    total = total + s.size
  end
  log.info("usage", { gib = total, tick = tick })
end
`

func TestTheWholeLifeOfAShareUnderHooks(t *testing.T) {
	s := newSite(t, map[string]string{"config.toml": lifeConfig, "policy.lua": policy, "public.lua": public, "usage.lua": usage})
	ctx := engine.WithCallContext(context.Background(), map[string]any{"user_id": "ada"})
	check[share.InitHostResult](t)(s.InitHost(ctx, share.InitHostArgs{}))

	archive := share.Share{ID: "s-1", Name: "archive", Size: 10, ShareProto: share.ProtoNFS}
	made := check[share.CreateShareInstanceResult](t)(s.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: archive}))
	if len(made.ExportLocations) != 1 || !strings.HasPrefix(made.ExportLocations[0].Path, "shares.example.org:/") {
		t.Errorf("got export locations %+v, want the public host", made.ExportLocations)
	}
	if got := s.list(t)["s-1"]; got.Metadata["made_by"] != "ada" {
		t.Errorf("the driver got metadata %v, want what the hook added", got.Metadata)
	}

	_, err := s.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: share.Share{ID: "s-2", Size: 1000}})
	var rejected *engine.RejectedError
	if !errors.As(err, &rejected) || rejected.Code != "quota_exceeded" {
		t.Errorf("got %v, want a reject with its code", err)
	}

	rule := share.Access{ID: "r-1", AccessType: share.AccessTypeIP, AccessTo: "10.1.0.0/16", AccessLevel: share.AccessLevelRW}
	check[share.AllowAccessResult](t)(s.AllowAccess(ctx, share.AllowAccessArgs{Share: archive, Access: rule}))
	snapshot := share.Snapshot{ID: "n-1", ShareID: "s-1"}
	check[share.CreateSnapshotResult](t)(s.CreateSnapshot(ctx, share.CreateSnapshotArgs{Snapshot: snapshot}))
	if _, err := s.DeleteShareInstance(ctx, share.DeleteShareInstanceArgs{Share: archive, Force: true}); !errors.As(err, &rejected) || rejected.Code != "kept" {
		t.Errorf("got %v, want the share kept while it has a snapshot", err)
	}
	check[share.ExtendShareResult](t)(s.ExtendShare(ctx, share.ExtendShareArgs{Share: archive, NewSize: 20}))
	check[share.ShrinkShareResult](t)(s.ShrinkShare(ctx, share.ShrinkShareArgs{Share: archive, NewSize: 5}))
	if ran, err := s.eng.Tick(ctx, s.PeriodicData); !ran || err != nil {
		t.Errorf("tick: %v, %v", ran, err)
	}
	check[share.DeleteSnapshotResult](t)(s.DeleteSnapshot(ctx, share.DeleteSnapshotArgs{Snapshot: snapshot}))
	check[share.DenyAccessResult](t)(s.DenyAccess(ctx, share.DenyAccessArgs{Share: archive, Access: rule}))
	check[share.DeleteShareInstanceResult](t)(s.DeleteShareInstance(ctx, share.DeleteShareInstanceArgs{Share: archive}))
	if got := s.list(t); len(got) != 0 {
		t.Errorf("shares are left: %v", got)
	}
}

func (s *site) list(t *testing.T) map[string]share.Share {
	t.Helper()
	shares := map[string]share.Share{}
	for _, sh := range check[[]share.Share](t)(s.Shares(context.Background())) {
		shares[sh.ID] = sh
	}
	return shares
}

const failingConfig = `
[services.nfs1]
[[services.nfs1.hooks]]
script = "undo.lua"
[[services.nfs1.hooks]]
script = "breaks.lua"
suppress_post_errors = %v
`

const undo = `
undone = {}
function pre.create_share_instance(call) return { id = call.args.share.id } end
function failed(call, err) undone[#undone + 1] = err.source .. ":" .. err.code .. ":" .. call.pre.id end
function post.publish_service_capabilities(call, result) result.capabilities.extra = { undone = undone } end
`

const breaks = `
function post.create_share_instance(call, result)
  result.export_locations = {}
  error("broken")
end
`

func TestFailingHooksLoseNothingOfTheDrivers(t *testing.T) {
	for _, suppress := range []bool{true, false} {
		t.Run(fmt.Sprintf("suppress %v", suppress), func(t *testing.T) {
			s := newSite(t, map[string]string{"config.toml": fmt.Sprintf(failingConfig, suppress), "undo.lua": undo, "breaks.lua": breaks})
			ctx := context.Background()
			args := share.CreateShareInstanceArgs{Share: share.Share{ID: "s-1", Size: 1}}
			made, err := s.CreateShareInstance(ctx, args)
			var failed *engine.HookError
			if suppress != (err == nil) || err != nil && (!errors.As(err, &failed) || failed.Line != 4) {
				t.Errorf("got error %v", err)
			}
			if len(made.ExportLocations) != 1 || len(s.list(t)) != 1 {
				t.Errorf("the driver's work is lost: %+v, shares %v", made, s.list(t))
			}

			_, err = s.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: share.Share{ID: "../escape", Size: 1}})
			if !errors.Is(err, share.ErrInvalid) {
				t.Errorf("got %v, want the driver's own error", err)
			}
			got := check[share.PublishServiceCapabilitiesResult](t)(s.PublishServiceCapabilities(ctx, share.PublishServiceCapabilitiesArgs{}))
			if text := fmt.Sprint(got.Capabilities.Extra["undone"]); text != "[driver:invalid:../escape]" {
				t.Errorf("failed saw %v", text)
			}
		})
	}
}

func TestDisabledHooksAreAsIfTheyWereNotThere(t *testing.T) {
	s := newSite(t, map[string]string{"config.toml": fmt.Sprintf(failingConfig, false), "undo.lua": undo, "breaks.lua": breaks})
	if err := s.eng.SetEnabled("breaks", false); err != nil {
		t.Fatal(err)
	}
	check[share.CreateShareInstanceResult](t)(s.CreateShareInstance(context.Background(), share.CreateShareInstanceArgs{Share: share.Share{ID: "s-1", Size: 1}}))
}

const countingConfig = `
[services.nfs1]
[[services.nfs1.hooks]]
script = "mark.lua"
change_args = true
[[services.nfs1.hooks]]
script = "confirm.lua"
`

const mark = `
function pre.create_share_instance(call)
  call.args.share.metadata.mark = VERSION .. "-" .. call.generation .. "-" .. call.args.share.id
  return call.args.share.metadata.mark
end
function post.create_share_instance(call, result)
  result.export_locations[1].metadata = { mark = call.pre, version = VERSION }
end
`

const confirm = `
function post.create_share_instance(call, result)
  assert(result.export_locations[1].metadata.mark == call.args.share.metadata.mark, "hooks of two generations in one call")
  result.export_locations[1].metadata.confirmed = true
end
`

func TestReloadWhile32GoroutinesCallTheDriver(t *testing.T) {
	version := func(n int) string { return fmt.Sprintf("VERSION = %d\n%s", n, mark) }
	s := newSite(t, map[string]string{"config.toml": countingConfig, "mark.lua": version(1), "confirm.lua": confirm})
	ctx := context.Background()
	var wg sync.WaitGroup
	for worker := range 32 {
		wg.Go(func() {
			for i := range 4 {
				id := fmt.Sprintf("s-%d-%d", worker, i)
				made, err := s.CreateShareInstance(ctx, share.CreateShareInstanceArgs{Share: share.Share{ID: id, Size: 1}})
				if err != nil {
					t.Error(err)
					return
				}
				facts := made.ExportLocations[0].Metadata
				var v, generation int
				var of string
				_, _ = fmt.Sscanf(fmt.Sprint(facts["mark"]), "%d-%d-%s", &v, &generation, &of)
				if v != generation || of != id || fmt.Sprint(facts["version"]) != fmt.Sprint(v) || facts["confirmed"] != true {
					t.Errorf("share %s got %v", id, facts)
				}
			}
		})
	}
	for n := 2; n <= 10; n++ {
		s.write(t, map[string]string{"mark.lua": version(n)})
		if err := s.eng.Reload(ctx, s.config(t)); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	shares := s.list(t)
	if len(shares) != 32*4 {
		t.Errorf("the driver has %d shares, want %d", len(shares), 32*4)
	}
	for id, sh := range shares {
		if !strings.HasSuffix(fmt.Sprint(sh.Metadata["mark"]), "-"+id) {
			t.Errorf("share %s has metadata %v", id, sh.Metadata)
		}
	}
}
