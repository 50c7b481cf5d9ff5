package sink

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/standardwebhooks"
)

const (
	defaultTimeout     = 15 * time.Second
	defaultConcurrency = 4
	idleTime           = 90 * time.Second // how long a connection stays open for the next event
	maxHeader          = 64 << 10         // bytes of an answer's headers, those of informational answers included

	// A connection of HTTP/2 that was lost without a word is noticed while nothing comes, or all attempts would go there
	// until TCP gives up. See pings. An idle one is asked as well, so not too often.
	minPing, maxPing = 2 * time.Second, 10 * time.Second
	minPong, maxPong = time.Second, 4 * time.Second
)

// webhook sends each event in a request of its own, as Standard Webhooks 1.0.0 and the structured mode of CloudEvents
// have it. The address is the operator's: it may be a private one, and the proxies of the environment (HTTPS_PROXY,
// HTTP_PROXY, NO_PROXY) are used, unlike for requests of scripts.
type webhook struct {
	url     string
	keys    [][]byte
	timeout time.Duration
	client  *http.Client
	errors  redacted
}

func newWebhook(c config.Sink) (*webhook, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("url: want an address that begins with http:// or https:// and a host") // it may hold a secret
	}
	keys, err := standardwebhooks.Keys(c.Secret)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	timeout := cmp.Or(c.Timeout, defaultTimeout)
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// A connection is not given up with the request for which it is made.
		DialContext:            (&net.Dialer{Timeout: timeout}).DialContext,
		TLSHandshakeTimeout:    timeout,
		ForceAttemptHTTP2:      true,
		HTTP2:                  pings(timeout),
		DisableCompression:     true,
		MaxIdleConnsPerHost:    cmp.Or(c.Concurrency, defaultConcurrency),
		IdleConnTimeout:        idleTime,
		MaxResponseHeaderBytes: maxHeader,
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // redirects are not followed
	return &webhook{
		url: c.URL, keys: keys, timeout: timeout,
		client: &http.Client{Transport: transport, CheckRedirect: stay},
		errors: newRedacted(u, c.Secret),
	}, nil
}

// pings has a lost connection closed before the second attempt, which makes a new one: within an attempt's timeout, or
// where that is short, within the pause of about five seconds that comes after the first.
func pings(timeout time.Duration) *http.HTTP2Config {
	return &http.HTTP2Config{
		SendPingTimeout: min(max(timeout/2, minPing), maxPing),
		PingTimeout:     min(max(timeout/4, minPong), maxPong),
	}
}

// Close closes the idle connections.
func (w *webhook) Close() error {
	w.client.CloseIdleConnections()
	return nil
}

// Deliver implements [effect.Sink]. Each event has the sink's timeout, within that of the context.
func (w *webhook) Deliver(ctx context.Context, events []effect.Event) error {
	for i, e := range events {
		if err := w.send(ctx, e); err != nil {
			err.Taken = i
			return err
		}
	}
	return nil
}

func (w *webhook) send(ctx context.Context, e effect.Event) *effect.DeliveryError {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	req, err := w.request(ctx, e)
	if err != nil {
		return &effect.DeliveryError{Err: w.errors.of(err)}
	}
	answer, err := w.client.Do(req)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return &effect.DeliveryError{Err: fmt.Errorf("%s: no answer: %w", w.errors.where, ctx.Err())}
	default:
		return &effect.DeliveryError{Err: w.errors.of(err)}
	}
	defer answer.Body.Close()
	text := beginning(answer, cancel)
	if answer.StatusCode/100 == 2 {
		return nil
	}
	return &effect.DeliveryError{
		RetryAfter: retryAfter(answer.Header, time.Now()),
		Pause:      answer.StatusCode == http.StatusGone,
		Err:        w.errors.of(refusal(answer, text)),
	}
}

// request returns the signed request for an event.
func (w *webhook) request(ctx context.Context, e effect.Event) (*http.Request, error) {
	body, err := e.MarshalJSON()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	id, now := webhookID(e), time.Now()
	req.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	req.Header.Set("User-Agent", "hookrun")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", standardwebhooks.Timestamp(now))
	if len(w.keys) > 0 {
		req.Header.Set("Webhook-Signature", standardwebhooks.Signature(w.keys, id, now, body))
	}
	// A field without values is not sent. It tells net/http that it may send the request again where a receiver has
	// closed an idle connection.
	req.Header["Idempotency-Key"] = nil
	return req, nil
}

const maxPlainID = 64

// webhookID returns the header webhook-id, by which receivers notice what they have already. An event's id is unique
// together with its source only: so the header has the id with a hash of the source. An id that scripts have chosen
// with other characters than these, which could be mistaken for more of what is signed, or that is long, is hashed
// itself.
func webhookID(e effect.Event) string {
	if plainID(e.ID) {
		return e.ID + "_" + hash(e.Source)[:16]
	}
	return hash(e.Source + "\x00" + e.ID)
}

func plainID(id string) bool {
	for _, c := range []byte(id) {
		if c != '-' && c != '_' && !('0' <= c && c <= '9') && !('A' <= c && c <= 'Z') && !('a' <= c && c <= 'z') {
			return false
		}
	}
	return 0 < len(id) && len(id) <= maxPlainID
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
