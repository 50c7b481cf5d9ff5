package engine_test

import (
	"context"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/engine"
)

type bad struct {
	Items []struct {
		X    chan int `json:"x"`
		Left func()   `json:"-"`
	} `json:"items"`
}

func hookedWith[A, R any](t *testing.T, source string) (calls int, err error) {
	t.Helper()
	w := newWorld(t, engine.Options{}, hook("h", source))
	for range 2 { // the second call has the frame of the first, and needs the VM
		var a A
		_, err = engine.Call(context.Background(), w.Engine, "m", a, func(context.Context, A) (R, error) { calls++; var r R; return r, nil })
	}
	if err != nil && calls > 0 {
		t.Error("the driver was called")
	}
	return calls, err
}

func TestATypeThatCannotBeShownIsAnErrorAtTheFirstCall(t *testing.T) {
	for _, phase := range []string{"pre", "post", "finally"} {
		source := "function " + phase + "() end"
		for want, call := range map[string]func() (int, error){
			"nfs1 m: args.items[].x: chan int cannot be shown to scripts":                   func() (int, error) { return hookedWith[bad, share](t, source) },
			"result.items[].x: chan int cannot be shown":                                    func() (int, error) { return hookedWith[share, *bad](t, source) },
			"args: func() cannot be shown":                                                  func() (int, error) { return hookedWith[func(), share](t, source) },
			"args[]: error cannot be shown":                                                 func() (int, error) { return hookedWith[map[string]error, share](t, source) },
			"result: map[struct { X int }]string cannot be shown":                           func() (int, error) { return hookedWith[share, map[struct{ X int }]string](t, source) },
			"args[].Up.C: complex128 cannot be shown to scripts; a field with the tag `lua": func() (int, error) { return hookedWith[[]struct{ Up *struct{ C complex128 } }, share](t, source) },
		} {
			if _, err := call(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got error %v, want %s", phase, err, want)
			}
		}
	}
	if calls, err := hookedWith[struct {
		C      chan int `lua:"-"`
		hidden func()
		Next   *person
	}, any](t, "function pre() end"); err != nil || calls != 2 {
		t.Errorf("got error %v after %d calls", err, calls)
	}
}

// person is a type that contains itself.
type person struct{ Next []*person }

func TestKeysOfMapsAreTheirText(t *testing.T) {
	type byKey struct {
		Ints  map[int]string        `json:"ints"`
		Bytes map[uint8]*location   `json:"bytes"`
		Addrs map[netip.Addr]string `json:"addrs"`
	}
	a, b := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")
	given := byKey{map[int]string{-7: "seven", 1 << 30: "x"}, map[uint8]*location{3: {Path: "/3"}, 4: {}}, map[netip.Addr]string{a: "a"}}
	w := newWorld(t, engine.Options{}, hook("h", `function post.m(call, result)
		assert(result.ints["-7"] == "seven" and result.ints[-7] == "seven" and result.bytes[3].path == "/3" and result.addrs["10.0.0.1"] == "a")
		local keys = {}
		for k, v in pairs(result.ints) do keys[#keys + 1] = k .. "=" .. v end
		assert(table.concat(keys, " ") == "-7=seven 1073741824=x")
		result.ints["8"], result.ints[9], result.ints[-7] = "eight", "nine", nil
		result.bytes["3"].path = "/new"
		result.addrs["::1"] = "b"
		for _, set in ipairs{ function() result.ints.x = "" end, function() result.ints["08"] = "" end, function() result.bytes[256] = {} end,
			function() result.addrs.x = "" end, function() result.bytes[1.5] = {} end } do
			local ok, err = pcall(set)
			assert(not ok)
			result.addrs["::1"] = result.addrs["::1"] .. "|" .. err:gsub("^h.lua:%d+: ", "")
		end
		assert(json.encode(result.bytes) == '{"3":{"path":"/new","preferred":false},"4":{"path":"","preferred":false}}')
	end`))
	got, err := engine.Call(context.Background(), w.Engine, "m", given, func(_ context.Context, v byKey) (byKey, error) { return v, nil })
	if err != nil {
		t.Fatal(err)
	}
	want := byKey{map[int]string{1 << 30: "x", 8: "eight", 9: "nine"}, map[uint8]*location{3: {Path: "/new"}, 4: {}}, map[netip.Addr]string{a: "a", b: got.Addrs[b]}}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(x, y netip.Addr) bool { return x == y })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Bytes[4] != given.Bytes[4] {
		t.Error("a pointer that no hook changed is another")
	}
	for _, text := range []string{
		"result.ints.x: want a key that is an integer of type int", "result.ints.08: want a key", "result.bytes.256: want a key that is an integer of type uint8",
		`result.addrs.x: "x" does not fit: ParseAddr`, "result.bytes.1.5: want a key",
	} {
		if !strings.Contains(got.Addrs[b], text) {
			t.Errorf("no %q in %s", text, got.Addrs[b])
		}
	}
}

func TestAnInterfaceThatHoldsAPointerToItselfReadsAsNil(t *testing.T) {
	var ring any
	ring = &ring
	for source, want := range map[string]any{
		`assert(result.x == nil and result.list[1] == null)`:        map[string]any{"x": ring, "list": []any{&ring}},
		`for k in pairs(result) do assert(k == "list") end`:         map[string]any{"x": ring, "list": []any{&ring}},
		`assert(json.encode(result) == '{"list":[null],"x":null}')`: map[string]any{"x": ring, "list": []any{&ring}},
		`result.list[2] = 1`:      map[string]any{"x": ring, "list": []any{&ring, int64(1)}},
		`result.x = 1`:            map[string]any{"x": int64(1), "list": []any{&ring}},
		`return { y = result.x }`: map[string]any{},
		`log.info("ring", { result = result }) assert(call.args == nil)`: map[string]any{"x": ring, "list": []any{&ring}},
	} {
		w := newWorld(t, engine.Options{}, hook("h", "function post.m(call, result) "+source+" end"))
		got, err := engine.Call(context.Background(), w.Engine, "m", ring, func(context.Context, any) (any, error) {
			return map[string]any{"x": ring, "list": []any{&ring}}, nil
		})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %T, %v", source, got, err)
		}
	}
}
