package bridge

import (
	"math/bits"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Meter is told of a conversion's work while it is done, and can end the conversion: an error that the Meter returns
// ends it and comes back unchanged. A nil Meter sets no limits. Where the context of a Lua thread is a Meter, it is
// told of the work that the script of that thread makes views do.
type Meter interface {
	// Steps is told of n steps of work, each about as much as one instruction of the Lua VM. A negative n takes back
	// steps of which it will be told again.
	Steps(n int) error
	// Bytes is asked before a conversion takes memory. n is the total that the conversion holds by then, so that a
	// value made of many small parts counts as a whole; 0 says that the conversion is over.
	Bytes(n int) error
	// Hosts is called before a method of one of the host's types makes or reads its text or JSON, which may take long.
	Hosts()
	// Panicked is told of a panic in a text method of one of the host's types, or in the conversion itself, with the
	// path of the value, and returns the error that ends the conversion.
	Panicked(text string) error
}

// account adds up what a conversion takes, and tells the meter before that grows much further. A nil account counts
// nothing.
type account struct {
	meter Meter
	L     *lua.LState // the thread whose context is the meter where meter is nil
	tx    *Tx         // that of the view that a script touches, or of the binding that is committed; nil for none
	steps int         // steps that the meter has not heard of
	bytes int         // bytes taken so far
	paid  int         // steps that the meter has heard of
	told  int         // bytes that the meter has heard of
	heard bool        // whether the meter has heard of any bytes
	err   error       // why the conversion must end: the meter's, or a *TypeError
}

// How much may be taken before the meter hears of it. For a large conversion an eighth of the bytes told so far is
// added, so that the meter is not asked often.
const (
	arrearSteps = 64
	arrearBytes = 16 << 10
)

// A step is this many bytes copied or looked at. From longString bytes on, a single instruction may work on a string
// for so long that the work is counted.
const (
	bytesPerStep = 16
	longString   = 64 << 10
)

// take counts steps, and bytes that are about to be taken. It returns false when the conversion must end.
func (b *account) take(steps, bytes int) bool {
	if b == nil {
		return true
	}
	b.steps += steps
	b.bytes += bytes
	return b.steps < arrearSteps && b.bytes-b.told < arrearBytes+b.told>>3 || b.tell()
}

// giveBack subtracts bytes that are no longer held.
func (b *account) giveBack(n int) {
	if b != nil {
		b.bytes -= n
		b.told = min(b.told, b.bytes)
	}
}

// tell tells the meter of what it has not heard of.
func (b *account) tell() bool {
	if b.err != nil {
		return false
	}
	steps, bytes, grown := b.steps, b.bytes, b.bytes > b.told
	b.steps, b.told = 0, b.bytes
	b.paid += steps
	if b.attached() == nil {
		return true
	}
	b.err = b.meter.Steps(steps)
	if b.err == nil && grown {
		b.err, b.heard = b.meter.Bytes(bytes), true
	}
	if b.err != nil {
		b.steps = arrearSteps // so that take comes here and fails
	}
	return b.err == nil
}

// attached returns the meter, which it finds where that has not been done; nil for none.
func (b *account) attached() Meter {
	if b == nil {
		return nil
	}
	if b.meter == nil && b.L != nil {
		b.meter, _ = b.L.Context().(Meter)
	}
	return b.meter
}

// stop ends the conversion with a type error, such as that of a value which cannot be read. blame adds the path.
func (b *account) stop(bad *TypeError) {
	if b != nil && b.err == nil {
		b.err, b.steps = bad, arrearSteps
	}
}

// blame gives the type error that stopped the conversion, if one did and it has no path yet, the path of a view at a
// key.
func (b *account) blame(v *view, key lua.LValue) {
	if b == nil || b.err == nil {
		return
	}
	if bad, ok := b.err.(*TypeError); ok && bad.Path == "" {
		bad.Path = joinKey(v.path(), key)
	}
}

// why returns the error to report for err: for a panic, the error that the meter makes of it.
func (b *account) why(err error) error {
	if bad, ok := err.(*TypeError); ok && bad.panicked && b.meter != nil {
		return b.meter.Panicked(bad.Error())
	}
	return err
}

// errStopped stands in for the account's error where a *TypeError is returned.
var errStopped = &TypeError{Text: "stopped by the meter"}

// charge is take for code that returns a *TypeError.
func (b *account) charge(steps, bytes int) *TypeError {
	if b.take(steps, bytes) {
		return nil
	}
	return errStopped
}

// end tells the meter of the rest and returns the error of the whole conversion.
func (b *account) end(err *TypeError) error {
	if b.steps > 0 || b.bytes > b.told {
		b.tell()
	}
	b.over()
	if b.err != nil {
		return b.why(b.err)
	}
	if err != nil {
		return b.why(err)
	}
	return nil
}

// hosts tells the meter that the host's code is about to run.
func (b *account) hosts() {
	if m := b.attached(); m != nil {
		m.Hosts()
	}
}

// over tells the meter to stop counting the memory it was told of: either Lua holds it now, where it is measured, or
// nothing does.
func (b *account) over() {
	if b.heard {
		_ = b.meter.Bytes(0)
		b.heard = false
	}
}

// tried ends an attempt by code that cannot raise an error. Where the attempt failed, it returns false and takes back
// the steps that the meter was told of, since code that can raise an error will do the same work again.
func (b *account) tried(ok bool) bool {
	b.over()
	if ok && b.err == nil {
		return true
	}
	if b.meter != nil && b.paid > 0 {
		_ = b.meter.Steps(-b.paid)
	}
	return false
}

// must stops the script when the conversion had to end.
func (b *account) must() {
	if b.over(); b.err == nil {
		return
	}
	b.attached()
	err := b.why(b.err)
	if bad, ok := err.(*TypeError); ok && b.tx != nil {
		raise(b.L, b.tx, bad)
	}
	b.L.RaiseError("%s", err.Error())
}

// long counts a long string that a script passes or gets, since a single instruction may compare it with another.
func (b *account) long(lv lua.LValue) {
	if s, ok := lv.(lua.LString); ok && len(s) >= longString {
		b.take(len(s)/bytesPerStep, 0)
	}
}

// compare orders strings. Once the meter has ended the conversion any order will do, as the sorting only has to end.
func (b *account) compare(x, y string) int {
	if n := min(len(x), len(y)); n >= longString && !b.take(n/bytesPerStep, 0) {
		return len(x) - len(y)
	}
	return strings.Compare(x, y)
}

// sort sorts keys. It returns false where that is too much for the account.
func (b *account) sort(keys []string) bool {
	if !b.take(len(keys)*bits.Len(uint(len(keys)))/4, 0) {
		return false
	}
	slices.SortFunc(keys, b.compare)
	return b == nil || b.err == nil
}
