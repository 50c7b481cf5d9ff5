package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// clerk is a host object that takes its time.
type clerk struct {
	mu   sync.Mutex
	said strings.Builder
	call func(context.Context) error // what Call does
}

// Wait comes back after some milliseconds, or when its context ends.
func (c *clerk) Wait(ctx context.Context, milliseconds int) error {
	select {
	case <-time.After(time.Duration(milliseconds) * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Deaf comes back after some milliseconds, whatever its context does.
func (c *clerk) Deaf(milliseconds int) { time.Sleep(time.Duration(milliseconds) * time.Millisecond) }

// Say notes a word.
func (c *clerk) Say(word string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said.WriteString(word + " ")
}

// Call does what the test wants.
func (c *clerk) Call(ctx context.Context) error { return c.call(ctx) }

func (c *clerk) heard() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said.String()
}

// waitingWorld is a world with a clerk, whose hooks have an hour.
func waitingWorld(t *testing.T, scripts ...script) (*world, *clerk) {
	t.Helper()
	for i := range scripts {
		set := scripts[i].set
		scripts[i].set = func(h *config.Hook) { h.Timeout = time.Hour; set(h) }
	}
	c := &clerk{}
	w := newWorld(t, engine.Options{Objects: c.object()}, scripts...)
	return w, c
}

func (c *clerk) object() map[string]engine.Object {
	return map[string]engine.Object{"clerk": {Value: c, Methods: []string{"Wait", "Deaf", "Say", "Call"}}}
}

func concurrent(n int) func(*config.Hook) { return func(h *config.Hook) { h.Concurrent = n } }

// made makes a call of a method, and returns how it ended.
func (w *world) made(ctx context.Context, method string) error {
	_, err := engine.Call(ctx, w.Engine, method, args{}, echo)
	return err
}

// many lets callers make calls of a method at the same time, each of them some after one another.
func (w *world) many(t *testing.T, callers, each int, method string) {
	t.Helper()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range each {
				if err := w.made(t.Context(), method); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// begin makes a call on a goroutine of its own, and waits until it can go no further.
func (w *world) begin(ctx context.Context, method string) (ended <-chan error) {
	end := make(chan error, 1)
	go func() { end <- w.made(ctx, method) }()
	synctest.Wait()
	return end
}

func TestWhileARunWaitsOtherHooksRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t,
			hook("slow", `function pre.slow() clerk:Wait(1000) clerk:Say("slow") end`),
			hook("fast", `function pre.fast() clerk:Say("fast") end`))
		ended := w.begin(t.Context(), "slow")
		if err := w.made(t.Context(), "fast"); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if got := c.heard(); got != "fast slow " {
			t.Errorf("got order %q", got)
		}
	})
}

func TestRunsOfAHookBeginOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t, hook("a", `
n = 0
function pre.count(call) local seen = n; clerk:Wait(5); n = seen + 1 end
function post.read(call, result) result.size = n end`))
		began := time.Now()
		w.many(t, 40, 10, "count")
		if got, err := engine.Call(t.Context(), w.Engine, "read", args{}, echo); err != nil || got.Size != 400 {
			t.Errorf("of 400 updates %d are left, error %v", got.Size, err)
		}
		if took := time.Since(began); took != 400*5*time.Millisecond {
			t.Errorf("they took %v, want one after another", took)
		}
	})
}

func TestConcurrentRunsWaitTogether(t *testing.T) {
	for _, test := range []struct {
		concurrent int
		want       time.Duration
	}{{1, 400 * 5}, {8, 400 / 8 * 5}, {64, (400 + 63) / 64 * 5}} {
		t.Run(fmt.Sprint(test.concurrent), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _ := waitingWorld(t, hook("a", `
function pre.ask(call) local id = call.args.share.id; clerk:Wait(5); return id end
function post.ask(call, result) result.name = call.pre end`, concurrent(test.concurrent)))
				var wg sync.WaitGroup
				began := time.Now()
				for i := range 400 {
					wg.Go(func() {
						id := fmt.Sprint(i)
						got, err := engine.Call(t.Context(), w.Engine, "ask", args{share{ID: id}}, echo)
						if err != nil || got.Name != id {
							t.Errorf("call %s: got %q and %v", id, got.Name, err)
						}
					})
				}
				wg.Wait()
				if took := time.Since(began); took != test.want*time.Millisecond {
					t.Errorf("they took %v, want %v", took, test.want*time.Millisecond)
				}
			})
		})
	}
}

// More runs than may wait without the VM wait all the same; the one too many keeps the VM meanwhile.
func TestMoreRunsThanMayWaitWithoutTheVMWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t,
			hook("a", `function pre.ask() clerk:Wait(5) end`, concurrent(config.MaxConcurrent)),
			hook("b", `function pre.other() clerk:Wait(7) end`),
			hook("c", `function pre.fast() end`))
		var wg sync.WaitGroup
		began := time.Now()
		for range config.MaxConcurrent {
			wg.Go(func() { must(0, w.made(t.Context(), "ask")) })
		}
		synctest.Wait()
		ended := w.begin(t.Context(), "other")
		if err := w.made(t.Context(), "fast"); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 7*time.Millisecond {
			t.Errorf("the fast call came to its end after %v", took)
		}
		wg.Wait()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestTheTurnOfAHookComesInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t, hook("a", `
function pre(call) clerk:Wait(1000) clerk:Say(call.method) end`))
		for _, name := range []string{"one", "two", "three", "four"} {
			w.begin(t.Context(), name)
		}
		time.Sleep(time.Hour)
		if got := c.heard(); got != "one two three four " {
			t.Errorf("got order %q", got)
		}
	})
}

func TestACallGivesUpWaitingForAHooksTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t,
			hook("first", `function pre(call) clerk:Say("+" .. call.method) end function failed(call) clerk:Say("-" .. call.method) end`),
			hook("busy", `function pre(call) clerk:Wait(1000) clerk:Say(call.method) end
function finally(call, outcome) clerk:Say(call.method .. ":" .. outcome.status) end`))
		first := w.begin(t.Context(), "one")
		ctx, cancel := context.WithCancel(t.Context())
		second, third := w.begin(ctx, "two"), w.begin(t.Context(), "three")
		cancel()
		synctest.Wait()
		if got := c.heard(); got != "+one +two +three -two " {
			t.Errorf("when it gave up, got %q", got)
		}
		time.Sleep(time.Hour)
		var we *engine.WaitError
		if err := <-second; !errors.As(err, &we) || we.Phase != engine.PhasePre || !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want one of a wait", err)
		}
		if err := errors.Join(<-first, <-third); err != nil {
			t.Error(err)
		}
		if got := c.heard(); got != "+one +two +three -two one three two:failed one:completed three:completed " {
			t.Errorf("got order %q", got)
		}
	})
}

func TestAPostWhoseTurnDoesNotComeKeepsTheResult(t *testing.T) {
	for _, suppress := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w, _ := waitingWorld(t,
				hook("first", `function post.quick(call, result) result.name = "seen" end`),
				hook("busy", `function post(call) clerk:Wait(1000) end`, func(h *config.Hook) { h.SuppressPostErrors = suppress }))
			slow := w.begin(t.Context(), "slow")
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			got, err := engine.Call(ctx, w.Engine, "quick", args{}, echo)
			if got.Name != "seen" || suppress != (err == nil) || err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("suppress %v: got %q and %v", suppress, got.Name, err)
			}
			if err := <-slow; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatARunWroteBeforeItWaitedIsCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t,
			hook("a", `
function post.create(call, result)
  result.name = "before"
  result.export_locations[1].path = "one"
  table.insert(result.export_locations, { path = "two" })
  result.metadata.key = { 1, 2 }
  clerk:Wait(1000)
  result.name = result.name .. " and after"
  result.export_locations[2].preferred = true
  table.insert(result.metadata.key, 3)
end`),
			hook("b", `function post.other(call, result) result.name = "other" end`))
		type end struct {
			share
			error
		}
		ended := make(chan end)
		go func() {
			got, err := engine.Call(t.Context(), w.Engine, "create", args{share{Locations: []location{{Path: "x"}}, Metadata: map[string]any{}}}, echo)
			ended <- end{got, err}
		}()
		synctest.Wait()
		if got, err := engine.Call(t.Context(), w.Engine, "other", args{}, echo); err != nil || got.Name != "other" {
			t.Errorf("the other call got %+v and %v", got, err)
		}
		got := <-ended
		want := `{ before and after 0 [{one false} {two true}] map[key:[1 2 3]] }`
		if text := fmt.Sprint(got.share); got.error != nil || text != want {
			t.Errorf("got %s and %v, want %s", text, got.error, want)
		}
	})
}

func TestARunThatFailsAfterAWaitLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t, hook("a", `
function post.create(call, result) result.name = "changed"; clerk:Wait(5); error("no") end`))
		got, err := engine.Call(t.Context(), w.Engine, "create", args{share{Name: "made"}}, echo)
		wantHookError(t, err, engine.KindScript, "no")
		if got.Name != "made" {
			t.Errorf("got %q", got.Name)
		}
	})
}

// What a run that waits has in its views is nobody else's, not even another run's of the same hook.
func TestViewsOfARunThatWaitsAreItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t, hook("a", `
function post.waits(call, result)
  kept, list = result, result.export_locations
  result.name, list[2] = "mine", { path = "new" }
  clerk:Wait(1000)
  clerk:Say(result.name .. #list .. list[2].path)
end
function pre.looks()
  for _, try in ipairs({
    function() return kept.name end, function() kept.name = "theirs" end, function() return #list end,
    function() list[1] = nil end, function() return rawget(list, 1) end, function() rawset(list, 1, nil) end,
    function() return next(list) end, function() table.insert(list, {}) end, function() return ipairs(list) end,
    function() return json.encode(kept) end, function() return table.concat(list) end,
  }) do
    local ok, message = pcall(try)
    clerk:Say(tostring(ok) .. ":" .. tostring(message))
  end
end`, concurrent(2)))
		ended := make(chan share)
		go func() {
			got, err := engine.Call(t.Context(), w.Engine, "waits", args{share{Locations: []location{{Path: "x"}}}}, echo)
			if err != nil {
				t.Error(err)
			}
			ended <- got
		}()
		synctest.Wait()
		if err := w.made(t.Context(), "looks"); err != nil {
			t.Error(err)
		}
		if got := c.heard(); strings.Count(got, "belongs to another call") < 9 || strings.Contains(got, "mine") {
			t.Errorf("the other run got %s", strings.ReplaceAll(got, " true", "\ntrue"))
		}
		if got := <-ended; got.Name != "mine" || len(got.Locations) != 2 || got.Locations[0].Path != "x" {
			t.Errorf("got %+v", got)
		}
		if got := c.heard(); !strings.HasSuffix(got, "mine2new ") {
			t.Errorf("after the wait the run saw %q", got)
		}
	})
}

func TestWaitsInsideWhateverAScriptCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t,
			hook("a", `
local function wait(word) clerk:Wait(10); return word end
function pre.ask()
  local said = {}
  local function say(word) said[#said + 1] = word end
  say(select(2, pcall(wait, "pcall")))
  say(select(2, pcall(pcall, wait, "twice")) and "nested")
  say(select(2, xpcall(function() error(wait("raised"), 0) end, wait)))
  local co = coroutine.wrap(function(word) say(wait(word)); word = coroutine.yield(); say(wait(word)) end)
  co("first") co("second")
  local inner = coroutine.wrap(function() return pcall(coroutine.wrap(function() return wait("deep") end)) end)
  say(select(2, inner()))
  local t = setmetatable({}, { __index = function(_, k) return wait(k) end, __add = wait, __concat = function(a, b) return wait("joined") end,
    __lt = function() wait() return true end, __call = function(_, word) return wait(word) end, __tostring = function() return wait("text") end })
  say(t.field) say(t + 1 == t and "added") say(t .. "x") say(t < t and "less") say(t("called")) say(tostring(t))
  local list = { 3, 1, 2 }
  table.sort(list, function(a, b) wait() return a < b end)
  say(table.concat(list))
  say((string.gsub("abc", "%w", function(s) return wait(s .. s) end)))
  for w in (function() return wait(#said < 16 and "looped" or nil) end) do say(w) end
  clerk:Say(table.concat(said, "|"))
end`),
			hook("b", `
function pre.other()
  local ok = pcall(error, "x")
  local co = coroutine.wrap(function() coroutine.yield(("x"):rep(3)) end)
  clerk:Deaf(3)
  assert(co() == "xxx" and string.gsub("aa", "a", "b") == "bb")
end`))
		ended := w.begin(t.Context(), "ask")
		for range 60 {
			if err := w.made(t.Context(), "other"); err != nil {
				t.Fatal(err)
			}
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		want := "pcall|nested|raised|first|second|deep|field|added|joined|less|called|text|123|aabbcc|looped|looped "
		if got := c.heard(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestARunIsEndedWhileItWaits(t *testing.T) {
	for name, test := range map[string]struct {
		source, want string
		ctx          func(context.Context) (context.Context, context.CancelFunc)
	}{
		"timeout": {`clerk:Wait(10000)`, "ran longer than its timeout of 2s", nil},
		"deaf":    {`clerk:Deaf(10000)`, "and the host method that it called has not come back", nil},
		"caller": {`clerk:Wait(10000)`, "the caller gave up", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, time.Second)
		}},
		"under pcall":  {`pcall(function() clerk:Wait(10000) end) while true do end`, "ran longer than its timeout of 2s", nil},
		"in a cycle":   {`while true do pcall(function() clerk:Wait(300) end) end`, "ran longer than its timeout of 2s", nil},
		"in coroutine": {`coroutine.wrap(function() clerk:Wait(10000) end)()`, "ran longer than its timeout of 2s", nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, _ := waitingWorld(t,
					hook("a", `function pre.ask() `+test.source+` end`, func(h *config.Hook) { h.Timeout, h.MaxInstructions = 2*time.Second, 1e12 }),
					hook("b", `function pre.other() end`))
				ctx, cancel := t.Context(), context.CancelFunc(func() {})
				if test.ctx != nil {
					ctx, cancel = test.ctx(ctx)
				}
				defer cancel()
				began := time.Now()
				ended := w.begin(ctx, "ask")
				must(0, w.made(t.Context(), "other"))
				wantHookError(t, <-ended, engine.KindTimeout, test.want)
				if took := time.Since(began); took > 2200*time.Millisecond {
					t.Errorf("it ended after %v", took)
				}
				for range 2 {
					must(0, w.made(t.Context(), "other"))
				}
				time.Sleep(time.Minute) // the deaf method comes back
				if err := w.made(t.Context(), "ask"); err == nil {
					t.Error("a second call ended well")
				}
				time.Sleep(time.Minute)
			})
		})
	}
}

// A run that wants the VM back gets it when the run that has it ends or waits, and ends then if its time is over.
func TestARunWhoseTimePassesWhileItWantsTheVMBackIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		w, _ := waitingWorld(t,
			hook("a", `function pre.ask() clerk:Wait(1000) ended = true end`, func(h *config.Hook) { h.Timeout = 2 * time.Second }),
			hook("b", `function pre.hold(call) local _ = call.context.gate end`))
		ended := w.begin(t.Context(), "ask")
		go func() { _, _ = engine.Call(g.held(), w.Engine, "hold", args{}, echo) }()
		<-g.entered
		time.Sleep(3 * time.Second)
		g.open <- struct{}{}
		wantHookError(t, <-ended, engine.KindTimeout, "ran longer than its timeout of 2s")
	})
}

func TestRejectAfterAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t, hook("a", `function pre.ask() pcall(function() clerk:Wait(5) reject("no", "code") end) end`))
		var re *engine.RejectedError
		if err := w.made(t.Context(), "ask"); !errors.As(err, &re) || re.Message != "no" {
			t.Errorf("got %v", err)
		}
	})
}

func TestWaitsCostNoInstructions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t,
			hook("a", `function pre.ask() for i = 1, 10 do clerk:Wait(5) end end`),
			hook("b", `function pre.other() for i = 1, 1e5 do end end`))
		count := func() int64 { return w.Hooks()[0].Stats.Instructions }
		must(0, w.made(t.Context(), "ask"))
		alone := count()
		ended := w.begin(t.Context(), "ask")
		for range 20 {
			must(0, w.made(t.Context(), "other"))
			time.Sleep(time.Millisecond)
		}
		must(0, <-ended)
		if both := count() - alone; both != alone {
			t.Errorf("got %d instructions beside other runs, want %d as without", both, alone)
		}
	})
}

func TestInstructionsAreCountedAcrossWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t, hook("a", `function pre.ask() while true do for i = 1, 50 do end clerk:Wait(1) end end`,
			func(h *config.Hook) { h.MaxInstructions = 5000 }))
		wantHookError(t, w.made(t.Context(), "ask"), engine.KindInstructions, "used up its 5000 instructions")
	})
}

// What a run holds while it waits counts against the limit of its hook.
func TestMemoryOfRunsThatWaitCounts(t *testing.T) {
	const texts, tables = `held[i] = ("x"):rep(2^20) .. i`, `for n = 1, 10000 do held = {held} end`
	const once, before = ``, `clerk:Wait(1000)` // all of them have begun when the first one takes something
	for _, test := range []struct {
		first    string
		mebibyte string
		holds    int
		fits     bool
	}{
		{once, texts, 1, true}, {once, texts, 6, false}, {once, tables, 1, true}, {once, tables, 6, false},
		{before, texts, 1, true}, {before, texts, 6, false}, {before, tables, 1, true}, {before, tables, 6, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, _ := waitingWorld(t, hook("a", fmt.Sprintf(`
function pre.ask()
  %s
  local held = {}
  for i = 1, %d do %s end
  clerk:Wait(1000)
  return #held
end`, test.first, test.holds, test.mebibyte), func(h *config.Hook) { h.Concurrent, h.MaxMemory = 4, 16<<20 }))
			var ends []error
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					err := w.made(t.Context(), "ask")
					mu.Lock()
					defer mu.Unlock()
					ends = append(ends, err)
				})
			}
			wg.Wait()
			for range 4 { // what they held is given back
				ends = append(ends, w.made(t.Context(), "ask"))
			}
			failed := 0
			for i, err := range ends {
				if err != nil {
					failed++
					wantHookError(t, err, engine.KindMemory, "memory")
					if i >= 4 {
						t.Errorf("alone: %v", err)
					}
				}
			}
			if (failed == 0) != test.fits || failed == 4 {
				t.Errorf("%d MiB each, as %s after %q: %d of 4 runs failed", test.holds, test.mebibyte, test.first, failed)
			}
		})
	}
}

// What a run holds while it waits is not taken for another hook's, though closures of all hooks were made on the
// threads that runs use in turn.
func TestNoHookIsBlamedForWhatRunsOfOthersHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closures := `
local made = {}
for i = 1, 5 do local n = i; made[i] = function() n = n + 1 return n end end
function pre.small() pcall(function() made[6] = function() return made end end) for i = 1, 3e4 do local t = { made[5]() } end end
`
		w, _ := waitingWorld(t,
			hook("before", closures, func(h *config.Hook) { h.MaxMemory = 8 << 20 }),
			hook("big", `function pre.big() local held = {} for i = 1, 1e5 do held[i] = { i } end
pcall(function() local more = {} for i = 1, 1e5 do more[i] = { i } end clerk:Wait(1000) end) end`, func(h *config.Hook) { h.MaxMemory = 256 << 20 }),
			hook("after", closures, func(h *config.Hook) { h.MaxMemory = 8 << 20 }))
		must(0, w.made(t.Context(), "small"))
		for range 2 {
			ended := w.begin(t.Context(), "big")
			for range 2 {
				if err := w.made(t.Context(), "small"); err != nil {
					t.Error(err)
				}
			}
			must(0, <-ended)
		}
		for _, h := range w.Hooks() {
			if h.Kept > 4<<20 {
				t.Errorf("hook %s keeps %d bytes", h.Name, h.Kept)
			}
		}
	})
}

func TestLogLinesGoToTheCallThatWroteThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var lines []string
		c := &clerk{}
		w := newWorld(t, engine.Options{
			Objects: map[string]engine.Object{"clerk": {Value: c, Methods: []string{"Wait"}}},
			Logger: slog.New(lineHandler(func(ctx context.Context, r slog.Record) {
				mu.Lock()
				defer mu.Unlock()
				r.Attrs(func(a slog.Attr) bool {
					if a.Key == "method" {
						lines = append(lines, fmt.Sprint(ctx.Value(callKey{}), " ", a.Value, " ", r.Message))
					}
					return true
				})
			})),
		}, hook("a", `function pre(call) log.info("begins") clerk:Wait(5) log.info("ends") end`, concurrent(8)))
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				must(0, w.made(context.WithValue(t.Context(), callKey{}, i), fmt.Sprint("m", i)))
			})
		}
		wg.Wait()
		if len(lines) != 16 {
			t.Errorf("got %d lines", len(lines))
		}
		for _, l := range lines {
			if word := strings.Fields(l); "m"+word[0] != word[1] {
				t.Errorf("a line went astray: %s", l)
			}
		}
	})
}

type callKey struct{}

// lineHandler is a log handler that is one function.
type lineHandler func(context.Context, slog.Record)

func (h lineHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h lineHandler) Handle(ctx context.Context, r slog.Record) error {
	h(ctx, r)
	return nil
}
func (h lineHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h lineHandler) WithGroup(string) slog.Handler      { return h }

// lastWord is a value whose text method ends the goroutine, which makes the VM anew.
type lastWord struct{}

func (lastWord) MarshalText() ([]byte, error) { runtime.Goexit(); return nil, nil }

func TestRunsThatWaitEndWhenTheVMIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t,
			hook("a", `
function post.ask(call, result) result.name = "changed"; pcall(clerk.Wait, 1000) clerk:Say("went on") end
function post.again(call, result) result.name = "again" end`),
			hook("co", `function pre.co() coroutine.wrap(function() pcall(function() clerk:Wait(1000) end) end)() end`),
			hook("b", `function pre.ends(call) local _ = call.context.word end`))
		type end struct {
			share
			error
		}
		ended := make(chan end)
		go func() {
			got, err := engine.Call(t.Context(), w.Engine, "ask", args{share{Name: "made"}}, echo)
			ended <- end{got, err}
		}()
		synctest.Wait()
		co := w.begin(t.Context(), "co")
		go func() {
			_, _ = engine.Call(engine.WithCallContext(t.Context(), map[string]any{"word": lastWord{}}), w.Engine, "ends", args{}, echo)
		}()
		synctest.Wait()
		got := <-ended
		wantHookError(t, got.error, engine.KindInternal, "the VM was made anew")
		wantHookError(t, <-co, engine.KindInternal, "the VM was made anew")
		if got.Name != "made" || c.heard() != "" {
			t.Errorf("got %q, and %q was said", got.Name, c.heard())
		}
		if got, err := engine.Call(t.Context(), w.Engine, "again", args{}, echo); err != nil || got.Name != "again" {
			t.Errorf("later got %q and %v", got.Name, err)
		}
		must(0, w.made(t.Context(), "co"))
	})
}

func TestReloadAndShutdownLetRunsThatWaitFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t, hook("a", `
function pre(call) clerk:Wait(1000) clerk:Say(call.method .. call.generation) end
function finally(call) clerk:Say("finally" .. call.generation) end`))
		old := w.begin(t.Context(), "old")
		next := configOf(t, t.TempDir(), hook("a", `function pre(call) clerk:Say(call.method .. call.generation) end`))
		if err := w.Reload(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		must(0, w.made(t.Context(), "new"))
		down := make(chan error, 1)
		go func() { down <- w.Shutdown(t.Context()) }()
		synctest.Wait()
		if err := w.made(t.Context(), "late"); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("got %v", err)
		}
		select {
		case <-down:
			t.Error("Shutdown did not wait for a run that waits")
		default:
		}
		if err := errors.Join(<-old, <-down); err != nil {
			t.Error(err)
		}
		if got := c.heard(); got != "new2 old1 finally1 " {
			t.Errorf("got order %q", got)
		}
	})
}

func TestTicksWaitAsCallsDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t, hook("a", `
function periodic(shares, tick) clerk:Say("tick" .. tick) clerk:Wait(1000) clerk:Say("end" .. #shares) end
function pre.same() clerk:Say("same") end`),
			hook("b", `function pre.other() clerk:Say("other") end`))
		data := func(context.Context) (any, error) { return []share{{}, {}}, nil }
		ended := make(chan error, 1)
		go func() { _, err := w.Tick(t.Context(), data); ended <- err }()
		synctest.Wait()
		same := w.begin(t.Context(), "same")
		must(0, w.made(t.Context(), "other"))
		if ran, err := w.Tick(t.Context(), data); ran || err != nil {
			t.Errorf("a second tick ran: %v, %v", ran, err)
		}
		if err := errors.Join(<-ended, <-same); err != nil {
			t.Error(err)
		}
		if got := c.heard(); got != "tick1 other end2 same " {
			t.Errorf("got order %q", got)
		}
	})
}

// A module is loaded once, whatever runs meanwhile.
func TestAModuleThatWaitsIsLoadedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clerk{}
		cfg := configOf(t, t.TempDir(), hook("a", `function pre() clerk:Say(require("slow")) end`, concurrent(8)))
		must(0, os.Mkdir(filepath.Join(cfg.Scripts, "lib"), 0o755))
		must(0, os.WriteFile(filepath.Join(cfg.Scripts, "lib", "slow.lua"), []byte(`clerk:Wait(10) clerk:Say("loaded") return "module"`), 0o644))
		e, err := engine.New(cfg, "nfs1", engine.Options{Objects: map[string]engine.Object{"clerk": {Value: c, Methods: []string{"Wait", "Say"}}}})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { must(engine.Call(t.Context(), e, "ask", args{}, echo)) })
		}
		wg.Wait()
		if got := c.heard(); got != "loaded module module module " {
			t.Errorf("got %q", got)
		}
	})
}

// A hook whose globals are lost is loaded again by its next run, while runs of other hooks wait.
func TestAHookIsLoadedAgainWhileOthersWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t,
			hook("a", `
loads = (loads or 0) + 1
clerk:Wait(10)
function pre.fill() full = {} for i = 1, 1e5 do full[i] = {} end end
function post.read(call, result) result.size = loads; result.name = tostring(full) end`, func(h *config.Hook) { h.MaxMemory = 8 << 20 }),
			hook("b", `function pre.wait(call) local word = "kept"; clerk:Wait(1000); return word end
function post.wait(call, result) result.name = call.pre end`))
		ended := make(chan share, 1)
		go func() { ended <- must(engine.Call(t.Context(), w.Engine, "wait", args{}, echo)) }()
		synctest.Wait()
		wantHookError(t, w.made(t.Context(), "fill"), engine.KindMemory, "")
		if got, err := engine.Call(t.Context(), w.Engine, "read", args{}, echo); err != nil || got.Size != 1 || got.Name != "nil" {
			t.Errorf("got %+v and %v", got, err)
		}
		if got := <-ended; got.Name != "kept" {
			t.Errorf("got %q", got.Name)
		}
	})
}

// A run goes on with the globals that it began with when another run of its hook loses them meanwhile. The memory
// that it may still take is little: the globals that it found are its own now.
func TestARunThatWaitsKeepsGlobalsThatAnotherRunLoses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t, hook("a", `
word = "kept"
function pre.fill() full = {} for i = 1, 1e5 do full[i] = {} end end
function pre.wait(call)
  clerk:Wait(1000)
  local t = {} for i = 1, 1e3 do t[i] = { i } end
  return word .. ("x"):rep(#t / 1e3) .. require("string").upper("y")
end
function post.wait(call, result) result.name = call.pre .. tostring(full) end`, func(h *config.Hook) { h.MaxMemory, h.Concurrent = 8<<20, 2 }))
		ended := make(chan share, 1)
		go func() { ended <- must(engine.Call(t.Context(), w.Engine, "wait", args{}, echo)) }()
		synctest.Wait()
		wantHookError(t, w.made(t.Context(), "fill"), engine.KindMemory, "")
		if got := <-ended; got.Name != "keptxYnil" {
			t.Errorf("got %q", got.Name)
		}
	})
}

func TestARunThatWaitsHasEffectsWhenAnotherRunHasLostTheGlobals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		w := newWorld(t, engine.Options{Store: d, Objects: (&clerk{}).object()}, hook("a", `
function pre.fill() full = {} for i = 1, 1e5 do full[i] = {} end end
function pre.wait(call)
  clerk:Wait(1000)
  state.set("a", 1)
  clerk:Wait(1000)
end`, func(h *config.Hook) { h.MaxMemory, h.Concurrent, h.Timeout = 8<<20, 2, time.Hour }), hook("b", `function pre.other() end`))
		ended := w.begin(t.Context(), "wait")
		wantHookError(t, w.made(t.Context(), "fill"), engine.KindMemory, "")
		time.Sleep(1500 * time.Millisecond)
		began := time.Now()
		must(0, w.made(t.Context(), "other"))
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a call of another hook waited for %v", waited)
		}
		must(0, <-ended)
		if got, want := d.written(), "a=1+open close"; got != want {
			t.Errorf("the store wrote %q, want %q", got, want)
		}
	})
}

func TestReentranceIsSeenWhileARunWaits(t *testing.T) {
	other := func(w *world, c *clerk) func(context.Context) error {
		return func(context.Context) error { return w.made(context.Background(), "inner") }
	}
	for name, call := range map[string]func(*world, *clerk) func(context.Context) error{
		"with its context": func(w *world, _ *clerk) func(context.Context) error {
			return func(ctx context.Context) error { return w.made(ctx, "inner") }
		},
		"without": other,
		"to another hook": func(w *world, _ *clerk) func(context.Context) error {
			return func(ctx context.Context) error { return w.made(ctx, "elsewhere") }
		},
		"another hook, without": func(w *world, _ *clerk) func(context.Context) error {
			return func(context.Context) error { return w.made(context.Background(), "elsewhere") }
		},
		"a tick": func(w *world, _ *clerk) func(context.Context) error {
			return func(context.Context) error {
				_, err := w.Tick(context.Background(), func(context.Context) (any, error) { return nil, nil })
				return err
			}
		},
		"on a goroutine, without": func(w *world, c *clerk) func(context.Context) error {
			return func(ctx context.Context) error {
				end := make(chan error)
				go func() { end <- other(w, c)(ctx) }()
				return <-end
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, c := waitingWorld(t, hook("a", `function pre.outer() clerk:Call() end function pre.inner() end`),
				hook("b", `function pre.elsewhere() end function periodic() end`))
			c.call = call(w, c)
			err := w.made(context.Background(), "outer")
			wantHookError(t, err, engine.KindScript, engine.ErrReentrant.Error())
		})
	}
}

// Calls of others are not taken for calls from inside a host object.
func TestCallsOfOthersAreNotReentrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t, hook("a", `function pre.outer() clerk:Call() end function pre.inner() end`),
			hook("b", `function pre.elsewhere() end`))
		others := make(chan error, 2)
		c.call = func(context.Context) error { time.Sleep(time.Second); return nil }
		ended := w.begin(t.Context(), "outer")
		for _, method := range []string{"inner", "elsewhere"} {
			go func() { others <- w.made(t.Context(), method) }()
		}
		if err := errors.Join(<-ended, <-others, <-others); err != nil {
			t.Error(err)
		}
	})
}

// A coroutine that waits belongs to its run, wherever another run finds it.
func TestACoroutineThatWaitsCannotBeResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, c := waitingWorld(t, hook("a", `
local function waits() pcall(function() clerk:Wait(1000) end) end
function pre.make()
  co = coroutine.create(function() outer = coroutine.running() coroutine.wrap(waits)() coroutine.yield() waits() end)
  wrapped = coroutine.wrap(function() while true do waits() coroutine.yield() end end)
end
function pre.use() coroutine.resume(co) wrapped() end
function pre.look()
  for _, try in ipairs({ function() return coroutine.resume(co) end, function() return coroutine.resume(outer) end,
    function() return pcall(wrapped) end, function() for _ in wrapped do end end, function() return true, coroutine.status(co) end }) do
    local ok, message = try()
    clerk:Say(tostring(ok) .. ":" .. tostring(message))
  end
end`, func(h *config.Hook) { h.Concurrent = 3 }))
		must(0, w.made(t.Context(), "make"))
		ended := w.begin(t.Context(), "use")
		err := w.made(t.Context(), "look")
		if got, want := c.heard(), "false:cannot resume normal coroutine false:cannot resume normal coroutine "; !strings.HasPrefix(got, want) {
			t.Errorf("got %q and %v, want %q first", got, err, want)
		}
		<-ended // it may come to the other coroutine while that waits here
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { _ = w.made(t.Context(), "use") })
		}
		all.Wait()
		if strings.Contains(w.log.String(), "made anew") {
			t.Error(w.log.String())
		}
	})
}

// Of a call that comes back only the hook that waits for it is left out.
func TestOnlyTheHookThatWaitsIsSkipped(t *testing.T) {
	w, c := waitingWorld(t,
		hook("a", `function pre.outer() clerk:Call() end function finally.inner() end function failed.broken() end`),
		hook("b", `function pre.inner() end function finally.inner() clerk:Say("finally") end
function failed.broken() clerk:Say("failed") end`),
		hook("c", `function finally.broken() clerk:Say("told") end`))
	inner := make(chan error)
	c.call = func(context.Context) error {
		go func() {
			inner <- w.made(context.Background(), "inner")
			_, err := engine.Call(context.Background(), w.Engine, "broken", args{}, failing)
			inner <- err
		}()
		return errors.Join(<-inner, <-inner)
	}
	_ = w.made(context.Background(), "outer")
	if got := c.heard(); got != "finally failed told " {
		t.Errorf("got %q; the log:\n%s", got, w.log)
	}
	if n := strings.Count(w.log.String(), "was skipped"); n != 2 {
		t.Errorf("the log tells of %d functions that were skipped:\n%s", n, w.log)
	}
}

// While a run keeps the VM that it waits with, what comes back on another goroutine is recognised all the same.
func TestReentranceIsSeenWhileTheVMIsKept(t *testing.T) {
	for name, again := range map[string]func(*engine.Engine) error{
		"a call": func(e *engine.Engine) error {
			_, err := engine.Call(context.Background(), e, "inner", args{}, echo)
			return err
		},
		"a tick": func(e *engine.Engine) error {
			_, err := e.Tick(context.Background(), func(context.Context) (any, error) { return nil, nil })
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clerk{}
			cfg := configOf(t, t.TempDir(), hook("a", `function pre.outer() require("slow") end`), hook("b", `function pre.inner() end function periodic() end`))
			must(0, os.Mkdir(filepath.Join(cfg.Scripts, "lib"), 0o755))
			must(0, os.WriteFile(filepath.Join(cfg.Scripts, "lib", "slow.lua"), []byte(`clerk:Call() return {}`), 0o644))
			o := &watcher{}
			e, err := engine.New(cfg, "nfs1", engine.Options{Logger: discard, Objects: c.object(), Observer: o})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			c.call = func(context.Context) error {
				inner := make(chan error)
				go func() { inner <- again(e) }()
				return <-inner
			}
			_, err = engine.Call(context.Background(), e, "outer", args{}, echo)
			wantHookError(t, err, engine.KindScript, engine.ErrReentrant.Error())
			if got := o.heard(); strings.Count(got, ": failed, ") != 2 {
				t.Errorf("the observer was told\n%s\nwant the ends of both", got)
			}
		})
	}
}

// Runs that wait when the VM is made anew are told to give up.
func TestHostMethodsGiveUpWhenTheVMIsMadeAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := waitingWorld(t,
			hook("a", `function pre.ask() clerk:Wait(100000) end`),
			hook("b", `function pre.ends(call) local _ = call.context.word end`))
		began := time.Now()
		ended := w.begin(t.Context(), "ask")
		go func() {
			_, _ = engine.Call(engine.WithCallContext(t.Context(), map[string]any{"word": lastWord{}}), w.Engine, "ends", args{}, echo)
		}()
		wantHookError(t, <-ended, engine.KindInternal, "the VM was made anew")
		if took := time.Since(began); took > 0 {
			t.Errorf("it ended after %v", took)
		}
	})
}

// A run whose goroutine was ended by host code is counted, traced and told of as any other.
func TestARunThatEndsItsGoroutineIsTold(t *testing.T) {
	o := &watcher{}
	w := observedWorld(t, o, hook("a", `function pre.ends(call) local _ = call.context.word end function finally.ends() end`))
	var trace engine.Trace
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ctx := engine.WithTrace(engine.WithCallContext(context.Background(), map[string]any{"word": lastWord{}}), &trace)
		_, _ = engine.Call(ctx, w.Engine, "ends", args{}, echo)
	}()
	<-ended
	if got := w.Hooks()[0].Stats; got.Runs != 2 || got.Failures != 1 {
		t.Errorf("got %+v", got)
	}
	if n := len(trace.Spans); n != 2 || trace.Spans[0].Status != engine.StatusError {
		t.Errorf("the trace has %+v", trace.Spans)
	}
	if got := o.heard(); strings.Count(got, " a pre: error") != 1 || strings.Count(got, "nfs1 ends: failed") != 1 {
		t.Errorf("the observer heard\n%s", got)
	}
}
