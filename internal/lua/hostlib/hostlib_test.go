package hostlib

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/answers"
	"github.com/hookrun/hookrun/internal/lua/machine"
	"github.com/hookrun/hookrun/internal/lua/stdlib"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a library, and what its functions were charged.
type world struct {
	stdlib.Host
	lib       *Library
	L         *lua.LState
	looks     int   // how often the budget was found used up, which is always
	mostLooks int   // that are survived; 0 for any number
	work      int64 // instructions
	allocated int   // bytes
	mostBytes int   // that are had; 0 for any number
	order     []string
}

func newWorld(t testing.TB) *world {
	w := &world{L: lua.NewState(lua.Options{SkipOpenLibs: true})}
	t.Cleanup(w.L.Close)
	budget := &machine.Budget{}
	budget.Look = func(L *lua.LState) {
		w.looks, w.work, budget.Left = w.looks+1, w.work-budget.Left, 0
		w.order = append(w.order, "look")
		if w.looks == w.mostLooks {
			L.Error(lua.LString("out of instructions"), 0)
		}
	}
	now := func(*lua.LState) time.Time { return time.Unix(0, 0) }
	w.lib = &Library{Budget: budget, Host: w, Now: now, Asked: func() *answers.Run { return nil }, Std: &stdlib.Library{Budget: budget, Host: w, Now: now}}
	return w
}

func (w *world) Allocate(L *lua.LState, n int) {
	w.allocated += n
	w.order = append(w.order, "allocate")
	if w.mostBytes > 0 && w.allocated > w.mostBytes {
		L.Error(lua.LString("not enough memory"), 0)
	}
}

func (w *world) Hold(L *lua.LState, n int) { w.Allocate(L, n) }
func (w *world) Keep(L *lua.LState, n int) { w.Allocate(L, n) }

func (w *world) Prepare(L *lua.LState, n int) { w.lib.Charge(L, n) }

func (w *world) Release(int) {}

// call calls a function such as crypto.hex, and returns its results.
func (w *world) call(name string, args ...any) ([]lua.LValue, error) {
	table, function, _ := strings.Cut(name, ".")
	values := make([]lua.LValue, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			values[i] = lua.LString(a)
		case float64:
			values[i] = lua.LNumber(a)
		}
	}
	fn := w.L.NewFunction(w.lib.Functions()[table][function])
	w.L.SetTop(0)
	if err := w.L.CallByParam(lua.P{Fn: fn, NRet: lua.MultRet, Protect: true}, values...); err != nil {
		var e *lua.ApiError
		if errors.As(err, &e) {
			err = errors.New(e.Object.String())
		}
		return nil, err
	}
	results := make([]lua.LValue, w.L.GetTop())
	for i := range results {
		results[i] = w.L.Get(i + 1)
	}
	return results, nil
}

// text is call for a function that returns a text, or nil and a message.
func (w *world) text(t testing.TB, name string, args ...any) (text string, ok bool) {
	t.Helper()
	results, err := w.call(name, args...)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	s, ok := results[0].(lua.LString)
	return string(s), ok
}

const long = 1 << 20

// lengthy are calls whose work grows with a text of n bytes, and what they charge for it at least.
var lengthy = []struct {
	function    string
	args        func(text string) []any
	perByte     float64 // instructions
	bytesOfText float64 // that are asked for
}{
	{"crypto.sha256", one, 0.25, 0},
	{"crypto.hmac_sha256", func(text string) []any { return []any{"key", text} }, 0.25, 0},
	{"crypto.hmac_sha256", func(text string) []any { return []any{text, ""} }, 0.25, 0},
	{"crypto.equal", func(text string) []any { return []any{text, strings.Clone(text)} }, 1 / 16., 0},
	{"crypto.hex", one, 1 / 16., 2},
	{"crypto.unhex", one, 1 / 16., 0.5},
	{"crypto.base64", one, 1 / 16., 4 / 3.},
	{"crypto.unbase64", one, 1 / 16., 0.75},
}

func one(text string) []any { return []any{text} }

func TestLongTextsAreChargedPieceByPiece(t *testing.T) {
	text := strings.Repeat("0", long)
	for _, tt := range lengthy {
		w := newWorld(t)
		if _, err := w.call(tt.function, tt.args(text)...); err != nil {
			t.Errorf("%s: %v", tt.function, err)
		}
		if want := int64(long * tt.perByte); w.work < want || w.work > want+1000 {
			t.Errorf("%s is charged %d instructions, want %d and a few", tt.function, w.work, want)
		}
		if want := long / maxPiece; w.looks < want {
			t.Errorf("%s is looked at %d times, want %d at least", tt.function, w.looks, want)
		}
		if want := int(long * tt.bytesOfText); w.allocated < want || w.allocated > want+100 {
			t.Errorf("%s asks for %d bytes, want %d", tt.function, w.allocated, want)
		}
	}
}

func TestARunThatHasEndedIsNotWorkedFor(t *testing.T) {
	text := strings.Repeat("0", long)
	for _, tt := range lengthy {
		w := newWorld(t)
		w.mostLooks = 3
		_, err := w.call(tt.function, tt.args(text)...)
		if got, want := fmt.Sprint(err), "out of instructions"; got != want {
			t.Errorf("%s: got error %q, want %q", tt.function, got, want)
		}
		if w.looks != w.mostLooks {
			t.Errorf("%s goes on for %d looks after the run has ended", tt.function, w.looks-w.mostLooks)
		}
	}
}

func TestMemoryIsAskedForBeforeAnythingIsDone(t *testing.T) {
	text := strings.Repeat("0", long)
	for _, tt := range lengthy {
		if tt.bytesOfText == 0 {
			continue
		}
		w := newWorld(t)
		w.mostBytes = 1000
		_, err := w.call(tt.function, tt.args(text)...)
		if got, want := fmt.Sprint(err), "not enough memory"; got != want {
			t.Errorf("%s: got error %q, want %q", tt.function, got, want)
		}
		if diff := cmp.Diff([]string{"allocate"}, w.order); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.function, diff)
		}
	}
}

// Every function charges something, however short its arguments: a loop that calls it comes to an end in time.
func TestEachFunctionThatDoesMoreThanArithmeticIsCharged(t *testing.T) {
	for _, tt := range []struct {
		function string
		args     []any
	}{
		{"cidr.contains", []any{"10.0.0.0/8", "::"}},
		{"cidr.parse", []any{"10.0.0.0/8"}},
		{"cidr.valid", []any{"10.0.0.0/8"}},
		{"crypto.sha256", []any{""}},
		{"crypto.hmac_sha256", []any{"", ""}},
		{"crypto.random", []any{1.0}},
		{"crypto.uuid", nil},
		{"time.parse", []any{"2001-02-03T04:05:06Z"}},
		{"time.parse", []any{"2001", "%Y"}},
		{"time.format", []any{0.0}},
		{"time.format", []any{0.0, "%c"}},
		{"time.date", []any{0.0}},
		{"time.duration", []any{"1h"}},
	} {
		w := newWorld(t)
		if _, err := w.call(tt.function, tt.args...); err != nil {
			t.Errorf("%s: %v", tt.function, err)
		}
		if w.work < 16 {
			t.Errorf("%s is charged %d instructions, want 16 at least", tt.function, w.work)
		}
	}
}
