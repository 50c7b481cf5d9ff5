package sink

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	reference "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/standardwebhooks"
)

const (
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	older  = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

// request is what a receiver got.
type request struct {
	header http.Header
	body   []byte
}

// sent returns the request in which a webhook with a secret sends an event.
func sent(t *testing.T, secret string, e effect.Event) request {
	t.Helper()
	got := make(chan request, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s with body %q, %v, want POST", r.Method, body, err)
		}
		got <- request{r.Header, body}
	}))
	defer receiver.Close()
	s := mustNew(t, config.Sink{Type: "webhook", URL: receiver.URL + "/hooks", Secret: secret}, Options{})
	if err := s.Deliver(t.Context(), []effect.Event{e}); err != nil {
		t.Fatal(err)
	}
	return <-got
}

// verify asks the library of Standard Webhooks.
func verify(t *testing.T, secret string, r request) error {
	t.Helper()
	w, err := reference.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return w.Verify(r.body, r.header)
}

func TestStandardWebhooksVerifiesWhatIsSent(t *testing.T) {
	r := sent(t, secret, event("id-1", "share-1"))
	if err := verify(t, secret, r); err != nil {
		t.Error(err)
	}
	if got := r.header.Get("Content-Type"); got != "application/cloudevents+json; charset=utf-8" {
		t.Errorf("got content type %q", got)
	}
	want, err := event("id-1", "share-1").MarshalJSON()
	if err != nil || !bytes.Equal(r.body, want) {
		t.Errorf("got body %s, want %s", r.body, want)
	}
	if got := r.header.Values("Idempotency-Key"); got != nil {
		t.Errorf("got Idempotency-Key %q, want it for net/http only", got)
	}
}

func TestSecretsThatAreTextsAreKeysAsTheyAre(t *testing.T) {
	const passPhrase = "correct horse battery staple"
	r := sent(t, passPhrase, event("id-1", ""))
	w, err := reference.NewWebhookRaw([]byte(passPhrase))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Verify(r.body, r.header); err != nil {
		t.Error(err)
	}
	if got := strings.Fields(r.header.Get("Webhook-Signature")); len(got) != 1 {
		t.Errorf("got signatures %q, want no word to sign by itself", got)
	}
}

func TestAnOldAndANewSecretBothSign(t *testing.T) {
	r := sent(t, "  "+older+"\n"+secret, event("id-1", ""))
	for _, key := range []string{older, secret} {
		if err := verify(t, key, r); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	if err := verify(t, "whsec_AAAA", r); err == nil {
		t.Error("a third secret verifies")
	}
}

func TestWithoutASecretNothingIsSigned(t *testing.T) {
	r := sent(t, "", event("id-1", ""))
	if got, signed := r.header["Webhook-Signature"]; signed {
		t.Errorf("got signature %q, want none", got)
	}
	if r.header.Get("Webhook-Id") == "" || r.header.Get("Webhook-Timestamp") == "" {
		t.Errorf("got headers %v, want webhook-id and webhook-timestamp", r.header)
	}
}

func TestStandardWebhooksRefusesWhatWasTamperedWith(t *testing.T) {
	genuine, another := sent(t, secret, event("id-1", "share-1")), sent(t, secret, event("id-2", "share-2"))
	if err := verify(t, secret, genuine); err != nil {
		t.Fatal(err)
	}
	set := func(name string, change func(string) string) func(*request) {
		return func(r *request) { r.header.Set(name, change(r.header.Get(name))) }
	}
	to := func(name, value string) func(*request) { return set(name, func(string) string { return value }) }
	sign := func(key []byte, at time.Time) func(*request) {
		return func(r *request) {
			r.header.Set("Webhook-Timestamp", standardwebhooks.Timestamp(at))
			r.header.Set("Webhook-Signature", standardwebhooks.Signature([][]byte{key}, r.header.Get("Webhook-Id"), at, r.body))
		}
	}
	key := must(t)(base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")))
	mac := must(t)(base64.StdEncoding.DecodeString(strings.TrimPrefix(genuine.header.Get("Webhook-Signature"), "v1,")))
	tampering := map[string]func(*request){
		"a bit of the body":            func(r *request) { r.body[len(r.body)/2] ^= 1 },
		"the first byte missing":       func(r *request) { r.body = r.body[1:] },
		"a line feed behind":           func(r *request) { r.body = append(r.body, '\n') },
		"no body":                      func(r *request) { r.body = nil },
		"another body":                 func(r *request) { r.body = another.body },
		"the body written anew":        func(r *request) { r.body = indented(r.body) },
		"another id":                   to("Webhook-Id", another.header.Get("Webhook-Id")),
		"an id in upper case":          set("Webhook-Id", strings.ToUpper),
		"no id":                        func(r *request) { r.header.Del("Webhook-Id") },
		"the time as a part of the id": set("Webhook-Id", func(id string) string { return id + "." + genuine.header.Get("Webhook-Timestamp") }),
		"id and time swapped": func(r *request) {
			r.header["Webhook-Id"], r.header["Webhook-Timestamp"] = r.header["Webhook-Timestamp"], r.header["Webhook-Id"]
		},
		"a minute later":             to("Webhook-Timestamp", standardwebhooks.Timestamp(time.Now().Add(time.Minute))),
		"an hour ago":                to("Webhook-Timestamp", standardwebhooks.Timestamp(time.Now().Add(-time.Hour))),
		"no time":                    func(r *request) { r.header.Del("Webhook-Timestamp") },
		"a time with fractions":      set("Webhook-Timestamp", func(at string) string { return at + ".0" }),
		"signed an hour ago":         sign(key, time.Now().Add(-time.Hour)),
		"signed in an hour":          sign(key, time.Now().Add(time.Hour)),
		"signed with another key":    sign([]byte("another"), time.Now()),
		"signed with the key's text": sign([]byte(secret), time.Now()),
		"signed with no key":         sign(nil, time.Now()),
		"another's signature":        to("Webhook-Signature", another.header.Get("Webhook-Signature")),
		"no signature":               func(r *request) { r.header.Del("Webhook-Signature") },
		"a signature cut short":      set("Webhook-Signature", func(s string) string { return s[:len(s)-4] }),
		"nothing but the version":    to("Webhook-Signature", "v1,"),
		"no version":                 set("Webhook-Signature", func(s string) string { return strings.TrimPrefix(s, "v1,") }),
		"version 2":                  set("Webhook-Signature", func(s string) string { return strings.Replace(s, "v1", "v2", 1) }),
		"the version of public keys": set("Webhook-Signature", func(s string) string { return strings.Replace(s, "v1", "v1a", 1) }),
		"a signature in lower case":  set("Webhook-Signature", strings.ToLower),
		"a signature in hex":         to("Webhook-Signature", "v1,"+hex.EncodeToString(mac)),
		"a bit of the signature": func(r *request) {
			flipped := bytes.Clone(mac)
			flipped[0] ^= 1
			r.header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(flipped))
		},
	}
	for name, tamper := range tampering {
		t.Run(name, func(t *testing.T) {
			r := request{maps.Clone(genuine.header), bytes.Clone(genuine.body)}
			tamper(&r)
			if err := verify(t, secret, r); err == nil {
				t.Errorf("%v %s verifies", r.header, r.body)
			}
		})
	}
}

func indented(body []byte) []byte {
	var b bytes.Buffer
	_ = json.Indent(&b, body, "", " ")
	return b.Bytes()
}

// must returns a function that ends the test on an error.
func must(t *testing.T) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}
