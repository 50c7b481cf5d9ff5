package tape_test

import (
	"context"
	"encoding/json"
	"sync"
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

// tags are shared: their program may change them at any time.
type tags struct {
	mu sync.Mutex
	m  map[string]string
}

// written writes itself from what only its own method can read: copied, it is JSON.
type written struct{ Tags *tags }

func (w written) MarshalJSON() ([]byte, error) {
	w.Tags.mu.Lock()
	defer w.Tags.mu.Unlock()
	return json.Marshal(w.Tags.m)
}

func (w *written) UnmarshalJSON(text []byte) error {
	w.Tags = &tags{}
	return json.Unmarshal(text, &w.Tags.m)
}

func TestWhatIsMaskedFitsItsTypeBesideWhatWritesItself(t *testing.T) {
	type shared struct {
		Key   []byte  `json:"key"`
		Note  string  `json:"note"`
		Share written `json:"share"`
	}
	a := shared{[]byte("raw bytes"), "payroll", written{&tags{m: map[string]string{"a": "1", "note": "x"}}}}
	line := recordOne(t, t.Context(), "[record]\nmask = [\"**.key\", \"**.note\"]\n", a, &a)
	const want = `{"key":"","note":"***","share":{"a":"1","note":"***"}}`
	if string(line.Args) != want || string(line.Result) != want {
		t.Errorf("got %s and %s, want %s", line.Args, line.Result, want)
	}
	var back shared
	if err := json.Unmarshal(line.Args, &back); err != nil {
		t.Error(err)
	}
}

func TestAContextIsRecordedAsItWasWhenTheCallEnded(t *testing.T) {
	shared := &tags{m: map[string]string{"a": "1"}}
	cfg := recording(t, "calls.jsonl", `function pre.grow(call) end`, "")
	eng, r := open(t, cfg, engine.Options{})
	ctx := engine.WithCallContext(t.Context(), map[string]any{"share": written{shared}, "roles": []string{"admin"}, "n": int64(1<<60 + 1)})
	if _, err := engine.Call(ctx, eng, "grow", args{}, func(context.Context, args) (result, error) { return result{}, nil }); err != nil {
		t.Fatal(err)
	}
	shared.m["a"] = "2" // without the lock: nobody reads it any more
	end(t, eng, r)
	for line, err := range tape.Files(cfg.Record.Path) {
		switch {
		case err != nil:
			t.Fatal(err)
		case line.Call != nil:
			const want = `{"n":1152921504606846977,"roles":["admin"],"share":{"a":"1"}}`
			if got, err := json.Marshal(line.Call.Context); string(got) != want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
		}
	}
}
