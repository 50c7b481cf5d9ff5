package effect

import (
	"context"
	"time"
)

// HTTP makes the requests of hooks. The package hookrun/fetch has the one that goes with the engine; a program without
// it offers its hooks no http, and links no net/http for it.
type HTTP interface {
	// Do makes one request, follows where it is redirected to, and reads the whole answer. It reaches nothing that the
	// request does not allow, and returns soon after the context has ended. Any status is an answer. An error is an
	// *[HTTPError].
	Do(ctx context.Context, r Request) (*Response, error)
}

// Request is an HTTP request.
type Request struct {
	Method string // GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS
	URL    string
	// Header has the header fields by name. Fields by which a connection is managed cannot be set, nor can Host.
	Header  map[string]string
	Body    string        // "" for none; GET and HEAD have none
	Timeout time.Duration // from beginning to end, with all redirects; 0 leaves it to the context, or 30 s without a deadline
	MaxBody int64         // bytes that the body of the answer may have; 0 means [MaxHTTPBody]
	Allow   []string      // what may be reached, as allow_http of the hook has it
}

// MaxHTTPBody is how many bytes the body of an answer may have where a [Request] does not say.
const MaxHTTPBody = 1 << 20

// Response is the answer to a [Request].
type Response struct {
	Status int
	Header map[string]string // by name in lower case; of a field that occurs more than once, all values with ", " between
	Body   string            // as it was sent, not decompressed
}

// HTTPErrorKind says why a request has no answer.
type HTTPErrorKind string

// The kinds of [HTTPError].
const (
	HTTPRefused  HTTPErrorKind = "refused"   // it must not be made, or not be redirected to where it was
	HTTPDNS      HTTPErrorKind = "dns"       // the name of the host was not found
	HTTPConnect  HTTPErrorKind = "connect"   // there was no connection, or it was lost before the answer had come
	HTTPTLS      HTTPErrorKind = "tls"       // the server did not prove who it is, or speaks another TLS
	HTTPTimeout  HTTPErrorKind = "timeout"   // the answer did not come in time
	HTTPTooLarge HTTPErrorKind = "too_large" // the answer exceeds its limit
)

// HTTPError is why a request has no answer.
type HTTPError struct {
	Kind HTTPErrorKind
	// Message is one line. Of a URL it names the scheme and the host only: there may be secrets in the rest.
	Message string
	// Err is the error of the context where that is the reason; nil otherwise.
	Err error
}

func (e *HTTPError) Error() string { return e.Message }

// Unwrap returns the error of the context; nil where that was not the reason.
func (e *HTTPError) Unwrap() error { return e.Err }
