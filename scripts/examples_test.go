package scripts_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

var update = flag.Bool("update", false, "write what the examples do to testdata")

// example is some calls with some hooks around them. What happens stands in testdata, in the file named after it.
type example struct {
	name    string
	records string // in examples/calls, one after the other
	hooks   []config.Hook
}

// hook configures a script with its options given as keys and values.
func hook(script string, options ...any) config.Hook {
	h := config.DefaultHook(script)
	h.Options = map[string]any{}
	for i := 0; i < len(options); i += 2 {
		h.Options[options[i].(string)] = options[i+1]
	}
	return h
}

// inventory answers as one that knows the cost center 4711.
type inventory struct{}

// Do answers.
func (inventory) Do(_ context.Context, r effect.Request) (*effect.Response, error) {
	if r.URL == "https://cmdb.example.org/cost-centers/4711" && r.Header["authorization"] == "Bearer t" {
		return &effect.Response{Status: 200}, nil
	}
	return &effect.Response{Status: 404}, nil
}

func changingArgs(h config.Hook) config.Hook {
	h.ChangeArgs = true
	return h
}

var examples = []example{
	{"quota_guard", "create_share_instance.json", []config.Hook{hook("quota_guard.lua")}},
	{"quota_guard_refuses", "create_share_instance_too_large.json", []config.Hook{hook("quota_guard.lua")}},
	{"quota_guard_by_project", "create_share_instance_too_large.json", []config.Hook{
		hook("quota_guard.lua", "max_gib", int64(10), "projects", map[string]any{"render": int64(8000)})}},
	{"name_policy", "create_share_instance.json", []config.Hook{hook("name_policy.lua")}},
	{"name_policy_refuses", "create_share_instance_bad_name.json", []config.Hook{hook("name_policy.lua")}},
	{"name_policy_of_snapshots", "create_snapshot.json", []config.Hook{
		hook("name_policy.lua", "pattern", "%l+", "required", true)}},
	{"export_rewrite", "create_share_instance.json", []config.Hook{hook("export_rewrite.lua")}},
	{"export_rewrite_of_snapshots", "create_snapshot.json", []config.Hook{hook("export_rewrite.lua", "to", "nas.example.net")}},
	{"protect_snapshots_refuses", "delete_snapshot.json", []config.Hook{hook("protect_snapshots.lua")}},
	{"protect_snapshots_forced", "delete_snapshot.json", []config.Hook{hook("protect_snapshots.lua", "admins_may_force", true)}},
	{"audit_log", "create_snapshot.json", []config.Hook{hook("audit_log.lua")}},
	{"audit_log_of_driver_error", "extend_share_failed.json", []config.Hook{hook("audit_log.lua")}},
	{"audit_log_of_refusal", "create_share_instance_too_large.json", []config.Hook{hook("audit_log.lua"), hook("quota_guard.lua")}},
	{"access_allowlist", "allow_access.json", []config.Hook{hook("access_allowlist.lua")}},
	{"access_allowlist_refuses", "allow_access_outside.json", []config.Hook{hook("access_allowlist.lua")}},
	{"access_allowlist_exact", "allow_access_outside.json", []config.Hook{
		hook("access_allowlist.lua", "exact", []any{"203.0.113.7"})}},
	{"overcommit", "publish_service_capabilities.json", []config.Hook{hook("overcommit.lua")}},
	{"usage_report", "periodic.json", []config.Hook{hook("usage_report.lua")}},
	{"default_metadata", "create_share_instance.json", []config.Hook{changingArgs(hook("default_metadata.lua"))}},
	{"default_metadata_without_change_args", "create_share_instance.json", []config.Hook{hook("default_metadata.lua")}},
	{"notify", "create_snapshot.json", []config.Hook{hook("notify.lua")}},
	{"notify_of_failures_only", "create_snapshot.json extend_share_failed.json", []config.Hook{hook("notify.lua", "only_failures", true)}},
	{"project_quota", "create_share_instance.json extend_share_failed.json create_share_instance.json", []config.Hook{
		hook("project_quota.lua", "projects", map[string]any{"media": int64(450)})}},
	{"project_quota_refuses", "create_share_instance.json create_share_instance_too_large.json", []config.Hook{hook("project_quota.lua", "gib", int64(150))}},
	{"rate_limit", "create_snapshot.json create_snapshot.json create_snapshot.json", []config.Hook{hook("rate_limit.lua", "calls", int64(2))}},
	{"capacity_alert", "publish_service_capabilities.json publish_service_capabilities.json", []config.Hook{
		hook("capacity_alert.lua", "full_percent", int64(30), "room_percent", int64(20))}},
	{"freeze_window", "create_snapshot.json", []config.Hook{
		hook("freeze_window.lua", "zone", "Europe/Berlin", "windows", []any{map[string]any{"from": "06:00", "to": "07:00"}})}},
	{"freeze_window_refuses", "create_share_instance.json", []config.Hook{
		hook("freeze_window.lua", "zone", "Europe/Berlin", "windows", []any{map[string]any{"days": "sun mon", "from": "22:00", "to": "11:01"}})}},
	{"ticket_number", "create_share_instance.json create_share_instance.json", []config.Hook{changingArgs(hook("ticket_number.lua"))}},
	{"call_metrics", "create_snapshot.json", []config.Hook{hook("call_metrics.lua")}},
	{"cleanup", "create_snapshot.json create_snapshot_failed.json", []config.Hook{hook("cleanup.lua")}},
	{"inventory_lookup", "create_share_instance.json create_share_instance.json", []config.Hook{
		hook("inventory_lookup.lua", "url", "https://cmdb.example.org/cost-centers/", "token", "t")}},
	{"inventory_lookup_refuses", "create_share_instance_bad_name.json", []config.Hook{
		hook("inventory_lookup.lua", "url", "https://cmdb.example.org/cost-centers/", "token", "t")}},
	{"type_policy", "create_share_instance.json", []config.Hook{hook("type_policy.lua")}},
	{"type_policy_refuses", "create_share_instance.json", []config.Hook{hook("type_policy.lua", "types", []any{"gold"})}},
	{"together", "create_share_instance.json", []config.Hook{
		hook("audit_log.lua"), hook("quota_guard.lua", "max_gib", int64(500)), hook("name_policy.lua"),
		changingArgs(hook("default_metadata.lua", "metadata", map[string]any{"tier": "bronze"})), hook("export_rewrite.lua")}},
}

func TestExamplesDoWhatTheySay(t *testing.T) {
	for _, ex := range examples {
		t.Run(ex.name, func(t *testing.T) {
			got := ex.tell(t)
			golden := filepath.Join("testdata", ex.name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (-want +got):\n%s", golden, diff)
			}
		})
	}
}

func TestEachExampleAndEachRecordIsUsed(t *testing.T) {
	var scripts, records, stories []string
	for _, ex := range examples {
		for _, name := range strings.Fields(ex.records) {
			records = append(records, filepath.Join("examples", "calls", name))
		}
		stories = append(stories, filepath.Join("testdata", ex.name+".txt"))
		for _, h := range ex.hooks {
			scripts = append(scripts, filepath.Join("examples", h.Script))
		}
	}
	for pattern, used := range map[string][]string{
		"examples/*.lua": scripts, "examples/calls/*.json": records, "testdata/*.txt": stories,
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.lua") })
		slices.Sort(used)
		if diff := cmp.Diff(slices.Compact(used), files); diff != "" {
			t.Errorf("%s: got files that no example uses, or no file (-used +files):\n%s", pattern, diff)
		}
	}
}
