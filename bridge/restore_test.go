package bridge_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/bridge"
)

// exactJSON is a value as a store keeps it.
func exactJSON(tb rapid.TB, val reflect.Value) (string, error) {
	tb.Helper()
	var s bridge.Tx
	defer s.Close()
	var r bridge.Binding
	r.Bind(&s, "result", val, false)
	text, err := r.Value().AppendExactJSON(nil, "result", nil)
	if cannot := (*bridge.TypeError)(nil); err != nil && !errors.As(err, &cannot) {
		tb.Fatal(err)
	}
	return string(text), err
}

func TestWhatIsWrittenExactlyIsRestored(t *testing.T) {
	types := append([]reflect.Type{reflect.TypeFor[everything](), reflect.TypeFor[any](), reflect.TypeFor[share](), reflect.TypeFor[embedding](),
		reflect.TypeFor[odd](), reflect.TypeFor[ids]()}, anyTypes...)
	drawn, written := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		typ := reflect.SliceOf(rapid.SampledFrom(types).Draw(rt, "root")) // as it takes a VM to show an integer exactly
		value := draw(rt, typ, 6)
		drawn++
		want, err := exactJSON(rt, value)
		if err != nil {
			return // JSON cannot hold it
		}
		restored, err := bridge.FromExactJSON([]byte(want), typ, "result")
		if err != nil && strings.Contains(err.Error(), `want time (RFC 3339), got "-`) {
			return // before the year 0, of which RFC 3339 cannot tell
		}
		if err != nil {
			rt.Fatalf("%s: %v\n%s", typ, err, want)
		}
		if got, err := exactJSON(rt, restored); got != want || err != nil {
			rt.Fatalf("%s: another value was restored, error %v:\n%s", typ, err, cmp.Diff(want, got))
		}
		written++
	})
	if written < drawn/2 {
		t.Errorf("%d values of %d were written, which proves little", written, drawn)
	}
}

func TestWhatCannotBeRestoredHasItsPath(t *testing.T) {
	type box struct {
		Share  share             `json:"share"`
		Frozen frozen            `json:"frozen"`
		Levels map[string]level  `json:"levels"`
		Keys   map[int8]string   `json:"keys"`
		Pairs  [][2]int8         `json:"pairs"`
		Raw    json.RawMessage   `json:"raw"`
		Places map[string]server `json:"places"`
	}
	for _, test := range []struct{ text, want string }{
		{`{`, "args: not JSON: unexpected EOF"},
		{`[]`, "args: want table, got list"},
		{`{"share":{"sise":1}}`, `args.share.sise: no such field (did you mean "size"?)`},
		{`{"share":{"size":"1"}}`, "args.share.size: want integer, got string"},
		{`{"share":{"size":{}}}`, "args.share.size: want integer, got table"},
		{`{"share":{"size":9223372036854775808}}`, "args.share.size: 9223372036854775808 is out of range for int64"},
		{`{"share":{"ratio":1e999}}`, "args.share.ratio: 1e999 is out of range for float64"},
		{`{"share":{"is_public":1}}`, "args.share.is_public: want boolean, got number"},
		{`{"share":{"size":true}}`, "args.share.size: want integer, got boolean"},
		{`{"share":{"created_at":"noon"}}`, `args.share.created_at: want time (RFC 3339), got "noon"`},
		{`{"levels":{"a":"low","b":"none"}}`, `args.levels.b: "none" does not fit: no level`},
		{`{"keys":{"1":"a","128":"b"}}`, "args.keys.128: want a key that is an integer of type int8"},
		{`{"pairs":[[1,2],[1]]}`, "args.pairs[2]: want 2 items, got 1"},
		{`{"places":{"here":{"next":{"id":7}}}}`, "args.places.here.next.id: want string, got number"},
		{`{"frozen":"frozen"}`, "args.frozen: cannot be set"},
	} {
		if _, err := bridge.FromExactJSON([]byte(test.text), reflect.TypeFor[box](), "args"); err == nil || err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", test.text, err, test.want)
		}
	}
}

func TestALongTextOfTheHostIsRestored(t *testing.T) {
	long := zone{strings.Repeat("x", 100<<10)}
	want := map[zone]zone{long: long}
	text, err := exactJSON(t, reflect.ValueOf(want))
	if err != nil {
		t.Fatal(err)
	}
	got, err := bridge.FromExactJSON([]byte(text), reflect.TypeOf(want), "result")
	if err != nil || !reflect.DeepEqual(got.Interface(), any(want)) {
		t.Errorf("got another value, error %v", err)
	}
}
