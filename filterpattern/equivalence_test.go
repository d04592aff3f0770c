package filterpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand"
	"regexp"
	"strings"
	"testing"
)

// checkAgainstReference compares the package with the reference on one event,
// alone and as part of a Set.
func checkAgainstReference(t *testing.T, set *Set, patterns []*Pattern, event []byte) {
	t.Helper()
	hits, setErr := set.Match(event, nil)
	in := map[int]bool{}
	for _, h := range hits {
		in[h] = true
	}
	for i, p := range patterns {
		got, err := p.Match(event)
		if err != nil {
			if !errors.Is(err, ErrTooDeep) || got || json.Valid(event) {
				t.Fatalf("pattern %s: match %v, error %v, on a valid event", p, got, err)
			}
			continue
		}
		if want := refMatch(p, event); got != want {
			t.Fatalf("pattern %s\nevent %q\nmatch %v, reference %v", p, event, got, want)
		}
		if setErr == nil && in[i] != got {
			t.Fatalf("pattern %s\nevent %q\nalone %v, in a set of %d %v", p, event, got, len(patterns), in[i])
		}
	}
}

// generator makes patterns and events that have something to do with each other:
// few keys, few values, so that matches are common.
type generator struct{ *rand.Rand }

func (g generator) pick(s ...string) string { return s[g.Intn(len(s))] }

func (g generator) key() string { return g.pick("a", "b", "c", "eventName", "k.d", "é", "�") }

func (g generator) text() string {
	return g.pick("", "x", "xy", "yx", "400", "4", "1e2", "100", "-0", "true", "null", "x*y", "é", `q"\`, "a b", "�")
}

func (g generator) number() string {
	return g.pick("0", "-0", "4", "400", "4e2", "400.0", "0.4E+3", "1e2", "100", "-3.5", "100000000000000000001", "100000000000000000002", "1e-300")
}

func (g generator) selector() string {
	s := "$"
	wild := g.Intn(3) == 0
	for i, n := 0, 1+g.Intn(3); i < n; i++ {
		switch k := g.Intn(6); {
		case k == 0 && wild && i > 0:
			s += "[*]"
			wild = false
		case k == 1 && wild:
			s += ".*"
			wild = false
		case k == 2 && i > 0:
			s += fmt.Sprintf("[%d]", g.Intn(3))
		default:
			if key := g.key(); isName(key) {
				s += "." + key
			} else {
				s += `.["` + key + `"]`
			}
		}
	}
	return s
}

func (g generator) comparison(subject string) string {
	switch g.Intn(6) {
	case 0:
		return subject + g.pick(" = ", " != ", "<", " > ", "<=", " >= ") + g.number()
	case 1:
		return subject + g.pick(" = ", " != ") + g.pick("x*", "*y", "*x*", "*", "4*", "**x", "true", "x")
	}
	return subject + g.pick("=", " != ") + `"` + escapeQuoted(g.pick("", "*")+g.text()+g.pick("", "*")) + `"`
}

func (g generator) condition() string {
	s := g.selector()
	switch g.Intn(8) {
	case 0:
		return s + g.pick(" IS NULL", " IS TRUE", " IS FALSE", " NOT EXISTS")
	case 1:
		return s + g.pick(" = ", " != ") + g.pick("%^x%", "%y$%", "%[0-9]{2,}%", "%.%", "%x|4%")
	}
	return g.comparison(s)
}

func (g generator) expr(depth int, leaf func() string) string {
	if depth == 0 || g.Intn(3) == 0 {
		return leaf()
	}
	s := g.expr(depth-1, leaf)
	for n := 1 + g.Intn(3); n > 0; n-- {
		s += g.pick(" && ", " || ", "||") + g.expr(depth-1, leaf)
	}
	if g.Intn(2) == 0 {
		return "(" + s + ")"
	}
	return s
}

func (g generator) pattern() string {
	switch g.Intn(8) {
	case 0:
		var fields []string
		ellipsis := g.Intn(2)
		for n := 1 + g.Intn(4); n > 0; n-- {
			name := g.pick("f", "g")
			switch g.Intn(5) {
			case 0:
				fields = append(fields, g.pick(name, ""))
			case 1:
				if ellipsis == 1 {
					fields = append(fields, "...")
					ellipsis = 0
				} else {
					fields = append(fields, name)
				}
			default:
				fields = append(fields, g.expr(2, func() string { return g.comparison(name) }))
			}
		}
		if len(fields) == 1 && fields[0] == "" {
			fields[0] = "f" // "[]" is refused
		}
		return "[" + strings.Join(fields, ",") + "]"
	case 1:
		var terms []string
		for n := g.Intn(4); n > 0; n-- {
			terms = append(terms, g.pick("", "", "?", "-")+g.pick("x", "xy", "400", `"a b"`, "eventName"))
		}
		return strings.Join(terms, " ")
	}
	return "{" + g.expr(3, g.condition) + "}"
}

func (g generator) value(depth int) string {
	if depth > 0 && g.Intn(2) == 0 {
		var parts []string
		object := g.Intn(2) == 0
		for n := g.Intn(4); n > 0; n-- {
			v := g.value(depth - 1)
			if object {
				v = g.string(g.key()) + g.space() + ":" + g.space() + v
			}
			parts = append(parts, v)
		}
		body := g.space() + strings.Join(parts, g.space()+","+g.space()) + g.space()
		if object {
			return "{" + body + "}"
		}
		return "[" + body + "]"
	}
	switch g.Intn(5) {
	case 0:
		return g.pick("null", "true", "false")
	case 1:
		return g.number()
	}
	return g.string(g.text())
}

func (g generator) space() string { return g.pick("", "", "", " ", "\n\t") }

// string writes s in JSON, sometimes with needless escapes or broken UTF-8.
func (g generator) string(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '�' && g.Intn(2) == 0:
			b.WriteString(g.pick("\xff", `\ud800`, `\uDC00`))
		case g.Intn(6) == 0:
			fmt.Fprintf(&b, `\u%04x`, r)
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func (g generator) event() string {
	if g.Intn(6) == 0 {
		var words []string
		for n := g.Intn(6); n > 0; n-- {
			words = append(words, g.pick(g.text(), g.number(), `"a b"`, "[x y", "]", `"`))
		}
		return strings.Join(words, g.pick(" ", "  ", "\t"))
	}
	var props []string
	for n := g.Intn(6); n > 0; n-- {
		props = append(props, g.string(g.key())+":"+g.value(3))
	}
	s := "{" + strings.Join(props, ",") + "}"
	if g.Intn(20) == 0 && len(s) > 2 {
		i := g.Intn(len(s))
		s = s[:i] + g.pick("", ",", "}", "\x01", `"`, "\\") + s[i+1:]
	}
	return s
}

func TestEquivalence(t *testing.T) {
	g := generator{rand.New(rand.NewSource(1))}
	matched, total := 0, 0
	for range 100 {
		var patterns []*Pattern
		for len(patterns) < 20 {
			src := g.pattern()
			p, err := Parse(src)
			if err != nil {
				// The generator may exceed a quota; it must not exceed the grammar.
				if e := err.Error(); !strings.Contains(e, "at most") {
					t.Fatalf("pattern %s: %v", src, err)
				}
				continue
			}
			patterns = append(patterns, p)
		}
		set := NewSet(patterns)
		for range 40 {
			event := []byte(g.event())
			checkAgainstReference(t, set, patterns, event)
			hits, _ := set.Match(event, nil)
			matched += len(hits)
			total += len(patterns)
		}
	}
	if matched < total/10 || matched > total*9/10 {
		t.Errorf("%d of %d decisions were matches: the generator no longer tests both answers", matched, total)
	}
}

// bigExponent finds numbers whose exponents the reference cannot write out.
var bigExponent = regexp.MustCompile(`[eE][+-]?\d{4}`)

func FuzzMatch(f *testing.F) {
	g := generator{rand.New(rand.NewSource(2))}
	for range 200 {
		f.Add(g.pattern(), []byte(g.event()))
	}
	for _, c := range documented {
		f.Add(c.pattern, []byte(c.event))
	}
	f.Fuzz(func(t *testing.T, src string, event []byte) {
		p, err := Parse(src)
		if err != nil || bigExponent.MatchString(src) || bigExponent.Match(event) {
			return
		}
		checkAgainstReference(t, NewSet([]*Pattern{p}), []*Pattern{p}, event)
	})
}
