package record_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/internal/record"
)

type (
	deepest struct{ X, Y int }
	around  struct{ deepest }
	plainX  struct{ X, Z int }
	taggedX struct {
		V int `json:"X"`
	}
	anotherX struct{ X int }
	itself   struct {
		*itself
		X int
	}
)

// encoding/json writes the tapes: what it reads into a field must not land in another one in a replay.
func TestEmbeddedFieldsAreThoseOfEncodingJSON(t *testing.T) {
	for name, args := range map[string]any{
		"the nearer one behind the farther one": struct {
			around
			plainX
		}{},
		"the tagged one of two": struct {
			plainX
			taggedX
		}{},
		"the tagged one, if first": struct {
			taggedX
			plainX
		}{},
		"neither of two": struct {
			plainX
			anotherX
		}{},
		"one's own": struct {
			around
			X int
		}{},
		"two ways to one struct": struct {
			around
			deepest
		}{},
		"a struct within itself": itself{itself: nil},
		"neither hides a deeper one": struct {
			around
			plainX
			anotherX
		}{},
	} {
		typ := reflect.TypeOf(args)
		for _, field := range []string{"X", "Y", "Z"} {
			text := `{"` + field + `":7}`
			want := reflect.New(typ)
			if err := json.Unmarshal([]byte(text), want.Interface()); err != nil {
				t.Fatal(err)
			}
			r, err := record.NewDecoder("a", strings.NewReader(`{"method":"a","args":`+text+`}`)).Next()
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Args.Decode(typ, "args")
			if want.Elem().IsZero() {
				if err == nil || !strings.Contains(err.Error(), "unknown field") {
					t.Errorf("%s: %s: got %+v, error %v, want an unknown field", name, field, got, err)
				}
			} else if err != nil || !reflect.DeepEqual(got, want.Elem().Interface()) {
				t.Errorf("%s: %s: got %+v, error %v, want %+v", name, field, got, err, want.Elem())
			}
		}
	}
}
