package expect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/expect"
)

func TestAPartIsExpected(t *testing.T) {
	tests := map[string]struct{ want, got, differs string }{
		"the same":            {`{"a":[1,"x",null,true]}`, `{"a":[1,"x",null,true]}`, ``},
		"a part":              {`{"a":{"b":1}}`, `{"a":{"b":1,"c":2},"d":3}`, ``},
		"any object":          {`{"a":{},"l":[{},{}]}`, `{"a":{"b":1},"l":[{"x":1},{}]}`, ``},
		"no object":           {`{"a":{}}`, `{"a":null}`, `a: want {}, got null`},
		"another value":       {`{"a":"x"}`, `{"a":"y"}`, `a: want "x", got "y"`},
		"another kind":        {`{"a":"1"}`, `{"a":1}`, `a: want "1", got 1`},
		"nothing there":       {`{"outcom":"completed"}`, `{"outcome":"completed"}`, `outcom: want "completed", got nothing, outcome?`},
		"null and nothing":    {`{"a":null}`, `{}`, `a: want null, got nothing`},
		"null":                {`{"a":null}`, `{"a":{}}`, `a: want null, got {}`},
		"false and null":      {`{"a":false}`, `{"a":null}`, `a: want false, got null`},
		"numbers by value":    {`[1.50,1e2,-0,9007199254740993]`, `[1.5,100,0,9007199254740993]`, ``},
		"all digits":          {`[9007199254740993]`, `[9007199254740992]`, `[1]: want 9007199254740993, got 9007199254740992`},
		"list too long":       {`{"a":[1]}`, `{"a":[1,2]}`, `a: want [1], got [1,2]`},
		"list of parts":       {`{"a":[{"b":1},{"b":2}]}`, `{"a":[{"b":1,"c":1},{"b":3}]}`, `a[2].b: want 2, got 3`},
		"empty list, and map": {`{"a":[]}`, `{"a":{}}`, `a: want [], got {}`},
		"all, in order":       {`{"c":1,"a":1,"b":{"x y":2}}`, `{"a":0,"b":{"x y":0},"c":0}`, `a: want 1, got 0; b["x y"]: want 2, got 0; c: want 1, got 0`},
		"the whole":           {`1`, `2`, `: want 1, got 2`},
		"html is plain":       {`{"a":"<&>"}`, `{"a":"<"}`, `a: want "<&>", got "<"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			found, err := expect.Compare([]byte(test.want), []byte(test.got))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range found {
				text := fmt.Sprintf("%s: want %s, got %s", d.Path, d.Want, d.Got)
				if d.Got == nil {
					text += "nothing"
				}
				if d.Hint != "" {
					text += ", " + d.Hint + "?"
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(test.differs, strings.Join(got, "; ")); diff != "" {
				t.Error("-want +got:\n", diff)
			}
		})
	}
}

func TestWhatIsNoJSONIsAnError(t *testing.T) {
	if _, err := expect.Compare([]byte(`{`), []byte(`{}`)); err == nil || !strings.HasPrefix(err.Error(), "the expected value: ") {
		t.Errorf("got %v", err)
	}
	if _, err := expect.Compare([]byte(`{}`), []byte(`{`)); err == nil || !strings.HasPrefix(err.Error(), "the value: ") {
		t.Errorf("got %v", err)
	}
}
