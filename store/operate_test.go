package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sealed"
	"github.com/hookrun/hookrun/internal/testkit/long"
)

// want compares what became of all deliveries.
func want(t *testing.T, s *Store, what string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, statuses(t, s)); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestOutboxIsWorkedOnByHand(t *testing.T) {
	r := &recorder{answer: down}
	sinks := map[string]*recorder{"ops": r, "audit": {}}
	bubble(t, sinks, func(t *testing.T, s *Store) {
		do := func(what string, n int, change func(context.Context, Filter) (int, error), f Filter) {
			t.Helper()
			if got, err := change(t.Context(), f); got != n || err != nil {
				t.Errorf("%s: got %d, %v, want %d", what, got, err, n)
			}
			synctest.Wait()
		}
		publish(t, s, "a:1", "a:2", "b:3")
		after(time.Second)
		want(t, s, "published", "1 audit done", "1 ops waiting", "2 audit done", "2 ops waiting", "3 audit done", "3 ops waiting")
		attempts := len(r.got)
		do("retry what has not failed", 0, s.Retry, Filter{ID: "2"})
		do("retry", 1, s.Retry, Filter{ID: "1", Sink: "ops"})
		if len(r.got) != attempts+1 {
			t.Errorf("got %s", r.attempts())
		}
		do("drop", 1, s.Drop, Filter{Subject: "a", ID: "1"})
		want(t, s, "dropped", "1 audit done", "1 ops done", "2 audit done", "2 ops waiting", "3 audit done", "3 ops waiting")
		after(100 * time.Hour)
		want(t, s, "given up", "2 audit done", "2 ops dead", "3 audit done", "3 ops dead")
		if stats, err := s.Stats(t.Context()); err != nil || stats.Waiting != 0 || stats.Sinks[1].Dead != 2 {
			t.Errorf("got %+v, %v", stats, err)
		}
		s = reopened(t, s)
		connect(t, s, sinks)
		do("drop a dead letter", 1, s.Drop, Filter{Subject: "b", Status: Dead})
		do("drop it again", 0, s.Drop, Filter{Subject: "b"})
		r.works()
		do("retry a dead letter", 1, s.Retry, Filter{Status: Dead})
		after(time.Second)
		want(t, s, "retried", "2 audit done", "2 ops done", "3 audit done", "3 ops done")
		if got := r.attempts(); !strings.HasSuffix(got, "a:2") {
			t.Errorf("got %s", got)
		}
		do("resend to one sink", 2, s.Resend, Filter{Sink: "audit"})
		if got := sinks["audit"].attempts(); strings.Count(got, ":") != 5 {
			t.Errorf("got %s", got)
		}
		do("resend what is younger", 0, s.Resend, Filter{Since: time.Now()})
		if stats, err := s.Stats(t.Context()); err != nil || stats.Waiting != 0 || stats.Sinks[1].Dead != 0 {
			t.Errorf("got %+v, %v", stats, err)
		}
		after(3 * time.Hour)
		want(t, s, "kept for an hour")
	})
}

func TestResendKeepsTheOrderOfASubject(t *testing.T) {
	r := &recorder{}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1", "a:2")
		synctest.Wait()
		if err := s.Pause(t.Context(), "ops", "for a while"); err != nil {
			t.Fatal(err)
		}
		publish(t, s, "a:3")
		if n, err := s.Resend(t.Context(), Filter{}); n != 2 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
		if err := s.Resume(t.Context(), "ops"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got, want := r.attempts(), "a:1 a:2 a:1 a:2 a:3"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestAnEventThatIsSentAgainIsNotRemovedMeanwhile(t *testing.T) {
	r := &recorder{}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1", "b:2")
		after(30 * time.Minute)
		n, err := s.change(t.Context(), Filter{Subject: "a"}, func(o *outbox, k *outlet, p Posted, _ Delivery) (bool, error) {
			o.mu.Unlock()
			after(time.Hour) // the event need not be kept any longer
			o.mu.Lock()
			return o.revive(k, p, false)
		})
		if n != 1 || err != nil {
			t.Fatalf("got %d, %v, want one event that is sent again", n, err)
		}
		after(time.Minute)
		if got := r.attempts(); !strings.HasSuffix(got, "a:1") || strings.Count(got, ":") != 3 {
			t.Errorf("got %s, want that the first is sent once more", got)
		}
		want(t, s, "kept for an hour")
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := Check(s.path); err != nil {
			t.Error(err)
		}
	})
}

func TestNoEventHasTheNumberOfOneThatIsRemoved(t *testing.T) {
	bubble(t, nil, func(t *testing.T, s *Store) {
		publish(t, s, "a:1", "a:2") // for no sink
		after(2 * time.Hour)
		want(t, s, "kept for an hour")
		s = reopened(t, s)
		connect(t, s, nil)
		publish(t, s, "a:3")
		for p, err := range s.Outbox(t.Context(), Filter{}) {
			if p.Sequence != 3 || err != nil {
				t.Errorf("got %d, %v, want 3", p.Sequence, err)
			}
		}
	})
}

func TestSinkThatIsGoneKeepsItsEvents(t *testing.T) {
	r := &recorder{answer: down}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1")
		synctest.Wait()
		connect(t, s, nil)
		publish(t, s, "a:2")
		r.works()
		after(time.Hour)
		stats, err := s.Stats(t.Context())
		if err != nil || stats.Waiting != 1 || stats.Sinks[0].Configured || stats.Sinks[0].Oldest.IsZero() {
			t.Errorf("got %+v, %v", stats, err)
		}
		connect(t, s, map[string]*recorder{"ops": r})
		synctest.Wait()
		if got, want := r.attempts(), "a:1 a:1"; got != want {
			t.Errorf("got %s, want %s: the second was published when there was no sink", got, want)
		}
	})
}

func TestWrongSinksChangeNothing(t *testing.T) {
	s := fresh(t)
	own := map[string]effect.Sink{"own": &recorder{}, "nothing": nil}
	tests := map[string]config.Sink{
		"carrier pigeon":  {Type: "carrier pigeon"},
		"malformed":       {Type: "own", Events: []string{"["}},
		"want 1 to 64":    {Type: "own", Concurrency: 65},
		"want more than":  {Type: "own", Timeout: -1},
		"want a name of ": {Type: "own"},
		"is nil":          {Type: "nothing"},
	}
	for text, c := range tests {
		name := "ops"
		if text == "want a name of " {
			name = ""
		}
		err := s.Configure(config.Store{}, map[string]config.Sink{"fine": {Type: "own"}, name: c}, own)
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
	if stats, err := s.Stats(t.Context()); len(stats.Sinks) > 0 || err != nil {
		t.Errorf("got %+v, %v", stats, err)
	}
}

func TestStateIsWorkedOnByHand(t *testing.T) {
	s := fresh(t)
	ctx := t.Context()
	commit(t, s, effect.Commit{State: set(t, s, "quota", "p1", "10", "p2", `{"gib":"<1>"}`)})
	later := time.Now().Add(time.Hour).Truncate(time.Microsecond)
	err := s.SetState(ctx,
		StateEntry{Service: "nfs1", State: "quota", Key: "p3", Value: json.RawMessage("30"), Expires: later},
		StateEntry{Service: "nfs2", State: "other", Key: "x", Value: json.RawMessage(`"y"`)})
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, s, "quota")["p3"]; got != "30" {
		t.Errorf("a run sees %q", got)
	}
	for _, e := range []StateEntry{{Service: "s", State: "s", Key: "", Value: json.RawMessage("1")}, {Service: "s", State: "s", Key: "k", Value: json.RawMessage("{")}} {
		if err := s.SetState(ctx, e); err == nil {
			t.Errorf("%+v was set", e)
		}
	}
	if found, err := s.DeleteState(ctx, "nfs1", "quota", "p1"); !found || err != nil {
		t.Errorf("got %v, %v", found, err)
	}
	if found, err := s.DeleteState(ctx, "nfs1", "quota", "p1"); found || err != nil {
		t.Errorf("got %v, %v", found, err)
	}
	var exported bytes.Buffer
	if err := s.ExportState(ctx, &exported); err != nil {
		t.Fatal(err)
	}
	if got := exported.String(); strings.Count(got, "\n") != 3 || !strings.Contains(got, `"gib":"<1>"`) {
		t.Errorf("got %s", got)
	}
	other := fresh(t)
	if n, err := other.ImportState(ctx, bytes.NewReader(exported.Bytes())); n != 3 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	other = reopened(t, other)
	for _, name := range []string{"quota", "other"} {
		service := map[string]string{"quota": "nfs1", "other": "nfs2"}[name]
		want, err := s.State(ctx, service, name, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := other.State(ctx, service, name, "")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	infos, err := other.States(ctx)
	wantInfos := []StateInfo{{"nfs1", "quota", 2, 4 + 2 + 13}, {"nfs2", "other", 1, 4}}
	if diff := cmp.Diff(wantInfos, infos); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if n, err := other.ImportState(ctx, strings.NewReader(`{"service":"a","state":"b","key":"c","value":1}`+"\n"+`{"nonsense":1}`)); n != 0 || err == nil || !strings.Contains(err.Error(), "entry 2") {
		t.Errorf("got %d, %v", n, err)
	}
}

func TestEntriesOfStateThatAreNoneAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		`5`: "entry 1: want an object with service, state, key and value, got number",
		`{`: "entry 1: it is not complete: unexpected end of input",
		`{"service":"a","state":"b","key":"c","value":1}` + "\n" + `{"servce":"a"}`:               `entry 2: unknown field "servce"`,
		`{"service":"a","state":"b","key":5,"value":1}`:                                           "entry 1: key: want a text, got number",
		`{"service":"a","state":"b","key":"c"}`:                                                   "entry 1: value: want a value in JSON, got none",
		`{"service":"a","key":"c","value":1}`:                                                     "entry 1: state: want its name, got none",
		`{"service":"a","state":"b","key":"c","value":1,"expires":"soon"}`:                        `entry 1: expires: want a time such as "2026-11-23T10:00:00Z", got "soon"`,
		`{"service":"a","state":"b","key":"` + strings.Repeat("k", 513) + `","value":1}`:          "entry 1: key ",
		strings.Repeat(`{"service":"a","state":"b","key":"c","value":null}`, 2) + `{"key":false}`: "entry 3: key: want a text, got bool",
	} {
		if n, err := fresh(t).ImportState(t.Context(), strings.NewReader(text)); n != 0 || err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %d, %v, want %q", text, n, err, want)
		}
	}
}

func TestCompactedStoreIsSmallerAndTheSame(t *testing.T) {
	s := fresh(t)
	large := `"` + strings.Repeat("x", 60_000) + `"`
	for i := range 50 {
		commit(t, s, effect.Commit{State: set(t, s, "a", fmt.Sprint(i), large)})
	}
	for i := range 49 {
		commit(t, s, effect.Commit{State: set(t, s, "a", fmt.Sprint(i), "")})
	}
	if _, _, err := Compact(s.path); !errors.As(err, new(*InUseError)) {
		t.Errorf("got %v, want that it is in use", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, now, err := Compact(s.path)
	if err != nil || now > before/4 {
		t.Errorf("got %d bytes of %d, %v", now, before, err)
	}
	if err := Check(s.path); err != nil {
		t.Error(err)
	}
	if got := content(t, opened(t, s.path), "a"); len(got) != 1 || got["49"] != large {
		t.Errorf("got %d values", len(got))
	}
}

func TestDamagedStoreIsNamedAndRefused(t *testing.T) {
	s := fresh(t)
	commit(t, s, effect.Commit{State: set(t, s, "quota", "project", `"a value to be found"`)})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := readFile(t, s.path)
	at := bytes.Index(file, []byte("to be found"))
	for ; at >= 0; at = bytes.Index(file, []byte("to be found")) {
		copy(file[at:], "to be faked")
	}
	writeFile(t, s.path, file)
	_, err := Open(s.path, Options{})
	for _, err := range []error{err, Check(s.path)} {
		var damage *DamageError
		if !errors.As(err, &damage) {
			t.Fatalf("got %v, want a *DamageError", err)
		}
		for _, part := range []string{s.path, "nfs1", "quota", "project", "restore a copy"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("got %v, want %q in it", err, part)
			}
		}
	}
}

// Where the lock's file cannot be used, the lock of the store's own file says that somebody writes it.
func TestAStoreThatSomebodyWritesIsInUseAlsoWithoutItsLock(t *testing.T) {
	still(t, func(t *testing.T, s *Store) {
		lazily(t, s, "x")
		lock := s.path + lockSuffix
		if err := os.Remove(lock); err != nil {
			t.Skip("a system that keeps what is open: ", err)
		}
		if err := os.Mkdir(lock, 0o700); err != nil {
			t.Fatal(err)
		}
		file := readFile(t, s.path)
		writeFile(t, s.path, bytes.Repeat([]byte{1}, len(file))) // as a writer may have it in the middle of its work
		_, err := Open(s.path, Options{ReadOnly: true})
		for _, err := range []error{err, Check(s.path)} {
			if !errors.As(err, new(*InUseError)) {
				t.Errorf("got %v, want that it is in use", err)
			}
		}
		writeFile(t, s.path, file)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := Check(s.path); err != nil {
			t.Error(err)
		}
	})
}

func TestWhoHasAStoreIsReadInALockThatCannotBeTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	for pid, want := range map[int]int{4711: 4711, os.Getpid(): 0} { // this process would know
		writeFile(t, path+lockSuffix, fmt.Appendf(nil, "\x00%-20d\n", pid))
		err := opening(path, sealed.ErrLocked)
		if inUse := new(InUseError); !errors.As(err, &inUse) || inUse.PID != want {
			t.Errorf("got %v, want process %d", err, want)
		}
	}
}

func TestStoreWithoutItsLastByteIsRefused(t *testing.T) {
	s := fresh(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := readFile(t, s.path)
	writeFile(t, s.path, file[:len(file)-1])
	_, err := Open(s.path, Options{})
	for _, err := range []error{err, Check(s.path)} {
		if !errors.As(err, new(*DamageError)) || !strings.Contains(err.Error(), "cut off") {
			t.Errorf("got %v, want that it is cut off", err)
		}
	}
}

func TestFilterChoosesByAllThatIsSet(t *testing.T) {
	e := event("1", "share.created", "s")
	e.Time = time.Unix(100, 0)
	for f, want := range map[Filter]bool{
		{}: true, {ID: "1"}: true, {ID: "2"}: false, {Type: "share.*"}: true, {Type: "snapshot.*"}: false, {Subject: "s"}: true, {Subject: "t"}: false,
		{Since: time.Unix(100, 0)}: true, {Since: time.Unix(101, 0)}: false, {ID: "1", Subject: "t"}: false,
	} {
		if got := f.matches(e); got != want {
			t.Errorf("%+v: got %v", f, got)
		}
	}
}

func TestOutboxIsReadPageByPage(t *testing.T) {
	s := fresh(t)
	var all []string
	for range 3 {
		var c effect.Commit
		for range pageSize - 50 {
			all = append(all, fmt.Sprint(len(all)))
			c.Events = append(c.Events, event(all[len(all)-1], "t", ""))
		}
		commit(t, s, c)
	}
	if diff := cmp.Diff(all, ids(t, s)); diff != "" {
		t.Error(diff)
	}
	for p, err := range s.Outbox(t.Context(), Filter{ID: "300"}) {
		if err != nil || p.Sequence != 301 {
			t.Errorf("got %+v, %v", p, err)
		}
	}
}

func TestEventsThatWaitTakeLittleMemory(t *testing.T) {
	long.Only(t)
	const events, size = 5_000, 8 << 10
	heap := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	s := fresh(t)
	before := heap()
	own := map[string]effect.Sink{"down": &refuser{}}
	if err := s.Configure(config.Store{Sync: true}, map[string]config.Sink{"ops": {Type: "down"}}, own); err != nil {
		t.Fatal(err)
	}
	data := json.RawMessage(`"` + strings.Repeat("x", size) + `"`)
	for i := 0; i < events; {
		var c effect.Commit
		for range 500 {
			e := event(fmt.Sprint(i), "t", fmt.Sprint("share-", i))
			e.Data = data
			c.Events = append(c.Events, e)
			i++
		}
		commit(t, s, c)
	}
	took := heap() - before
	t.Logf("%d bytes for each of %d events of %d bytes", took/events, events, size)
	if took > events*size/8 {
		t.Errorf("%d events of %d bytes take %d bytes", events, size, took)
	}
	runtime.KeepAlive(s)
}

func TestANameThatNoSinkCanHaveIsRefusedAndNothingElseIsLost(t *testing.T) {
	for _, synced := range []bool{true, false} {
		s := fresh(t)
		configureSync(t, s, synced)
		for _, name := range []string{"", strings.Repeat("x", maxKey+1), strings.Repeat("x", 40_000)} {
			for what, err := range map[string]error{"pause": s.Pause(t.Context(), name, "by hand"), "resume": s.Resume(t.Context(), name)} {
				if err == nil || !strings.Contains(err.Error(), "want a name of a sink of 1 to 4096 bytes") {
					t.Errorf("%s: got %v", what, err)
				}
			}
		}
		commit(t, s, effect.Commit{State: set(t, s, "a", "x", "1")})
		if err := s.Err(); err != nil {
			t.Error(err)
		}
	}
}

// Claim is the first that an engine asks of its store.
func TestANilStoreSaysSo(t *testing.T) {
	var s *Store
	if _, _, err := s.Claim("nfs1"); err == nil || err.Error() != "want a store, got a nil *store.Store" {
		t.Errorf("got %v, want an error that says what is nil", err)
	}
}
