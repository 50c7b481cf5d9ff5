package check_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/check"
)

// What a function gets is known where the engine alone calls it, for one method: a script that calls it as well, or
// gives it a second method, hands to it what it likes.
func TestNothingIsSaidOfWhatAFunctionGetsThatAScriptCallsToo(t *testing.T) {
	const field = `function pre.create_snapshot(call) return call.args.share end `
	const told = `call.args.share: no such field (did you mean "snapshot.share"?)`
	for _, tt := range []struct{ name, source, want string }{
		{"the engine alone", field, told},
		{"a second method", field + `pre.extend_share = pre.create_snapshot`, ""},
		{"a second method before", `function pre.init_host() pre.extend_share = pre.create_snapshot end ` + field, ""},
		{"a second method in brackets", field + `pre.extend_share = pre["create_snapshot"]`, ""},
		{"many methods", field + `for _, m in ipairs { "extend_share", "shrink_share" } do pre[m] = pre.create_snapshot end`, ""},
		{"many methods, of another", field + `for _, m in ipairs { "extend_share", "shrink_share" } do pre[m] = print end`, told},
		{"a method that is not seen", field + `local m = "create_snapshot" pre.extend_share = pre[m]`, ""},
		{"another method's", field + `pre.shrink_share = pre.extend_share`, told},
		{"another phase's", field + `post.extend_share = post.create_snapshot`, told},
		{"a variable", field + `local h = pre.create_snapshot pre.extend_share = h`, ""},
		{"a variable for the table", field + `local p = pre p.extend_share = p.create_snapshot`, ""},
		{"a loop over the table", field + `for _, h in pairs(pre) do h({ args = { share = 1 } }) end`, ""},
		{"_G", field + `pre.extend_share = _G.pre.create_snapshot`, ""},
		{"any key of _G", field + `for _, p in ipairs { "pre" } do _G[p].extend_share = _G[p].create_snapshot end`, ""},
		{"rawget", field + `pre.extend_share = rawget(pre, "create_snapshot")`, ""},
		{"a phase's table", `pre = { create_snapshot = function(call) return call.args.share end } pre.extend_share = pre.create_snapshot`, ""},
		{"a call", field + `function pre.extend_share(call) pre.create_snapshot({ args = { share = call.args.share } }) end`, ""},
		{"a call with a colon", `function pre:create_snapshot() return self.args.share end function pre.extend_share(call) pre.create_snapshot(call) end`, ""},
		{"a protected call", field + `function pre.extend_share(call) pcall(pre.create_snapshot, call) end`, ""},
		{"a call where it is there", field + `function pre.extend_share(call) if pre.create_snapshot then pre.create_snapshot(call) end end`, ""},
		{"a question", field + `if pre.create_snapshot and not pre.extend_share and type(pre.create_snapshot) == "function" then log.info("x") end`, told},
		{"a module", field + `require("other")`, ""},
		{"all methods", `function post(call, result) return call.sahre end`, `call.sahre: no such field`},
		{"all methods, called", `function post(call, result) return call.sahre end function finally() post({ sahre = 1 }) end`, ""},
		{"all methods, for a second phase", `function post(call, err) return call.sahre end failed = post`, ""},
		{"shares", `function periodic(shares) return shares.size end`, `shares.size: shares is a list: want an index`},
		{"shares, called", `function periodic(shares) return shares.size end function finally() periodic({ size = 1 }) end`, ""},
		{"reject", `function finally.create_snapshot() reject("x") end`, "reject works in pre only, before the driver is called"},
		{"reject in pre too", `function finally.create_snapshot() reject("x") end pre.create_snapshot = finally.create_snapshot`, ""},
		{"a change", `function post.create_snapshot(call) call.args.snapshot.name = "x" end`,
			"call.args.snapshot.name: the change is dropped, since only pre changes arguments"},
		{"a change in pre too", `function post.create_snapshot(call) call.args.snapshot.name = "x" end pre.create_snapshot = post.create_snapshot`, ""},
		{"a result", `function post.create_snapshot() return { szie = 1 } end post.extend_share = post.create_snapshot`, ""},
	} {
		sc := schema(t, "")
		sc.Modules["other"] = check.Module{File: "lib/other.lua", Source: []byte("pre.extend_share = pre.create_snapshot")}
		var got []string
		for _, f := range check.Check("a.lua", []byte(tt.source), sc) {
			got = append(got, fmt.Sprint(f.Message))
			if tt.want == "" && f.Fix != nil {
				t.Errorf("%s: a fix: %s", tt.name, f.Fix.Text)
			}
		}
		if text := strings.Join(got, "; "); text != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, text, tt.want)
		}
	}
}
