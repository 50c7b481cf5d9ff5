package fetch

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/hookrun/hookrun/internal/allow"
)

const (
	connectTimeout = 5 * time.Second // of looking up a name and connecting, and then of the TLS handshake
	idleTimeout    = time.Minute     // after which a connection is closed that nobody uses
	maxIdle        = 16              // connections of one list that nobody uses
	maxAnswerHead  = 64 << 10        // bytes of the header of an answer
)

// transport makes the transport of a list. Each of its connections was admitted by the list, for the scheme, host and
// port that it is used for: a transport uses a connection again for the same ones only, and no other list has it. See
// RATIONALE, "What hooks reach is checked where they connect".
func (c *Client) transport(list allow.List) *http.Transport {
	return &http.Transport{
		DialContext:            c.dialer(list),
		Proxy:                  nil, // those of the environment reach what the list does not name
		TLSClientConfig:        &tls.Config{RootCAs: c.opts.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTimeout,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 5 * time.Second}, // else a dead connection fails all
		DisableCompression:     true,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxAnswerHead,
	}
}

// targetKey is the key under which the context of a dial has the [allow.Target] that it is for.
type targetKey struct{}

// refusal says why an address is not dialled.
type refusal struct{ reason error }

func (r *refusal) Error() string { return r.reason.Error() }

// dialer returns the function that makes the connections of a transport.
func (c *Client) dialer(list allow.List) func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := &net.Dialer{
		Timeout:  connectTimeout,
		Resolver: c.opts.Resolver,
		ControlContext: func(ctx context.Context, _, address string, _ syscall.RawConn) error {
			return admit(ctx, list, address)
		},
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if t, ok := ctx.Value(targetKey{}).(allow.Target); !ok || t.HostPort() != addr {
			return nil, &refusal{fmt.Errorf("%s is not what was asked for", addr)}
		}
		return c.breakers.dial(addr, func() (net.Conn, error) { return d.DialContext(ctx, network, addr) })
	}
}

// admit is asked with each socket before it is connected, and with the very address that it will be connected to.
func admit(ctx context.Context, list allow.List, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return &refusal{err}
	}
	t, _ := ctx.Value(targetKey{}).(allow.Target)
	if err := list.Address(t, at); err != nil {
		return &refusal{err}
	}
	return nil
}
