package awspolicy

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// truth is a verdict that may be missing: what this package cannot judge is
// unknown, which no Allow follows from and which a Deny takes as a match.
type truth int

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) not() truth { return yes - t }

// The wildcards of a pattern, beside its literal runes. Kept apart from them
// because a substituted value may hold a * that is no wildcard.
const (
	anyRun     rune = -1 - iota // "*"
	anyOne                      // "?"
	segmentRun                  // "*" that stops at a colon
)

// pattern is a text with wildcards, read into tokens.
type pattern []rune

// glob matches in O(len(p)·len(s)) at worst: a later "*" can do whatever an
// earlier one could, so that only the last one is ever gone back to.
func (p pattern) glob(s string) bool {
	pi, si := 0, 0
	star, mark := -1, 0
	for si < len(s) {
		r, n := utf8.DecodeRuneInString(s[si:])
		switch {
		case pi < len(p) && p[pi] == anyRun:
			star, mark = pi, si
			pi++
		case pi < len(p) && (p[pi] == anyOne || p[pi] == r):
			pi++
			si += n
		case star >= 0:
			_, n := utf8.DecodeRuneInString(s[mark:])
			mark += n
			si, pi = mark, star+1
		default:
			return false
		}
	}
	for pi < len(p) && p[pi] == anyRun {
		pi++
	}
	return pi == len(p)
}

// segments matches a pattern with segmentRun tokens, for which going back to
// the last "*" is not enough: it follows all positions at once.
func (p pattern) segments(s string) bool {
	at := make([]bool, len(p)+1) // at[i]: p[:i] matches what was read of s
	at[0] = true
	skip := func() {
		for i, t := range p {
			if at[i] && (t == anyRun || t == segmentRun) {
				at[i+1] = true
			}
		}
	}
	skip()
	for _, r := range s {
		for i := len(p); i > 0; i-- {
			t := p[i-1]
			// A run stays where it is for another character of its own.
			stays := at[i] && (t == anyRun || t == segmentRun && r != ':')
			steps := at[i-1] && (t == r || t == anyOne)
			at[i] = stays || steps
		}
		at[0] = false
		skip()
	}
	return at[len(p)]
}

// arn matches the six parts of an ARN one by one: "Each of the six
// colon-delimited components of the ARN is checked separately".
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
// It is unknown for a pattern that is no ARN, which AWS refuses.
func (p pattern) arn(s string) truth {
	if len(p) == 1 && p[0] == anyRun {
		return yes
	}
	for range 5 {
		i := 0
		for i < len(p) && p[i] != ':' {
			i++
		}
		if i == len(p) {
			return unknown
		}
		part, rest, ok := strings.Cut(s, ":")
		if !ok || !p[:i].glob(part) {
			return no
		}
		p, s = p[i+1:], rest
	}
	return truthOf(p.glob(s))
}

// resourcePattern turns the "*" tokens that the Resource element holds to
// their segment of the ARN into segmentRun, and reports whether there are
// any. "If the * wildcard is the last character of a resource ARN segment, it
// can expand to match beyond the colon boundaries."
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func resourcePattern(p pattern) bool {
	colons, held := 0, false
	for i, t := range p {
		switch {
		case t == ':':
			colons++
		case t == anyRun && colons < 5 && i+1 < len(p) && p[i+1] != ':':
			p[i] = segmentRun
			held = true
		}
	}
	return held
}

// unlike quickly refuses most patterns: their text before any wildcard or
// variable differs.
func unlike(pattern, s string) bool {
	n := strings.IndexAny(pattern, "*?$")
	if n < 0 {
		return pattern != s
	}
	return !strings.HasPrefix(s, pattern[:n])
}

// matchAction compares an action of a policy with a lower-case action.
// "The prefix and the action name are case insensitive."
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
func (e *evaluation) matchAction(action string) bool {
	if action == "*" {
		return true
	}
	n := strings.IndexAny(action, "*?")
	if n < 0 {
		return strings.EqualFold(action, e.action)
	}
	if n > len(e.action) || !strings.EqualFold(action[:n], e.action[:n]) {
		return false
	}
	e.tokens = appendWild(e.tokens[:0], action)
	for i, t := range e.tokens {
		if t >= 0 {
			e.tokens[i] = unicode.ToLower(t)
		}
	}
	return e.tokens.glob(e.action)
}

// matchResource compares a value of Resource or NotResource with the
// requested ARN, case-sensitively.
func (e *evaluation) matchResource(resource string) (truth, error) {
	if resource == "*" {
		return yes, nil
	}
	if unlike(resource, e.resource) && !strings.Contains(resource, "${") {
		return no, nil
	}
	p, err := e.pattern(resource)
	if err != nil {
		return unresolved(err), err
	}
	if resourcePattern(p) {
		return truthOf(p.segments(e.resource)), nil
	}
	return truthOf(p.glob(e.resource)), nil
}

func appendWild(p pattern, s string) pattern {
	for _, r := range s {
		switch r {
		case '*':
			r = anyRun
		case '?':
			r = anyOne
		}
		p = append(p, r)
	}
	return p
}

// pattern reads a text with wildcards and variables. The result is valid
// until the next call.
func (e *evaluation) pattern(s string) (pattern, error) {
	p := e.tokens[:0]
	err := e.substitute(s,
		func(literal string) { p = appendWild(p, literal) },
		func(value string) {
			for _, r := range value {
				p = append(p, r)
			}
		})
	e.tokens = p
	return p, err
}

// text reads a text with variables and without wildcards.
func (e *evaluation) text(s string) (string, error) {
	if !strings.Contains(s, "${") {
		return s, nil
	}
	var b strings.Builder
	add := func(part string) { b.WriteString(part) }
	err := e.substitute(s, add, add)
	return b.String(), err
}

// errMissing is a variable whose key the request does not have: "any attempt
// to match it fails".
var errMissing = errors.New("the request has no key for the variable")

// unresolved is the verdict on a value whose variables have none. A key that
// the request lacks matches nothing, as AWS documents; a variable that AWS
// would not take cannot be judged.
func unresolved(err error) truth {
	if errors.Is(err, errMissing) {
		return no
	}
	return unknown
}

// substitute hands over the parts of s: its own text, and the values of its
// policy variables.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (e *evaluation) substitute(s string, literal, value func(string)) error {
	for {
		start := strings.Index(s, "${")
		if start < 0 {
			literal(s)
			return nil
		}
		literal(s[:start])
		body := s[start+2:]
		end := strings.IndexByte(body, '}')
		fallback, hasFallback := "", false
		key := body[:max(end, 0)]
		if i := strings.Index(key, ", '"); i >= 0 {
			// The default value ends at its quote, and may hold a brace.
			j := strings.Index(body[i+3:], "'}")
			if j < 0 {
				end = -1
			} else {
				key, fallback, hasFallback = body[:i], body[i+3:i+3+j], true
				end = i + 3 + j + 1
			}
		}
		if end < 0 {
			return fmt.Errorf("the variable in %q does not end", s)
		}
		s = body[end+1:]
		if key == "*" || key == "?" || key == "$" {
			value(key)
			continue
		}
		switch values := e.lookup(key); {
		case len(values) == 1:
			value(values[0])
		case len(values) > 1:
			return fmt.Errorf("${%s} has several values in the request; only a single-valued key can be a variable", key)
		case hasFallback:
			value(fallback)
		default:
			return fmt.Errorf("%w ${%s}", errMissing, key)
		}
	}
}
