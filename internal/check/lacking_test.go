package check_test

import (
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/check"
)

// Of the two hooks that run a script, open may change arguments and ask cmdb.example.org, and closed may not.
func TestAMistakeOfSomeHooksNamesThem(t *testing.T) {
	const change = `call.args.share.name = "x"`
	const ask = `http.get("https://cmdb.example.org/")`
	const put = `http.request({ method = "PUT", url = "https://cmdb.example.org/" })`
	for _, tt := range []struct{ name, source, want string }{
		{"a change", `function pre.extend_share(call) ` + change + ` end`,
			"call.args.share.name: the change is dropped, since the config of closed does not say change_args = true"},
		{"a request", `function pre.extend_share(call) ` + ask + ` end`, "allow_http of closed does not list https://cmdb.example.org"},
		{"a request by another function", `local function ask() ` + ask + ` end function post(call) pcall(ask) end`,
			"allow_http of closed does not list https://cmdb.example.org"},
		{"a request that writes", `function pre.extend_share(call) ` + put + ` end`,
			"PUT is not allowed: allow_http_writes of closed is false; allow_http of closed does not list https://cmdb.example.org"},
		{"at the top", ask, "allow_http of closed does not list https://cmdb.example.org"},
		{"where options decide", `function pre.extend_share(call) if options.ask then ` + ask + ` end end`, ""},
		{"where options decide elsewhere", `local on = options.ask local function ask() ` + ask + ` end function pre.extend_share() return on and ask() end`, ""},
		{"in a method that closed does not see", `local function ask() ` + ask + ` end function pre.init_host() ask() end`, ""},
		{"in a phase that closed has switched off", `function finally(call) ` + ask + ` end`, ""},
		{"what both lack", `function pre.extend_share(call) http.get("https://example.org/") end`, "allow_http of the config does not list https://example.org"},
	} {
		sc := schema(t, "")
		open, closed := used("a.lua", nil), used("a.lua", nil)
		open.Name, open.ChangeArgs, open.AllowHTTPWrites = "open", true, true
		closed.Name, closed.AllowHTTP, closed.Methods, closed.EnableFinally = "closed", nil, []string{"extend_*"}, false
		sc.Uses = []check.Use{open, closed}
		var got []string
		for _, f := range check.Check("a.lua", []byte(tt.source), sc) {
			if f.Code == "dropped-change" || f.Code == "host-not-allowed" {
				got = append(got, f.Message)
			}
		}
		if text := strings.Join(got, "; "); text != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, text, tt.want)
		}
	}
}
