package standardwebhooks_test

import (
	"encoding/base64"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	reference "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"github.com/hookrun/hookrun/internal/standardwebhooks"
)

func TestKeysOfASecret(t *testing.T) {
	tests := []struct {
		secret string
		want   []string
		err    string
	}{
		{"", nil, ""},
		{"whsec_AAAA", []string{"\x00\x00\x00"}, ""},
		{" whsec_AAAA\n\twhsec_AQ== ", []string{"\x00\x00\x00", "\x01"}, ""},
		{"AAAA", []string{"AAAA"}, ""},
		{"a whole phrase ", []string{"a whole phrase "}, ""},
		{"AAAAwhsec_", []string{"AAAAwhsec_"}, ""},
		{" \n", nil, "want a text, got only spaces"},
		{"whsec_", nil, "want base64 after whsec_, got something else in key 1"},
		{"whsec_AAAA whsec_AA-_", nil, "want base64 after whsec_, got something else in key 2"},
		{"whsec_AAAA hunter2", nil, "want all of several keys to begin with whsec_, got 1 of 2"},
	}
	for _, test := range tests {
		keys, err := standardwebhooks.Keys(test.secret)
		var got []string
		for _, key := range keys {
			got = append(got, string(key))
		}
		message := ""
		if err != nil {
			message = err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" || message != test.err {
			t.Errorf("Keys(%q): error %q, want %q; keys (-want +got):\n%s", test.secret, message, test.err, diff)
		}
	}
}

func TestSignaturesAreThoseOfTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "key")
		id := rapid.StringMatching(`[A-Za-z0-9_-]{1,80}`).Draw(t, "id")
		at := time.Unix(rapid.Int64Range(0, 1<<40).Draw(t, "time"), 999)
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		w, err := reference.NewWebhook("whsec_" + base64.StdEncoding.EncodeToString(key))
		if err != nil {
			t.Fatal(err)
		}
		want, err := w.Sign(id, at, body)
		if err != nil {
			t.Fatal(err)
		}
		if got := standardwebhooks.Signature([][]byte{key}, id, at, body); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}
