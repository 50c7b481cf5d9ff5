// Package expect compares what came of a call with what is expected of it, which may be only a part.
//
// An expected object holds the keys that matter: each must be there, with a value that is as expected by the same
// rules; {} means any object. An expected list must have as many items, each as expected. Everything else must be
// equal, numbers by value.
package expect

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/suggest"
)

// Difference is one value that is not as expected.
type Difference struct {
	Path string          `json:"path"` // such as steps[1].status, where lists count from 1 as in Lua; "" for the whole
	Want json.RawMessage `json:"want"`
	Got  json.RawMessage `json:"got,omitempty"`  // nil: there is no such value
	Hint string          `json:"hint,omitempty"` // what may have been meant
}

// Compare returns what is not as expected, in the order of the keys; an empty list when everything is. Both arguments
// are JSON texts, and it fails when one of them is not.
func Compare(want, got []byte) ([]Difference, error) {
	wanted, err := patch.Decode(want)
	if err != nil {
		return nil, fmt.Errorf("the expected value: %w", err)
	}
	there, err := patch.Decode(got)
	if err != nil {
		return nil, fmt.Errorf("the value: %w", err)
	}
	c := comparison{differences: []Difference{}}
	c.value("", wanted, there)
	return c.differences, nil
}

type comparison struct{ differences []Difference }

func (c *comparison) value(path string, want, got any) {
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			c.object(path, want, got)
			return
		}
	case []any:
		if got, ok := got.([]any); ok && len(got) == len(want) {
			for i := range want {
				c.value(path+"["+strconv.Itoa(i+1)+"]", want[i], got[i])
			}
			return
		}
	case json.Number:
		if got, ok := got.(json.Number); ok && patch.SameNumber(want, got) {
			return
		}
	default:
		if want == got { // a string, a boolean or null
			return
		}
	}
	c.differ(Difference{Path: path, Want: text(want), Got: text(got)})
}

func (c *comparison) object(path string, want, got map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		below := join(path, key)
		if value, there := got[key]; there {
			c.value(below, want[key], value)
			continue
		}
		c.differ(Difference{
			Path: below, Want: text(want[key]), Hint: suggest.Nearest(key, slices.Collect(maps.Keys(got))),
		})
	}
}

func (c *comparison) differ(d Difference) { c.differences = append(c.differences, d) }

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func join(path, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	}
	return path + "." + key
}

// text writes a value that was read from JSON.
func text(v any) json.RawMessage {
	b, _ := patch.Encode(v) // what was JSON can be JSON again
	return b
}
