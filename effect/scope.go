package effect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/tidwall/btree"
)

// Entry is a key of a scope with its value.
type Entry struct {
	Key     string
	Value   json.RawMessage // nil in a list of changes: the key was deleted
	Expires time.Time       // zero for never
}

// The limits of the state of a scope.
const (
	MaxKey    = 512      // bytes
	MaxValue  = 64 << 10 // bytes of JSON
	entryCost = 256      // bytes that an entry counts as, besides its key and value: about what it takes in memory
)

// Scope is the state that some hooks share: JSON values by key. One run at a time has it to itself, from the moment at
// which it first looks at it until the run ends. It is in memory as far as it is in use.
type Scope struct {
	// Service and Name say whose it is.
	Service, Name string

	load func() ([]Entry, error)
	held chan struct{} // full while somebody has the scope

	mu    sync.Mutex
	now   *entries // what is committed; nil until it is loaded
	epoch int      // grows when what is committed is forgotten
}

// NewScope makes a scope. Its entries come from load, which is called with nothing held, when they are first needed,
// and again after [Scope.Forget].
func NewScope(service, name string, load func() ([]Entry, error)) *Scope {
	return &Scope{Service: service, Name: name, load: load, held: make(chan struct{}, 1)}
}

func (s *Scope) compare(other *Scope) int {
	return cmp.Or(cmp.Compare(s.Service, other.Service), cmp.Compare(s.Name, other.Name))
}

// TryBegin is [Scope.Begin] where that takes no time; otherwise it returns nil.
func (s *Scope) TryBegin(now time.Time) *Tx {
	select {
	case s.held <- struct{}{}:
	default:
		return nil
	}
	if t := s.begin(now); t != nil {
		return t
	}
	<-s.held
	return nil
}

// Begin begins a transaction when nobody else has the scope. It fails when the context ends first, or when the entries
// cannot be loaded.
func (s *Scope) Begin(ctx context.Context, now time.Time) (t *Tx, err error) {
	select {
	case s.held <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() {
		if t == nil { // also where load panics, or ends its goroutine
			<-s.held
		}
	}()
	for {
		if t = s.begin(now); t != nil {
			return t, nil
		}
		if err = s.fill(); err != nil {
			return nil, err
		}
	}
}

func (s *Scope) begin(now time.Time) *Tx {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now == nil {
		return nil
	}
	return &Tx{scope: s, epoch: s.epoch, entries: s.now.copy(), at: wall(now)}
}

// fill loads the entries.
func (s *Scope) fill() error {
	s.mu.Lock()
	epoch := s.epoch
	s.mu.Unlock()
	loaded, err := s.load()
	if err != nil {
		return err
	}
	e := newEntries()
	for _, entry := range loaded {
		e.set(entry)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch == epoch {
		s.now = e
	}
	return nil
}

// Forget takes back all that was committed since the entries were loaded, for a store that has not been able to keep
// it. Transactions that are under way cannot be committed any more.
func (s *Scope) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = nil
	s.epoch++
}

// Tx is what a run does to a scope. It sees its own changes; nobody else does until it is committed.
type Tx struct {
	scope   *Scope
	epoch   int
	at      time.Time // when entries expire that have done so
	entries *entries
	changes btree.Map[string, change]
	changed bool // whether any of these is its own
	ended   bool
}

// change is one to the entry of a key.
type change struct {
	Entry
	swept bool // it has expired, and was deleted for that
}

// Scope returns whose transaction it is.
func (t *Tx) Scope() *Scope { return t.scope }

// Entry returns the entry of a key, and whether there is one.
func (t *Tx) Entry(key string) (Entry, bool) {
	e, ok := t.entries.byKey.Get(key)
	if !ok || e.expired(t.at) {
		return Entry{}, false // what has expired must not give its end to what is set after it
	}
	return e, true
}

// Own reports whether the transaction has set or deleted a key.
func (t *Tx) Own(key string) bool {
	c, own := t.changes.Get(key)
	return own && !c.swept
}

// Set sets the value of a key. It fails where a key or value is too long or not UTF-8, where it expires in a year that
// RFC 3339 cannot write, in UTC one beyond 9999, or where the scope would hold more than max bytes.
func (t *Tx) Set(e Entry, max int64) error {
	switch {
	case e.Key == "" || len(e.Key) > MaxKey:
		return fmt.Errorf("want a key of 1 to %d bytes, got %d", MaxKey, len(e.Key))
	case !utf8.ValidString(e.Key):
		return fmt.Errorf("want a key in UTF-8, got %q", e.Key)
	case len(e.Value) > MaxValue:
		return fmt.Errorf("want a value of at most %d bytes as JSON, got %d", MaxValue, len(e.Value))
	case !utf8.Valid(e.Value): // as JSON is, though encoding/json lets other bytes pass
		return errors.New("want a value in UTF-8, got other bytes")
	}
	e.Expires = wall(e.Expires).UTC() // whose text depends on no machine
	if year := e.Expires.Year(); year < 0 || year > 9999 {
		return fmt.Errorf("want a year of 0 to 9999, in UTC, in which it expires, got %d", year)
	}
	for t.Sweep(e, max) > 0 {
	}
	if size, grows := t.sizeWith(e); size > max && grows {
		return fmt.Errorf("state %q is full: it would hold %d bytes, more than its %d", t.scope.Name, size, max)
	}
	t.change(e)
	return nil
}

// Sweep deletes some of the entries that have expired, where another one does not fit into max bytes beside them. It
// returns what these changes hold, as Grows does; 0 where nothing is left to be swept. Set does all of it at once.
func (t *Tx) Sweep(e Entry, max int64) (held int) {
	for range sweepSome {
		size, grows := t.sizeWith(e)
		if size <= max || !grows {
			break
		}
		more := t.sweep()
		if more == 0 {
			break
		}
		held += more
	}
	return held
}

// sizeWith returns the size of the scope with an entry, and whether that makes it larger.
func (t *Tx) sizeWith(e Entry) (size int64, grows bool) {
	before, _ := t.entries.byKey.Get(e.Key)
	more := e.size() - before.size()
	return t.entries.size + more, more > 0
}

// wall returns a time as a clock on the wall shows it, as times are that come from a file: Go compares times by the
// time since the process began where both have that, which is another order once the clock was set.
func wall(t time.Time) time.Time { return t.Round(0) }

// Grows returns how many bytes more the changes hold when an entry is set, or deleted where it has no value, until they
// are written; less than 0 where it takes the place of a larger one.
func (t *Tx) Grows(e Entry) int {
	before := 0
	if b, ok := t.changes.Get(e.Key); ok {
		before = b.held()
	}
	return e.held() - before
}

// Delete deletes a key, if it is there.
func (t *Tx) Delete(key string) {
	if _, ok := t.entries.byKey.Get(key); ok {
		t.change(Entry{Key: key})
	}
}

// Know makes an entry one that the transaction has found, or one without a value one that it has not: no change. It is
// for a replay, which is told of entries one by one.
func (t *Tx) Know(e Entry) { t.entries.set(e) }

func (t *Tx) change(e Entry) {
	t.entries.set(e)
	t.changes.Set(e.Key, change{Entry: e})
	t.changed = true
}

// After returns the first entry whose key begins with a prefix and is greater than another one; false for none.
func (t *Tx) After(prefix, key string) (found Entry, ok bool) {
	for found.Key = key; ; {
		if found, _, ok = t.Next(prefix, found.Key); ok || found.Key == "" {
			return found, ok
		}
	}
}

// maxPassed is how many entries that have expired Next passes at most.
const maxPassed = 1024

// Next is After in steps that take little time. It says how many entries it has passed that have expired. Where these
// were many it returns the key of the last, after which to go on, and false.
func (t *Tx) Next(prefix, key string) (found Entry, passed int, ok bool) {
	t.entries.byKey.Ascend(max(prefix, key), func(k string, e Entry) bool {
		switch {
		case k == key && key != "":
			return true
		case !strings.HasPrefix(k, prefix):
			return false
		case !e.expired(t.at):
			found, ok = e, true
			return false
		}
		if passed++; passed == maxPassed {
			found = Entry{Key: k}
		}
		return passed < maxPassed
	})
	return found, passed, ok
}

// Changed reports whether the transaction has changed anything itself.
func (t *Tx) Changed() bool { return t.changed }

// Changes returns what is changed with it, by key: also the entries that have expired and are deleted with it.
func (t *Tx) Changes() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		t.changes.Scan(func(_ string, c change) bool { return yield(c.Entry) })
	}
}

// Stands reports whether what the transaction has seen is still there: not where it was forgotten.
func (t *Tx) Stands() bool {
	s := t.scope
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.epoch == t.epoch
}

// Commit ends the transaction, and makes its changes visible to those that begin after it. It reports false, and does
// nothing else, where what the transaction was built on was forgotten. Entries that have expired are deleted with it.
func (t *Tx) Commit() bool {
	for range sweepSome {
		if t.sweep() == 0 {
			break
		}
	}
	s := t.scope
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != t.epoch {
		return false
	}
	s.now = t.entries
	return true
}

// End gives the scope back, after Commit or without it. It may be called twice.
func (t *Tx) End() {
	if !t.ended {
		t.ended = true
		<-t.scope.held
	}
}

// sweepSome is how many entries that have expired are deleted at once.
const sweepSome = 64

// sweep deletes the entry that has expired first. It returns what that change holds; 0 where there is none.
func (t *Tx) sweep() (held int) {
	first, ok := t.entries.expiring.Min()
	if !ok || first.at.After(t.at) {
		return 0
	}
	e := Entry{Key: first.key}
	held = t.Grows(e)
	t.entries.set(e)
	t.changes.Set(e.Key, change{e, true})
	return held
}

// entries are those of a scope. A copy shares what neither has changed.
type entries struct {
	byKey    *btree.Map[string, Entry]
	expiring *btree.BTreeG[expiry] // those that expire, the next one first
	size     int64
}

// expiry is when an entry expires.
type expiry struct {
	at  time.Time
	key string
}

func newEntries() *entries {
	before := func(a, b expiry) bool { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.key, b.key)) < 0 }
	return &entries{&btree.Map[string, Entry]{}, btree.NewBTreeGOptions(before, btree.Options{NoLocks: true}), 0}
}

func (s *entries) copy() *entries { return &entries{s.byKey.Copy(), s.expiring.Copy(), s.size} }

// set sets an entry, or deletes it where it has no value.
func (s *entries) set(e Entry) {
	if old, ok := s.byKey.Get(e.Key); ok {
		s.size -= old.size()
		if !old.Expires.IsZero() {
			s.expiring.Delete(expiry{old.Expires, old.Key})
		}
	}
	if e.Value == nil {
		s.byKey.Delete(e.Key)
		return
	}
	s.byKey.Set(e.Key, e)
	s.size += e.size()
	if !e.Expires.IsZero() {
		s.expiring.Set(expiry{e.Expires, e.Key})
	}
}

func (e Entry) expired(now time.Time) bool { return !e.Expires.IsZero() && !e.Expires.After(now) }

// held is about how many bytes the change to an entry holds: in the transaction, in the commit, and in the pages of a
// file.
func (e Entry) held() int { return 768 + 3*(len(e.Key)+len(e.Value)) }

func (e Entry) size() int64 {
	if e.Value == nil {
		return 0
	}
	return int64(len(e.Key) + len(e.Value) + entryCost)
}
