package tomlpos_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/tomlpos"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLinesOfEveryKindOfValue(t *testing.T) {
	tests := []struct {
		name string
		doc  string
		want map[tomlpos.Path]int
	}{
		{"empty", "", map[tomlpos.Path]int{}},
		{"comments and blank lines", "# one\n\n  # three\na = 1 # four\n#five", map[tomlpos.Path]int{"a": 4}},
		{"bare and quoted keys", "a-b_1 = 1\n\"c d\" = 2\n'e\"f' = 3\n\"\" = 4\n\"g\\u0041\\x42\\t\" = 5", map[tomlpos.Path]int{
			"a-b_1": 1, `"c d"`: 2, `"e\"f"`: 3, `""`: 4, `"gAB\t"`: 5,
		}},
		{"dotted keys", "a.b . \"c d\" = 1\na.e = 2", map[tomlpos.Path]int{
			"a": 1, "a.b": 1, `a.b."c d"`: 1, "a.e": 2,
		}},
		{"tables", "[a]\nx = 1\n[b.c]\ny = 2\n[b]\nz = 3", map[tomlpos.Path]int{
			"a": 1, "a.x": 2, "b.c": 3, "b.c.y": 4, "b": 5, "b.z": 6,
		}},
		{"lists of tables", "[[s.h]]\nx = 1\n[s.h.o]\ny = 1\n[[s.h]]\n[s.h.o]\nz.w = 1\n[[s.h.l]]\n[[s.h.l]]", map[tomlpos.Path]int{
			"s": 1, "s.h": 1,
			"s.h[0]": 1, "s.h[0].x": 2, "s.h[0].o": 3, "s.h[0].o.y": 4,
			"s.h[1]": 5, "s.h[1].o": 6, "s.h[1].o.z": 7, "s.h[1].o.z.w": 7,
			"s.h[1].l": 8, "s.h[1].l[0]": 8, "s.h[1].l[1]": 9,
		}},
		{"lists over several lines", "a = [ # one\n  1, 2,\n\n  [3,\n   4], # five\n]\nb = 1", map[tomlpos.Path]int{
			"a": 1, "a[0]": 2, "a[1]": 2, "a[2]": 4, "a[2][0]": 4, "a[2][1]": 5, "b": 7,
		}},
		{"inline tables over several lines", "a = { b = 1, # one\n  c.d = [{e = 1},\n {}], }\nf = {}", map[tomlpos.Path]int{
			"a": 1, "a.b": 1, "a.c": 2, "a.c.d": 2, "a.c.d[0]": 2, "a.c.d[0].e": 2, "a.c.d[1]": 3, "f": 4,
		}},
		{"strings that look like structure", "a = \"[x] # \\\" = \"\nb = '[[y]]\\'\nc = [\"]\", '}', '#']", map[tomlpos.Path]int{
			"a": 1, "b": 2, "c": 3, "c[0]": 3, "c[1]": 3, "c[2]": 3,
		}},
		{"strings over several lines", "a = \"\"\"\n[x]\\\"\"\"\n\\\n\"\"\"\"\"\nb = '''\ny = 1\n\\'''''\nc = \"\"\"\"\"\"\nd = ''", map[tomlpos.Path]int{
			"a": 1, "b": 5, "c": 8, "d": 9,
		}},
		{"plain values", "a = true\nb = -1_0.5e+3\nc = 2026-11-23 10:00:00Z # c\nd = inf\ne = [1,-2]", map[tomlpos.Path]int{
			"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "e[0]": 5, "e[1]": 5,
		}},
		{"CRLF", "a = 1\r\n\r\n[b]\r\nc = \"\"\"x\\\r\ny\"\"\"\r\nd = 1", map[tomlpos.Path]int{
			"a": 1, "b": 3, "b.c": 4, "b.d": 6,
		}},
		{"byte order mark", "\xef\xbb\xbfa = 1", map[tomlpos.Path]int{"a": 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := toml.Decode(tt.doc, &map[string]any{}); err != nil {
				t.Fatalf("the document itself is wrong: %v", err)
			}
			got, err := tomlpos.Lines([]byte(tt.doc))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinesEndAtTheFirstMistake(t *testing.T) {
	for _, mistake := range []string{
		"b", "b =", "b = ]", "b = 'x", "b = \"x", "b = \"x\n\"", "b = '''x", "b = [1", "b = {x 1}",
		"b = {x = 1", "b = {x = [1] y}", "b = [{} {}]", "[b", "[[b]", "[]", "[b.]", "= 1", "b. = 1", "\"b\\q\" = 1", "\"b\\u12\" = 1", "\"b\\",
		"\"b\\u12xy\" = 1", "b = 'x' y", "'b", "[b] x",
	} {
		got, err := tomlpos.Lines([]byte("a = 1\n" + mistake + "\nz = 1"))
		if err != nil {
			t.Errorf("%q: %v", mistake, err)
		}
		if got["a"] != 1 || got["z"] != 0 {
			t.Errorf("%q: a on line %d and z on line %d, want a on line 1 only", mistake, got["a"], got["z"])
		}
	}
}

func TestKeyThatIsDefinedTwiceIsFound(t *testing.T) {
	for doc, want := range map[string]string{
		// A key twice, in one way or in two.
		"a = 1\na = 2":            "line 2: a is defined on line 1 already",
		"a.b = 1\na = 2":          "line 2: a is defined on line 1 already",
		"a = 1\na.b = 2":          "line 2: a is defined on line 1 already",
		"[t]\nx.y = 1\nx = 2":     "line 3: t.x is defined on line 2 already",
		"[t]\nx.y = 1\n'x'.y = 2": "line 3: t.x.y is defined on line 2 already",
		"[t]\n[t]":                "line 2: t is defined on line 1 already",
		"a = 1\n[a]":              "line 2: a is defined on line 1 already",
		"a = 1\n[[a]]":            "line 2: a is defined on line 1 already",
		"[a]\n[[a]]":              "line 2: a is defined on line 1 already",
		"[[a]]\n[a]":              "line 2: a is defined on line 1 already",
		"[a.b]\n[[a]]":            "line 2: a is defined on line 1 already",
		"a = []\n[[a]]":           "line 2: a is defined on line 1 already",
		"[x]\na.b = 1\n[x.a]":     "line 3: x.a is defined on line 2 already",
		// What is complete is extended.
		"a = {}\n[a.b]":                  "line 2: a is defined on line 1 already",
		"a = {b = 1}\na.c = 2":           "line 2: a is defined on line 1 already",
		"a = {b = {c = 1},\nb.d = 2}":    "line 2: a.b is defined on line 1 already",
		"a = [{b = {c = 1}, b.d = 2}]":   "line 1: a[0].b is defined on line 1 already",
		"[a.b.c]\nz = 9\n[a]\nb.c.t = 1": "line 4: a.b.c is defined on line 1 already",
		"[[a.b]]\n[a]\nb.y = 2":          "line 3: a.b is defined on line 1 already",
		// What may stand in several places.
		"[a.b]\n[a]\n[a.c]":                                   "",
		"a.b = 1\na.c = 2\n[a.d]":                             "",
		"[a]\nb.c = 1\nb.d.e = 2\n[a.b.f]":                    "",
		"[[a]]\nx = 1\n[a.b]\nx = 1\n[[a]]\nx = 1\n[a.b]":     "",
		"[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]\nc.d = 1":    "",
		"a = [{b = 1}, {b = 1}]\nc = {a.b = 1, a.c = 2}\nb=1": "",
	} {
		lines, err := tomlpos.Lines([]byte(doc))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", doc, got, want)
		}
		if len(lines) == 0 {
			t.Errorf("%q: got no lines", doc)
		}
	}
}

func TestLinesRefuseDeepNesting(t *testing.T) {
	const tooDeep = tomlpos.MaxDepth + 1
	tests := map[string]string{
		"lists":         "a = " + strings.Repeat("[", tooDeep),
		"inline tables": strings.Repeat("a={", tooDeep),
		"dotted keys":   strings.Repeat("a.", tooDeep) + "a = 1",
		"a table":       "[" + strings.Repeat("a.", tooDeep) + "a]",
		"both":          "[" + strings.Repeat("a.", tooDeep/2) + "a]\n" + strings.Repeat("a.", tooDeep/2) + "a = 1",
		"lists of tables": strings.Repeat("a.", tooDeep/2) + "b = 1\n[[" +
			strings.Repeat("c.", tooDeep-1) + "c]]",
	}
	for name, doc := range tests {
		_, err := tomlpos.Lines([]byte("\n" + doc))
		var deep *tomlpos.DepthError
		if !errors.As(err, &deep) {
			t.Errorf("%s: got %v, want a *DepthError", name, err)
			continue
		}
		if want := 2 + strings.Count(doc, "\n"); deep.Line != want {
			t.Errorf("%s: refused on line %d, want %d", name, deep.Line, want)
		}
	}
	at := "a = " + strings.Repeat("[", tomlpos.MaxDepth-1) + strings.Repeat("]", tomlpos.MaxDepth-1)
	if _, err := tomlpos.Lines([]byte(at)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
}

func TestHoldersLeadFromTheDocumentToTheValue(t *testing.T) {
	for path, want := range map[tomlpos.Path][]tomlpos.Path{
		"":               {""},
		"a":              {"", "a"},
		"a.b[10].c":      {"", "a", "a.b", "a.b[10]", "a.b[10].c"},
		`a."b.c"[0]`:     {"", "a", `a."b`, `a."b.c"`, `a."b.c"[0]`}, // one too many, which is no path
		"services.a-b_1": {"", "services", "services.a-b_1"},
	} {
		if diff := cmp.Diff(want, slices.Collect(path.Holders())); diff != "" {
			t.Errorf("%s: -want +got:\n%s", path, diff)
		}
	}
}

func FuzzLinesAgreeWithTheDecoder(f *testing.F) {
	f.Add("a = 1\n[b.c]\nd = [1, {e.f = '''x\n'''}]\n[[g]]\n[[g.h]]\ni = \"\\u0041\"\n[[g]]\n\"j k\".l = {}")
	f.Add("a = \"\"\"\\\n\"\"\"\"\" # x\n[[b]]\n[b.c]\n[[b]]\nc.d = 2026-11-23 10:00:00\r\n")
	f.Add("[[a.b]]\n[a]\nb.c = 1\nd = [[{}], [[1]]]")
	f.Add("[a]\nb.c = 1\n[a.b.d]\ne = {f.g = 1}\ne.h = 2")
	f.Fuzz(func(t *testing.T, doc string) {
		lines, err := tomlpos.Lines([]byte(doc))
		last := strings.Count(doc, "\n") + 1
		for path, line := range lines {
			if line < 1 || line > last {
				t.Errorf("%s is on line %d of %d", path, line, last)
			}
		}
		if err != nil {
			return // too deep to be decoded safely, or what the decoder does not see
		}
		var decoded map[string]any
		meta, ok := decode(doc, &decoded)
		if !ok {
			return
		}
		want := map[tomlpos.Path]bool{}
		collect(want, "", decoded)
		got := map[tomlpos.Path]bool{}
		for path := range lines {
			got[path] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("paths (-decoded +scanned):\n%s", diff)
		}
		for _, key := range meta.Keys() {
			if !mentions(got, key) {
				t.Errorf("key %s has no line", key)
			}
		}
	})
}

// decode reports false where the library refuses the document.
func decode(doc string, into *map[string]any) (meta toml.MetaData, ok bool) {
	meta, err := toml.Decode(doc, into)
	return meta, err == nil
}

// collect adds the path of everything within v, which lies at p.
func collect(paths map[tomlpos.Path]bool, p tomlpos.Path, v any) {
	if p != "" {
		paths[p] = true
	}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			collect(paths, p.Key(name), value)
		}
	case []any:
		for i, value := range v {
			collect(paths, p.Index(i), value)
		}
	case []map[string]any:
		for i, value := range v {
			collect(paths, p.Index(i), value)
		}
	}
}

// mentions reports whether a path without its indexes is key.
func mentions(paths map[tomlpos.Path]bool, key toml.Key) bool {
	want := tomlpos.Path("")
	for _, name := range key {
		want = want.Key(name)
	}
	if paths[want] {
		return true
	}
	for path := range paths {
		if withoutIndexes(path) == want {
			return true
		}
	}
	return false
}

// withoutIndexes drops [n] outside quotes.
func withoutIndexes(p tomlpos.Path) tomlpos.Path {
	var b strings.Builder
	quoted, skipping := false, false
	for i := 0; i < len(p); i++ {
		c := p[i]
		switch {
		case quoted && c == '\\':
			b.WriteByte(c)
			i++
			c = p[i]
		case c == '"':
			quoted = !quoted
		case !quoted && c == '[':
			skipping = true
		}
		if !skipping {
			b.WriteByte(c)
		}
		if !quoted && c == ']' {
			skipping = false
		}
	}
	return tomlpos.Path(b.String())
}

func ExampleLines() {
	lines, err := tomlpos.Lines([]byte(`
[services.nfs1]
[[services.nfs1.hooks]]
script = "quota_guard.lua"
options = { max_gib = 500 }
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	hook := tomlpos.Path("services").Key("nfs1").Key("hooks").Index(0)
	fmt.Println(hook, lines[hook])
	fmt.Println(hook.Key("options").Key("max_gib"), lines[hook.Key("options").Key("max_gib")])
	// Output:
	// services.nfs1.hooks[0] 3
	// services.nfs1.hooks[0].options.max_gib 5
}
