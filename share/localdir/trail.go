package localdir

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// trail is the way from the top of a tree down to the folder in which a walk is.
//
// Each step is one from a folder to the next, since a path of many names costs a step for each of them, and clients
// may nest folders without end. Nor may all the folders on the way be open: those near the end are, and above them
// one in so many, from which the others are found again.
type trail struct {
	levels []level // the top first
	every  int     // how many levels there are from one that stays open to the next
}

type level struct {
	name string
	info fs.FileInfo // tells whether it still is the folder that it was
	root *os.Root    // nil while it is closed, or if it is gone
}

// keptOpen is how many folders are open near the end of a trail, and how many above them, at most.
const keptOpen = 64

// newTrail begins at the top of a tree, which stays the caller's to close.
func newTrail(top *os.Root) *trail {
	return &trail{levels: []level{{name: ".", root: top}}, every: 1}
}

// here is the folder in which the trail ends; nil if it is gone.
func (t *trail) here() *os.Root { return t.levels[len(t.levels)-1].root }

// down goes on into a folder of the last one. It must be the one that info describes.
func (t *trail) down(name string, info fs.FileInfo) error {
	t.levels = append(t.levels, level{name: name, info: info})
	last := len(t.levels) - 1
	err := t.open(last)
	if err != nil {
		t.levels = t.levels[:last]
	}
	return err
}

// up goes back to the folder above the last one, and returns how that was reached. If the one above is gone, or is no
// longer on the way there, the error says so; what is above it may still be there.
func (t *trail) up() (level, error) {
	last := len(t.levels) - 1
	t.shut(last)
	left := t.levels[last]
	t.levels = t.levels[:last]
	from := last - 1
	for t.levels[from].root == nil {
		from--
	}
	for i := from + 1; i < last; i++ {
		if err := t.open(i); err != nil {
			return left, err
		}
	}
	return left, nil
}

// open opens a level from the one above it, and closes one that is far enough behind.
func (t *trail) open(i int) error {
	root, err := t.levels[i-1].root.OpenRoot(t.levels[i].name)
	if err != nil {
		return err
	}
	found, err := root.Stat(".")
	if err == nil && !os.SameFile(found, t.levels[i].info) {
		err = errChanged
	}
	if err != nil {
		return errors.Join(err, root.Close())
	}
	t.levels[i].root = root
	behind := i - keptOpen
	for behind/t.every > keptOpen {
		t.every *= 2
		for j := range behind {
			if j%t.every != 0 {
				t.shut(j)
			}
		}
	}
	if behind > 0 && behind%t.every != 0 {
		t.shut(behind)
	}
	return nil
}

// shut closes a level, unless it is the top.
func (t *trail) shut(i int) {
	if root := t.levels[i].root; i > 0 && root != nil {
		_ = root.Close() // a folder has nothing to write
		t.levels[i].root = nil
	}
}

func (t *trail) close() {
	for i := range t.levels {
		t.shut(i)
	}
}

// maxPath bounds the length of a path that is shown, in bytes.
const maxPath = 4096

// path returns the path of a name in the last folder, as people are shown it: of a very long one the end.
func (t *trail) path(name string) string {
	parts, length := []string{name}, len(name)
	for i := len(t.levels) - 1; i > 0; i-- {
		if length += len(t.levels[i].name) + 1; length > maxPath {
			parts = append(parts, "...")
			break
		}
		parts = append(parts, t.levels[i].name)
	}
	slices.Reverse(parts)
	return strings.Join(parts, "/")
}
