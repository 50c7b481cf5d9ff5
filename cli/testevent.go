package cli

import (
	"time"

	"github.com/hookrun/hookrun/internal/tester"
)

// testEvent is a line that test writes for other programs: one for each test ("test"), for each file that cannot be
// loaded ("file"), and one at the end ("summary").
type testEvent struct {
	Event    string        `json:"event"`
	File     string        `json:"file,omitempty"`
	Test     string        `json:"test,omitempty"`
	Line     int           `json:"line,omitempty"`
	Status   string        `json:"status,omitempty"` // passed, failed or unread
	Duration time.Duration `json:"duration_ns"`
	Failures []testFailure `json:"failures,omitempty"`
	Logs     []string      `json:"logs,omitempty"`
	Passed   *int          `json:"passed,omitempty"`
	Failed   *int          `json:"failed,omitempty"`
	Unread   *int          `json:"unread,omitempty"`
	Seed     uint64        `json:"seed,omitempty"`
}

// testFailure is a reason why a test failed.
type testFailure struct {
	File        string           `json:"file"`
	Line        int              `json:"line"`
	Message     string           `json:"message"`
	Want        string           `json:"want,omitempty"`
	Got         string           `json:"got,omitempty"`
	Differences []testDifference `json:"differences,omitempty"`
	Traceback   string           `json:"traceback,omitempty"`
	Call        *callReport      `json:"call,omitempty"`
}

type testDifference struct {
	Path string `json:"path"`
	Want string `json:"want"`
	Got  string `json:"got"`
}

func newTestEvent(r *tester.Result) testEvent {
	e := testEvent{Event: "test", File: r.File.Name, Test: r.Name, Line: r.Line, Status: "passed", Duration: r.Duration, Logs: r.Logs}
	if !r.Passed() {
		e.Status = "failed"
	}
	for i := range r.Failures {
		e.Failures = append(e.Failures, newTestFailure(&r.Failures[i]))
	}
	return e
}

func newTestFailure(f *tester.Failure) testFailure {
	t := testFailure{File: f.File, Line: f.Line, Message: f.Message, Want: f.Want, Got: f.Got, Traceback: f.Traceback}
	for _, d := range f.Differences {
		t.Differences = append(t.Differences, testDifference(d))
	}
	if call, ok := f.Call.(*lastCall); ok {
		t.Call = call.callReport
	}
	return t
}
