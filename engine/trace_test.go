package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

func TestTraceTellsWhatWasChangedWithoutEffect(t *testing.T) {
	changeArgs := func(h *config.Hook) { h.ChangeArgs = true }
	tests := map[string]struct {
		source string
		set    func(*config.Hook)
		phase  engine.Phase
		want   *engine.Drop // with the sizes of the share before and after
	}{
		"pre":          {`function pre(call) call.args.share.size = 9 end`, nil, engine.PhasePre, &engine.Drop{Of: "call.args", Why: "change_args is false", Before: int64(3), After: int64(9)}},
		"pre, allowed": {`function pre(call) call.args.share.size = 9 end`, changeArgs, engine.PhasePre, nil},
		"pre that only sets a map in the metadata": {`function pre(call) call.args.share.metadata.a = { 1 } end`, nil, engine.PhasePre, &engine.Drop{Of: "call.args", Why: "change_args is false", Before: int64(3), After: int64(3)}},
		"the same value":    {`function pre(call) local s = call.args.share.size end`, nil, engine.PhasePre, nil},
		"post":              {`function post(call, result) call.args.share.size = 9 result.size = 1 end`, changeArgs, engine.PhasePost, &engine.Drop{Of: "call.args", Why: "only pre changes args", Before: int64(3), After: int64(9)}},
		"post on its own":   {`function post(call, result) result.size = 1 end`, nil, engine.PhasePost, nil},
		"what does not fit": {`function pre(call) local t = {} call.args.share.metadata.t = t t.t = t end`, nil, engine.PhasePre, &engine.Drop{Of: "call.args", Why: "change_args is false", Note: "args.share.metadata.t.t: a cycle: the table contains itself"}},
		"a failing pre":     {`function pre(call) call.args.share.size = 9 error("x") end`, func(h *config.Hook) { h.SuppressPreErrors = true }, engine.PhasePre, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := hook("a", test.source)
			if test.set != nil {
				h.set = test.set
			}
			w := newWorld(t, engine.Options{}, h)
			var trace engine.Trace
			if _, err := engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "create_snapshot",
				args{share{Size: 3, Metadata: map[string]any{}}}, echo); err != nil {
				t.Fatal(err)
			}
			got := trace.Spans[0].Dropped
			if got != nil && got.Note == "" {
				got.Before, got.After = got.Before.(args).Share.Size, got.After.(args).Share.Size
			}
			if diff := cmp.Diff(test.want, got); diff != "" || trace.Spans[0].Phase != test.phase {
				t.Errorf("phase %s: -want +got:\n%s", trace.Spans[0].Phase, diff)
			}
		})
	}
}

func TestTraceTellsOfPeriodicChangesWithoutEffect(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `function periodic(shares) shares[1].size = 9 end`))
	var trace engine.Trace
	if _, err := w.Tick(engine.WithTrace(context.Background(), &trace), func(context.Context) (any, error) { return []share{{Size: 3}}, nil }); err != nil {
		t.Fatal(err)
	}
	want := &engine.Drop{Of: "shares", Why: "periodic changes nothing", Before: []share{{Size: 3}}, After: []share{{Size: 9}}}
	if diff := cmp.Diff(want, trace.Spans[0].Dropped, cmp.AllowUnexported(share{})); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}

func TestScriptsSeeTheTimeOfTheCall(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("a", `
		function pre(call) return { os.time(), os.date("!%Y-%m-%dT%H:%M:%S"), os.date("!*t").year } end
		function failed(call, err) if os.time() ~= call.pre[1] then error("another time") end end
		function periodic() log.info(os.date("!%Y")) end`))
	at := time.Date(2031, 2, 3, 4, 5, 6, 789, time.FixedZone("", 3600))
	var trace engine.Trace
	ctx := engine.WithTrace(engine.WithTime(context.Background(), at), &trace)
	_, _ = engine.Call(ctx, w.Engine, "create_snapshot", args{}, failing)
	if _, err := w.Tick(ctx, func(context.Context) (any, error) { return nil, nil }); err != nil {
		t.Fatal(err)
	}
	want := []any{at.Unix(), "2031-02-03T03:05:06", int64(2031)}
	if diff := cmp.Diff(want, trace.Spans[0].Returned); diff != "" {
		t.Error("-want +got:\n", diff)
	}
	if s := trace.Spans[1]; s.Status != engine.StatusOK || trace.Spans[2].Logs[0].Message != "2031" {
		t.Errorf("failed ended %s (%v), periodic logged %v", s.Status, s.Err, trace.Spans[2].Logs)
	}
	trace.Spans = nil
	before := time.Now().Unix()
	_, _ = engine.Call(engine.WithTrace(context.Background(), &trace), w.Engine, "create_snapshot", args{}, failing)
	if got := trace.Spans[0].Returned.([]any)[0].(int64); got < before || got > time.Now().Unix() {
		t.Errorf("without a time of its own a call sees %d, want the clock's %d", got, before)
	}
}
