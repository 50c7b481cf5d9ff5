package extent_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/extent"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

type node struct {
	Name  string
	Next  *node
	Data  []byte
	Back  *node `json:"-"`
	cache string
}

func TestATextCountsEachTimeItIsWritten(t *testing.T) {
	text := strings.Repeat("x", 100)
	shared := &node{Name: text}
	for _, test := range []struct {
		name  string
		value any
		takes int
	}{
		{"nothing", nil, 1},
		{"a text", text, 101},
		{"a list that holds it twice", []any{text, text}, 1 + 2*(1+101)},
		{"a list of texts", []string{text, text}, 1 + 2*101},
		{"a map", map[string]any{"key": text}, 1 + 4 + 1 + 101},
		{"bytes", []byte(text), 101},
		{"numbers", [3]int{}, 4},
		{"a pointer", shared, 1 + 1 + 101 + 1 + 1},
		{"a list that holds it twice", []*node{shared, shared}, 1 + 2*(1+1+101+1+1)},
		{"what JSON has not", node{cache: text, Back: shared}, 1 + 1 + 1 + 1},
	} {
		if got := 1000 - extent.Left(1000, test.value); got != test.takes {
			t.Errorf("%s takes %d, want %d", test.name, got, test.takes)
		}
	}
}

func TestWhatTakesTooMuchIsLookedAtNoFurther(t *testing.T) {
	long.Only(t)
	deep := &node{}
	for range 100_000 {
		deep = &node{Next: deep}
	}
	huge := strings.Repeat("x", 1<<20)
	many := make([]any, 1<<20)
	for i := range many {
		many[i] = huge
	}
	all := any(many)
	for range 100 {
		all = []any{all, all}
	}
	for name, v := range map[string]any{"one text many times": many, "lists that hold lists twice": all, "a long way": deep} {
		if left := extent.Left(1<<18, v); left >= 0 {
			t.Errorf("%s: %d bytes are left", name, left)
		}
	}
	if left := extent.Left(1<<20, deep); left < 0 {
		t.Errorf("a long way takes more than %d bytes", 1<<20)
	}
}

// named is written as its name.
type named struct {
	Name   string
	Shares []any
}

func (n *named) MarshalJSON() ([]byte, error) { return json.Marshal(n.Name) }

// TestWhatLeadsBackIsNotFollowed: else what is still to be looked at would grow with the bytes that there are.
func TestWhatLeadsBackIsNotFollowed(t *testing.T) {
	type pool struct{ Shares []any }
	var p pool
	n := named{Name: "n"}
	for range 1000 {
		p.Shares = append(p.Shares, &node{Name: "n"}, map[string]*pool{"pool": &p})
		n.Shares = append(n.Shares, &node{Name: "n"}, map[string]*named{"pool": &n})
	}
	if left := extent.Left(1<<20, &p); left >= 0 {
		t.Errorf("a pool that its shares lead back to takes %d bytes, want too many", 1<<20-left)
	}
	above := struct{ Named *named }{&n}
	within := &owned{}
	within.By.Owner = within
	for _, v := range []any{&n, above, n, within, map[string]any{"k": within}} {
		if left := extent.Left(1<<20, v); left < 1<<20-20_000 {
			t.Errorf("%T, which is written as its name, takes %d bytes, want 20000 at most", v, 1<<20-left)
		}
	}
}

// owned has an owner that is written as its name.
type owned struct{ By owner }

type owner struct {
	Name  string
	Owner *owned
}

func (o owner) MarshalText() ([]byte, error) { return []byte(o.Name), nil }
