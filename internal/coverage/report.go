package coverage

import (
	"slices"

	"github.com/hookrun/hookrun/internal/lua/reflines"
)

// Report is what was executed of all scripts.
type Report struct{ Files []*File }

// File is what was executed of one script.
type File struct {
	Path, Source string
	Lines        []Line // with code, in order
	Functions    []Function
	Branches     []reflines.Branch
}

// Line is a line with code, and how often one of its instructions was executed, at the most.
type Line struct {
	Number int
	Hits   int64
}

// Function is a function of a script, and how often it was called.
type Function struct {
	reflines.Function
	Calls int64
}

func newFile(path, source string, s *reflines.Source, h *reflines.Hits) *File {
	f := &File{Path: path, Source: source, Branches: h.Branches}
	for _, n := range s.Lines {
		f.Lines = append(f.Lines, Line{n, h.Lines[n]})
	}
	for i, fn := range s.Functions {
		f.Functions = append(f.Functions, Function{fn, h.Calls[i]})
	}
	return f
}

// Share is how many of some things were executed.
type Share struct {
	Hit   int `json:"hit"`
	Total int `json:"total"`
}

// Percent is the share in percent; 100 of nothing.
func (s Share) Percent() float64 {
	if s.Total == 0 {
		return 100
	}
	return 100 * float64(s.Hit) / float64(s.Total)
}

func (s *Share) add(hit bool) {
	s.Total++
	if hit {
		s.Hit++
	}
}

// Summary is the shares of a file, or of several.
type Summary struct {
	Lines     Share `json:"lines"`
	Functions Share `json:"functions"`
	Branches  Share `json:"branches"` // two of each place that decides
}

// Summary adds up what was executed of a file.
func (f *File) Summary() (s Summary) {
	for _, l := range f.Lines {
		s.Lines.add(l.Hits > 0)
	}
	for _, fn := range f.Functions {
		s.Functions.add(fn.Calls > 0)
	}
	for _, b := range f.Branches {
		s.Branches.add(b.Yes > 0)
		s.Branches.add(b.No > 0)
	}
	return s
}

// Summary adds up what was executed of all files.
func (r *Report) Summary() (all Summary) {
	for _, f := range r.Files {
		s := f.Summary()
		for _, pair := range [...][2]*Share{{&all.Lines, &s.Lines}, {&all.Functions, &s.Functions}, {&all.Branches, &s.Branches}} {
			pair[0].Hit += pair[1].Hit
			pair[0].Total += pair[1].Total
		}
	}
	return all
}

// Missing are the lines with code of which nothing was executed, in ranges: a range goes on over lines without code.
func (f *File) Missing() (ranges [][2]int) {
	open := false
	for _, l := range f.Lines {
		switch {
		case l.Hits > 0:
			open = false
		case open:
			ranges[len(ranges)-1][1] = l.Number
		default:
			ranges, open = append(ranges, [2]int{l.Number, l.Number}), true
		}
	}
	return slices.Clip(ranges)
}
