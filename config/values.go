package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/hookrun/hookrun/internal/suggest"
)

// The functions of this file make Go values from decoded TOML. Each reports at s a value that it cannot use, and then
// returns false.

func tomlString(s place, v any) (string, bool) { return tomlValue[string](s, v, "string") }

func tomlBoolean(s place, v any) (bool, bool) { return tomlValue[bool](s, v, "boolean") }

func tomlTable(s place, v any) (map[string]any, bool) {
	return tomlValue[map[string]any](s, v, "table")
}

// tomlValue returns a value that TOML and Go have alike.
func tomlValue[T any](s place, v any, wanted string) (T, bool) {
	value, ok := v.(T)
	if !ok {
		s.problemf("want %s, got %s", wanted, tomlDescription(v))
	}
	return value, ok
}

func tomlInteger[T int | int64](s place, v any) (T, bool) {
	switch v := v.(type) {
	case int64:
		if int64(T(v)) == v {
			return T(v), true
		}
		return 0, s.problemf("want integer of %d bits, got %d", strconv.IntSize, v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return 0, s.problemf("want integer such as %d, got %s", int64(v), tomlDescription(v))
		}
	}
	return 0, s.problemf("want integer, got %s", tomlDescription(v))
}

func tomlDuration(s place, v any) (time.Duration, bool) {
	text, _ := v.(string)
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, s.problemf(`want duration such as "1s" or "1m30s", got %s`, tomlDescription(v))
	}
	return d, true
}

// tomlSize returns a number of bytes, from an integer or a string such as "64MiB".
func tomlSize(s place, v any) (int64, bool) {
	if n, ok := v.(int64); ok {
		return n, true
	}
	text, _ := v.(string)
	number := strings.TrimRightFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, s.problemf(`want size such as "64MiB", got %s`, tomlDescription(v))
	}
	unit := strings.TrimSpace(text[len(number):])
	factor := sizeUnits[unit]
	if factor == 0 {
		return 0, s.problemf(`want size such as "64MiB", got %s: unknown unit%s`, tomlDescription(v), unitHint(unit))
	}
	if n < 0 {
		return 0, s.problemf("want size above 0, got %s", tomlDescription(v))
	}
	if err != nil || n > math.MaxInt64/factor {
		return 0, s.problemf("want size up to %d bytes, got %s", int64(math.MaxInt64), tomlDescription(v))
	}
	return n * factor, true
}

// sizeUnits says how many bytes a unit is.
var sizeUnits = map[string]int64{
	"": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}

// unitHint suggests the binary unit that begins with the letter of an unknown one: MiB for "M", "mb" and "MIB".
func unitHint(unit string) string {
	for _, binary := range []string{"KiB", "MiB", "GiB"} {
		if strings.EqualFold(unit[:1], binary[:1]) {
			return suggest.DidYouMean(binary)
		}
	}
	return ""
}

func tomlStrings(s place, v any) ([]string, bool) {
	list, ok := v.([]any)
	if !ok {
		return nil, s.problemf("want list of strings, got %s", tomlDescription(v))
	}
	texts := make([]string, 0, len(list))
	for i, element := range list {
		text, isText := tomlString(s.index(i), element)
		texts = append(texts, text)
		ok = ok && isText
	}
	return texts, ok
}

func tomlOptions(s place, v any) (map[string]any, bool) {
	table, ok := tomlTable(s, v)
	if !ok {
		return nil, false
	}
	return s.substituted(plainTOML(table)).(map[string]any), true
}

// tomlSecret is tomlString for a text that no message shows.
func tomlSecret(s place, v any) (string, bool) {
	text, ok := v.(string)
	if !ok {
		kind, _, _ := strings.Cut(tomlDescription(v), " ")
		s.problemf("want string, got %s", kind)
	}
	return text, ok
}

// plainTOML copies v with all lists as []any, and with local dates and times, for which Go has no type, as strings in
// the form that TOML has for them.
func plainTOML(v any) any {
	switch v := v.(type) {
	case map[string]any:
		table := make(map[string]any, len(v))
		for name, element := range v {
			table[name] = plainTOML(element)
		}
		return table
	case []any, []map[string]any:
		elements, _ := tomlList(v)
		list := make([]any, 0, len(elements))
		for _, element := range elements {
			list = append(list, plainTOML(element))
		}
		return list
	case time.Time:
		if layout, local := localLayout(v); local {
			return v.Format(layout)
		}
	}
	return v
}

// tomlList returns the elements of a list, which may be a list of tables.
func tomlList(v any) ([]any, bool) {
	tables, ok := v.([]map[string]any)
	if !ok {
		list, ok := v.([]any)
		return list, ok
	}
	list := make([]any, 0, len(tables))
	for _, table := range tables {
		list = append(list, table)
	}
	return list, true
}

// localLayout is the layout of a date or time without a zone. The TOML library marks these by the names of the zones
// that it gives them.
func localLayout(t time.Time) (layout string, local bool) {
	switch t.Location().String() {
	case "datetime-local":
		return "2006-01-02T15:04:05.999999999", true
	case "date-local":
		return "2006-01-02", true
	case "time-local":
		return "15:04:05.999999999", true
	}
	return time.RFC3339Nano, false
}

// tomlDescription says what v is, in a few words, for `got ...`.
func tomlDescription(v any) string {
	switch v := v.(type) {
	case string:
		const most = 60
		if runes := []rune(v); len(runes) > most {
			return fmt.Sprintf("string %q...", string(runes[:most]))
		}
		return fmt.Sprintf("string %q", v)
	case int64:
		return fmt.Sprintf("integer %d", v)
	case float64:
		return "float " + strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return fmt.Sprintf("boolean %t", v)
	case time.Time:
		layout, _ := localLayout(v)
		return "date " + v.Format(layout)
	case map[string]any:
		return "table"
	case []any, []map[string]any:
		return "list"
	}
	return fmt.Sprintf("%T", v) // from a Go program
}

// OptionValue returns a value of TOML, such as 5, true or ["a", "b"], as [Hook.Options] hold it; any other text stands
// for itself.
func OptionValue(text string) any {
	var decoded struct{ V any }
	if _, err := toml.Decode("V = "+text, &decoded); err != nil || strings.ContainsAny(text, "\r\n") || decoded.V == nil {
		return text
	}
	return plainTOML(decoded.V)
}
