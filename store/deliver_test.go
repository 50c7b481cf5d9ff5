package store

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/hookrun/hookrun/config"
	"github.com/hookrun/hookrun/effect"
)

// recorder is a sink that notes what it gets, and answers as a test says.
type recorder struct {
	answer func(ctx context.Context, events []effect.Event) error // nil takes everything

	mu  sync.Mutex
	got []string // "subject:id", in the order of the attempts
	at  []time.Duration
	t0  time.Time
}

func (r *recorder) Deliver(ctx context.Context, events []effect.Event) error {
	r.mu.Lock()
	for _, e := range events {
		r.got = append(r.got, e.Subject+":"+e.ID)
		r.at = append(r.at, time.Since(r.t0))
	}
	answer := r.answer
	r.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer(ctx, events)
}

// works has the sink take everything from now on.
func (r *recorder) works() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = nil
}

func (r *recorder) attempts() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.got, " ")
}

// bubble opens a store within a bubble of package synctest, with sinks of the types of their names.
func bubble(t *testing.T, sinks map[string]*recorder, test func(t *testing.T, s *Store)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		s := opened(t, path)
		connect(t, s, sinks)
		test(t, s)
	})
}

func connect(t testing.TB, s *Store, sinks map[string]*recorder) {
	t.Helper()
	configs, own := map[string]config.Sink{}, map[string]effect.Sink{}
	for name, r := range sinks {
		r.t0 = time.Now()
		configs[name], own[name] = config.Sink{Type: name, Timeout: 10 * time.Second}, r
	}
	if err := s.Configure(config.Store{Sync: true, Keep: time.Hour, MaxOutbox: 1000}, configs, own); err != nil {
		t.Fatal(err)
	}
}

// publish commits one event after another. They are named "subject:id".
func publish(t testing.TB, s *Store, names ...string) {
	t.Helper()
	var c effect.Commit
	for _, name := range names {
		subject, id, _ := strings.Cut(name, ":")
		c.Events = append(c.Events, event(id, "share.created", subject))
	}
	commit(t, s, c)
}

// after lets time pass, until nothing more happens at that moment.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// statuses returns what became of all deliveries, as "id sink status".
func statuses(t testing.TB, s *Store) (all []string) {
	t.Helper()
	for p, err := range s.Outbox(t.Context(), Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range p.Deliveries {
			all = append(all, fmt.Sprintf("%s %s %s", p.Event.ID, d.Sink, d.Status))
		}
	}
	return all
}

var errDown = errors.New("connection refused")

func down(context.Context, []effect.Event) error { return errDown }

func TestEventsComeInOrderForEachSubject(t *testing.T) {
	r := &recorder{}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		var want []string
		for i := range 100 {
			name := fmt.Sprintf("s%d:%d", i%3, i)
			publish(t, s, name)
			want = append(want, name)
		}
		after(time.Second)
		for i := range 3 {
			subject := fmt.Sprintf("s%d:", i)
			others := func(name string) bool { return !strings.HasPrefix(name, subject) }
			if diff := cmp.Diff(slices.DeleteFunc(slices.Clone(want), others), slices.DeleteFunc(slices.Clone(r.got), others)); diff != "" {
				t.Error(diff)
			}
		}
		if stats, err := s.Stats(t.Context()); err != nil || stats.Waiting != 0 {
			t.Errorf("got %+v, %v", stats, err)
		}
	})
}

func TestNoEventOvertakesAnother(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	taken, under := map[string][]string{}, map[string]bool{}
	r := &recorder{}
	r.answer = func(_ context.Context, events []effect.Event) error {
		subject := events[0].Subject
		mu.Lock()
		if under[subject] {
			t.Errorf("two attempts for %s at once", subject)
		}
		under[subject] = true
		n, fails := random.IntN(len(events)+1), random.IntN(3) == 0
		mu.Unlock()
		time.Sleep(time.Second)
		mu.Lock()
		defer mu.Unlock()
		under[subject] = false
		if !fails {
			n = len(events)
		}
		for _, e := range events[:n] {
			taken[subject] = append(taken[subject], e.ID)
		}
		if fails {
			return &effect.DeliveryError{Taken: n, Err: errDown}
		}
		return nil
	}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		want := map[string][]string{}
		for i := range 200 {
			subject, id := fmt.Sprint("s", i%5), fmt.Sprint(i)
			publish(t, s, subject+":"+id)
			want[subject] = append(want[subject], id)
			after(time.Second / 2)
		}
		after(24 * time.Hour)
		if diff := cmp.Diff(want, taken); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEventIsAttemptedOnTheScheduleThenItsSubjectGoesOn(t *testing.T) {
	r := &recorder{}
	r.answer = func(_ context.Context, events []effect.Event) error {
		if events[0].ID == "bad" {
			return errDown
		}
		return nil
	}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:bad", "a:next")
		publish(t, s, "b:other")
		after(100 * time.Hour)
		var due time.Duration
		var attempts []time.Duration
		for i, name := range r.got {
			if name == "a:bad" {
				attempts = append(attempts, r.at[i])
			}
		}
		for i, wait := range schedule() {
			due += wait
			if i == len(attempts) || attempts[i] < due-due/10 || attempts[i] > due+due/10 {
				t.Fatalf("attempt %d: got %v, want it %v after the first", i, attempts, due)
			}
		}
		if len(attempts) != len(schedule()) || !strings.HasSuffix(r.attempts(), "a:bad a:next") {
			t.Errorf("got %s", r.attempts())
		}
		if got := statuses(t, s); !slices.Contains(got, "bad ops dead") {
			t.Errorf("got %v, want a dead letter", got)
		}
	})
}

func TestAttemptsSurviveARestart(t *testing.T) {
	r := &recorder{answer: down}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1")
		publish(t, s, "a:2")
		after(10 * time.Minute) // three attempts
		s = reopened(t, s)
		connect(t, s, map[string]*recorder{"ops": r})
		synctest.Wait()
		if got, want := r.attempts(), "a:1 a:1 a:1"; got != want {
			t.Errorf("got %s, want %s: the fourth is not due", got, want)
		}
		r.works()
		after(time.Hour)
		if got, want := r.attempts(), "a:1 a:1 a:1 a:1 a:2"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestWhatWaitsFollowsAClockThatIsSet(t *testing.T) {
	r := &recorder{answer: down}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1")
		after(time.Second)
		s = reopened(t, s)
		connect(t, s, map[string]*recorder{"ops": r})
		after(10 * time.Minute) // three attempts, and the next in half an hour
		s.outbox.mu.Lock()
		for _, q := range s.outbox.sinks["ops"].queues { // as if the clock was put forward by a day
			q.at = q.at.Add(-24 * time.Hour)
		}
		s.outbox.mu.Unlock()
		after(time.Minute)
		if got, want := r.attempts(), "a:1 a:1 a:1 a:1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

// putBack returns a time as it was noted before the clock was put back: the clock shows it later than it comes by the
// time that the process has been awake. Package time keeps seconds from the 30th bit of its first word on.
func putBack(at time.Time, by time.Duration) time.Time {
	*(*uint64)(unsafe.Pointer(&at)) += uint64(by/time.Second) << 30
	return at
}

// inOrder returns words in the order of the alphabet.
func inOrder(words string) string {
	return strings.Join(slices.Sorted(slices.Values(strings.Fields(words))), " ")
}

func TestWhatWaitsDoesNotFollowAClockThatIsPutBack(t *testing.T) { // which a bubble of synctest has not
	attempted := make(chan string, 10)
	r := &recorder{answer: func(_ context.Context, events []effect.Event) error {
		attempted <- events[0].ID
		return errDown
	}}
	s := fresh(t)
	connect(t, s, map[string]*recorder{"ops": r})
	publish(t, s, "a:1", "b:2")
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-attempted
	<-attempted
	s.outbox.mu.Lock()
	k := s.outbox.sinks["ops"]
	k.queues["a"].at = putBack(time.Now().Add(-time.Second), time.Hour)
	k.queues["b"].at = time.Now().Add(31 * time.Minute)
	heap.Init(&k.waiting)
	k.looked = time.Now().Add(-lookAgain)
	s.outbox.dispatch(k)
	s.outbox.mu.Unlock()
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(attempted) != 1 || <-attempted != "1" {
		t.Error("what is due was not attempted")
	}
}

func TestWhatWasNotedBeforeTheClockWasPutBackIsAttemptedAfterARestart(t *testing.T) {
	r := &recorder{answer: down}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1", "b:2")
		after(time.Second)
		s.outbox.mu.Lock()
		for subject, wait := range map[string]time.Duration{"a": 365 * 24 * time.Hour, "b": maxWait} {
			q := s.outbox.sinks["ops"].queues[subject]
			q.at = time.Now().Add(wait)
			s.outbox.note(q.first("ops"))
		}
		s.outbox.mu.Unlock()
		s = reopened(t, s)
		connect(t, s, map[string]*recorder{"ops": r})
		synctest.Wait()
		if got, want := r.attempts(), "a:1 a:1 b:2"; inOrder(got) != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestReceiverSaysHowToGoOn(t *testing.T) {
	tests := []struct {
		name string
		says effect.DeliveryError
		soon string // attempted within a minute
		late string // within an hour
	}{
		{"takes a part", effect.DeliveryError{Taken: 2}, "a:1 a:2 a:3 a:3 a:4", "a:1 a:2 a:3 a:3 a:4"},
		{"takes all", effect.DeliveryError{Taken: 9}, "a:1 a:2 a:3 a:4", "a:1 a:2 a:3 a:4"},
		{"less than nothing", effect.DeliveryError{Taken: -1}, "a:1 a:2 a:3 a:1 a:2 a:3 a:4", "a:1 a:2 a:3 a:1 a:2 a:3 a:4"},
		{"later", effect.DeliveryError{RetryAfter: 30 * time.Minute}, "a:1 a:2 a:3", "a:1 a:2 a:3 a:1 a:2 a:3 a:4"},
		{"no more", effect.DeliveryError{Pause: true}, "a:1 a:2 a:3", "a:1 a:2 a:3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &recorder{}
			first := true
			r.answer = func(context.Context, []effect.Event) error {
				if !first {
					return nil
				}
				first = false
				tt.says.Err = errDown
				return fmt.Errorf("wrapped: %w", &tt.says)
			}
			bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
				publish(t, s, "a:1", "a:2", "a:3")
				synctest.Wait()
				publish(t, s, "a:4")
				after(time.Minute)
				soon := r.attempts()
				after(time.Hour)
				if late := r.attempts(); soon != tt.soon || late != tt.late {
					t.Errorf("got %s, then %s", soon, late)
				}
			})
		})
	}
}

func TestPauseSurvivesARestartAndEndsByHand(t *testing.T) {
	r := &recorder{answer: func(context.Context, []effect.Event) error {
		return &effect.DeliveryError{Pause: true, Err: errors.New("410 Gone")}
	}}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1")
		after(2 * time.Second)
		s = reopened(t, s)
		connect(t, s, map[string]*recorder{"ops": r})
		after(48 * time.Hour)
		stats, err := s.Stats(t.Context())
		if err != nil || stats.Sinks[0].Paused == nil || stats.Sinks[0].Reason != "410 Gone" || stats.Waiting != 1 {
			t.Errorf("got %+v, %v", stats, err)
		}
		r.works()
		if err := s.Resume(t.Context(), "ops"); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if got, want := r.attempts(), "a:1 a:1"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestBadSinkHoldsNobodyElseUp(t *testing.T) {
	forever := make(chan struct{})
	tests := map[string]func(ctx context.Context, events []effect.Event) error{
		"down":     down,
		"slow":     func(ctx context.Context, _ []effect.Event) error { <-ctx.Done(); return ctx.Err() },
		"hanging":  func(context.Context, []effect.Event) error { <-forever; return errDown },
		"panicked": func(context.Context, []effect.Event) error { panic("oops") },
		"no error": func(context.Context, []effect.Event) error { return &effect.DeliveryError{} },
		"nil":      func(context.Context, []effect.Event) error { return (*effect.DeliveryError)(nil) },
		"ended":    func(context.Context, []effect.Event) error { runtime.Goexit(); return nil },
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			good, bad := &recorder{}, &recorder{}
			bad.answer = func(ctx context.Context, events []effect.Event) error {
				if strings.HasPrefix(events[0].Subject, "bad") {
					return answer(ctx, events)
				}
				return nil
			}
			forever = make(chan struct{})
			bubble(t, map[string]*recorder{"good": good, "bad": bad}, func(t *testing.T, s *Store) {
				forever = make(chan struct{})
				for i := range 10 {
					publish(t, s, fmt.Sprintf("bad%d:1", i), fmt.Sprintf("bad%d:2", i), fmt.Sprintf("fine%d:1", i))
				}
				after(time.Second)
				if got := len(good.got); got != 30 {
					t.Errorf("the good sink got %d of 30 events", got)
				}
				after(2 * time.Minute)
				for i := range 10 {
					if fine := fmt.Sprintf("fine%d:1", i); !slices.Contains(bad.got, fine) {
						t.Errorf("the bad sink did not get %s of another subject: %s", fine, bad.attempts())
					}
				}
				close(forever)
			})
		})
	}
}

func TestCloseCutsADeliveryByItsTimeout(t *testing.T) {
	r := &recorder{answer: func(ctx context.Context, _ []effect.Event) error { <-ctx.Done(); return ctx.Err() }}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1")
		synctest.Wait()
		began := time.Now()
		if err := s.Close(); err != nil || time.Since(began) != 10*time.Second {
			t.Errorf("took %v, %v", time.Since(began), err)
		}
	})
}

func TestEventsGoToTheSinksThatWantThem(t *testing.T) {
	r := map[string]*recorder{"all": {}, "deleted": {}}
	bubble(t, r, func(t *testing.T, s *Store) {
		configs := map[string]config.Sink{"all": {Type: "all"}, "deleted": {Type: "deleted", Events: []string{"*.deleted"}}}
		own := map[string]effect.Sink{"all": r["all"], "deleted": r["deleted"]}
		if err := s.Configure(config.Store{Sync: true}, configs, own); err != nil {
			t.Fatal(err)
		}
		commit(t, s, effect.Commit{Events: []effect.Event{event("1", "share.created", ""), event("2", "share.deleted", "")}})
		synctest.Wait()
		if r["all"].attempts() != ":1 :2" || r["deleted"].attempts() != ":2" {
			t.Errorf("got %s and %s", r["all"].attempts(), r["deleted"].attempts())
		}
	})
}

func TestSinksThatGoWithTheStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "events.jsonl")
	bubble(t, nil, func(t *testing.T, s *Store) {
		sinks := map[string]config.Sink{"file": {Type: "file", Path: file}, "log": {Type: "log"}}
		for range 2 { // the second time, they stay
			if err := s.Configure(config.Store{Sync: true, Keep: time.Hour}, sinks, nil); err != nil {
				t.Fatal(err)
			}
			publish(t, s, "a:1")
			after(time.Second)
		}
		if got := readFile(t, file); strings.Count(string(got), "\n") != 2 || !strings.Contains(string(got), `"subject":"a"`) {
			t.Errorf("got %s", got)
		}
		want(t, s, "delivered", "1 file done", "1 log done", "1 file done", "1 log done")
	})
}

func TestEventsAreKeptForAWhileAfterTheirDelivery(t *testing.T) {
	r := &recorder{}
	bubble(t, map[string]*recorder{"ops": r}, func(t *testing.T, s *Store) {
		publish(t, s, "a:1", "b:2")
		after(30 * time.Minute)
		if n, err := s.Resend(t.Context(), Filter{Subject: "a"}); n != 1 || err != nil {
			t.Errorf("resent %d, %v", n, err)
		}
		synctest.Wait()
		if got, want := r.attempts(), "a:1 b:2 a:1"; got != want && got != "b:2 a:1 a:1" {
			t.Errorf("got %s, want %s", got, want)
		}
		after(2 * time.Hour)
		if got := statuses(t, s); got != nil {
			t.Errorf("got %v, want nothing", got)
		}
	})
}

func TestEventsStayUntilItIsKnownForHowLong(t *testing.T) {
	sinks := map[string]*recorder{"ops": {}}
	bubble(t, sinks, func(t *testing.T, s *Store) {
		publish(t, s, "a:1")
		after(time.Second)
		s = reopened(t, s)
		after(48 * time.Hour)
		synctest.Wait()
		want(t, s, "kept", "1 ops done")
		connect(t, s, sinks)
		after(2 * time.Second)
		want(t, s, "kept for an hour")
	})
}
