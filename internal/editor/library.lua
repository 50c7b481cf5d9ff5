-- The library of scripts: Lua 5.1's, without what a hook must not have, and what hookrun adds.

---Refuses the call: the driver is not called, and no later hook runs. Works in pre only. pcall cannot catch it, and no
---setting suppresses it.
---@param message string | number | nil for the user who made the request; nil is an error when it runs
---@param code? string for programs, such as "quota_exceeded"
function reject(message, code) end

---The script's own options, as its config gives them. Read only; empty when there are none.
---@type table<string, any>
options = {}

---The share service whose calls the script hooks.
---@type hookrun.Service
service = {}

---What a null inside a list reads as, so that # and ipairs hold; written into a list, it becomes null.
---@class hookrun.null
null = {}

---Logging. Fields are names and values that stand beside the message.
---@class hookrun.log
log = {}

---@param message any
---@param fields? table<string, any>
function log.debug(message, fields) end

---@param message any
---@param fields? table<string, any>
function log.info(message, fields) end

---@param message any
---@param fields? table<string, any>
function log.warn(message, fields) end

---@param message any
---@param fields? table<string, any>
function log.error(message, fields) end

---JSON text.
---@class hookrun.json
json = {}

---Raises an error for what JSON cannot hold: functions, cycles, NaN and infinities.
---@param value any
---@return string text
---@nodiscard
function json.encode(value) end

---Raises an error when the text is not JSON. A null inside a list reads as null, elsewhere as nil.
---@param text string
---@return any value
---@nodiscard
function json.decode(text) end

---Logs its arguments, separated by tabs, as log.info does.
---@param ... any
function print(...) end

---Loads a module from the lib folder below the scripts, once for each hook: "a.b" is lib/a/b.lua.
---@param name string
---@return any module what the file returns; true when it returns nothing
function require(name) end

---The script's own globals.
---@class _G
_G = {}

---@type string
_VERSION = "Lua 5.1"

---Raises an error when the value is nil or false; returns all its arguments otherwise.
---@generic T
---@param value? T
---@param message? any
---@param ... any
---@return T value
---@return any ...
function assert(value, message, ...) end

---Raises an error. The place is added to a message that is a string.
---@param message any
---@param level? integer whose place: 1 the caller of error (the default), 2 the caller of that function, 0 none
function error(message, level) end

---Only the metatables of tables can be seen.
---@param value any
---@return table? metatable
---@nodiscard
function getmetatable(value) end

---Walks a list from 1 up to the first nil.
---@generic T: table, V
---@param list T
---@return fun(list: V[], i?: integer): integer, V
---@return T
---@return integer i
function ipairs(list) end

---The key and value that follow a key, in the order of pairs; nil behind the last one.
---@generic K, V
---@param t table<K, V>
---@param key? K nil for the first
---@return K? key
---@return V? value
---@nodiscard
function next(t, key) end

---Walks all keys: of records in the order of their fields, of maps from Go in the order of the keys.
---@generic T: table, K, V
---@param t T
---@return fun(t: table<K, V>, key?: K): K, V
---@return T
function pairs(t) end

---Calls a function and catches its error. It does not catch reject, nor the end of a budget or of the time.
---@param f function
---@param ... any
---@return boolean ok
---@return any result what f returned, or what it raised
---@return any ...
function pcall(f, ...) end

---@param a any
---@param b any
---@return boolean
---@nodiscard
function rawequal(a, b) end

---@param t table
---@param key any
---@return any
---@nodiscard
function rawget(t, key) end

---@param t table
---@param key any
---@param value any
---@return table t
function rawset(t, key, value) end

---The arguments from the n-th on, or how many there are.
---@param n integer | "#"
---@param ... any
---@return any ...
---@nodiscard
function select(n, ...) end

---Records and lists that come from Go have a metatable that cannot be changed.
---@param t table
---@param metatable? table
---@return table t
function setmetatable(t, metatable) end

---@param value any
---@param base? integer 2 to 36, default 10
---@return number? number nil when the value is not a number
---@nodiscard
function tonumber(value, base) end

---@param value any
---@return string
---@nodiscard
function tostring(value) end

---@alias hookrun.type "nil" | "number" | "string" | "boolean" | "table" | "function" | "thread" | "userdata"

---@param value any
---@return hookrun.type
---@nodiscard
function type(value) end

---@generic T
---@param list T[]
---@param first? integer default 1
---@param last? integer default #list
---@return T ...
---@nodiscard
function unpack(list, first, last) end

---Calls a function without arguments, and handler with its error.
---@param f function
---@param handler fun(message: any): any
---@return boolean ok
---@return any result what f or handler returned
---@return any ...
function xpcall(f, handler) end

---@class coroutinelib
coroutine = {}

---@param f fun(...): ...
---@return thread
---@nodiscard
function coroutine.create(f) end

---@param co thread
---@param ... any
---@return boolean ok
---@return any result what it yielded or returned, or what it raised
---@return any ...
function coroutine.resume(co, ...) end

---@return thread? co nil outside of a coroutine
---@nodiscard
function coroutine.running() end

---@param co thread
---@return "running" | "suspended" | "normal" | "dead"
---@nodiscard
function coroutine.status(co) end

---Like create, as a function that resumes it and raises its errors.
---@param f fun(...): ...
---@return fun(...): ...
---@nodiscard
function coroutine.wrap(f) end

---@param ... any
---@return any ...
function coroutine.yield(...) end

---Strings have these as methods: s:upper() is string.upper(s).
---@class stringlib
string = {}

---@param s string
---@param first? integer default 1
---@param last? integer default first
---@return integer ...
---@nodiscard
function string.byte(s, first, last) end

---@param ... integer bytes
---@return string
---@nodiscard
function string.char(...) end

---@param s string
---@param pattern string
---@param init? integer default 1
---@param plain? boolean whether the pattern is just text
---@return integer? first nil when it is not found
---@return integer? last
---@return string ... captures
---@nodiscard
function string.find(s, pattern, init, plain) end

---@param format string
---@param ... any
---@return string
---@nodiscard
function string.format(format, ...) end

---@param s string
---@param pattern string
---@return fun(): string, ...
---@nodiscard
function string.gmatch(s, pattern) end

---@param s string
---@param pattern string
---@param replacement string | number | table | function
---@param most? integer how many to replace at most
---@return string
---@return integer count
function string.gsub(s, pattern, replacement, most) end

---@param s string
---@return integer bytes
---@nodiscard
function string.len(s) end

---@param s string
---@return string
---@nodiscard
function string.lower(s) end

---@param s string
---@param pattern string
---@param init? integer default 1
---@return string? capture the first one, or the whole match; nil when there is none
---@return string ...
---@nodiscard
function string.match(s, pattern, init) end

---@param s string
---@param n integer
---@return string
---@nodiscard
function string.rep(s, n) end

---@param s string
---@return string
---@nodiscard
function string.reverse(s) end

---@param s string
---@param first integer negative counts from the end
---@param last? integer default -1
---@return string
---@nodiscard
function string.sub(s, first, last) end

---@param s string
---@return string
---@nodiscard
function string.upper(s) end

---@class tablelib
table = {}

---@param list (string | number)[]
---@param separator? string
---@param first? integer default 1
---@param last? integer default #list
---@return string
---@nodiscard
function table.concat(list, separator, first, last) end

---The same as #list.
---@param list any[]
---@return integer
---@nodiscard
function table.getn(list) end

---@generic T
---@param list T[]
---@param position integer
---@param value T
---@overload fun(list: any[], value: any)
function table.insert(list, position, value) end

---@param t table
---@return number n the largest number that is a key
---@nodiscard
function table.maxn(t) end

---@generic T
---@param list T[]
---@param position? integer default the last
---@return T? removed
function table.remove(list, position) end

---@generic T
---@param list T[]
---@param less? fun(a: T, b: T): boolean default a < b
function table.sort(list, less) end

---@class mathlib
---@field huge number larger than any other number
---@field pi number
math = {}

---@param x number
---@return number
---@nodiscard
function math.abs(x) end

---@param x number
---@return number radians
---@nodiscard
function math.acos(x) end

---@param x number
---@return number radians
---@nodiscard
function math.asin(x) end

---@param x number
---@return number radians
---@nodiscard
function math.atan(x) end

---@param y number
---@param x number
---@return number radians
---@nodiscard
function math.atan2(y, x) end

---@param x number
---@return integer
---@nodiscard
function math.ceil(x) end

---@param x number radians
---@return number
---@nodiscard
function math.cos(x) end

---@param x number
---@return number
---@nodiscard
function math.cosh(x) end

---@param x number radians
---@return number degrees
---@nodiscard
function math.deg(x) end

---@param x number
---@return number
---@nodiscard
function math.exp(x) end

---@param x number
---@return integer
---@nodiscard
function math.floor(x) end

---The remainder of x / y, with the sign of x.
---@param x number
---@param y number
---@return number
---@nodiscard
function math.fmod(x, y) end

---@param x number
---@return number mantissa
---@return integer exponent
---@nodiscard
function math.frexp(x) end

---@param mantissa number
---@param exponent integer
---@return number
---@nodiscard
function math.ldexp(mantissa, exponent) end

---@param x number
---@return number natural
---@nodiscard
function math.log(x) end

---@param x number
---@return number
---@nodiscard
function math.log10(x) end

---@param x number
---@param ... number
---@return number
---@nodiscard
function math.max(x, ...) end

---@param x number
---@param ... number
---@return number
---@nodiscard
function math.min(x, ...) end

---@param x number
---@return integer integral
---@return number fractional
---@nodiscard
function math.modf(x) end

---@param x number
---@param y number
---@return number
---@nodiscard
function math.pow(x, y) end

---@param x number degrees
---@return number radians
---@nodiscard
function math.rad(x) end

---A number from 0 up to but not 1; an integer from 1 to n; or one from low to high. Each script has its own sequence.
---@param low integer
---@param high integer
---@return integer
---@overload fun(): number
---@overload fun(n: integer): integer
---@nodiscard
function math.random(low, high) end

---@param seed integer
function math.randomseed(seed) end

---@param x number radians
---@return number
---@nodiscard
function math.sin(x) end

---@param x number
---@return number
---@nodiscard
function math.sinh(x) end

---@param x number
---@return number
---@nodiscard
function math.sqrt(x) end

---@param x number radians
---@return number
---@nodiscard
function math.tan(x) end

---@param x number
---@return number
---@nodiscard
function math.tanh(x) end

---Of os, hooks have time only.
---@class oslib
os = {}

---@return number seconds of processor time
---@nodiscard
function os.clock() end

---@class hookrun.date
---@field year integer
---@field month integer 1 to 12
---@field day integer 1 to 31
---@field hour? integer 0 to 23, default 12
---@field min? integer
---@field sec? integer
---@field wday? integer 1 is Sunday
---@field yday? integer 1 to 366
---@field isdst? boolean

---@param format? string as of strftime, such as "%Y-%m-%d"; "!" in front means UTC; "*t" gives a table
---@param time? integer default now
---@return string
---@overload fun(format: "*t" | "!*t", time?: integer): hookrun.date
---@nodiscard
function os.date(format, time) end

---@param later integer
---@param earlier integer
---@return number seconds
---@nodiscard
function os.difftime(later, earlier) end

---@param date? hookrun.date default now
---@return integer seconds since 1970-01-01T00:00:00Z
---@nodiscard
function os.time(date) end
