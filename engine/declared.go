package engine

import "reflect"

// Scripts see a value that a caller hands over as an any as the type that the method declares. So a dry run, whose
// values come from a file, is held to the same types as the service itself.

// isAny reports whether T is any.
func isAny[T any]() bool {
	_, is := any((*T)(nil)).(*any)
	return is
}

// declaredPlace makes the place where a value of the declared type is shown. It is invalid where the caller's own type
// says enough, or where nothing is declared.
func declaredPlace[T any](declared reflect.Type) (place reflect.Value) {
	if declared == nil || !isAny[T]() {
		return place
	}
	return reflect.New(declared).Elem()
}

// placeOr returns the place where a value is shown: the given one if it is valid, else the value's own.
func placeOr[T any](place reflect.Value, own *T) reflect.Value {
	if place.IsValid() {
		return place
	}
	return reflect.ValueOf(own).Elem()
}

// put shows a value at a place, which must be valid. A nil is the zero value of the place's type.
func put(place reflect.Value, v any) {
	if val := reflect.ValueOf(v); val.IsValid() {
		place.Set(val)
	} else {
		place.SetZero()
	}
}
