package coverage

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteLCOV writes the report in the format of geninfo(1), which genhtml, editors and forges read.
func (r *Report) WriteLCOV(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, f := range r.Files {
		f.lcov(out)
	}
	return out.Flush()
}

func (f *File) lcov(out *bufio.Writer) {
	s := f.Summary()
	fmt.Fprintf(out, "TN:\nSF:%s\n", oneLine(f.Path))
	names := f.names()
	for i, fn := range f.Functions {
		fmt.Fprintf(out, "FN:%d,%s\n", max(fn.Line, 1), names[i])
	}
	for i, fn := range f.Functions {
		fmt.Fprintf(out, "FNDA:%d,%s\n", fn.Calls, names[i])
	}
	fmt.Fprintf(out, "FNF:%d\nFNH:%d\n", s.Functions.Total, s.Functions.Hit)
	block := map[int]int{} // how many places of a line came before
	for _, b := range f.Branches {
		for i, n := range [...]int64{b.Yes, b.No} {
			taken := fmt.Sprint(n)
			if b.Yes+b.No == 0 {
				taken = "-" // the place was never reached
			}
			fmt.Fprintf(out, "BRDA:%d,%d,%d,%s\n", b.Line, block[b.Line], i, taken)
		}
		block[b.Line]++
	}
	fmt.Fprintf(out, "BRF:%d\nBRH:%d\n", s.Branches.Total, s.Branches.Hit)
	for _, l := range f.Lines {
		fmt.Fprintf(out, "DA:%d,%d\n", l.Number, l.Hits)
	}
	fmt.Fprintf(out, "LF:%d\nLH:%d\nend_of_record\n", s.Lines.Total, s.Lines.Hit)
}

// names are the names of the functions, each only once, since the format knows functions by their names.
func (f *File) names() []string {
	names := make([]string, len(f.Functions))
	seen := map[string]int{}
	for i, fn := range f.Functions {
		names[i] = strings.ReplaceAll(oneLine(fn.Name), ",", " ")
		if seen[names[i]]++; seen[names[i]] > 1 {
			names[i] = fmt.Sprintf("%s (line %d, number %d)", names[i], fn.Line, seen[names[i]])
		}
	}
	return names
}

// oneLine keeps a path from ending a record.
func oneLine(text string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(text) }
