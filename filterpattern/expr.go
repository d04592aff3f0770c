package filterpattern

import (
	"strconv"
	"strings"
)

// Operator is how a [Clause] compares. A term clause has one of the last three.
type Operator string

// The operators of the language.
const (
	Equal          Operator = "="
	NotEqual       Operator = "!="
	Less           Operator = "<"
	Greater        Operator = ">"
	LessOrEqual    Operator = "<="
	GreaterOrEqual Operator = ">="
	IsNull         Operator = "IS NULL"
	IsTrue         Operator = "IS TRUE"
	IsFalse        Operator = "IS FALSE"
	NotExists      Operator = "NOT EXISTS"

	// Contains is a plain term: the message has it.
	Contains Operator = ""
	// Excludes is a term after "-": the message does not have it.
	Excludes Operator = "-"
	// Optional is a term after "?": the message has this or another optional
	// term; ignored when the pattern has any other kind of term.
	Optional Operator = "?"
)

// comparesOrder reports whether the operator takes numbers only.
func (o Operator) comparesOrder() bool {
	return o == Less || o == Greater || o == LessOrEqual || o == GreaterOrEqual
}

// comparesValue reports whether the operator has a right-hand side.
func (o Operator) comparesValue() bool {
	return o == Equal || o == NotEqual || o.comparesOrder()
}

// condition is one comparison, of a JSON selector or of a field.
type condition struct {
	selector selector // JSON patterns
	field    string   // space-delimited patterns
	op       Operator
	value    operand
	column   int
}

func (c *condition) subject() string {
	if c.selector != nil {
		return c.selector.String()
	}
	return c.field
}

func (c *condition) String() string {
	s := c.subject() + " " + string(c.op)
	if c.op.comparesValue() {
		s += " " + c.value.String()
	}
	return s
}

// join is how a node combines its children.
type join string

const (
	joinAnd join = "&&"
	joinOr  join = "||"
)

// expr is a condition (leaf set) or a conjunction or disjunction of at least two
// expressions.
type expr struct {
	leaf *condition
	join join
	kids []*expr
}

// combine joins kids and flattens nested nodes of the same join, so that clauses
// of one chain are siblings however they were bracketed.
func combine(j join, kids []*expr) *expr {
	if len(kids) == 1 {
		return kids[0]
	}
	e := &expr{join: j}
	for _, k := range kids {
		if k.leaf == nil && k.join == j {
			e.kids = append(e.kids, k.kids...)
		} else {
			e.kids = append(e.kids, k)
		}
	}
	return e
}

// String writes the expression with the parentheses precedence needs and no
// others.
func (e *expr) String() string {
	if e.leaf != nil {
		return e.leaf.String()
	}
	parts := make([]string, len(e.kids))
	for i, k := range e.kids {
		parts[i] = k.String()
		if k.leaf == nil && e.join == joinAnd {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " "+string(e.join)+" ")
}

// walk calls f for each condition, left to right, with the join that ties it to
// its siblings ("" for one that stands alone).
func (e *expr) walk(j join, f func(*condition, join)) {
	if e == nil {
		return
	}
	if e.leaf != nil {
		f(e.leaf, j)
		return
	}
	for _, k := range e.kids {
		k.walk(e.join, f)
	}
}

// without returns the expression with the condition removed, nil when nothing is
// left. The receiver is not changed.
func (e *expr) without(c *condition) *expr {
	if e == nil || e.leaf == c {
		return nil
	}
	if e.leaf != nil {
		return e
	}
	var kids []*expr
	for _, k := range e.kids {
		if k = k.without(c); k != nil {
			kids = append(kids, k)
		}
	}
	if len(kids) == 0 {
		return nil
	}
	return combine(e.join, kids)
}

// step is one step of a selector.
type step struct {
	kind  stepKind
	name  string
	index int
}

type stepKind uint8

const (
	stepName     stepKind = iota // .name or ['name']
	stepIndex                    // [3]
	stepAnyField                 // .*
	stepAnyElem                  // [*]
)

type selector []step

func (s selector) wild() bool {
	for _, st := range s {
		if st.kind == stepAnyField || st.kind == stepAnyElem {
			return true
		}
	}
	return false
}

func (s selector) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, st := range s {
		switch st.kind {
		case stepName:
			b.WriteByte('.')
			if isName(st.name) {
				b.WriteString(st.name)
			} else {
				b.WriteString(`["` + escapeQuoted(st.name) + `"]`)
			}
		case stepIndex:
			b.WriteString("[" + strconv.Itoa(st.index) + "]")
		case stepAnyField:
			b.WriteString(".*")
		case stepAnyElem:
			b.WriteString("[*]")
		}
	}
	return b.String()
}

// isName reports whether a key needs no brackets in a selector.
func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isNameByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isNameByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' }

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// escapeQuoted escapes what would end or change a quoted string.
func escapeQuoted(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)
}
