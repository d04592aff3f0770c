package filterpattern

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// ErrTooDeep is returned for an event whose JSON nests deeper than [MaxDepth].
// Its JSON patterns are not evaluated and do not match.
var ErrTooDeep = errors.New("event not evaluated by JSON patterns: it nests arrays and objects deeper than 10000 levels")

// SyntaxError says where a pattern leaves the language. CloudWatch Logs answers
// InvalidParameterException to such a pattern, without a position.
type SyntaxError struct {
	// Column is the position of the first character that does not fit, in
	// characters, counted from 1. At the end of the pattern it is one past the
	// last character.
	Column int
	// Found is what stands there: a piece of the pattern in quotes, or
	// "end of pattern".
	Found string
	// Expected is what may stand there, and where that helps, the cure.
	Expected string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("filter pattern column %d: found %s, expected %s", e.Column, e.Found, e.Expected)
}

// maxFound bounds the text an error quotes.
const maxFound = 24

// quoteFound renders the text at the start of s for [SyntaxError.Found].
func quoteFound(s string) string {
	if s == "" {
		return "end of pattern"
	}
	n := 0
	for i := range s {
		if n == maxFound {
			return fmt.Sprintf("%q", s[:i]+"…")
		}
		n++
	}
	return fmt.Sprintf("%q", s)
}

// columnAt converts a byte offset into a 1-based character column.
func columnAt(src string, offset int) int {
	return utf8.RuneCountInString(src[:offset]) + 1
}
