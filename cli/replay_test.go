package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/hookrun/hookrun/internal/record"
	"github.com/hookrun/hookrun/internal/replay"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

var (
	replayed = flag.Int("replay.records", 1000, "how many records a replay is watched with for its memory")
	shrunk   = flag.Int("replay.examples", 60, "how many generated examples are shrunk")
)

// newReplaying makes a replay of the hooks of a folder, compared with those of another one unless it is "".
func newReplaying(t testing.TB, now, then string) *replaying {
	t.Helper()
	p := &replaying{
		hooks: selection{program: ofShares, config: filepath.Join(now, "config.toml")}, against: then, workers: 2,
		std: &streams{in: strings.NewReader(""), out: bufio.NewWriter(io.Discard), stdout: io.Discard, err: io.Discard},
	}
	done, err := p.open(t.Context(), &cobra.Command{})
	t.Cleanup(done)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// loop replays without any pipeline: it does all that there is to do with a record, and then reads the next.
func (p *replaying) loop(ctx context.Context, in *inputs) error {
	for {
		l, err := in.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		p.prepare(l)
		for _, at := range p.lanesOf(l) {
			if err := at.execute(ctx, l); err != nil {
				return err
			}
		}
		p.finish(l)
		p.count(l)
	}
}

// planted are differences between two versions of a script: each shows in the calls of a share whose name is its word,
// and is of one kind.
var planted = []struct{ phase, then, now, kind, about string }{
	{"pre", ``, `reject("refused WORD")`, "outcome", "completed → rejected: refused WORD"},
	{"pre", `reject("refused WORD")`, ``, "outcome", "rejected: refused WORD → completed"},
	{"pre", ``, `error("boom WORD")`, "outcome", "completed → failed before the driver: boom WORD"},
	{"post", `error("boom WORD")`, ``, "outcome", "failed after the driver: boom WORD → completed"},
	{"failed", ``, `error("broken WORD")`, "error", "failed: no error → broken WORD"},
	{"pre", ``, `call.args.share.metadata.WORD = 1`, "args", "args.share.metadata.WORD is there now"},
	{"pre", `call.args.share.metadata.WORD = "a"`, `call.args.share.metadata.WORD = "b"`, "args", "args.share.metadata.WORD"},
	{"post", `result.export_locations[1].metadata.WORD = 1`, `result.export_locations[1].metadata.WORD = 2`, "result", "result.export_locations[*].metadata.WORD"},
	{"post", ``, `events.publish("share.WORD", {})`, "effect", "post: event share.WORD is there now"},
	{"post", `events.publish("share.WORD", { n = -1 })`, `events.publish("share.WORD", { n = call.args.share.size })`, "effect", "post: event share.WORD.data.n"},
	{"post", `state.set("WORD", 1)`, `state.set("WORD", 2)`, "effect", "post: state plant WORD.value"},
	{"finally", `metrics.count("WORD", 1)`, ``, "effect", "finally: count WORD is gone"},
}

// word is the nth name: letters only, since figures do not tell messages apart.
func word(n int) string { return fmt.Sprintf("w%c%c", 'a'+n/26, 'a'+n%26) }

// branches are what one version of a script does, by phase: a line for each.
type branches map[string][]string

// write makes a folder with a config and one script.
func (b branches) write(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	config := "[store]\npath = \"hooks.db\"\n[services.nfs1]\n[[services.nfs1.hooks]]\nscript = \"plant.lua\"\nchange_args = true\n"
	var script strings.Builder
	for phase, lines := range b {
		fmt.Fprintf(&script, "function %s.create_share_instance(call, result)\n  local name = call.args.share.name\n%s\nend\n", phase, strings.Join(lines, "\n"))
	}
	for name, text := range map[string]string{"config.toml": config, "plant.lua": script.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// plant writes two versions that differ in n ways, and returns what they differ in by name of a share.
func plant(t testing.TB, n int) (then, now string, expected map[string]string) {
	was, is, expected := branches{}, branches{}, map[string]string{}
	for i := range n {
		p, w := planted[i%len(planted)], word(i)
		for side, does := range map[*branches]string{&was: p.then, &is: p.now} {
			(*side)[p.phase] = append((*side)[p.phase], fmt.Sprintf("  if name == %q then %s end", w, strings.ReplaceAll(does, "WORD", w)))
		}
		expected[w] = p.kind + " " + strings.ReplaceAll(p.about, "WORD", w)
	}
	return was.write(t), is.write(t), expected
}

// randomCall is a record with about forty values.
func randomCall(random *rand.Rand, n int, name string, fails bool) map[string]any {
	type m = map[string]any
	var locations []any
	for i := range 1 + random.IntN(3) {
		locations = append(locations, m{"path": fmt.Sprintf("10.0.0.%d:/vol/%d", i, n), "preferred": i == 0, "metadata": m{"zone": random.IntN(9)}})
	}
	call := m{
		"service": "nfs1", "method": "create_share_instance", "at": "2026-11-23T10:00:00Z",
		"context": m{"request_id": fmt.Sprintf("req-%d", n), "user_id": "ada", "project_id": fmt.Sprint("p", random.IntN(5)), "is_admin": random.IntN(2) == 0, "roles": []any{"member", "reader"}},
		"args": m{"share": m{
			"id": fmt.Sprintf("s-%d", n), "name": name, "size": 1 + random.IntN(1000), "share_proto": "NFS", "project_id": "p1", "host": "storage-1@b#pool",
			"metadata":         m{"team": "storage", "cost": random.IntN(100), "tags": []any{"a", "b", random.IntN(3)}, "nested": m{"deep": m{"er": random.IntN(2) == 0}}},
			"export_locations": []any{m{"path": "/old"}, m{"path": "/older"}}, "access_rules": []any{m{"id": "a-1", "access_to": "10.0.0.0/8"}},
		}, "share_server": m{"id": "srv", "backend_details": m{"x": random.IntN(10)}}},
		"result": m{"export_locations": locations},
	}
	if fails {
		call["error"], call["result"] = m{"message": "disk full", "code": "no_space"}, nil
	}
	return call
}

func writeCalls(t testing.TB, calls []map[string]any) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "calls.jsonl")
	var lines strings.Builder
	for _, c := range calls {
		lines.Write(append(text(c), '\n'))
	}
	if err := os.WriteFile(file, []byte(lines.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// plantedCalls are n calls in random order: each planted difference shows in at least one, and some calls show none.
func plantedCalls(n int, expected map[string]string) (calls []map[string]any, want map[string]int) {
	random := rand.New(rand.NewPCG(1, 2))
	want = map[string]int{}
	words := slices.Sorted(func(yield func(string) bool) {
		for w := range expected {
			if !yield(w) {
				return
			}
		}
	})
	for i := range n {
		name, fails := "share", random.IntN(10) == 0
		if i < len(words) {
			name = words[i]
		} else if random.IntN(3) == 0 {
			name = words[random.IntN(len(words))]
		}
		if about := expected[name]; about != "" {
			want[about]++
			fails = strings.HasPrefix(about, "error ")
		}
		calls = append(calls, randomCall(random, i, name, fails))
	}
	random.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	return calls, want
}

func TestEachPlantedDifferenceIsFoundAndNoOther(t *testing.T) {
	then, now, expected := plant(t, 50)
	calls, want := plantedCalls(1500, expected)
	p := newReplaying(t, now, then)
	if err := p.run(t.Context(), newInputs(nil, []string{writeCalls(t, calls)})); err != nil {
		t.Fatal(err)
	}
	r := p.tally.Report()
	got := map[string]int{}
	for _, g := range r.Differences {
		got[string(g.Kind)+" "+g.About] += g.Calls
		if diff := cmp.Diff([]string{"plant"}, g.Hooks); diff != "" {
			t.Errorf("%s: hooks: -want +got:\n%s", g.Key(), diff)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 50 {
		t.Errorf("%d of %d differences: -want +got:\n%s", len(r.Differences), len(want), diff)
	}
	if err := p.shrink(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	wantSmall(t, r.Differences, 95)
}

// wantSmall fails unless a share of the examples, in percent, has at most five values and shows what it should.
func wantSmall(t *testing.T, groups []*replay.Group, percent int) {
	t.Helper()
	small := 0
	for _, g := range groups {
		if g.Record != nil && g.Values <= 5 {
			small++
		} else {
			t.Logf("%s: %d values, %s: %s", g.Key(), g.Values, g.Note, g.Record)
		}
	}
	t.Logf("%d of %d examples have at most five values", small, len(groups))
	if small*100 < len(groups)*percent {
		t.Errorf("%d of %d examples have at most five values, want %d %%", small, len(groups), percent)
	}
}

// TestGeneratedExamplesBecomeSmall has differences that depend on up to three values besides the name of the share.
func TestGeneratedExamplesBecomeSmall(t *testing.T) {
	long.Only(t)
	random := rand.New(rand.NewPCG(3, 4))
	conditions := []string{
		`call.args.share.size > 400`, `call.args.share.size < 700`, `call.context.user_id == "ada"`, `call.context.is_admin ~= nil`,
		`#call.context.roles > 1`, `call.args.share.metadata.team ~= nil`, `call.args.share.metadata.tags[1] ~= nil`,
		`call.args.share.metadata.nested.deep.er ~= nil`, `call.args.share.export_locations[1].path ~= ""`, `call.args.share.access_rules[1].access_to:find("/8", 1, true)`,
		`call.args.share_server.backend_details.x >= 0`, `call.args.share.share_proto:lower() == "nfs"`,
	}
	var lines []string
	var calls []map[string]any
	for i := range *shrunk {
		var all []string
		for range 1 + random.IntN(3) {
			all = append(all, conditions[random.IntN(len(conditions))])
		}
		lines = append(lines, fmt.Sprintf("  if name == %q and %s then events.publish(%q, {}) end", word(i), strings.Join(all, " and "), "share."+word(i)))
		for range 20 { // of which some meet the conditions
			calls = append(calls, randomCall(random, i, word(i), false))
		}
	}
	p := newReplaying(t, branches{"pre": lines}.write(t), branches{"pre": {""}}.write(t))
	if err := p.run(t.Context(), newInputs(nil, []string{writeCalls(t, calls)})); err != nil {
		t.Fatal(err)
	}
	r := p.tally.Report()
	if len(r.Differences) < *shrunk*9/10 {
		t.Fatalf("%d of %d differences show", len(r.Differences), *shrunk)
	}
	if err := p.shrink(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	wantSmall(t, r.Differences, 95)
}

// TestAReplayIsThatOfALoop compares reports: with one core and with two, and where records go one by one.
func TestAReplayIsThatOfALoop(t *testing.T) {
	long.Only(t)
	then, now, expected := plant(t, 30)
	calls, _ := plantedCalls(400, expected)
	for i := range calls { // two services, whose calls are mixed
		if i%3 == 0 {
			calls[i]["service"] = "nfs2"
		}
	}
	for _, dir := range []string{then, now} {
		f, err := os.OpenFile(filepath.Join(dir, "config.toml"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(f, "[services.nfs2]\n[[services.nfs2.hooks]]\nscript = \"plant.lua\"\n[[services.nfs2.hooks]]\nname = \"again\"\nscript = \"plant.lua\"\n")
		f.Close()
	}
	file := writeCalls(t, calls)
	for _, against := range []string{"", then} {
		var want string
		for _, how := range []string{"loop", "one core", "two cores", "four goroutines"} {
			p := newReplaying(t, now, against)
			run := p.run
			switch how {
			case "loop":
				run = p.loop
			case "one core":
				p.workers = 1
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			case "two cores":
				runtime.GOMAXPROCS(2)
			case "four goroutines":
				p.workers = 4
			}
			if err := run(t.Context(), newInputs(nil, []string{file, file})); err != nil {
				t.Fatal(err)
			}
			report, err := json.Marshal(p.tally.Report())
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = string(report)
			}
			if diff := cmp.Diff(want, string(report)); diff != "" {
				t.Errorf("%s: -loop +got:\n%s", how, diff)
			}
		}
	}
}

// heapWatch is an input of many records, at some of which it looks how much memory is in use.
type heapWatch struct {
	records int
	read    int
	random  *rand.Rand
	waiting []byte
	heaps   [2]uint64 // the least in the second and in the last fifth
}

func (w *heapWatch) Read(p []byte) (int, error) {
	if len(w.waiting) == 0 {
		if w.read == w.records {
			return 0, io.EOF
		}
		if fifth := w.records / 5; w.read%max(1, fifth/100) == 0 {
			switch w.read / fifth {
			case 1:
				w.look(&w.heaps[0])
			case 4:
				w.look(&w.heaps[1])
			}
		}
		w.waiting = append(text(randomCall(w.random, w.read, word(w.read%60), w.read%9 == 0)), '\n')
		w.read++
	}
	n := copy(p, w.waiting)
	w.waiting = w.waiting[n:]
	return n, nil
}

// look notes the heap if it is the least so far: what is under way at a moment comes and goes.
func (w *heapWatch) look(least *uint64) {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	if *least == 0 || stats.HeapAlloc < *least {
		*least = stats.HeapAlloc
	}
}

// TestMemoryStaysFlat: a longer tape takes no more memory.
func TestMemoryStaysFlat(t *testing.T) {
	long.Only(t)
	then, now, _ := plant(t, 50)
	p := newReplaying(t, now, then)
	watch := &heapWatch{records: *replayed, random: rand.New(rand.NewPCG(5, 6))}
	if err := p.run(t.Context(), newInputs(watch, []string{"-"})); err != nil {
		t.Fatal(err)
	}
	if got := p.tally.Report().Calls; got != *replayed {
		t.Errorf("%d calls were replayed, want %d", got, *replayed)
	}
	begin, end := watch.heaps[0], watch.heaps[1]
	t.Logf("%d records: heap %d kB in the second fifth, %d kB in the last, %.3f times as much", *replayed, begin>>10, end>>10, float64(end)/float64(begin))
	if float64(end) > 1.1*float64(begin) {
		t.Errorf("the heap grew from %d to %d bytes, want at most a tenth more", begin, end)
	}
}

// FuzzReplayedLines: whatever a file holds, its lines are run or told apart, and none brings the replay down.
func FuzzReplayedLines(f *testing.F) {
	for _, line := range []string{
		`{"service":"nfs1","method":"init_host"}`, `{"dropped":3}`, `{"tape":1}`, `[]`, `{}`, `{"dropped":-1}`, `1`, `""`, `{"dropped":"a"}`,
		`{"method":"create_share_instance","args":{"share":{"name":"waa"}},"recorded":{"steps":[{}],"outcome":"x"}}`,
		`{"method":"create_share_instance","recorded":[]}`, `{"method":"periodic","tick":2,"args":{"shares":[{"id":"a"}]},"recorded":null}`,
	} {
		f.Add([]byte(line))
	}
	then, now, _ := plant(f, 12)
	p := newReplaying(f, now, then)
	f.Fuzz(func(t *testing.T, line []byte) {
		value, err := record.NewDecoder("a", strings.NewReader(string(line))).Value()
		if err != nil {
			return
		}
		p.tally = replay.Tally{}
		in := &inputs{stdin: strings.NewReader(string(value.JSON)), paths: []string{"-"}}
		if err := p.loop(t.Context(), in); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if r := p.tally.Report(); r.Calls+len(r.Unplayable) > 1 {
			t.Errorf("%s: %d calls and %d problems of one line", line, r.Calls, len(r.Unplayable))
		}
	})
}
