// Package store keeps the effects of hooks in a file: the state of hooks, the calls that are open, and the outbox of
// events, which it delivers to sinks. It is the [effect.Store] that goes with the engine; nothing has to be installed
// for it. One process at a time has the file.
//
//	s, err := store.Open("hookrun.db", store.Options{})
//	...
//	e, err := engine.New(cfg, "nfs1", engine.Options{Store: s})
//	...
//	err = errors.Join(e.Shutdown(ctx), s.Close())
//
// # Commits
//
// A commit takes effect in memory at once, and becomes durable later, in the order of the commits. A goroutine writes
// all commits that have come meanwhile in one transaction of the file, as soon as somebody waits for one of them, and
// within a second otherwise. What a crash leaves is what the first n commits did, for some n. With sync = false the
// order is kept by a journal beside the file, which is not synced, and the transaction takes place once a second: a
// killed process loses nothing, and a power cut the last second.
//
// When the disk fails, the commits that were not durable have failed, and the state is what it was before them. New
// ones fail at once until the disk works again, which is tried every second; [Store.Err] says why. After an error that
// leaves open what is on the disk, such as a failed sync, the store has to be closed and opened again.
//
// # Delivery
//
// An event is delivered at least once to every sink that wants its type when it is published, in order for each
// subject. After ten attempts over about three days it is a dead letter, which stays until somebody retries or drops
// it; events of its subject go on. Events that wait for some sink count for the outbox's limit, dead letters do not.
//
// # The file
//
// All values have checksums. [Open] reads the whole file, and refuses one that is damaged or cut off; [Check] says
// more about it. The file does not shrink by itself; [Compact] does that. Beside it are a file with the suffix .lock,
// which means nothing by itself, and sometimes one with the suffix .journal, which belongs to it. A path may lead to
// the file through symbolic links; these two are in the folder that has the file itself. A relative one says where that
// is when the file is opened, whatever folder the process works in later.
package store

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/mask"
	"github.com/hookrun/hookrun/internal/sealed"
)

// Event is an event of a hook. See [effect.Event].
type Event = effect.Event

// Sink takes events. See [effect.Sink].
type Sink = effect.Sink

// DeliveryError is an error of a sink that says how to go on. See [effect.DeliveryError].
type DeliveryError = effect.DeliveryError

// ErrOutboxFull says that there is no room for another event.
var ErrOutboxFull = effect.ErrOutboxFull

// ErrClosed says that the store is closed.
var ErrClosed = errors.New("the store is closed")

var errReadOnly = errors.New("the store is open for reading only")

// Options are the options of [Open]. The zero value will do.
type Options struct {
	// Logger gets what the store does by itself: that the disk fails and works again, that sinks fail, events that could
	// not be delivered. The store logs in order, on a goroutine that holds nothing up: the handler may take its time, and
	// may use the store, but for Close, which waits for it. Sinks of the type log have it too. The secrets of the config
	// are masked in all of it. If its handler panics, the line is lost. nil is [slog.Default].
	Logger *slog.Logger
	// ReadOnly opens the store to look at it. It must exist, in a folder that may be read-only. Nothing is delivered.
	ReadOnly bool
}

const defaultMaxOutbox = 100_000

// keepAll is how long events are kept before it is known how long they are to be.
const keepAll = time.Duration(math.MaxInt64)

// Store is an open store. Its methods may be called by many goroutines.
type Store struct {
	path     string
	log      *slog.Logger
	logbook  logbook                     // what is to be logged
	secrets  atomic.Pointer[mask.Masker] // of the configs; they are masked in the log, and in errors of sinks
	readOnly bool
	lock     *flock.Flock // nil where a folder is read-only
	file     *sealed.File
	outbox   *outbox
	wake     chan struct{} // full when the writer has something to look at
	ending   chan struct{} // closed when the writer is to write what is left, and end
	stopped  chan struct{} // closed when the writer has ended
	writer   writer

	claims      effect.Claims
	configuring sync.Mutex // held by Configure; before mu
	hidden      [][]string // the secrets of the last configs; guarded by configuring

	mu      sync.Mutex
	scopes  map[[2]string]*effect.Scope
	queue   []*record // commits that are to be written
	writing []*record // those that the writer writes now
	kept    []*record // commits that must not be lost, and are not in the file yet
	urgent  bool      // somebody waits for the queue
	changes int       // of deliveries, under way, see change
	lastSeq uint64    // of the last event
	keep    time.Duration
	sync    bool
	broken  error // why the store does not work; nil when it does
	closed  bool
	lost    int   // commits that were lost since it was closed
	lostTo  error // what the last of them was lost to
}

// DamageError says what is wrong with a file that is damaged or cut off.
type DamageError = sealed.DamageError

var _ effect.Store = (*Store)(nil)

// Open opens a store, and makes it where there is none. If another process has it the error is an *[InUseError], and a
// *[DamageError] if it is not as it was written.
func Open(path string, opts Options) (*Store, error) {
	path, err := located(path)
	if err != nil {
		return nil, err
	}
	s := &Store{
		path: path, readOnly: opts.ReadOnly,
		wake: make(chan struct{}, 1), ending: make(chan struct{}),
		stopped: make(chan struct{}), scopes: map[[2]string]*effect.Scope{}, sync: true, keep: keepAll,
	}
	s.log = slog.New(guarded{mask.Log(cmp.Or(opts.Logger, slog.Default()).Handler(), s.secrets.Load)})
	s.logbook.to = s.log.Handler()
	s.outbox = newOutbox(s.secrets.Load)
	s.outbox.log, s.outbox.read, s.outbox.wake = s.logbook.enter, s.readEvents, s.look
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.release())
	}
	if s.readOnly {
		close(s.stopped)
	} else {
		go s.write()
	}
	return s, nil
}

func (s *Store) open() (err error) {
	if s.readOnly {
		s.lock, err = lockToRead(s.path)
	} else {
		s.lock, err = takeLock(s.path)
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) && !s.readOnly {
		if err := create(s.path); err != nil {
			return fmt.Errorf("making store %s: %w", s.path, err)
		}
	}
	if s.file, err = sealed.Open(s.path, buckets(), s.readOnly && !journalLeft(s.path)); err != nil {
		return opening(s.path, err)
	}
	if err := s.replay(); err != nil {
		return err
	}
	return opening(s.path, s.file.View(s.restore))
}

// opening says what can be done about an error.
func opening(path string, err error) error {
	var damage *DamageError
	switch {
	case errors.As(err, &damage):
		return fmt.Errorf("store %w; restore a copy of it, or move it away to begin with an empty one", err)
	case errors.Is(err, sealed.ErrLocked):
		pid := holder(path + lockSuffix)
		if pid == os.Getpid() { // whose lock did not help
			pid = 0
		}
		return &InUseError{path, pid}
	case err != nil:
		return fmt.Errorf("store %s: %w", path, err)
	}
	return nil
}

func create(path string) error {
	if journalLeft(path) {
		return fmt.Errorf("there is no such file, but its journal %s%s; restore the file, or move the journal away", path, journalSuffix)
	}
	return sealed.Create(path, buckets(), func(tx *sealed.Tx) error {
		return tx.Bucket(metaBucket).Put([]byte(formatKey), []byte(format))
	})
}

// restore reads what is needed in memory.
func (s *Store) restore(tx *sealed.Tx) error {
	switch got, err := tx.Bucket(metaBucket).Get([]byte(formatKey)); {
	case err != nil:
		return err
	case string(got) != format:
		return fmt.Errorf("want format %s, got %q: made by another version of hookrun?", format, got)
	}
	return cmp.Or(s.restoreSequence(tx), s.restoreOutbox(tx))
}

// restoreSequence reads the last number of an event: that of the last one there is, which may have come from a journal,
// or a greater one whose event is gone.
func (s *Store) restoreSequence(tx *sealed.Tx) error {
	last, err := tx.Bucket(eventsBucket).Last()
	if err != nil {
		return err
	}
	noted, err := tx.Bucket(metaBucket).Get([]byte(sequenceKey))
	if err != nil {
		return err
	}
	for _, key := range [][]byte{last, noted} {
		if key == nil {
			continue
		}
		seq, _, err := cutSeq(key)
		if err != nil {
			return err
		}
		s.lastSeq = max(s.lastSeq, seq)
	}
	return nil
}

// Err returns why the store does not work; nil when it does.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.broken
}

// Close makes the commits that were queued durable, and waits for deliveries that are under way: each ends within the
// timeout of its sink, and one that does not heed that is left alone. Later calls that want the file fail with
// [ErrClosed]. The error says what could not be made durable.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		<-s.stopped
		return nil
	}
	s.outbox.stop()
	closeSinks(s.outbox.configure(defaultMaxOutbox, nil))
	close(s.ending)
	<-s.stopped
	s.logbook.wait()
	if s.writer.journal != nil {
		s.writer.journal.end(len(s.kept) == 0)
	}
	lost, why := s.lost, s.lostTo
	for _, r := range s.kept {
		if r.err != nil { // and it is in no journal either
			lost, why = lost+1, s.broken
		}
	}
	var err error
	if lost > 0 {
		err = fmt.Errorf("%d commits are not durable: %w", lost, why)
	}
	return errors.Join(err, s.release())
}

// release gives the file and its lock back.
func (s *Store) release() (err error) {
	if s.file != nil {
		err = s.file.Close()
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Unlock())
	}
	return err
}

// look has the writer look for work.
func (s *Store) look() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
