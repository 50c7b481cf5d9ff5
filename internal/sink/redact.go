package sink

import (
	"errors"
	"net/url"
	"strings"

	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/internal/standardwebhooks"
)

// redacted makes the errors of a webhook: one short line each, without what only the operator and the receiver are to
// know, which a receiver may repeat in its answer.
type redacted struct {
	where string // scheme and host
	mask  *mask.Masker
}

// newRedacted hides the secret, and all of an address but its scheme and host. Paths count: for many receivers they are
// the key.
func newRedacted(u *url.URL, secret string) redacted {
	hidden := append(keysIn(u.Path), secret, u.Path, u.RawQuery)
	for _, key := range strings.Fields(secret) {
		if key, encoded := strings.CutPrefix(key, standardwebhooks.KeyPrefix); encoded {
			hidden = append(hidden, key)
		}
	}
	for name, values := range u.Query() {
		if hidden = append(hidden, values...); strings.Join(values, "") == "" {
			hidden = append(hidden, name)
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		hidden = append(hidden, u.User.Username(), password)
	}
	return redacted{plaintext.Line(u.Scheme + "://" + u.Host), mask.New(hidden)}
}

// keysIn returns what of a path may be a key by itself: its ends, and its parts but for those that look like a word,
// such as hooks, which errors would be hard to read without.
func keysIn(path string) (keys []string) {
	for rest := strings.Trim(path, "/"); rest != ""; {
		part, below, _ := strings.Cut(rest, "/")
		if isWord := len(part) < 8 && strings.Trim(part, "abcdefghijklmnopqrstuvwxyz") == ""; !isWord {
			keys = append(keys, part)
		}
		if below != "" {
			keys = append(keys, rest)
		}
		rest = below
	}
	return keys
}

// of returns an error that says what err says, redacted. Of an error of the HTTP client it takes the cause alone: the
// error itself begins with the address.
func (r redacted) of(err error) error {
	if client := (*url.Error)(nil); errors.As(err, &client) {
		err = client.Err
	}
	return errors.New(r.where + ": " + r.mask.Text(plaintext.Clip(plaintext.Line(err.Error()), maxError)))
}
