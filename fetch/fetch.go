// Package fetch makes the HTTP requests of hooks. A program whose hooks make requests gives the engine a [Client]; a
// program without one does not link net/http.
//
// A request reaches what its allow list names and nothing else, whatever its URL, its redirects, and name servers say:
//
//   - The URL must be http or https, in ASCII, without user information, and its host and port must be listed.
//   - Each connection is checked once more where it is made, when the address is known: a listed name leads to public
//     addresses only, unless the address is listed too. Connections are used again only by requests with the same list.
//   - A redirect of GET or HEAD is followed up to five times, each checked like a request. One from https to http is
//     refused. To another scheme, host or port go only header fields that are no secret: Accept, Accept-Language and
//     User-Agent. A redirect of another method is an answer: what it writes goes nowhere but where it was sent.
//   - Proxies of the environment are not used, cookies are not kept, and answers are not decompressed.
//
// Five attempts to connect to a host and port that fail one after the other make further ones fail at once, for five
// seconds; then one is made as a trial. This is so for all lists together.
//
// A Client may be used by several goroutines at the same time.
package fetch

import (
	"cmp"
	"context"
	"crypto/x509"
	"math"
	"net"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/allow"
)

// Options are how a [Client] works. The zero value is that of a Client for the public internet.
type Options struct {
	RootCAs   *x509.CertPool // that servers' certificates are signed with; nil means the system's
	Resolver  *net.Resolver  // that looks up names; nil means the system's
	UserAgent string         // of requests that do not set one; "" means "hookrun"
}

// Client makes requests, and keeps connections for later ones. It implements [effect.HTTP].
type Client struct {
	opts     Options
	pools    *pools
	breakers *breakers
	closing  context.Context // ends with the Client
	end      context.CancelFunc
}

var _ effect.HTTP = (*Client)(nil)

// New makes a Client. It should be closed.
func New(opts Options) *Client {
	opts.UserAgent = cmp.Or(opts.UserAgent, "hookrun")
	c := &Client{opts: opts, breakers: newBreakers()}
	c.pools = newPools(c.transport)
	c.closing, c.end = context.WithCancel(context.Background())
	return c
}

// Close ends all requests, and all connections. Later requests fail. It returns nil.
func (c *Client) Close() error {
	c.end()
	c.pools.close()
	return nil
}

const (
	timeoutUnasked = 30 * time.Second // of a request, where nobody says
	maxRedirects   = 5
)

// Do makes a request, as [effect.HTTP] has it.
func (c *Client) Do(ctx context.Context, r effect.Request) (*effect.Response, error) {
	x := exchange{r: r}
	var err error
	if x.list, err = allow.ParseList(r.Allow); err != nil {
		return nil, x.refused(err)
	}
	if err := allow.CheckRequest(r.Method, r.Header, r.Body); err != nil {
		return nil, x.refused(err)
	}
	u, t, err := allow.ParseURL(r.URL)
	if err != nil {
		return nil, x.refused(err)
	}
	x.at = t
	if err := x.list.Target(t); err != nil {
		return nil, x.refused(err)
	}
	p, err := c.pools.take(x.list)
	if err != nil {
		return nil, x.failure(effect.HTTPConnect, err.Error(), nil)
	}
	defer c.pools.giveBack(p)
	x.transport = p.transport
	ctx, cancel := c.within(ctx, r.Timeout)
	defer cancel()
	return x.follow(ctx, hop{url: u, target: t, header: headerOf(r, c.opts.UserAgent)})
}

// within returns the context of a request, which ends with the caller's, after the timeout, and with the client.
func (c *Client) within(caller context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if _, has := caller.Deadline(); timeout <= 0 && !has {
		timeout = timeoutUnasked
	} else if timeout <= 0 {
		timeout = math.MaxInt64
	}
	ctx, cancel := context.WithTimeout(caller, timeout)
	stop := context.AfterFunc(c.closing, cancel)
	return ctx, func() { stop(); cancel() }
}
