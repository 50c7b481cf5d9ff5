package bridge

import (
	"encoding"
	"fmt"
	"math/big"
	"reflect"

	"github.com/hookrun/hookrun/internal/plaintext"
)

// The text methods of the host's types are called here, and by encoding/json where a Go value is written whole. A
// script may choose what they get, so that is bounded; and they are the host's code, so they may fail or panic.

// maxText is the longest text, in bytes, that the UnmarshalText of a host's type gets. Such methods may take long: a
// big.Int takes some milliseconds for a text of that length, and half a minute for one of 4 MiB. stepsPerByte is what
// each byte costs of the script's instructions.
const (
	maxText      = 64 << 10
	stepsPerByte = 1
)

// marshal calls the MarshalText of a value, or of a pointer to it. An error has no path yet.
func (p *typeInfo) marshal(b *account, v reflect.Value) (s string, bad *TypeError) {
	b.hosts()
	defer guard(&bad, "MarshalText")
	m, ok := v.Interface().(encoding.TextMarshaler)
	if !ok {
		m = addressed(reflect.PointerTo(p.typ), v).Interface().(encoding.TextMarshaler)
	}
	text, err := m.MarshalText()
	if err != nil {
		return "", &TypeError{Text: "cannot be read: " + clipped(err.Error())}
	}
	return string(text), nil
}

// unmarshal calls the UnmarshalText of a new value. An error has no path yet.
func (p *typeInfo) unmarshal(b *account, s string) (val reflect.Value, bad *TypeError) {
	b.hosts()
	defer guard(&bad, "UnmarshalText")
	ptr := reflect.New(p.typ)
	m, ok := ptr.Interface().(encoding.TextUnmarshaler)
	if !ok {
		return val, &TypeError{Text: "cannot be set"}
	}
	if err := m.UnmarshalText([]byte(s)); err != nil {
		return val, &TypeError{Text: fmt.Sprintf("%q does not fit: %s", plaintext.Clip(s, maxShown), clipped(err.Error()))}
	}
	return ptr.Elem(), nil
}

// A short text such as 1e-99999999 is a number whose own text takes hours to make. So the numbers of math/big that a
// script makes are bounded: the parts of a fraction have at most maxBits bits, about as many as maxText allows. A
// big.Float, whose text takes time that grows with the square of its exponent, has an exponent of two of at most
// maxExponent, up or down: from about 1e-2466 to 1e2466.
const (
	maxBits     = 1 << 18
	maxExponent = 1 << 13
)

func endlessText(v any) bool {
	switch n := v.(type) {
	case *big.Float:
		e := n.MantExp(nil)
		return e > maxExponent || e < -maxExponent
	case *big.Rat:
		return n.Num().BitLen() > maxBits || n.Denom().BitLen() > maxBits
	}
	return false
}

// guard turns a panic in a host's method into an error. It is to be deferred around all that may run the host's code.
func guard(bad **TypeError, method string) {
	if p := recover(); p != nil {
		*bad = &TypeError{Text: method + " panicked: " + panicText(p), panicked: true}
	}
}

// panicText shows what the host's code panicked with, which may be a value with methods that panic as well.
func panicText(p any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T", p)
		}
	}()
	return clipped(fmt.Sprint(p))
}

// unmarshalText converts a text to a host's type.
func (c *converter) unmarshalText(p *typeInfo, s string) (reflect.Value, *TypeError) {
	if len(s) > maxText {
		return reflect.Value{}, c.fail("want at most %d bytes of text, got %d", maxText, len(s))
	}
	if err := c.charge(stepsPerByte*len(s), len(s)); err != nil {
		return reflect.Value{}, err
	}
	val, bad := p.unmarshal(&c.account, s)
	if bad == nil && endlessText(val.Addr().Interface()) {
		return val, c.fail("%q is too large or too small a number", plaintext.Clip(s, maxShown))
	}
	return val, c.placed(bad)
}

// placed gives an error its path.
func (c *converter) placed(bad *TypeError) *TypeError {
	if bad != nil && bad != errStopped {
		bad.Path = c.path()
	}
	return bad
}
