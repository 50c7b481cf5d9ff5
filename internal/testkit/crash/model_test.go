package crash

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// model is what must have come of the calls that processes wrote down.
type model struct {
	seed  uint64
	notes *notes
	state map[string]int // by state, key and project
	wrong []string
}

func (m *model) complain(format string, args ...any) {
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// judge compares what a sink got with what the processes wrote down.
func (m *model) judge(events []heard) {
	m.state = map[string]int{}
	byCall, ticks := map[int][]heard{}, map[int]int{}
	for _, h := range events {
		if h.Type == "beat.tick" {
			ticks[h.about.Call]++
		} else {
			byCall[h.about.Call] = append(byCall[h.about.Call], h)
		}
	}
	for number := range byCall {
		if m.notes.calls[number] == nil {
			m.complain("call %d has events, but never began", number)
		}
	}
	for _, number := range slices.Sorted(maps.Keys(m.notes.calls)) {
		m.judgeCall(number, m.notes.calls[number], byCall[number])
	}
	for n, ended := range m.notes.ticks {
		got, sure := ticks[n], ended != ""
		if want := 1; got > want || sure && ended != "ok" && got > 0 || ended == "ok" && got != want {
			m.complain("tick %d ended as %q, and has %d events", n, ended, got)
		}
	}
	m.judgeOrder(events)
}

// judgeCall compares the events of a call with what must have come of it.
func (m *model) judgeCall(number int, f *fate, events []heard) {
	q := planned(m.seed, number)
	got := map[string][]heard{}
	for _, h := range events {
		got[h.Type] = append(got[h.Type], h)
		if h.Subject != q.Share.ID {
			m.complain("call %d: event %s is about %s, want %s", number, h.Type, h.Subject, q.Share.ID)
		}
	}
	acted, problem := m.acted(q, f, got)
	completed, source := became(q, f)
	if problem == "" && f.answer != "" && (f.answer != q.answer() || len(f.asked) > 0 || completed != q.completes()) {
		problem = "want the answer " + q.answer()
	}
	want := map[string]int{}
	for _, hook := range acted {
		m.expect(q, hook, completed, want)
	}
	for _, hook := range actors() {
		if over := hook + ".over"; q.Plan.of(hook) != "skip" && (f.answer != "" || len(got[over]) > 0) {
			want[over] = 1
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if want[name] == 0 {
			problem += fmt.Sprintf("; %d of %s, want none", len(got[name]), name)
		}
		for _, h := range got[name] {
			problem += judgeEvent(q, h, completed, source)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if len(got[name]) != want[name] {
			problem += fmt.Sprintf("; %d of %s, want %d", len(got[name]), name, want[name])
		}
	}
	if problem != "" {
		m.complain("call %d: %+v, plan %+v, acted %v, completed %v: %s", number, *f, q.Plan, acted, completed, strings.TrimPrefix(problem, "; "))
	}
}

// acted returns the hooks whose pre has taken effect: those that its plan says, or only the first of them where the
// process was killed before the driver.
func (m *model) acted(q request, f *fate, got map[string][]heard) (hooks []string, problem string) {
	acting, _ := q.acting()
	for _, hook := range actors() {
		if len(got[hook+".always"]) > 0 {
			hooks = append(hooks, hook)
		}
	}
	whole := slices.Equal(hooks, acting)
	if !whole && (f.did != "" || f.answer != "" || len(hooks) > len(acting) || !slices.Equal(hooks, acting[:len(hooks)])) {
		return acting, fmt.Sprintf("the pre functions of %v took effect, want %v", hooks, acting)
	}
	return hooks, ""
}

// became returns whether a call has been completed, and what failed otherwise.
func became(q request, f *fate) (completed bool, source string) {
	asked := ""
	if len(f.asked) > 0 {
		asked = f.asked[len(f.asked)-1]
	}
	switch {
	case asked == "unknown":
		return false, "engine"
	case asked == "failed":
		return false, "driver"
	case asked == "completed" || f.did == "ok":
		return true, ""
	case f.did != "":
		return false, "driver"
	}
	return false, "hook"
}

// expect notes what must come of a hook whose pre has taken effect: events and state.
func (m *model) expect(q request, hook string, completed bool, want map[string]int) {
	count := func(what string, size int) { m.state[stateOf(hook)+" "+what+"/"+q.Share.Project] += size }
	want[hook+".always"] = 1
	ended := ".undone"
	if completed {
		want[hook+".wait"] = 1
		ended = ".done"
		if q.Plan.Post == hook {
			count("reserved", q.took())
			return
		}
	}
	want[hook+ended] = 1
	count(ended[1:], q.took())
}

// judgeEvent returns what is wrong with what an event says.
func judgeEvent(q request, h heard, completed bool, source string) string {
	code := map[string]string{"engine": "interrupted", "hook": h.about.Code}[source]
	got, want := "", ""
	switch _, what, _ := strings.Cut(h.Type, "."); what {
	case "done":
		got, want = fmt.Sprint(h.about.Size), fmt.Sprint(q.shown())
	case "undone":
		got, want = h.about.Source+" "+h.about.Code, source+" "+code
	case "over":
		got, want = h.about.Status, status(q, completed, source)
	}
	if got != want {
		return fmt.Sprintf("; %s says %s, want %s", h.Type, got, want)
	}
	return ""
}

// status is what finally functions learn of how a call ended.
func status(q request, completed bool, source string) string {
	acting, ended := q.acting()
	switch {
	case ended == "rejected" && source == "hook":
		return ended
	case completed && (q.Plan.Post != "last" || !slices.Contains(acting, "last")):
		return "completed"
	}
	return "failed"
}

// judgeOrder checks that the runs that took effect have come in their order, for each share and state, none missing;
// and that events which have waited come together, and before those of the first post function.
func (m *model) judgeOrder(events []heard) {
	bySubject := map[string][]heard{}
	for _, h := range events {
		bySubject[h.Subject] = append(bySubject[h.Subject], h)
	}
	for subject, all := range bySubject {
		waited := map[int]int{} // where the last one of a call is that has waited
		for at, h := range all {
			hook, what, _ := strings.Cut(h.Type, ".")
			switch before, some := waited[h.about.Call]; {
			case what == "wait" && some && before != at-1:
				m.complain("%s: %s of call %d is not beside the others that have waited", subject, h.Type, h.about.Call)
			case what == "done" && !some:
				m.complain("%s: %s of call %d comes before what has waited", subject, h.Type, h.about.Call)
			case what == "done" && all[before].Type != "" && before != at-1 && first(all[before+1:at], h.about.Call):
				m.complain("%s: %s of call %d is not beside what has waited", subject, h.Type, h.about.Call)
			}
			if what == "wait" {
				waited[h.about.Call] = at
				continue
			}
			key := stateOf(hook) + " order/" + subject
			if m.state[key]++; h.about.N != m.state[key] {
				m.complain("%s: %s of call %d has number %d, want %d", subject, h.Type, h.about.Call, h.about.N, m.state[key])
				m.state[key] = h.about.N
			}
		}
	}
}

// first reports whether a call has no event of a post function among some.
func first(events []heard, call int) bool {
	return !slices.ContainsFunc(events, func(h heard) bool { return h.about.Call == call && strings.HasSuffix(h.Type, ".done") })
}
