package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookrun/hookrun/effect"
)

var errNoHTTP = errors.New("there is no http here: the program does not offer it")

// httpRequest is a request that a run has made.
type httpRequest struct{ method, url string }

// HTTP admits a request, within the limits of the hook.
func (s scriptEffects) HTTP(r effect.Request) (func(context.Context) (*effect.Response, error), error) {
	c, err := s.run()
	if err != nil {
		return nil, err
	}
	client, h, fx := c.eng.opts.HTTP, c.handler, c.effects
	switch {
	case client == nil:
		return nil, errNoHTTP
	case r.Method != "GET" && r.Method != "HEAD" && !h.AllowHTTPWrites:
		return nil, refusedHTTP("%s needs allow_http_writes = true, since it cannot be taken back when the hook fails later; to tell somebody, publish an event", r.Method)
	case len(fx.requests) >= h.MaxHTTP:
		return nil, refusedHTTP("this run has made its %d requests: max_http", h.MaxHTTP)
	}
	fx.requests = append(fx.requests, httpRequest{r.Method, r.URL})
	r.Allow = h.AllowHTTP
	return func(ctx context.Context) (*effect.Response, error) { return client.Do(ctx, r) }, nil
}

func refusedHTTP(format string, args ...any) error {
	return &effect.HTTPError{Kind: effect.HTTPRefused, Message: fmt.Sprintf(format, args...)}
}
