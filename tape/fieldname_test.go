package tape_test

import (
	"context"
	"testing"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/tape"
)

// Types that lead to nothing but themselves.
type (
	tree   map[string]tree
	nest   []nest
	folded struct {
		Tree tree   `json:"tree"`
		Nest nest   `json:"nest"`
		Name string `json:"name"`
	}
)

// recordOne makes a call with a result, and returns its line.
func recordOne[A, R any](t *testing.T, ctx context.Context, toml string, a A, res R) (line *tape.Call) {
	t.Helper()
	cfg := recording(t, "calls.jsonl", `function pre.grow(call) end`, toml)
	eng, r := open(t, cfg, engine.Options{})
	if _, err := engine.Call(ctx, eng, "grow", a, func(context.Context, A) (R, error) { return res, nil }); err != nil {
		t.Fatal(err)
	}
	end(t, eng, r)
	for l, err := range tape.Files(cfg.Record.Path) {
		if err != nil {
			t.Fatal(err)
		}
		if l.Call != nil {
			line = l.Call
		}
	}
	if line == nil {
		t.Fatal("got no line of the call")
	}
	return line
}

func TestATypeThatHoldsItselfIsRecorded(t *testing.T) {
	a := folded{Tree: tree{"a": {}}, Nest: nest{{}}, Name: "payroll"}
	for toml, want := range map[string]string{
		"":                                 `{"tree":{"a":{}},"nest":[[]],"name":"payroll"}`,
		"[record]\nmask = [\"**.name\"]\n": `{"tree":{"a":{}},"nest":[[]],"name":"***"}`,
	} {
		line := recordOne(t, t.Context(), toml, a, a)
		if string(line.Args) != want || string(line.Result) != want {
			t.Errorf("%q: got %s and %s, want %s", toml, line.Args, line.Result, want)
		}
	}
}
