package mask

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/internal/testkit/long"
)

// marked returns a text with a star for each byte that is in a span.
func marked(text string, found []span) string {
	b := []byte(text)
	for _, s := range found {
		copy(b[s.from:s.to], strings.Repeat("*", s.to-s.from))
	}
	return string(b)
}

// isLeft reports whether a part of a text is what was left of a secret where the text was cut before it or after it.
func isLeft(text string, part span, secret string) bool {
	in, before, after := text[part.from:part.to], text[:part.from], text[part.to:]
	switch {
	case in == secret:
		return true
	case len(in) < MinLength:
		return false
	case strings.HasPrefix(secret, in) && strings.HasPrefix(after, dots),
		strings.HasSuffix(secret, in) && strings.HasSuffix(before, dots):
		return true
	}
	// Between two places where the text was cut, dots at an end of the part may as well stand for what was cut off.
	return strings.Contains(secret, in) && in[0] != '.' && strings.HasSuffix(before, dots) && strings.Index(text[part.from:], dots) == len(in)
}

func TestTheIndexOfPartsIsBoundedHoweverMuchIsHidden(t *testing.T) {
	long.Only(t)
	long := strings.Repeat("0123456789abcdef", 1<<18) // 4 MiB
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf("%04d", i)+long[:8000])
	}
	for name, tt := range map[string]struct {
		secrets []string
		most    int
	}{"one of 4 MiB": {[]string{long}, 1 << 20}, "many": {many, maxParts}} {
		m := New(tt.secrets)
		if n := len(m.parts().index.Bytes()); n > tt.most {
			t.Errorf("%s: got %d bytes that are indexed, want %d at most", name, n, tt.most)
		}
		for _, part := range []string{tt.secrets[0][:20], tt.secrets[0][:3000], tt.secrets[0][len(tt.secrets[0])-3000:]} {
			if got := m.Text("a..." + part + "...b"); !strings.HasPrefix(got, "a...***") {
				t.Errorf("%s: got %.60q of a part of %d bytes between two cuts, want it masked", name, got, len(part))
			}
		}
	}
}

func TestWhatIsLeftWhereATextWasCutIsFoundAsIfEachSecretWasLookedForAlone(t *testing.T) {
	secret := rapid.StringOfN(rapid.RuneFrom([]rune("ab.")), MinLength, 12, -1)
	text := rapid.SliceOf(rapid.OneOf(rapid.Just(dots), rapid.StringOfN(rapid.RuneFrom([]rune("ab.")), 0, 8, -1)))
	rapid.Check(t, func(t *rapid.T) {
		secrets, text := rapid.SliceOfN(secret, 1, 8).Draw(t, "secrets"), strings.Join(text.Draw(t, "text"), "")
		var want []span
		for from := range len(text) {
			for to := from + 1; to <= len(text); to++ {
				for _, secret := range secrets {
					if part := (span{from, to}); isLeft(text, part, secret) {
						want = append(want, part)
					}
				}
			}
		}
		if got, want := marked(text, newMasker(secrets, secrets).find(text)), marked(text, want); got != want {
			t.Errorf("%q in %q: got %q, want %q", secrets, text, got, want)
		}
	})
}
