// Package standardwebhooks signs requests as Standard Webhooks 1.0.0 has it, with its symmetric scheme v1
// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
package standardwebhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// KeyPrefix is how a key in base64 begins.
const KeyPrefix = "whsec_"

// Keys returns the keys of a secret, none of "". A secret is one text, which is the key as it is, or keys in base64
// that begin with whsec_ each, separated by spaces: an old one and its successor, while receivers change over. Texts
// are not separated so: each word of a pass phrase would sign, and could be guessed, by itself. No error shows a key.
func Keys(secret string) ([][]byte, error) {
	if secret == "" {
		return nil, nil
	}
	words := strings.Fields(secret)
	encoded := 0
	for _, word := range words {
		if strings.HasPrefix(word, KeyPrefix) {
			encoded++
		}
	}
	switch {
	case len(words) == 0:
		return nil, errors.New("want a text, got only spaces")
	case encoded == 0:
		return [][]byte{[]byte(secret)}, nil
	case encoded < len(words):
		return nil, fmt.Errorf("want all of several keys to begin with %s, got %d of %d", KeyPrefix, encoded, len(words))
	}
	keys := make([][]byte, len(words))
	for i, word := range words {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(word, KeyPrefix))
		if err != nil || len(key) == 0 {
			return nil, fmt.Errorf("want base64 after %s, got something else in key %d", KeyPrefix, i+1)
		}
		keys[i] = key
	}
	return keys, nil
}

// Signature returns the header webhook-signature, with a signature by each key. The id must not have a full stop, which
// separates it from what follows.
func Signature(keys [][]byte, id string, at time.Time, body []byte) string {
	signatures := make([]string, len(keys))
	for i, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + Timestamp(at) + "."))
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " ")
}

// Timestamp returns the header webhook-timestamp.
func Timestamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
