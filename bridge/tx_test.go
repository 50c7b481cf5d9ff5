package bridge_test

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"github.com/hookrun/hookrun/bridge"
)

func TestViewOfAClosedScopeRaises(t *testing.T) {
	script := load(t, "hook.lua", `
		function keep(result)
			kept = { record = result, list = result.export_locations, item = result.export_locations[1], map = result.metadata,
				unread = result.access_rules, tags = result.tags }
			assert(#kept.tags == 3)
		end
		function touch(name, live)
			local v = kept[name]
			for what, f in pairs {
				read = function() return v.id end,
				index = function() return v[1] end,
				write = function() v.id = "x" end,
				item = function() v[1] = {} end,
				pairs = function() for _ in pairs(v) do end end,
				next = function() next(v) end,
				rawget = function() rawget(v, "id") end,
				rawset = function() rawset(v, "id", 1) end,
				insert = function() table.insert(v, "x") end,
				concat = function() table.concat(v) end,
				ipairs = function() for _ in ipairs(v) do end end,
				length = function() return #v end,
				encode = function() json.encode(v) end,
				assign = function() live.extra = v end,
				nested = function() live.extra = { { v } } end,
				append = function() table.insert(live.metadata.list, v) end,
			} do
				local ok, err = pcall(f)
				assert(not ok, what .. " of " .. name .. " did not raise")
				assert(err:find("belongs to a call that has ended", 1, true), what .. ": " .. err)
			end
			return v
		end`)
	s, r := &bridge.Tx{}, &bridge.Binding{}
	old := newShare()
	r.Bind(s, "result", reflect.ValueOf(&old).Elem(), true)
	script.mustCall(t, "keep", r.Value())
	s.Close()
	touch := func(t *testing.T) {
		for _, name := range []string{"record", "list", "item", "map", "unread", "tags"} {
			t.Run(name, func(t *testing.T) {
				live, _ := show(t, newShare())
				returned := script.mustCall(t, "touch", bridge.Wrap(lua.LString(name)), live.Value())
				if _, err := live.Commit(returned, nil); err == nil || !strings.Contains(err.Error(), "belongs to a call that has ended") {
					t.Errorf("got commit error %v, want one about the call that has ended", err)
				}
			})
		}
	}
	t.Run("after the call", touch)
	s.Resume()
	r.Renew()
	if got := mustHook(t, `return result.export_locations[1].path`, r.Value()); got.Lua().String() != old.Locations[0].Path {
		t.Fatalf("the next call in the same scope reads %v", got.Lua())
	}
	t.Run("in the next call", touch)
}

func TestScopeRemembersTheTypeErrorUntilReset(t *testing.T) {
	r, s := show(t, newShare())
	if _, err := hook(t, `result.size = "x"`, r.Value()); err == nil {
		t.Fatal("no error")
	}
	if te := s.TypeError(); te == nil || te.Path != "result.size" || te.Text != "want integer, got string" {
		t.Errorf("got %v, want result.size: want integer, got string", te)
	}
	s.Rollback()
	if te := s.TypeError(); te != nil {
		t.Errorf("got %v after Reset, want none", te)
	}
	mustHook(t, `result.tags = nil; result.pair[5] = 1`, r.Value())
	_, err := r.Commit(bridge.Value{}, nil)
	var te *bridge.TypeError
	if !errors.As(err, &te) || te.Path != "result.pair" {
		t.Errorf("got %v, want a *TypeError at result.pair", err)
	}
}

func TestConcurrentVMsShareTheMetatable(t *testing.T) {
	type fresh struct { // a type that no plan was made of before
		A int
		B []struct{ C map[string]*int }
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			got, changed := edited(t, fresh{B: make([]struct{ C map[string]*int }, 1)}, `
				for i = 1, 100 do result.A = i; result.B[1].C["k" .. i] = i; assert(tostring(null) == "null") end`)
			if !changed || got.A != 100 || *got.B[0].C["k100"] != 100 {
				t.Errorf("got %+v", got)
			}
		})
	}
	wg.Wait()
}
