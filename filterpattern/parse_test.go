package filterpattern

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write testdata/errors.golden anew")

// malformed are patterns that Parse refuses; what it says of each is in
// testdata/errors.golden.
var malformed = []string{
	// Whole pattern.
	"{", "}", "{}", "{ }", "{ $.a = 1", "{ $.a = 1 } x", "{ $.a = 1 }}", "[", "[]", "[a", "[a] b", "]", "a\xffb", strings.Repeat("a", 1025),
	// Selectors.
	"{ a = 1 }", "{ $ = 1 }", "{ $a = 1 }", "{ $. = 1 }", "{ $.a. = 1 }", "{ $.a..b = 1 }", "{ $[0] = 1 }", "{ $.[0] = 1 }", "{ $.a.[0] = 1 }",
	"{ $.a[] = 1 }", "{ $.a[-1] = 1 }", "{ $.a[x] = 1 }", "{ $.a[0 = 1 }", "{ $.a[9999999] = 1 }", "{ $.['a] = 1 }", "{ $.[a.b] = 1 }",
	"{ $.@timestamp = 1 }", "{ $.é = 1 }", "{ $.*.* = 1 }", "{ $.a[*].b[*] = 1 }", "{ $.a* = 1 }",
	"{ $.a[*]=1 || $.b[*]=1 || $.c[*]=1 || $.d[*]=1 }",
	// Operators.
	"{ $.a }", "{ $.a == 1 }", "{ $.a =! 1 }", "{ $.a <> 1 }", "{ $.a => 1 }", "{ $.a ! 1 }", "{ $.a 1 }", "{ $.a LIKE b }",
	"{ $.a EXISTS }", "{ $.a IS NOT NULL }", "{ $.a IS EMPTY }", "{ $.a IS }", "{ $.a NOT NULL }", "{ $.a not exists }", "{ $.a is null }",
	"{ $.a in (b, c) }",
	// Values.
	"{ $.a = }", "{ $.a = 'b' }", `{ $.a = "b }`, "{ $.a = b c }", "{ $.a = b/c }", "{ $.a = arn:aws }", "{ $.a = é }", "{ $.a = $.b }",
	"{ $.a > b }", `{ $.a > "1" }`, "{ $.a < 4* }", "{ $.a >= %1% }", "{ $.a = \"b\"c }",
	// Joins and parentheses.
	"{ $.a = 1 & $.b = 2 }", "{ $.a = 1 | $.b = 2 }", "{ $.a = 1 && }", "{ && $.a = 1 }", "{ $.a = 1 and $.b = 2 }", "{ ($.a = 1 }", "{ $.a = 1) }",
	"{ () }", "{ !($.a = 1) }", "{ &.eventType = 1 }",
	// Fields.
	"[a b]", "[a,b", "[a = ]", "[a = 1 b]", "[a = 1 && b = 2]", "[(a)]", "[..., a, ...]", "[... a]", "[…, a]", "[$a]", "[a IS NULL]", "[a =! b]",
	// Terms.
	"a-b", "a.b", `"a`, "-", "?", `-" "`, "--a", "?-a", "ERROR %x%", "%x% ERROR", "-%x%", "?%x%", "é",
	// Regular expressions.
	"%", "%%", "%a", "%something!%", "%(ab)%", `%\(ab%`, "%é%", "%a b\tc%", `%\p%`, `%\b%`, `%\x4%`, `%\xff%`, "%*a%", "%a**%", "%a+?%", "%a|*b%", "%^*%",
	"%a{%", "%a{}%", "%a{,}%", "%a{2, 5}%", "%a{5,2}%", "%a{1001}%", "%a}%", "%a]%", "%[]a]%", "%[a%", "%[a[b]%", "%[z-a]%", "%a{900}b{900}%",
	"{ $.a = %x% || $.a = %y% || $.a = %z% }", "[a=%x%, b=%y%, c=%z%]",
}

func TestErrors(t *testing.T) {
	var b strings.Builder
	for _, src := range malformed {
		p, err := Parse(src)
		if err == nil {
			t.Errorf("pattern %s is accepted, as %s", src, p.canonical())
			continue
		}
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("pattern %s: error %T is no *SyntaxError", src, err)
		}
		shown := fmt.Sprintf("%q", src)
		if len(shown) > 80 {
			shown = shown[:80] + "…"
		}
		fmt.Fprintf(&b, "%s\n\t%v\n", strings.Trim(shown, `"`), err)
	}
	const golden = "testdata/errors.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	got, wanted := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(wanted)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(wanted) {
			w = wanted[i]
		}
		if g != w {
			t.Fatalf("%s line %d:\n got %s\nwant %s\n(go test -update writes the file anew)", golden, i+1, g, w)
		}
	}
}

func TestLengthIsInCharacters(t *testing.T) {
	for _, c := range []struct {
		n  int
		ok bool
	}{{MaxLength, true}, {MaxLength + 1, false}} {
		src := `"` + strings.Repeat("é", c.n-2) + `"`
		if _, err := Parse(src); (err == nil) != c.ok {
			t.Errorf("%d characters in %d bytes: error %v", c.n, len(src), err)
		}
	}
}

// checkRoundTrip holds what must be true of any pattern that Parse accepts.
func checkRoundTrip(t *testing.T, p *Pattern) {
	t.Helper()
	again, err := Parse(p.canonical())
	if err != nil {
		if utf8.RuneCountInString(p.canonical()) > MaxLength {
			return // written with more spaces than the source had
		}
		t.Fatalf("pattern %s written as %s: %v", p, p.canonical(), err)
	}
	if again.canonical() != p.canonical() {
		t.Fatalf("pattern %s written as %s, then as %s", p, p.canonical(), again.canonical())
	}
	clauses := p.Clauses()
	regexes := 0
	for i, c := range clauses {
		if c.Column < 1 || c.Column > utf8.RuneCountInString(p.String()) {
			t.Fatalf("pattern %s: clause %s at column %d", p, c.Text, c.Column)
		}
		if c.Regex {
			regexes++
		}
		q := p.Without(i)
		if q == nil {
			if len(clauses) != 1 {
				t.Fatalf("pattern %s: nothing without clause %d of %d", p, i, len(clauses))
			}
			continue
		}
		var left []string
		for _, c := range q.Clauses() {
			left = append(left, c.Text)
		}
		var want []string
		for j, c := range clauses {
			if j != i {
				want = append(want, c.Text)
			}
		}
		if strings.Join(left, "\n") != strings.Join(want, "\n") {
			t.Fatalf("pattern %s without %s has %q", p, c.Text, left)
		}
	}
	if p.Regexes() != regexes {
		t.Fatalf("pattern %s: %d regular expressions, counted %d", p, p.Regexes(), regexes)
	}
	if p.Without(-1) != nil || p.Without(len(clauses)) != nil {
		t.Fatalf("pattern %s: Without accepts a position that is no clause", p)
	}
}

func TestRoundTrip(t *testing.T) {
	for _, c := range documented {
		p, err := Parse(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if p.String() != c.pattern {
			t.Errorf("pattern %s comes back as %s", c.pattern, p)
		}
		checkRoundTrip(t, p)
	}
	for _, c := range choices {
		p, err := Parse(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		checkRoundTrip(t, p)
	}
	for _, p := range cisPatterns(t) {
		checkRoundTrip(t, p)
	}
}

func TestClauses(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    []Clause
	}{
		{`{ ($.é.["x.y"] = "a*") || $.b[*] NOT EXISTS && $.c > 1e3 }`, nil}, // not a name: refused below
		{`{ ($.["é"] = "a*") || $.b[*] NOT EXISTS && $.c > 1e3 }`, []Clause{
			{`$.["é"] = "a*"`, `$.["é"]`, Equal, "a*", false, "||", 4},
			{`$.b[*] NOT EXISTS`, `$.b[*]`, NotExists, "", false, "&&", 23},
			{`$.c > 1e3`, `$.c`, Greater, "1e3", false, "&&", 44},
		}},
		{`{ $.a = %x% }`, []Clause{{`$.a = %x%`, `$.a`, Equal, "x", true, "", 3}}},
		{`[a, b = 1 || b = 2, ..., c != %x%]`, []Clause{
			{`b = 1`, `b`, Equal, "1", false, "||", 5},
			{`b = 2`, `b`, Equal, "2", false, "||", 14},
			{`c != %x%`, `c`, NotEqual, "x", true, "&&", 26},
		}},
		{`?a ?"b c"`, []Clause{{`?a`, "", Optional, "a", false, "||", 1}, {`?"b c"`, "", Optional, "b c", false, "||", 4}}},
		{`a - "b"`, []Clause{{`a`, "", Contains, "a", false, "&&", 1}, {`-"b"`, "", Excludes, "b", false, "&&", 3}}},
		{``, []Clause{}},
	} {
		p, err := Parse(c.pattern)
		if (err != nil) != (c.want == nil) {
			t.Errorf("pattern %s: error %v", c.pattern, err)
		}
		if err != nil {
			continue
		}
		got := p.Clauses()
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", c.want) {
			t.Errorf("pattern %s has clauses\n%+v, want\n%+v", c.pattern, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range documented {
		f.Add(c.pattern)
	}
	for _, c := range cis {
		f.Add(c.pattern)
	}
	for _, src := range malformed {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		p, err := Parse(src)
		if err == nil {
			checkRoundTrip(t, p)
			return
		}
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Fatalf("error %T is no *SyntaxError", err)
		}
		if se.Column < 1 || se.Column > utf8.RuneCountInString(src)+1 || se.Found == "" || se.Expected == "" {
			t.Fatalf("pattern %q: %#v", src, se)
		}
	})
}
