package replay

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/hookrun/hookrun/engine"
	"github.com/hookrun/hookrun/internal/patch"
	"github.com/hookrun/hookrun/tape"
)

// effectDifferences compares what the runs did besides changing the call, hook by hook.
func effectDifferences(then, now *tape.Recorded) (found []Difference, err error) {
	all, before, after := places(then, now)
	for _, at := range all {
		was, is := cmp.Or(before[at], noStep), cmp.Or(after[at], noStep)
		for _, p := range pairs(was.Effects, is.Effects) {
			differences, err := p.differences(at)
			if err != nil {
				return nil, err
			}
			found = append(found, differences...)
		}
	}
	return alike(found), nil
}

// pair is an effect of then and the one in its place now, which is another; one of them may be nil.
type pair struct{ then, now *engine.Effect }

// pairs finds for each effect that is not there on both sides the one that is now in its place: one that is about the
// same, or else one of the same kind. Their order does not matter.
func pairs(then, now []engine.Effect) (all []pair) {
	_, before, after := matched(pointers(then), pointers(now), func(e *engine.Effect) string { return text(plain(e)) })
	for _, alike := range []func(*engine.Effect) string{subject, func(e *engine.Effect) string { return e.Kind }} {
		var found []pair
		found, before, after = matched(before, after, alike)
		all = append(all, found...)
	}
	for _, e := range before {
		all = append(all, pair{then: e})
	}
	for _, e := range after {
		all = append(all, pair{now: e})
	}
	return all
}

func pointers(effects []engine.Effect) (all []*engine.Effect) {
	for i := range effects {
		all = append(all, &effects[i])
	}
	return all
}

// matched pairs the effects for which alike is the same text, each with the first that is left, and returns the pairs
// and what is left of both lists.
func matched(then, now []*engine.Effect, alike func(*engine.Effect) string) (all []pair, before, after []*engine.Effect) {
	if len(then) == 0 || len(now) == 0 {
		return nil, then, now
	}
	left := map[string][]int{} // of now
	for i, e := range now {
		key := alike(e)
		left[key] = append(left[key], i)
	}
	taken := make([]bool, len(now))
	for _, e := range then {
		key := alike(e)
		if len(left[key]) == 0 {
			before = append(before, e)
			continue
		}
		at := left[key][0]
		left[key], taken[at] = left[key][1:], true
		all = append(all, pair{e, now[at]})
	}
	for i, e := range now {
		if !taken[i] {
			after = append(after, e)
		}
	}
	return all, before, after
}

// plain is an effect without an id that it got by itself.
func plain(e *engine.Effect) engine.Effect {
	p := *e
	if ownID.MatchString(p.ID) {
		p.ID = ""
	}
	return p
}

// ownID matches the ids that events get by themselves: UUIDs of version 7 and, in a dry run, the id of the call with a
// number behind it, nfs1-12-1. One that a script has chosen rarely looks like that.
var ownID = regexp.MustCompile(`^(?:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|.+-[1-9][0-9]*-[1-9][0-9]*)$`)

// subject is what an effect is about: two effects of one subject are the same one, done in another way.
func subject(e *engine.Effect) string {
	return fmt.Sprintf("%s %q %q %q %q %q %q", e.Kind, e.Type, e.State, e.Key, e.Method+" "+e.URL, e.Name, e.Labels)
}

// title names the effect for people, without ids.
func title(e *engine.Effect) string {
	switch e.Kind {
	case "event":
		return "event " + general(e.Type)
	case "state":
		return "state " + e.State + " " + general(e.Key)
	case "http":
		return e.Method + " " + general(e.URL)
	case "metric":
		return string(e.Measure) + " " + e.Name
	}
	return e.Kind
}

func (p pair) differences(at place) ([]Difference, error) {
	about := func(what string, then, now any) Difference {
		return Difference{Kind: KindEffect, About: at.phase + ": " + what, Hooks: []string{at.hook}, Then: text(then), Now: text(now)}
	}
	switch {
	case p.then == nil:
		return []Difference{about(title(p.now)+" is there now", nil, plain(p.now))}, nil
	case p.now == nil:
		return []Difference{about(title(p.then)+" is gone", plain(p.then), nil)}, nil
	case title(p.then) != title(p.now):
		return []Difference{about(title(p.then)+" → "+title(p.now), plain(p.then), plain(p.now))}, nil
	}
	ops, err := patch.Compare(plain(p.then), plain(p.now))
	if err != nil {
		return nil, fmt.Errorf("compare effects of %s: %w", at.hook, err)
	}
	var found []Difference
	for _, op := range ops {
		d := about(title(p.now)+generalPath(op.Place)+sign(op), nil, nil)
		d.Then, d.Now = string(op.Old), string(op.Value)
		found = append(found, d)
	}
	return found, nil
}

// effectTitles are the titles of what a run did, each once.
func effectTitles(st *tape.Step) []string {
	titles := map[string]bool{}
	for i := range st.Effects {
		titles[title(&st.Effects[i])] = true
	}
	return slices.Sorted(maps.Keys(titles))
}
