package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/lua/hostlib"
)

// web is the world of http in tests. It answers with what it was asked, as JSON, apart from a few hosts.
type web struct{ hostlib.Effects }

func (web) HTTP(r effect.Request) (func(context.Context) (*effect.Response, error), error) {
	switch r.URL {
	case "http://forbidden":
		return nil, &effect.HTTPError{Kind: effect.HTTPRefused, Message: "GET http://forbidden: not listed"}
	case "http://broken":
		return nil, errors.New("this program makes no requests")
	}
	return func(ctx context.Context) (*effect.Response, error) { return answerTo(ctx, r) }, nil
}

func answerTo(ctx context.Context, r effect.Request) (*effect.Response, error) {
	switch r.URL {
	case "http://slow":
		<-ctx.Done()
		return nil, &effect.HTTPError{Kind: effect.HTTPTimeout, Message: "GET http://slow: no answer in time", Err: ctx.Err()}
	case "http://panics":
		panic("a bug")
	case "http://down":
		return nil, &effect.HTTPError{Kind: effect.HTTPConnect, Message: "GET http://down: connection refused"}
	case "http://large":
		return &effect.Response{Status: 200, Body: strings.Repeat("x", 1<<20)}, nil
	case "http://text":
		return &effect.Response{Status: 404, Body: "no such page"}, nil
	}
	body, err := json.Marshal(map[string]any{
		"method": r.Method, "url": r.URL, "headers": r.Header, "body": r.Body, "timeout": r.Timeout.Seconds(),
	})
	return &effect.Response{Status: 200, Header: map[string]string{"content-type": "application/json", "x-a": "1, 2"}, Body: string(body)}, err
}

// TestAnswersCountAsMemoryOfTheRun: a script that keeps answers is stopped as if it had made the texts.
func TestAnswersCountAsMemoryOfTheRun(t *testing.T) {
	vm := newVM(t, Options{Effects: web{}})
	s := load(t, vm, `function f() local kept = {} for i = 1, 100 do kept[i] = http.get("http://large").body .. i end end
		function g() return (pcall(http.get, "http://large")) end
		function h() local all = {} for i = 1, 100 do all[i] = http.get("http://large").json end end`)
	lim := ample
	lim.Memory = 16 << 20
	for _, name := range []string{"f", "h"} {
		if e := callFails(t, vm, lim, s, name); e.Kind != KindMemory {
			t.Errorf("%s: got %v (%s), want kind memory", name, e, e.Kind)
		}
	}
	lim.Memory = 1 << 20
	if got, err := vm.Run(t.Context(), &lim, function(t, s, "g")); err != nil || got.Lua().String() != "false" {
		t.Errorf("got %v, %v; want an error that the script can catch", got, err)
	}
}

func TestWorkForRequestsIsCharged(t *testing.T) {
	vm := newVM(t, Options{Effects: web{}})
	s := load(t, vm, `function empty() end function one() http.get("http://text") end
		function large() http.request{ url = "http://text", method = "POST", json = ("x"):rep(1e6) } end`)
	call(t, vm, s, "empty")
	none := vm.Instructions()
	call(t, vm, s, "one")
	if got := vm.Instructions() - none; got < 100 {
		t.Errorf("got %d instructions for a request, want at least 100", got)
	}
	call(t, vm, s, "large")
	if got := vm.Instructions() - none; got < 1e6/16 {
		t.Errorf("got %d instructions for a request of a megabyte, want at least %d", got, 1_000_000/16)
	}
}

func TestARequestEndsWithItsRun(t *testing.T) {
	vm := newVM(t, Options{Effects: web{}})
	s := load(t, vm, `function f() while true do pcall(http.get, "http://slow") end end function fine() return 1 end`)
	lim := ample
	lim.Timeout = time.Millisecond
	if e := callFails(t, vm, lim, s, "f"); e.Kind != KindTimeout {
		t.Errorf("got %v (%s), want kind timeout", e, e.Kind)
	}
	if call(t, vm, s, "fine") != int64(1) {
		t.Error("the next run fails")
	}
}

func TestAPanicInARequestEndsTheRun(t *testing.T) {
	vm := newVM(t, Options{Effects: web{}})
	s := load(t, vm, `function f() pcall(http.get, "http://panics") end`)
	if e := callFails(t, vm, ample, s, "f"); e.Kind != KindInternal || e.Message != "panic: a bug" {
		t.Errorf("got %v (%s), want the panic", e, e.Kind)
	}
}

// TestOthersRunDuringARequest: the wait gives the VM away, as that for a host object does.
func TestOthersRunDuringARequest(t *testing.T) {
	var order []string
	var vm *VM
	var other *Script
	vm = newVM(t, Options{Effects: web{}, Wait: func(free bool, wait func()) {
		if free && !slices.Contains(order, "other") {
			order = append(order, "other")
			if call(t, vm, other, "f") != int64(7) {
				t.Error("the other run fails")
			}
		}
		wait()
	}})
	other = load(t, vm, `function f() return 7 end`)
	s := load(t, vm, `function f(r) local a = http.get("http://text") return a.status end`)
	if got := call(t, vm, s, "f"); got != int64(404) {
		t.Errorf("got %v, want the status of the answer", got)
	}
	if !slices.Equal(order, []string{"other"}) {
		t.Errorf("got %v, want another run during the request", order)
	}
}

func TestWithoutEffectsThereIsNoHTTP(t *testing.T) {
	vm := newVM(t, Options{})
	s := load(t, vm, `function f() http.get("http://text") end`)
	if e := callFails(t, vm, ample, s, "f"); !strings.Contains(e.Message, "there is no http here") {
		t.Errorf("got %v, want an error that says that there is no http", e)
	}
}
