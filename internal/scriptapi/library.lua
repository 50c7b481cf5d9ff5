-- The library of scripts: Lua 5.1's, without what a hook must not have, and what hookrun adds.

---Refuses the call: the driver is not called, and no later hook runs. Works in pre only. pcall cannot catch it, and no
---setting suppresses it.
---@param message string | number | nil for the user who made the request; nil is an error when it runs
---@param code? string for programs, such as "quota_exceeded"
function reject(message, code) end

---The script's own options, as its config gives them. Read only; empty when there are none.
---@type hookrun.Options
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

---Events for others. They are sent when the run has ended well; those of pre when the driver has succeeded, too. The
---service needs a store.
---@class hookrun.events
events = {}

---@class hookrun.publish.options
---@field subject? string what it is about, in place of the id of the call's share or snapshot
---@field id? string in place of a new one
---@field when? "always" in pre: sent even if the driver fails, or is not called

---@param type string | number such as "share.frozen"
---@param data any what JSON can hold, with texts in UTF-8
---@param options? hookrun.publish.options
---@return string id
function events.publish(type, data, options) end

---What the hook remembers, also when the service is started again: values that JSON can hold, of 64 KiB at most, by keys
---of 512 bytes at most, all in UTF-8. What a run sets counts when the run has ended well. The service needs a store.
---@class hookrun.state
state = {}

---@param key string | number
---@param default? any
---@return any value a copy; null where that was set, default where there is none
---@nodiscard
function state.get(key, default) end

---@class hookrun.state.options
---@field ttl? number seconds after which the key is gone

---@param key string | number
---@param value any not nil; null is a value
---@param options? hookrun.state.options
function state.set(key, value, options) end

---Adds to a number, which begins with 0.
---@param key string | number
---@param by? number default 1
---@return number sum
function state.incr(key, by) end

---@param key string | number
---@return boolean deleted false where there was no such key
function state.delete(key) end

---Walks keys and values in the order of the keys. The state may be changed meanwhile.
---@param prefix? string of the keys
---@return fun(): string?, any
---@nodiscard
function state.each(prefix) end

---Measurements for the service's metrics, of runs that end well. A hook may have 100 series, which are names with labels.
---@class hookrun.metrics
metrics = {}

---@param name string | number
---@param by? number 0 or more, default 1
---@param labels? table<string, string | number | boolean>
function metrics.count(name, by, labels) end

---@param name string | number
---@param value number
---@param labels? table<string, string | number | boolean>
function metrics.gauge(name, value, labels) end

---One of many values, such as a duration in seconds.
---@param name string | number
---@param value number
---@param labels? table<string, string | number | boolean>
function metrics.observe(name, value, labels) end

---Integers of 32 bits, as in LuaJIT: numbers are taken modulo 2^32, results are signed, and of a count of places only
---the lowest five bits count.
---@class hookrun.bit
bit = {}

---@param a number
---@param ... number
---@return integer
---@nodiscard
function bit.band(a, ...) end

---@param a number
---@param ... number
---@return integer
---@nodiscard
function bit.bor(a, ...) end

---@param a number
---@param ... number
---@return integer
---@nodiscard
function bit.bxor(a, ...) end

---@param a number
---@return integer
---@nodiscard
function bit.bnot(a) end

---@param a number
---@param places integer
---@return integer
---@nodiscard
function bit.lshift(a, places) end

---Fills up with zeros.
---@param a number
---@param places integer
---@return integer
---@nodiscard
function bit.rshift(a, places) end

---Fills up with the sign.
---@param a number
---@param places integer
---@return integer
---@nodiscard
function bit.arshift(a, places) end

---Networks of IPv4 and IPv6, such as "10.0.0.0/8" and "fd00::/8"; an address alone is a network of one. What is neither
---is an error: ask valid first where a text comes from users. The bits behind a network's prefix do not count, nor does
---the zone of an address; an IPv4 address written as one of IPv6 is the IPv4 address.
---@class hookrun.cidr
cidr = {}

---@param network string
---@param address string a network is contained when all of it is
---@return boolean
---@nodiscard
function cidr.contains(network, address) end

---@class hookrun.network
---@field network string such as "10.0.0.0/8"
---@field address string the one that was given, such as "10.1.2.3" in "10.1.2.3/8"
---@field first string address
---@field last string address
---@field bits integer of the prefix
---@field family 4 | 6

---@param network string
---@return hookrun.network
function cidr.parse(network) end

---@param value any
---@return boolean whether it is the text of a network or address
---@nodiscard
function cidr.valid(value) end

---Hashes, random bytes and their encodings. A hash is a string of 32 bytes; crypto.hex(crypto.sha256(text)) is what
---other programs show.
---@class hookrun.crypto
crypto = {}

---@param text string
---@return string bytes
---@nodiscard
function crypto.sha256(text) end

---@param key string
---@param text string
---@return string bytes
---@nodiscard
function crypto.hmac_sha256(key, text) end

---Compares secrets, in a time that does not tell where they differ.
---@param a string
---@param b string
---@return boolean
---@nodiscard
function crypto.equal(a, b) end

---@param bytes string
---@return string text in small letters
---@nodiscard
function crypto.hex(bytes) end

---@param text string
---@return string? bytes nil when the text is not hexadecimal
---@return string? problem
---@nodiscard
function crypto.unhex(text) end

---With the standard alphabet, and padding.
---@param bytes string
---@return string text
---@nodiscard
function crypto.base64(bytes) end

---Takes the alphabet for URLs too, and a text without padding, but no white space.
---@param text string
---@return string? bytes nil when the text is not base64
---@return string? problem
---@nodiscard
function crypto.unbase64(text) end

---Nobody can foretell them, unlike those of math.random.
---@param n integer 1 to 65536
---@return string bytes
---@nodiscard
function crypto.random(n) end

---A random one, version 4.
---@return string uuid
---@nodiscard
function crypto.uuid() end

---Times are seconds since 1970-01-01T00:00:00Z, with fractions. A zone is the IANA name of a time zone, such as
---"Europe/Berlin", or "UTC" (the default), or "Local", that of the service.
---@class hookrun.time
time = {}

---@return number seconds
---@nodiscard
function time.now() end

---@param text string
---@param layout? string as of strftime, such as "%d.%m.%Y"; default RFC 3339, such as "2026-11-23T10:00:00Z"
---@return number? seconds nil when the text is no such time
---@return string? problem
---@nodiscard
function time.parse(text, layout) end

---@param seconds number
---@param layout? string as of strftime, such as "%d.%m.%Y"; default RFC 3339
---@param zone? string default "UTC"
---@return string
---@nodiscard
function time.format(seconds, layout, zone) end

---A table as that of os.date("*t").
---@param seconds number
---@param zone? string default "UTC"
---@return hookrun.date
---@nodiscard
function time.date(seconds, zone) end

---@param text string such as "1h30m": a number with "ms", "s", "m", "h" or "d" (24 hours), or several, the days first
---@return number? seconds nil when the text is no duration
---@return string? problem
---@nodiscard
function time.duration(text) end

---HTTP requests, to the hosts that the hook's allow_http lists.
---@class hookrun.http
http = {}

---What a server answered. Any status is an answer.
---@class (exact) hookrun.http.Response
---@field status integer such as 200
---@field headers table<string, string> by name in lower case
---@field body string as it was sent, at most 1 MiB
---@field json fun(self?: hookrun.http.Response): any what json.decode makes of the body

---Why there is no answer. It reads as its message, in log, tostring and "..".
---@class (exact) hookrun.http.Error
---@field message string one line, without the path and the query of the URL
---@field kind "refused" | "dns" | "connect" | "tls" | "timeout" | "too_large"

---@class (exact) hookrun.http.Options
---@field headers? table<string, string | number>
---@field query? table<string, string | number | boolean | (string | number | boolean)[]> added to the URL
---@field timeout? number seconds for all of it; the timeout of the run holds in any case

---@class (exact) hookrun.http.Request
---@field url string
---@field headers? table<string, string | number>
---@field query? table<string, string | number | boolean | (string | number | boolean)[]> added to the URL
---@field timeout? number seconds for all of it; the timeout of the run holds in any case
---@field method? string GET where there is none; others than GET and HEAD need allow_http_writes
---@field json? any the body, as JSON
---@field body? string the body, as it is

---Asks for a URL. Other hooks run until the answer is there.
---@param url string
---@param options? hookrun.http.Options
---@return hookrun.http.Response? response nil where there is no answer
---@return hookrun.http.Error? err why
function http.get(url, options) end

---Makes a request. Other hooks run until the answer is there.
---@param request hookrun.http.Request
---@return hookrun.http.Response? response nil where there is no answer
---@return hookrun.http.Error? err why
function http.request(request) end

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
---@param message? any
---@param level? integer whose place: 1 the caller of error (the default), 2 the caller of that function, 0 none
function error(message, level) end

---Only the metatables of tables and strings can be seen.
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

---@return number seconds since the process began
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
---@param earlier? integer default 0
---@return number seconds
---@nodiscard
function os.difftime(later, earlier) end

---@param date? hookrun.date default now
---@return integer seconds since 1970-01-01T00:00:00Z
---@nodiscard
function os.time(date) end

---Regular expressions of RE2. In [[\d+]] a backslash stands for itself; in "\d+" Lua drops it. Captures are the parts
---in parentheses; one that took no part is false. Where the pattern names some, as (?P<name>x), all of them come as one
---table, by number and by name.
---@class hookrun.re
re = {}

---The captures of the first match, or the whole match of a pattern without captures.
---@param text string
---@param pattern string
---@param init? integer where the search begins, default 1
---@return any capture the first one, a string or false, or the table of all; nil when there is no match
---@return any ...
---@nodiscard
function re.match(text, pattern, init) end

---Where the first match is, in bytes, and its captures.
---@param text string
---@param pattern string
---@param init? integer where the search begins, default 1
---@return integer? first nil when there is no match
---@return integer? last
---@return any ... captures
---@nodiscard
function re.find(text, pattern, init) end

---All matches, one after another, as re.match returns them.
---@param text string
---@param pattern string
---@return fun(): any, ...
---@nodiscard
function re.gmatch(text, pattern) end

---Puts something in the place of the matches: a text, in which $1, ${1}, $name and ${name} stand for captures, $0 for the
---match and $$ for a dollar sign; or what a function returns, which gets what re.match returns. A match for which it
---returns nil or false stays.
---@param text string
---@param pattern string
---@param with string | number | function
---@param most? integer how many to replace at most
---@return string
---@return integer count
function re.replace(text, pattern, with, most) end

---Cuts the text at the matches.
---@param text string
---@param pattern string
---@param most? integer how many pieces at most; the last is what is left of the text
---@return string[]
---@nodiscard
function re.split(text, pattern, most) end

---A pattern that matches the text.
---@param text string 16 KiB at most
---@return string
---@nodiscard
function re.quote(text) end
