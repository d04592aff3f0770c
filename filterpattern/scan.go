package filterpattern

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// The scanner checks the whole event against RFC 8259 and records the values that
// a Set's selectors reach. What no selector reaches is checked and passed over as
// raw bytes. Positions are offsets into the event; a negative one is a failure.
const (
	badJSON = -1
	tooDeep = -2
)

// scanner walks one event.
type scanner struct {
	b []byte
	// simple says that the event has no backslash, no control character and
	// nothing beyond ASCII, as most have. Then a string ends at the next quote and
	// needs no look at its inside, and quotes is a bitmap of where quotes are.
	simple bool
	quotes []uint64
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// start takes up an event. It looks at eight bytes at a time.
func (s *scanner) start(b []byte) {
	s.b = b
	s.quotes = s.quotes[:0]
	odd := uint64(0)
	for len(b) >= 64 {
		block := b[:64]
		// Written out, since a loop here costs a fifth of the whole scan.
		b0, o0 := look(binary.LittleEndian.Uint64(block[0:]))
		b1, o1 := look(binary.LittleEndian.Uint64(block[8:]))
		b2, o2 := look(binary.LittleEndian.Uint64(block[16:]))
		b3, o3 := look(binary.LittleEndian.Uint64(block[24:]))
		b4, o4 := look(binary.LittleEndian.Uint64(block[32:]))
		b5, o5 := look(binary.LittleEndian.Uint64(block[40:]))
		b6, o6 := look(binary.LittleEndian.Uint64(block[48:]))
		b7, o7 := look(binary.LittleEndian.Uint64(block[56:]))
		odd |= o0 | o1 | o2 | o3 | o4 | o5 | o6 | o7
		s.quotes = append(s.quotes, b0|b1<<8|b2<<16|b3<<24|b4<<32|b5<<40|b6<<48|b7<<56)
		b = b[64:]
	}
	bitmap := uint64(0)
	for i, c := range b {
		if c < ' ' || c >= utf8.RuneSelf || c == '\\' {
			odd = highs
		}
		if c == '"' {
			bitmap |= 1 << i
		}
	}
	s.quotes = append(s.quotes, bitmap)
	if s.simple = odd&highs == 0; !s.simple {
		s.quotes = s.quotes[:0]
	}
}

// look returns one bit for each of eight characters, set for a quote, and a word
// with any high bit set when one of the eight makes the event not simple. The first
// is right only where the second is clear.
func look(w uint64) (quotes, odd uint64) {
	// A byte below the space borrows from its highest bit in the subtraction, one
	// beyond ASCII has that bit; the product gathers high bits in one byte.
	odd = w - ' '*ones | w | zeros(w^'\\'*ones)
	return (zeros(w^'"'*ones) & highs >> 7) * 0x0102040810204080 >> 56, odd
}

// zeros sets the high bit of each byte that is zero, provided all are ASCII.
func zeros(x uint64) uint64 { return ^(x + (highs - ones)) }

// quote returns the offset of the quote that closes the string whose content starts
// at i, and whether the content stands for itself: no escapes, ASCII only. Most
// strings end within the word of the bitmap that they start in.
func (s *scanner) quote(i int) (end int, plain bool) {
	if k := i >> 6; k < len(s.quotes) {
		if w := s.quotes[k] >> (i & 63); w != 0 {
			return i + bits.TrailingZeros64(w), true
		}
	}
	return s.farQuote(i)
}

func (s *scanner) farQuote(i int) (end int, plain bool) {
	if !s.simple {
		return scanString(s.b, i)
	}
	for k := i>>6 + 1; k < len(s.quotes); k++ {
		if w := s.quotes[k]; w != 0 {
			return k<<6 + bits.TrailingZeros64(w), true
		}
	}
	return badJSON, false
}

// valueKind is the type of a JSON value; the zero value is no value at all.
type valueKind uint8

const (
	missing valueKind = iota
	null
	boolTrue
	boolFalse
	number
	text
	container
)

// value is what a selector reached. text is the unescaped string or the number as
// written.
type value struct {
	kind valueKind
	text []byte
}

// comparable reports whether the documentation calls it a value node: a string or
// a number.
func (v *value) comparable() bool { return v.kind == number || v.kind == text }

// scan reads the event and reports whether it is one JSON object.
func (m *matcher) scan() (bool, error) {
	i := skipSpace(m.event, 0)
	if i >= len(m.event) || m.event[i] != '{' {
		// A message that starts otherwise is no JSON log event, valid JSON or not.
		return false, nil
	}
	m.start(m.event)
	i = m.object(m.set.root, i, 1)
	switch {
	case i == tooDeep:
		return false, ErrTooDeep
	case i < 0 || skipSpace(m.event, i) != len(m.event):
		return false, nil
	}
	return true, nil
}

// object reads the object at i, in which the transitions of st apply.
func (m *matcher) object(st *state, i, depth int) int {
	if depth > MaxDepth {
		return tooDeep
	}
	b := m.event
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	seen := uint64(0)
	mark := m.mark(st)
	for {
		if i >= len(b) || b[i] != '"' {
			return badJSON
		}
		start := i + 1
		end, plain := m.quote(start)
		if end < 0 {
			return badJSON
		}
		key := b[start:end]
		if !plain {
			key = m.unquote(key)
		}
		if i = afterColon(b, end+1); i < 0 {
			return badJSON
		}
		next := st.anyField
		if t := st.lookup(key); t != nil {
			// Of a repeated key the last occurrence counts, as in most parsers.
			if bit := uint64(1) << t.bit; seen&bit != 0 {
				m.forget(st, t, mark)
			} else {
				seen |= bit
			}
			next = t.next
		}
		if next != nil {
			i = m.value(next, i, depth)
		} else {
			i = m.skipValue(i, depth)
		}
		if i < 0 {
			return i
		}
		more := false
		if i, more = afterValue(b, i, '}'); !more {
			m.release(mark)
			return i
		}
	}
}

// array reads the array at i, in which the transitions of st apply.
func (m *matcher) array(st *state, i, depth int) int {
	if depth > MaxDepth {
		return tooDeep
	}
	b := m.event
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for index := 0; ; index++ {
		next, ok := st.elems[index]
		if !ok {
			next = st.anyElem
		}
		if next != nil {
			i = m.value(next, i, depth)
		} else {
			i = m.skipValue(i, depth)
		}
		if i < 0 {
			return i
		}
		more := false
		if i, more = afterValue(b, i, ']'); !more {
			return i
		}
	}
}

// value reads the value at i and records it for the selectors that end in st.
func (m *matcher) value(st *state, i, depth int) int {
	b := m.event
	if i >= len(b) {
		return badJSON
	}
	v := value{}
	end := i
	switch c := b[i]; c {
	case '"':
		e, plain := m.quote(i + 1)
		if e < 0 {
			return badJSON
		}
		v.kind, v.text = text, b[i+1:e]
		if !plain && len(st.slots) > 0 {
			v.text = m.unquote(v.text)
		}
		end = e + 1
	case '{':
		v.kind = container
		m.record(st, v)
		if st.inObjects() {
			return m.object(st, i, depth+1)
		}
		return m.skipObject(i, depth+1)
	case '[':
		v.kind = container
		m.record(st, v)
		if st.inArrays() {
			return m.array(st, i, depth+1)
		}
		return m.skipArray(i, depth+1)
	case 't':
		v.kind = boolTrue
		end = skipLiteral(b, i, "true")
	case 'f':
		v.kind = boolFalse
		end = skipLiteral(b, i, "false")
	case 'n':
		v.kind = null
		end = skipLiteral(b, i, "null")
	default:
		if end = skipNumber(b, i); end > 0 {
			v.kind, v.text = number, b[i:end]
		}
	}
	if end >= 0 {
		m.record(st, v)
	}
	return end
}

// skipSpace returns the offset of the next byte that is not white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' {
		if !isSpace(b[i]) {
			break
		}
		i++
	}
	return i
}

// afterColon returns the offset of the value that follows a key that ended before i.
func afterColon(b []byte, i int) int {
	if i+1 < len(b) && b[i] == ':' && b[i+1] > ' ' {
		return i + 1 // nothing but the colon, as AWS writes it
	}
	i = skipSpace(b, i)
	if i >= len(b) || b[i] != ':' {
		return badJSON
	}
	return skipSpace(b, i+1)
}

// afterValue returns the offset of what follows the comma after a value that ended
// before i, or else, with more false, the end of the array or object or badJSON.
func afterValue(b []byte, i int, closing byte) (next int, more bool) {
	if i+1 < len(b) && b[i] == ',' && b[i+1] > ' ' {
		return i + 1, true
	}
	if i < len(b) && b[i] == closing {
		return i + 1, false
	}
	i = skipSpace(b, i)
	switch {
	case i >= len(b):
		return badJSON, false
	case b[i] == ',':
		return skipSpace(b, i+1), true
	case b[i] == closing:
		return i + 1, false
	}
	return badJSON, false
}

// skipValue checks and passes over the value at i.
func (s *scanner) skipValue(i, depth int) int {
	b := s.b
	if i >= len(b) {
		return badJSON
	}
	switch b[i] {
	case '"':
		i, _ = s.quote(i + 1)
		if i < 0 {
			return badJSON
		}
		return i + 1
	case '{':
		return s.skipObject(i, depth+1)
	case '[':
		return s.skipArray(i, depth+1)
	case 't':
		return skipLiteral(b, i, "true")
	case 'f':
		return skipLiteral(b, i, "false")
	case 'n':
		return skipLiteral(b, i, "null")
	}
	return skipNumber(b, i)
}

func (s *scanner) skipObject(i, depth int) int {
	b := s.b
	if depth > MaxDepth {
		return tooDeep
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return badJSON
		}
		if i, _ = s.quote(i + 1); i < 0 {
			return badJSON
		}
		if i = afterColon(b, i+1); i < 0 {
			return badJSON
		}
		if i = s.skipValue(i, depth); i < 0 {
			return i
		}
		more := false
		if i, more = afterValue(b, i, '}'); !more {
			return i
		}
	}
}

func (s *scanner) skipArray(i, depth int) int {
	b := s.b
	if depth > MaxDepth {
		return tooDeep
	}
	i = skipSpace(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		if i = s.skipValue(i, depth); i < 0 {
			return i
		}
		more := false
		if i, more = afterValue(b, i, ']'); !more {
			return i
		}
	}
}

func skipLiteral(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return badJSON
	}
	return i + len(word)
}

func skipNumber(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	n := digits(b[i:])
	if n == 0 || n > 1 && b[i] == '0' {
		return badJSON
	}
	i += n
	if i < len(b) && b[i] == '.' {
		n = digits(b[i+1:])
		if n == 0 {
			return badJSON
		}
		i += 1 + n
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		n = digits(b[i:])
		if n == 0 {
			return badJSON
		}
		i += n
	}
	return i
}

// scanString returns the offset of the quote that closes the string whose content
// starts at i, and whether the content stands for itself: no escapes, ASCII only.
// It looks at eight bytes at a time; the lowest bit set in special is exact, those
// above it need not be.
func scanString(b []byte, i int) (end int, plain bool) {
	plain = true
	for {
		for {
			if i+8 > len(b) {
				return scanStringTail(b, i, plain)
			}
			w := binary.LittleEndian.Uint64(b[i:])
			quote := w ^ '"'*ones
			slash := w ^ '\\'*ones
			special := ((quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w) & highs
			if special != 0 {
				n := bits.TrailingZeros64(special) >> 3
				if w&highs&(1<<(8*n)-1) != 0 {
					plain = false
				}
				i += n
				break
			}
			if w&highs != 0 {
				plain = false
			}
			i += 8
		}
		switch b[i] {
		case '"':
			return i, plain
		case '\\':
			plain = false
			if i = skipEscape(b, i); i < 0 {
				return badJSON, false
			}
		default:
			return badJSON, false
		}
	}
}

// scanStringTail is scanString for the last bytes of the event.
func scanStringTail(b []byte, i int, plain bool) (int, bool) {
	for i < len(b) {
		switch c := b[i]; {
		case c == '"':
			return i, plain
		case c == '\\':
			plain = false
			if i = skipEscape(b, i); i < 0 {
				return badJSON, false
			}
		case c < ' ':
			return badJSON, false
		default:
			if c >= utf8.RuneSelf {
				plain = false
			}
			i++
		}
	}
	return badJSON, false
}

// skipEscape passes over the escape sequence at i.
func skipEscape(b []byte, i int) int {
	if i+1 >= len(b) {
		return badJSON
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if i+6 <= len(b) && isHex(b[i+2]) && isHex(b[i+3]) && isHex(b[i+4]) && isHex(b[i+5]) {
			return i + 6
		}
	}
	return badJSON
}

// unquote resolves the escapes of a string that scanString has passed. Bytes that
// are not UTF-8, and halves of surrogate pairs, become U+FFFD. The result lives in
// the matcher's buffer until the next event.
func (m *matcher) unquote(s []byte) []byte {
	from := len(m.buf)
	buf := m.buf
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\\' && s[i+1] == 'u':
			r := hex4(s[i+2:])
			i += 6
			if utf16.IsSurrogate(r) {
				pair := rune(utf8.RuneError)
				if i+6 <= len(s) && s[i] == '\\' && s[i+1] == 'u' {
					pair = utf16.DecodeRune(r, hex4(s[i+2:]))
				}
				if r = pair; r != utf8.RuneError {
					i += 6
				}
			}
			buf = utf8.AppendRune(buf, r)
		case c == '\\':
			buf = append(buf, unescape(s[i+1]))
			i += 2
		case c < utf8.RuneSelf:
			buf = append(buf, c)
			i++
		default:
			r, n := utf8.DecodeRune(s[i:])
			buf = utf8.AppendRune(buf, r)
			i += n
		}
	}
	m.buf = buf
	return buf[from:len(buf):len(buf)]
}

func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

func hex4(s []byte) rune {
	var r rune
	for _, c := range s[:4] {
		switch {
		case c <= '9':
			r = r<<4 | rune(c-'0')
		case c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			r = r<<4 | rune(c-'a'+10)
		}
	}
	return r
}
