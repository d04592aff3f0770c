package cloudtrail

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxShown is how many characters of one value a sentence shows.
	maxShown = 160
	// maxMessage is the same for an error message, whose reason stands at its
	// end: "… because no identity-based policy allows …".
	maxMessage = 500
	// maxIdentifier is the longest identifier written without quotes; a digest
	// file's key has some 200 characters.
	maxIdentifier = 400
)

// quoted puts a value in single quotes, such that nothing in it can end the
// quotes, move the cursor, change the writing direction or start a line.
func quoted(value string) string { return string(appendQuoted(nil, value, '\'', maxShown)) }

func appendQuoted(dst []byte, value string, quote byte, limit int) []byte {
	shown, more := shorten(value, limit)
	dst = append(dst, quote)
	for i := 0; i < len(shown); {
		r, size := utf8.DecodeRuneInString(shown[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = fmt.Appendf(dst, `\x%02x`, shown[i])
		case r == rune(quote) || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r < 0x80 && r >= 0x20 && r != 0x7f:
			dst = append(dst, byte(r))
		case !unicode.IsPrint(r):
			// Control and format characters, among them escape sequences and
			// bidirectional overrides; IsPrint refuses both.
			dst = fmt.Appendf(dst, `\u{%x}`, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
		i += size
	}
	if more > 0 {
		dst = append(dst, "…"...)
	}
	dst = append(dst, quote)
	if more > 0 {
		// Outside the quotes, where no value can write it.
		if more == 1 {
			dst = append(dst, " [1 more character]"...)
		} else {
			dst = fmt.Appendf(dst, " [%d more characters]", more)
		}
	}
	return dst
}

// appendBare writes an identifier without quotes where it can be nothing but
// one, and in quotes otherwise.
func appendBare(dst []byte, value string) []byte {
	if !isIdentifier(value) {
		return appendQuoted(dst, value, '\'', maxShown)
	}
	return append(dst, value...)
}

// isIdentifier tells values made only of what AWS puts into ids, ARNs,
// addresses, ports and type names; with no space in them they cannot pass for
// words of the sentence.
func isIdentifier(value string) bool {
	if value == "" || len(value) > maxIdentifier {
		return false
	}
	for i := 0; i < len(value); i++ {
		c := value[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			continue
		}
		if strings.IndexByte("-._:/@+=*$", c) < 0 {
			return false
		}
	}
	// A value that ends in a full stop would end the sentence.
	return value[len(value)-1] != '.'
}

// shorten returns the first limit characters of value and how many are left out.
func shorten(value string, limit int) (string, int) {
	if len(value) <= limit {
		return value, 0
	}
	count := 0
	for i := range value {
		if count == limit {
			return value[:i], utf8.RuneCountInString(value[i:])
		}
		count++
	}
	return value, 0
}
