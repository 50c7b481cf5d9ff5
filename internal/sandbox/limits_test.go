package sandbox

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

// endless are the ways to never come to an end.
var endless = map[string]string{
	"while":                        `while true do end`,
	"repeat":                       `repeat until false`,
	"goto":                         `::again:: goto again`,
	"for":                          `for i = 1, math.huge do end`,
	"tail calls":                   `local function f() return f() end f()`,
	"mutual tail calls":            `local g local function f() return g() end function g() return f() end f()`,
	"pcall":                        `pcall(function() while true do end end)`,
	"pcall in a loop":              `while true do pcall(function() while true do end end) end`,
	"pcall of pcall":               `while true do pcall(pcall, pcall, function() while true do end end) end`,
	"errors in a loop":             `while true do pcall(error, "x") end`,
	"pcall that doubles":           `local function f() pcall(f) pcall(f) end f()`,
	"xpcall":                       `xpcall(function() while true do end end, function() end)`,
	"xpcall handler":               `xpcall(error, function() while true do end end)`,
	"xpcall handler that recovers": `while true do xpcall(function() while true do end end, function() while true do end end) end`,
	"coroutine":                    `coroutine.wrap(function() while true do end end)()`,
	"coroutine that is ignored":    `while true do coroutine.resume(coroutine.create(function() while true do end end)) end`,
	"coroutine that yields":        `local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end`,
	"coroutine with pcall":         `coroutine.wrap(function() while true do pcall(function() while true do end end) end end)()`,
	"many coroutines":              `while true do coroutine.wrap(function() end)() end`,
	"coroutines that fail":         `while true do coroutine.resume(coroutine.create(function() error() end)) end`,
	"coroutines that nest":         `local function f() pcall(coroutine.wrap(f)) end while true do f() end`,
	"coroutine tail calls":         `coroutine.wrap(function() local function f() return f() end f() end)()`,
	"__index":                      `local x = setmetatable({}, {__index = function() while true do end end}).x`,
	"__newindex":                   `setmetatable({}, {__newindex = function() while true do end end}).x = 1`,
	"__add":                        `local x = setmetatable({}, {__add = function() while true do end end}) + 1`,
	"__concat":                     `local x = "a" .. setmetatable({}, {__concat = function() while true do end end})`,
	"__eq":                         `local mt = {__eq = function() while true do end end} local x = setmetatable({}, mt) == setmetatable({}, mt)`,
	"__lt":                         `local mt = {__lt = function() while true do end end} local x = setmetatable({}, mt) < setmetatable({}, mt)`,
	"__call":                       `setmetatable({}, {__call = function() while true do end end})()`,
	"__tostring":                   `tostring(setmetatable({}, {__tostring = function() while true do end end}))`,
	"__tostring of what is logged": `log.info(setmetatable({}, {__tostring = function() while true do end end}))`,
	"__index that recurses":        `local t = setmetatable({}, {__index = function(t, k) return t[k] end}) while true do pcall(function() return t.x end) end`,
	"iterator":                     `for x in function() while true do end end do end`,
	"iterator without end":         `for x in function() return 1 end do end`,
	"iterator of a coroutine":      `for x in coroutine.wrap(function() while true do coroutine.yield(1) end end) do end`,
	"pairs of a table that grows":  `local t = {1} for k in pairs(t) do t = {1} while true do next(t) end end`,
	"gsub callback":                `local s = ("abc"):gsub(".", function() while true do end end)`,
	"gsub callback that swallows":  `while true do pcall(string.gsub, "abc", ".", function() while true do end end) end`,
	"sort order":                   `table.sort({3, 2, 1}, function() while true do end end)`,
	"sort order without end":       `local t = {} for i = 1, 100 do t[i] = i end while true do pcall(table.sort, t, function() return true end) end`,
	"sort of the library":          `local t = {} for i = 1, 100 do t[i] = -i end while true do table.sort(t, rawequal) end`,
	"module":                       `require("endless")`,
	"module that is ignored":       `while true do pcall(require, "endless") end`,
	"stack overflows":              `local function f() return 1 + f() end while true do pcall(f) end`,
	"host methods":                 `while true do depot:Add(1) end`,
	"host methods that fail":       `while true do pcall(depot.Fail) end`,
	"reject that nobody reaches":   `while true do pcall(reject) end`,
	"json":                         `while true do json.decode(json.encode({1, 2, 3})) end`,
	"log":                          `while true do log.info("again") end`,
	"hashes":                       `while true do crypto.sha256("again") end`,
	"hashes of long texts":         `local s = ("x"):rep(1e5) while true do crypto.hmac_sha256(s, s) end`,
	"encodings":                    `local s = ("x"):rep(1e5) while true do crypto.unbase64(crypto.base64(s)) crypto.unhex(s) end`,
	"random bytes":                 `while true do crypto.random(65536) crypto.uuid() end`,
	"networks":                     `while true do cidr.contains("::/0", "10.0.0.1") cidr.parse("::/1") cidr.valid("x") end`,
	"times":                        `while true do time.parse(time.format(0, "%c"), "%c") time.date(0) time.duration("1h") end`,
	"time zones":                   `while true do pcall(time.date, 0, "nowhere") end`,
}

// TestEndlessScriptsAreStopped runs each of them at the top level and in a function, against both limits. After each
// the VM must work as before.
func TestEndlessScriptsAreStopped(t *testing.T) {
	limits := []struct {
		kind Kind
		Limits
	}{
		{KindInstructions, Limits{Timeout: time.Hour, Instructions: 30_000, Memory: 1 << 30}},
		{KindTimeout, Limits{Timeout: time.Nanosecond, Instructions: math.MaxInt64 / 2, Memory: 1 << 30}},
	}
	for name, body := range endless {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, Options{
				Modules: map[string]*Program{"endless": compile(t, "lib/endless.lua", "while true do end")},
				Objects: map[string]Object{"depot": {&depot{}, []string{"Add", "Fail"}}},
			})
			s := load(t, vm, "function loop()\n"+body+"\nend\nlocal n = 0\nfunction count() n = n + 1 return n end")
			for i, lim := range limits {
				e := callFails(t, vm, lim.Limits, s, "loop")
				checkStopped(t, vm, e, lim.kind, lim.Limits)
				if got := call(t, vm, s, "count"); got != int64(i+1) {
					t.Errorf("the next run returns %v, want %d", got, i+1)
				}
				e = loadFails(t, vm, lim.Limits, body)
				checkStopped(t, vm, e, lim.kind, lim.Limits)
			}
			if got := call(t, vm, s, "count"); got != int64(3) {
				t.Errorf("the last run returns %v, want 3", got)
			}
		})
	}
}

func checkStopped(t *testing.T, vm *VM, e *Error, kind Kind, lim Limits) {
	t.Helper()
	if e.Kind != kind || e.Line == 0 || e.Traceback == "" {
		t.Errorf("got %q (%s, line %d), want kind %s with a place\n%s", e, e.Kind, e.Line, kind, e.Traceback)
	}
	if kind == KindInstructions && vm.Instructions() != lim.Instructions {
		t.Errorf("it used %d instructions, want its %d", vm.Instructions(), lim.Instructions)
	}
	if errors.Is(e, context.DeadlineExceeded) != (kind == KindTimeout) {
		t.Errorf("errors.Is(DeadlineExceeded) = %v", kind != KindTimeout)
	}
	if len(vm.active) > 0 || vm.idle != nil {
		t.Errorf("after a failure %d threads are active, and the thread is kept: %v", len(vm.active), vm.idle != nil)
	}
}

func TestMessagesNameTheLimit(t *testing.T) {
	if everyStep {
		t.Skip("comparing each step takes longer than the timeout")
	}
	tests := []struct {
		lim  Limits
		want string
	}{
		{Limits{Timeout: time.Hour, Instructions: 5000, Memory: 1 << 30}, "hook.lua:2: used up its 5000 instructions"},
		{Limits{Timeout: time.Microsecond, Instructions: 1 << 60, Memory: 1 << 30}, "hook.lua:2: ran longer than its timeout of 1µs"},
		{Limits{Timeout: time.Hour, Instructions: 1 << 60, Memory: 3 << 19}, "hook.lua:2: uses more memory than its 1.5 MiB"},
	}
	for _, tt := range tests {
		e := loadFails(t, newVM(t, Options{}), tt.lim, "\nlocal t = {} while true do t[#t + 1] = {} end")
		if e.Error() != tt.want {
			t.Errorf("got %q, want %q", e, tt.want)
		}
	}
}

func TestNoLimitsMeanNoInstructions(t *testing.T) {
	e := loadFails(t, newVM(t, Options{}), Limits{}, "local x = 1")
	if e.Kind != KindInstructions {
		t.Errorf("got %v (%s), want kind instructions", e, e.Kind)
	}
}

func TestCallersContextEndsTheRun(t *testing.T) {
	type test struct {
		name string
		ctx  func() (context.Context, context.CancelFunc)
		want error
	}
	tests := []test{
		{"canceled before", func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			return ctx, cancel
		}, context.Canceled},
		{"deadline before", func() (context.Context, context.CancelFunc) {
			return context.WithDeadline(context.Background(), time.Unix(0, 0))
		}, context.DeadlineExceeded},
		{"canceled meanwhile", func() (context.Context, context.CancelFunc) {
			return context.WithCancel(context.Background()) // by the script's log
		}, context.Canceled},
		{"deadline meanwhile", func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), time.Millisecond)
		}, context.DeadlineExceeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := tt.ctx()
			defer cancel()
			vm := newVM(t, Options{Log: func(_, message string, _ map[string]any) {
				if strings.HasPrefix(tt.name, message) {
					cancel()
				}
			}})
			s := load(t, vm, `function loop() log.info("canceled") while true do pcall(function() while true do end end) end end
				function fine() return true end`)
			_, err := vm.Run(ctx, &ample, function(t, s, "loop"))
			e := failure(t, err)
			if e.Kind != KindTimeout || !errors.Is(err, tt.want) || !strings.Contains(e.Message, "the caller gave up: ") {
				t.Errorf("got %v (%s, cause %v), want a timeout for %v", e, e.Kind, e.Cause, tt.want)
			}
			if call(t, vm, s, "fine") != true {
				t.Error("the next run fails")
			}
		})
	}
}

func TestACanceledCallRunsNoInstruction(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("the client hung up"))
	vm := newVM(t, Options{})
	s := load(t, vm, `function f() ran = true end function did() return ran end`)
	_, err := vm.Run(ctx, &ample, function(t, s, "f"))
	if e := failure(t, err); !strings.Contains(e.Message, "the client hung up") {
		t.Errorf("got %q, want the cause in it", e)
	}
	if n := vm.Instructions(); n > 1 {
		t.Errorf("used %d instructions, want at most the first", n)
	}
	if call(t, vm, s, "did") != nil {
		t.Error("the function ran")
	}
}
