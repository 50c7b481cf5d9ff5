package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/engine"
)

// own is a call's value of the types that a service has, whose JSON of encoding/json is not what scripts see.
type own struct {
	Renamed  int64             `lua:"size" json:"bytes"`
	Untagged int64             `lua:"untagged"`
	Secret   string            `lua:"secret" json:"-"`
	Quoted   int64             `json:"quoted,string"`
	Key      []byte            `json:"key"`
	Total    *big.Int          `json:"total"`
	Ratio    *big.Float        `json:"ratio"`
	Status   status            `json:"status"`
	Wrapped  wrapped           `json:"wrapped"`
	Address  netip.Addr        `json:"address"`
	At       time.Time         `json:"at"`
	By       map[netip.Addr]at `json:"by"`
	ByNumber map[int8]uint64   `json:"by_number"`
	Pair     [2]*status        `json:"pair"`
	Free     any               `json:"free"`
	at
	*Lent
}

type at struct {
	Place float32 `lua:"place"`
}

// Lent is embedded by a pointer.
type Lent struct {
	Until string `json:"until"`
}

// status and wrapped have a JSON form of their own, and no text.
type status int

func (s status) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `"status %d"`, int(s)), nil }
func (s *status) UnmarshalJSON(text []byte) error {
	_, err := fmt.Sscanf(string(text), `"status %d"`, (*int)(s))
	return err
}

type wrapped struct{ N int }

func (wrapped) MarshalJSON() ([]byte, error)  { return []byte(`"wrapped"`), nil }
func (*wrapped) UnmarshalJSON(_ []byte) error { panic("not asked for") }

func owned() own {
	bits, _ := new(big.Int).SetString(strings.Repeat("9", 70_000), 10) // more than a script may set
	high := status(7)
	return own{
		Renamed: 1<<53 + 1, Untagged: 2, Secret: "s", Quoted: 3, Key: []byte("aGk="), Total: bits,
		Ratio: big.NewFloat(1).SetMantExp(big.NewFloat(1), 1<<14), Status: 4, Wrapped: wrapped{5},
		Address: netip.MustParseAddr("10.0.0.5"), At: time.Date(2026, 11, 30, 10, 0, 0, 5, time.UTC),
		By:       map[netip.Addr]at{netip.MustParseAddr("::1"): {0.1}},
		ByNumber: map[int8]uint64{-1: 1<<64 - 1}, Pair: [2]*status{nil, &high},
		Free: map[string]any{"list": []any{"x", true, nil}}, at: at{1.5}, Lent: &Lent{"noon"},
	}
}

var sameOwn = cmp.Options{
	cmp.AllowUnexported(own{}, at{}),
	cmp.Comparer(func(x, y *big.Int) bool { return x == y || x != nil && y != nil && x.Cmp(y) == 0 }),
	cmp.Comparer(func(x, y *big.Float) bool { return x == y || x.Text('g', 15) == y.Text('g', 15) }), // its text says no more
	cmp.Comparer(func(x, y netip.Addr) bool { return x == y }),
	cmpopts.EquateEmpty(),
}

// ownWorld is a world with a method of these types.
func ownWorld(t *testing.T, opts engine.Options, hooks ...script) *world {
	t.Helper()
	opts.Methods = []engine.Method{engine.Define[own, own]("make").Method()}
	return newWorld(t, opts, hooks...)
}

func TestWhatAnOpenCallWasWrittenWithIsReadAgain(t *testing.T) {
	for name, given := range map[string]own{"values": owned(), "zero values": {}} {
		t.Run(name, func(t *testing.T) {
			hooks := []script{hook("a", `
function pre(call) state.incr("used", 1) end
function post(call, result) state.set("size", call.args.size) events.publish("made", {key = result.key, total = #(result.total or "")}) end`),
				hook("b", `function post() events.publish("told", {}) end`)}
			d := &disk{}
			w := ownWorld(t, engine.Options{Store: d}, hooks...)
			var driving *disk
			ended := d.crashesAt(t, effect.OutcomeCompleted)
			_, err := engine.Call(t.Context(), w.Engine, "make", given, func(_ context.Context, a own) (own, error) {
				driving = d.crash(t)
				return a, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			var asked any
			ownWorld(t, engine.Options{Store: driving, Outcome: func(_ context.Context, c engine.OpenCall) (any, error) {
				asked = c.Args
				return given, nil
			}}, hooks...)
			if diff := cmp.Diff(any(given), asked, sameOwn); diff != "" {
				t.Errorf("the program was asked about (-want +got):\n%s", diff)
			}
			if got, want := driving.written(), fmt.Sprintf("size=%d+!made+open !told+close", given.Renamed); got != want {
				t.Errorf("after a crash in the driver the store wrote %q, want %q", got, want)
			}
			after := ended()
			w = ownWorld(t, engine.Options{Store: after}, hooks...)
			if got, want := after.written(), "!told+close"; got != want {
				t.Errorf("after a crash between post functions the store wrote %q, want %q\n%s", got, want, w.log)
			}
		})
	}
}

// rude panics when it is read.
type rude struct{}

func (rude) MarshalText() ([]byte, error) { return []byte("rude"), nil }
func (*rude) UnmarshalText([]byte) error  { panic("host bug") }

func TestACallWhoseArgumentsCannotBeReadStaysOpen(t *testing.T) {
	d := &disk{}
	hooks := []script{hook("a", `function pre() state.incr("used", 1) end function failed() state.incr("used", -1) end`)}
	opts := engine.Options{Store: d, Methods: []engine.Method{engine.Define[map[string]rude, any]("make").Method()}}
	w := newWorld(t, opts, hooks...)
	var after *disk
	_, _ = engine.Call(t.Context(), w.Engine, "make", map[string]rude{"x": {}}, func(context.Context, map[string]rude) (any, error) {
		after = d.crash(t)
		return nil, errors.New("no space")
	})
	opts.Store = after
	newWorld(t, opts, hooks...)
	calls, _ := after.OpenCalls("nfs1")
	if want := "args.x: UnmarshalText panicked: host bug"; len(calls) != 1 || calls[0].Problem != want {
		t.Errorf("open calls: %+v, want one with the problem %q", calls, want)
	}
}
