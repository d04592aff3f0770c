package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
)

// Problem is one mistake in a stack file.
type Problem struct {
	// File is the file as the caller named it; empty when the value came from
	// the engine and no file holds it.
	File string
	// Line and Column count from 1; 0 means that no place is known.
	Line, Column int
	// Key is the full key, such as trailkeep:archive.bucketName; empty when the
	// file as a whole is wrong.
	Key string
	// Message says what is wrong, in lower case and without a final period.
	Message string
	// Found is the value as it was written, shortened; never that of a secret.
	Found string
	// Allowed says what may stand there.
	Allowed string
	// Nearest is the valid key or value that was probably meant.
	Nearest string
	// Hint is the next step.
	Hint string
}

// String formats the problem on one line, led by file, line and column as
// compilers do, so that editors and annotations find the place.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(printable(p.File))
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
			if p.Column > 0 {
				fmt.Fprintf(&b, ":%d", p.Column)
			}
		}
		b.WriteString(": ")
	}
	if p.Key != "" {
		b.WriteString(printable(p.Key) + ": ")
	}
	b.WriteString(p.Message)
	if p.Found != "" {
		b.WriteString(", found " + p.Found)
	}
	if p.Nearest != "" {
		b.WriteString("; did you mean " + p.Nearest + "?")
	}
	if p.Allowed != "" {
		separator := ";"
		if p.Nearest != "" {
			separator = ""
		}
		b.WriteString(separator + " allowed: " + p.Allowed)
	}
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

// Problems is every mistake of a stack file, in the order of its lines.
type Problems []Problem

// Error lists the problems, one on each line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// sorted returns the problems by file, line, column and key. Problems without a
// line, which concern the file as a whole or a key that is missing, come first.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Key, b.Key),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(p)
}

// quoted shows a value as it was written, on one line and of bounded length.
func quoted(s string) string {
	const longest = 120
	if utf8.RuneCountInString(s) > longest {
		s = string([]rune(s)[:longest]) + "…"
	}
	return strconv.Quote(s)
}

// printable returns s unless it holds characters that would break a line or
// confuse a terminal; then it is quoted.
func printable(s string) string {
	if q := strconv.Quote(s); q[1:len(q)-1] != s || len(s) > 200 {
		return quoted(s)
	}
	return s
}

// near reports whether two words are so close that one is probably a slip of
// the other: at most a third of the letters and one differ.
func near(found, candidate string) (distance int, ok bool) {
	found, candidate = strings.ToLower(found), strings.ToLower(candidate)
	// Long input is no typing mistake, and the distance costs length squared.
	if len(found) > 100 {
		return 0, false
	}
	distance = levenshtein.Distance(found, candidate, nil)
	return distance, distance <= len(found)/3+1
}

// nearest returns the candidate closest to what was found: one with few letters
// changed, else one that continues it or that it continues (ApiCallRate for
// ApiCallRateInsight). The first of equally close ones wins; "" means that none
// is close.
func nearest(found string, candidates []string) string {
	best, shortest := "", 0
	for _, candidate := range candidates {
		distance, ok := near(found, candidate)
		if ok && (best == "" || distance < shortest) {
			best, shortest = candidate, distance
		}
	}
	for _, candidate := range candidates {
		a, b := strings.ToLower(found), strings.ToLower(candidate)
		if best == "" && min(len(a), len(b)) >= 4 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a)) {
			best = candidate
		}
	}
	return best
}
