package filterpattern

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func mustParse(t testing.TB, src string) *Pattern {
	t.Helper()
	p, err := Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The largest event CloudTrail sends to CloudWatch Logs is 256 KB.
const largest = 256 << 10

func TestDepth(t *testing.T) {
	p := mustParse(t, `{ $.a.a = 1 || $.b = 1 }`)
	for _, c := range []struct {
		name string
		open string
		stop string
		n    int
		err  error
	}{
		{"arrays at the limit", "[", "]", MaxDepth - 1, nil},
		{"arrays past it", "[", "]", MaxDepth, ErrTooDeep},
		{"objects at the limit", `{"a":`, "}", MaxDepth - 1, nil},
		{"objects past it", `{"a":`, "}", MaxDepth, ErrTooDeep},
		{"far past it", `[`, "]", largest / 2, ErrTooDeep},
	} {
		for _, key := range []string{"a", "c"} {
			event := `{"b":1,"` + key + `":` + strings.Repeat(c.open, c.n) + "1" + strings.Repeat(c.stop, c.n) + "}"
			got, err := p.Match([]byte(event))
			if !errors.Is(err, c.err) || got != (c.err == nil) {
				t.Errorf("%s under %s: match %v, error %v", c.name, key, got, err)
			}
		}
	}
	// The other forms do not care, and a set says both.
	set := NewSet([]*Pattern{p, mustParse(t, "b")})
	hits, err := set.Match([]byte(`{"b":`+strings.Repeat("[", MaxDepth)), nil)
	if len(hits) != 1 || hits[0] != 1 || !errors.Is(err, ErrTooDeep) {
		t.Errorf("set: hits %v, error %v", hits, err)
	}
}

// Time must grow with the event, not with its square: each case takes at most seconds,
// and minutes if it does not.
func TestTimeIsBounded(t *testing.T) {
	fill := func(prefix, unit, suffix string) string {
		return prefix + strings.Repeat(unit, (largest-len(prefix)-len(suffix))/len(unit)) + suffix
	}
	nested := strings.TrimSuffix(strings.Repeat("a.", 200), ".")
	for _, c := range []struct{ name, pattern, event string }{
		{"wildcards against near misses", `{ $.a = "*aaaaaaaaaaaaaaaaaaaaaaab*" && $.a = "*b" }`, fill(`{"a":"`, "a", `"}`)},
		{"regular expression that backtracks elsewhere", `{ $.a = %a*a*a*a*a*a*a*a*a*b% }`, fill(`{"a":"`, "a", `"}`)},
		{"alternation", `%a|aa|aaa|aaaa|aaaaab%`, fill("", "b", "")},
		{"regular expression of the largest size", `%a{240}a{240}b%`, strings.Repeat("a", largest/8)},
		{"escapes", `{ $.a = "*b*" }`, fill(`{"a":"`, `\u0061`, `"}`)},
		{"repeated key", `{ $.a.b = 1 || $.*.b = 1 || $.a[*] = 2 }`, fill(`{`, `"a":{"b":1},`, `"a":3}`)},
		{"many elements", `{ $.a[*] = 1 || $.a[*].b != 1 || $.a[*] NOT EXISTS }`, fill(`{"a":[`, `2,`, `2]}`)},
		{"open brackets", `[a, b = x, ..., c]`, fill("", "[ ", "")},
		{"open quotes", `[a, b = x, ..., c]`, fill("", `" `, `"`)},
		{"white space", `{ $.a = 1 }`, fill("{", " ", "}")},
		{"no string ends", `{ $.a = 1 }`, fill(`{"`, "a", "")},
		{"long selector", `{ $.` + nested + ` = 1 && $.` + nested + `[*] = 1 }`, strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)},
		{"long number", `{ $.a > 1e-5 }`, fill(`{"a":0.`, "0", "1}")},
		{"terms", `aaaaaaaab -aaaaaaaac ?d`, fill("", "a", "")},
	} {
		p := mustParse(t, c.pattern)
		start := time.Now()
		if _, err := p.Match([]byte(c.event)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("%s took %v", c.name, d)
		}
	}
}

func TestPatternsOfTheLargestSizeParse(t *testing.T) {
	for _, unit := range []string{"(", "{", "[", "$", "%", `"`, "*", "?", "\\", "é", "{ $.a", "&&", "-"} {
		src := strings.Repeat(unit, MaxLength/len([]rune(unit)))
		for _, s := range []string{src, "{" + src[1:], "[" + src[1:], "%" + src[1:]} {
			if p, err := Parse(s); err == nil {
				checkRoundTrip(t, p)
			}
		}
	}
}

func TestSet(t *testing.T) {
	var patterns []*Pattern
	for range 3 { // more than one word of the bitsets
		patterns = append(patterns, cisPatterns(t)...)
	}
	patterns = append(patterns, mustParse(t, "StopLogging"), mustParse(t, "[a, ...]"), mustParse(t, ""))
	set := NewSet(patterns)
	if set.Len() != len(patterns) {
		t.Errorf("Len is %d, want %d", set.Len(), len(patterns))
	}
	event := changed(t, `eventName="StopLogging"`)
	room := make([]int, 5, 200)
	hits, err := set.Match(event, room)
	var want []int
	for i, p := range patterns {
		if ok, _ := p.Match(event); ok {
			want = append(want, i)
		}
	}
	if err != nil || len(hits) != len(want) {
		t.Fatalf("hits %v, error %v, want %v", hits, err, want)
	}
	for i := range hits {
		if hits[i] != want[i] {
			t.Fatalf("hits %v, want %v", hits, want)
		}
	}
	if &hits[0] != &room[0] {
		t.Error("Match does not use the room it is given")
	}
	if hits, err := NewSet(nil).Match(event, nil); len(hits) != 0 || err != nil {
		t.Errorf("empty set: hits %v, error %v", hits, err)
	}
}

func TestConcurrentMatch(t *testing.T) {
	set := NewSet(cisPatterns(t))
	var wg sync.WaitGroup
	for i, c := range cis {
		event := changed(t, c.hit[0])
		wg.Go(func() {
			for range 200 {
				hits, _ := set.Match(event, nil)
				found := false
				for _, h := range hits {
					found = found || h == i
				}
				if !found {
					t.Errorf("%s: hits %v", c.name, hits)
					return
				}
			}
		})
	}
	wg.Wait()
}
