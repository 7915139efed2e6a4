package yamlstrict

import (
	"fmt"
	"sort"
	"strings"
)

// Nearest says which known name was probably meant: the one that takes the
// fewest changes, if that is at most a third of its letters. It continues a
// sentence that ends with the name that was got.
func Nearest(got string, known []string) string {
	sort.Strings(known)
	best, at := "", 1<<30
	for _, k := range known {
		if d := distance(strings.ToLower(got), strings.ToLower(k)); d < at {
			best, at = k, d
		}
	}
	if best != "" && at <= 1+len([]rune(best))/3 {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	if len(known) > 20 {
		return fmt.Sprintf(" (there are %d others)", len(known))
	}
	return fmt.Sprintf(" (known: %s)", strings.Join(known, ", "))
}

// distance is Levenshtein's, in runes.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diag := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diag
			if x[i] != y[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
