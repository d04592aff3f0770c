package filterpattern

import "bytes"

// word is one word of a space-delimited message, as offsets. The text lies
// between start and end; from is where the word begins, bracket or quote included.
type word struct{ from, start, end int }

// splitWords splits a message at white space. Text between double quotes or square
// brackets is one word, without them; a quote or bracket that is not closed is an
// ordinary character.
func splitWords(words []word, b []byte) []word {
	noQuote, noBracket := false, false // none of these closes any more
	for i := 0; ; {
		for i < len(b) && isSpace(b[i]) {
			i++
		}
		if i == len(b) {
			return words
		}
		w := word{from: i, start: i}
		if c := b[i]; c == '"' && !noQuote || c == '[' && !noBracket {
			closing := byte('"')
			if c == '[' {
				closing = ']'
			}
			if n := bytes.IndexByte(b[i+1:], closing); n >= 0 {
				w.start, w.end = i+1, i+1+n
				words = append(words, w)
				i = w.end + 1
				continue
			}
			// Remembered, or a message of nothing but brackets takes quadratic time.
			noQuote = noQuote || c == '"'
			noBracket = noBracket || c == '['
		}
		for i < len(b) && !isSpace(b[i]) {
			i++
		}
		w.end = i
		words = append(words, w)
	}
}

// matchFields decides a space-delimited pattern.
func matchFields(fields []field, event []byte, words []word) bool {
	need, ellipsis := len(fields), -1
	for i, f := range fields {
		if f.ellipsis {
			ellipsis = i
			need--
		}
	}
	if len(words) < need {
		return false
	}
	for i, f := range fields {
		if f.cond == nil {
			continue
		}
		at := i
		if ellipsis >= 0 && i > ellipsis {
			at = len(words) - (len(fields) - i)
		}
		text := event[words[at].start:words[at].end]
		if ellipsis < 0 && i == len(fields)-1 && len(words) > need {
			text = bytes.TrimRight(event[words[at].from:], " \t\r\n")
		}
		if !f.cond.matchWord(text) {
			return false
		}
	}
	return true
}

// matchWord decides the condition of a field.
func (e *expr) matchWord(text []byte) bool {
	if e.leaf != nil {
		return e.leaf.value.matchWord(e.leaf.op, text)
	}
	for _, k := range e.kids {
		if k.matchWord(text) == (e.join == joinOr) {
			return e.join == joinOr
		}
	}
	return e.join == joinAnd
}
