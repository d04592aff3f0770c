package filterpattern

import (
	"strings"
)

// Limits of the language. The first three are quotas of CloudWatch Logs.
const (
	// MaxLength is the longest pattern, in characters (PutMetricFilter,
	// filterPattern).
	MaxLength = 1024
	// MaxRegexes is how many regular expressions one JSON or space-delimited
	// pattern may hold. A log group holds 5 patterns with any; that is for the
	// caller to count, with [Pattern.Regexes].
	MaxRegexes = 2
	// MaxWildcards is how many wildcard selectors one pattern may hold; a single
	// selector holds at most one.
	MaxWildcards = 3
	// MaxRegexSize bounds the compiled size of one regular expression, in steps
	// of its automaton, and with it the time to run it over an event. The bound
	// is this package's; AWS states none.
	MaxRegexSize = 500
	// MaxDepth is how deep an event may nest arrays and objects before
	// [ErrTooDeep]. The bound is this package's, and that of encoding/json.
	MaxDepth = 10000
)

// Kind is the form of a pattern.
type Kind uint8

// The forms of patterns.
const (
	// Terms are words, phrases or one regular expression found anywhere in the
	// message; the empty pattern is one without terms.
	Terms Kind = iota
	// JSON patterns stand in braces and compare properties.
	JSON
	// SpaceDelimited patterns stand in square brackets and compare words.
	SpaceDelimited
)

func (k Kind) String() string {
	switch k {
	case JSON:
		return "JSON"
	case SpaceDelimited:
		return "space-delimited"
	}
	return "terms"
}

// Pattern is a filter pattern that has been read and is ready to match. It comes
// from [Parse]; the zero value is none.
type Pattern struct {
	source string
	kind   Kind

	expr   *expr   // JSON
	terms  []term  // Terms
	fields []field // SpaceDelimited

	set *Set // of this pattern alone
}

// term is one term of a term pattern.
type term struct {
	op     Operator // Contains, Excludes or Optional
	value  operand
	column int
}

func (t term) String() string { return string(t.op) + t.value.String() }

// field is one field of a space-delimited pattern.
type field struct {
	name     string // "" for an unnamed field
	ellipsis bool
	cond     *expr // nil when any word will do
}

func (f field) String() string {
	switch {
	case f.ellipsis:
		return "..."
	case f.cond != nil:
		return f.cond.String()
	}
	return f.name
}

// Parse reads a filter pattern. The error is a [*SyntaxError].
//
// What Parse accepts is what the documentation of CloudWatch Logs describes, and
// a pattern that AWS accepts beyond its documentation is refused here.
func Parse(pattern string) (*Pattern, error) {
	p, err := parse(pattern)
	if err != nil {
		return nil, err
	}
	p.compile()
	return p, nil
}

func (p *Pattern) compile() { p.set = NewSet([]*Pattern{p}) }

// Kind returns the form of the pattern.
func (p *Pattern) Kind() Kind { return p.kind }

// String returns the pattern as it was given to [Parse]; one made by
// [Pattern.Without] is written in canonical form.
func (p *Pattern) String() string { return p.source }

// canonical writes the pattern with single spaces and no needless parentheses.
func (p *Pattern) canonical() string {
	switch p.kind {
	case JSON:
		return "{ " + p.expr.String() + " }"
	case SpaceDelimited:
		parts := make([]string, len(p.fields))
		for i, f := range p.fields {
			parts[i] = f.String()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	parts := make([]string, len(p.terms))
	for i, t := range p.terms {
		parts[i] = t.String()
	}
	return strings.Join(parts, " ")
}

// Regexes returns how many regular expressions the pattern holds. CloudWatch Logs
// allows five patterns with any in a log group.
func (p *Pattern) Regexes() int {
	n := 0
	for _, c := range p.Clauses() {
		if c.Regex {
			n++
		}
	}
	return n
}

// Match reports whether the pattern matches a log event, given as its raw
// message. A JSON pattern does not match a message that is not one JSON object.
// The error is [ErrTooDeep] or nil; with an error the answer is false.
func (p *Pattern) Match(event []byte) (bool, error) {
	var room [1]int
	hits, err := p.set.Match(event, room[:0])
	return len(hits) > 0, err
}

// Clause is one condition of a pattern: a comparison, or a term.
type Clause struct {
	// Text is the clause as a pattern would have it, for example
	// `$.eventName = "ConsoleLogin"`.
	Text string
	// Subject is the selector or the field that is compared, "" for a term.
	Subject string
	// Operator compares Subject with Value.
	Operator Operator
	// Value is the literal without quotes or percent signs, "" for operators
	// that have none.
	Value string
	// Regex says that Value is a regular expression.
	Regex bool
	// Join is "&&" or "||", the operator that ties the clause to its siblings,
	// and "" for a clause that stands alone. Fields of a space-delimited
	// pattern, and terms, all have to hold: "&&", save optional terms.
	Join string
	// Column is where the clause starts in the source, counted from 1 in
	// characters.
	Column int
}

// Clauses returns the conditions of the pattern in the order they are written.
// It is empty for a pattern that matches everything or restricts the number of
// words only.
func (p *Pattern) Clauses() []Clause {
	var clauses []Clause
	add := func(c *condition, j join) {
		clauses = append(clauses, Clause{
			Text:     c.String(),
			Subject:  c.subject(),
			Operator: c.op,
			Value:    c.value.text,
			Regex:    c.value.kind == operandRegex,
			Join:     string(j),
			Column:   c.column,
		})
	}
	p.expr.walk("", add)
	for _, f := range p.fields {
		f.cond.walk("", func(c *condition, j join) {
			if j == "" && p.conditioned() > 1 {
				j = joinAnd
			}
			add(c, j)
		})
	}
	for _, t := range p.terms {
		c := Clause{
			Text:     t.String(),
			Operator: t.op,
			Value:    t.value.text,
			Regex:    t.value.kind == operandRegex,
			Column:   t.column,
		}
		switch {
		case len(p.terms) == 1:
		case t.op == Optional:
			c.Join = string(joinOr)
		default:
			c.Join = string(joinAnd)
		}
		clauses = append(clauses, c)
	}
	return clauses
}

// conditioned counts the fields that have a condition.
func (p *Pattern) conditioned() int {
	n := 0
	for _, f := range p.fields {
		if f.cond != nil {
			n++
		}
	}
	return n
}

// Without returns the pattern with clause i of [Pattern.Clauses] left out, for
// tests that ask whether anything notices. It returns nil when i is out of range
// and when nothing would be left of a JSON or term pattern. The pattern is not
// changed. The result may, being written anew, be longer than [MaxLength].
func (p *Pattern) Without(i int) *Pattern {
	q := &Pattern{kind: p.kind}
	n := -1
	drop := func(e *expr) *expr {
		var found *condition
		e.walk("", func(c *condition, _ join) {
			if n++; n == i {
				found = c
			}
		})
		if found == nil {
			return e
		}
		return e.without(found)
	}
	if p.kind == JSON {
		if q.expr = drop(p.expr); q.expr == nil {
			return nil
		}
	}
	for _, f := range p.fields {
		f.cond = drop(f.cond)
		q.fields = append(q.fields, f)
	}
	for _, t := range p.terms {
		if n++; n != i {
			q.terms = append(q.terms, t)
		}
	}
	if i < 0 || i > n || q.kind == Terms && len(q.terms) == 0 {
		return nil
	}
	q.source = q.canonical()
	q.compile()
	return q
}
