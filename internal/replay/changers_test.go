package replay

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookrun/hookrun/tape"
)

// Where a call has n changes or effects, a comparison takes n steps and not n². Steps are counted by what they
// allocate.
func TestComparingTakesAsLongAsWhatIsCompared(t *testing.T) {
	for name, make := range map[string]func(n int, value string) string{
		"effects of other values": func(n int, value string) string {
			return effects(n, func(i int) string {
				return fmt.Sprintf(`{"kind":"state","state":"q","key":"k%d","value":%q}`, i, value)
			})
		},
		"effects of other subjects": func(n int, value string) string {
			return effects(n, func(i int) string {
				return fmt.Sprintf(`{"kind":"state","state":"q","key":"%s%d","value":1}`, value, i)
			})
		},
		"items of a list": func(n int, value string) string {
			return changed(n, func(i int) (string, string) { return fmt.Sprint(i), fmt.Sprintf(`%q`, value) })
		},
		"keys of an object": func(n int, value string) string {
			return changed(n, func(i int) (string, string) { return fmt.Sprintf("k%s", letters(i)), fmt.Sprintf(`%q`, value) })
		},
	} {
		steps := func(n int) float64 {
			then, now := recorded(t, make(n, "a")), recorded(t, make(n, "b"))
			return testing.AllocsPerRun(1, func() {
				if found, err := Differences(then, now); err != nil || len(found) == 0 {
					t.Errorf("%s: got differences %v, error %v", name, found, err)
				}
			})
		}
		few, many := steps(100), steps(800)
		if many > 16*few {
			t.Errorf("%s: 100 take %.0f steps, and 800 take %.0f", name, few, many)
		}
	}
}

// letters is a number without digits.
func letters(n int) string {
	return strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(n))
}

func effects(n int, effect func(int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = effect(i)
	}
	return `{"steps":[{"hook":"a","phase":"post","effects":[` + strings.Join(all, ",") + `]}]}`
}

// changed is a call whose result has n values that a hook has changed.
func changed(n int, value func(int) (key, text string)) string {
	var result, changes []string
	list := true
	for i := range n {
		key, text := value(i)
		list = list && key == fmt.Sprint(i)
		result = append(result, fmt.Sprintf(`%q:%s`, key, text))
		changes = append(changes, fmt.Sprintf(`{"op":"replace","path":"/%s","value":%s}`, key, text))
	}
	whole := "{" + strings.Join(result, ",") + "}"
	if list {
		for i := range result {
			_, result[i], _ = strings.Cut(result[i], ":")
		}
		whole = "[" + strings.Join(result, ",") + "]"
	}
	return fmt.Sprintf(`{"result":%s,"steps":[{"hook":"a","phase":"post","changes":[%s]}]}`, whole, strings.Join(changes, ","))
}

func TestAHookHasAPartInWhatItChangesAroundAndWithinAValue(t *testing.T) {
	const before = `{"op":"replace","path":"/l/0/p","value":1}`
	for name, tt := range map[string]struct {
		now  string
		want []string
	}{
		"the same":              {before, nil},
		"another value":         {`{"op":"replace","path":"/l/0/p","value":2}`, []string{"a"}},
		"the list it is in":     {before + `,{"op":"replace","path":"/l","value":[]}`, []string{"a"}},
		"what is in it":         {before + `,{"op":"add","path":"/l/0/p/q","value":1}`, []string{"a"}},
		"another item":          {`{"op":"replace","path":"/l/7/p","value":1}`, []string{"a"}},
		"another field":         {before + `,{"op":"replace","path":"/l/0/other","value":1}`, nil},
		"the result as a whole": {before + `,{"op":"replace","path":"","value":1}`, []string{"a"}},
		"in another order":      {`{"op":"replace","path":"/l","value":[]},` + before, []string{"a"}},
	} {
		step := func(changes string) *tape.Recorded {
			return recorded(t, `{"steps":[{"hook":"a","phase":"post","changes":[`+changes+`]},{"hook":"b","phase":"pre","changes":[`+changes+`]}]}`)
		}
		who := newChangers(KindResult, step(before), step(tt.now))
		for range 2 { // known the second time
			if got := who.of([]any{"l", 3, "p"}); strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("%s: got %q, want %q", name, got, tt.want)
			}
		}
	}
}
