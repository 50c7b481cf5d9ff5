package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// forms returns a secret without blanks around it in each form in which it is looked for.
func forms(bare string) []string {
	quoted := strconv.Quote(bare)
	hexadecimal := hex.EncodeToString([]byte(bare))
	all := []string{
		bare, plaintext.Line(bare), quoted[1 : len(quoted)-1], inLua.Replace(bare),
		url.QueryEscape(bare), url.PathEscape(bare), strings.TrimPrefix((&url.URL{Path: "/" + bare}).EscapedPath(), "/"),
		hexadecimal, strings.ToUpper(hexadecimal),
	}
	all = append(all, inJSON(bare)...)
	if pointer := inPointer.Replace(bare); pointer != bare {
		all = append(append(all, pointer), inJSON(pointer)...)
	}
	return append(all, inBase64(bare)...)
}

// inPointer escapes a key as a JSON Pointer (RFC 6901) does: the paths of changes are some.
var inPointer = strings.NewReplacer("~", "~0", "/", "~1")

// inLua escapes as %q of Lua's string.format does.
var inLua = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", "\\\n", "\r", `\r`, "\x00", `\000`)

// inJSON returns the secret as it stands within a JSON string: as encoding/json writes it, with and without HTML
// escaped, and made fit for terminals.
func inJSON(secret string) (all []string) {
	for _, html := range []bool{true, false} {
		text := quote(secret, html)
		all = append(all, within(text), within(plaintext.JSON(text)))
	}
	return all
}

// quote returns a text as a JSON string.
func quote(text string, html bool) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	_ = enc.Encode(text) // a string always has a JSON form
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// within returns what stands between the quotes of a JSON string.
func within(text []byte) string { return string(text[1 : len(text)-1]) }

// inBase64 returns the secret as it stands within a longer text in base64 (RFC 4648), in both alphabets. It depends on
// how many bytes come before it, modulo 3. The digits at its ends, in which bits of its neighbours are, are left out.
func inBase64(secret string) (all []string) {
	for before := range 3 {
		first, end := (before*8+5)/6, (before+len(secret))*8/6
		if end-first < MinLength {
			continue
		}
		text := append(make([]byte, before), secret...)
		for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			all = append(all, enc.EncodeToString(text)[first:end])
		}
	}
	return all
}
