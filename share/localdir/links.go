package localdir

import (
	"os"
	"strconv"
)

// linkPool has copies of files with several names until all names are copied: in one folder in staging, since the way
// to the first name may be long, and closed by the mode of a folder that is finished. The zero value is empty.
type linkPool struct {
	path   string
	dir    *os.File // nil while nothing was kept
	last   int      // the number of the last file
	copies map[inode]keptCopy
}

type keptCopy struct {
	name string // in the pool
	left uint64 // how many names of the original are not copied yet
}

func (p *linkPool) has(id inode) bool { return p.copies[id].left > 0 }

// keep keeps a copy, which is name in dir, for the other names of its original.
func (p *linkPool) keep(s *store, id inode, names uint64, dir *os.File, name string) error {
	if p.dir == nil {
		p.path, p.copies = s.stageName(), make(map[inode]keptCopy)
		if err := s.root.Mkdir(p.path, 0o700); err != nil {
			return err
		}
		pool, err := s.root.Open(p.path)
		if err != nil {
			return err
		}
		p.dir = pool
	}
	p.last++
	as := strconv.Itoa(p.last)
	if err := link(dir, name, p.dir, as); err != nil {
		return err
	}
	p.copies[id] = keptCopy{as, names - 1}
	return nil
}

// give makes name in dir one more name of a copy. The last one takes the place of that in the pool, so that a file with
// as many names as the file system allows can be copied.
func (p *linkPool) give(id inode, dir *os.File, name string) error {
	c := p.copies[id]
	if c.left == 1 {
		delete(p.copies, id)
		return move(p.dir, c.name, dir, name)
	}
	p.copies[id] = keptCopy{c.name, c.left - 1}
	return link(p.dir, c.name, dir, name)
}

// close removes what is left: files that have names elsewhere too.
func (p *linkPool) close(s *store) error {
	if p.path == "" {
		return nil
	}
	var err error
	if p.dir != nil {
		err = p.dir.Close()
	}
	s.discard(p.path)
	return err
}
