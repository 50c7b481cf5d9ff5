package world

import (
	"reflect"
	"testing"
)

func TestEveryFieldCanBeRead(t *testing.T) {
	s := NewShare(1)
	for _, name := range FieldNames {
		if f := Field(&s, name); f == nil || reflect.ValueOf(f).Elem().IsZero() {
			t.Errorf("field %s: got %v", name, f)
		}
	}
	if f := Field(&s, "sise"); f != nil {
		t.Errorf("a field that is none: got %v", f)
	}
}
