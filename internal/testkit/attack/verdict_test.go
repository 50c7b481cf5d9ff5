package attack

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/engine"
)

// job is what a process under attack is to do.
type job struct {
	Script  string
	Where   placement
	Folder  string        // for scripts, emptied afterwards by whoever made it
	Timeout time.Duration // of each attacked hook
	Memory  int64         // its max_memory
	Harm    bool          // whether scripts may do harm through the host, to see that it is noticed
	Waits   bool          // whether it waits between its statements, and two calls of it run at a time
}

// verdict is what a process under attack says of itself, as one line.
type verdict struct {
	Outcome outcome
	Broken  []string // promises that were not kept
	Late    []string // calls that came back too late, and a little too much memory, which a busy machine may cause
	// Slowdown is how much longer than its processor time some plain work took, from 1 on.
	Slowdown float64
	Peak     int64 // growth of the process's memory, in bytes
	Slowest  time.Duration
}

// outcome is how the attacked hooks ended.
type outcome struct {
	Kind    string // "ok", "true", "reject" (not loaded), or the kind of the error
	Message string
}

func (o outcome) String() string {
	if o.Message == "" {
		return o.Kind
	}
	return fmt.Sprintf("%s: %.200s", o.Kind, o.Message)
}

// meets reports whether an outcome is one that the script's first line names.
func (o outcome) meets(expect []string) bool {
	return slices.ContainsFunc(expect, func(want string) bool {
		switch want {
		case "contained":
			return true
		case "killed":
			return o.killed()
		case "error":
			return o.Kind == "script" || o.Kind == "type" || o.Kind == "reject" || o.refused()
		case "reject":
			return o.Kind == "reject"
		case "ok":
			return o.Kind == "ok" || o.Kind == "true"
		}
		return o.Kind == want
	})
}

// refused reports whether it is the error, which a script can catch, that there is not enough memory for what it asked
// for.
func (o outcome) refused() bool { return strings.HasPrefix(o.Message, "not enough memory: ") }

func (o outcome) killed() bool {
	return o.Kind == "timeout" || o.Kind == "instructions" || o.Kind == "memory"
}

// outcomeOfLoad says what an error of loading means. An error at a script's top level and one of its syntax look alike
// there.
func outcomeOfLoad(err error) outcome {
	var ce *config.Error
	if !errors.As(err, &ce) || len(ce.Problems) == 0 {
		return outcome{"internal", err.Error()}
	}
	message := ce.Problems[len(ce.Problems)-1].Message
	for words, kind := range endings {
		if strings.Contains(message, words) {
			return outcome{kind, message}
		}
	}
	return outcome{"reject", message}
}

// endings are words of the messages of what ends a run by force, with its kind: a problem of a config has no kind.
var endings = map[string]string{
	"ran longer than its timeout": "timeout",
	"used up its":                 "instructions",
	"memory than its":             "memory",
	" MiB of memory":              "memory",
	"not enough memory: ":         "memory",
	"panic: ":                     "internal",
}

// outcomeOfSteps is the first failure among the steps of some hooks, else what the last of them returned.
func outcomeOfSteps(steps []engine.Span, hooks []part) outcome {
	result := outcome{Kind: "ok"}
	for _, s := range steps {
		if !slices.ContainsFunc(hooks, func(p part) bool { return p.name == s.Hook }) {
			continue
		}
		if s.Err != nil {
			return outcomeOfError(s.Err)
		}
		if result.Kind = "ok"; s.Returned == true {
			result.Kind = "true"
		}
	}
	return result
}

func outcomeOfError(err error) outcome {
	var rejected *engine.RejectedError
	var failed *engine.HookError
	switch {
	case errors.As(err, &rejected):
		return outcome{"rejected", rejected.Message}
	case errors.As(err, &failed):
		return outcome{string(failed.Kind), failed.Message}
	}
	return outcome{"internal", err.Error()}
}
