package scripts_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/share"
)

func TestAccessAllowlistRefusesWhatItCannotPlace(t *testing.T) {
	for _, tc := range []struct {
		accessType, accessTo string
		want                 string // the message of the refusal; "" when it is let in
	}{
		{"ip", "10.0.0.5", ""},
		{"ip", "10.20.30.0/24", ""},
		{"ip", "172.31.255.255", ""},
		{"ip", "192.168.1.77/16", ""}, // host bits do not count
		{"ip", "172.32.0.0", "172.32.0.0 is in none of the allowed networks"},
		{"ip", "10.0.0.0/7", "10.0.0.0/7 is in none of the allowed networks"},
		{"ip", "0.0.0.0/0", "0.0.0.0/0 is in none of the allowed networks"},
		{"ip", "010.0.0.1", `"010.0.0.1": want an address, or a network such as 10.0.0.0/8`},
		{"ip", "10.0.0.256", `"10.0.0.256": want an address, or a network such as 10.0.0.0/8`},
		{"ip", "10.0.0", `"10.0.0": want an address, or a network such as 10.0.0.0/8`},
		{"ip", "10.0.0.0.0", `"10.0.0.0.0": want an address, or a network such as 10.0.0.0/8`},
		{"ip", "10.0.0.0/33", `"10.0.0.0/33": want an address, or a network such as 10.0.0.0/8`},
		{"ip", "10.0.0.0/", `"10.0.0.0/": want an address, or a network such as 10.0.0.0/8`},
		{"ip", "", `"": want an address, or a network such as 10.0.0.0/8`},
		{"ip", "fd00::1", ""},
		{"ip", "fc00::/6", "fc00::/6 is in none of the allowed networks"},
		{"ip", "2001:db8::1", "2001:db8::1 is in none of the allowed networks"},
		{"ip", "2001:db8::2", ""}, // listed in exact
		{"user", "ada", ""},       // too
		{"user", "grace", `access type "user" is allowed for listed clients only`},
		{"cephx", "10.0.0.5", `access type "cephx" is allowed for listed clients only`},
	} {
		t.Run(tc.accessType+" "+tc.accessTo, func(t *testing.T) {
			allowlist := hook("access_allowlist.lua", "exact", []any{"2001:db8::2", "ada"})
			args := share.AllowAccessArgs{Access: share.Access{AccessType: tc.accessType, AccessTo: tc.accessTo}}
			checkRefusal(t, refusal[share.AllowAccessResult](t, allowlist, "allow_access", args), tc.want)
		})
	}
}

func TestAccessAllowlistDoesNotLoadWithABadNetwork(t *testing.T) {
	_, err := newEngine(hook("access_allowlist.lua", "networks", []any{"10.0.0.0/8", "10.0.0.0/99"}))
	var ce *config.Error
	if !errors.As(err, &ce) {
		t.Fatalf("got error %v, want a *config.Error", err)
	}
}

// A typo would be a rule that is not there.
func TestExamplesThatRefuseDoNotLoadWithAnUnknownOption(t *testing.T) {
	scripts, err := filepath.Glob("examples/*.lua")
	if err != nil {
		t.Fatal(err)
	}
	refuses := regexp.MustCompile(`\breject\(`)
	checked := 0
	for _, path := range scripts {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.lua") || !refuses.Match(text) {
			continue
		}
		checked++
		if _, err := newEngine(hook(filepath.Base(path), "tpyes", int64(1))); err == nil || !strings.Contains(err.Error(), `unknown option "tpyes": want `) {
			t.Errorf("%s: got error %v, want one of the unknown option", path, err)
		}
	}
	if checked < 9 {
		t.Errorf("got %d examples that refuse calls, want 9 or more", checked)
	}
}

func TestSnapshotIsKeptUntilItsDate(t *testing.T) {
	day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
	for name, tc := range map[string]struct {
		metadata map[string]any
		want     string
	}{
		"no metadata":     {nil, ""},
		"past":            {map[string]any{"keep_until": day(-2)}, ""},
		"future":          {map[string]any{"keep_until": day(2)}, "snapshot s-1 is kept until " + day(2)},
		"not protected":   {map[string]any{"protected": "false"}, ""},
		"protected, text": {map[string]any{"protected": "true"}, "snapshot s-1 is protected"},
		"protected":       {map[string]any{"protected": true}, "snapshot s-1 is protected"},
	} {
		t.Run(name, func(t *testing.T) {
			args := share.DeleteSnapshotArgs{Snapshot: share.Snapshot{ID: "s-1", Metadata: tc.metadata}}
			checkRefusal(t, refusal[share.DeleteSnapshotResult](t, hook("protect_snapshots.lua"), "delete_snapshot", args), tc.want)
		})
	}
}

func TestLookUpAsksForWholeNamesOnly(t *testing.T) {
	const want = "want metadata cost_center that the inventory knows"
	lookup := hook("inventory_lookup.lua", "url", "https://cmdb.example.org/cost-centers/", "token", "t")
	for center, want := range map[any]string{"4711": "", 4711: "", "47/11": want, "4711?": want, " 4711": want, "": want, false: want, "4712": want} {
		args := share.CreateShareInstanceArgs{Share: share.Share{ID: "s-1", Metadata: map[string]any{"cost_center": center}}}
		checkRefusal(t, refusal[share.CreateShareInstanceResult](t, lookup, "create_share_instance", args), want)
	}
}

func TestFreezeWindowIsNotForTheServiceItself(t *testing.T) {
	always := hook("freeze_window.lua", "windows", []any{map[string]any{"from": "00:00", "to": "00:00"}})
	const want = "no changes from 00:00 to 00:00, UTC"
	checkRefusal(t, refusal[any](t, always, "init_host", share.InitHostArgs{}), "")
	checkRefusal(t, refusal[share.PublishServiceCapabilitiesResult](t, always, "publish_service_capabilities", share.PublishServiceCapabilitiesArgs{}), "")
	checkRefusal(t, refusal[share.CreateSnapshotResult](t, always, "create_snapshot", share.CreateSnapshotArgs{}), want)
}

// The service publishes its capabilities without a project, more often than anybody may call.
func TestRateLimitIsNotForTheServiceItself(t *testing.T) {
	none := hook("rate_limit.lua", "calls", int64(0))
	checkRefusal(t, refusal[share.PublishServiceCapabilitiesResult](t, none, "publish_service_capabilities", share.PublishServiceCapabilitiesArgs{}), "")
}

// The alert is about what there is, also where more than that is published.
func TestSampleConfigTellsOfAFullBackEnd(t *testing.T) {
	t.Chdir("..")
	cfg, err := config.Load("config.toml.example")
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(cfg, "nfs1", engine.Options{Methods: share.Methods(), Logger: slog.New(slog.DiscardHandler), Store: &effect.Memory{}, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	var trace engine.Trace
	_, err = engine.Call(engine.WithTrace(t.Context(), &trace), eng, "publish_service_capabilities", share.PublishServiceCapabilitiesArgs{},
		func(context.Context, share.PublishServiceCapabilitiesArgs) (r share.PublishServiceCapabilitiesResult, err error) {
			r.Capabilities.TotalCapacityGB, r.Capabilities.FreeCapacityGB = 1000, 50
			return r, nil
		})
	if err != nil {
		t.Fatal(err)
	}
	for _, span := range trace.Spans {
		if span.Hook == "capacity_alert" && len(span.Effects) > 0 {
			return
		}
	}
	t.Error("a back end that is 95 percent full raised no alert")
}

func TestUsageReportKnowsSharesWithoutAProject(t *testing.T) {
	eng, err := newEngine(hook("usage_report.lua"))
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	_, err = eng.Tick(t.Context(), func(context.Context) (any, error) { return []share.Share{{ID: "s-1", Size: 1}}, nil })
	if err != nil {
		t.Error(err)
	}
}

func checkRefusal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got refusal %q, want %q", got, want)
	}
}

func newEngine(hooks ...config.Hook) (*engine.Engine, error) {
	return engine.New(&config.Config{
		Scripts:  "examples",
		Services: map[string]config.Service{"nfs1": {Host: "storage-1", Hooks: hooks}},
	}, "nfs1", engine.Options{Methods: share.Methods(), Logger: slog.New(slog.DiscardHandler), Store: &effect.Memory{}, HTTP: inventory{}, DryRun: true})
}

// refusal makes a call with one hook and returns why the hook refused it.
func refusal[R, A any](t *testing.T, h config.Hook, method string, args A) string {
	t.Helper()
	eng, err := newEngine(h)
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	_, err = engine.Call(t.Context(), eng, method, args, func(context.Context, A) (r R, err error) { return r, nil })
	var rejected *engine.RejectedError
	if err != nil && !errors.As(err, &rejected) {
		t.Fatalf("got error %v, want none or a *RejectedError", err)
	}
	if rejected == nil {
		return ""
	}
	return rejected.Message
}
