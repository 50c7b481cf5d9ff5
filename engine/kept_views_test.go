package engine_test

import (
	"context"
	"runtime"
	"sync"
	"testing"

	"github.com/hookrun/hookrun/engine"
)

// readsKept keeps the views of every call, and reads what the calls before it left.
const readsKept = `
local kept = {}
local function read()
  for _, view in pairs(kept) do
    for i = 1, 20 do pcall(function() return view.metadata.owner, view.export_locations[1].path, #view.export_locations end) end
  end
end
function pre.create_snapshot(call) read() kept.args = call.args.share end
function post.create_snapshot(call, result) kept.list, kept.result = result.export_locations, result read() end
function failed(call) read() kept.failed = call.args.share.metadata end
function pre.extend_share(call) read() kept.only_pre = call.args.share end
`

// TestKeptViewsAreDeadWhenACallReturns is one for the race detector: what a call has returned belongs to the caller, who may
// change it while hooks of other calls run.
func TestKeptViewsAreDeadWhenACallReturns(t *testing.T) {
	drivers := []func(context.Context, args) (share, error){echo, failing}
	sources := map[string]string{
		"all phases": readsKept,
		"no failed":  readsKept + "failed = nil",
		"only pre":   readsKept + "failed = nil post = nil",
	}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, engine.Options{Logger: discard}, hook("keeps", source))
			var all sync.WaitGroup
			for n := range 4 {
				all.Go(func() {
					for i := range 50 {
						s := newKept()
						result, _ := engine.Call(t.Context(), w.Engine, "create_snapshot", args{s}, drivers[(n+i)%2])
						for _, s := range []share{s, result} {
							for k := range s.Metadata {
								s.Metadata[k] = i
							}
							for k := range s.Locations {
								s.Locations[k].Path = "changed"
							}
						}
					}
				})
			}
			all.Wait()
		})
	}
}

func newKept() share {
	return share{ID: "s-1", Metadata: map[string]any{"owner": "a"}, Locations: []location{{Path: "/a"}, {Path: "/b"}}}
}

// TestKeptViewsKeepNoDataOfACall: a hook may keep a view for ever, the service's data behind it must go.
func TestKeptViewsKeepNoDataOfACall(t *testing.T) {
	w := newWorld(t, engine.Options{Logger: discard}, hook("keeps", `
		local kept = {}
		function pre.create_snapshot(call) kept[#kept + 1] = call.args.share.export_locations[1] kept[#kept + 1] = call.args.share end
		function post.create_snapshot(call, result) kept[#kept + 1] = result kept[#kept + 1] = result.metadata kept[#kept + 1] = call end
	`))
	const calls = 20
	gone := make(chan bool, 2*calls)
	for range calls {
		s := newKept()
		s.Locations = make([]location, 1000)
		runtime.AddCleanup(&s.Locations[0], func(int) { gone <- true }, 0)
		owner := new([1 << 10]byte)
		s.Metadata["owner"] = owner
		runtime.AddCleanup(owner, func(int) { gone <- true }, 0)
		if _, err := w.call(s); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	for range 2 * (calls - 1) { // the last one may still be on a stack
		<-gone
	}
	runtime.KeepAlive(w)
}
