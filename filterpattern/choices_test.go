package filterpattern

import (
	"strings"
	"testing"
)

// Cases that the documentation leaves open, or states two ways, with the choice
// this package makes and the reason. Where there is evidence of what the service
// does, it is named.
var choices = []struct {
	why     string
	pattern string
	event   string
	match   bool
}{
	// "!=" is no negation of "=": both need a value to compare. The guide says so for
	// arrays ({ $.users != 1 } above); for absent properties the console's pattern test
	// was observed to answer no match (github.com/DataBiosphere/azul, issue 5884).
	{"absent property, !=", `{ $.a != "x" }`, `{"b":1}`, false},
	{"absent in an absent object, !=", `{ $.a.b != "x" }`, `{}`, false},
	{"absent or different, spelled out", `{ ($.a NOT EXISTS) || ($.a != "x") }`, `{"b":1}`, true},

	// "Value nodes can be strings or numbers": null and booleans have IS.
	{"null, =", `{ $.a = null }`, `{"a":null}`, false},
	{"null, != ", `{ $.a != "x" }`, `{"a":null}`, false},
	{"null exists", `{ $.a NOT EXISTS }`, `{"a":null}`, false},
	{"boolean, =", `{ $.a = true }`, `{"a":true}`, false},
	{"boolean, !=", `{ $.a != "true" }`, `{"a":false}`, false},
	{"the string true, =", `{ $.a = true }`, `{"a":"true"}`, true},
	{"the string true, IS TRUE", `{ $.a IS TRUE }`, `{"a":"true"}`, false},
	{"any value is a string or number", `{ $.a = * }`, `{"a":false}`, false},
	{"an array exists", `{ $.a NOT EXISTS }`, `{"a":[]}`, false},

	// Text and numbers. A quoted literal is text, and a number in the event is text as
	// written; a bare literal that reads as a number compares numbers as numbers, and
	// strings as text, so that an account id keeps its leading zeros.
	{"number, quoted literal", `{ $.a = "400" }`, `{"a":400}`, true},
	{"number, quoted literal, other spelling", `{ $.a = "400" }`, `{"a":4e2}`, false},
	{"number, bare literal, other spelling", `{ $.a = 400 }`, `{"a":4.00e2}`, true},
	{"string, bare literal", `{ $.recipientAccountId = 012345678901 }`, `{"recipientAccountId":"012345678901"}`, true},
	{"string, bare literal without the zero", `{ $.recipientAccountId = 12345678901 }`, `{"recipientAccountId":"012345678901"}`, false},
	{"string, bare literal, !=", `{ $.recipientAccountId != 12345678901 }`, `{"recipientAccountId":"012345678901"}`, true},
	{"order compares numbers only", `{ $.a > 5 }`, `{"a":"6"}`, false},
	{"wildcard on a number", `{ $.a = 4* }`, `{"a":404}`, true},
	{"numbers are exact", `{ $.a = 9007199254740993 }`, `{"a":9007199254740992}`, false},
	{"minus zero is zero", `{ $.a = -0 }`, `{"a":0.0}`, true},
	{"huge exponents", `{ $.a < 1e999999999999999999999 }`, `{"a":1e400}`, true},

	// Asterisks. The guide of 2021 has them at either end only.
	{"at both ends", `{ $.a = "*b*" }`, `{"a":"abc"}`, true},
	{"one asterisk inside, one at the end", `{ $.a = "a*b*" }`, `{"a":"a*bc"}`, true},
	{"asterisks in a row are one", `{ $.a = "**b" }`, `{"a":"ab"}`, true},
	{"alone it matches the empty string", `{ $.a = * }`, `{"a":""}`, true},
	{"empty literal", `{ $.a = "" }`, `{"a":""}`, true},
	{"a backslash does not escape one", `{ $.a = "\*" }`, `{"a":"\\b"}`, true},

	// Wildcard selectors: a clause holds when it holds for one of the values.
	{"any element", `{ $.a[*] = "y" }`, `{"a":["x","y"]}`, true},
	{"!= holds for one element", `{ $.a[*] != "x" }`, `{"a":["x","y"]}`, true},
	{"!= holds for none", `{ $.a[*] != "x" }`, `{"a":["x","x"]}`, false},
	{"no element at all, !=", `{ $.a[*] != "x" }`, `{"a":[]}`, false},
	{"no element at all, NOT EXISTS", `{ $.a[*] NOT EXISTS }`, `{"a":[]}`, true},
	{"two clauses may hold for two elements", `{ $.a[*].n = 1 && $.a[*].v = 2 }`, `{"a":[{"n":1},{"v":2}]}`, true},
	{"[*] does not select properties", `{ $.a[*] = 1 }`, `{"a":{"b":1}}`, false},
	{".* does not select elements", `{ $.a.* = 1 }`, `{"a":[1]}`, false},
	{".* is one level", `{ $.* = 1 }`, `{"a":{"b":1}}`, false},
	{"wildcard, then a name", `{ $.*.b = 1 }`, `{"a":{"b":1}}`, true},

	// Repeated keys: a name selects the last occurrence whole, as most parsers do; a
	// wildcard selects every one.
	{"the last counts", `{ $.a = 2 }`, `{"a":1,"a":2}`, true},
	{"the first does not", `{ $.a = 1 }`, `{"a":1,"a":2}`, false},
	{"objects are not merged", `{ $.a.b = 1 }`, `{"a":{"b":1},"a":{"c":2}}`, false},
	{"nor under a wildcard", `{ $.*.b.c = 1 }`, `{"a":{"b":{"c":1},"b":2}}`, false},
	{"a wildcard sees both", `{ $.* = 1 && $.* = 2 }`, `{"a":1,"a":2}`, true},

	// What is a JSON event.
	{"not JSON", `{ $.a NOT EXISTS }`, `a`, false},
	{"empty message", `{ $.a NOT EXISTS }`, ``, false},
	{"an array", `{ $.a NOT EXISTS }`, `[]`, false},
	{"two objects", `{ $.a = 1 }`, `{"a":1}{"a":1}`, false},
	{"broken behind what is asked for", `{ $.a = 1 }`, `{"a":1,"b":}`, false},
	{"cut off", `{ $.a = 1 }`, `{"a":1`, false},
	{"space around", `{ $.a = 1 }`, " \n{ \"a\" : 1 }\r\n", true},
	{"a byte order mark", `{ $.a = 1 }`, "\ufeff{\"a\":1}", false},

	// Characters.
	{"escaped key", `{ $.eventName = "x" }`, `{"\u0065ventName":"x"}`, true},
	{"escaped value", `{ $.a = "A\"B" }`, `{"a":"\u0041\"\u0042"}`, true},
	{"surrogate pair", `{ $.a = "😀" }`, `{"a":"\ud83d\ude00"}`, true},
	{"half a pair is U+FFFD", `{ $.a = "�x" }`, `{"a":"\ud83dx"}`, true},
	{"a byte that is no UTF-8 is U+FFFD", `{ $.a = "�x" }`, "{\"a\":\"\xffx\"}", true},
	{"case", `{ $.a = "x" }`, `{"A":"x"}`, false},
	{"quotes in a bracketed name", `{ $.["k\"'"] = 1 && $['k"\''] = 1 }`, `{"k\"'":1}`, true},
	{"a name that is empty", `{ $.[""] = 1 }`, `{"":1}`, true},

	// Space-delimited. The guide says that [w1=ERROR, w2] matches "ERROR" with five words
	// after it, and that a blank indicator must follow the last condition: the last
	// field takes what is left of the message. The guide of 2021 counts words exactly;
	// that AWS does not was seen in github.com/jorgebastida/awslogs, issue 176.
	{"the last field takes the rest", `[level = ERROR, text = "disk*full"]`, "ERROR disk is full", false},
	{"and its conditions look at the rest", `[level = ERROR, text = "disk is *"]`, "ERROR disk is full \n", true},
	{"a single field is the message", `[w = ERROR]`, "ERROR disk", false},
	{"the rest keeps its quotes", `[a, b = "\"c d\" e"]`, `a "c d" e`, true},
	{"one word too few", `[a, b]`, "a", false},
	{"the ellipsis may take nothing", `[a = 1, ..., b = 2]`, "1 2", true},
	{"the ellipsis alone", `[...]`, "", true},
	{"before an ellipsis a field is one word", `[a = "x y", ...]`, "x y", false},
	{"unnamed fields", `[,, c = 3]`, "1 2 3", true},
	{"a bracket that stays open", `[a = "[x", b = y]`, "[x y", true},
	{"a quote that stays open", `[a, b]`, `"x`, false},
	{"number against text, !=", `[bytes != 500]`, "-", true},
	{"number against text, order", `[bytes < 500]`, "-", false},
	{"numbers are numbers", `[bytes = 1e3]`, "1000", true},
	{"parentheses", `[(a = 1 || a = 2) && a != 2]`, "2", false},

	// Terms.
	{"optional terms are ignored beside an exclusion", `?A -B`, "C", true},
	{"a term within a word", `RR`, "ERROR", true},
	{"terms look at JSON as text", `"\"a\":1"`, `{"a":1}`, true},
	{"empty pattern", ``, "anything", true},
	{"white space", "  \n ", "anything", true},
	{"blank phrase, empty message", `" "`, "", true},
	{"blank phrase and a term", `" " A`, "B", false},

	// Regular expressions are not anchored, and "." is any character.
	{"in JSON", `{ $.a = %b% }`, `{"a":"abc"}`, true},
	{"!= in JSON", `{ $.a != %b% }`, `{"a":"abc"}`, false},
	{"on a number", `{ $.a = %^4\d\d$% }`, `{"a":404}`, true},
	{"dot and line end", `%a.b%`, "a\nb", true},
	{"$ is the end of the value, not of a line", `%a$%`, "a\nb", false},
	{"only a maximum", `%^a{,2}b%`, "aab", true},
	{"only a minimum", `%^a{2,}b%`, "ab", false},
	{"a caret within a class", `%[a^]%`, "^", true},
}

func TestChoices(t *testing.T) {
	for _, c := range choices {
		p, err := Parse(c.pattern)
		if err != nil {
			t.Errorf("%s: pattern %s: %v", c.why, c.pattern, err)
			continue
		}
		if got, err := p.Match([]byte(c.event)); got != c.match || err != nil {
			t.Errorf("%s: pattern %s on %q: match %v, error %v, want %v", c.why, c.pattern, c.event, got, err, c.match)
		}
		if !strings.Contains(c.pattern, "1e99") && refMatch(p, []byte(c.event)) != c.match {
			t.Errorf("%s: pattern %s on %q: the reference disagrees", c.why, c.pattern, c.event)
		}
	}
}
