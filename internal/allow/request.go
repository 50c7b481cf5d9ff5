package allow

import (
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// Methods are those that a request may have. CONNECT and TRACE are for proxies and for those who look for them.
var Methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// managed are the header fields that say how a connection is used, how a request is framed, and where it goes (RFC 9110
// and 9112): with others, a server could understand another request than the one that was checked. The last three make
// a POST of a GET for some servers.
var managed = []string{
	"Accept-Encoding", "Connection", "Content-Length", "Expect", "Host", "Http2-Settings", "Keep-Alive", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "X-Http-Method", "X-Http-Method-Override", "X-Method-Override",
}

const (
	maxHeader = 16 << 10 // bytes of the names and values of a header; servers have 8 KiB at least
	maxShown  = 40       // bytes of a method or name in a message
)

// CheckRequest says what is wrong with the method, the header and the body of a request; nil where it may be made.
func CheckRequest(method string, header map[string]string, body string) error {
	if !slices.Contains(Methods, method) {
		return fmt.Errorf("want a method such as GET or POST, got %q", plaintext.Clip(method, maxShown))
	}
	if body != "" && (method == "GET" || method == "HEAD") {
		return fmt.Errorf("%s has no body", method)
	}
	size := 0
	given := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		value := header[name]
		if name == "" || strings.IndexFunc(name, notInToken) >= 0 {
			return fmt.Errorf("want the name of a header field, got %q", plaintext.Clip(name, maxShown))
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		shown := plaintext.Clip(name, maxShown)
		switch asRead := strings.ReplaceAll(name, "_", "-"); { // by servers that make variables of the names, as CGI does
		case slices.Contains(managed, textproto.CanonicalMIMEHeaderKey(asRead)), strings.HasPrefix(asRead, "Proxy-"):
			return fmt.Errorf("the header field %s cannot be set", shown)
		case strings.IndexFunc(value, isControl) >= 0:
			return fmt.Errorf("want a value of one line for the header field %s", shown)
		case given[name]:
			return fmt.Errorf("the header field %s is there twice", shown)
		}
		given[name] = true
		size += len(name) + len(value)
	}
	if size > maxHeader {
		return errors.New("want header fields of at most 16 KiB")
	}
	return nil
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
