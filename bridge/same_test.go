package bridge_test

import (
	"fmt"
	"math"
	"reflect"
	"time"
)

// identical reports whether two values are the very same: equal scalars, and the same pointers, maps, slices, functions
// and channels, unexported fields included.
func identical(a, b reflect.Value) bool {
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if !identical(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Array:
		for i := range a.Len() {
			if !identical(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Interface:
		return a.IsNil() == b.IsNil() && identical(a.Elem(), b.Elem())
	case reflect.Slice:
		return a.IsNil() == b.IsNil() && a.Len() == b.Len() && (a.Len() == 0 || a.Pointer() == b.Pointer())
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return a.Pointer() == b.Pointer()
	}
	return equal(a, b)
}

// equal is reflect.DeepEqual that takes NaN for equal to itself, and a function for equal to the same one.
func equal(a, b reflect.Value) bool {
	if a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type() {
		return false
	}
	if !a.IsValid() {
		return true
	}
	switch a.Kind() {
	case reflect.Struct, reflect.Array, reflect.Slice:
		return equalParts(a, b)
	case reflect.Interface, reflect.Pointer:
		return a.IsNil() == b.IsNil() && equal(a.Elem(), b.Elem())
	case reflect.Map:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		for _, k := range a.MapKeys() {
			if !b.MapIndex(k).IsValid() || !equal(a.MapIndex(k), b.MapIndex(k)) {
				return false
			}
		}
		return true
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return a.Pointer() == b.Pointer()
	case reflect.Float32, reflect.Float64:
		return a.Float() == b.Float() || math.IsNaN(a.Float()) && math.IsNaN(b.Float())
	}
	return a.Equal(b)
}

func equalParts(a, b reflect.Value) bool {
	if a.Kind() == reflect.Struct {
		for i := range a.NumField() {
			if !equal(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	if a.Len() != b.Len() || a.Kind() == reflect.Slice && a.IsNil() != b.IsNil() {
		return false
	}
	for i := range a.Len() {
		if !equal(a.Index(i), b.Index(i)) {
			return false
		}
	}
	return true
}

var timeType = reflect.TypeFor[time.Time]()

// rebuilt returns the places where a value equals the one that was there before, and yet is another Go value. Items of
// a list whose length changed are looked for among the items before.
func rebuilt(before, after reflect.Value) []string {
	var found []string
	findRebuilt(before, after, "result", &found)
	return found
}

func findRebuilt(a, b reflect.Value, path string, found *[]string) {
	switch {
	case !a.IsValid() || !b.IsValid() || a.Type() != b.Type() || identical(a, b) || a.Type() == timeType:
		return
	case equal(a, b):
		*found = append(*found, path)
		return
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			findRebuilt(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name, found)
		}
	case reflect.Interface, reflect.Pointer:
		findRebuilt(a.Elem(), b.Elem(), path, found)
	case reflect.Map:
		for _, k := range b.MapKeys() {
			findRebuilt(a.MapIndex(k), b.MapIndex(k), fmt.Sprintf("%s[%v]", path, k), found)
		}
	case reflect.Slice, reflect.Array:
		findRebuiltItems(a, b, path, found)
	}
}

func findRebuiltItems(a, b reflect.Value, path string, found *[]string) {
	for i := range b.Len() {
		at := fmt.Sprintf("%s[%d]", path, i)
		if a.Len() == b.Len() && !moved(a, b.Index(i)) {
			findRebuilt(a.Index(i), b.Index(i), at, found)
			continue
		}
		same, alike := false, false
		for j := range a.Len() {
			same = same || identical(a.Index(j), b.Index(i))
			alike = alike || equal(a.Index(j), b.Index(i))
		}
		if alike && !same {
			*found = append(*found, at)
		}
	}
}

// moved reports whether an item equals any of a list's.
func moved(list, item reflect.Value) bool {
	for j := range list.Len() {
		if equal(list.Index(j), item) {
			return true
		}
	}
	return false
}

// dump is everything in a value as text, unexported fields included, without addresses.
func dump(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Invalid:
		return "nil"
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return fmt.Sprintf("%s &\n%s", v.Type(), dump(v.Elem()))
	case reflect.Struct:
		s := v.Type().String() + " {\n"
		for i := range v.NumField() {
			s += v.Type().Field(i).Name + ": " + dump(v.Field(i)) + "\n"
		}
		return s + "}"
	case reflect.Slice, reflect.Array:
		s := fmt.Sprintf("%s len %d nil %v [\n", v.Type(), v.Len(), v.Kind() == reflect.Slice && v.IsNil())
		for i := range v.Len() {
			s += dump(v.Index(i)) + "\n"
		}
		return s + "]"
	case reflect.Map:
		s := fmt.Sprintf("%s nil %v {\n", v.Type(), v.IsNil())
		for _, k := range sortedKeys(v) {
			s += fmt.Sprintf("%v: %s\n", k, dump(v.MapIndex(k)))
		}
		return s + "}"
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return v.Type().String()
	}
	return fmt.Sprintf("%s %#v", v.Type(), v)
}

func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	for i := range keys {
		for j := i; j > 0 && fmt.Sprint(keys[j]) < fmt.Sprint(keys[j-1]); j-- {
			keys[j], keys[j-1] = keys[j-1], keys[j]
		}
	}
	return keys
}
