package fetch

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/allow"
)

// managed are the header fields that say how a connection is used, how a request is framed, and where it goes (RFC 9110
// and 9112): with others, a server could understand another request than the one that was checked. The last three make
// a POST of a GET for some servers.
var managed = []string{
	"Accept-Encoding", "Connection", "Content-Length", "Expect", "Host", "Http2-Settings", "Keep-Alive", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "X-Http-Method", "X-Http-Method-Override", "X-Method-Override",
}

// maxHeader bounds the header of a request, in bytes of names and values; servers have 8 KiB at least.
const maxHeader = 16 << 10

// headerOf checks the method, the header and the body of a request, and returns the header.
func headerOf(r effect.Request, userAgent string) (http.Header, error) {
	if !slices.Contains(allow.Methods, r.Method) {
		return nil, fmt.Errorf("want a method such as GET or POST, got %q", r.Method)
	}
	if r.Body != "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return nil, fmt.Errorf("%s has no body", r.Method)
	}
	h, size := http.Header{"User-Agent": {userAgent}}, 0
	given := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		value := r.Header[name]
		if name == "" || strings.IndexFunc(name, notInToken) >= 0 {
			return nil, fmt.Errorf("want the name of a header field, got %q", name)
		}
		name = http.CanonicalHeaderKey(name)
		switch asRead := strings.ReplaceAll(name, "_", "-"); { // by servers that make variables of the names, as CGI does
		case slices.Contains(managed, http.CanonicalHeaderKey(asRead)), strings.HasPrefix(asRead, "Proxy-"):
			return nil, fmt.Errorf("the header field %s cannot be set", name)
		case strings.IndexFunc(value, isControl) >= 0:
			return nil, fmt.Errorf("want a value of one line for the header field %s", name)
		case given[name]:
			return nil, fmt.Errorf("the header field %s is there twice", name)
		}
		given[name] = true
		h[name] = []string{value}
		size += len(name) + len(value)
	}
	if size > maxHeader {
		return nil, errors.New("want header fields of at most 16 KiB")
	}
	return h, nil
}

// notInToken reports whether a character may not be in the name of a header field (RFC 9110, 5.6.2).
func notInToken(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// isControl reports whether a character may not be in the value of a header field (RFC 9110, 5.5).
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
