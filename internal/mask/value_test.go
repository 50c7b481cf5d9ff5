package mask_test

import (
	"encoding/json"
	"errors"
	"runtime/debug"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/mask"
)

const secret = "tok-1234"

type inner struct{ Token string }

type named string

type record struct {
	inner
	Text    string
	Named   named
	Bytes   []byte
	Any     any
	List    []any
	Fixed   [2]string
	Map     map[named]*inner
	Pointer *string
	Raw     json.RawMessage
	Number  json.Number
	At      time.Time
	Count   int
	private string
}

func (r record) Equal(other record) bool {
	a, b := r, other
	a.inner, b.inner = inner{}, inner{}
	type plain record
	return r.Token == other.Token && a.private == b.private &&
		cmp.Equal(plain(a), plain(b), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".private" || p.Last().String() == ".inner" }, cmp.Ignore()))
}

func TestValueIsMaskedInACopyOfItsTypes(t *testing.T) {
	text := "a " + secret
	now := time.Now()
	make := func(s string, p *string) record {
		return record{
			inner: inner{s}, Text: "x" + s, Named: named(s), Bytes: []byte(s), Any: map[string]any{s: []any{s, 1, nil, true}}, List: []any{s, inner{s}},
			Fixed: [2]string{"b", s}, Map: map[named]*inner{named(s): {s}}, Pointer: p, Raw: json.RawMessage(`{"a":"` + s + `"}`),
			Number: "12", At: now, Count: 7, private: secret,
		}
	}
	original, masked := make(secret, &text), "a ***"
	got := mask.New([]string{secret}).Value(original)
	if diff := cmp.Diff(make("***", &masked), got, cmp.AllowUnexported(inner{})); diff != "" {
		t.Errorf("masked (-want +got):\n%s", diff)
	}
	if !original.Equal(make(secret, &text)) || text != "a "+secret {
		t.Errorf("the original became %+v", original)
	}
}

func TestValueWithoutASecretIsReturnedAsItIs(t *testing.T) {
	m := mask.New([]string{secret})
	v := &record{Any: map[string]any{"a": []any{1, "x"}}}
	if got := m.Value(v); got != any(v) {
		t.Errorf("got a copy, want the value itself")
	}
	if m.Value(nil) != nil {
		t.Error("nil: got something")
	}
}

type node struct {
	Text string
	Next *node
	Any  any
}

func TestValueKeepsItsShape(t *testing.T) {
	a := &node{Text: secret}
	b := &node{Text: "b", Next: a}
	a.Next, a.Any = b, map[string]any{"a": a}
	a.Any.(map[string]any)["self"] = a.Any
	got := mask.New([]string{secret}).Value(a).(*node)
	inside := got.Any.(map[string]any)
	if got == a || got.Text != "***" || got.Next.Text != "b" || got.Next.Next != got || inside["a"] != any(got) {
		t.Errorf("got %+v, want a copy that leads back to itself", got)
	}
	inside["new"] = 1
	if _, same := inside["self"].(map[string]any)["new"]; !same {
		t.Error("the map that holds itself does so no longer")
	}
	if a.Text != secret || a.Next != b {
		t.Errorf("the original became %+v", a)
	}
}

// What scripts make may hold one long text in very many places: each look through it would take hours.
func TestATextInManyPlacesIsLookedThroughOnce(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, text := range []string{long, long + " " + secret} {
		many := make([]any, 200_000)
		for i := range many {
			many[i] = text
		}
		got := mask.New([]string{secret}).Value(many).([]any)
		first, last := got[0].(string), got[len(got)-1].(string)
		if want := strings.ReplaceAll(text, secret, "***"); first != want || unsafe.StringData(first) != unsafe.StringData(last) {
			t.Errorf("got %d and %d bytes, want one text of %d in all places", len(first), len(last), len(want))
		}
	}
}

func TestHowDeepAValueIsDoesNotMatter(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(8 << 20))
	m := mask.New([]string{secret})
	first := &node{Text: secret}
	for range 50_000 {
		first = &node{Next: first}
	}
	last := m.Value(first).(*node)
	for last.Next != nil {
		last = last.Next
	}
	if last.Text != "***" {
		t.Errorf("the last of a chain says %q", last.Text)
	}
	var deep any = secret
	for range 50_000 {
		deep = struct{ In any }{deep}
	}
	deep = m.Value(deep)
	for {
		in, is := deep.(struct{ In any })
		if !is {
			break
		}
		deep = in.In
	}
	if deep == secret {
		t.Error("the innermost of many structs is not masked")
	}
}

// token writes and reads itself as text.
type token struct{ text string }

func (t token) MarshalText() ([]byte, error) { return []byte(t.text), nil }
func (t *token) UnmarshalText(text []byte) error {
	t.text = string(text)
	return nil
}

// strict reads nothing that is masked.
type strict struct{ text string }

func (t strict) MarshalText() ([]byte, error) { return []byte(t.text), nil }
func (t *strict) UnmarshalText([]byte) error {
	t.text = secret
	return errors.New("strict")
}

// inJSON writes itself as JSON and reads nothing.
type inJSON struct{ text string }

func (t *inJSON) MarshalJSON() ([]byte, error) { return json.Marshal(t.text) }

// panics does.
type panics struct{ text string }

func (t panics) MarshalText() ([]byte, error)  { return []byte(t.text), nil }
func (t *panics) UnmarshalText(_ []byte) error { panic(t.text) }

func TestValuesThatWriteThemselvesAreMasked(t *testing.T) {
	type all struct {
		Token  token
		To     *token
		Strict strict
		JSON   *inJSON
		Panics panics
		None   *token
	}
	v := all{token{secret}, &token{"x" + secret}, strict{secret}, &inJSON{secret}, panics{secret}, nil}
	got := mask.New([]string{secret}).Value(v)
	want := all{token{"***"}, &token{"x***"}, strict{}, &inJSON{}, panics{}, nil}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(token{}, strict{}, inJSON{}, panics{})); diff != "" {
		t.Errorf("masked (-want +got):\n%s", diff)
	}
	if v.To.text != "x"+secret || v.JSON.text != secret {
		t.Errorf("the original became %+v", v)
	}
}
