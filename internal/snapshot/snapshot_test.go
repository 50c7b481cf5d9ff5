package snapshot_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/snapshot"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

type node struct {
	Name string
	Next *node
	Any  any
}

type base struct{ List []int }

type all struct {
	base
	Text   string
	At     time.Time
	To     *int
	List   []string
	Nodes  []node
	Map    map[string][]int
	Fixed  [2][]int
	Any    any
	Raw    json.RawMessage
	hidden []int
}

func newAll() *all {
	n := 7
	return &all{
		base: base{[]int{1}}, Text: "t", At: time.Unix(1, 0), To: &n, List: []string{"a"}, Nodes: []node{{"a", &node{Name: "b"}, map[string]any{"x": []any{1}}}},
		Map: map[string][]int{"a": {1}}, Fixed: [2][]int{{1}, {2}}, Any: []any{map[string]any{"y": 2}}, Raw: json.RawMessage(`{}`), hidden: []int{1},
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWhatIsDoneToAValueDoesNotShowInItsCopy(t *testing.T) {
	v := newAll()
	want := text(t, v)
	got, _, err := snapshot.Of(v)
	if err != nil {
		t.Fatal(err)
	}
	v.base.List[0], *v.To, v.List[0], v.Nodes[0].Next.Name, v.Map["a"][0], v.Fixed[1][0], v.Raw[0] = 9, 9, "x", "x", 9, 9, '['
	v.Nodes[0].Any.(map[string]any)["x"].([]any)[0] = 9
	v.Any.([]any)[0].(map[string]any)["y"] = 9
	v.Map["b"] = nil
	if diff := cmp.Diff(want, text(t, got)); diff != "" {
		t.Errorf("copy (-want +got):\n%s", diff)
	}
	if _, same := got.(*all); !same {
		t.Errorf("got a %T, want a %T", got, v)
	}
}

func TestWhatOnlyMethodsCanWriteBecomesJSON(t *testing.T) {
	n := big.NewInt(7)
	got, _, err := snapshot.Of(map[string]any{"n": n})
	if err != nil {
		t.Fatal(err)
	}
	n.SetInt64(8)
	if raw, ok := got.(json.RawMessage); !ok || string(raw) != `{"n":7}` {
		t.Errorf("got %T %s, want the JSON of 7", got, got)
	}
}

func TestWhatAnEmbeddedPointerLendsDoesNotChangeInTheCopy(t *testing.T) {
	type outer struct {
		*base // whose fields encoding/json writes, though its name is not exported
		Name  string
	}
	for name, v := range map[string]any{"itself": outer{&base{[]int{1}}, "a"}, "in a list": []any{&outer{&base{[]int{1}}, "a"}}, "nil": outer{Name: "a"}} {
		want := text(t, v)
		got, _, err := snapshot.Of(v)
		if err != nil {
			t.Fatal(err)
		}
		switch v := v.(type) {
		case outer:
			if v.base != nil {
				v.base.List[0], v.base.List = 9, append(v.base.List, 9)
			}
		case []any:
			v[0].(*outer).base.List[0] = 9
		}
		if diff := cmp.Diff(want, text(t, got)); diff != "" {
			t.Errorf("%s: copy (-want +got):\n%s", name, diff)
		}
	}
}

type tags struct{ m map[string]string }

func (t *tags) text() ([]byte, error) { return json.Marshal(t.m) }

type share struct{ Tags *tags }

func (s share) MarshalJSON() ([]byte, error) { return s.Tags.text() }

type anyShare struct{ Tags any }

func (s anyShare) MarshalJSON() ([]byte, error) { return s.Tags.(*tags).text() }

type shares []*tags

func (s shares) MarshalJSON() ([]byte, error) { return s[0].text() }

type named map[string]*tags

func (n named) MarshalText() ([]byte, error) { return n["x"].text() }

type pair [1]*tags

func (p *pair) MarshalJSON() ([]byte, error) { return p[0].text() }

func TestWhatAMethodReadsBelowItsValueDoesNotChangeInTheCopy(t *testing.T) {
	for name, make := range map[string]func(*tags) any{
		"field": func(t *tags) any { return share{t} }, "interface": func(t *tags) any { return anyShare{t} },
		"list": func(t *tags) any { return shares{t} }, "map": func(t *tags) any { return named{"x": t} },
		"array": func(t *tags) any { return &pair{t} }, "in others": func(t *tags) any { return map[string]any{"a": []share{{t}}} },
	} {
		below := &tags{map[string]string{"a": "1"}}
		v := make(below)
		want := text(t, v)
		got, _, err := snapshot.Of(v)
		if err != nil {
			t.Fatal(err)
		}
		below.m["a"] = "2"
		if diff := cmp.Diff(want, text(t, got)); diff != "" {
			t.Errorf("%s: copy (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatNoMethodReadsIsCopiedAsItIs(t *testing.T) {
	type inner struct{ List []int }
	type outer struct {
		Written json.RawMessage // it writes itself, but leaves the next field alone
		Tags    *tags
		Inner   inner
	}
	v := []any{&outer{json.RawMessage("{}"), &tags{map[string]string{"a": "1"}}, inner{[]int{1}}}}
	got, _, err := snapshot.Of(v)
	if _, same := got.([]any); !same || err != nil {
		t.Errorf("got a %T, %v, want a %T", got, err, v)
	}
}

func TestAValueThatLeadsBackToItselfIsAnError(t *testing.T) {
	n := &node{}
	n.Next = n
	if got, _, err := snapshot.Of(n); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}

// What scripts make may hold one text very many times. Only what must become JSON is long for it.
func TestAValueWhoseJSONIsTooLongIsAnError(t *testing.T) {
	long.Only(t)
	text, many := any(strings.Repeat("x", 1000)), make([]any, 1<<20)
	for i := range many {
		many[i] = text
	}
	if got, _, err := snapshot.Of(many); err != nil {
		t.Errorf("got a %T, %v", got, err)
	}
	if got, _, err := snapshot.Of([]any{many, anyShare{&tags{}}}); err == nil {
		t.Errorf("got a %T, want an error", got)
	}
}

func TestFlatValuesAreNotCopied(t *testing.T) {
	list := make([]node, 1000)
	type flat struct {
		A string
		B int
	}
	for name, v := range map[string]struct {
		value any
		most  float64
	}{"text": {"a", 0}, "struct": {flat{"a", 1}, 0}, "list of structs": {make([]flat, 1000), 4}, "list of nodes": {list, 4}, "nil": {nil, 0}} {
		if n := testing.AllocsPerRun(100, func() { _, _, _ = snapshot.Of(v.value) }); n > v.most {
			t.Errorf("%s: got %v allocations, want at most %v", name, n, v.most)
		}
	}
}

// Most of these hold texts in values that are copied in one piece.
func TestACopyCountsWhatItHolds(t *testing.T) {
	text := strings.Repeat("x", 1e6)
	type flat struct {
		N    int
		Text string
		Pair [2]string
	}
	type deep struct {
		Name  string
		Tags  map[string]string
		Flats []flat
		To    *flat
		Any   any
		own   string
	}
	for name, v := range map[string]any{
		"text": text, "flat": flat{Text: text}, "array": flat{Pair: [2]string{"", text}}, "pointer": &flat{Text: text}, "list": []string{"", text},
		"records": []flat{{}, {Text: text}}, "any": []any{1, text}, "key": map[string]int{text: 1}, "entry": map[string]string{"a": text},
		"deep": []*deep{{Name: text}}, "deep entry": &deep{Tags: map[string]string{"a": text}}, "deep record": deep{Flats: []flat{{Text: text}}},
		"deep pointer": deep{To: &flat{Text: text}}, "deep any": deep{Any: map[string]any{"a": text}}, "unexported": deep{own: text},
		"bytes": []byte(text), "numbers": make([]int64, 1e6/8), "items": make([]any, 1e6/16), "in JSON": json.RawMessage(`"` + text + `"`),
		"entries": entries(11364), "method": map[string]any{"n": new(big.Int).Lsh(big.NewInt(1), 3321928)},
	} {
		_, bytes, err := snapshot.Of(v)
		if err != nil || bytes < 1e6 || bytes > 1e6+1000 {
			t.Errorf("%s: the copy holds %d bytes, %v; want 1 MB", name, bytes, err)
		}
	}
}

// entries is a map that takes 88 bytes for each of its entries.
func entries(n int) map[int]any {
	m := map[int]any{}
	for i := range n {
		m[i] = &node{}
	}
	return m
}
