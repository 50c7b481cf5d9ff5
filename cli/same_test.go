package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/share"
	"github.com/hookrun/hookrun/tape"
)

// answering is a driver that ends every call the same way, and notes what it was called with.
type answering struct {
	share.Defaults
	answer any
	err    error
	got    any
}

func answer[A, R any](d *answering, args A) (R, error) {
	d.got = args
	result, _ := d.answer.(R)
	return result, d.err
}

func (d *answering) AllowAccess(_ context.Context, a share.AllowAccessArgs) (share.AllowAccessResult, error) {
	return answer[share.AllowAccessArgs, share.AllowAccessResult](d, a)
}
func (d *answering) CreateShareInstance(_ context.Context, a share.CreateShareInstanceArgs) (share.CreateShareInstanceResult, error) {
	return answer[share.CreateShareInstanceArgs, share.CreateShareInstanceResult](d, a)
}
func (d *answering) CreateSnapshot(_ context.Context, a share.CreateSnapshotArgs) (share.CreateSnapshotResult, error) {
	return answer[share.CreateSnapshotArgs, share.CreateSnapshotResult](d, a)
}
func (d *answering) DeleteShareInstance(_ context.Context, a share.DeleteShareInstanceArgs) (share.DeleteShareInstanceResult, error) {
	return answer[share.DeleteShareInstanceArgs, share.DeleteShareInstanceResult](d, a)
}
func (d *answering) DeleteShareServer(_ context.Context, a share.DeleteShareServerArgs) (share.DeleteShareServerResult, error) {
	return answer[share.DeleteShareServerArgs, share.DeleteShareServerResult](d, a)
}
func (d *answering) DeleteSnapshot(_ context.Context, a share.DeleteSnapshotArgs) (share.DeleteSnapshotResult, error) {
	return answer[share.DeleteSnapshotArgs, share.DeleteSnapshotResult](d, a)
}
func (d *answering) DenyAccess(_ context.Context, a share.DenyAccessArgs) (share.DenyAccessResult, error) {
	return answer[share.DenyAccessArgs, share.DenyAccessResult](d, a)
}
func (d *answering) ExtendShare(_ context.Context, a share.ExtendShareArgs) (share.ExtendShareResult, error) {
	return answer[share.ExtendShareArgs, share.ExtendShareResult](d, a)
}
func (d *answering) InitHost(_ context.Context, a share.InitHostArgs) (share.InitHostResult, error) {
	return answer[share.InitHostArgs, share.InitHostResult](d, a)
}
func (d *answering) ManageShare(_ context.Context, a share.ManageShareArgs) (share.ManageShareResult, error) {
	return answer[share.ManageShareArgs, share.ManageShareResult](d, a)
}
func (d *answering) PublishServiceCapabilities(_ context.Context, a share.PublishServiceCapabilitiesArgs) (share.PublishServiceCapabilitiesResult, error) {
	return answer[share.PublishServiceCapabilitiesArgs, share.PublishServiceCapabilitiesResult](d, a)
}
func (d *answering) ShrinkShare(_ context.Context, a share.ShrinkShareArgs) (share.ShrinkShareResult, error) {
	return answer[share.ShrinkShareArgs, share.ShrinkShareResult](d, a)
}
func (d *answering) UnmanageShare(_ context.Context, a share.UnmanageShareArgs) (share.UnmanageShareResult, error) {
	return answer[share.UnmanageShareArgs, share.UnmanageShareResult](d, a)
}
func (d *answering) Shares(context.Context) ([]share.Share, error) {
	return d.got.(sharesArgs).Shares, d.err
}

// sharesArgs are the args of a periodic record.
type sharesArgs struct {
	Shares []share.Share `json:"shares"`
}

// The records of the comparison, each with results of another shape.
var recordsOfAllKinds = map[string]string{
	"create_snapshot": `{"method":"create_snapshot","args":{"snapshot":{"id":"s-1","metadata":{"a":1},"size":9007199254740993}},
		"result":{"provider_location":"/snap/s-1","size":2}}`,
	"create_share_instance": `{"method":"create_share_instance","args":{"share":{"id":"s-1"},"snapshot":{"id":"p-1"}},
		"result":{"export_locations":[{"path":"10.0.0.5:/s-1","preferred":true},{"path":"10.0.0.6:/s-1"}]}}`,
	"allow_access":          `{"method":"allow_access","args":{"share":{"id":"s-1"},"access":{"id":"a-1"}},"result":{"access_key":null}}`,
	"delete_share_instance": `{"method":"delete_share_instance","args":{"share":{"id":"s-1"}}}`,
	"extend_share":          `{"method":"extend_share","args":{"share":{"id":"s-1"},"new_size":5},"error":{"message":"disk full","code":"no_space"}}`,
	"shrink_share":          `{"method":"shrink_share","args":{"share":{"id":"s-1"}},"error":{"message":"M"},"result":{}}`,
	"manage_share": `{"method":"manage_share","args":{"share":{"id":"s-1"}},"error":{"message":"M","code":"C"},
		"result":{"size":7,"export_locations":[{"path":"/s-1"}]}}`,
	"publish_service_capabilities": `{"method":"publish_service_capabilities","result":{"capabilities":{"share_backend_name":"b",
		"pools":[{"pool_name":"p"}],"extra":{"qos":true}}}}`,
	"periodic": `{"method":"periodic","tick":3,"args":{"shares":[{"id":"s-1","size":2,"metadata":{"a":1}}]}}`,
}

// What scripts may do to args, results and periodic data, right and wrong.
var scriptsOfAllKinds = []string{
	`function post() return { sizee = 5 } end`,
	`function post() return { size = "5" } end`,
	`function post() return 5 end`,
	`function post() return "text" end`,
	`function post() return false end`,
	`function post() return null end`,
	`function post() return {} end`,
	`function post() return { 1, 2 } end`,
	`function post() return function() end end`,
	`function post(call, result) return result end`,
	`function post(call, result) return call.args end`,
	`function post(call, result) return { export_locations = { { path = "/x" } } } end`,
	`function post(call, result) return { export_locations = { path = "/x" } } end`,
	`function post(call, result) return { access_key = 5 } end`,
	`function post(call, result) result.access_key = "k" end`,
	`function post(call, result) result.size = 1.5 end`,
	`function post(call, result) result.size = 7 end`,
	`function post(call, result) result.provider_location = nil end`,
	`function post(call, result) result.capabilities = { extra = { 1, 2 } } end`,
	`function post(call, result) result.capabilities.extra.more = { 1, { a = null } } end`,
	`function post(call, result) for k, v in pairs(result) do result[k] = nil end end`,
	`function post(call, result) table.remove(result.export_locations, 1) end`,
	`function post(call, result) result.export_locations[1] = result.export_locations[2] end`,
	`function pre(call) call.args.share = { size = 9 } end`,
	`function pre(call) call.args.share = { siez = 9 } end`,
	`function pre(call) call.args.share = nil end`,
	`function pre(call) call.args.snapshot.size = call.args.snapshot.size end`,
	`function pre(call) call.args.snapshot.metadata.a = nil end`,
	`function pre(call) call.args.share.size = "9" end`,
	`function pre(call) call.args.more = 9 end`,
	`function pre(call) call.args = {} end`,
	`function pre(call) return { share = { size = "9" } } end`,
	`function pre(call) reject("no", "quota") end`,
	`function pre(call) return { 1 } end function failed(call, err) error(err.message .. call.pre[1]) end`,
	`function periodic(shares, tick) shares[1].size = "x" end`,
	`function periodic(shares, tick) shares[1].size = tick shares[2] = { nope = 1 } end`,
	`function periodic(shares, tick) shares[1].metadata.b = {} return 5 end`,
	`function periodic(shares, tick) error("tick " .. tick .. " " .. #shares) end`,
}

func TestDryRunAnswersAsTheService(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, "config.toml", "[services.nfs1]\n[[services.nfs1.hooks]]\nscript = \"a.lua\"\nchange_args = true\n")
	for method, text := range recordsOfAllKinds {
		write(t, method+".json", text)
	}
	ends := map[string]int{}
	for _, script := range scriptsOfAllKinds {
		write(t, "a.lua", script)
		for method := range recordsOfAllKinds {
			dry := runDry(t, method+".json")
			live := runLive(t, method+".json")
			if diff := cmp.Diff(live, dry); diff != "" {
				t.Errorf("%s\n%s: -service +dry run:\n%s", script, method, diff)
			}
			ends[live["outcome"].(string)]++
		}
	}
	if len(ends) != 3 || ends[tape.Completed] == 0 || ends[tape.Failed] < 50 {
		t.Errorf("the calls ended so: %v", ends)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// runDry returns what `hookrun run --json` says of how a call ended.
func runDry(t *testing.T, file string) map[string]any {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if status := Run(ofShares, []string{"run", "--json", file}, strings.NewReader(""), &stdout, &stderr); status == statusUsage {
		t.Fatalf("%s: %s", file, stderr.String())
	}
	all := unmarshal(t, stdout.Bytes())
	return map[string]any{"outcome": all["outcome"], "error": all["error"], "args": all["args"], "result": all["result"]}
}

// runLive makes the call of a record as a service does, with Go types of its own, and says the same of it.
func runLive(t *testing.T, file string) map[string]any {
	t.Helper()
	cfg, err := config.Load("config.toml")
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(cfg, "nfs1", engine.Options{Methods: share.Methods(), DryRun: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer eng.Close()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := record.NewDecoder(file, bytes.NewReader(text)).Next()
	if err != nil {
		t.Fatal(err)
	}
	decode := func(raw record.Raw, as reflect.Type) any {
		v, err := raw.Decode(as, "")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	driver := &answering{}
	if r.Error != nil {
		driver.err = &driverError{*r.Error}
	}
	hooked := reflect.ValueOf(share.Hooked(driver, eng))
	end := map[string]any{"result": nil}
	if r.Method == record.Periodic {
		driver.got = decode(r.Args, reflect.TypeFor[sharesArgs]())
		_, err = eng.TickAt(t.Context(), r.Tick, hooked.Interface().(*share.HookedDriver).PeriodicData)
		end["args"] = driver.got
	} else {
		method := hooked.MethodByName(goName(r.Method))
		args := decode(r.Args, method.Type().In(1))
		driver.answer = decode(r.Result, method.Type().Out(0))
		out := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), reflect.ValueOf(args)})
		err, _ = out[1].Interface().(error)
		end["args"] = args
		if driver.got != nil { // else the dry run says what it would have been called with, and there is no result
			end["args"], end["result"] = driver.got, out[0].Interface()
		}
	}
	var failed error
	if driver.got != nil {
		failed = driver.err
	}
	end["outcome"], end["error"] = tape.OutcomeOf(err, failed), tape.NewFailure(err, failed)
	if driver.err != nil && driver.got != nil && r.Result.IsNull() {
		end["result"] = nil // the dry run has none where the record has none
	}
	text, err = json.Marshal(end)
	if err != nil {
		t.Fatal(err)
	}
	return unmarshal(t, text)
}

// goName is the name that a method has in Go.
func goName(method string) string {
	var name string
	for word := range strings.SplitSeq(method, "_") {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

func unmarshal(t *testing.T, text []byte) (v map[string]any) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}
