-- Modules: files below the scripts folder's lib, one copy for each script.

local paths = require("paths")
assert(paths.join("a", "b") == "a/b")
assert(require("paths") == paths, "loaded once")
assert(require "paths" == paths)
assert(require("deep.down").name == "deep.down")
assert(require("deep.down").paths == paths, "modules share what they require")

-- A module that returns nothing is true, one that returns false is false, and both run once.
assert(require("nothing") == true and require("nothing") == true and nothing_ran == 1)
assert(require("no") == false and require("no") == false and no_ran == 1)

-- A module has the script's globals and options, and gets its name.
assert(require("nothing") and nothing_name == "nothing" and nothing_limit == options.limit)

-- A module that fails is tried again, and the error is that of the module.
require("failing")          --> lib/failing.lua:4: this module fails, try 1
require("failing")          --> lib/failing.lua:4: this module fails, try 2
local ok, e = pcall(require, "failing")
assert(not ok and e == "lib/failing.lua:4: this module fails, try 3", e)

-- Cycles.
require("cycle_a")          --> module "cycle_a" requires itself: cycle_a -> cycle_b -> cycle_a
require("cycle_b")          --> module "cycle_b" requires itself: cycle_b -> cycle_a -> cycle_b
require("selfish")          --> module "selfish" requires itself: selfish -> selfish

-- Only names of modules are found, whatever a path may look like.
require("path")             --> module "path" not found in the scripts folder's lib (did you mean "paths"?)
require("nonsense")         --> module "nonsense" not found in the scripts folder's lib
require("../lib/paths")     --> not found in the scripts folder's lib
require("./paths")          --> not found in the scripts folder's lib
require("paths.lua")        --> not found in the scripts folder's lib
require("lib.paths")        --> not found in the scripts folder's lib
require("lib/paths")        --> not found in the scripts folder's lib
require("deep/down")        --> not found in the scripts folder's lib
require("deep..down")       --> not found in the scripts folder's lib
require("deep")             --> module "deep" not found in the scripts folder's lib
require("..paths")          --> not found in the scripts folder's lib
require("/etc/passwd")      --> not found in the scripts folder's lib
require("paths\0")          --> module "paths\x00" not found in the scripts folder's lib
require("")                 --> module "" not found in the scripts folder's lib
require("PATHS")            --> module "PATHS" not found in the scripts folder's lib
require("strings")          --> module "strings" not found in the scripts folder's lib
for _, name in ipairs{"string", "table", "math", "os", "coroutine", "_G"} do assert(require(name) == _G[name]) end
require("debug")              --> debug is not available in hooks: errors carry their traceback
require("json")               --> module "json" not found in the scripts folder's lib: json is a global, which nobody requires
require("require")          --> not found in the scripts folder's lib
require()                   --> bad argument #1 to 'require' (string expected, got no value)
require({})                 --> bad argument #1 to 'require' (string expected, got table)

-- From a coroutine, too.
assert(coroutine.wrap(function() return require("deep.other") end)() == require("deep.other"))

function test_a_module_can_be_loaded_in_a_call()
  assert(require("late").n == 1)
  assert(require("late").n == 1)
end

---- another script loads them anew

assert(require("nothing") == true and nothing_ran == 1)
assert(require("paths").joined == nil)
require("failing")          --> lib/failing.lua:4: this module fails, try 1
