package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/plaintext"
)

const maxReason = 300 // bytes of what a message tells of an error, which may quote the server

// refused is the error of a request that is not made.
func (x *exchange) refused(reason error) *effect.HTTPError {
	return x.failure(effect.HTTPRefused, reason.Error(), nil)
}

func (x *exchange) failure(kind effect.HTTPErrorKind, reason string, cause error) *effect.HTTPError {
	if x.at.Host != "" {
		reason = x.r.Method + " " + x.at.Origin() + ": " + reason
	}
	return &effect.HTTPError{Kind: kind, Message: plaintext.Clip(plaintext.Line(reason), maxReason), Err: cause}
}

// failed is the error of a request that was made, and for which there is no answer.
func (x *exchange) failed(ctx context.Context, err error) *effect.HTTPError {
	phase := x.phase.Load()
	var (
		refused *refusal
		name    *net.DNSError
		large   tooLarge
		network net.Error
	)
	switch {
	case errors.As(err, &refused):
		return x.refused(refused.reason)
	case errors.Is(ctx.Err(), context.Canceled):
		return x.failure(effect.HTTPTimeout, "given up while "+phases[phase], context.Canceled)
	case ctx.Err() != nil:
		return x.failure(effect.HTTPTimeout, x.late()+", "+phases[phase], ctx.Err())
	case errors.Is(err, errNotTried):
		return x.failure(effect.HTTPConnect, err.Error(), nil)
	case errors.As(err, &name):
		return x.failure(effect.HTTPDNS, phases[lookingUp]+": "+name.Err, nil)
	case errors.As(err, &large):
		return x.failure(effect.HTTPTooLarge, err.Error(), nil)
	case strings.Contains(err.Error(), "server response headers exceeded"), // of HTTP/1
		strings.Contains(err.Error(), "larger than advertised limit"): // of HTTP/2
		return x.failure(effect.HTTPTooLarge, fmt.Sprintf("a header of more than %d bytes", maxAnswerHead), nil)
	case phase <= handshaking && errors.As(err, &network) && network.Timeout():
		return x.failure(effect.HTTPTimeout, fmt.Sprintf("no answer within %v, %s", connectTimeout, phases[phase]), nil)
	case phase == handshaking:
		return x.failure(effect.HTTPTLS, phases[phase]+": "+err.Error(), nil)
	}
	return x.failure(effect.HTTPConnect, phases[phase]+": "+err.Error(), nil)
}

// late says for how long there was no answer, as far as the request itself says.
func (x *exchange) late() string {
	if x.r.Timeout > 0 {
		return fmt.Sprintf("no answer within %v", x.r.Timeout)
	}
	return "no answer in time"
}

// tooLarge is the error of a body of more than this many bytes.
type tooLarge int64

func (n tooLarge) Error() string { return fmt.Sprintf("a body of more than %d bytes", int64(n)) }
