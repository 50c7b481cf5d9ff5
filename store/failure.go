package store

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/hookrun/hookrun/effect"
	"github.com/hookrun/hookrun/internal/sealed"
)

const (
	probeAfter = time.Second // after which it is tried whether the disk works again
	probeSize  = 64 << 10    // bytes; more than are free in the file by chance
)

// fail notes that the disk has failed: the commits of a group and those behind it are lost, but for those that are
// owed.
func (s *Store) fail(group []*record, err error) {
	s.writer.probeAt = time.Now().Add(probeAfter)
	s.mu.Lock()
	s.breaks(err)
	group = append(group, s.queue...)
	s.queue, s.writing, s.urgent = nil, nil, false
	lost := 0
	forgotten := map[*effect.Scope]bool{}
	for _, r := range group {
		switch {
		case r.owed:
			s.kept = append(s.kept, r)
		case !r.barrier:
			lost++
			s.outbox.cancel(r.Events)
			forgotten[r.scope] = true
		}
	}
	if s.closed && lost > 0 {
		s.lost, s.lostTo = s.lost+lost, s.broken
	}
	delete(forgotten, nil)
	for scope := range forgotten {
		scope.Forget()
	}
	broken, owed := s.broken, len(s.kept)
	s.mu.Unlock()
	for _, r := range group {
		r.settle(broken)
	}
	s.logbook.enter(slog.LevelError, "the store does not work", "path", s.path, "error", err, "lost", lost, "owed", owed)
}

// breaks says why the store does not work.
func (s *Store) breaks(err error) {
	if s.writer.lasting = !sealed.Passes(err); s.writer.lasting {
		s.broken = fmt.Errorf("store %s has to be closed and opened again: %w", s.path, err)
	} else {
		s.broken = fmt.Errorf("store %s cannot be written: %w", s.path, err)
	}
}

// probe tries whether the disk works again, with as much as may have to be written.
func (s *Store) probe() {
	err := s.file.Reopen()
	if err == nil {
		err = s.writeGroup(nil, true) // the next transaction removes the probe
	}
	s.writer.probeAt = time.Now().Add(probeAfter)
	s.mu.Lock()
	if s.broken = nil; err != nil {
		s.breaks(err)
	}
	s.mu.Unlock()
	switch {
	case err == nil:
		s.logbook.enter(slog.LevelInfo, "the store works again", "path", s.path)
	case s.writer.lasting:
		s.logbook.enter(slog.LevelError, "the store does not work", "path", s.path, "error", err)
	}
}
