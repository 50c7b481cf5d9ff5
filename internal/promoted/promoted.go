// Package promoted chooses among fields that embedded structs lend to the struct that they are in, as encoding/json
// does: what one package reads by a name must be what another writes by it.
package promoted

import "slices"

// Rank ranks a field among those of its name, of which the lowest wins: by how many structs it is deep, counted from 1,
// and then by whether a tag names it.
func Rank(depth int, tagged bool) int {
	if tagged {
		return 2 * depth
	}
	return 2*depth + 1
}

// Visible returns the fields that are seen by their names: of those with one name the one with the lowest rank, and
// none where several have that. It changes the list that it is given.
func Visible[F any](all []F, of func(F) (name string, rank int)) []F {
	best, alike := map[string]int{}, map[string]int{} // the lowest rank of a name, and how many have it
	for _, f := range all {
		name, rank := of(f)
		if lowest, seen := best[name]; !seen || rank < lowest {
			best[name], alike[name] = rank, 0
		}
		if rank == best[name] {
			alike[name]++
		}
	}
	return slices.DeleteFunc(all, func(f F) bool {
		name, rank := of(f)
		return rank != best[name] || alike[name] > 1
	})
}
