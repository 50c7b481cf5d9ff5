// Package peer holds what a program could use instead of hookrun, each as those who embed it write it, and the work by
// which they are compared.
package peer

import (
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/bench/side"
	"github.com/hookrun/hookrun/bench/world"
	"github.com/hookrun/hookrun/share"
)

// Peer is a way to do the work of hooks, done as well as its documentation allows. Work that it has no way for is nil.
// No peer takes back what a script changed before it failed.
type Peer struct {
	Name    string
	Limits  string // which limits of its own are on, as the table says it
	Several bool   // whether it runs more than one hook around a call

	// PrePost is a call of a driver that does nothing, with hooks around it.
	PrePost func(testing.TB, []Bodies) side.Side
	// Policy gives a share to a script, which reads three fields of it and says whether it may pass: it is of at most 500
	// GiB, available, and on a host.
	Policy func(testing.TB) func(*share.Share) bool
	// Set gives a share to a script, which reads three fields of it and sets its name, and returns what has become of it.
	// The share itself stays as it was.
	Set func(testing.TB) func(*share.Share) share.Share
	// SetNested does the same to a share in another record, behind a pointer.
	SetNested func(testing.TB) func(*world.Managed) *world.Managed
	// Sum has a script add up the sizes of the shares that are available.
	Sum func(testing.TB, []share.Share) func() int64
	// Compute runs a program, which returns a number.
	Compute func(testing.TB, string) func() int64
	// Programs are what Compute can run.
	Programs map[Task]string
}

// Bodies are what stands in the two functions of a hook: nothing, or Fail.
type Bodies struct{ Pre, Post string }

// Fail is a body that fails: in most languages because nothing is called so.
const Fail = "fail()"

// Limits are those of hooks, for peers that have the like. Where they are zero, a peer has none.
type Limits struct {
	Steps   int           // or instructions, or what else a peer counts
	Memory  int           // in bytes, or in allocations of 64
	Timeout time.Duration // for each run of a script
}

// On are the limits that are measured. The timeout is one that no machine reaches that is only slow.
var On = Limits{Steps: 10_000_000, Memory: 64 << 20, Timeout: time.Minute}

// Off are no limits.
var Off Limits

// Label is what the table says of limits: which a peer has, where they are on.
func (l Limits) Label(has string) string {
	switch {
	case l == Off:
		return "off"
	case l.Timeout == 0:
		return strings.TrimSuffix(has, ", time")
	}
	return has
}

// Light are the peers whose dependencies are small, with their limits, and without where that makes a difference.
func Light() []Peer {
	return []Peer{
		GopherLua(On), GopherLua(Off), Goja(On), Goja(Off), Starlark(On), Starlark(Limits{Steps: On.Steps}), Starlark(Off), Shopify(On), Shopify(Off), Expr(On),
		LikeSkipper(), LikeNakama(), LikeKrakenD(), Process(On), Python(),
	}
}

// alarm ends what runs for too long. It may be nil, and then does nothing.
type alarm struct {
	timer  *time.Timer
	after  time.Duration
	forget func() // what it did, where it has rung
}

func newAlarm(after time.Duration, ring, forget func()) *alarm {
	if after == 0 {
		return nil
	}
	a := &alarm{timer: time.AfterFunc(after, ring), after: after, forget: forget}
	a.timer.Stop()
	return a
}

func (a *alarm) set() {
	if a != nil {
		a.timer.Reset(a.after)
	}
}

func (a *alarm) stop() {
	if a != nil && !a.timer.Stop() {
		a.forget()
	}
}
