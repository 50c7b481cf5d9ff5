package engine_test

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// keepMany assigns many values to the result in a few instructions: they are converted by the commit.
const keepMany = `
many = {} for i = 1, 20000 do many[i] = { i } end
function post.create_snapshot(call, result)
  result.name, result.metadata.many = "spoiled", many
end`

func TestACommitCountsToTheLimitsOfItsHook(t *testing.T) {
	tests := []struct {
		kind engine.Kind
		set  func(*config.Hook)
	}{
		{engine.KindInstructions, func(h *config.Hook) { h.MaxInstructions, h.Timeout = 300_000, time.Minute }},
		{engine.KindMemory, func(h *config.Hook) { h.MaxMemory, h.Timeout = 6<<20, time.Minute }},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			again := `for i = 1, 20 do result.metadata["m" .. i] = many end end`
			source := strings.TrimSuffix(keepMany, "end") + again
			w := newWorld(t, engine.Options{}, hook("keeps", source, tt.set),
				hook("names", `function post.create_snapshot(call, result) result.id = "seen" end`))
			got, err := w.call(share{Name: "old", Metadata: map[string]any{"owner": "me"}})
			he := wantHookError(t, err, tt.kind, "")
			if he.Hook != "keeps" || he.Phase != engine.PhasePost {
				t.Errorf("got hook %s in %s", he.Hook, he.Phase)
			}
			if got.Name != "old" || len(got.Metadata) != 1 {
				t.Errorf("something of the hook remains: %s, %d keys", got.Name, len(got.Metadata))
			}
			var trace engine.Trace
			ctx := engine.WithTrace(context.Background(), &trace)
			w.SetEnabled("keeps", false)
			if got, err = engine.Call(ctx, w.Engine, "create_snapshot", args{share{Name: "old"}}, echo); err != nil || got.ID != "seen" {
				t.Errorf("the next call: %+v, error %v", got, err)
			}
		})
	}
}

func TestATraceNotesAResultThatIsTooLarge(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("returns", `
local shared = { 1 }
for i = 1, 40 do shared = { shared, shared } end
function pre.create_snapshot() return shared end`, func(h *config.Hook) { h.Timeout = time.Minute }))
	var trace engine.Trace
	if _, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "create_snapshot", args{}, echo); err != nil {
		t.Fatal(err)
	}
	if s := trace.Spans[0]; s.Returned != nil || s.ReturnedNote == "" || len(s.ReturnedNote) > 1000 {
		t.Errorf("got %.100v, note %.100s", s.Returned, s.ReturnedNote)
	}
}

// TestACommitThatIsStoppedAtItsEndHasNoEffect: all is converted already when the limit is found to be passed.
func TestACommitThatIsStoppedAtItsEndHasNoEffect(t *testing.T) {
	instructions := int64(1 << 30)
	lookup := func() (got any, trace engine.Trace) {
		w := newWorld(t, engine.Options{},
			hook("counts", `function post.lookup() for i = 1, 1000 do end return { name = "half-made" } end`,
				func(h *config.Hook) { h.MaxInstructions, h.SuppressPostErrors = instructions, true }),
			hook("reads", `function post.lookup(call, result) result.seen = result.name end`))
		got, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "lookup", map[string]any{},
			func(context.Context, map[string]any) (any, error) { return map[string]any{"name": "driver"}, nil })
		if err != nil {
			t.Fatal(err)
		}
		return got, trace
	}
	_, trace := lookup()
	instructions = trace.Spans[0].Instructions // without those of the commit
	for stopped := 0; ; stopped++ {
		got, trace := lookup()
		if trace.Spans[0].Status == engine.StatusOK && stopped > 0 {
			break
		}
		if !reflect.DeepEqual(got, map[string]any{"name": "driver", "seen": "driver"}) {
			t.Fatalf("with %d instructions: got %v", instructions, got)
		}
		instructions++
	}
}

// hasty is a type of keys whose method makes a key that no map can have.
type hasty struct{ parts any }

func (h hasty) MarshalText() ([]byte, error) { return []byte(fmt.Sprint(h.parts)), nil }

func (h *hasty) UnmarshalText(text []byte) error {
	h.parts = strings.Fields(string(text))
	return nil
}

// atlas is a host object.
type atlas struct{}

func (atlas) Take(map[hasty]int) {}

// TestAKeyThatNoMapCanHaveIsAMistakeInItsPlace, wherever a script names it. The hook keeps its globals.
func TestAKeyThatNoMapCanHaveIsAMistakeInItsPlace(t *testing.T) {
	type ways struct {
		Name string        `json:"name"`
		To   map[hasty]int `json:"to"`
	}
	const mistake = "UnmarshalText made a key that no map can have"
	for _, tt := range []struct {
		source, want string
		kind         engine.Kind
		to           map[hasty]int
	}{
		{`assert(result.to.a == nil)`, "", "", nil},
		{`assert(result.to.a == nil and result.to.b == 2)`, "", "", map[hasty]int{{"b"}: 2}},
		{`result.to.a = nil`, "result.to.a: " + mistake, engine.KindType, nil},
		{`result.to.a = 1`, "result.to.a: " + mistake, engine.KindType, map[hasty]int{{"b"}: 2}},
		{`result.to = { a = 1 }`, "result.to.a: " + mistake, engine.KindType, nil},
		{`local to = {} result.to = to to.a = 1`, "result.to.a: " + mistake, engine.KindType, nil},
		{`atlas:Take({ a = 1 })`, "atlas.Take: argument 1.a: " + mistake, engine.KindScript, nil},
	} {
		w := newWorld(t, engine.Options{Objects: map[string]engine.Object{"atlas": {Value: atlas{}, Methods: []string{"Take"}}}},
			hook("names", `runs = 0 function post.m(call, result) runs = runs + 1 result.name = "new" .. runs `+tt.source+` end`))
		for run := 1; run <= 2; run++ {
			got, err := engine.Call(context.Background(), w.Engine, "m", 0,
				func(context.Context, int) (ways, error) { return ways{Name: "old", To: tt.to}, nil })
			if tt.want == "" {
				if want := fmt.Sprint("new", run); err != nil || got.Name != want {
					t.Errorf("%s: got %q, error %v, want %q", tt.source, got.Name, err, want)
				}
				continue
			}
			wantHookError(t, err, tt.kind, tt.want)
			if got.Name != "old" || !reflect.DeepEqual(got.To, tt.to) {
				t.Errorf("%s: got %+v", tt.source, got)
			}
		}
		if log := w.log.String(); strings.Contains(log, "globals") {
			t.Errorf("%s: logged %s", tt.source, log)
		}
	}
}

// jumpy is a type whose method panics.
type jumpy struct{ text string }

func (j jumpy) MarshalText() ([]byte, error) { return []byte(j.text), nil }
func (j *jumpy) UnmarshalText([]byte) error  { panic("boo") }

// TestACommitThatPanicsIsAFailureOfItsHook: what the script did ends when the script has, in the caller's goroutine.
func TestACommitThatPanicsIsAFailureOfItsHook(t *testing.T) {
	type ways struct {
		Name string           `json:"name"`
		To   map[string]jumpy `json:"to"`
	}
	w := newWorld(t, engine.Options{}, hook("assigns", `function post.m(call, result) local to = {}
		result.name, result.to = "new", to
		to.a = "x" end`))
	for range 2 {
		for _, ctx := range []context.Context{context.Background(), engine.WithTrace(context.Background(), new(engine.Trace))} {
			got, err := engine.Call(ctx, w.Engine, "m", 0, func(context.Context, int) (ways, error) { return ways{Name: "old"}, nil })
			wantHookError(t, err, engine.KindInternal, "panic: result.to.a: UnmarshalText panicked: boo")
			if got.Name != "old" || got.To != nil {
				t.Errorf("got %+v", got)
			}
		}
	}
	var trace engine.Trace
	w = newWorld(t, engine.Options{}, hook("assigns", `function pre.m(call) local to = {} call.args.to = to to.a = "x" end`))
	if _, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "m", ways{},
		func(context.Context, ways) (int, error) { return 0, nil }); err != nil {
		t.Error(err)
	}
	if d := trace.Spans[0].Dropped; d == nil || !strings.Contains(d.Note, "args.to.a: UnmarshalText panicked") {
		t.Errorf("what was dropped: got %+v", d)
	}
}

// TestARunEndsTheSameWhetherAnybodyLooksOrNot: what it takes to show a run is not the run's.
func TestARunEndsTheSameWhetherAnybodyLooksOrNot(t *testing.T) {
	type ways struct {
		To map[string]jumpy `json:"to"`
	}
	call := func(source string, instructions int64, traced bool) (engine.Trace, error) {
		w, _ := storeWorld(t, hook("acts", source, func(h *config.Hook) { h.MaxInstructions = instructions }))
		var trace engine.Trace
		ctx := context.Background()
		if traced {
			ctx = engine.WithTrace(ctx, &trace)
		}
		_, err := engine.Call(ctx, w.Engine, "m", ways{}, func(context.Context, ways) (int, error) { return 0, nil })
		return trace, err
	}
	panics := `function pre.m(call) local to = {} call.args.to = to to.a = "x" events.publish("x", {}) return "y" end`
	for _, traced := range []bool{false, true} {
		trace, err := call(panics, 1e6, traced)
		if err != nil {
			t.Errorf("traced %v: %v", traced, err)
		}
		if traced && err == nil {
			if d := trace.Spans[0].Dropped; d == nil || !strings.Contains(d.Note, "args.to.a: UnmarshalText panicked") {
				t.Errorf("what was dropped: got %+v", d)
			}
		}
	}
	large := `function pre.m()
		local list = {} for i = 1, 300 do list[i] = i end
		events.publish("x", {}) return list end`
	enough := sort.Search(20_000, func(n int) bool { _, err := call(large, int64(n), false); return err == nil })
	trace, err := call(large, int64(enough), true)
	if list, _ := trace.Spans[0].Returned.([]any); err != nil || len(list) != 300 {
		t.Errorf("with %d instructions, just enough: error %v, shown %v, note %q", enough, err, list, trace.Spans[0].ReturnedNote)
	}
}

func TestWhatAnAnyHoldsBehindAPointerIsCommitted(t *testing.T) {
	type disk struct {
		Name string `json:"name"`
	}
	type holder struct {
		P *any `json:"p"`
	}
	for _, tt := range []struct {
		source    string
		old, want any
	}{
		{`result.p.name = "new"`, disk{"old"}, disk{"new"}},
		{`result.p.name = "new"`, &disk{"old"}, &disk{"new"}},
		{`result.p[1] = 5`, [2]int{1, 2}, [2]int{5, 2}},
		{`result.p[1] = 5`, []int{1, 2}, []int{5, 2}},
		{`result.p.name = "new"`, map[string]string{"name": "old"}, map[string]string{"name": "new"}},
	} {
		w := newWorld(t, engine.Options{}, hook("writes", "function post.m(call, result) "+tt.source+" end"))
		given := tt.old
		got, err := engine.Call(context.Background(), w.Engine, "m", 0, func(context.Context, int) (holder, error) { return holder{&given}, nil })
		if err != nil || !reflect.DeepEqual(*got.P, tt.want) || got.P == &given {
			t.Errorf("%T: got %v, error %v", tt.old, *got.P, err)
		}
	}
}

func TestARefusedWriteIsATypeErrorWhateverItIsTo(t *testing.T) {
	for _, write := range []string{`options.x = 1`, `call.method = "x"`, `service.name = "x"`, `call.args.share.size = "x"`} {
		w := newWorld(t, engine.Options{}, hook("writes", "function pre.create_snapshot(call) "+write+" end",
			func(h *config.Hook) { h.Options = map[string]any{"x": 2} }))
		_, err := w.call(share{})
		wantHookError(t, err, engine.KindType, "")
	}
}
