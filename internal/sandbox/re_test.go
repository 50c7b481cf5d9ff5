package sandbox

import (
	"context"
	"flag"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// expressionScript uses a pattern in a text in every way, and keeps what came of it.
const expressionScript = `
local pattern, text = options.pattern, options.text
local ok = pcall(re.match, "", pattern)
function compiles() return ok end
if not ok then return end
re.match(text, pattern)
re.find(text, pattern, -3)
local matches = 0
for _ in re.gmatch(text, pattern) do matches = matches + 1 end
local replaced, n = re.replace(text, pattern, "<$0>")
local same = re.replace(text, pattern, function() end)
assert(n == matches and same == text)
local pieces = re.split(text, pattern)
assert(re.match(text, re.quote(options.plain)) == options.plain)
function replacements() return replaced end
function cut() return table.concat(pieces, "|") end`

// expressions are patterns and texts that take a naive matcher long, or are odd.
var expressions = []struct{ pattern, text string }{
	{`(\w+)@(\w+)`, "ann@a bob@b"}, {``, "abc"}, {`a*`, "baac"}, {`(?P<x>a)|b`, "ab"}, {`^|$`, "ab"}, {`a(`, "a"}, {`\b`, "\xffa ä"},
	{`(a*)*b`, strings.Repeat("a", 300)}, {`(?:a?){30}a{30}`, strings.Repeat("a", 60)}, {`a*?b|a`, strings.Repeat("a", 500)},
	{`(x+x+)+y`, strings.Repeat("x", 300)}, {`(?:a{0,500}){2}b`, strings.Repeat("a", 400)}, {`(.*)(.*)(.*)(.*)(.*)b`, strings.Repeat("a", 200)},
	{strings.Repeat("[ab]{0,900}", 5) + "c", strings.Repeat("ab", 300)}, {strings.Repeat("(a?)", 100), strings.Repeat("a", 300)},
	{strings.Repeat(`(?:\B\b)?`, 1500) + `\z`, strings.Repeat("a", 100)},
	{`(?i)[B-\x{1E942}]+`, "aä"}, {strings.Repeat(`\pL`, 80), "ab"}, {"(?i)" + strings.Repeat(`\p{Lu}?`, 80), strings.Repeat("ä", 300)},
	{strings.Repeat("(?:a|b|", 300) + "c" + strings.Repeat(")*", 300), strings.Repeat("ab", 200)}, {strings.Repeat("a?", 5000), strings.Repeat("a", 200)},
}

// FuzzRe uses patterns in texts under small limits: a run must end within them, and what it finds must be what package
// regexp finds.
func FuzzRe(f *testing.F) {
	for _, e := range expressions {
		f.Add(e.pattern, e.text)
	}
	p := compile(f, "re.lua", expressionScript)
	f.Fuzz(func(t *testing.T, pattern, text string) {
		vm := newVM(t, Options{})
		lim := Limits{Timeout: time.Hour, Instructions: 3_000_000, Memory: 64 << 20}
		plain, _, _ := strings.Cut(strings.ToValidUTF8(text, "\xff"), "\xff")
		options := map[string]any{"pattern": pattern, "text": text, "plain": plain[:min(len(plain), 200)]}
		s, err := vm.Load(context.Background(), &lim, p, options)
		if err != nil {
			if e := failure(t, err); e.Kind != KindInstructions && e.Kind != KindMemory && !strings.Contains(e.Message, "not enough memory") {
				t.Errorf("%.200q in %.200q: got %v (%s)", pattern, text, e, e.Kind)
			}
			load(t, vm, `assert(re.match("abc", "b.") == "bc")`)
			return
		}
		compareReplacements(t, vm, s, pattern, text)
	})
}

func compareReplacements(t *testing.T, vm *VM, s *Script, pattern, text string) {
	t.Helper()
	re, err := regexp.Compile(pattern)
	switch compiles := call(t, vm, s, "compiles") == true; {
	case compiles && err != nil:
		t.Errorf("%.200q: got no error, want %v", pattern, err)
		return
	case !compiles:
		return
	}
	if diff := gocmp.Diff(re.ReplaceAllString(text, "<$0>"), call(t, vm, s, "replacements")); diff != "" {
		t.Errorf("%.200q in %.200q, replaced (-regexp +here):\n%s", pattern, text, diff)
	}
	want := strings.Join(re.Split(text, -1), "|")
	if diff := gocmp.Diff(want, call(t, vm, s, "cut")); diff != "" {
		t.Errorf("%.200q in %.200q, cut (-regexp +here):\n%s", pattern, text, diff)
	}
}

// TestExpressionsEndWithinTheLimits: what a regular expression does in one call of the library is stopped at any limit.
func TestExpressionsEndWithinTheLimits(t *testing.T) {
	long := `local text = ("a"):rep(1e6) `
	slow := map[string]string{
		"match":          `re.match(text, "(?:a?){30}a{30}b")`,
		"find":           `re.find(text, "(.*)b")`,
		"gmatch":         `for _ in re.gmatch(text, "a*?b|a") do end`,
		"replace":        `re.replace(text, "a*?b|a", "")`,
		"replace empty":  `re.replace(text, "", "x")`,
		"function":       `re.replace(text, "a", function() return "" end)`,
		"split":          `re.split(text, "a*?b|a")`,
		"large pattern":  `re.match(text, ("a{0,900}"):rep(5) .. "b")`,
		"new patterns":   `for i = 1, 1e9 do re.match("", "(?i)[B-\240\158\165\130]" .. i) end`,
		"bad patterns":   `while true do pcall(re.match, "", [[\pL(]]) end`,
		"many captures":  `while true do re.match("", ("()"):rep(150)) end`,
		"template":       `re.replace("aaa", "a", ("$0"):rep(1e5))`,
		"many templates": `while true do pcall(re.replace, "b", "a", ("$0"):rep(1e5)) end`,
		"quote":          `while true do re.quote(("."):rep(16384)) end`,
	}
	for name, body := range slow {
		vm := newVM(t, Options{})
		for _, kind := range []Kind{KindInstructions, KindTimeout} {
			lim := Limits{Timeout: time.Hour, Instructions: 300_000, Memory: 1 << 30}
			if kind == KindTimeout {
				lim = Limits{Timeout: time.Nanosecond, Instructions: math.MaxInt64 / 2, Memory: 1 << 30}
			}
			if e := loadFails(t, vm, lim, long+body); e.Kind != kind {
				t.Errorf("%s: got %s (%s), want %s", name, e.Kind, e.Message, kind)
			}
			load(t, vm, `assert(re.match("abc", "(b).") == "b")`)
		}
	}
}

// TestExpressionsCannotTakeTooMuchMemory: what they make is asked for, or counts as what the script holds.
func TestExpressionsCannotTakeTooMuchMemory(t *testing.T) {
	long.Only(t)
	lim := Limits{Timeout: time.Hour, Instructions: 1 << 50, Memory: 16 << 20}
	for name, body := range map[string]string{
		"replace":     `return re.replace(("a"):rep(1e5), "a", ("b"):rep(1000))`,
		"template":    `return re.replace(("a"):rep(1e5), "a*", ("$0"):rep(1000))`,
		"function":    `local b = ("b"):rep(1000) return re.replace(("a"):rep(1e5), "a", function() return b end)`,
		"split":       `local t = {} for i = 1, 1e6 do t[i] = re.split(("a"):rep(1e5), "") end`,
		"captures":    `local t = {} for i = 1, 1e6 do t[i] = re.match(("a"):rep(1e5) .. i, "(a*)") end`,
		"iterators":   `local t = {} for i = 1, 1e6 do t[i] = re.gmatch("", "a{900}" .. i) end`,
		"their texts": `local t = {} for i = 1, 1e6 do t[i] = re.gmatch(("a"):rep(1e5) .. i, "b") end`,
	} {
		vm := newVM(t, Options{})
		if e := loadFails(t, vm, lim, body); e.Kind != KindMemory && !strings.Contains(e.Message, "not enough memory") {
			t.Errorf("%s: got %s (%s), want memory", name, e.Kind, e.Message)
		}
	}
}

var late = flag.Int("re.late", 0, "how many deadlines to give regular expressions that pass them; 0 leaves it out")

// TestExpressionsEndOnTime measures by how much the slowest expressions pass a deadline that comes at any point of
// their work. Of a few attempts the best counts, since others may be at work on the machine. It is run when asked for.
func TestExpressionsEndOnTime(t *testing.T) {
	if *late == 0 {
		t.Skip("-re.late is not set")
	}
	p := compile(t, "re.lua", expressionScript)
	var worst time.Duration
	for n := range *late {
		e, timeout := expressions[n%len(expressions)], time.Duration(1+n%37)*time.Millisecond
		over := time.Hour
		for range 5 {
			over = min(over, lateness(t, p, e.pattern, strings.Repeat(e.text, 1000), timeout))
		}
		if over > worst {
			worst = over
			t.Logf("%v late: %.60q", over, e.pattern)
		}
	}
	if worst > 50*time.Millisecond {
		t.Errorf("%v late, want 50ms at most", worst)
	}
}

// lateness is by how much a run passes its deadline, 0 where it ends before.
func lateness(t *testing.T, p *Program, pattern, text string, timeout time.Duration) time.Duration {
	vm := newVM(t, Options{})
	lim := Limits{Timeout: timeout, Instructions: math.MaxInt64 / 2, Memory: 1 << 30}
	options := map[string]any{"pattern": pattern, "text": text, "plain": ""}
	start := time.Now()
	_, err := vm.Load(context.Background(), &lim, p, options)
	took := time.Since(start)
	if err != nil && failure(t, err).Kind != KindTimeout {
		t.Fatal(err)
	}
	return max(took-timeout, 0)
}
