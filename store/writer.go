package store

import (
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/hookrun/hookrun/internal/sealed"
)

const (
	linger   = time.Second // for which commits wait that nobody waits for, and deliveries to be noted
	maxQueue = 4096        // commits in the queue that are written without delay
	maxPurge = 1024        // events that one transaction removes
	never    = time.Hour   // when there is nothing to do
)

// writer is what only the goroutine knows that writes.
type writer struct {
	journal  *journal  // nil where there is none yet
	unlogged bool      // the journal could not be written
	last     uint64    // number of the last group of the journal, or transaction of the file
	since    time.Time // since when something waits to get into the file; zero for nothing
	probeAt  time.Time // when the disk is tried again
	lasting  bool      // that it does not work will not pass
	oldest   time.Time // since when the oldest event waits for no sink any more; zero for none
	purgeAt  time.Time // when events may be removed again
}

// write is the goroutine that writes.
func (s *Store) write() {
	defer close(s.stopped)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.wake:
		case <-timer.C:
		case <-s.ending:
			s.step(true)
			return
		}
		wait := s.wait()
		for ; wait <= 0; wait = s.wait() {
			s.step(false)
		}
		timer.Reset(wait)
	}
}

// wait returns how long there is nothing to do; 0 or less if there is.
func (s *Store) wait() time.Duration {
	notes := s.outbox.hasNotes()
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &s.writer
	if w.since.IsZero() && (notes || len(s.queue)+len(s.kept) > 0) {
		w.since = time.Now()
	}
	switch {
	case s.broken != nil && w.lasting:
		return never
	case s.broken != nil:
		return time.Until(w.probeAt)
	case s.urgent, len(s.queue) >= maxQueue:
		return 0
	case !w.since.IsZero(): // events that need not be kept go with it
		return time.Until(w.since.Add(linger))
	case !w.oldest.IsZero():
		return min(never, max(time.Until(w.oldest.Add(s.keep)), time.Until(w.purgeAt)))
	}
	return never
}

// step writes what is there to be written. The last step leaves nothing for later.
func (s *Store) step(last bool) {
	w := &s.writer
	if s.Err() != nil {
		if !w.lasting {
			s.probe()
		}
		return
	}
	if !last {
		runtime.Gosched() // those whose commits the last group had are about to come with the next ones
	}
	group, sync := s.take()
	if !sync {
		if group = s.logged(group); !last && len(group) == 0 && !w.since.IsZero() && time.Since(w.since) < linger && !w.journal.isFull() {
			return
		}
	}
	if err := s.writeGroup(group, false); err != nil {
		s.fail(group, err)
	}
}

// logged writes the commits of a group to the journal, and returns what has to be written to the file at once:
// barriers, and everything where the journal cannot be written. The file may have room where the disk has none.
func (s *Store) logged(group []*record) (rest []*record) {
	w := &s.writer
	commits, barriers := split(group)
	if len(commits) == 0 {
		return barriers
	}
	err := s.logGroup(commits)
	switch {
	case err != nil && !w.unlogged:
		s.logbook.enter(slog.LevelWarn, "the journal of the store cannot be written: commits are synced meanwhile", "path", s.path, "error", err)
	case err == nil && w.unlogged:
		s.logbook.enter(slog.LevelInfo, "the journal of the store can be written again", "path", s.path)
	}
	if w.unlogged = err != nil; w.unlogged {
		return group
	}
	return barriers
}

// split takes the barriers out of a group.
func split(group []*record) (commits, barriers []*record) {
	for _, r := range group {
		if r.barrier {
			barriers = append(barriers, r)
		} else {
			commits = append(commits, r)
		}
	}
	return commits, barriers
}

// take takes the queue.
func (s *Store) take() (group []*record, sync bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	group = s.queue
	for _, r := range group {
		r.taken = true
	}
	s.queue, s.writing, s.urgent = nil, group, false
	return group, s.sync
}

// writeGroup writes, in one transaction, the commits that must not be lost, a group, and how far deliveries are.
func (s *Store) writeGroup(group []*record, probe bool) error {
	s.mu.Lock()
	kept, keep, most := len(s.kept), s.keep, maxPurge
	if s.changes > 0 {
		most = 0
	}
	records := append(s.kept[:kept:kept], group...)
	s.mu.Unlock()
	notes, pauses := s.outbox.takeNotes()
	w, now := &s.writer, time.Now()
	purges := most > 0 && !w.oldest.IsZero() && !now.Before(w.oldest.Add(keep)) && !now.Before(w.purgeAt)
	if len(records)+len(notes)+len(pauses) > 0 || purges || probe {
		oldest := w.oldest
		err := s.file.Update(func(tx *sealed.Tx) (err error) {
			if err = s.writeAll(tx, now, records, notes, pauses, probe); err == nil {
				oldest, err = purge(tx, now.Add(-keep), most)
			}
			return err
		})
		if err != nil {
			s.outbox.putBack(notes, pauses)
			return err
		}
		w.last++
		w.oldest = oldest
	}
	w.since, w.purgeAt = time.Time{}, now.Add(linger)
	s.written(records, kept)
	return nil
}

func (s *Store) writeAll(
	tx *sealed.Tx, now time.Time, records []*record, notes map[noteKey]delivery, pauses map[string]*pause, probe bool,
) error {
	for _, r := range records {
		if err := r.write(tx, now); err != nil {
			return err
		}
	}
	for _, d := range slices.SortedFunc(maps.Values(notes), delivery.compare) { // appending is fast, inserting is not
		if err := d.write(tx, now); err != nil {
			return err
		}
	}
	for name, p := range pauses {
		if err := p.write(tx, name); err != nil {
			return err
		}
	}
	s.mu.Lock()
	sequence := s.lastSeq
	s.mu.Unlock()
	meta := tx.Bucket(metaBucket)
	if err := meta.Put([]byte(sequenceKey), seqKey(sequence)); err != nil {
		return err
	}
	if err := meta.Put([]byte(appliedKey), seqKey(s.writer.last+1)); err != nil {
		return err
	}
	if probe {
		return meta.Put([]byte(probeKey), make([]byte, probeSize))
	}
	return meta.Delete([]byte(probeKey))
}

// written goes on with commits that are in the file, of which the first were kept.
func (s *Store) written(records []*record, kept int) {
	s.mu.Lock()
	s.kept, s.writing = slices.Clone(s.kept[kept:]), nil
	s.mu.Unlock()
	s.outbox.post(records)
	for _, r := range records {
		r.settle(nil)
	}
	if j := s.writer.journal; j != nil {
		if err := j.reset(); err != nil {
			s.logbook.enter(slog.LevelWarn, "the journal of the store could not be emptied", "path", s.path, "error", err)
		}
	}
}
