package syntax_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/parse"

	"github.com/hookrun/hookrun/internal/lua/syntax"
)

// ordinary is what scripts spend their time with. Each runs for about a millisecond.
var ordinary = map[string]string{
	"calls": "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end fib(16)",
	"loops": "local s = 0 for i = 1, 20000 do s = s + i % 7 * 2 end",
	"while": "local i = 0 while true do i = i + 1 if i > 20000 then break end end",
	"lists": "local t = {} for i = 1, 3000 do t[#t + 1] = i end local s = 0 for _, v in ipairs(t) do s = s + v end for k, v in pairs(t) do s = s - v end",
	"records": `local shares = {} for i = 1, 300 do shares[i] = { id = i, name = "n", size = i * 2, meta = { a = 1 } } end
		local sum = 0 for _, s in ipairs(shares) do if s.size > 10 and s.meta.a == 1 or s.name == "x" then sum = sum + s.size end end`,
	"swaps":        "local t = {} for i = 1, 1000 do t[i] = 1000 - i end for i = 1, 500 do t[i], t[1001 - i] = t[1001 - i], t[i] end local a, b = 1, 2 for i = 1, 3000 do a, b = b, a + b end",
	"closures":     "local function counter() local n = 0 return function() n = n + 1 return n end end for i = 1, 300 do local c = counter() for j = 1, 10 do c() end end",
	"conditions":   "local function f(a, b) local ok = a and b or nil ok = ok or a return ok and not b end for i = 1, 4000 do f(i, i % 3 == 0) end",
	"methods":      "local o = { v = 0 } function o:add(n) self.v = self.v + n return self end for i = 1, 3000 do o:add(1):add(2) end",
	"text":         `local out = {} for i = 1, 1500 do out[#out + 1] = "share " .. i .. " of " .. 1500 end return table.concat(out, ",")`,
	"text, short":  `local s = "x" for i = 1, 4000 do local t = s .. "y" end`,
	"text, pieces": `local s = "" for i = 1, 400 do s = s .. "line " .. i .. "\n" end`,
}

// ratio is the time of the second divided by that of the first, both run in turns; the fastest turn of each counts.
func ratio(b *testing.B, base, candidate func()) float64 {
	fastest := [2]time.Duration{math.MaxInt64, math.MaxInt64}
	for b.Loop() {
		for range 40 {
			for i, run := range []func(){base, candidate} {
				start := time.Now()
				run()
				run()
				run()
				fastest[i] = min(fastest[i], time.Since(start))
			}
		}
	}
	return float64(fastest[1]) / float64(fastest[0])
}

// BenchmarkRun compares programs with what gopher-lua makes of them.
func BenchmarkRun(b *testing.B) {
	for name, source := range ordinary {
		b.Run(name, func(b *testing.B) {
			L := lua.NewState()
			defer L.Close()
			concat := L.NewFunction(syntax.NewConcat(nil, nil, nil))
			call := func(fn *lua.LFunction) func() {
				return func() {
					L.Push(fn)
					L.Call(0, 0)
				}
			}
			b.ReportMetric(ratio(b,
				call(L.NewFunctionFromProto(stock(b, "x", source))),
				call(syntax.NewFunction(L, rewritten(b, "x", source), concat))), "x-stock")
		})
	}
}

// BenchmarkCompile compares compiling the example scripts with what gopher-lua takes.
func BenchmarkCompile(b *testing.B) {
	paths, err := filepath.Glob("../../../scripts/examples/*.lua")
	if err != nil || len(paths) == 0 {
		b.Fatalf("no examples: %v", err)
	}
	var sources []string
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		sources = append(sources, string(text))
	}
	b.ReportMetric(ratio(b, func() {
		for _, s := range sources {
			chunk, err := parse.Parse(strings.NewReader(s), "x")
			if err == nil {
				_, err = lua.Compile(chunk, "x")
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	}, func() {
		for _, s := range sources {
			if _, err := syntax.Compile("x", s); err != nil {
				b.Fatal(err)
			}
		}
	}), "x-stock")
}

// BenchmarkRefuse shows that no source takes long to refuse.
func BenchmarkRefuse(b *testing.B) {
	for name, test := range tooMuch {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = syntax.Compile("x", test.source)
			}
		})
	}
}
