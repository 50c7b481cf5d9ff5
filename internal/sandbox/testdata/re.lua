-- Regular expressions of RE2. In [[ ]] a backslash stands for itself.

assert(re.match("share-12", [[\d+]]) == "12" and re.match("share", [[\d+]]) == nil)
local name, number = re.match("share-12", [[^(\w+)-(\d+)$]])
assert(name == "share" and number == "12")
assert(re.match(12.5, [[\.\d]]) == ".5" and re.match("a1", 1) == "1")
assert(re.match("CIFS", "(?i)^(?:nfs|cifs)$") == "CIFS" and re.match("a\nb", "(?m)^b$") == "b" and re.match("a\nb", "^b$") == nil)

-- a capture that took no part is false
local host, port = re.match("node7", [[^([^:]+)(?::(\d+))?$]])
assert(host == "node7" and port == false and (port or 80) == 80)
assert(re.match("b", "(a)?b") == false and re.match("c", "(a)?b") == nil)

-- captures with names come as one table
local m = re.match("/gold/share-1", [[^/(?P<pool>\w+)/(?<share>[^/]+)(/.*)?$]])
assert(m.pool == "gold" and m.share == "share-1" and m[1] == "gold" and m[2] == "share-1" and m[3] == false and #m == 3)
local first, last, found = re.find("at 10 GiB", [[(?P<n>\d+) (?P<unit>[KMG]iB)]])
assert(first == 4 and last == 9 and found.n == "10" and found.unit == "GiB")

-- places are counted in bytes, from 1; the search may begin later, or counted from the end
assert(re.find("äb", "b") == 3 and select("#", re.find("ab", "b")) == 2 and re.find("ab", "x") == nil)
local from, to, letter = re.find("ab1", [[([a-z])\d]])
assert(from == 2 and to == 3 and letter == "b")
from, to = re.find("abc", "", 2)
assert(from == 2 and to == 1)
assert(re.find("abab", "b", 3) == 4 and re.find("abab", "b", -1) == 4 and re.find("ab", "$", 99) == 3 and re.find("ab", "a", -99) == 1)
assert(re.match("ab", "b", 2) == "b" and re.match("ab", "^b", 2) == nil and re.match("ab", [[\bb]], 2) == nil)  -- "a" stands before

-- texts are bytes: one that is not UTF-8 is one character, U+FFFD
assert(re.match("a\255b", "a(.)b") == "\255" and re.match("\255", [[\x{FFFD}]]) == "\255" and re.match("a\0b", [[\x00]]) == "\0")
assert(re.match("grün", [[^\pL+$]]) == "grün" and re.match("grün", [[\w+]]) == "gr")

local function all(text, pattern)
  local list = {}
  for a, b in re.gmatch(text, pattern) do list[#list + 1] = tostring(a) .. (b ~= nil and tostring(b) or "") end
  return table.concat(list, ",")
end
assert(all("a=1, b=2", [[(\w)=(\d)]]) == "a1,b2" and all("one two", [[\w+]]) == "one,two" and all("x", "y") == "")
assert(all("abc", "") == ",,," and all("baac", "a*") == ",aa," and all("äb", "") == ",,")  -- none right behind another match
assert(all("ab", "(a)|(b)") == "afalse,falseb" and all("aa", "^a") == "a" and all("ab ab", [[\bb]]) == "")
local pairs_of = {}
for kv in re.gmatch("a=1;b=2", [[(?P<k>\w)=(?P<v>\w)]]) do pairs_of[kv.k] = kv.v end
assert(pairs_of.a == "1" and pairs_of.b == "2")
local step = re.gmatch("ab", ".")
assert(step() == "a" and re.match("x", "(x)") == "x" and coroutine.wrap(function() return step() end)() == "b" and step() == nil)

-- replacements: $1, ${1}, $name, ${name}, $0 is the match, $$ a dollar sign
local function replaced(...) local text, n = re.replace(...) return text .. "|" .. n end
assert(replaced("a-b c-d", [[(\w)-(\w)]], "$2-${1}") == "b-a d-c|2" and replaced("x", "y", "z") == "x|0")
assert(replaced("ab", "(?P<one>a)", "<$one${one}x$0$$>") == "<aaxa$>b|1" and replaced("b", "(a)?b", "[$1]") == "[]|1")
assert(replaced("aaa", "a", "b", 2) == "bba|2" and replaced("aaa", "a", "b", 0) == "aaa|0" and replaced("aaa", "a", 1) == "111|3")
assert(replaced("abc", "", "-") == "-a-b-c-|4" and replaced("baac", "a*", "x") == "xbxcx|3" and replaced("a", "a", "US$ 5$") == "US$ 5$|1")
assert(replaced("a1 b2", [[([a-z])(\d)]], function(l, d) if l == "a" then return d .. l end end) == "1a b2|2")
assert(replaced("a1", [[(?P<l>[a-z])]], function(c) return c.l:upper() end) == "A1|1" and replaced("a", "a", function() return 7 end) == "7|1")
-- the function may match as well
assert(replaced("a1 b2", [[\w+]], function(w) return (re.replace(w, [[\d]], function(d) return "<" .. re.match(d, ".") .. ">" end)) end) == "a<1> b<2>|2")
local ok, message = pcall(re.replace, "abc", "b", function() error("no", 0) end)
assert(not ok and message == "no" and replaced("abc", "b", "x") == "axc|1")

local function pieces(...) return table.concat(re.split(...), "|") end
assert(pieces("a, b;c", [[[,;]\s*]]) == "a|b|c" and pieces(",a,", ",") == "|a|" and pieces("a", ",") == "a" and pieces("", ",") == "")
assert(pieces("abc", "") == "a|b|c" and pieces("abc", "x*") == "a|b|c" and pieces("a,b,c", ",", 2) == "a|b,c" and pieces("a,b", ",", 1) == "a,b")
assert(#re.split("", ",") == 1 and #re.split(("x"):rep(1000), "") == 1000 and pieces("a1b22c", [[(\d)+]]) == "a|b|c")

assert(re.quote("a.b[1]$") == [[a\.b\[1\]\$]] and re.match("1+1", re.quote("1+1")) == "1+1" and re.quote("") == "")

-- mistakes
re.match("x")                   --> bad argument #2 to 'match' (string expected, got no value)
re.match(nil, "x")              --> bad argument #1 to 'match' (string expected, got nil)
re.match("x", "a(b")            --> bad argument #2 to 'match' (want a regular expression, got "a(b": missing closing ))
re.match("b", "(?P<p>a)|(?P<p>b)") --> want a regular expression, got "(?P<p>a)|(?P<p>b)": two captures are called "p"
re.match("b", "(?P<p>a)|(?<p>b)") --> two captures are called "p"
assert(re.match("aa", "(?:(?P<p>a)){2}").p == "a")
re.find("x", [[(a)\1]])         --> bad argument #2 to 'find' (want a regular expression, got "(a)\\1": invalid escape sequence: "\\1")
re.gmatch("x", "a**")           --> invalid nested repetition operator: "**"
re.split("x", "(?=a)")          --> invalid or unsupported Perl syntax: "(?="
re.match("x", "\255")           --> invalid UTF-8
re.match("x", ("a"):rep(16385)) --> longer than 16384 bytes
re.match("x", "(?:a{1000}){1000}")            --> invalid repeat count: "{1000}"
re.match("x", ("a{1000}"):rep(11))            --> too large, with its repetitions written out
re.match("x", ("()"):rep(300))                --> too large, with its repetitions written out
re.match("x", [[\pL]] .. ([[\pN]]):rep(300))  --> too many classes of Unicode characters
re.match("x", "(?i)" .. ([=[[B-\x{1E942}]]=]):rep(9)) --> too many classes of Unicode characters, or ranges of them where case is ignored
re.replace("x", "x")            --> bad argument #3 to 'replace' (want a text or a function, got nil)
re.replace("x", "x", {})        --> bad argument #3 to 'replace' (want a text or a function, got table)
re.replace("x", "(x)", "a$2")   --> bad argument #3 to 'replace' (want captures of the pattern, got "a$2": there is no capture "2")
re.replace("y", "(x)", "$1st")  --> there is no capture "1st"; for capture 1 before "st" write ${1}
re.replace("x", "x", "${a")     --> no } ends "${a"
re.replace("x", "x", "${}")     --> ${} names no capture
re.replace("x", "x", function() return {} end) --> invalid replacement value (a table)
re.split("x", "x", 0)           --> bad argument #3 to 'split' (want 1 or more, got 0)
re.quote(("x"):rep(16385))      --> bad argument #1 to 'quote' (want 16384 bytes at most, as a pattern has, got 16385)
