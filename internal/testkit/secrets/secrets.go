// Package secrets has secrets of many shapes for tests to plant, and finds them in what must not show them.
package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// Planted are the secrets.
var Planted = []string{
	"sk_live_plain4711", "sk_live", "dG9rZW4tMTIzNDU2Nzg=", "+/a+/b+/c==", `"quoted" 'secret'`, "two\nlines here", "tab\there\r", `back\slash\\n`,
	"per%cent%20s%d%%", "größe-名前", "<html>&amp;", `.*[a-z](x)+$^|{2}`, "${env:HOOK}", "a b  c d", "user:pa$$@host/p?q=1&r=2", "bidi\u202eevil",
	"bell\a\x1b[31mred", "line\u2028sep", "👩‍🚀-flies", "https://ops.example.org/hook?key=Zx81", "****!", "aaaaaaaa", "---BEGIN KEY---\nAAAA\nBBBB\n---END---\n",
}

// WantNone fails a test for each secret that a text shows, in any of the usual forms.
func WantNone(t testing.TB, text string) {
	t.Helper()
	for _, secret := range Planted {
		quoted, err := json.Marshal(secret)
		if err != nil {
			t.Fatal(err)
		}
		for name, form := range map[string]string{
			"itself":         secret,
			"as JSON":        strings.Trim(string(quoted), `"`),
			"quoted by Go":   strings.Trim(fmt.Sprintf("%q", secret), `"`),
			"quoted by Lua":  strings.Trim(luaQuoted(secret), `"`),
			"in a URL":       url.QueryEscape(secret),
			"in a path":      strings.TrimPrefix((&url.URL{Path: "/" + secret}).EscapedPath(), "/"),
			"in base64":      strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "="),
			"in hexadecimal": hex.EncodeToString([]byte(secret)),
		} {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("the secret %q is shown %s: %q", secret, name, text[max(0, at-60):min(len(text), at+len(form)+20)])
			}
		}
	}
}

// luaQuoted is what %q of string.format makes of a text.
func luaQuoted(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", "\\\n", "\r", `\r`, "\x00", `\000`).Replace(s) + `"`
}
