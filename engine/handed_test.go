package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// taker is a host object that keeps what it is handed.
type taker struct{ got any }

func (k *taker) Take(v any)           { k.got = v }
func (k *taker) Map(m map[string]any) { k.got = m }

// wholeCall is what call holds in post, as data.
const wholeCall = `{"id": "nfs1-1", "service": "nfs1", "method": "create_snapshot", "phase": "post", "generation": 1, "dry_run": false,
	"args": {"share": {"id": "s-1", "name": "", "size": 9007199254740993, "export_locations": [{"path": "/a", "preferred": false}], "metadata": {}}},
	"context": {"user": 9007199254740993}, "pre": {"mark": 1}, "pre_error": null}`

func TestCallIsDataWhereverItIsHanded(t *testing.T) {
	for name, source := range map[string]string{
		"a free-form map":       `result.metadata.call = call`,
		"within a table":        `result.metadata = { call = call }`,
		"a log field":           `log.info("the call", { call = call })`,
		"all log fields":        `log.info("the call", call)`,
		"an argument":           `host.Take(call)`,
		"a map for an argument": `host.Map(call)`,
		"within an argument":    `host.Take({ call = call })`,
		"what is returned":      `return { metadata = { call = call } }`,
		"JSON in a field":       `result.metadata.call = json.decode(json.encode(call))`,
	} {
		t.Run(name, func(t *testing.T) {
			k := &taker{}
			w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"host": {Value: k, Methods: []string{"Take", "Map"}}}},
				hook("hands", `function pre.create_snapshot(call) return { mark = 1 } end
					function post.create_snapshot(call, result) `+source+` end`))
			var trace engine.Trace
			ctx := engine.WithTrace(engine.WithCallContext(context.Background(), map[string]any{"user": int64(9007199254740993)}), &trace)
			given := args{share{ID: "s-1", Size: 9007199254740993, Locations: []location{{Path: "/a"}}, Metadata: map[string]any{}}}
			result, err := engine.Call(ctx, w.Engine, "create_snapshot", given, echo)
			if err != nil {
				t.Fatal(err)
			}
			got := k.got
			if got == nil {
				got = any(result.Metadata)
			}
			if logs := trace.Spans[1].Logs; len(logs) > 0 {
				got = logs[0].Fields
			}
			if m := got.(map[string]any); m["call"] != nil {
				got = m["call"]
			}
			if m := got.(map[string]any); name == "a map for an argument" || name == "JSON in a field" { // a walk passes over what is nil
				m["pre_error"] = nil
			}
			wantJSON(t, got, wholeCall, strings.Contains(source, "decode"))
			onlyFreeForm(t, "call", got)
		})
	}
}

// wantJSON compares data with JSON. Where it was read as JSON, large integers are doubles.
func wantJSON(t *testing.T, got any, want string, rounded bool) {
	t.Helper()
	if rounded {
		want = strings.ReplaceAll(want, "9007199254740993", "9007199254740992")
	}
	text := must(json.Marshal(got))
	if diff := cmp.Diff(parsed(want), parsed(string(text))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func parsed(text string) (v any) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

// onlyFreeForm fails the test where data holds a Go type of somebody's own.
func onlyFreeForm(t *testing.T, path string, v any) {
	t.Helper()
	switch x := v.(type) {
	case nil, bool, string, int64, uint64, float64, json.Number:
	case []any:
		for _, item := range x {
			onlyFreeForm(t, path+"[]", item)
		}
	case map[string]any:
		for k, item := range x {
			onlyFreeForm(t, path+"."+k, item)
		}
	default:
		t.Errorf("%s: got a %T", path, v)
	}
}

func TestCallReturnedFromPreIsTheCallInPost(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("returns", `function pre.create_snapshot(call) return call end
		function post.create_snapshot(call, result)
			assert(call.pre == call and call.pre.args.share.id == "s-1")
			local ok, err = pcall(json.encode, call)
			result.name = err
		end`))
	var trace engine.Trace
	got, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "create_snapshot", args{share{ID: "s-1"}}, echo)
	if err != nil || !strings.HasSuffix(got.Name, "value.pre: a cycle: the table contains itself") {
		t.Errorf("got %+v, error %v", got, err)
	}
	wantArgs := map[string]any{"share": map[string]any{"id": "s-1", "name": "", "size": int64(0), "export_locations": []any{}, "metadata": map[string]any{}}}
	if returned, ok := trace.Spans[0].Returned.(map[string]any); !ok || !cmp.Equal(returned["args"], any(wantArgs)) {
		t.Errorf("the trace has %v, note %q", trace.Spans[0].Returned, trace.Spans[0].ReturnedNote)
	}
}

func TestWhatAContextHoldsIsCopiedIntoAResult(t *testing.T) {
	facts := map[string]any{"labels": map[string]any{"a": int64(1)}, "list": []any{"x"}}
	w := newWorld(t, engine.Options{}, hook("copies", `function post.create_snapshot(call, result)
		result.metadata = call.context
		log.info(tostring(service.name))
	end`), hook("changes", `function post.create_snapshot(call, result)
		result.metadata.labels.a = 2
		result.metadata.service = service
	end`))
	got, err := engine.Call(engine.WithCallContext(context.Background(), facts), w.Engine, "create_snapshot", args{}, echo)
	if err != nil {
		t.Fatal(err)
	}
	onlyFreeForm(t, "metadata", got.Metadata)
	got.Metadata["labels"].(map[string]any)["a"] = int64(3)
	got.Metadata["list"].([]any)[0] = "y"
	if diff := cmp.Diff(map[string]any{"labels": map[string]any{"a": int64(1)}, "list": []any{"x"}}, facts); diff != "" {
		t.Errorf("the facts have changed (-want +got):\n%s", diff)
	}
}

func TestIntegersOfAnySizeAreCopiedExactly(t *testing.T) {
	const id = 1234567890123456789
	k := &taker{}
	w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"host": {Value: k, Methods: []string{"Take"}}}}, hook("copies", `
		function pre.create_snapshot(call) return { id = call.args.share.size } end
		function post.create_snapshot(call, result)
			result.size = call.pre.id
			result.name = call.args.share.size .. ":" .. json.encode(call.pre)
			result.metadata = { id = call.pre.id, list = { call.context.id } }
			log.info("copied", { id = call.pre.id })
			host.Take({ call.context.id })
		end`))
	var trace engine.Trace
	ctx := engine.WithTrace(engine.WithCallContext(context.Background(), map[string]any{"id": uint64(1<<64 - 1)}), &trace)
	got, err := engine.Call(ctx, w.Engine, "create_snapshot", args{share{Size: id}}, func(context.Context, args) (share, error) { return share{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	want := share{Size: id, Name: `1234567890123456789:{"id":1234567890123456789}`, Metadata: map[string]any{"id": int64(id), "list": []any{uint64(1<<64 - 1)}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(share{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"id": int64(id)}, trace.Spans[1].Logs[0].Fields); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{uint64(1<<64 - 1)}, k.got); diff != "" {
		t.Errorf("the argument (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"id": int64(id)}, trace.Spans[0].Returned); diff != "" {
		t.Errorf("the trace (-want +got):\n%s", diff)
	}
}

// An integer that no double holds has all its digits in every text that the engine makes of it.
func TestIntegersHaveAllTheirDigitsInWhatAHookSays(t *testing.T) {
	const digits = "9007199254740993"
	for name, source := range map[string]string{
		"print":              `print(id)`,
		"a message":          `log.info(id)`,
		"tostring":           `print(tostring(id))`,
		"tonumber":           `print(tonumber(id))`,
		"tonumber to base":   `print(tonumber(id, 10))`,
		"what tostring asks": `print(setmetatable({}, { __tostring = function() return id end }))`,
		"an error in there":  `print((tostring(select(2, pcall(error, id, 0)))))`,
		"an error's place":   `print((select(2, pcall(error, id)):gsub("^.*: ", "")))`,
		"an error":           `error(id, 0)`,
		"an error's fields":  `error({ message = id })`,
		"an assertion":       `assert(false, id)`,
		"a refusal":          `reject(id)`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, engine.Options{}, hook("says", `function pre.create_snapshot(call) local id = call.args.share.size `+source+` end`))
			var trace engine.Trace
			_, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "create_snapshot", args{share{Size: 9007199254740993}}, echo)
			var said string
			var failed *engine.HookError
			var rejected *engine.RejectedError
			switch {
			case errors.As(err, &failed):
				said = failed.Message
			case errors.As(err, &rejected):
				said = rejected.Message
			case err == nil && len(trace.Spans[0].Logs) == 1:
				said = trace.Spans[0].Logs[0].Message
			}
			if said != digits {
				t.Errorf("it says %q (error %v), want %q", said, err, digits)
			}
		})
	}
}

// registry is a host object that knows long ids.
type registry struct{}

func (registry) ID() int64 { return 9007199254740993 }
func (registry) Record() map[string]any {
	return map[string]any{"ids": []any{uint64(18446744073709551615), int64(1)}}
}
func (registry) Take(id int64) string { return strconv.FormatInt(id, 10) }

func TestLongIntegersFromHostMethodsKeepTheirDigits(t *testing.T) {
	type ids struct {
		ID   int64
		Free any
		Text string
		From uint64
	}
	w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"registry": {Value: registry{}, Methods: []string{"ID", "Record", "Take"}}}},
		hook("a", `
function pre.m(call) kept = registry:ID() return { id = kept } end
function post.m(call, result)
  result.ID, result.Free, result.From = call.pre.id, { registry:ID() }, registry:Record().ids[1]
  result.Text = registry:Take(registry:ID()) .. " " .. tostring(registry:ID()) .. " " .. json.encode(registry:Record())
end
function post.later(call, result) result.ID = kept + 0 end
function periodic() assert(tostring(registry:ID()) == "9007199254740993") end`))
	call := func(method string) (ids, error) {
		return engine.Call(context.Background(), w.Engine, method, 1, func(context.Context, int) (ids, error) { return ids{}, nil })
	}
	want := ids{9007199254740993, []any{int64(9007199254740993)}, `9007199254740993 9007199254740993 {"ids":[18446744073709551615,1]}`, 18446744073709551615}
	if got, err := call("m"); err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got, err := call("later"); err != nil || got.ID != 9007199254740992 {
		t.Errorf("kept after the call: got %+v, %v", got, err)
	}
	if _, err := w.Tick(context.Background(), func(context.Context) (any, error) { return nil, nil }); err != nil {
		t.Error(err)
	}
}

func TestLongIntegersInStateKeepTheirDigits(t *testing.T) {
	const digits = "9007199254740993"
	var store effect.Memory
	w := newWorld(t, engine.Options{Store: &store}, hook("a", `
function pre.create_snapshot(call)
  local id = state.get("id")
  if not id then
    state.set("id", call.args.share.size)
    state.set("record", { ids = { call.args.share.size } })
    return
  end
  for key, value in state.each("record") do assert(tostring(value.ids[1]) == "`+digits+`") end
  events.publish("seen", { id = id, computed = id + 0 }, { when = "always" })
  state.set("id", id)
  kept = id
end
function pre.delete_snapshot() assert(tostring(kept) == "9007199254740992" and tostring(state.get("id")) == "`+digits+`") end`))
	for _, method := range []string{"create_snapshot", "create_snapshot", "delete_snapshot"} {
		if _, err := engine.Call(t.Context(), w.Engine, method, args{share{Size: 9007199254740993}}, echo); err != nil {
			t.Fatal(err)
		}
	}
	events := store.Events()
	if want := `{"computed":9007199254740992,"id":` + digits + `}`; len(events) != 1 || string(events[0].Data) != want {
		t.Errorf("got %+v, want one with %s", events, want)
	}
}
