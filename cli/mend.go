package cli

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/hookrun/hookrun/internal/check"
)

// mend makes the changes that mend mistakes, and returns how many of these it mended. Changes that overlap are left for
// the next time.
func mend(found []check.Finding) (mended int, err error) {
	edits := map[string][]check.Edit{} // by file
	for _, f := range found {
		if f.Fix == nil || slices.ContainsFunc(f.Fix.Edits, func(e check.Edit) bool { return overlaps(edits[f.File], e) }) {
			continue
		}
		edits[f.File] = append(edits[f.File], f.Fix.Edits...)
		mended++
	}
	for _, file := range slices.Sorted(maps.Keys(edits)) {
		if err := apply(file, edits[file]); err != nil {
			return 0, err
		}
	}
	return mended, nil
}

func overlaps(edits []check.Edit, e check.Edit) bool {
	return slices.ContainsFunc(edits, func(other check.Edit) bool { return e.From <= other.To && other.From <= e.To })
}

// apply changes a file.
func apply(file string, edits []check.Edit) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	slices.SortFunc(edits, func(a, b check.Edit) int { return cmp.Compare(b.From, a.From) }) // from the end, so that offsets hold
	for _, e := range edits {
		text = slices.Concat(text[:e.From], []byte(e.Text), text[e.To:])
	}
	return os.WriteFile(file, text, info.Mode().Perm())
}

// tellMended says what --fix has done, on the error stream where programs read the output.
func (c *checking) tellMended(std *streams, n int) {
	out := fmt.Sprintf("mended: %s\n", counted(n, "problem"))
	if c.json {
		_, _ = std.err.Write([]byte(out))
	} else {
		_, _ = std.out.WriteString(out + "\n")
	}
}
