package check_test

import (
	"slices"
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
		{"to where options say", `function pre.extend_share(call) http.get(options.base .. call.id) end`, "allow_http of closed lists nothing"},
		{"to where options say, if they do", `function pre.extend_share(call) if options.base then http.get(options.base) end end`, ""},
		{"to where the caller says", `function pre.extend_share(call) http.request({ url = call.args.share.name }) end`, "allow_http of closed lists nothing"},
		{"at the top", ask, "allow_http of closed does not list https://cmdb.example.org"},
		{"where options decide", `function pre.extend_share(call) if options.ask then ` + ask + ` end end`, ""},
		{"where options decide elsewhere", `local on = options.ask local function ask() ` + ask + ` end function pre.extend_share() return on and ask() end`, ""},
		{"behind an error for unknown options", `for key in pairs(options) do if key ~= "max" then error("unknown option: " .. key) end end function pre.extend_share(call) ` + ask + change + ` end`,
			"call.args.share.name: the change is dropped, since the config of closed does not say change_args = true; allow_http of closed does not list https://cmdb.example.org"},
		{"where options decide something else", `if options.loud then log.info("x") end function pre.extend_share(call) ` + ask + ` end`, "allow_http of closed does not list https://cmdb.example.org"},
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

// Of the two hooks that run a script, strict sets all options that it reads, and lax, which sees no other methods than
// create_*, sets the mode alone.
func TestAnOptionIsWantedOfTheHooksThatComeToIt(t *testing.T) {
	const use = `log.info("at most " .. options.limit)`
	const unset = "options.limit: the config of lax does not set it"
	for _, tt := range []struct{ name, source, want string }{
		{"at the top", use, unset},
		{"in a function of both", `function pre.create_share_instance() ` + use + ` end`, unset},
		{"in a method that lax does not see", `function pre.delete_share_instance() ` + use + ` end`, ""},
		{"in a function for that method", `local function tell() ` + use + ` end function pre.delete_share_instance() tell() end`, ""},
		{"where options decide", `function pre() if options.mode == "strict" then ` + use + ` end end`, ""},
		{"where options decide with others", `function pre(call) if call.id then elseif options.mode ~= "lax" then ` + use + ` end end`, ""},
		{"where options have decided", `function pre() if options.mode == "lax" then return end ` + use + ` end`, ""},
		{"where options have decided further out", `function pre() for i = 1, 2 do if options.mode == "lax" then error("x") end end ` + use + ` end`, ""},
		{"where options decide in an expression", `function pre() return options.mode == "strict" and "at most " .. options.limit end`, ""},
		{"where options decide in the caller", `local function tell() ` + use + ` end function pre() if options.mode == "strict" then tell() end end`, ""},
		{"where options decide at the top", `if options.mode == "strict" then function pre() ` + use + ` end end`, ""},
		{"where options decide who is called", `local function tell() ` + use + ` end if options.mode == "strict" then pre = tell end`, ""},
		{"where options decide something else", `if options.mode == "strict" then print("x") end function pre() if options.mode then print("y") end ` + use + ` end`, unset},
		{"behind an error for unknown options", `for key in pairs(options) do if key ~= "mode" and key ~= "limit" then error("unknown option: " .. key) end end function pre() ` + use + ` end`, unset},
		{"in the condition itself", `function pre(call) if call.args.share.size > options.limit then reject("x") end end`, unset},
		{"where something else decides", `function pre(call) if call.id == "x" then return end ` + use + ` end`, unset},
	} {
		sc := schema(t, "")
		strict, lax := used("a.lua", map[string]any{"mode": "strict", "limit": 5}), used("a.lua", map[string]any{"mode": "lax"})
		strict.Name, lax.Name, lax.Methods = "strict", "lax", []string{"create_*"}
		sc.Uses = []check.Use{strict, lax}
		var got []string
		for _, f := range check.Check("a.lua", []byte(tt.source), sc) {
			if f.Code == "unset-option" {
				got = append(got, f.Message)
			}
		}
		if text := strings.Join(got, "; "); text != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, text, tt.want)
		}
	}
}

// The one hook that runs a script has the mode "lax" and the level 1, and may not ask anyone: nothing is wanted of it
// where its options do not lead.
func TestWhatOptionsRuleOutIsNotWanted(t *testing.T) {
	const use, ask = `log.info("at most " .. options.limit)`, `http.get("https://cmdb.example.org/")`
	const unset = "options.limit: the config of one does not set it"
	const closed = "allow_http of the config does not list https://cmdb.example.org"
	for _, tt := range []struct{ name, source, want string }{
		{"an option that is not set", `function pre() if options.ask then ` + ask + use + ` end end`, ""},
		{"an option that is set", `function pre() if options.mode then ` + ask + use + ` end end`, closed + "; " + unset},
		{"another value", `function pre() if options.mode == "strict" then ` + ask + use + ` end end`, ""},
		{"its value", `function pre() if "lax" == options.mode then ` + ask + ` end end`, closed},
		{"a value that it has not", `function pre() if options.mode ~= "lax" then ` + ask + ` else ` + use + ` end end`, unset},
		{"a level", `function pre() if options.level >= 2 then ` + ask + ` elseif options.level < 2 then ` + use + ` end end`, unset},
		{"a variable", `local limited = options.limit ~= nil function pre(call) if limited and call.args.share.size > options.limit then reject("x") end end`, ""},
		{"a variable that holds", `local asks = not options.quiet function pre(call) if asks then ` + ask + ` end end`, closed},
		{"a return", `function pre() if not options.ask then return end ` + ask + use + ` end`, ""},
		{"a return that is not taken", `function pre() if options.ask then return end ` + ask + ` end`, closed},
		{"a return in some cases", `function pre(call) if options.mode then if call.id then return end end ` + ask + ` end`, closed},
		{"a return in some other cases", `function pre(call) if options.ask then if call.id then return end end ` + ask + ` end`, closed},
		{"an else that leaves", `function pre() if options.ask then print("x") else return end ` + ask + ` end`, ""},
		{"the caller", `local function tell() ` + ask + ` end function pre() if options.ask then tell() end end`, ""},
		{"one of two callers", `local function tell() ` + ask + ` end function pre() if options.ask then tell() end end function post() tell() end`, closed},
		{"the caller's caller", `local function tell() ` + ask + ` end local function all() tell() end function pre() return options.ask and all() end`, ""},
		{"who defines it", `if options.ask then function pre() ` + ask + ` end end`, ""},
		{"who takes it", `local function tell() ` + ask + ` end if options.mode then pre = tell end`, closed},
		{"a choice with other things", `function pre(call) if options.ask or call.id then ` + ask + ` end end`, closed},
		{"other things as well", `function pre(call) if options.ask and call.id then ` + ask + ` end end`, ""},
		{"a number that is compared with what comes", `function pre(call) if call.args.share.size > options.level then ` + ask + ` end end`, closed},
		{"what cannot be followed", `function pre() if options.mode:find("l") then ` + ask + ` end end`, ""},
		{"what is asked of something else", `function pre(call) local most = options.most or 5 if call.id then ` + ask + ` end end`, closed},
	} {
		sc := schema(t, "")
		one := used("a.lua", map[string]any{"mode": "lax", "level": int64(1)})
		one.Name, one.AllowHTTP = "one", nil
		sc.Uses = []check.Use{one}
		var got []string
		for _, f := range check.Check("a.lua", []byte(tt.source), sc) {
			if f.Code == "unset-option" || f.Code == "host-not-allowed" {
				got = append(got, f.Message)
			}
		}
		slices.Sort(got)
		if text := strings.Join(got, "; "); text != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, text, tt.want)
		}
	}
}

// The one hook that runs a script has the mode "lax" and asks nobody. What its options switch off is not followed
// everywhere: where it is not, nothing is said.
func TestWhatOptionsMayRuleOutIsNotWanted(t *testing.T) {
	const ask = `http.get("https://cmdb.example.org/")`
	const closed = "allow_http of the config does not list https://cmdb.example.org"
	const unset = "options.limit: the config of one does not set it"
	for _, tt := range []struct{ name, source, want string }{
		{"a variable with a default", `local on = options.on if on == nil then on = true end function pre() if on then ` + ask + ` end end`, ""},
		{"a variable set behind a condition", `local on = false if options.on then on = true end function pre() if on then ` + ask + ` end end`, ""},
		{"a variable set behind a return", `local on function pre() if options.off then return end on = true end function post() if on then ` + ask + ` end end`, ""},
		{"a variable set in a function", `local on local function set() on = true end if options.on then set() end function post() if on then ` + ask + ` end end`, ""},
		{"a variable without a value at first", `local url function pre() if options.mode == "far" then url = "x" end if url then ` + ask + ` end end`, ""},
		{"a global", `on = false if options.on then on = true end function pre() if on then ` + ask + ` end end`, ""},
		{"a field", `local cfg = { on = options.url ~= nil } function pre() if not cfg.on then return end ` + ask + ` end`, ""},
		{"a field that is set later", `local cfg = {} cfg.on = options.on function pre() if cfg.on then ` + ask + ` end end`, ""},
		{"any field", `local cfg = { on = options.on } function pre() if next(cfg) then ` + ask + ` end end`, ""},
		{"a field by a name that is not seen", `local cfg = { on = options.on } local function get(k) return cfg[k] end function pre() if get("on") then ` + ask + ` end end`, ""},
		{"an object", `local P = {} P.__index = P function P.new(on) return setmetatable({ on = on }, P) end function P:go() if self.on then ` + ask + ` end end local p = P.new(options.on) function pre() p:go() end`, ""},
		{"a set", `local hosts = {} for _, h in ipairs(options.hosts or {}) do hosts[h] = true end function pre(call) if hosts[call.args.share.host] then ` + ask + ` end end`, ""},
		{"a list", `local all = {} function pre() table.insert(all, options.on) if #all > 0 then ` + ask + ` end end`, ""},
		{"a function", `local function on() return options.on ~= nil end function pre() if not on() then return end ` + ask + ` end`, ""},
		{"a function of a table", `local opt, M = options, {} function M.on() return opt.on end function pre() if M.on() then ` + ask + ` end end`, ""},
		{"a function by a name that is not seen", `local function opt(name, default) local v = options[name] if v == nil then return default end return v end local on = opt("on", false) function pre() if on then ` + ask + ` end end`, ""},
		{"a parameter", `local function tell(on) if on then ` + ask + ` end end function pre() tell(options.on) end`, ""},
		{"a parameter with a colon", `local M = {} function M:tell(on) if on then ` + ask + ` end end function pre() M:tell(options.on) end`, ""},
		{"a parameter of a callback", `local function with(x, fn) fn(x) end function pre() with(options.on, function(on) if on then ` + ask + ` end end) end`, ""},
		{"a text", `local mode = "m-" .. (options.kind or "") function pre() if mode == "m-far" then ` + ask + ` end end`, ""},
		{"a sum", `local n = (options.n or 0) + 1 function pre() if n > 1 then ` + ask + ` end end`, ""},
		{"a table of functions", `local modes = { off = function() end, far = function() ` + ask + ` end } function pre() modes[options.kind or "off"]() end`, ""},
		{"a table of functions by variables", `local modes, kind = { off = print, far = function() ` + ask + ` end }, options.kind function pre() local m = modes[kind or "off"] if m then m() end end`, ""},
		{"functions that are put into a table", `local kinds = {} function kinds.a(call) end function kinds.b(call) ` + ask + ` end local run = kinds[options.kind] or error("no such kind") function pre(call) run(call) end`, ""},
		{"functions that are assigned into a table", `local kinds = {} kinds.a = function(call) end kinds["b"] = function(call) ` + ask + ` end function pre(call) kinds[options.kind or "a"](call) end`, ""},
		{"a method that is called behind a question", `local C = {} C.__index = C function C.new(url) return setmetatable({ url = url }, C) end function C:ask() ` + ask + ` end ` +
			`local c = options.url and C.new(options.url) function pre() if c then c:ask() end end`, ""},
		{"a method that is called", `local C = {} function C:ask() ` + ask + ` end function pre() if options.mode then C:ask() end end`, closed},
		{"a method that is called by another", `local C = {} function C.ask() ` + ask + ` end local D = { go = function() C.ask() end } function pre() D.go() end`, closed},
		{"a method that nothing is seen to call", `local C = {} function C:ask() ` + ask + ` end function pre() for _, f in pairs(C) do f() end end`, closed},
		{"methods of a table", `local kinds = {} function kinds:a() end function kinds:b() ` + ask + ` end function pre(call) kinds[options.kind or "a"](kinds) end`, ""},
		{"functions that are put into a table by what comes", `local kinds = {} function kinds.a(call) ` + ask + ` end function pre(call) kinds[call.id](call) end`, closed},
		{"a function that options take the place of", `local tell = options.mode and function() end or function() ` + ask + ` end function pre() tell() end`, ""},
		{"a function that options take the place of by name", `local function nothing() end local function send() ` + ask + ` end local tell = options.mode and nothing or send function pre() tell() end`, ""},
		{"a function that is left as it is", `local function nothing() end local function send() ` + ask + ` end local tell = options.off and nothing or send function pre() tell() end`, closed},
		{"a function in another's place that may be none", `local function nothing() end nothing = nil local function send() ` + ask + ` end local tell = options.mode and nothing or send function pre() tell() end`, closed},
		{"a table of functions by what comes", `local all = { a = function() ` + ask + ` end } function pre(call) all[call.id]() end`, closed},
		{"a module", `local cfg = require("cfg") function pre() if cfg.on() then ` + ask + ` end end`, ""},
		{"another function of the module", `local cfg = require("cfg") function pre(call) if cfg.low(call.id) then ` + ask + ` end end`, closed},
		{"a list that options give", `function pre() for _, t in ipairs(options.tags or {}) do ` + ask + ` log.info(options.limit .. t) end end`, ""},
		{"a number that options give", `function pre() for i = 1, options.n or 0 do ` + ask + ` end end`, ""},
		{"a number that leads there", `function pre() for i = 1, options.level do ` + ask + ` end end`, closed},
		{"the length of a list", `local l = options.list or {} function pre() for i = 1, #l do log.info(options.limit .. l[i]) end end`, ""},
		{"a while", `function pre() local n = options.n or 0 while n > 0 do ` + ask + ` n = n - 1 end end`, ""},
		{"a loop that may leave", `function pre() for _ in pairs(options.tags or {}) do return end ` + ask + ` end`, ""},
		{"a loop over what comes", `function pre(call) for _, l in ipairs(call.args.share.export_locations) do ` + ask + ` end end`, closed},
		{"an error for unknown options", `for key in pairs(options) do if key ~= "mode" then error("unknown option: " .. key) end end local n = 0 n = n + 1 function pre(call) if n > 0 then ` + ask + ` end log.info(options.limit .. "") end`,
			closed + "; " + unset},
		{"an error for some options", `if type(options.mode) ~= "string" then error("want a mode") end function pre() ` + ask + ` end`, closed},
		{"an error for an option that is set", `if options.mode == "lax" then error("want another mode") end function pre() ` + ask + ` end`, ""},
		{"a refusal for some options", `function pre() if type(options.mode) ~= "table" then reject("closed") end ` + ask + ` end`, ""},
		{"a cache for a time that options may give", `local cache = {} function pre(call) local id = call.id local hit = cache[id] ` +
			`if hit and time.now() - hit.at < (options.ttl or 60) then return end cache[id] = { at = time.now() } ` + ask + ` end`, closed},
		{"a cache that is asked the other way round", `local cache = {} function pre(call) local id = call.id local hit = cache[id] ` +
			`if hit == nil or hit.till <= time.now() then ` + ask + ` cache[id] = { till = time.now() + (options.ttl or 60) } end end`, closed},
		{"a cache whose variable is assigned to", `local cache = {} function pre(call) local id = call.id local hit = cache[id] ` +
			`if not hit or hit.till <= time.now() then ` + ask + ` hit = { till = time.now() + (options.ttl or 60) } cache[id] = hit end end`, closed},
		{"a variable that is asked after it is assigned", `local cache = {} function pre(call) local hit = cache[call.id] hit = options.mode:find("x") if not hit then ` + ask + ` end end`, ""},
		{"a variable that is assigned before a run asks", `local hit = ({})[service] function pre(call) if not hit then ` + ask + ` end end hit = options.mode:find("x")`, ""},
		{"a cache that options switch on", `local cache = {} function pre(call) local id = call.id local hit = cache[id] ` +
			`if not options.on or hit then return end cache[id] = true ` + ask + ` end`, ""},
		{"what comes, or a question that is not followed", `function pre(call) if options.mode:find("x") or call.id == "x" then ` + ask + ` end end`, closed},
		{"a return for some options", `function pre() if type(options.mode) ~= "table" then return end ` + ask + ` end`, ""},
		{"what comes is not in a table", `function pre(call) local most = (options.projects or {})[call.args.share.project_id] or options.limit + 1 return most end`, unset},
		{"what comes is in a table", `function pre(call) if (options.hosts or {})[call.args.share.host] then ` + ask + ` end end`, ""},
		{"what is declared behind a question", `function pre(call) if options.off then return end local size = call.args.share.size if size > 5 then ` + ask + ` end end`, closed},
		{"what is made behind a question", `function pre(call) if options.off then return end log.info("x", { size = 1 }) local t = { size = 1 } if call.args.share.size > 5 then ` + ask + ` end return t end`, closed},
		{"some module", `local cfg = require("c" .. options.mode) function pre() if cfg.on then ` + ask + ` end end`, ""},
		{"a variable of what comes", `local last = options.mode function pre(call) local id = call.id if id == "x" then id = nil end if id then ` + ask + ` end end`, closed},
		{"what is compared with a number that is known", `local most = options.level or 5 function pre(call) if call.args.share.size > most then ` + ask + ` end end`, closed},
		{"what only logs options", `local function tell(x) log.info(x, { mode = options.mode }) end function pre(call) tell("x") if call.id then ` + ask + ` end end`, closed},
		{"a field of the call, of the same name", `local cfg = { name = options.max, host = options.on } function pre(call) if cfg.max then cfg.name = 5 end local share = call.args.share if share.name ~= "" and share.host ~= "" then ` + ask + ` end end`, closed},
		{"a field of an answer, of the same name", `local cfg = { status = options.max } function pre(call) print(cfg.status) if http.get("https://cmdb.example.org/").status == 200 then log.info(options.limit .. "") end end`,
			closed + "; " + unset},
		{"a method of a text, of the same name", `local M = {} function M.lower() return options.on end function pre(call) if call.method:lower() ~= M.lower() then return end ` + ask + ` end`, ""},
		{"a method of a text", `local M = {} function M.lower() return options.on end function pre(call) if call.method:lower() ~= "x" then ` + ask + ` end M.lower() end`, closed},
		{"a field of the call that is set", `function pre.create_share_instance(call) call.args.share.name = options.name if call.args.share.name then ` + ask + ` end end`, ""},
		{"a part of the call that is set later", `function pre.create_share_instance(call) local t = { name = options.name } call.args.share = t if call.args.share.name then ` + ask + ` end end`, ""},
		{"a field of the call of one method, of the same name", `local cfg = { name = options.max } print(cfg) function pre.create_share_instance(call) local share = call.args.share if share.name ~= "" then ` + ask + ` end end`, closed},
		{"a part of the call that is set", `function pre.create_share_instance(call) call.args.share = { name = options.name } if call.args.share.name then ` + ask + ` end end`, ""},
		{"a field of another name", `local cfg = { on = options.on, max = 5 } function pre(call) if call.args.share.size > cfg.max then ` + ask + ` log.info(options.limit .. "") end end`, closed + "; " + unset},
	} {
		sc := schema(t, "")
		sc.Modules["cfg"] = check.Module{File: "lib/cfg.lua", Source: []byte(
			"local M = {} function M.on() return options.on end function M.low(s) return s:lower() == s end return M")}
		one := used("a.lua", map[string]any{"mode": "lax", "level": int64(1)})
		one.Name, one.AllowHTTP = "one", nil
		sc.Uses = []check.Use{one}
		var got []string
		for _, f := range check.Check("a.lua", []byte(tt.source), sc) {
			switch f.Code {
			case "unset-option", "host-not-allowed":
				got = append(got, f.Message)
			case "syntax":
				t.Errorf("%s: %s", tt.name, f)
			}
		}
		slices.Sort(got)
		if text := strings.Join(got, "; "); text != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, text, tt.want)
		}
	}
}
