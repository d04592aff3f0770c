package filterpattern

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// parser reads one pattern. Its methods return the first error and leave the
// position at the character that does not fit.
type parser struct {
	src       string
	pos       int
	regexes   int
	wildcards int
}

func parse(src string) (*Pattern, error) {
	p := &parser{src: src}
	if i := invalidUTF8(src); i >= 0 {
		return nil, &SyntaxError{
			Column:   columnAt(src, i),
			Found:    "byte 0x" + strconv.FormatUint(uint64(src[i]), 16),
			Expected: "text in UTF-8",
		}
	}
	if n := utf8.RuneCountInString(src); n > MaxLength {
		return nil, &SyntaxError{
			Column:   MaxLength + 1,
			Found:    "a pattern of " + strconv.Itoa(n) + " characters",
			Expected: "at most " + strconv.Itoa(MaxLength) + ": split it into two filters on the same metric",
		}
	}
	pat := &Pattern{source: src}
	var err error
	p.space()
	switch {
	case p.take("{"):
		pat.kind = JSON
		pat.expr, err = p.jsonPattern()
	case p.take("["):
		pat.kind = SpaceDelimited
		pat.fields, err = p.fieldPattern()
	default:
		pat.terms, err = p.termPattern()
	}
	if err != nil {
		return nil, err
	}
	return pat, nil
}

func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func (p *parser) space() {
	for p.pos < len(p.src) && isSpace(p.src[p.pos]) {
		p.pos++
	}
}

func (p *parser) rest() string { return p.src[p.pos:] }

// peek returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

// take consumes s if it comes next.
func (p *parser) take(s string) bool {
	if strings.HasPrefix(p.rest(), s) {
		p.pos += len(s)
		return true
	}
	return false
}

// run consumes bytes while ok holds.
func (p *parser) run(ok func(byte) bool) string {
	start := p.pos
	for p.pos < len(p.src) && ok(p.src[p.pos]) {
		p.pos++
	}
	return p.src[start:p.pos]
}

// fail reports the token at the current position.
func (p *parser) fail(expected string) error { return p.failAt(p.pos, expected) }

func (p *parser) failAt(pos int, expected string) error {
	found := p.src[pos:]
	if found != "" {
		found = found[:tokenLength(found)]
	}
	return &SyntaxError{Column: columnAt(p.src, pos), Found: quoteFound(found), Expected: expected}
}

// tokenLength returns how much of s a person would call the next word: a run of
// word characters, a run of operator characters, or one character.
func tokenLength(s string) int {
	class := func(c byte) int {
		switch {
		case isNameByte(c) || c == '.' || c == '*':
			return 1
		case strings.IndexByte("=!<>&|", c) >= 0:
			return 2
		}
		return 0
	}
	k := class(s[0])
	if k == 0 {
		_, n := utf8.DecodeRuneInString(s)
		return n
	}
	n := 1
	for n < len(s) && class(s[n]) == k {
		n++
	}
	return n
}

// end expects nothing but white space.
func (p *parser) end(after string) error {
	if p.space(); p.pos < len(p.src) {
		return p.fail("nothing after the closing " + after)
	}
	return nil
}

// jsonPattern reads what follows "{".
func (p *parser) jsonPattern() (*expr, error) {
	e, err := p.or((*parser).jsonCondition)
	if err != nil {
		return nil, err
	}
	if !p.take("}") {
		return nil, p.fail(`"&&", "||" or "}"`)
	}
	return e, p.end(`"}"`)
}

// or reads conditions joined by || and &&; leaf reads one condition.
func (p *parser) or(leaf func(*parser) (*condition, error)) (*expr, error) {
	return p.chain(joinOr, func() (*expr, error) {
		return p.chain(joinAnd, func() (*expr, error) { return p.primary(leaf) })
	})
}

func (p *parser) chain(j join, operand func() (*expr, error)) (*expr, error) {
	var kids []*expr
	for {
		e, err := operand()
		if err != nil {
			return nil, err
		}
		kids = append(kids, e)
		if p.space(); !p.take(string(j)) {
			return combine(j, kids), nil
		}
	}
}

func (p *parser) primary(leaf func(*parser) (*condition, error)) (*expr, error) {
	p.space()
	if p.take("(") {
		e, err := p.or(leaf)
		if err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, p.fail(`"&&", "||" or ")"`)
		}
		return e, nil
	}
	c, err := leaf(p)
	if err != nil {
		return nil, err
	}
	return &expr{leaf: c}, nil
}

// jsonCondition reads a selector and what is asked of it.
func (p *parser) jsonCondition() (*condition, error) {
	c := &condition{column: columnAt(p.src, p.pos)}
	var err error
	if c.selector, err = p.selector(); err != nil {
		return nil, err
	}
	p.space()
	start := p.pos
	switch word := p.run(isAlnum); word {
	case "":
		return c, p.comparison(c, `, "IS" or "NOT EXISTS"`)
	case "IS":
		p.space()
		start = p.pos
		switch word = p.run(isAlnum); word {
		case "NULL", "TRUE", "FALSE":
			c.op = Operator("IS " + word)
			return c, nil
		case "NOT":
			return nil, p.failAt(start, `"NULL", "TRUE" or "FALSE" ("IS NOT" is not supported)`)
		}
		return nil, p.failAt(start, `"NULL", "TRUE" or "FALSE"`)
	case "NOT":
		p.space()
		start = p.pos
		if p.run(isAlnum) != "EXISTS" {
			return nil, p.failAt(start, `"EXISTS"`)
		}
		c.op = NotExists
		return c, nil
	case "EXISTS":
		return nil, p.failAt(start, `an operator ("EXISTS" is not supported: for a string or number write = "*")`)
	}
	return nil, p.failAt(start, `an operator, "IS" or "NOT EXISTS"`)
}

// comparison reads an operator and its operand into c; expected is what else than
// an operator could have stood there.
func (p *parser) comparison(c *condition, expected string) error {
	start := p.pos
	op := Operator(p.run(func(b byte) bool { return strings.IndexByte("=!<>", b) >= 0 }))
	if !op.comparesValue() {
		return p.failAt(start, "one of = != < > <= >="+expected)
	}
	c.op = op
	p.space()
	start = p.pos
	v, err := p.operand()
	if err != nil {
		return err
	}
	if op.comparesOrder() && v.kind != operandNumber {
		return p.failAt(start, "a number after "+string(op))
	}
	c.value = v
	return nil
}

// maxIndex bounds array indexes; no event that reaches CloudWatch Logs has as
// many elements.
const maxIndex = 1_000_000

func (p *parser) selector() (selector, error) {
	if !p.take("$") {
		return nil, p.fail(`a selector such as $.eventName, or "("`)
	}
	var sel selector
	wild := -1
	for {
		start := p.pos
		st := step{}
		switch {
		case p.take("."):
			switch {
			case p.peek() == '[':
				if err := p.bracket(&st, len(sel) > 0); err != nil {
					return nil, err
				}
				if st.kind != stepName {
					return nil, p.failAt(start, "a property name after the period")
				}
			case p.take("*"):
				st.kind = stepAnyField
			default:
				if st.name = p.run(isNameByte); st.name == "" {
					return nil, p.fail(`a property name (letters, digits, "-", "_"; any other as ["name"]), or "*"`)
				}
			}
		case p.peek() == '[':
			if err := p.bracket(&st, len(sel) > 0); err != nil {
				return nil, err
			}
		case len(sel) == 0:
			return nil, p.fail(`"." and a property name after "$"`)
		default:
			return sel, nil
		}
		if st.kind == stepAnyField || st.kind == stepAnyElem {
			if wild >= 0 {
				return nil, p.failAt(start, "no second wildcard: a selector has at most one")
			}
			wild = start
			if p.wildcards++; p.wildcards > MaxWildcards {
				return nil, p.failAt(start, "no further wildcard: a pattern has at most "+strconv.Itoa(MaxWildcards))
			}
		}
		sel = append(sel, st)
	}
}

// bracket reads [3], [*], ['name'] or ["name"]. Elements of arrays "must follow a
// property", so an index cannot come first.
func (p *parser) bracket(st *step, inArray bool) error {
	p.pos++
	expected := `a property name in quotes`
	if inArray {
		expected = `an array index, "*", or a property name in quotes`
	}
	start := p.pos
	switch q := p.peek(); {
	case q == '\'' || q == '"':
		p.pos++
		name, err := p.quoted(q)
		if err != nil {
			return err
		}
		st.name = name
	case inArray && p.take("*"):
		st.kind = stepAnyElem
	case inArray && '0' <= q && q <= '9':
		n, err := strconv.Atoi(p.run(func(b byte) bool { return '0' <= b && b <= '9' }))
		if err != nil || n > maxIndex {
			return p.failAt(start, "an array index of at most "+strconv.Itoa(maxIndex))
		}
		st.kind, st.index = stepIndex, n
	default:
		return p.fail(expected)
	}
	if !p.take("]") {
		return p.fail(`"]"`)
	}
	return nil
}

// quoted reads up to the closing quote, which together with the backslash may be
// escaped by a backslash; any other backslash stands for itself.
func (p *parser) quoted(quote byte) (string, error) {
	var b strings.Builder
	for {
		switch c := p.peek(); {
		case p.pos >= len(p.src):
			return "", p.fail("a closing " + string(quote))
		case c == quote:
			p.pos++
			return b.String(), nil
		case c == '\\' && p.pos+1 < len(p.src) && (p.src[p.pos+1] == quote || p.src[p.pos+1] == '\\'):
			b.WriteByte(p.src[p.pos+1])
			p.pos += 2
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
}

// operand reads a string, number or regular expression.
func (p *parser) operand() (operand, error) {
	switch c := p.peek(); c {
	case '"':
		p.pos++
		text, err := p.quoted('"')
		if err != nil {
			return operand{}, err
		}
		return newTextOperand(text, true), nil
	case '%':
		if p.regexes++; p.regexes > MaxRegexes {
			return operand{}, p.fail("no further regular expression: a pattern has at most " + strconv.Itoa(MaxRegexes))
		}
		return p.regex()
	case '\'':
		return operand{}, p.fail(`a value; strings take double quotes, not single ones`)
	}
	text := p.run(isBareByte)
	if text == "" {
		return operand{}, p.fail("a string, a number, or a regular expression between percent signs")
	}
	// A value that runs on into something else would be cut in two silently.
	if c := p.peek(); c != 0 && !isSpace(c) && strings.IndexByte("&|(){}[],", c) < 0 {
		return operand{}, p.fail("the end of the value; with other characters than letters, digits, _ - . + * it takes double quotes")
	}
	if d, ok := parseDecimal([]byte(text)); ok {
		return operand{kind: operandNumber, text: text, num: d}, nil
	}
	return newTextOperand(text, false), nil
}

// isBareByte reports what may stand in a value without quotes. The guide names
// letters, digits and "_", and uses the others in its own examples
// (123.123.*, 1e+3).
func isBareByte(c byte) bool { return isNameByte(c) || c == '.' || c == '*' || c == '+' }

// fieldPattern reads what follows "[".
func (p *parser) fieldPattern() ([]field, error) {
	var fields []field
	ellipsis := false
	if p.space(); p.peek() == ']' {
		return nil, p.fail(`a field name or "..."`)
	}
	for {
		p.space()
		start := p.pos
		f, err := p.field()
		if err != nil {
			return nil, err
		}
		if f.ellipsis {
			if ellipsis {
				return nil, p.failAt(start, `a field name: a pattern has at most one "..."`)
			}
			ellipsis = true
		}
		fields = append(fields, f)
		p.space()
		switch {
		case p.take(","):
		case p.take("]"):
			return fields, p.end(`"]"`)
		case f.ellipsis:
			return nil, p.fail(`"," or "]"`)
		case f.cond != nil:
			return nil, p.fail(`"&&", "||", "," or "]"`)
		default:
			return nil, p.fail(`an operator, "," or "]"`)
		}
	}
}

func (p *parser) field() (field, error) {
	if p.take("...") {
		return field{ellipsis: true}, nil
	}
	if c := p.peek(); c == ',' || c == ']' {
		return field{}, nil
	}
	start := p.pos
	for p.peek() == '(' || isSpace(p.peek()) {
		p.pos++
	}
	name := p.run(isNameByte)
	if name == "" {
		return field{}, p.fail(`a field name (letters, digits, "-", "_") or "..."`)
	}
	f := field{name: name}
	p.space()
	if c := p.peek(); c == ',' || c == ']' {
		if p.src[start] == '(' {
			return field{}, p.fail("an operator")
		}
		return f, nil
	}
	p.pos = start
	var err error
	f.cond, err = p.or(func(p *parser) (*condition, error) {
		c := &condition{field: name, column: columnAt(p.src, p.pos)}
		start := p.pos
		if p.run(isNameByte) != name {
			return nil, p.failAt(start, `"`+name+`": the conditions of a field are on that field`)
		}
		p.space()
		return c, p.comparison(c, `, "," or "]"`)
	})
	return f, err
}

// termPattern reads a pattern that starts with neither "{" nor "[".
func (p *parser) termPattern() ([]term, error) {
	var terms []term
	for {
		if p.space(); p.pos >= len(p.src) {
			return terms, nil
		}
		start := p.pos
		t := term{op: Contains, column: columnAt(p.src, p.pos)}
		switch {
		case p.take("-"):
			t.op = Excludes
			p.space() // the guide of 2018 to 2021 writes "ERROR" - "Exiting"
		case p.take("?"):
			t.op = Optional
		}
		switch c := p.peek(); {
		case c == '%':
			if t.op != Contains || len(terms) > 0 {
				return nil, p.fail("a term: a regular expression stands alone, or in a JSON or space-delimited pattern")
			}
			var err error
			if t.value, err = p.regex(); err != nil {
				return nil, err
			}
			if p.space(); p.pos < len(p.src) {
				return nil, p.fail("nothing after the regular expression: it stands alone, or in a JSON or space-delimited pattern")
			}
		case c == '"':
			p.pos++
			text, err := p.quoted('"')
			if err != nil {
				return nil, err
			}
			if t.op != Contains && strings.TrimSpace(text) == "" {
				return nil, p.failAt(start, `a term after "`+string(t.op)+`"`)
			}
			t.value = operand{text: text, quoted: true, core: []byte(text)}
		default:
			text := p.run(func(b byte) bool { return isAlnum(b) || b == '_' })
			if c := p.peek(); text == "" || c != 0 && !isSpace(c) {
				return nil, p.fail("a term of letters, digits and _; any other takes double quotes")
			}
			t.value = operand{text: text, core: []byte(text)}
		}
		terms = append(terms, t)
	}
}
