package engine

import (
	"context"
	"fmt"
	"reflect"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/internal/suggest"
)

// Method is a driver call that hooks may see.
type Method struct {
	// Name is what scripts and globs call it: "create_share_group", "/shares.v1.Shares/Create", "POST /shares". It is
	// one line of at most 200 bytes, and not "periodic", which is a phase.
	Name string
	// Args and Result are the Go types that [Call] takes and returns for it; nil where they are free-form, and any type
	// will do. They let tools check scripts, and they are the types as which scripts see values that a caller passes as
	// an any.
	Args, Result reflect.Type
}

// Define declares a method by the types of its calls, so that a call can have neither another name nor other types.
// Keep it in a variable, and list its [Defined.Method] in [Options].
func Define[A, R any](name string) Defined[A, R] {
	return Defined[A, R]{Method{name, reflect.TypeFor[A](), reflect.TypeFor[R]()}}
}

// Defined is a method with its Go types, made by [Define].
type Defined[A, R any] struct{ method Method }

// Method is the method as [Options] takes it.
func (d Defined[A, R]) Method() Method { return d.method }

// Call is [Call] of this method.
func (d Defined[A, R]) Call(ctx context.Context, e *Engine, args A, driver func(context.Context, A) (R, error)) (R, error) {
	return Call(ctx, e, d.method.Name, args, driver)
}

// knownMethods are the methods that may be called; nil where any may be.
func (o *Options) knownMethods(service config.Service) []string {
	if len(o.Methods) == 0 {
		return nil
	}
	return append(o.declared(), service.ExtraMethods...)
}

// declared are the names of the methods that the program declares.
func (o *Options) declared() (names []string) {
	for _, m := range o.Methods {
		names = append(names, m.Name)
	}
	return names
}

// undeclared is the error of a call of a method that a service does not have.
func (e *Engine) undeclared(st *state, method string) error {
	return fmt.Errorf("service %s declares no method %q%s", e.service, method, suggest.Hint(method, st.gen.known))
}

// fits reports whether T is what a method declares.
func fits[T any](declared reflect.Type) bool {
	return declared == nil || declared == reflect.TypeFor[T]()
}

// checkTypes returns an error where the types of a call are not those that its method declares. An any may hold a value
// of any type, so the type of that value is checked: here for the arguments, later for the result, when there is one.
func checkTypes[A, R any](e *Engine, r *chain, args *A) error {
	if !fits[A](r.types.Args) {
		if !isAny[A]() {
			return e.wrongType(r, "args", r.types.Args, reflect.TypeFor[A]())
		}
		if err := e.wantDeclared(r, "args", r.types.Args, *args); err != nil {
			return err
		}
	}
	if !fits[R](r.types.Result) && !isAny[R]() {
		return e.wrongType(r, "result", r.types.Result, reflect.TypeFor[R]())
	}
	return nil
}

// wantDeclared checks a value that the caller has as an any. A nil is the zero value of the type.
func (e *Engine) wantDeclared(r *chain, what string, declared reflect.Type, v any) error {
	t := reflect.TypeOf(v)
	if declared == nil || t == nil || t.AssignableTo(declared) {
		return nil
	}
	return e.wrongType(r, what, declared, t)
}

func (e *Engine) wrongType(r *chain, what string, want, got reflect.Type) error {
	wanted, have := want.String(), got.String()
	if wanted == have { // types of two packages with the same name
		wanted, have = want.PkgPath()+"."+want.Name(), got.PkgPath()+"."+got.Name()
	}
	return fmt.Errorf("%s %s: %s: want %s, as the method is declared, got %s", e.service, r.method, what, wanted, have)
}

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
