package mask_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTextShowsNoSecret(t *testing.T) {
	for name, tt := range map[string]struct {
		secrets    []string
		text, want string
	}{
		"none":                       {nil, "token tok-1", "token tok-1"},
		"not in it":                  {[]string{"tok-1234"}, "token tok-1235", "token tok-1235"},
		"as it is":                   {[]string{"tok-1234"}, "a tok-1234 b", "a *** b"},
		"all of it":                  {[]string{"tok-1234"}, "tok-1234", "***"},
		"twice":                      {[]string{"tok-1234"}, "tok-1234, tok-1234", "***, ***"},
		"side by side":               {[]string{"tok-1234"}, "tok-1234tok-1234", "***"},
		"a prefix of another":        {[]string{"tok-", "tok-1234"}, "tok-1234 tok-12", "*** ***12"},
		"a part of another":          {[]string{"k-12", "tok-1234"}, "tok-1234", "***"},
		"two that overlap":           {[]string{"abcdef", "defghi"}, "_abcdefghi_", "_***_"},
		"one that overlaps itself":   {[]string{"abaaba"}, "xabaabaabaaba!", "x***!"},
		"of one letter":              {[]string{"aaaa"}, "aaaaaa baaa", "*** baaa"},
		"regular expression":         {[]string{`.*(a)+$^`}, `x.*(a)+$^ aaaa`, `x*** aaaa`},
		"too short":                  {[]string{"", "a", "abc"}, "aabc", "aabc"},
		"of the least length":        {[]string{"abcd"}, "abcd", "***"},
		"letters beyond ASCII":       {[]string{"größe"}, "die größe", "die ***"},
		"white space around":         {[]string{"tok-1234\n"}, "tok-1234.", "***."},
		"cut":                        {[]string{"tok-1234"}, "the tok-12...", "the ***..."},
		"cut with its length":        {[]string{"tok-1234"}, "the tok-12... (99 bytes in all)", "the ***... (99 bytes in all)"},
		"cut within quotes":          {[]string{"tok-1234"}, `"tok-12..." does not fit`, `"***..." does not fit`},
		"cut before a quote":         {[]string{"tok-1234"}, `string "tok-12"...`, `string "***"...`},
		"cut to very little":         {[]string{"tok-1234"}, "the tok...", "the tok..."},
		"beginning that is not cut":  {[]string{"tok-1234"}, "the tok-12", "the tok-12"},
		"cut after a near beginning": {[]string{"tok-tok-1"}, "tok-tok-tok...", "tok-***..."},
		"cut in its middle":          {[]string{"tok-1234"}, "the ...-1234 b", "the ...*** b"},
		"cut at both ends":           {[]string{"tok-1234", "a-b-1234567"}, "tok-...-123...b-12", "***...***...b-12"},
		"cut at a quote":             {[]string{"tok-1234"}, `"...-123"... b`, `"...***"... b`},
		"cut before quotes":          {[]string{"tok-1234"}, `string ..."-1234"`, `string ..."***"`},
		"cut to a very little end":   {[]string{"tok-1234"}, "the ...234 b", "the ...234 b"},
		"end that is not cut":        {[]string{"tok-1234"}, "the -1234, 2 ... -1234", "the -1234, 2 ... -1234"},
		"end of a near end":          {[]string{"1-tok-tok"}, "...tok-tok-tok", "...***-tok"},
		"end that repeats":           {[]string{"1-tok-tok"}, "...tok-tok tok-tok", "...*** tok-tok"},
		"cut beside its dots":        {[]string{"tok.1234.x"}, "tok-tok.12....1234.x", "tok-***...***"},
		"cut between two of them":    {[]string{"tok-1234", "5678-tok"}, "...45678...", "...4***..."},
		"no part of either":          {[]string{"tok-1234", "5678-tok"}, "...2345678...", "...234***..."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := mask.New(tt.secrets).Text(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// wantNothingLong checks that of a secret, as it stood in a text, no part is left that would be masked by itself.
func wantNothingLong(t *testing.T, m *mask.Masker, secret, text string) {
	t.Helper()
	got := m.Text(text)
	for from := range len(secret) - mask.MinLength + 1 {
		if part := secret[from : from+mask.MinLength]; strings.Contains(got, part) {
			t.Errorf("%q is left of %q: %q became %q", part, secret, text, got)
			return
		}
	}
}

func TestWhereverATextIsCutNothingLongIsLeftOfItsSecret(t *testing.T) {
	m := mask.New(odd)
	for _, secret := range odd {
		if secret == "****" || len(secret) > 100 { // what is shown looks like it, or it takes too long
			continue
		}
		for _, write := range written {
			written := strings.Trim(write(secret), `"`)
			text := "[ " + write(secret) + " ]"
			for most := range len(text) {
				for _, cut := range []string{plaintext.Clip(text, most), plaintext.ClipMiddle(text, most), plaintext.Cut(text, most)} {
					wantNothingLong(t, m, written, cut)
				}
			}
		}
	}
}

func TestOfASecretThatIsCutAgainAndAgainNothingLongIsLeft(t *testing.T) {
	const secret = "SECRET-0123456789-abcdefghij-ABCDEFGHIJ-end"
	m := mask.New([]string{secret})
	for short := range len(secret) + 2 {
		path := "options" + strings.Repeat("."+plaintext.Clip(secret, short), 4) + ": want"
		for most := range len(path) {
			wantNothingLong(t, m, secret, plaintext.ClipMiddle(path, most))
		}
		if text := plaintext.ClipMiddle(secret, short); short > 10 {
			for most := range len(text) {
				wantNothingLong(t, m, secret, plaintext.Clip(text, most))
			}
		}
	}
}

// odd are secrets of many shapes.
var odd = []string{
	"plain-secret-1", `"quoted" and 'quoted'`, "two\nlines", "tab\tand\rreturn", `back\slash\\es`, "per%cent%20s%d", "größe名前", "<html>&amp;",
	".*[regexp](x)+$", "dG9rZW4tMTIzNDU2Nzg=", "+/+/+/==", "bidi\u202eevil", "bell\a\x00\x1b[31m", "line\u2028sep", "👩‍🚀 flies",
	"${env:X}", "****", "a b c d", "user:pass@host/path?q=1&r=2", strings.Repeat("long", 300), "\xff\xfe\xfd\xfc",
}

// written says how a secret may stand in a text.
var written = map[string]func(string) string{
	"as it is":              func(s string) string { return s },
	"Go":                    func(s string) string { return fmt.Sprintf("%q", s) },
	"Lua":                   func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "\n", "\\\n") },
	"terminal line":         plaintext.Line,
	"URL query":             url.QueryEscape,
	"part of a URL path":    url.PathEscape,
	"URL path":              func(s string) string { return (&url.URL{Path: "/" + s}).EscapedPath()[1:] },
	"JSON":                  func(s string) string { return string(must(json.Marshal(s))) },
	"JSON of a script":      func(s string) string { return string(withoutHTML(s)) },
	"JSON for a terminal":   func(s string) string { return string(plaintext.JSON(withoutHTML(s))) },
	"hex":                   func(s string) string { return hex.EncodeToString([]byte(s)) },
	"HEX":                   func(s string) string { return fmt.Sprintf("%X", s) },
	"key in a JSON Pointer": func(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) },
}

func TestEveryFormOfASecretIsMasked(t *testing.T) {
	m := mask.New(odd)
	for _, secret := range odd {
		for name, write := range written {
			text := write(secret)
			if got, want := m.Text("<"+text+">"), "<"+strings.Replace(text, strings.Trim(text, `"`), "***", 1)+">"; !strings.Contains(got, "***") || len(got) > len(want) {
				t.Errorf("%s of %q: got %q, want %q", name, secret, got, want)
			}
		}
	}
}

func TestBase64IsMaskedWhereverTheSecretStandsInIt(t *testing.T) {
	for _, secret := range odd {
		m := mask.New([]string{secret})
		for before := range 7 {
			for after := range 4 {
				for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
					plain := strings.Repeat("u", before) + secret + strings.Repeat("v", after)
					text := enc.EncodeToString([]byte(plain))
					// Besides the mask, only digits of the neighbours are left, and two with bits of the secret's ends.
					if got := m.Text(text); !strings.Contains(got, "***") || len(got) > len("***")+(before*4+2)/3+1+(after*4+2)/3+1+2 {
						t.Errorf("%q after %d and before %d bytes: %s became %s", secret, before, after, text, got)
					}
				}
			}
		}
	}
}

func TestNoMaskerCostsNothing(t *testing.T) {
	m := mask.New([]string{"abc"})
	if m != nil {
		t.Fatal("got a masker without a secret that is long enough, want none")
	}
	data := map[string]any{"a": 1}
	var v any = data
	if n := testing.AllocsPerRun(100, func() { v = m.Value(v); _ = m.Text("abc"); _ = m.JSON(nil) }); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func TestAHostileTextTakesLinearTime(t *testing.T) {
	long.Only(t)
	// Were each place compared with the whole secret, this would take minutes.
	m := mask.New([]string{strings.Repeat("a", 4000)})
	text := strings.Repeat(strings.Repeat("a", 4000-1)+"b", 250)
	if got := m.Text(text); got != text {
		t.Errorf("got a text of %d bytes, want it as it was", len(got))
	}
	if got := m.Text(strings.Repeat("a", 1<<20)); got != "***" {
		t.Errorf("got a text of %d bytes, want it masked", len(got))
	}
	for piece, want := range map[string]string{"...aaaa": "...***", "...aab": "...aab", `...aa"`: `...aa"`} {
		if got, want := m.Text(strings.Repeat(piece, 1<<17)), strings.Repeat(want, 1<<17); got != want {
			t.Errorf("%s: got a text of %d bytes, want %d", piece, len(got), len(want))
		}
	}
}

func TestManySecretsTakeNoLongerThanOne(t *testing.T) {
	long.Only(t)
	// Were each secret looked for by itself, this would take minutes: a large part of each stands at every place.
	const each, beginning, length = 20_000, "the-same-beginning-", len("the-same-beginning-000000--")
	var secrets, others []string
	for i := range each {
		secrets = append(secrets, fmt.Sprintf("%s%06d--", beginning, i))
		others = append(others, fmt.Sprintf("%s%06d--", beginning, i+each))
	}
	m := mask.New(secrets)
	for name, tt := range map[string]struct {
		between  string
		from, to int
	}{
		"whole": {" ", 0, length}, "beginnings": {"... ", 0, length - 1}, "ends": {" ...", 1, length}, "parts": {"...", 1, length - 1},
	} {
		text := func(of []string) string {
			var b strings.Builder
			for _, s := range of {
				b.WriteString(tt.between + s[tt.from:tt.to])
			}
			return b.String() + tt.between
		}
		if got, want := m.Text(text(others)), text(others); got != want {
			t.Errorf("%s: got a text that is masked, want it as it was: nothing of the secrets stands in it", name)
		}
		if got, want := m.Text(text(secrets)), strings.Repeat(tt.between+"***", each)+tt.between; got != want {
			t.Errorf("%s: got a text of %d bytes, want %d masks", name, len(got), each)
		}
	}
}

func TestALongSecretHidesTheRestOfTheText(t *testing.T) {
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "%08d", i)
	}
	long := b.String()
	for text, want := range map[string]string{
		"a " + long + " b":                 "a ***",
		"a " + long[:5000] + " b":          "a ***",
		"a " + long[:4000] + " b":          "a " + long[:4000] + " b",
		"a " + long[:4000] + "...":         "a ***...",
		"tok-1234 " + long:                 "*** ***",
		"a..." + long[11000:] + " b":       "*** b",
		"a..." + long[12000:] + " b":       "a...*** b",
		"a..." + long[1000:15000] + "...b": "a...***...b",
	} {
		if got := mask.New([]string{long, "tok-1234"}).Text(text); got != want {
			t.Errorf("got %.20q..., want %.20q...", got, want)
		}
	}
}

func TestJSONIsMaskedInItsStrings(t *testing.T) {
	m := mask.New([]string{"1234", `a"b\c`, "null", `","`})
	for text, want := range map[string]string{
		`{"k1234":"x1234","n":12345,"z":null}`: `{"k***":"x***","n":12345,"z":null}`,
		`["a\"b\\c","<a\u0022b\\c>"]`:          `["***","<***>"]`,
		` [ "a" , "b" ] `:                      ` [ "a" , "b" ] `,
		`["a","b"]`:                            `["a","b"]`,
		`1234`:                                 `1234`,
		`"open 1234`:                           `"open ***`,
		`"\`:                                   `"\`,
		"":                                     "",
	} {
		if got := string(m.JSON([]byte(text))); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func FuzzNoSecretIsLeft(f *testing.F) {
	f.Add("tok-1234", "tok-", "a tok-1234 tok-tok-1234 b")
	f.Add("aaaa", "aaaaaa", "aaaaaaaaa...")
	f.Add("tok-1234", "tok ", "a tok too short to be one")
	isSecret := func(s string) bool { return len(strings.TrimSpace(s)) >= mask.MinLength }
	f.Fuzz(func(t *testing.T, a, b, text string) {
		m := mask.New([]string{a, b})
		got := m.Text(text)
		for _, secret := range []string{a, b} {
			if isSecret(secret) && strings.Contains(text, secret) && !strings.Contains(got, "***") {
				t.Errorf("%q became %q, with %q in it", text, got, secret)
			}
		}
		for _, part := range strings.Split(got, "***") {
			for _, secret := range []string{a, b} {
				if isSecret(secret) && strings.Contains(part, secret) {
					t.Errorf("%q became %q, with %q left in it", text, got, secret)
				}
			}
		}
		if quoted := must(json.Marshal(text)); !json.Valid(m.JSON(quoted)) {
			t.Errorf("the JSON %s became %s", quoted, m.JSON(quoted))
		}
	})
}

func withoutHTML(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
