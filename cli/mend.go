package cli

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/hookrun/hookrun/internal/check"
)

// mend writes into the files what mends mistakes in them, and returns how many of these it mended.
func mend(found []check.Finding) (mended int, err error) {
	byFile := map[string][]check.Finding{}
	for _, f := range found {
		if f.Fix != nil {
			byFile[f.File] = append(byFile[f.File], f)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(byFile)) {
		info, err := os.Stat(file)
		if err != nil {
			return 0, err
		}
		source, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		source, n := check.Mend(source, byFile[file])
		if err := os.WriteFile(file, source, info.Mode().Perm()); err != nil {
			return 0, err
		}
		mended += n
	}
	return mended, nil
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
