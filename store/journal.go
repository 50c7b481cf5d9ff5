package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/hookrun/hookrun/internal/sealed"
)

// journal is where commits wait for the file with sync = false: written, so that they outlive the process, but not
// synced. To write the file itself without syncs would not do: a power cut could leave pages of it that belong to
// different transactions.
//
// A frame has the length of its content, the content's checksum, and the content, a group of commits. Groups and the
// transactions of the file are numbered in one row, and the file knows the number of its last transaction: each group
// up to this one is in the file, and the next one goes on from there.
type journal struct {
	file *os.File
	size int64
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
		if err := share(f, s.path); err != nil {
			return errors.Join(err, f.Close())
		}
		w.journal = &journal{file: f}
	}
	if err := w.journal.append(group{w.last + 1, records}); err != nil {
		return err
	}
	w.last++
	s.mu.Lock()
	s.kept, s.writing = append(s.kept, records...), nil
	s.mu.Unlock()
	for _, r := range records {
		r.settle(nil)
	}
	return nil
}

func (j *journal) append(g group) error {
	content, err := json.Marshal(g)
	if err != nil {
		return err
	}
	frame := binary.LittleEndian.AppendUint32(nil, uint32(len(content)))
	frame = binary.LittleEndian.AppendUint32(frame, crc32.Checksum(content, castagnoli))
	if _, err = j.file.WriteAt(append(frame, content...), j.size); err != nil {
		return errors.Join(err, j.file.Truncate(j.size))
	}
	j.size += int64(len(content) + frameHead)
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

// end closes the journal, and removes it if its groups are in the file.
func (j *journal) end(applied bool) {
	_ = j.file.Close()
	if applied {
		_ = os.Remove(j.file.Name())
	}
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

// missing returns the groups of a store's journal that its file lacks, where the file's last transaction has a number,
// and how many bytes at the journal's end are of no group. A journal that does not go on from there belongs to another
// file, such as the one in whose place an older copy was put: commits would be missing in between.
func missing(path string, applied uint64) (groups []group, rest int, err error) {
	name := path + journalSuffix
	left, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	groups, rest = frames(left)
	groups = slices.DeleteFunc(groups, func(g group) bool { return g.Number <= applied })
	for i, g := range groups {
		if want := applied + uint64(i) + 1; g.Number != want {
			return nil, 0, fmt.Errorf("store %s: its journal %s goes on with commit group %d, want %d: those between are missing; "+
				"restore the file that it belongs to, or move the journal away, with the commits in it", path, name, g.Number, want)
		}
	}
	return groups, rest, err
}

// lastNumber returns the number of the last transaction of a file.
func lastNumber(tx *sealed.Tx) (number uint64, err error) {
	stored, err := tx.Bucket(metaBucket).Get([]byte(appliedKey))
	if err == nil && stored != nil {
		number, _, err = cutSeq(stored)
	}
	return number, err
}

// replay brings the groups of a journal that was left into the file.
func (s *Store) replay() error {
	last := &s.writer.last
	err := s.file.View(func(tx *sealed.Tx) (err error) {
		*last, err = lastNumber(tx)
		return err
	})
	if err != nil {
		return opening(s.path, err)
	}
	if !journalLeft(s.path) {
		return nil
	}
	groups, rest, err := missing(s.path, *last)
	if err != nil {
		return err
	}
	name := s.path + journalSuffix
	if rest > 0 {
		s.log.Warn("the journal of the store ends in the middle of a commit", "path", name, "bytes", rest)
	}
	now := time.Now()
	err = s.file.Update(func(tx *sealed.Tx) error {
		for _, g := range groups {
			for _, r := range g.Records {
				if err := r.write(tx, now); err != nil {
					return err
				}
			}
			*last = g.Number
		}
		return tx.Bucket(metaBucket).Put([]byte(appliedKey), seqKey(*last))
	})
	if err != nil {
		return fmt.Errorf("taking the journal of store %s in: %w", s.path, err)
	}
	return os.Remove(name)
}
