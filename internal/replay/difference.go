package replay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/internal/plaintext"
	"github.com/hookrun/hookrun/tape"
)

// Kind says what a difference is about.
type Kind string

// The kinds of differences, the weightiest first.
const (
	KindOutcome Kind = "outcome" // the call ends in another way
	KindError   Kind = "error"   // a run fails, or fails no longer, or fails with another error
	KindArgs    Kind = "args"    // the driver is called with something else
	KindResult  Kind = "result"  // the caller gets something else
	KindEffect  Kind = "effect"  // a run publishes, remembers, asks or measures something else
)

// Difference is one way in which what came of a call differs between two versions of the hooks.
type Difference struct {
	Kind  Kind
	About string   // what differs, without what is different in each call: indexes, ids, figures
	Hooks []string // those that had a part in it, in the order in which they run
	Then  string   // what it was in this call, and what it is now; JSON or a text, "" for nothing
	Now   string
}

// key is the same for differences that belong together.
func (d *Difference) key() string {
	return string(d.Kind) + "\x00" + d.About + "\x00" + strings.Join(d.Hooks, "\x00")
}

// Differences compares what came of a call. Where it ends in another way, all else follows from that, and is not told.
//
// What scripts log, and what it costs, is no difference; nor is where in a script an error was raised, the id that an
// event gets by itself, or what pre hands to post.
func Differences(then, now *tape.Recorded) ([]Difference, error) {
	if ending(then) != ending(now) {
		return []Difference{{
			Kind: KindOutcome, About: told(then, brief) + " → " + told(now, brief), Hooks: hooksOf(then.Error, now.Error),
			Then: told(then, errorText), Now: told(now, errorText),
		}}, nil
	}
	found := errorDifferences(then, now)
	if then.Driver.Called && now.Driver.Called {
		args, err := valueDifferences(KindArgs, then, now, then.Args, now.Args)
		if err != nil {
			return nil, err
		}
		found = append(found, args...)
	}
	result, err := valueDifferences(KindResult, then, now, then.Result, now.Result)
	if err != nil {
		return nil, err
	}
	effects, err := effectDifferences(then, now)
	return slices.Concat(found, result, effects), err
}

// ending says how a call ended and, where it failed, on which side of the driver.
func ending(r *tape.Recorded) string {
	switch {
	case r.Outcome != tape.Failed:
		return r.Outcome
	case r.Error != nil && r.Error.Hook == "":
		return "failed in the " + cmp.Or(map[string]string{"driver": "driver"}[r.Error.Kind], "engine")
	case r.Driver.Called:
		return "failed after the driver"
	}
	return "failed before the driver"
}

// told is how a call ended, with its error as how writes it.
func told(r *tape.Recorded, how func(*tape.Failure) string) string {
	if r.Error == nil {
		return ending(r)
	}
	return ending(r) + ": " + how(r.Error)
}

// brief is what is the same in all errors of a kind: the code where there is one, else the message without what differs
// from call to call.
func brief(f *tape.Failure) string {
	switch {
	case f == nil:
		return "no error"
	case f.Code != "":
		return general(f.Code)
	}
	return general(errorText(f))
}

func errorText(f *tape.Failure) string {
	if f == nil {
		return ""
	}
	text := f.Message
	if f.Code != "" {
		text += " (" + f.Code + ")"
	}
	if f.Kind != "script" && f.Kind != "rejected" && f.Kind != "driver" {
		text += " [" + f.Kind + "]"
	}
	return text
}

func hooksOf(failures ...*tape.Failure) (hooks []string) {
	for _, f := range failures {
		if f != nil && f.Hook != "" && !slices.Contains(hooks, f.Hook) {
			hooks = append(hooks, f.Hook)
		}
	}
	return hooks
}

// place is one run of a call: a hook runs once in each phase.
type place struct{ phase, hook string }

// places lists the runs of two outcomes, in the order of the first, and then what only the second has.
func places(then, now *tape.Recorded) (all []place, before, after map[place]*tape.Step) {
	before, after = map[place]*tape.Step{}, map[place]*tape.Step{}
	for _, side := range []struct {
		of    *tape.Recorded
		steps map[place]*tape.Step
	}{{then, before}, {now, after}} {
		for i := range side.of.Steps {
			st := &side.of.Steps[i]
			at := place{st.Phase, st.Hook}
			if before[at] == nil && after[at] == nil {
				all = append(all, at)
			}
			side.steps[at] = st
		}
	}
	return all, before, after
}

var noStep = &tape.Step{}

// errorDifferences compares the errors of the runs, also of those that were suppressed, or that no caller sees.
func errorDifferences(then, now *tape.Recorded) (found []Difference) {
	all, before, after := places(then, now)
	for _, at := range all {
		was, is := cmp.Or(before[at], noStep).Error, cmp.Or(after[at], noStep).Error
		if errorText(was) != errorText(is) {
			found = append(found, errorDifference(at.phase+": ", was, is, at.hook))
		}
	}
	if len(found) == 0 && errorText(then.Error) != errorText(now.Error) { // of the engine
		found = append(found, errorDifference("", then.Error, now.Error, hooksOf(then.Error, now.Error)...))
	}
	return found
}

func errorDifference(about string, was, is *tape.Failure, hooks ...string) Difference {
	if was, is := brief(was), brief(is); was == is {
		about += is + ", in other words"
	} else {
		about += was + " → " + is
	}
	return Difference{Kind: KindError, About: about, Hooks: hooks, Then: errorText(was), Now: errorText(is)}
}

// valueDifferences compares the arguments or the results, path by path.
func valueDifferences(kind Kind, then, now *tape.Recorded, was, is any) (found []Difference, err error) {
	ops, err := patch.Compare(was, is)
	if err != nil {
		return nil, fmt.Errorf("compare the %s: %w", kind, err)
	}
	if len(ops) == 0 {
		return nil, nil
	}
	who := newChangers(kind, then, now)
	for _, op := range ops {
		found = append(found, Difference{
			Kind: kind, About: string(kind) + generalPath(op.Place) + sign(op), Hooks: who.of(op.Place),
			Then: string(op.Old), Now: string(op.Value),
		})
	}
	return alike(found), nil
}

// sign says what became of a value.
func sign(op patch.Op) string {
	switch op.Op {
	case "add":
		return " is there now"
	case "remove":
		return " is gone"
	}
	return ""
}

// placeOf returns the parts of an operation's path. Read from a tape, an operation does not know its indexes from keys
// that are numbers.
func placeOf(op patch.Op) []any {
	if op.Place != nil || op.Path == "" {
		return op.Place
	}
	return patch.Place(op.Path)
}

// generalParts writes a path with * for each index.
func generalParts(place []any) []string {
	parts := make([]string, len(place))
	for i, part := range place {
		if parts[i] = "*"; !isIndex(part) {
			parts[i] = fmt.Sprint(part)
		}
	}
	return parts
}

func isIndex(part any) bool {
	if _, is := part.(int); is {
		return true
	}
	text, _ := part.(string)
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// generalPath writes a path as scripts do, with * for each index.
func generalPath(place []any) string {
	var text strings.Builder
	for _, part := range generalParts(place) {
		switch {
		case part == "*":
			text.WriteString("[*]")
		case name.MatchString(part):
			text.WriteString("." + part)
		default:
			fmt.Fprintf(&text, "[%q]", part)
		}
	}
	return text.String()
}

var name = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// alike leaves out of the differences of one call those that say the same of another item of a list.
func alike(all []Difference) (some []Difference) {
	seen := map[string]bool{}
	for _, d := range all {
		if key := d.key(); !seen[key] {
			seen[key] = true
			some = append(some, d)
		}
	}
	return some
}

var (
	inQuotes   = regexp.MustCompile(`"[^"]*"`)
	withDigits = regexp.MustCompile(`[\pL\pN_.:/-]*\pN[\pL\pN_.:/-]*`)
)

// general writes a message without what differs from call to call: words with digits, such as ids, and what stands in
// quotes.
func general(message string) string {
	const most = 160
	if len(message) > 4*most { // what comes after that says nothing more
		message = message[:4*most]
	}
	message = inQuotes.ReplaceAllString(message, `"…"`)
	return plaintext.Clip(plaintext.Line(withDigits.ReplaceAllString(message, "#")), most)
}

// text is a value as JSON; "" for none.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil || string(b) == "null" {
		return ""
	}
	return string(b)
}
