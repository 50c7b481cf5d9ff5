package replay

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Shrinking looks for the smallest record of which something still holds: by delta debugging (Zeller and Hildebrandt,
// "Simplifying and isolating failure-inducing input", 2002), level by level through the record as a tree. Values that
// need not be there are taken out, in ever smaller groups; then texts are shortened and numbers moved towards 0; and
// all of that again, until nothing becomes smaller.
type shrinking struct {
	best  map[string]any
	shows func(map[string]any) bool
	left  int // how many records may still be tried
}

// Shrink returns the smallest record that it finds of which shows is true, as it must be of the given one. Records hold
// maps, lists and scalars as from JSON, with numbers as [json.Number]. Shrink calls shows at most budget times. It
// changes only the values of the given keys, in copies.
func Shrink(record map[string]any, keys []string, budget int, shows func(map[string]any) bool) map[string]any {
	s := &shrinking{record, shows, budget}
	for before := -1; before != s.left && s.left > 0; {
		before = s.left
		was := s.best
		s.removeFrom(nil, slices.DeleteFunc(slices.Clone(keys), func(k string) bool { _, is := s.best[k]; return !is }))
		for _, key := range keys {
			s.remove([]any{key})
		}
		for _, key := range keys {
			s.simplify([]any{key})
		}
		if same(was, s.best) {
			break
		}
	}
	return s.best
}

// try keeps the candidate if it shows what the record should show.
func (s *shrinking) try(candidate any) bool {
	if s.left == 0 {
		return false
	}
	s.left--
	if !s.shows(candidate.(map[string]any)) {
		return false
	}
	s.best = candidate.(map[string]any)
	return true
}

// remove takes out what need not be there below a path.
func (s *shrinking) remove(path []any) {
	switch v := at(s.best, path).(type) {
	case map[string]any:
		s.removeFrom(path, slices.Sorted(maps.Keys(v)))
		v, _ = at(s.best, path).(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			s.remove(below(path, key))
		}
	case []any:
		s.removeItems(path, len(v))
		v, _ = at(s.best, path).([]any)
		for i := range v {
			s.remove(below(path, i))
		}
	}
}

// removeFrom takes keys out of the object at a path.
func (s *shrinking) removeFrom(path []any, keys []string) {
	s.thin(len(keys), func(from, to int) bool {
		smaller := maps.Clone(at(s.best, path).(map[string]any))
		for _, key := range keys[from:to] {
			delete(smaller, key)
		}
		if !s.try(with(s.best, path, smaller)) {
			return false
		}
		keys = slices.Delete(slices.Clone(keys), from, to)
		return true
	})
}

// removeItems takes items out of the list at a path, which has n.
func (s *shrinking) removeItems(path []any, n int) {
	s.thin(n, func(from, to int) bool {
		list := at(s.best, path).([]any)
		return s.try(with(s.best, path, slices.Delete(slices.Clone(list), from, to)))
	})
}

// thin takes parts out of n things: all of them, then halves, quarters and so on, down to one by one. What take takes
// out is gone, and those after it have moved up.
func (s *shrinking) thin(n int, take func(from, to int) bool) {
	for size := n; size > 0 && s.left > 0; size /= 2 {
		for to := n; to > 0; to -= size {
			from := max(to-size, 0)
			if take(from, to) {
				n -= to - from
			}
		}
	}
}

// simplify makes the scalars below a path smaller.
func (s *shrinking) simplify(path []any) {
	switch v := at(s.best, path).(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			s.simplify(below(path, key))
		}
	case []any:
		for i := range v {
			s.simplify(below(path, i))
		}
	case bool:
		if v {
			s.try(with(s.best, path, false))
		}
	case string:
		s.shorten(path, v)
	case json.Number:
		s.lower(path, v)
	}
}

// shorten takes characters out of a text.
func (s *shrinking) shorten(path []any, text string) {
	runes := []rune(text)
	if len(runes) > longText { // or one text would use up the whole budget
		runes = s.halve(path, runes)
	}
	s.thin(len(runes), func(from, to int) bool {
		shorter := slices.Delete(slices.Clone(runes), from, to)
		if !s.try(with(s.best, path, string(shorter))) {
			return false
		}
		runes = shorter
		return true
	})
}

// longText is how many characters a text may have of which each is tried.
const longText = 64

// halve cuts off the first or the last half of a text as often as it can.
func (s *shrinking) halve(path []any, runes []rune) []rune {
	for len(runes) > longText {
		half := len(runes) / 2
		switch {
		case s.try(with(s.best, path, string(runes[:half]))):
			runes = runes[:half]
		case s.try(with(s.best, path, string(runes[half:]))):
			runes = runes[half:]
		default:
			return runes[:0] // it is long for a reason: it stays as it is
		}
	}
	return runes
}

// lower moves a number towards 0: to 0, to a whole number, and from there by halves to the last one that shows it.
func (s *shrinking) lower(path []any, number json.Number) {
	if number == "0" || s.try(with(s.best, path, json.Number("0"))) {
		return
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil {
		whole, _, _ := strings.Cut(string(number), ".")
		if n, err = strconv.ParseInt(whole, 10, 64); err != nil || !s.try(with(s.best, path, json.Number(whole))) {
			return
		}
	}
	shows, hides := n, int64(0)
	for {
		middle := hides + (shows-hides)/2
		if middle == hides {
			return
		}
		if s.try(with(s.best, path, json.Number(strconv.FormatInt(middle, 10)))) {
			shows = middle
		} else {
			hides = middle
		}
		if s.left == 0 {
			return
		}
	}
}

// at returns the value at a path of keys and indexes; nil where there is none.
func at(v any, path []any) any {
	for _, part := range path {
		switch part := part.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[part]
		case int:
			list, _ := v.([]any)
			if part >= len(list) {
				return nil
			}
			v = list[part]
		}
	}
	return v
}

// with returns a tree with another value at a path that is there. It shares all else with the tree that it is given.
func with(v any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch key := path[0].(type) {
	case string:
		object := maps.Clone(v.(map[string]any))
		object[key] = with(object[key], path[1:], value)
		return object
	case int:
		list := slices.Clone(v.([]any))
		list[key] = with(list[key], path[1:], value)
		return list
	}
	return v
}

func below(path []any, part any) []any { return append(path[:len(path):len(path)], part) }

// same reports whether two records are the same as JSON.
func same(a, b map[string]any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// Values counts the scalars below a value, and the lists and objects that are empty.
func Values(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			n += Values(item)
		}
	case []any:
		for _, item := range v {
			n += Values(item)
		}
	}
	return max(n, 1)
}
