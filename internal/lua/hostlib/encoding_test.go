package hostlib

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

func FuzzEncodingsAgreeWithGo(f *testing.F) {
	for _, text := range []string{"", "f", "Zg==", "Zg", "-_-_", "+/+/", "Zm9v\n", "Zh==", "00ff", "0G", "=", "Zg=a", strings.Repeat("00", maxPiece)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := newWorld(t)
		for _, tt := range []struct{ encode, decode string }{{"crypto.hex", "crypto.unhex"}, {"crypto.base64", "crypto.unbase64"}} {
			encoded, _ := w.text(t, tt.encode, text)
			if got, ok := w.text(t, tt.decode, encoded); !ok || got != text {
				t.Errorf("%s of %s: got %q, want %q", tt.decode, tt.encode, got, text)
			}
		}
		want, err := hex.DecodeString(text)
		if got, ok := w.text(t, "crypto.unhex", text); ok != (err == nil) || ok && got != string(want) {
			t.Errorf("unhex(%q): got %q, %v; want %q, %v", text, got, ok, want, err)
		}
		want, err = decodeBase64(text)
		if got, ok := w.text(t, "crypto.unbase64", text); ok != (err == nil) || ok && got != string(want) {
			t.Errorf("unbase64(%q): got %q, %v; want %q, %v", text, got, ok, want, err)
		}
	})
}

// decodeBase64 decodes a text with either alphabet, with padding or without.
func decodeBase64(text string) ([]byte, error) {
	if i := strings.IndexAny(text, "\r\n"); i >= 0 { // which Go reads over
		return nil, base64.CorruptInputError(i)
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	if strings.HasSuffix(text, "=") {
		return base64.StdEncoding.Strict().DecodeString(text)
	}
	return base64.RawStdEncoding.Strict().DecodeString(text)
}
