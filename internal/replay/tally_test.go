package replay

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/internal/report"
	"github.com/hookrun/hookrun/tape"
)

var update = flag.Bool("update", false, "write what reports look like into testdata")

func done(steps ...tape.Step) *tape.Recorded {
	return &tape.Recorded{Outcome: tape.Completed, Driver: tape.Driver{Called: true}, Steps: steps}
}

func TestCostliestAreTheFirstOfTheHighest(t *testing.T) {
	var tally Tally
	for i, n := range []int64{3, 9, 1, 9, 0, 7, 8, 9, 2} {
		tally.Add(&Call{Example: Example{At: fmt.Sprint(i + 1)}, Now: done(tape.Step{Instructions: n})})
	}
	var got []string
	for _, c := range tally.Report().Costliest {
		got = append(got, fmt.Sprintf("%s:%d", c.At, c.Instructions))
	}
	if diff := cmp.Diff("2:9 4:9 8:9 7:8 6:7", strings.Join(got, " ")); diff != "" {
		t.Error("-want +got:\n", diff)
	}
}

func TestWhatBothVersionsAskInVainIsToldOnce(t *testing.T) {
	asks := func(lines ...int) *tape.Recorded {
		r := done()
		for _, line := range lines {
			r.Steps = append(r.Steps, tape.Step{Error: &tape.Failure{Kind: tape.KindAnswer, Hook: "a", Script: "a.lua", Line: line, Message: "no answer (clock)"}})
		}
		return r
	}
	var tally Tally
	recorded := asks(9)
	tally.Add(&Call{Now: asks(1), Then: asks(1, 2), Recorded: recorded})
	tally.Add(&Call{Now: asks(), Then: asks(1)})
	tally.Add(&Call{Now: asks(), Then: recorded, Recorded: recorded})
	r := tally.Report()
	var got []string
	for _, m := range r.Missing {
		got = append(got, fmt.Sprint(m.Script, ":", m.Line, " ", m.Asked, " ", m.Then, " ", m.Count))
	}
	if diff := cmp.Diff([]string{"a.lua:1 clock false 1", "a.lua:2 clock true 1", "a.lua:1 clock true 1"}, got); diff != "" {
		t.Error("-want +got:\n", diff)
	}
	if r.Unknown() != 4 {
		t.Errorf("got %d that are not known, want 4", r.Unknown())
	}
}

func TestAnExampleIsTheShortestOfThoseThatAreKept(t *testing.T) {
	long := func(n int) []byte { return bytes.Repeat([]byte(" "), n) }
	for name, tt := range map[string]struct {
		sources [][]byte
		want    string
	}{
		"the shortest":      {[][]byte{long(9), long(7), long(8), long(7)}, "2"},
		"after a long one":  {[][]byte{long(maxSource + 1), long(9), long(8)}, "3"},
		"at the border":     {[][]byte{long(maxSource + 1), long(maxSource)}, "2"},
		"of long ones":      {[][]byte{long(maxSource + 3), long(maxSource + 2)}, "1"},
		"before a long one": {[][]byte{long(9), long(maxSource + 1)}, "1"},
	} {
		var tally Tally
		for i, source := range tt.sources {
			tally.Add(&Call{Example: Example{At: fmt.Sprint(i + 1)}, Now: done(), Then: done(), Source: source, Differences: []Difference{{Kind: KindArgs}}})
		}
		g := tally.Report().Differences[0]
		i, _ := strconv.Atoi(tt.want)
		if source := tt.sources[i-1]; g.Example.At != tt.want || (g.Source() == nil) != (len(source) > maxSource) {
			t.Errorf("%s: got example %s with %d bytes, want %s", name, g.Example.At, len(g.Source()), tt.want)
		}
	}
}

func TestAReportDoesNotGrowWithoutEnd(t *testing.T) {
	var tally Tally
	letters := func(i int) string { // a word without figures, which would be one with all others
		return strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i))
	}
	const n = 3 * maxGroups
	for i := range n {
		st := tape.Step{Hook: "a", Phase: "post", Status: "error", Error: &tape.Failure{Script: "a.lua", Line: i + 1, Message: "no"}}
		tally.Add(&Call{
			Example: Example{Method: letters(i)}, Now: done(st), Then: done(),
			Source:      []byte("{}"),
			Differences: []Difference{{Kind: KindError, About: letters(i), Hooks: []string{"a"}}},
		})
		tally.Add(&Call{Now: done(tape.Step{Hook: "a", Error: &tape.Failure{Kind: tape.KindAnswer, Hook: "a", Line: i, Message: "no answer"}})})
		tally.Add(&Call{Problem: "no " + letters(i)})
	}
	r := tally.Report()
	if len(r.Errors) != maxGroups || len(r.Differences) != maxGroups || len(r.Missing) != maxGroups || len(r.Unplayable) != maxGroups {
		t.Errorf("got %d errors, %d differences, %d missing answers, %d problems, want %d of each",
			len(r.Errors), len(r.Differences), len(r.Missing), len(r.Unplayable), maxGroups)
	}
	want := Beyond{Errors: n - maxGroups, Missing: n - maxGroups, Unplayable: n - maxGroups, Differences: n - maxGroups}
	if diff := cmp.Diff(want, r.Beyond); diff != "" {
		t.Error("what had no room: -want +got:\n", diff)
	}
	if r.Calls != 2*n || r.Differing != n || r.Now.Completed != n || r.Now.Unknown != n {
		t.Errorf("got %d calls, %d differing, %d completed, %d not known, want %d of each", r.Calls, r.Differing, r.Now.Completed, r.Now.Unknown, n)
	}
}

func TestTheExampleOfAGroupIsItsShortestRecord(t *testing.T) {
	var tally Tally
	for i, source := range []string{"longest", "short", "shorter", "short"} {
		tally.Add(&Call{
			Example: Example{At: fmt.Sprint(i + 1), Method: "m" + fmt.Sprint(i%2)}, Source: []byte(source), Then: done(), Now: done(),
			Differences: []Difference{{Kind: KindResult, About: "result.a", Then: fmt.Sprint(i), Now: "x"}},
		})
	}
	g := tally.Report().Differences[0]
	if g.Example.At != "2" || string(g.Source()) != "short" || g.Then != "1" || g.Calls != 4 || fmt.Sprint(g.Methods) != "[m0 m1]" {
		t.Errorf("got %+v with %q, want the second call", g, g.Source())
	}
}

func TestCallsAreTheSameWhereTheyCostTheSame(t *testing.T) {
	var tally Tally
	st := func(n int64) tape.Step { return tape.Step{Hook: "a", Phase: "pre", Instructions: n} }
	tally.Add(&Call{Then: done(st(1)), Now: done(st(1))})
	tally.Add(&Call{Then: done(st(1)), Now: done(st(2))})
	tally.Add(&Call{Then: done(st(1)), Now: done()})
	tally.Add(&Call{Now: done()})
	r := tally.Report()
	if r.Then.Calls != 3 || r.Now.Calls != 4 || r.Now.Same != 1 || r.Differing != 0 {
		t.Errorf("got then %+v, now %+v, want one of three that is the same", r.Then, r.Now)
	}
}

// big is a report with something of everything.
func big() *Report {
	var tally Tally
	pre := tape.Step{Hook: "quota", Script: "quota.lua", Phase: "pre", Status: "ok", Instructions: 41, Duration: 2 * time.Millisecond}
	post := tape.Step{Hook: "notify", Script: "notify.lua", Phase: "post", Status: "suppressed", Instructions: 1200,
		Error: &tape.Failure{Kind: "script", Script: "notify.lua", Line: 2, Hook: "notify", Phase: "post", Message: "attempt to index local 'owner' (a nil value)"}}
	example := Example{At: "calls.jsonl:3", RequestID: "req-1", Service: "nfs1", Method: "create_share_instance"}
	tally.Add(&Call{Example: example, Now: done(pre, post), Then: done(pre), Recorded: done(pre), Source: []byte("{}"),
		Differences: []Difference{{Kind: KindError, About: "post: no error → attempt to index", Hooks: []string{"notify"}, Now: "attempt to index local 'owner' (a nil value)"}}})
	asks := tape.Step{Hook: "notify", Script: "notify.lua", Phase: "post", Status: "error",
		Error: &tape.Failure{Kind: tape.KindAnswer, Script: "notify.lua", Line: 7, Hook: "notify", Phase: "post", Message: "the tape has no answer to this question (http: GET https://cmdb.example.org/racks)"}}
	tally.Add(&Call{Example: example, Now: done(pre, asks), Then: done(pre), Recorded: done(pre)})
	tally.Note("changed since generation 3 of nfs1 was recorded: notify.lua")
	tally.Add(&Call{Example: example, Dropped: 12})
	tally.Add(&Call{Example: example, Problem: "calls.jsonl:4:1: method: service \"nfs1\" has no method \"create\x1b\""})
	for i := range 30 {
		tally.Add(&Call{Example: example, Now: done(pre), Then: done(pre), Recorded: done(pre), Source: []byte("{}"),
			Differences: []Difference{{Kind: KindResult, About: "result.a" + fmt.Sprint(i), Hooks: []string{"quota", "notify"}, Then: "1", Now: "2"}}})
	}
	r := tally.Report()
	r.Differences[0].Record, r.Differences[0].Case = []byte(`{"method":"create_share_instance"}`), "cases/error.json"
	r.Differences[1].Note = "it shows only after the calls before it"
	return r
}

func TestWhatAReportLooksLike(t *testing.T) {
	source := func(script string) ([]byte, error) {
		if script == "notify.lua" {
			return []byte("local owner = call.context.nobody\nlog.info(owner.name)\n"), nil
		}
		return nil, errors.New("not there")
	}
	var out bytes.Buffer
	for _, tt := range []struct {
		title string
		text  Text
	}{
		{"all", Text{Then: "recorded"}},
		{"differences", Text{Then: "git:HEAD", OnlyDifferences: true}},
	} {
		w := bufio.NewWriter(&out)
		tt.text.Painter, tt.text.Source = report.NewPainter(w, &out), source
		tt.text.Line("== ", tt.title)
		tt.text.Tell(big())
		_ = w.Flush()
	}
	const file = "testdata/report.txt"
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error("-want +got:\n", diff)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("an escape of a record reached the output")
	}
}

func TestNoNumberOfMissingCallsIsTooLarge(t *testing.T) {
	var tally Tally
	for range 3 {
		tally.Add(&Call{Dropped: math.MaxInt64 - 1})
	}
	if got := tally.Report().Dropped; got != math.MaxInt64 {
		t.Errorf("got %d, want %d", got, int64(math.MaxInt64))
	}
}
