package cloudtrail

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON is the raw JSON text of a part of a record whose shape belongs to the
// called API, such as requestParameters. It is "" where the record has no such
// part and "null" where it has a null.
type JSON string

// Present reports whether the record has this part with a value other than
// null.
func (j JSON) Present() bool { return j != "" && j != "null" }

// Text returns the first scalar found under path, with arrays on the way
// descended into, and whether there is one. A string comes unquoted; a number
// or boolean comes as written. An empty string counts as absent: AWS writes ""
// where it left a value out.
func (j JSON) Text(path ...string) (string, bool) {
	var found string
	j.each(path, func(v JSON) bool {
		text, ok := v.scalar()
		if ok && text != "" {
			found = text
			return false
		}
		return true
	})
	return found, found != ""
}

// Texts returns every scalar under path, arrays descended into, empty strings
// left out.
func (j JSON) Texts(path ...string) []string {
	var all []string
	j.each(path, func(v JSON) bool {
		if text, ok := v.scalar(); ok && text != "" {
			all = append(all, text)
		}
		return true
	})
	return all
}

// each calls fn for every value under path until fn returns false. An array is
// descended into wherever it stands, since CloudTrail writes a list of one, of
// many, and EC2's {"items":[…]} alike. Of a repeated key the last one counts, as
// with encoding/json.
func (j JSON) each(path []string, fn func(JSON) bool) bool {
	s := string(j)
	i := skipSpace(s, 0)
	if i >= len(s) {
		return true
	}
	switch s[i] {
	case '[':
		more := true
		elements(s, i, func(v JSON) {
			if more {
				more = v.each(path, fn)
			}
		})
		return more
	case '{':
		if len(path) == 0 {
			return fn(j)
		}
		var next JSON
		members(s, i, func(key string, v JSON) {
			if key == path[0] {
				next = v
			}
		})
		if next == "" {
			return true
		}
		return next.each(path[1:], fn)
	default:
		if len(path) > 0 || s[i:] == "null" {
			return true
		}
		return fn(JSON(s[i:]))
	}
}

// scalar returns the text of a string, number or boolean.
func (j JSON) scalar() (string, bool) {
	if j == "" {
		return "", false
	}
	switch j[0] {
	case '"':
		return unquote(string(j)), true
	case '{', '[', 'n':
		return "", false
	}
	return string(j), true
}

// maxDepth is encoding/json's own limit, so that both refuse the same input.
const maxDepth = 10000

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that opens at i. It is as
// strict as encoding/json, so that a record it accepts is one every reader
// accepts.
func skipString(s string, i int) (int, bool) {
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i + 1, true
		case c < 0x20:
			return i, false
		case c == '\\':
			i++
			if i >= len(s) {
				return i, false
			}
			switch s[i] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
			case 'u':
				if i+4 >= len(s) {
					return i, false
				}
				for k := 1; k <= 4; k++ {
					if !isHex(s[i+k]) {
						return i, false
					}
				}
				i += 4
			default:
				return i, false
			}
		}
	}
	return i, false
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// skipValue returns the index after the value that starts at i. Where the text
// is not JSON it returns false and the index of the first offending byte.
func skipValue(s string, i, depth int) (int, bool) {
	if i >= len(s) || depth > maxDepth {
		return i, false
	}
	switch c := s[i]; c {
	case '"':
		return skipString(s, i)
	case '{':
		return walkObject(s, i, depth, nil)
	case '[':
		return walkArray(s, i, depth, nil)
	case 't':
		return skipLiteral(s, i, "true")
	case 'f':
		return skipLiteral(s, i, "false")
	case 'n':
		return skipLiteral(s, i, "null")
	default:
		return skipNumber(s, i)
	}
}

func skipLiteral(s string, i int, word string) (int, bool) {
	if strings.HasPrefix(s[i:], word) {
		return i + len(word), true
	}
	return i, false
}

func skipNumber(s string, i int) (int, bool) {
	digits := func() bool {
		from := i
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(s) && s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if !digits() {
		return i, false
	}
	if i < len(s) && s[i] == '.' {
		i++
		if !digits() {
			return i, false
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if !digits() {
			return i, false
		}
	}
	return i, true
}

// members calls fn for each member of the object that opens at i.
func members(s string, i int, fn func(key string, v JSON)) (int, bool) {
	return walkObject(s, i, 0, fn)
}

// elements calls fn for each element of the array that opens at i.
func elements(s string, i int, fn func(v JSON)) (int, bool) {
	return walkArray(s, i, 0, fn)
}

func walkObject(s string, i, depth int, fn func(key string, v JSON)) (int, bool) {
	i = skipSpace(s, i+1)
	if i < len(s) && s[i] == '}' {
		return i + 1, true
	}
	for {
		if i >= len(s) || s[i] != '"' {
			return i, false
		}
		keyEnd, ok := skipString(s, i)
		if !ok {
			return keyEnd, false
		}
		keyStart := i
		i = skipSpace(s, keyEnd)
		if i >= len(s) || s[i] != ':' {
			return i, false
		}
		i = skipSpace(s, i+1)
		end, ok := skipValue(s, i, depth+1)
		if !ok {
			return end, false
		}
		if fn != nil {
			fn(unquote(s[keyStart:keyEnd]), JSON(s[i:end]))
		}
		i = skipSpace(s, end)
		if i >= len(s) {
			return i, false
		}
		if s[i] == '}' {
			return i + 1, true
		}
		if s[i] != ',' {
			return i, false
		}
		i = skipSpace(s, i+1)
	}
}

func walkArray(s string, i, depth int, fn func(v JSON)) (int, bool) {
	i = skipSpace(s, i+1)
	if i < len(s) && s[i] == ']' {
		return i + 1, true
	}
	for {
		end, ok := skipValue(s, i, depth+1)
		if !ok {
			return end, false
		}
		if fn != nil {
			fn(JSON(s[i:end]))
		}
		i = skipSpace(s, end)
		if i >= len(s) {
			return i, false
		}
		if s[i] == ']' {
			return i + 1, true
		}
		if s[i] != ',' {
			return i, false
		}
		i = skipSpace(s, i+1)
	}
}

// unquote returns the value of a JSON string literal that skipString accepted.
// Without an escape it is a part of the literal, not a copy. Bytes that are not
// UTF-8 and lone surrogates become U+FFFD, as with encoding/json.
func unquote(lit string) string {
	body := lit[1 : len(lit)-1]
	if strings.IndexByte(body, '\\') < 0 {
		if !utf8.ValidString(body) {
			return replaceInvalid(body)
		}
		return body
	}
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			out = append(out, body[i])
			continue
		}
		i++
		switch body[i] {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r := hexRune(body[i+1 : i+5])
			i += 4
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if i+6 < len(body) && body[i+1] == '\\' && body[i+2] == 'u' {
					pair = utf16.DecodeRune(r, hexRune(body[i+3:i+7]))
				}
				if pair != utf8.RuneError {
					i += 6
				}
				r = pair
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, body[i])
		}
	}
	if !utf8.Valid(out) {
		return replaceInvalid(string(out))
	}
	return string(out)
}

// replaceInvalid puts U+FFFD for each bad byte; strings.ToValidUTF8 would put
// one for a whole run.
func replaceInvalid(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

func hexRune(four string) rune {
	n, err := strconv.ParseUint(four, 16, 32)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}
