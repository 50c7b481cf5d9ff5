// Package suggest finds the name that was probably meant by an unknown one.
//
// Two names are near when few letters differ, when one has all the words of the other and not many more, or when one
// begins with the other: "enabel_pre" and "enable_pre_hooks" both mean "enable_pre", "warning" means "warn". Upper and
// lower case count as the same, and so do "_", "-" and nothing between words.
package suggest

import (
	"fmt"
	"slices"
	"strings"
)

// Hint is [DidYouMean] for the candidate nearest to name; "" when none is near.
func Hint(name string, candidates []string) string {
	return DidYouMean(Nearest(name, candidates))
}

// DidYouMean returns ` (did you mean "x"?)`, ready to stand at the end of a message; "" where there is no name.
func DidYouMean(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", near)
}

// maxName is the length in bytes above which a name is not taken for a mistyped one, and is not worth the time and the
// memory of a comparison.
const maxName = 1 << 10

// Guess is the name that was probably meant; the zero value is none.
type Guess struct {
	Name string
	Slip bool // a slip of the finger, or words joined in another way, which may be mended without asking
}

// Nearest returns the name of [Meant].
func Nearest(name string, candidates []string) string { return Meant(name, candidates).Name }

// Meant returns the candidate nearest to name, if any is near. The answer does
// not depend on the order of the candidates, and is never name.
func Meant(name string, candidates []string) Guess {
	if len(name) > maxName {
		return Guess{}
	}
	sorted := slices.Clone(candidates)
	slices.Sort(sorted)
	sorted = slices.DeleteFunc(slices.Compact(sorted), func(c string) bool {
		return c == name || c == ""
	})
	near, letters, alone := nearestByLetters(name, sorted)
	if byWords := nearestByWords(name, sorted); byWords != "" && byWords != near && (near == "" || letters > 1) {
		return Guess{Name: byWords}
	}
	if near == "" {
		return Guess{Name: nearestByBeginning(name, sorted)}
	}
	return Guess{near, alone && isSlip(name, near, letters)}
}

// isSlip reports whether two names that differ in so many letters are one name with a slip: a letter that is missing,
// surplus or swapped with its neighbour, in names of six letters and more also another one, and in those of nine and
// more two of these. Digits are not mistyped so.
func isSlip(name, near string, letters int) bool {
	a, b := []rune(fold(name)), []rune(fold(near))
	n := min(len(a), len(b))
	switch {
	case digits(name) != digits(near):
		return false
	case letters == 0:
		return true
	case letters == 1 && n < 6 && len(a) == len(b):
		return n >= 4 && string(slices.Sorted(slices.Values(a))) == string(slices.Sorted(slices.Values(b)))
	case letters == 1:
		return n >= 4
	}
	return letters == 2 && n >= 9
}

func digits(name string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, name)
}

// nearestByLetters returns also in how many letters the two differ, and whether no other one differs in as few.
func nearestByLetters(name string, candidates []string) (best string, letters int, alone bool) {
	folded, bestSpelling := []rune(fold(name)), 0
	for _, c := range candidates {
		other := []rune(fold(c))
		d := distance(folded, other)
		if d > bound(max(len(folded), len(other))) {
			continue
		}
		// What names with as many letters in common are told apart by: one is in the other, or their spelling.
		spelling := distance([]rune(name), []rune(c))
		if !strings.Contains(string(other), string(folded)) && !strings.Contains(string(folded), string(other)) {
			spelling += len(name)
		}
		isFirst, isAsNear := best == "" || d < letters, d == letters
		if isFirst || isAsNear && spelling < bestSpelling {
			best, letters, bestSpelling = c, d, spelling
		}
		alone = isFirst || alone && !isAsNear
	}
	return best, letters, alone
}

// bound is the number of edits by which a name of n letters may differ: a third of its length, since more make it
// another word, and never more than three, since create_snapshot does not mean delete_snapshot.
func bound(n int) int {
	return min(n/3, 3)
}

// nearestByWords looks for the only candidate that shares the most words with name, where one of the two has all the
// words of the other and at most twice as many.
func nearestByWords(name string, candidates []string) string {
	own := words(name)
	best, bestShare, ties := "", 0.0, 0
	for _, c := range candidates {
		share := overlap(own, words(c))
		switch {
		case share < 0.5 || share < bestShare:
		case share == bestShare:
			ties++
		default:
			best, bestShare, ties = c, share, 0
		}
	}
	if ties > 0 {
		return ""
	}
	return best
}

// shortest is the fewest letters of a beginning that tells what is meant.
const shortest = 4

// nearestByBeginning looks for the only candidate that begins with name, or that name begins with, where the beginning
// is at least half of the whole.
func nearestByBeginning(name string, candidates []string) string {
	own, best := fold(name), ""
	for _, c := range candidates {
		short, long := own, fold(c)
		if len(short) > len(long) {
			short, long = long, short
		}
		if len(short) < shortest || 2*len(short) < len(long) || !strings.HasPrefix(long, short) {
			continue
		}
		if best != "" {
			return ""
		}
		best = c
	}
	return best
}

// overlap is the part of the longer list of words that the shorter one covers,
// or 0 when the shorter one has a word that the longer one lacks.
func overlap(a, b []string) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	lacking := func(word string) bool { return !slices.Contains(b, word) }
	if len(a) == 0 || slices.ContainsFunc(a, lacking) {
		return 0
	}
	return float64(len(a)) / float64(len(b))
}

func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), isJoint)
}

func fold(name string) string {
	return strings.Join(words(name), "")
}

func isJoint(r rune) bool {
	return r == '_' || r == '-' || r == ' '
}

// distance is the optimal string alignment distance of a and b: the number of letters to insert, delete, replace or
// swap with their neighbour, where no letter is edited twice (Damerau 1964, restricted).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			row[j+1] = min(replaced, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
