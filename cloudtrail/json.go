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
	return j.walk(path, 0, fn)
}

// maxLists is how deep lists of lists are descended into. No API nests them
// twice; each level reads what is below it again.
const maxLists = 32

func (j JSON) walk(path []string, lists int, fn func(JSON) bool) bool {
	s := string(j)
	i := skipSpace(s, 0)
	if i >= len(s) {
		return true
	}
	switch s[i] {
	case '[':
		if lists == maxLists {
			return true
		}
		for v, rest := element(s, i); v != ""; v, rest = element(s, rest) {
			if !v.walk(path, lists+1, fn) {
				return false
			}
		}
		return true
	case '{':
		if len(path) == 0 {
			return fn(j)
		}
		next := member(s, i, path[0])
		if next == "" {
			return true
		}
		return next.walk(path[1:], lists, fn)
	default:
		if len(path) > 0 || s[i:] == "null" {
			return true
		}
		return fn(j[i:])
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
		for i < len(s) && plain[s[i]] {
			i++
		}
		if i >= len(s) {
			break
		}
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

// plain are the bytes that stand for themselves in a JSON string.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 256; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

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
		return skipArray(s, i, depth)
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

// members calls fn for each member of the object that opens at i, in text that
// was found to be JSON before: it only looks for the ends of things. Text that
// is not JSON makes it stop early.
func members(s string, i int, fn func(key string, v JSON)) {
	for i = skipSpace(s, i+1); i < len(s) && s[i] == '"'; i = skipSpace(s, i+1) {
		keyEnd, v, end := pair(s, i)
		if end < 0 {
			return
		}
		fn(unquote(s[i:keyEnd]), v)
		if i = skipSpace(s, end); i >= len(s) || s[i] != ',' {
			return
		}
	}
}

// member returns the last member of that name, or "".
func member(s string, i int, name string) JSON {
	var last JSON
	for i = skipSpace(s, i+1); i < len(s) && s[i] == '"'; i = skipSpace(s, i+1) {
		keyEnd, v, end := pair(s, i)
		if end < 0 {
			break
		}
		// A key with an escape in it is longer than what it stands for.
		if n := keyEnd - i - 2; n == len(name) && s[i+1:keyEnd-1] == name || n > len(name) && unquote(s[i:keyEnd]) == name {
			last = v
		}
		if i = skipSpace(s, end); i >= len(s) || s[i] != ',' {
			break
		}
	}
	return last
}

// pair finds the ends of the key that opens at i and of its value; -1 where the
// text is not JSON.
func pair(s string, i int) (keyEnd int, v JSON, end int) {
	keyEnd = endOfString(s, i)
	if keyEnd < 0 {
		return 0, "", -1
	}
	k := skipSpace(s, keyEnd)
	if k >= len(s) || s[k] != ':' {
		return 0, "", -1
	}
	k = skipSpace(s, k+1)
	end = endOfValue(s, k)
	if end <= k {
		return 0, "", -1
	}
	return keyEnd, JSON(s[k:end]), end
}

// element returns the element of an array that follows the bracket or comma at
// i, and the index after it; "" at the end.
func element(s string, i int) (JSON, int) {
	i = skipSpace(s, i)
	if i >= len(s) || s[i] != '[' && s[i] != ',' {
		return "", i
	}
	i = skipSpace(s, i+1)
	if i >= len(s) || s[i] == ']' {
		return "", i
	}
	end := endOfValue(s, i)
	if end <= i {
		return "", i
	}
	return JSON(s[i:end]), end
}

func endOfString(s string, i int) int {
	for i++; ; i++ {
		k := strings.IndexByte(s[i:], '"')
		if k < 0 {
			return -1
		}
		i += k
		slashes := 0
		for s[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}

// endOfValue returns the index after the value at i, or -1.
func endOfValue(s string, i int) int {
	depth := 0
	for i < len(s) {
		switch s[i] {
		case '"':
			if i = endOfString(s, i); i < 0 || depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				if depth < 0 {
					return i
				}
				return i + 1
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	if depth == 0 {
		return i
	}
	return -1
}

// walkObject checks the object that opens at i as strictly as encoding/json, and
// calls fn for each of its own members when fn is not nil.
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

func skipArray(s string, i, depth int) (int, bool) {
	i = skipSpace(s, i+1)
	if i < len(s) && s[i] == ']' {
		return i + 1, true
	}
	for {
		end, ok := skipValue(s, i, depth+1)
		if !ok {
			return end, false
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
	simple := 0
	for simple < len(body) && body[simple] < utf8.RuneSelf && body[simple] != '\\' {
		simple++
	}
	if simple == len(body) {
		return body
	}
	if strings.IndexByte(body[simple:], '\\') < 0 {
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
