package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// Errors that a caller may test for with [errors.Is].
var (
	// ErrClosed is returned by the methods of a closed engine, and by calls through it.
	ErrClosed = errors.New("the hook engine is closed")
	// ErrReentrant is returned by a hooked call that a hook of the same service made through a host object. Where that
	// shows only when the call comes to the hook that waits for it, the driver may have been called: then the result
	// comes with the error.
	ErrReentrant = errors.New("a hook cannot make a hooked call of its own service: it would wait for itself")
)

// Errors for a nil where a program must pass something, such as after a New or a config.Load that failed.
var (
	errNoEngine = errors.New("the hook engine is nil: want the *Engine that engine.New returns")
	errNoConfig = errors.New("the config is nil: want the *Config that config.Load returns, or one made in Go")
	errNoData   = errors.New("the periodic data is nil: want a function that provides it")
)

// Close ends the engine. Calls in flight finish; later ones return [ErrClosed], and so does [Engine.Run]. Close does
// not wait for calls in flight; [Engine.Shutdown] does. It may be called twice.
func (e *Engine) Close() error {
	if e == nil {
		return errNoEngine
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state.Swap(nil) != nil {
		close(e.closed)
		e.underway.shut()
	}
	return nil
}

// Shutdown closes the engine as [Engine.Close] does, then waits until the hooked calls and the tick that are under way
// have ended. When the context ends first, it returns an error that unwraps to the context's. A driver or a host method
// that calls Shutdown as part of such a call would wait for itself.
func (e *Engine) Shutdown(ctx context.Context) error {
	if err := e.Close(); err != nil {
		return err
	}
	select {
	case <-e.underway.ended:
		return nil
	default:
	}
	select {
	case <-e.underway.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("service %s: %d hooked calls, ticks or reloads are still under way: %w", e.service, e.underway.left(), ctx.Err())
	}
}

// loaded returns the state; nil when there is none, for which [Engine.notLoaded] gives the reason.
func (e *Engine) loaded() *state {
	if e == nil {
		return nil
	}
	return e.state.Load()
}

func (e *Engine) notLoaded() error {
	if e == nil {
		return errNoEngine
	}
	return ErrClosed
}

// underway counts hooked calls, ticks, and reloads that configure the store.
type underway struct {
	n     atomic.Int64  // how many there are, plus isShut once no more may begin
	ended chan struct{} // closed once there are none and no more may begin
	once  sync.Once
	over  func() // called before that; nil for nothing
}

const isShut = 1 << 62

// begin reports whether one more may begin. If so, end must be called when it has ended.
func (u *underway) begin() bool {
	if u.n.Add(1) < isShut {
		return true
	}
	u.end()
	return false
}

func (u *underway) end() { u.tell(u.n.Add(-1)) }

// shut lets no more begin. It is called once.
func (u *underway) shut() { u.tell(u.n.Add(isShut)) }

func (u *underway) tell(n int64) {
	if n == isShut {
		u.once.Do(func() {
			if u.over != nil {
				u.over()
			}
			close(u.ended)
		})
	}
}

func (u *underway) left() int64 { return u.n.Load() - isShut }
