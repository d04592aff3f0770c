package filterpattern

import (
	"bytes"
	"cmp"
	"regexp"
	"strings"
)

// operand is the right-hand side of a comparison.
type operand struct {
	kind operandKind
	// text is the literal, unescaped, asterisks and all; for a regex what stands
	// between the percent signs.
	text   string
	quoted bool

	// For operandText: core is what must be there, and the flags say which ends
	// are open.
	core               []byte
	openHead, openTail bool

	num decimal
	re  *regexp.Regexp
}

type operandKind uint8

const (
	operandText operandKind = iota
	operandNumber
	operandRegex
)

// newTextOperand prepares a string literal. Only asterisks at the ends are wild:
// the guide of 2018 to 2021 says that "Ev*ent" matches the text Ev*ent only.
func newTextOperand(text string, quoted bool) operand {
	o := operand{kind: operandText, text: text, quoted: quoted}
	core := strings.TrimLeft(text, "*")
	o.openHead = len(core) < len(text)
	trimmed := strings.TrimRight(core, "*")
	o.openTail = len(trimmed) < len(core) || core == "" && o.openHead
	o.core = []byte(trimmed)
	return o
}

// exact reports whether only one text equals the operand, and so a hash lookup
// can replace the comparison.
func (o *operand) exact() bool {
	return o.kind == operandText && !o.openHead && !o.openTail
}

// equalText is "=" for everything but numbers against numbers.
func (o *operand) equalText(t []byte) bool {
	switch {
	case o.kind == operandRegex:
		return o.re.Match(t)
	case o.kind == operandNumber:
		return string(t) == o.text
	case o.openHead && o.openTail:
		return bytes.Contains(t, o.core)
	case o.openHead:
		return bytes.HasSuffix(t, o.core)
	case o.openTail:
		return bytes.HasPrefix(t, o.core)
	}
	return bytes.Equal(t, o.core)
}

// compareNumber applies op to a value already known to be a number.
func (o *operand) compareNumber(op Operator, v decimal) bool {
	c := v.compare(o.num)
	switch op {
	case Equal:
		return c == 0
	case NotEqual:
		return c != 0
	case Less:
		return c < 0
	case Greater:
		return c > 0
	case LessOrEqual:
		return c <= 0
	}
	return c >= 0
}

// matchWord applies a condition of a space-delimited pattern. Words are text; one
// that reads as a number is compared as a number with a number.
func (o *operand) matchWord(op Operator, word []byte) bool {
	if o.kind == operandNumber {
		if v, ok := parseDecimal(word); ok {
			return o.compareNumber(op, v)
		}
	}
	switch op {
	case Equal:
		return o.equalText(word)
	case NotEqual:
		return !o.equalText(word)
	}
	return false
}

// String writes the operand so that Parse reads the same operand back.
func (o operand) String() string {
	switch {
	case o.kind == operandRegex:
		return "%" + o.text + "%"
	case o.quoted:
		return `"` + escapeQuoted(o.text) + `"`
	}
	return o.text
}

// decimal is a number held as its digits, compared exactly: account ids and
// 64-bit counters do not survive a float64. The value is 0.DDD × 10^point with
// the digits of head and tail, first and last digit not zero; no digits is zero.
type decimal struct {
	neg        bool
	head, tail []byte
	point      int64
}

// maxExponent saturates exponents, so that arithmetic on them cannot overflow.
const maxExponent = 1 << 40

// parseDecimal reads an integer or decimal with an optional sign and exponent,
// the numbers of filter patterns, of which those of JSON are a subset. It does
// not copy.
func parseDecimal(s []byte) (decimal, bool) {
	var d decimal
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		d.neg = s[0] == '-'
		s = s[1:]
	}
	n := digits(s)
	d.head, s = s[:n], s[n:]
	if len(s) > 0 && s[0] == '.' {
		m := digits(s[1:])
		d.tail, s = s[1:1+m], s[1+m:]
	}
	if len(d.head)+len(d.tail) == 0 {
		return decimal{}, false
	}
	var exp int64
	if len(s) > 0 && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		neg := false
		if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
			neg = s[0] == '-'
			s = s[1:]
		}
		m := digits(s)
		if m == 0 {
			return decimal{}, false
		}
		for _, c := range s[:m] {
			if exp < maxExponent {
				exp = exp*10 + int64(c-'0')
			}
		}
		if neg {
			exp = -exp
		}
		s = s[m:]
	}
	if len(s) > 0 {
		return decimal{}, false
	}
	d.head = bytes.TrimLeft(d.head, "0")
	d.point = exp + int64(len(d.head))
	if len(d.head) == 0 {
		t := bytes.TrimLeft(d.tail, "0")
		d.point -= int64(len(d.tail) - len(t))
		d.tail = t
	}
	d.tail = bytes.TrimRight(d.tail, "0")
	if len(d.tail) == 0 {
		d.head = bytes.TrimRight(d.head, "0")
	}
	if len(d.head)+len(d.tail) == 0 {
		return decimal{}, true // zero, without sign or exponent
	}
	return d, true
}

func digits(s []byte) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

func (d decimal) len() int { return len(d.head) + len(d.tail) }

func (d decimal) digit(i int) byte {
	if i < len(d.head) {
		return d.head[i]
	}
	return d.tail[i-len(d.head)]
}

func (d decimal) sign() int {
	switch {
	case d.len() == 0:
		return 0
	case d.neg:
		return -1
	}
	return 1
}

func (d decimal) compare(e decimal) int {
	ds, es := d.sign(), e.sign()
	if ds != es {
		return cmp.Compare(ds, es)
	}
	if ds == 0 {
		return 0
	}
	return ds * d.compareMagnitude(e)
}

func (d decimal) compareMagnitude(e decimal) int {
	if d.point != e.point {
		return cmp.Compare(d.point, e.point)
	}
	for i := 0; i < d.len() && i < e.len(); i++ {
		if a, b := d.digit(i), e.digit(i); a != b {
			return cmp.Compare(int(a), int(b))
		}
	}
	return cmp.Compare(d.len(), e.len())
}
