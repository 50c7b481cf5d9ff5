package engine

import "reflect"

// What a caller hands over as an any, scripts see as the type that the method declares: a dry run, whose values come from a
// file, is held to the same types as the service itself.

// isAny reports whether T is any.
func isAny[T any]() bool {
	_, is := any((*T)(nil)).(*any)
	return is
}

// declaredPlace makes the place where a value of the declared type is shown; none where the caller's own type says enough, or
// nothing is declared.
func declaredPlace[T any](declared reflect.Type) (place reflect.Value) {
	if declared == nil || !isAny[T]() {
		return place
	}
	return reflect.New(declared).Elem()
}

// placeOr is the place where a value is shown: its own where there is no other.
func placeOr[T any](place reflect.Value, own *T) reflect.Value {
	if place.IsValid() {
		return place
	}
	return reflect.ValueOf(own).Elem()
}

// put shows a value, where the place is one. A nil is the zero value of the type.
func put(place reflect.Value, v any) {
	if val := reflect.ValueOf(v); val.IsValid() {
		place.Set(val)
	} else {
		place.SetZero()
	}
}
