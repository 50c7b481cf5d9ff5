package sandbox

import "github.com/hookrun/hookrun/internal/testkit/luasuite"

var officialFiles = []string{
	"_lua5.1-tests/big.lua", "_lua5.1-tests/calls.lua", "_lua5.1-tests/closure.lua", "_lua5.1-tests/constructs.lua",
	"_lua5.1-tests/errors.lua", "_lua5.1-tests/events.lua", "_lua5.1-tests/gc.lua", "_lua5.1-tests/literals.lua",
	"_lua5.1-tests/locals.lua", "_lua5.1-tests/math.lua", "_lua5.1-tests/nextvar.lua", "_lua5.1-tests/pm.lua",
	"_lua5.1-tests/sort.lua", "_lua5.1-tests/strings.lua", "_lua5.1-tests/vararg.lua",
	"_glua-tests/base.lua", "_glua-tests/coroutine.lua", "_glua-tests/goto.lua", "_glua-tests/issues.lua", "_glua-tests/math.lua",
	"_glua-tests/strings.lua", "_glua-tests/table.lua", "_glua-tests/vm.lua",
}

// leftOut are the files that test nothing that hooks have.
var leftOut = map[string]string{
	"_lua5.1-tests/all.lua":        "runs the other files",
	"_lua5.1-tests/api.lua":        "tests Lua's C interface",
	"_lua5.1-tests/attrib.lua":     "tests package, and writes files",
	"_lua5.1-tests/checktable.lua": "looks into tables through Lua's C interface",
	"_lua5.1-tests/code.lua":       "looks at Lua's instructions through its C interface",
	"_lua5.1-tests/db.lua":         "tests debug",
	"_lua5.1-tests/files.lua":      "tests io",
	"_lua5.1-tests/main.lua":       "tests the command lua",
	"_lua5.1-tests/verybig.lua":    "writes a file, larger than a script may be",
	"_glua-tests/db.lua":           "tests debug",
	"_glua-tests/os.lua":           "starts programs, and sets environment variables",
}

// The reasons of deviations are sentences of docs/lua.md.
const (
	whyDepth     = "Functions may call one another 200 deep, in each coroutine and protected call anew."
	whyMetatable = "Only tables and strings have metatables that a script can see."
	whyGlobals   = "There are no environments besides a script's globals: `getfenv` and `setfenv` are missing."
	whyFiles     = "`io` and `dofile`: a hook cannot reach files."
	whyBase      = "In a base other than 10, `tonumber` takes a negative number from 2^64, as Lua 5.1 does where a C `long` has 64 bits."
	whyWords     = "Messages are those of Lua 5.1, not of gopher-lua"
	whyNear      = "syntax errors quote the token in double quotes, and name the bracket that is not closed"
	whyMemory    = "Running out of memory cannot be caught by `pcall`"
	whyWeak      = "Weak tables hold on to their entries, and `__gc` is never called"
	whyMain      = "A script's top level is no coroutine"
	whyReplace   = "In the replacement of `gsub`, `%` before a letter stands for the letter"
	whyTrace     = "`debug`: errors carry their traceback."
	whyHandler   = "An error in the handler of `xpcall` is what `xpcall` returns."
	whyLoad      = "`load`, `loadstring`: all code of a script is in its files, so that it can be checked."
	whyCollect   = "`collectgarbage`, `gcinfo`: memory is freed by itself, within `max_memory`."
	whyObsolete  = "`math.mod`, `string.gfind`, `table.foreach`, `table.foreachi` and `table.setn`: Lua 5.1 kept them for old scripts."
	whyLocale    = "`os.setlocale`: the locale is always C."
	whyEmpty     = "A lone `;` is an empty statement, as in later versions of Lua."
	whyForLine   = "what a `for` cannot call or count is told at the line of the word `for`"
	whyNesting   = "| 200 | brackets, blocks and unfinished operators inside one another |"
	whyLocals    = "| 190 | local variables in scope at one place, parameters among them |"
	whyUpvalues  = "| 200 | variables of the functions around that one function uses |"
)

// deviations are the places of the files that expect what hooks do not have.
var deviations = []luasuite.Deviation{
	{File: "_lua5.1-tests/big.lua", Text: "local longs = ", Through: `"overflow"))`, Why: whyMemory},
	{File: "_lua5.1-tests/big.lua", Text: "coroutine.yield('b');", Why: whyMain},
	{File: "_lua5.1-tests/calls.lua", Text: "deep(200)", Instead: "deep(190)", Why: whyDepth},
	{File: "_lua5.1-tests/closure.lua", Text: "-- coroutine environments", Through: "== a.a)", Why: whyGlobals},
	{File: "_lua5.1-tests/errors.lua", Text: `assert(doit";")`, Why: whyEmpty},
	{File: "_lua5.1-tests/errors.lua", Text: `assert(doit"a=1;;")`, Why: whyEmpty},
	{File: "_lua5.1-tests/errors.lua", Text: "near '%s'$]]", Instead: `near "%s"$]]`, Why: whyNear},
	{File: "_lua5.1-tests/errors.lua", Text: "checksyntax([[\n  local a = {4", Through: "3)", Why: whyNear},
	{File: "_lua5.1-tests/errors.lua", Text: `checkmessage("getmetatable(io.stdin)`, Through: "\n", Why: whyFiles},
	{File: "_lua5.1-tests/errors.lua", Text: `3 \n do \n print(k) \n end" == 4)`,
		Instead: `3 \n do \n print(k) \n end" == 3)`, Why: whyForLine},
	{File: "_lua5.1-tests/errors.lua", Text: "local _, stackmsg = xpcall", Through: "assert(i > 15)", Why: whyTrace},
	{File: "_lua5.1-tests/errors.lua", Text: "local res, msg = xpcall(error, error)", Through: "'string')", Why: whyHandler},
	{File: "_lua5.1-tests/errors.lua", Text: `checksyntax("[[a]]", "", "[[a]]", 1)`,
		Instead: `checksyntax("[[a]]", "", "a", 1)`, Why: whyNear},
	{File: "_lua5.1-tests/errors.lua", Text: `checksyntax("'aa'", "", "'aa'", 1)`,
		Instead: `checksyntax("'aa'", "", "aa", 1)`, Why: whyNear},
	{File: "_lua5.1-tests/errors.lua", Text: `"\255", 1)`, Instead: `"\\xff", 1)`, Why: whyNear},
	{File: "_lua5.1-tests/errors.lua", Text: `string.find(b, "syntax levels")`,
		Instead: `string.find(b, "nested deeper than 200 levels")`, Why: whyNesting},
	{File: "_lua5.1-tests/errors.lua", Text: `assert(string.find(b, "line 3"))`, Why: whyUpvalues},
	{File: "_lua5.1-tests/events.lua", Text: "assert(_G == getfenv(0))", Why: whyGlobals},
	{File: "_lua5.1-tests/events.lua", Text: "-- testing metatables for basic types",
		Through: "debug.setmetatable(nil, {})", Why: whyMetatable},
	{File: "_lua5.1-tests/gc.lua", Text: "local bytes = gcinfo()", Through: "lim = 15", Instead: "lim = 15", Why: whyCollect},
	{File: "_lua5.1-tests/gc.lua", Text: "print('weak tables')", Through: "not pcall(collectgarbage))", Why: whyWeak},
	{File: "_lua5.1-tests/gc.lua", Text: "-- create a userdata to be collected when", Through: "print('OK')", Why: whyWeak},
	{File: "_lua5.1-tests/locals.lua", Text: "  a,b = f[8](0)", Through: "real' global", Why: whyGlobals},
	{File: "_lua5.1-tests/locals.lua", Text: "assert(getfenv(foo(\"\")) == _G)\nlocal a =", Through: "setfenv(0, _G)", Why: whyGlobals},
	{File: "_lua5.1-tests/math.lua", Text: `assert(tonumber('\n  -10  \n', 36)`, Through: "\n", Why: whyBase},
	{File: "_lua5.1-tests/math.lua", Text: `assert(tonumber('-fFfa', 16)`, Through: "\n", Why: whyBase},
	{File: "_lua5.1-tests/math.lua", Text: `assert(tonumber('-fffffFFFFF', 16)`, Through: "\n", Why: whyBase},
	{File: "_lua5.1-tests/math.lua", Text: "f = io.tmpfile()", Through: "1000/3, 0.001))", Why: whyFiles},
	{File: "_glua-tests/base.lua", Text: `  dofile("notexist")`, Through: `".*notexist.*"))`, Instead: "end)", Why: whyFiles},
	{File: "_glua-tests/base.lua", Text: "  assert(getfenv(2) == _G)", Why: whyGlobals},
	{File: "_glua-tests/base.lua", Text: `string.lower(msg), "eof"`, Instead: `msg, "at the end of the file"`, Why: whyNear},
	{File: "_glua-tests/coroutine.lua", Text: "can not resume a running thread",
		Instead: "cannot resume running coroutine", Why: whyWords},
	{File: "_glua-tests/coroutine.lua", Text: "can not resume a dead thread", Instead: "cannot resume dead coroutine", Why: whyWords},
	{File: "_glua-tests/issues.lua", Text: "attempt to call a non-function object", Instead: "attempt to call field 'notfound'", Why: whyWords},
	{File: "_glua-tests/issues.lua", Text: "bad argument #1 to pcall", Instead: "bad argument #1 to 'pcall'", Why: whyWords},
	{File: "_glua-tests/math.lua", Text: "wrong number of arguments", Instead: "number expected, got no value", Why: whyWords},
	{File: "_glua-tests/issues.lua", Text: "-- issue 62", Through: "-- issue 81", Why: whyTrace},
	{File: "_glua-tests/issues.lua", Text: "-- issue #455", Through: "\ntest()", Why: whyFiles},
	{File: "_glua-tests/issues.lua", Text: "-- issue #459", Through: "\ntest()", Why: whyFiles},
	{File: "_glua-tests/strings.lua", Text: "GopherLua does not support the string.dump",
		Instead: "string.dump is not available", Why: whyLoad},
	{File: "_glua-tests/strings.lua", Text: `assert(string.gsub("hello world"`, Through: "\n", Why: whyReplace},
	{File: "_glua-tests/vm.lua", Text: "__unm undefined", Instead: "attempt to perform arithmetic on", Why: whyWords},
	{File: "_glua-tests/vm.lua", Text: "for statement init must be", Instead: "'for' initial value must be", Why: whyWords},
	{File: "_glua-tests/vm.lua", Text: "for statement limit must be", Instead: "'for' limit must be", Why: whyWords},
	{File: "_glua-tests/vm.lua", Text: "for statement step must be", Instead: "'for' step must be", Why: whyWords},
	{File: "_glua-tests/vm.lua", Text: "cannot perform add operation between table and function", Instead: "attempt to perform arithmetic on", Why: whyWords},
	{File: "_glua-tests/vm.lua", Text: "cannot perform concat operation between table and function", Instead: "attempt to concatenate", Why: whyWords},
	{File: "_glua-tests/vm.lua", Text: `string.find(msg, "register overflow")`,
		Instead: `string.find(msg, "more than 190")`, Why: whyLocals},
}

// restored are places that do not hold in gopher-lua, and do in hooks.
var restored = []luasuite.Comment{
	{File: "_lua5.1-tests/pm.lua", Text: "-- assert(f(']]]", Through: "\n"},
	{File: "_lua5.1-tests/pm.lua", Text: "-- assert(strset('[a-]')", Through: "\n"},
	{File: "_lua5.1-tests/pm.lua", Text: "-- assert(strset('[]%%]')", Through: "\n"},
	{File: "_lua5.1-tests/pm.lua", Text: "-- assert(string.gsub(\"aaa aa", Through: "getn(a) == 0)"},
	{File: "_lua5.1-tests/sort.lua", Text: "          -- loadstring(", Through: "collectgarbage()"},
	{File: "_lua5.1-tests/strings.lua", Text: "-- assert(string.format('%q%s'", Through: "b8c\\0\")"},
	{File: "_lua5.1-tests/strings.lua", Text: "-- assert(loadstring(\"return 1", Through: "\n"},
	{File: "_lua5.1-tests/vararg.lua", Text: "--[[\nlocal a = vararg", Through: "--]]"},
}

// loan is a function that is lent to the files.
type loan struct {
	file string // one that needs it
	why  string // hooks do not have it
}

var borrowed = map[string]loan{
	"loadstring":     {"_lua5.1-tests/locals.lua", whyLoad},
	"load":           {"_lua5.1-tests/calls.lua", whyLoad},
	"getfenv":        {"_lua5.1-tests/locals.lua", whyGlobals},
	"setfenv":        {"_lua5.1-tests/locals.lua", whyGlobals},
	"debug":          {"_lua5.1-tests/literals.lua", whyTrace},
	"collectgarbage": {"_lua5.1-tests/gc.lua", whyCollect},
	"math.mod":       {"_lua5.1-tests/closure.lua", whyObsolete},
	"string.gfind":   {"_lua5.1-tests/pm.lua", whyObsolete},
	"table.foreach":  {"_lua5.1-tests/nextvar.lua", whyObsolete},
	"table.foreachi": {"_lua5.1-tests/nextvar.lua", whyObsolete},
	"os.setlocale":   {"_lua5.1-tests/strings.lua", whyLocale},
}

// borrowedInLua are those that gopher-lua does not have, or that must do less.
const borrowedInLua = `{
  collectgarbage = function(option) if option == "nooption" then error("invalid option") end return 0 end,
  ["math.mod"] = math.fmod,
  ["string.gfind"] = string.gmatch,
  ["os.setlocale"] = function() end,
  ["table.foreach"] = function(t, f) for k, v in pairs(t) do local r = f(k, v) if r ~= nil then return r end end end,
  ["table.foreachi"] = function(t, f) for i, v in ipairs(t) do local r = f(i, v) if r ~= nil then return r end end end,
  load = function(f, name)
    local parts, part = {}
    repeat
      part = f()
      if part and type(part) ~= "string" then return nil, "reader function must return a string" end
      parts[#parts + 1] = part
    until not part or part == ""
    return loadstring(table.concat(parts), name)
  end,
}`
