package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/plaintext"
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
	return func(ctx context.Context) (*effect.Response, error) { return answer(client.Do(ctx, r)) }, nil
}

// answer is what the program's client returned, for the VM: what does not keep to its contract panics where only the
// run that waits for it is ended.
func answer(resp *effect.Response, err error) (*effect.Response, error) {
	var failed *effect.HTTPError
	switch {
	case err == nil && resp == nil, errors.As(err, &failed) && failed == nil:
		panic("the HTTP client returned neither an answer nor an error")
	case err != nil && failed == nil:
		return nil, errors.New(plaintext.Clip(err.Error(), maxText))
	}
	return resp, err
}

func refusedHTTP(format string, args ...any) error {
	return &effect.HTTPError{Kind: effect.HTTPRefused, Message: fmt.Sprintf(format, args...)}
}
