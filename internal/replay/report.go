package replay

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/hookrun/hookrun/tape"
)

// Report is what came of all calls together. Its JSON form is what 'hookrun replay --json' prints. All of its lists are
// bounded, so that it takes no more memory for more calls. What Errors, Missing, Unplayable and Differences have no
// room for is counted in Beyond; what Methods, Hooks and Notes have no room for is left out.
type Report struct {
	Calls   int            `json:"calls"`
	Methods []*MethodCount `json:"methods"`
	// Then is how the calls ended that there is something to compare with: as a tape says or, where two versions of the
	// hooks are compared, with the other version. Nil for none.
	Then *Endings `json:"then"`
	Now  *Endings `json:"now"`

	Hooks     []*HookReport `json:"hooks"`
	Errors    []*ErrorGroup `json:"errors"`
	Slowest   []Cost        `json:"slowest"`   // by the time that hooks took when the calls were recorded
	Costliest []Cost        `json:"costliest"` // by instructions of all hooks

	Notes      []string   `json:"notes"`      // what is not as it was when a tape was recorded
	Dropped    int64      `json:"dropped"`    // calls that a tape says are missing in it
	Missing    []*Missing `json:"missing"`    // what hooks asked and the tape has no answer to
	Unplayable []*Problem `json:"unplayable"` // records that could not be run

	Compared    int      `json:"compared"`  // calls of which it is known what came of them then and now
	Differing   int      `json:"differing"` // those with differences
	Differences []*Group `json:"differences"`
	Beyond      Beyond   `json:"beyond"`
}

// Beyond counts what has no room in the lists of a report.
type Beyond struct {
	Errors      int `json:"errors"`
	Missing     int `json:"missing"`
	Unplayable  int `json:"unplayable"`
	Differences int `json:"differences"`
}

// MethodCount is how many calls of a method there are.
type MethodCount struct {
	Service string `json:"service"`
	Method  string `json:"method"`
	Calls   int    `json:"calls"`
}

// Endings counts how calls ended, and what their hooks cost.
type Endings struct {
	Calls        int   `json:"calls"`
	Completed    int   `json:"completed"`
	Rejected     int   `json:"rejected"`
	Failed       int   `json:"failed"`
	Unknown      int   `json:"unknown"` // a run asked what its tape has no answer to
	Instructions int64 `json:"instructions"`
	Same         int   `json:"same"` // calls without a difference, and with the same number of instructions in each run
}

// HookReport is what a hook did in all calls.
type HookReport struct {
	Service      string         `json:"service"`
	Hook         string         `json:"hook"`
	Script       string         `json:"script"`
	Runs         int            `json:"runs"`
	Failed       int            `json:"failed"`     // runs, with those that were suppressed
	Suppressed   int            `json:"suppressed"` // of the failed
	Rejected     int            `json:"rejected"`
	Instructions int64          `json:"instructions"`
	Highest      int64          `json:"highest"` // instructions of one run
	Changes      map[string]int `json:"changes"` // runs, by what they changed, such as result.export_locations[*].path
	Effects      map[string]int `json:"effects"` // runs, by what they did besides
	Others       int            `json:"others"`  // changes and effects beyond those that are listed
}

// ErrorGroup is the errors raised at one line of a script.
type ErrorGroup struct {
	Script  string  `json:"script"` // "" where no script raised it
	Line    int     `json:"line"`
	Kind    string  `json:"kind"`
	Hook    string  `json:"hook"`
	Phase   string  `json:"phase"`
	Message string  `json:"message"` // of the example
	Count   int     `json:"count"`
	Example Example `json:"example"`
}

// Cost is what one call cost.
type Cost struct {
	Example
	Instructions int64         `json:"instructions"`
	Duration     time.Duration `json:"duration_ns"` // of the hooks, when it was recorded; 0 where that is not known
}

// Unknown is how many times a run of a call asked, in one of the versions, what its tape has no answer to.
func (r *Report) Unknown() int {
	if r.Then == nil {
		return r.Now.Unknown
	}
	return r.Now.Unknown + r.Then.Unknown
}

// Missing is something that hooks ask at one line and that the tape has no answer to.
type Missing struct {
	Hook    string  `json:"hook"`
	Script  string  `json:"script"`
	Line    int     `json:"line"`
	Then    bool    `json:"then"` // asked by the version that is compared with, and not by the hooks of now
	Asked   string  `json:"asked"`
	Count   int     `json:"count"`
	Example Example `json:"example"`
}

// Problem is a reason why records could not be run.
type Problem struct {
	Message string  `json:"message"`
	Count   int     `json:"count"`
	Example Example `json:"example"`
}

// Example says which call it is.
type Example struct {
	At        string `json:"at"` // the record's file and line
	RequestID string `json:"request_id,omitempty"`
	Service   string `json:"service"`
	Method    string `json:"method"`
}

// Group is the differences with the same Kind, About and Hooks.
type Group struct {
	Kind    Kind     `json:"kind"`
	About   string   `json:"about"`
	Hooks   []string `json:"hooks"`
	Methods []string `json:"methods"` // in whose calls it shows, the first few
	Calls   int      `json:"calls"`
	Example Example  `json:"example"`
	Then    string   `json:"then"` // in the example
	Now     string   `json:"now"`

	Record json.RawMessage `json:"record"` // of the example; nil where it is not shown
	Values int             `json:"values"` // how many the record has
	Note   string          `json:"note,omitempty"`
	Case   string          `json:"case,omitempty"` // the file it was saved to

	Outcome *tape.Recorded `json:"-"` // of the example as it is now; nil where it is no case by itself

	source []byte // the record as it was read
	header *tape.Header
}

// Key is what tells the group from all others, on a line.
func (g *Group) Key() string {
	return string(g.Kind) + " " + strings.Join(g.Hooks, ",") + " " + g.About
}

// Source is the example's record as it was read.
func (g *Group) Source() []byte { return g.source }

// Header says which scripts the example was recorded with; nil for a record that is of no tape.
func (g *Group) Header() *tape.Header { return g.header }

// Shows reports whether one of the differences of a call is of this group.
func (g *Group) Shows(found []Difference) bool {
	return slices.ContainsFunc(found, func(d Difference) bool {
		return d.Kind == g.Kind && d.About == g.About && slices.Equal(d.Hooks, g.Hooks)
	})
}
