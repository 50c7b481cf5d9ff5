package mask

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
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
		if got, want := marked(text, newMasker(secrets).find(text)), marked(text, want); got != want {
			t.Errorf("%q in %q: got %q, want %q", secrets, text, got, want)
		}
	})
}
