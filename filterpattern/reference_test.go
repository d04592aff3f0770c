package filterpattern

import (
	"bytes"
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
)

// The reference decides a pattern the plain way: decode the event with
// encoding/json, walk the selectors, compare. It shares the parser with the
// package and none of the evaluation.

// refObject keeps the properties in the order written, repetitions included.
type refObject []refProperty

type refProperty struct {
	key   string
	value any
}

func refMatch(p *Pattern, event []byte) bool {
	switch p.kind {
	case JSON:
		root, ok := refDecode(event)
		return ok && refExpr(p.expr, func(c *condition) bool { return refCondition(c, root) })
	case SpaceDelimited:
		return refFields(p.fields, string(event))
	}
	return refTerms(p.terms, string(event))
}

func refDecode(event []byte) (refObject, bool) {
	if !json.Valid(event) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	root, ok := refValue(d).(refObject)
	return root, ok
}

func refValue(d *json.Decoder) any {
	t, err := d.Token()
	if err != nil {
		panic(err) // json.Valid has passed it
	}
	switch t {
	case json.Delim('{'):
		o := refObject{}
		for d.More() {
			key, _ := d.Token()
			o = append(o, refProperty{key.(string), refValue(d)})
		}
		d.Token()
		return o
	case json.Delim('['):
		a := []any{}
		for d.More() {
			a = append(a, refValue(d))
		}
		d.Token()
		return a
	}
	return t
}

func refSelect(values []any, sel selector) []any {
	for _, st := range sel {
		var next []any
		for _, v := range values {
			switch v := v.(type) {
			case refObject:
				var last []any
				for _, p := range v {
					if st.kind == stepAnyField {
						next = append(next, p.value)
					} else if st.kind == stepName && p.key == st.name {
						last = []any{p.value}
					}
				}
				next = append(next, last...)
			case []any:
				if st.kind == stepAnyElem {
					next = append(next, v...)
				} else if st.kind == stepIndex && st.index < len(v) {
					next = append(next, v[st.index])
				}
			}
		}
		values = next
	}
	return values
}

func refExpr(e *expr, leaf func(*condition) bool) bool {
	if e.leaf != nil {
		return leaf(e.leaf)
	}
	n := 0
	for _, k := range e.kids {
		if refExpr(k, leaf) {
			n++
		}
	}
	if e.join == joinAnd {
		return n == len(e.kids)
	}
	return n > 0
}

func refCondition(c *condition, root refObject) bool {
	values := refSelect([]any{root}, c.selector)
	if c.op == NotExists {
		return len(values) == 0
	}
	for _, v := range values {
		if refHolds(c, v) {
			return true
		}
	}
	return false
}

func refHolds(c *condition, v any) bool {
	switch c.op {
	case IsNull:
		return v == nil
	case IsTrue:
		return v == true
	case IsFalse:
		return v == false
	}
	switch v := v.(type) {
	case json.Number:
		if c.value.kind == operandNumber {
			return refNumbers(c.op, v.String(), c.value.text)
		}
		return refTexts(c.op, v.String(), c.value)
	case string:
		return refTexts(c.op, v, c.value)
	}
	return false
}

func refNumbers(op Operator, a, b string) bool {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok1 || !ok2 {
		panic("not numbers: " + a + ", " + b)
	}
	return map[Operator]bool{
		Equal: x.Cmp(y) == 0, NotEqual: x.Cmp(y) != 0,
		Less: x.Cmp(y) < 0, Greater: x.Cmp(y) > 0,
		LessOrEqual: x.Cmp(y) <= 0, GreaterOrEqual: x.Cmp(y) >= 0,
	}[op]
}

func refTexts(op Operator, s string, o operand) bool {
	var equal bool
	switch o.kind {
	case operandRegex:
		equal = o.re.MatchString(s)
	case operandNumber:
		equal = s == o.text
	default:
		// Every way to cut s in three, the outer parts empty unless there is an asterisk.
		inner := strings.Trim(o.text, "*")
		for i := 0; i+len(inner) <= len(s); i++ {
			head := i == 0 || strings.HasPrefix(o.text, "*")
			tail := i+len(inner) == len(s) || strings.HasSuffix(o.text, "*")
			equal = equal || head && tail && s[i:i+len(inner)] == inner
		}
	}
	return op == Equal && equal || op == NotEqual && !equal
}

func refFields(fields []field, event string) bool {
	type refWord struct{ text, rest string }
	var words []refWord
	for rest := event; ; {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if rest == "" {
			break
		}
		w := refWord{rest: rest}
		pair := map[byte]string{'"': `"`, '[': "]"}[rest[0]]
		if inner, after, ok := strings.Cut(rest[1:], pair); ok && pair != "" {
			w.text, rest = inner, after
		} else if i := strings.IndexAny(rest, " \t\r\n"); i >= 0 {
			w.text, rest = rest[:i], rest[i:]
		} else {
			w.text, rest = rest, ""
		}
		words = append(words, w)
	}
	var front, back []field
	split := false
	for _, f := range fields {
		switch {
		case f.ellipsis:
			split = true
		case split:
			back = append(back, f)
		default:
			front = append(front, f)
		}
	}
	if len(words) < len(front)+len(back) {
		return false
	}
	if !split && len(words) > len(front) {
		last := &words[len(front)-1]
		last.text = strings.TrimRight(last.rest, " \t\r\n")
	}
	for i, f := range append(front, back...) {
		w := words[i]
		if i >= len(front) {
			w = words[len(words)-len(back)+i-len(front)]
		}
		if f.cond != nil && !refExpr(f.cond, func(c *condition) bool { return refWordHolds(c, w.text) }) {
			return false
		}
	}
	return true
}

var refNumber = regexp.MustCompile(`\A[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\z`)

func refWordHolds(c *condition, word string) bool {
	if c.value.kind == operandNumber && refNumber.MatchString(word) {
		return refNumbers(c.op, word, c.value.text)
	}
	return refTexts(c.op, word, c.value)
}

func refTerms(terms []term, event string) bool {
	count := map[Operator]int{}
	held := map[Operator]int{}
	for _, t := range terms {
		count[t.op]++
		var found bool
		if t.value.kind == operandRegex {
			found = t.value.re.MatchString(event)
		} else {
			found = strings.TrimSpace(t.value.text) == "" || strings.Contains(event, t.value.text)
		}
		if found {
			held[t.op]++
		}
	}
	if count[Contains]+count[Excludes] == 0 {
		return count[Optional] == 0 || held[Optional] > 0
	}
	return held[Contains] == count[Contains] && held[Excludes] == 0
}
