package sink

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/internal/standardwebhooks"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// documented returns the block of docs/sinks.md that begins behind a fence.
func documented(t *testing.T, fence string) string {
	t.Helper()
	page := read(t, "../../docs/sinks.md")
	_, rest, found := strings.Cut(page, "\n```"+fence+"\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !closed {
		t.Fatalf("found no block %q", fence)
	}
	return block + "\n"
}

func TestTheDocsShowWhatIsSent(t *testing.T) {
	header, body, _ := strings.Cut(documented(t, "text"), "\n\n")
	e := event("0197f3c0-1234-7abc-8def-0123456789ab", "share-1")
	e.Data = json.RawMessage(`{"size_gib":10}`)
	want, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.ReplaceAll(body, "\n", ""); got != string(want) {
		t.Errorf("got body %s, want %s", got, want)
	}
	keys, err := standardwebhooks.Keys(secret)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 29, 10, 11, 12, 0, time.UTC)
	for _, line := range []string{
		"Webhook-Id: " + webhookID(e),
		"Webhook-Timestamp: " + standardwebhooks.Timestamp(at),
		"Webhook-Signature: " + standardwebhooks.Signature(keys, webhookID(e), at, want),
	} {
		if !strings.Contains(header+"\n", line+"\n") {
			t.Errorf("got headers\n%s\nwithout %s", header, line)
		}
	}
}

func TestThePythonOfTheDocsVerifies(t *testing.T) {
	long.Only(t)
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	program := documented(t, "python file=verify.py") + `
import json, sys
r = json.load(sys.stdin)
h, body, now = r["headers"], r["body"].encode(), int(r["headers"]["webhook-timestamp"])
print(genuine(r["secret"], h, body, now), genuine(r["secret"], h, body, now + 301), genuine(r["secret"], h, body + b" ", now))
`
	r := sent(t, older+" "+secret, event("id-1", "größe"))
	headers := map[string]string{}
	for name := range r.header {
		headers[strings.ToLower(name)] = r.header.Get(name)
	}
	input, err := json.Marshal(map[string]any{"secret": secret, "headers": headers, "body": string(r.body)})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", program)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(input)), os.Stderr
	if out, err := cmd.Output(); err != nil || string(out) != "True False False\n" {
		t.Errorf("got %q, %v, want True only for the request as it came", out, err)
	}
}
