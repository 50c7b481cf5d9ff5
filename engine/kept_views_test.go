package engine_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/testkit/long"
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

// TestKeptViewsAreDeadWhenACallReturns is one for the race detector: what a call has returned belongs to the caller,
// who may change it while hooks of other calls run.
func TestKeptViewsAreDeadWhenACallReturns(t *testing.T) {
	long.Only(t)
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

// walks has ways to walk a list. The one that the call names takes an item in pre and the others in post, and begins
// again what goes on when the call has ended.
const walks = `
local function pass() coroutine.yield() return 1 end
local ways = {
  pairs = function(t) local n = 0 for _, v in pairs(t) do n = n + pass() end return n end,
  ipairs = function(t) local n = 0 for _, v in ipairs(t) do n = n + pass() end return n end,
  next = function(t) local n, k = 0, next(t) while k do n = n + pass() k = next(t, k) end return n end,
  index = function(t) local n = 0 while t[n + 1] do n = n + pass() end return n end,
  length = function(t) local n = 0 while n < #t do n = n + pass() end return n end,
  unpack = function(t) local n = 0 while select(n + 1, unpack(t)) do n = n + pass() end return n end,
  raw = function(t) local n = 0 while rawget(t, n + 1) do n = n + pass() end return n end,
  ["the step of ipairs"] = function(t)
    local n, step = 0, ipairs({})
    while step(t, n) do n = n + pass() end
    return n
  end,
  ["a loop by the step of ipairs"] = function(t) local n, step = 0, ipairs({}) for _, v in step, t, 0 do n = n + pass() end return n end,
}
local function begin(call, list)
  local walk = coroutine.create(ways[call.args.share.name])
  coroutine.resume(walk, list)
  return walk
end
local function finish(walk)
  local ok, n
  repeat ok, n = coroutine.resume(walk) until coroutine.status(walk) == "dead"
  return ok and "got " .. n or n
end
local ofArgs, ofResult
function pre.create_snapshot(call) ofArgs = begin(call, call.args.share.export_locations) end
function post.create_snapshot(call, result)
  result.name = finish(ofArgs)
  ofArgs, ofResult = begin(call, call.args.share.export_locations), begin(call, result.export_locations)
end
function post.delete_snapshot(call, result) result.name = finish(ofArgs) .. " and " .. finish(ofResult) end
`

func TestAWalkThatGoesOnInALaterRunMissesNothing(t *testing.T) {
	w := newWorld(t, engine.Options{}, hook("walks", walks))
	for _, way := range []string{
		"pairs", "ipairs", "next", "index", "length", "unpack", "raw", "the step of ipairs", "a loop by the step of ipairs",
	} {
		s := newKept()
		s.Name = way
		if got := must(w.call(s)).Name; got != "got 2" {
			t.Errorf("%s, in post: %s, want both items", way, got)
		}
		got := must(engine.Call(t.Context(), w.Engine, "delete_snapshot", args{}, echo)).Name
		if strings.Count(got, "this value belongs to a call that has ended") != 2 {
			t.Errorf("%s, after the call: %s, want two errors", way, got)
		}
	}
}

// TestWhatPreReturnsOfItsArgumentsShowsThemAsTheyWere: the tables that a run reads do not become those of its changes.
func TestWhatPreReturnsOfItsArgumentsShowsThemAsTheyWere(t *testing.T) {
	for _, change := range []bool{false, true} {
		w := newWorld(t, engine.Options{}, hook("returns", `
			function pre.create_snapshot(call)
				local share = call.args.share
				share.metadata.owner, share.name = "changed", "changed"
				return { share = share, metadata = share.metadata, owner = share.metadata.owner }
			end
			function post.create_snapshot(call, result)
				local before = call.pre
				result.name = before.share.name .. " " .. before.metadata.owner .. " " .. before.owner .. " " .. call.args.share.metadata.owner
			end`, func(h *config.Hook) { h.ChangeArgs = change }))
		s := newKept()
		s.Name = "old"
		want := "old a changed a"
		if change {
			want = "old a changed changed"
		}
		if got := must(w.call(s)).Name; got != want {
			t.Errorf("change_args %v: got %q, want %q", change, got, want)
		}
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
