package bridge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	lua "github.com/yuin/gopher-lua"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// marshaled is free-form data as encoding/json writes it.
func marshaled(tb rapid.TB, v any) string {
	tb.Helper()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "error"
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// encodedAlike compares the JSON of a Lua value with that which encoding/json makes of what Free makes of it.
func encodedAlike(tb rapid.TB, v bridge.Value) {
	tb.Helper()
	want := "error"
	if data, err := v.ToGo("value", nil); err == nil {
		want = marshaled(tb, data)
	}
	text, err := v.AppendJSON(nil, "value", nil)
	got := string(text)
	if err != nil {
		got = "error"
	}
	if got != want {
		tb.Fatalf("got  %s (error %v)\nwant %s", got, err, want)
	}
}

func TestEncodedJSONIsThatOfEncodingJSON(t *testing.T) {
	edit := load(t, "edit.lua", `function edit(v)
		v.String, v.Any, v.Strings[1], v.Map.more, v.Pointer = "new", { 1, { a = null } }, "x", v.Structs, nil
		return { v, list = { v.Map, v.Anys, 1.5, -0, 2^63 } }, { v.Array, v.Raw, v.Inner }
	end`)
	rapid.Check(t, func(rt *rapid.T) {
		value := draw(rt, reflect.TypeFor[everything](), 5)
		var s bridge.Tx
		var r bridge.Binding
		r.Bind(&s, "result", value, true)
		encodedAlike(rt, r.Value())
		encodedAlike(rt, bridge.ToLua(value.Interface()))
		if returned, err := edit.call(rt, "edit", r.Value()); err == nil {
			encodedAlike(rt, returned)
		}
		encodedAlike(rt, r.Value())
	})
}

func TestEncodedStringsAndNumbersAreThoseOfEncodingJSON(t *testing.T) {
	pieces := rapid.SampledFrom([]string{"\x00", "\x1f", "\"", "\\", "/", "<&>", "\x7f", "\u2028", "\u2029", "\ufffd", "é", "日", "😀",
		"\xff", "\xc3", "\xe6\x97", "\xed\xa0\x80", "\xf0\x9f\x98", "\b\f\n\r\t", "plain", strings.Repeat("x", 4095), strings.Repeat("\x80", 5000)})
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(pieces, 0, 12).Draw(rt, "text"), "")
		encodedAlike(rt, bridge.Wrap(lua.LString(text)))
		encodedAlike(rt, bridge.ToLua(map[string]any{text: text}))
		encodedAlike(rt, bridge.Wrap(lua.LNumber(rapid.Float64().Draw(rt, "number"))))
	})
	for _, n := range []float64{0, 1e-6, 9.9e-7, 1e-9, 1e-10, 1e20, 1e21, 1e22, -1e-7, 1 << 53, 1 << 62, 1 << 63, 0.1, 1e300, 5e-324} {
		encodedAlike(t, bridge.Wrap(lua.LNumber(n)))
	}
}

// TestRawJSONIsWrittenByEncodingJSON: what a service will write is what its raw JSON must be like, with its own types
// as they marshal themselves.
func TestRawJSONIsWrittenByEncodingJSON(t *testing.T) {
	tests := []struct{ body, want string }{
		{`result.raw = { result.created_at, result.digest, result.inline, "<&>" }`,
			`["2026-11-23T10:00:00.000000005+01:00","` + "\\u0000\\ufffda" + `",{"id":"in","backend_details":null,"next":null},"<&>"]`},
		{`result.raw.b[1] = { 2^60, null, json.decode("[]") }`, `{"a":9007199254740993,"b":[[1152921504606846976,null,[]],2.50]}`},
		{`result.raw.c = result.export_locations[1]`, `{"a":9007199254740993,"b":[1,2.50],"c":` + marshaled(t, newShare().Locations[0]) + `}`},
	}
	for _, tt := range tests {
		got, _ := edited(t, newShare(), tt.body)
		if string(got.Raw) != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.body, got.Raw, tt.want)
		}
	}
}

func TestNumbersBehindViewsThatAreNoneAreRefused(t *testing.T) {
	for _, number := range []json.Number{"1x", "NaN", "01", "1.", "\"1\""} {
		r, _ := show(t, []json.Number{number})
		if text, err := r.Value().AppendJSON(nil, "value", nil); err == nil || !strings.HasPrefix(err.Error(), "value[1]: want a number") {
			t.Errorf("%q: got %s, error %v", number, text, err)
		}
	}
}

// texts are JSON texts, and nearly such.
var texts = []string{
	``, ` `, `1`, `-0`, `0.10`, `-1.5e+3`, `1E400`, `-1e999`, `1e-999`, `01`, `-`, `1.`, `1e`, `.5`, `+1`, `0x10`, `NaN`,
	`true`, `tru`, `trux`, `null`, `nul`, `false `, `fals"`, `[]`, `[ ]`, `[1,null,"x",[]]`, `[1,]`, `[,1]`, `[1 2]`, `[1`, `[1,`, `[`, `]`,
	`{}`, `{ }`, `{"a":1,"b":{"c":[null]}}`, `{"a":1,"a":2}`, `{"a":1,"a":null}`, `{"a"}`, `{"a" 1}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{1:2}`, `{"a":1`, `{"a`, `{"a":1 "b"}`,
	`"x"`, `"\"\\\/\b\f\n\r\t"`, `"\u00e9\u65e5"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ud83d\u0041"`, `"\ude00\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ud83dx"`, `"\u12"`, `"\u12g4"`, `"\ud83d\u1"`,
	`"\x"`, `"\`, `"`, "\"a\nb\"", "\"\x7f\"", "\"\xff\xc3x\xed\xa0\x80\xf0\x9f\x98\"", "\"é日😀\ufffd\u2028\"", "\"\xff", "\xff", "\xef\xbb\xbf{}", `'x'`, `["x']`, `["a",'`,
	" [\t1 ,\r\n2 ] ", `{"":{"":[]}}`, `9007199254740993`, `[18446744073709551616]`, "{\"\xff\":1,\"\ufffd\":2}", `nulll`, `1 2`, `{}x`, "\x00", `[1]]`,
}

// standardDecode decodes the first value of a text by encoding/json.
func standardDecode(text string) (v any, rest string, err error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, "", err
	}
	return v, strings.Trim(text[dec.InputOffset():], " \t\r\n"), nil
}

// decodedAlike compares the value and the error of a text with those of encoding/json.
func decodedAlike(tb rapid.TB, text string) {
	tb.Helper()
	got, err := bridge.DecodeJSON(text, nil)
	want, rest, wantErr := standardDecode(text)
	switch {
	case wantErr != nil:
		if err == nil || err.Error() != "not JSON: "+wantErr.Error() {
			tb.Fatalf("%q: got error %v, want %v", text, err, wantErr)
		}
	case rest != "":
		if err == nil || !strings.HasPrefix(err.Error(), "not JSON: more text after the value, at byte ") {
			tb.Fatalf("%q: got error %v, want that there is more text", text, err)
		}
	case err != nil:
		tb.Fatalf("%q: %v", text, err)
	default:
		if diff := cmp.Diff(treeOf(bridge.ToLua(want).Lua()), treeOf(got.Lua())); diff != "" {
			tb.Fatalf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// treeOf shows a Lua value by its kinds, with the lists told from the maps.
func treeOf(lv lua.LValue) any {
	t, ok := lv.(*lua.LTable)
	switch {
	case lv == bridge.Null:
		return "null"
	case !ok:
		return lv.Type().String() + " " + lv.String()
	}
	tree := map[string]any{}
	if mt, ok := t.Metatable.(*lua.LTable); ok {
		tree["type"] = mt.RawGetString("__jsontype").String()
	}
	t.ForEach(func(k, v lua.LValue) { tree[k.Type().String()+" "+k.String()] = treeOf(v) })
	return tree
}

func TestJSONIsDecodedAsEncodingJSONDoes(t *testing.T) {
	for _, text := range texts {
		decodedAlike(t, text)
		decodedAlike(t, `{"k":[`+text+`]}`)
	}
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom(texts), 1, 4).Draw(rt, "parts")
		decodedAlike(rt, "["+strings.Join(parts, ",")+"]")
	})
}

func TestDecodedMapsOfManyKeysKeepTheLast(t *testing.T) {
	text := `{"k":0` + strings.Repeat(`,"k":1,"a":2,"b":null`, 1000) + `,"k":3}`
	decodedAlike(t, text)
	many := map[string]any{}
	for i := range 300 {
		many[strconv.Itoa(i)] = json.Number("1")
	}
	decodedAlike(t, marshaled(t, many))
}

func TestJSONOfMoreThanAMillionValuesIsRefused(t *testing.T) {
	const want = "JSON with more than 1048576 values"
	if _, err := bridge.DecodeJSON("["+strings.Repeat("1,", 1<<20)+"1]", nil); err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// FuzzJSON reads any text as encoding/json does, and writes what it read so that it reads the same again.
func FuzzJSON(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if nesting([]byte(text)) >= maxNesting {
			if _, err := bridge.DecodeJSON(text, nil); err == nil {
				t.Fatal("want an error of a text nested too deep")
			}
			return
		}
		decodedAlike(t, text)
		v, err := bridge.DecodeJSON(text, nil)
		if err != nil {
			return
		}
		again, err := v.AppendJSON(nil, "value", nil)
		if err != nil {
			if !strings.Contains(err.Error(), "want a finite number") { // 1e400
				t.Fatal(err)
			}
			return
		}
		same, err := bridge.DecodeJSON(string(again), nil)
		if err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		if diff := cmp.Diff(treeOf(v.Lua()), treeOf(same.Lua())); diff != "" {
			t.Fatalf("%s is read as another value (-want +got):\n%s", again, diff)
		}
	})
}

// BenchmarkJSON compares with the way through free-form data and encoding/json.
func BenchmarkJSON(b *testing.B) {
	shares := slices.Repeat([]share{newShare()}, 20)
	text := marshaled(b, shares)
	plain, err := bridge.DecodeJSON(text, nil)
	if err != nil {
		b.Fatal(err)
	}
	var s bridge.Tx
	var r bridge.Binding
	r.Bind(&s, "shares", reflect.ValueOf(&shares).Elem(), false)
	for _, v := range []struct {
		name  string
		value bridge.Value
	}{{"tables", plain}, {"views", r.Value()}} {
		b.Run("encode "+v.name+"/base=encoding", func(b *testing.B) {
			for b.Loop() {
				data, err := v.value.ToGo("value", nil)
				if err = errors.Join(err, json.NewEncoder(io.Discard).Encode(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("encode "+v.name+"/bridge", func(b *testing.B) {
			for b.Loop() {
				if _, err := v.value.AppendJSON(nil, "value", nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("decode/base=encoding", func(b *testing.B) {
		for b.Loop() {
			data, _, err := standardDecode(text)
			if bridge.ToLua(data).IsNil() || err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode/bridge", func(b *testing.B) {
		for b.Loop() {
			if _, err := bridge.DecodeJSON(text, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestListsThatDoNotFitIntoATableAreErrors(t *testing.T) {
	const n = 1 << 19
	want := fmt.Sprintf("a list of %d items: scripts have lists of at most %d", n, n-1)
	if _, err := bridge.DecodeJSON("["+strings.Repeat("1,", n-1)+"1]", nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("decoded: got %v, want %s", err, want)
	}
	if _, err := bridge.DecodeJSON("["+strings.Repeat("1,", n-2)+"1]", nil); err != nil {
		t.Errorf("one less: got %v", err)
	}
	script := load(t, "hook.lua", "function hook(result) return #result.items end", sandbox.Options{})
	r, _ := show(t, struct {
		Items []int `json:"items"`
	}{make([]int, n)})
	if _, err := script.call(t, "hook", r.Value()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a view: got %v, want %s", err, want)
	}
}
