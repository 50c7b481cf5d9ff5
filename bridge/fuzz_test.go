package bridge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/bridge"
	"github.com/hookrun/hookrun/internal/sandbox"
)

// maxNesting keeps the walk of a fuzzed value within the call stack of a script.
const maxNesting = 100

// FuzzGoToLuaAndBack shows any JSON to a script that reads and rewrites all of it. The very value must come back,
// free-form and, where it fits one, as a typed record.
func FuzzGoToLuaAndBack(f *testing.F) {
	for _, seed := range []string{
		`null`, `[]`, `{}`, `[[],{},null,[null]]`, `9007199254740993`, `[1e400,-0,0.10,1E5]`, `"\u0000\ud800"`,
		`{"a":{"":{"":[]}},"size":-9223372036854775808,"list":[18446744073709551616,null,{"n":null}]}`,
		`{"id":"s-1","size":9007199254740993,"created_at":"2026-11-23T10:00:00+01:00","digest":"AP9h","raw":[1.0],"quota":null,
			"export_locations":[{"path":"p","metadata":{"x":[]}}],"access_rules":[null,{"id":"r"}],"share_server":{"next":{"next":{}}},
			"labels":{"a":""},"named":{"n":null},"pair":[1,2],"deep":{"path":""},"addr":"::1","extra":[{"y":1e-7}]}`,
	} {
		f.Add([]byte(seed))
	}
	script := load(f, "walk.lua", walkAll+`function touch(result) result.touched = 1 end`)
	f.Fuzz(func(t *testing.T, data []byte) {
		if nesting(data) > maxNesting {
			t.Skip()
		}
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) != nil {
			t.Skip()
		}
		comesBack(t, script, reflect.ValueOf(&v).Elem())
		addsAKey(t, script, v)
		var s share
		if json.Unmarshal(data, &s) == nil {
			comesBack(t, script, reflect.ValueOf(&s).Elem())
		}
		comesBack(t, script, reflect.ValueOf(json.RawMessage(data)))
	})
}

func nesting(data []byte) int {
	dec, depth, most := json.NewDecoder(bytes.NewReader(data)), 0, 0
	for {
		tok, err := dec.Token()
		if err != nil {
			return most
		}
		switch tok {
		case json.Delim('['), json.Delim('{'):
			depth++
			most = max(most, depth)
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
	}
}

func comesBack(t *testing.T, script loaded, value reflect.Value) {
	t.Helper()
	before := dump(value)
	for _, function := range []string{"read", "rewrite"} {
		var s bridge.Tx
		var r bridge.Binding
		r.Bind(&s, "result", value, true)
		script.mustCall(t, function, r.Value())
		if changed, err := r.Commit(bridge.Value{}, nil); changed || err != nil || !identical(r.Go(), value) {
			t.Fatalf("%s: changed %v, error %v\n%s", function, changed, err, cmp.Diff(dump(value), dump(r.Go())))
		}
		s.Close()
	}
	if after := dump(value); after != before {
		t.Fatalf("the value was written to:\n%s", cmp.Diff(before, after))
	}
}

func addsAKey(t *testing.T, script loaded, v any) {
	t.Helper()
	m, ok := v.(map[string]any)
	if !ok {
		return
	}
	r, _ := show(t, v)
	script.mustCall(t, "touch", r.Value())
	if _, err := r.Commit(bridge.Value{}, nil); err != nil {
		t.Fatal(err)
	}
	got := r.Go().Interface().(map[string]any)
	for k := range m {
		if k != "touched" && !identical(reflect.ValueOf(m[k]), reflect.ValueOf(got[k])) {
			t.Fatalf("key %q: got another value", k)
		}
	}
	if got["touched"] != int64(1) {
		t.Fatalf("got %v, want 1", got["touched"])
	}
}

// fuzzLimits keep a fuzzed script short.
var fuzzLimits = sandbox.Limits{Timeout: 5 * time.Second, Instructions: 20_000, Memory: 64 << 20}

// unbounded are things that take long or much memory in one instruction, which is not what this is about.
var unbounded = regexp.MustCompile(`\.\.|rep|format|gsub|gmatch|find|match|concat|unpack|\d{7}|\de\d|0x|\^|\*`)

// FuzzLuaToGo lets any script edit a typed record and free-form data. It must end in an error, or in values that
// marshal as JSON and are seen again as they were committed; after an error nothing may be left.
func FuzzLuaToGo(f *testing.F) {
	files, err := filepath.Glob("testdata/*.lua")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, hook := range regexp.MustCompile(`(?m)^--[\[-].*$`).Split(string(text), -1) {
			f.Add(hook)
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 4096 || unbounded.MatchString(source) {
			t.Skip()
		}
		prog, err := sandbox.Compile("fuzz.lua", "function hook(result, free) "+source+"\nend")
		if err != nil {
			t.Skip()
		}
		record, _ := show(t, newShare())
		data, _ := show(t, fixtureFree())
		if returned, err := fuzzed(t, prog, record.Value(), data.Value()); err == nil {
			_, _ = returned.ToGo("returned", nil)
			commitsOrLeavesNothing(t, record, returned)
			commitsOrLeavesNothing(t, data, returned)
		} else if isPanic(err) {
			if _, err := fuzzed(t, prog, bridge.ToLua(newShare()), bridge.ToLua(fixtureFree())); !isPanic(err) {
				t.Fatalf("with views only: %v", err)
			}
		}
	})
}

func fixtureFree() any { return *fixtures["free"]().(*any) }

func isPanic(err error) bool {
	var se *sandbox.Error
	return errors.As(err, &se) && se.Kind == sandbox.KindInternal
}

func fuzzed(t *testing.T, prog *sandbox.Program, args ...bridge.Value) (bridge.Value, error) {
	t.Helper()
	vm, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	script, err := vm.Load(context.Background(), &fuzzLimits, prog, nil)
	if err != nil {
		t.Skip()
	}
	fn, err := script.Function("hook")
	if err != nil || fn == nil {
		t.Skip()
	}
	return vm.Run(context.Background(), &fuzzLimits, fn, args...)
}

// commitsOrLeavesNothing commits what a script did, and what it returned.
func commitsOrLeavesNothing(t *testing.T, r *bridge.Binding, returned bridge.Value) {
	t.Helper()
	for _, replacement := range []bridge.Value{{}, returned} {
		before := r.Go()
		if _, err := r.Commit(replacement, nil); err != nil {
			var te *bridge.TypeError
			if !errors.As(err, &te) || te.Path == "" || te.Text == "" {
				t.Fatalf("got error %v, want a *TypeError", err)
			}
			if !identical(before, r.Go()) {
				t.Fatalf("a commit that failed with %v changed the value", err)
			}
			continue
		}
		if err := json.NewEncoder(io.Discard).Encode(r.Go().Interface()); err != nil {
			t.Fatalf("committed what is no JSON: %v", err)
		}
	}
}
