package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/allow"
)

// exchange is a request with its redirects, up to the answer.
type exchange struct {
	r         effect.Request
	list      allow.List
	transport *http.Transport
	at        allow.Target // of the hop that is under way
	phase     atomic.Int32 // that it is in
}

// hop is one request of an exchange.
type hop struct {
	url    *url.URL
	target allow.Target
	header http.Header
}

// follow makes the request of a hop and those that it is redirected to, and returns the answer of the last one.
func (x *exchange) follow(ctx context.Context, h hop) (*effect.Response, error) {
	for redirects := 0; ; redirects++ {
		x.at = h.target
		resp, err := x.send(ctx, h)
		if err != nil {
			return nil, x.failed(ctx, err)
		}
		where := x.redirect(resp)
		if where == "" {
			return x.answer(ctx, resp)
		}
		_ = resp.Body.Close()
		if redirects == maxRedirects {
			return nil, x.refused(fmt.Errorf("redirected more than %d times", maxRedirects))
		}
		if h, err = x.next(h, where); err != nil {
			return nil, x.refused(fmt.Errorf("redirected: %w", err))
		}
	}
}

// redirect returns where an answer leads; "" where it is to be handed on.
func (x *exchange) redirect(resp *http.Response) string {
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		return ""
	}
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location")
	}
	return ""
}

// next returns the hop to which the answer of another one leads.
func (x *exchange) next(h hop, location string) (next hop, err error) {
	u, err := h.url.Parse(location)
	if err != nil {
		return hop{}, errors.New("want a URL in Location, got another text")
	}
	next.header = h.header
	if next.url, next.target, err = allow.ParseURL(u.String()); err != nil {
		return hop{}, err
	}
	if err := x.list.Target(next.target); err != nil {
		return hop{}, err
	}
	if h.target.Scheme == "https" && next.target.Scheme == "http" {
		return hop{}, fmt.Errorf("from https to %s, which is not encrypted", next.target.Origin())
	}
	if next.target != h.target {
		next.header = http.Header{}
		for _, name := range []string{"Accept", "Accept-Language", "User-Agent"} {
			if v, ok := h.header[name]; ok {
				next.header[name] = v
			}
		}
	}
	return next, nil
}

// send makes one request.
func (x *exchange) send(ctx context.Context, h hop) (*http.Response, error) {
	ctx = httptrace.WithClientTrace(context.WithValue(ctx, targetKey{}, h.target), x.trace())
	req, err := http.NewRequestWithContext(ctx, x.r.Method, h.url.String(), strings.NewReader(x.r.Body))
	if err != nil {
		return nil, err
	}
	req.Header = h.header.Clone()
	return x.transport.RoundTrip(req)
}

// The phases of a request, each of which follows the one before.
const (
	starting int32 = iota
	lookingUp
	connecting
	handshaking
	waiting
	reading
)

// phases are what messages say of them.
var phases = [...]string{
	starting: "waiting for a connection", lookingUp: "looking up the name", connecting: "connecting", handshaking: "in the TLS handshake",
	waiting: "waiting for the answer", reading: "reading the answer",
}

func (x *exchange) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:           func(string) { x.phase.Store(starting) }, // again after a connection that was kept had ended
		DNSStart:          func(httptrace.DNSStartInfo) { x.enter(lookingUp) },
		ConnectStart:      func(string, string) { x.enter(connecting) },
		TLSHandshakeStart: func() { x.enter(handshaking) },
		GotConn:           func(httptrace.GotConnInfo) { x.enter(waiting) },
	}
}

// enter notes that a phase has begun. An earlier phase than the current one is passed over: it is of a connection that
// the request does not need.
func (x *exchange) enter(phase int32) {
	for {
		now := x.phase.Load()
		if phase <= now || x.phase.CompareAndSwap(now, phase) {
			return
		}
	}
}

// answer reads an answer.
func (x *exchange) answer(ctx context.Context, resp *http.Response) (*effect.Response, error) {
	defer func() { _ = resp.Body.Close() }()
	x.enter(reading)
	most := x.r.MaxBody
	if most <= 0 {
		most = effect.MaxHTTPBody
	}
	most = min(most, math.MaxInt64-1) // one more is read than the body may have
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil, x.failed(ctx, errors.New("the server switched to another protocol, unasked"))
	}
	if resp.ContentLength > most && x.r.Method != http.MethodHead {
		return nil, x.failed(ctx, tooLarge(most))
	}
	var body strings.Builder
	n, err := io.Copy(&body, io.LimitReader(resp.Body, most+1))
	if n > most {
		err = tooLarge(most)
	}
	if err != nil {
		return nil, x.failed(ctx, err)
	}
	header := make(map[string]string, len(resp.Header))
	for name, values := range resp.Header {
		header[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return &effect.Response{Status: resp.StatusCode, Header: header, Body: body.String()}, nil
}
