package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"time"

	"github.com/hookrun/hookrun/internal/sealed"
)

// journal is where commits wait for the file with sync = false: written, so that they outlive the process, but not
// synced. To write the file itself without syncs would not do: a power cut could leave pages of it that belong to
// different transactions.
//
// A frame has the length of its content, the content's checksum, and the content, a group of commits.
type journal struct {
	file *os.File
	size int64
	last uint64 // number of the last group, here or before
}

// group is the content of a frame.
type group struct {
	Number  uint64
	Records []*record
}

const (
	journalSuffix = ".journal"
	frameHead     = 8
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// logGroup writes a group to the journal. Its commits are as good as durable then.
func (s *Store) logGroup(records []*record) error {
	w := &s.writer
	if w.journal == nil {
		f, err := os.OpenFile(s.path+journalSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		w.journal = &journal{file: f, last: s.applied}
	}
	if err := w.journal.append(records); err != nil {
		return err
	}
	s.mu.Lock()
	s.kept, s.writing = append(s.kept, records...), nil
	s.mu.Unlock()
	for _, r := range records {
		r.settle(nil)
	}
	return nil
}

func (j *journal) append(records []*record) error {
	content, err := json.Marshal(group{j.last + 1, records})
	if err != nil {
		return err
	}
	frame := binary.LittleEndian.AppendUint32(nil, uint32(len(content)))
	frame = binary.LittleEndian.AppendUint32(frame, crc32.Checksum(content, castagnoli))
	if _, err = j.file.WriteAt(append(frame, content...), j.size); err != nil {
		return errors.Join(err, j.file.Truncate(j.size))
	}
	j.size += int64(len(content) + frameHead)
	j.last++
	return nil
}

// isFull reports whether the journal should be emptied: its commits are in memory as well.
func (j *journal) isFull() bool { return j != nil && j.size >= maxJournal }

const maxJournal = 16 << 20 // bytes

// reset empties the journal. If that fails, its groups are known to be in the file by their numbers.
func (j *journal) reset() error {
	if j.size == 0 {
		return nil
	}
	err := j.file.Truncate(0)
	if err == nil {
		j.size = 0
	}
	return err
}

// remove removes the journal, whose groups are in the file.
func (j *journal) remove() {
	name := j.file.Name()
	_ = j.file.Close()
	_ = os.Remove(name)
}

// frames returns the groups of a journal, and how many bytes at its end are of none: it ends within a frame where the
// process or the power ended while that was written.
func frames(journal []byte) (groups []group, rest int) {
	for len(journal) >= frameHead {
		size, sum := binary.LittleEndian.Uint32(journal), binary.LittleEndian.Uint32(journal[4:])
		if uint64(size) > uint64(len(journal)-frameHead) {
			break
		}
		content := journal[frameHead : frameHead+size]
		var g group
		if crc32.Checksum(content, castagnoli) != sum || json.Unmarshal(content, &g) != nil {
			break
		}
		groups = append(groups, g)
		journal = journal[frameHead+size:]
	}
	return groups, len(journal)
}

// journalLeft reports whether a process that was killed has left a journal.
func journalLeft(path string) bool {
	info, err := os.Stat(path + journalSuffix)
	return err == nil && info.Size() > 0
}

// replay brings the groups of a journal that was left into the file.
func (s *Store) replay() error {
	err := s.file.View(func(tx *sealed.Tx) error {
		applied, err := tx.Bucket(metaBucket).Get([]byte(appliedKey))
		if err == nil && applied != nil {
			s.applied, _, err = cutSeq(applied)
		}
		return err
	})
	if err != nil {
		return opening(s.path, err)
	}
	name := s.path + journalSuffix
	left, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(left) == 0:
		return nil
	case err != nil:
		return err
	}
	groups, rest := frames(left)
	if rest > 0 {
		s.log.Warn("the journal of the store ends in the middle of a commit", "path", name, "bytes", rest)
	}
	now := time.Now()
	err = s.file.Update(func(tx *sealed.Tx) error {
		for _, g := range groups {
			if g.Number <= s.applied {
				continue
			}
			for _, r := range g.Records {
				if err := r.write(tx, now); err != nil {
					return err
				}
			}
			s.applied = g.Number
		}
		return tx.Bucket(metaBucket).Put([]byte(appliedKey), seqKey(s.applied))
	})
	if err != nil {
		return fmt.Errorf("taking the journal of store %s in: %w", s.path, err)
	}
	return os.Remove(name)
}
