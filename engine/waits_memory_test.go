package engine_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// twoAtOnce lets two runs of a hook wait at once, with 16 MiB for all.
func twoAtOnce(h *config.Hook) { h.MaxMemory, h.Concurrent, h.Timeout = 16<<20, 2, time.Hour }

// fill makes a function that returns a list of n mebibytes, as texts, which the library makes, or as tables, which the
// VM makes.
func fill(how string) string {
	mebibyte := map[string]string{
		"texts":  `list[i] = ("x"):rep(2^20 + i)`,
		"tables": `local t = list[i - 1] for n = 1, 9500 do t = { t } end list[i] = t`,
	}[how]
	return fmt.Sprintf("local function fill(n) local list = {} for i = 1, n do %s end return list end\n", mebibyte)
}

// What a run that waits has put into globals counts once, not as the run's own as well.
func TestGlobalsThatAWaitingRunMadeCountOnce(t *testing.T) {
	for _, how := range []string{"texts", "tables"} {
		synctest.Test(t, func(t *testing.T) {
			w, _ := waitingWorld(t, hook("a", fill(how)+`
function pre.build() cache = fill(6) clerk:Wait(1000) end
function pre.use() local held = fill(6) end`, twoAtOnce))
			ended := w.begin(t.Context(), "build")
			for range 3 {
				if err := w.made(t.Context(), "use"); err != nil {
					t.Errorf("%s: a run that has room beside the globals: %v", how, err)
				}
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

// A run that comes back has as much less room as others have put into the globals meanwhile.
func TestARunThatComesBackCountsTheGlobalsOfOthers(t *testing.T) {
	for _, how := range []string{"texts", "tables"} {
		for _, clears := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w, _ := waitingWorld(t, hook("a", fill(how)+`
function pre.wait() for i = 1, 1000 do end clerk:Wait(1000) local held = fill(12) end
function pre.build() cache = fill(7) end
function pre.clear() cache = nil fill(3) end`, twoAtOnce))
				ended := w.begin(t.Context(), "wait")
				must(0, w.made(t.Context(), "build"))
				if clears {
					must(0, w.made(t.Context(), "clear"))
					must(0, <-ended)
				} else {
					wantMemory(t, how+": a run that came back", <-ended)
				}
			})
		}
	}
}

// Lost globals count as long as a run waits that has them. That run goes on: it has not filled them.
func TestLostGlobalsCountWhileARunThatHasThemWaits(t *testing.T) {
	for _, how := range []string{"texts", "tables"} {
		synctest.Test(t, func(t *testing.T) {
			w, _ := waitingWorld(t, hook("a", fill(how)+`
function pre.wait(call)
  for i = 1, call.args.share.size do end
  clerk:Wait(1000)
end
function pre.build() cache = fill(12) end
function pre.use() local held = fill(8) end`, twoAtOnce))
			for _, steps := range []int64{0, 1000} {
				ended := make(chan error, 1)
				go func() {
					_, err := engine.Call(t.Context(), w.Engine, "wait", args{share{Size: steps}}, echo)
					ended <- err
				}()
				synctest.Wait()
				wantMemory(t, how+": the run that loses the globals", w.made(t.Context(), "build"))
				wantMemory(t, how+": a run beside the lost globals", w.made(t.Context(), "use"))
				if err := <-ended; err != nil {
					t.Errorf("%s: the run that waited: %v", how, err)
				}
				if err := w.made(t.Context(), "use"); err != nil {
					t.Errorf("%s: a run after it: %v", how, err)
				}
			}
		})
	}
}

// A run that comes back to lost globals still holds them, whether it is the only one or not.
func TestARunThatComesBackToLostGlobalsHoldsThem(t *testing.T) {
	for _, how := range []string{"texts", "tables"} {
		for name, c := range map[string]struct {
			script  string // what the runs do that wait; the first for one second, the second for two
			another bool   // whether there is a second
			after   time.Duration
		}{
			"it fills as much again":        {`clerk:Wait(1000) local held = fill(12)`, false, 0},
			"it waits again":                {`clerk:Wait(1000) clerk:Wait(1000)`, false, 1500 * time.Millisecond},
			"it ends, and another has them": {`clerk:Wait(call.args.share.size)`, true, 1500 * time.Millisecond},
		} {
			t.Run(how+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, _ := waitingWorld(t, hook("a", fill(how)+`
function pre.wait(call) `+c.script+` end
function pre.build() cache = fill(12) end
function pre.use() local held = fill(8) end`, func(h *config.Hook) { twoAtOnce(h); h.Concurrent = 3 }))
					began := time.Now()
					ended := make(chan error, 2)
					wait := func(milliseconds int64) {
						_, err := engine.Call(t.Context(), w.Engine, "wait", args{share{Size: milliseconds}}, echo)
						ended <- err
					}
					go wait(1000)
					if c.another {
						go wait(2000)
					}
					synctest.Wait()
					wantMemory(t, "the run that loses the globals", w.made(t.Context(), "build"))
					if c.after == 0 {
						wantMemory(t, "the run that came back", <-ended)
						return
					}
					time.Sleep(c.after - time.Since(began))
					wantMemory(t, "a run beside it", w.made(t.Context(), "use"))
					must(0, <-ended)
					if c.another {
						must(0, <-ended)
					}
					must(0, w.made(t.Context(), "use"))
				})
			})
		}
	}
}

func wantMemory(t *testing.T, what string, err error) {
	t.Helper()
	var failed *engine.HookError
	if !errors.As(err, &failed) || failed.Kind != engine.KindMemory {
		t.Errorf("%s: got %v, want kind memory", what, err)
	}
}
