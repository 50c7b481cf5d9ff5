package bridge

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Meter is told of a conversion's work while it is done, and can end it: an error that it returns ends the conversion and
// comes back as it is. A nil Meter sets no limits. The context of a Lua thread that is a Meter is told of what its script
// makes views do.
type Meter interface {
	// Steps is told of n steps of work, each about as much as one instruction of the Lua VM. Of steps that will be told once more it is
	// told by a negative n.
	Steps(n int) error
	// Bytes is asked before a conversion takes memory. N is all that it holds by then, so that what is made of many small
	// parts is seen as the whole that it is; 0 says that the conversion is over.
	Bytes(n int) error
	// Hosts is told before a text method of one of the host's types runs, which may take its time.
	Hosts()
	// Panicked is told of a panic in a text method of one of the host's types, with its place, and makes the error with which
	// the conversion ends.
	Panicked(text string) error
}

// account adds up what a conversion takes, and tells the meter before it grows much further. A nil account counts nothing.
type account struct {
	meter Meter
	L     *lua.LState // whose context is the meter where that is nil
	tx    *Tx         // of the view that a script touches, or of the binding that is committed; nil for none
	steps int         // which the meter has not heard of
	bytes int         // taken so far
	paid  int         // steps that the meter has heard of
	told  int         // the bytes that the meter has heard of
	heard bool        // whether it has heard of any
	err   error       // why the conversion must end: the meter's, or a *TypeError
}

// What is taken before the meter hears of it. Of a large conversion it is an eighth, so that the meter is not asked often.
const (
	arrearSteps = 64
	arrearBytes = 16 << 10
)

// A step is this many bytes that are copied or looked at. From longString on a script may have one instruction work so long
// on a string that it counts.
const (
	bytesPerStep = 16
	longString   = 64 << 10
)

// take counts steps, and bytes that are about to be taken. It is false when the conversion must end.
func (b *account) take(steps, bytes int) bool {
	if b == nil {
		return true
	}
	b.steps += steps
	b.bytes += bytes
	return b.steps < arrearSteps && b.bytes-b.told < arrearBytes+b.told>>3 || b.tell()
}

// giveBack counts bytes that are held no longer.
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
	if b.attach(); b.meter == nil {
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

// attach finds the meter.
func (b *account) attach() {
	if b.meter == nil && b.L != nil {
		b.meter, _ = b.L.Context().(Meter)
	}
}

// stop ends the conversion where a value cannot be read. Blame says where.
func (b *account) stop(bad *TypeError) {
	if b != nil && b.err == nil {
		b.err, b.steps = bad, arrearSteps
	}
}

// blame says that what just stopped the conversion, if anything did, is the value of a view at a key.
func (b *account) blame(v *view, key lua.LValue) {
	if b == nil || b.err == nil {
		return
	}
	if bad, ok := b.err.(*TypeError); ok && bad.Path == "" {
		bad.Path = joinKey(v.path(), key)
	}
}

// why is the error that ended the conversion. Of a panic of the host's code the meter makes the error.
func (b *account) why(err error) error {
	if bad, ok := err.(*TypeError); ok && bad.panicked && b.meter != nil {
		return b.meter.Panicked(bad.Error())
	}
	return err
}

// errStopped stands for the account's error where a *TypeError is returned.
var errStopped = &TypeError{Text: "stopped by the meter"}

// charge is take for code that returns a *TypeError.
func (b *account) charge(steps, bytes int) *TypeError {
	if b.take(steps, bytes) {
		return nil
	}
	return errStopped
}

// end tells the meter of the rest and makes the error of the whole conversion.
func (b *account) end(err *TypeError) error {
	if b.steps > 0 || b.bytes > b.told {
		b.tell()
	}
	b.over()
	switch {
	case b.err != nil:
		return b.why(b.err)
	case err != nil:
		return b.why(err)
	}
	return nil
}

// hosts tells the meter that code of the host's is about to run.
func (b *account) hosts() {
	if b == nil {
		return
	}
	if b.attach(); b.meter != nil {
		b.meter.Hosts()
	}
}

// over tells the meter to stop counting the memory that it was told of: Lua holds it now, where it is measured, or nobody does.
func (b *account) over() {
	if b.heard {
		_ = b.meter.Bytes(0)
		b.heard = false
	}
}

// tried ends what could not raise an error. It is false, and takes back what the meter was told, where the same is to be done again by
// code that can.
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
	b.over()
	if b.err != nil {
		b.raise()
	}
}

func (b *account) raise() {
	b.attach()
	err := b.why(b.err)
	if bad, ok := err.(*TypeError); ok && b.tx != nil {
		raise(b.L, b.tx, bad)
	}
	b.L.RaiseError("%s", err.Error())
}

// long counts a long string that a script hands over, or gets: one instruction compares it with another.
func (b *account) long(lv lua.LValue) {
	if s, ok := lv.(lua.LString); ok && len(s) >= longString {
		b.take(len(s)/bytesPerStep, 0)
	}
}

// compare orders strings, at the end of a conversion that must end in any way.
func (b *account) compare(x, y string) int {
	if n := min(len(x), len(y)); n >= longString && !b.take(n/bytesPerStep, 0) {
		return len(x) - len(y)
	}
	return strings.Compare(x, y)
}

// What Go data takes, in bytes.
const (
	slotBytes = 16  // an interface or a string header, wherever one is kept
	boxBytes  = 16  // what an interface points to
	mapBytes  = 320 // a map with its first eight entries
)

// entryBytes is what an entry of a large map takes, with the room that is kept free.
func entryBytes(value int) int { return 2 * (slotBytes + value) }

// entriesBytes is what a map with n entries takes.
func entriesBytes(n, value int) int { return mapBytes + n*entryBytes(value) }
