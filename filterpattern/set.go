package filterpattern

import (
	"bytes"
	"cmp"
	"math/bits"
	"sync"
)

// Set is many patterns compiled into one. An event is read once: one pass over
// its JSON fetches the values that any pattern asks for, each value is looked up
// once among all the texts it is compared with, and the patterns are then decided
// without looking at the event again.
type Set struct {
	tests []func(*matcher) bool // by pattern
	// unguarded are the patterns to test on every event; the others need a certain
	// text in a certain slot, see slot.guarded.
	unguarded bitset

	anyJSON, anyFields bool

	slots []slot
	root  *state

	pool sync.Pool
}

// slot is one selector, shared by all clauses that use it.
type slot struct {
	wild bool
	// ids numbers the texts the selector is compared with for equality, from 1.
	ids table
	// guarded holds, by the number of the text, the patterns that can only match
	// when the selector has that text.
	guarded []bitset
}

// matcher is the working memory of one Match call.
type matcher struct {
	set   *Set
	event []byte

	scanner
	isJSON bool
	values []value   // by slot; the first value, for a selector without wildcard the only one
	ids    []int     // by slot: which of slot.ids the value is, 0 for none
	due    bitset    // patterns to test
	lists  [][]value // by slot: what a selector with a wildcard reached
	marks  []int     // stack of lengths of lists, see mark
	buf    []byte    // unquoted strings

	words []word
}

// NewSet compiles patterns. They keep their positions: [Set.Match] names pattern
// i by i.
func NewSet(patterns []*Pattern) *Set {
	s := &Set{}
	c := compiler{set: s, slots: map[string]int{}}
	for _, p := range patterns {
		s.tests = append(s.tests, c.pattern(p))
	}
	for i, p := range patterns {
		c.guard(i, p)
	}
	s.root = buildAutomaton(c.selectors)
	s.pool.New = func() any {
		return &matcher{
			set:    s,
			values: make([]value, len(s.slots)),
			ids:    make([]int, len(s.slots)),
			lists:  make([][]value, len(s.slots)),
		}
	}
	return s
}

// Len returns the number of patterns.
func (s *Set) Len() int { return len(s.tests) }

// Match returns the positions of the patterns that match the event, in ascending
// order, in the space of hits, whose content is dropped; with enough room there
// it does not allocate. The error is [ErrTooDeep] or nil; with an error the
// answer holds for all patterns but JSON ones.
func (s *Set) Match(event []byte, hits []int) ([]int, error) {
	m := s.pool.Get().(*matcher)
	hits, err := m.match(event, hits[:0])
	m.reset()
	s.pool.Put(m)
	return hits, err
}

// maxKept bounds the memory a matcher carries over from a huge event.
const maxKept = 1 << 20

func (m *matcher) reset() {
	m.event = nil
	m.b = nil
	if cap(m.quotes)*8 > maxKept {
		m.quotes = nil
	}
	m.isJSON = false
	clear(m.values)
	clear(m.ids)
	for i, l := range m.lists {
		if cap(l)*32 > maxKept {
			m.lists[i] = nil
		} else {
			clear(l)
			m.lists[i] = l[:0]
		}
	}
	m.marks = m.marks[:0]
	if cap(m.buf) > maxKept {
		m.buf = nil
	}
	m.buf = m.buf[:0]
	if cap(m.words)*24 > maxKept {
		m.words = nil
	}
	m.words = m.words[:0]
}

func (m *matcher) match(event []byte, hits []int) ([]int, error) {
	m.event = event
	m.due = append(m.due[:0], m.set.unguarded...)
	var err error
	if m.set.anyJSON {
		if m.isJSON, err = m.scan(); m.isJSON {
			m.identify()
		}
	}
	if m.set.anyFields {
		m.words = splitWords(m.words, event)
	}
	for k, word := range m.due {
		for ; word != 0; word &= word - 1 {
			i := k<<6 + bits.TrailingZeros64(word)
			if m.set.tests[i](m) {
				hits = append(hits, i)
			}
		}
	}
	return hits, err
}

// identify numbers the values and adds the patterns that they make due.
func (m *matcher) identify() {
	for i := range m.set.slots {
		s, v := &m.set.slots[i], &m.values[i]
		if s.ids.len() == 0 || !v.comparable() {
			continue
		}
		id := s.ids.get(v.text)
		m.ids[i] = id
		if id < len(s.guarded) {
			for k, word := range s.guarded[id] {
				m.due[k] |= word
			}
		}
	}
}

// record notes a value for the selectors that end in st.
func (m *matcher) record(st *state, v value) {
	for _, slot := range st.slots {
		if m.set.slots[slot].wild {
			m.lists[slot] = append(m.lists[slot], v)
		} else {
			m.values[slot] = v
		}
	}
}

// mark notes how much the wildcard slots hold when an object begins, so that
// forget can go back to it, and returns where the note is.
func (m *matcher) mark(st *state) int {
	at := len(m.marks)
	for _, slot := range st.wilds {
		m.marks = append(m.marks, len(m.lists[slot]))
	}
	return at
}

func (m *matcher) release(mark int) { m.marks = m.marks[:mark] }

// forget drops what the selectors that name a repeated key reached in this object
// before.
func (m *matcher) forget(st *state, t *transition, mark int) {
	for _, slot := range t.slots {
		if !m.set.slots[slot].wild {
			m.values[slot] = value{}
			continue
		}
		for i, w := range st.wilds {
			if w == slot {
				m.lists[slot] = m.lists[slot][:m.marks[mark+i]]
			}
		}
	}
}

// compiler turns expressions into closures over the slots of a Set.
type compiler struct {
	set       *Set
	slots     map[string]int // by selector text
	selectors []selector
}

func (c *compiler) pattern(p *Pattern) func(*matcher) bool {
	switch p.kind {
	case JSON:
		c.set.anyJSON = true
		test := c.expr(p.expr)
		return func(m *matcher) bool { return m.isJSON && test(m) }
	case SpaceDelimited:
		c.set.anyFields = true
		return func(m *matcher) bool { return matchFields(p.fields, m.event, m.words) }
	}
	return func(m *matcher) bool { return matchTerms(p.terms, m.event) }
}

// slot returns the slot of a selector, the same for the same selector.
func (c *compiler) slot(sel selector) int {
	key := sel.String()
	i, ok := c.slots[key]
	if !ok {
		i = len(c.selectors)
		c.slots[key] = i
		c.selectors = append(c.selectors, sel)
		c.set.slots = append(c.set.slots, slot{wild: sel.wild()})
	}
	return i
}

// id numbers a text among those the slot is compared with.
func (c *compiler) id(slot int, text string) int {
	ids := &c.set.slots[slot].ids
	if id := ids.get([]byte(text)); id != 0 {
		return id
	}
	return ids.put(text)
}

// guard files pattern i under the texts of one slot without which it cannot match,
// if there is such a slot: the one that is compared with most texts, since there a
// given text is rarest.
func (c *compiler) guard(i int, p *Pattern) {
	best := -1
	var needs map[int][]int
	if p.kind == JSON {
		needs = c.needs(p.expr)
	}
	for slot := range needs {
		if best < 0 || cmp.Or(cmp.Compare(c.set.slots[slot].ids.len(), c.set.slots[best].ids.len()), cmp.Compare(best, slot)) > 0 {
			best = slot
		}
	}
	words := (len(c.set.tests) + 63) / 64
	if c.set.unguarded == nil {
		c.set.unguarded = make(bitset, words)
	}
	if best < 0 {
		c.set.unguarded.add(i)
		return
	}
	s := &c.set.slots[best]
	for len(s.guarded) <= s.ids.len() {
		s.guarded = append(s.guarded, make(bitset, words))
	}
	for _, id := range needs[best] {
		s.guarded[id].add(i)
	}
}

// needs returns, by slot, the texts of which the slot has one whenever the
// expression holds. A slot that is not in the result may have any value.
func (c *compiler) needs(e *expr) map[int][]int {
	if e.leaf != nil {
		if hashable(e.leaf) && e.leaf.op == Equal {
			slot := c.slot(e.leaf.selector)
			return map[int][]int{slot: {c.id(slot, e.leaf.value.text)}}
		}
		return nil
	}
	all := c.needs(e.kids[0])
	for _, k := range e.kids[1:] {
		more := c.needs(k)
		if e.join == joinAnd {
			for slot, ids := range more {
				if all == nil {
					all = map[int][]int{}
				}
				all[slot] = ids
			}
			continue
		}
		for slot := range all {
			if more[slot] == nil {
				delete(all, slot)
			} else {
				all[slot] = append(all[slot], more[slot]...)
			}
		}
	}
	return all
}

func (c *compiler) expr(e *expr) func(*matcher) bool {
	if e.leaf != nil {
		return c.condition(e.leaf)
	}
	var tests []func(*matcher) bool
	alternatives := map[int]*bitset{} // by slot
	for _, k := range e.kids {
		if e.join == joinOr && k.leaf != nil && hashable(k.leaf) && k.leaf.op == Equal {
			// $.a = x || $.a = y || … is one look at the number of the text.
			slot := c.slot(k.leaf.selector)
			set := alternatives[slot]
			if set == nil {
				set = &bitset{}
				alternatives[slot] = set
				tests = append(tests, func(m *matcher) bool { return set.has(m.ids[slot]) })
			}
			set.add(c.id(slot, k.leaf.value.text))
			continue
		}
		tests = append(tests, c.expr(k))
	}
	switch {
	case len(tests) == 1:
		return tests[0]
	case e.join == joinOr:
		return func(m *matcher) bool {
			for _, t := range tests {
				if t(m) {
					return true
				}
			}
			return false
		}
	}
	return func(m *matcher) bool {
		for _, t := range tests {
			if !t(m) {
				return false
			}
		}
		return true
	}
}

// hashable reports whether a comparison can be decided by the number of the text.
func hashable(c *condition) bool {
	return (c.op == Equal || c.op == NotEqual) && c.value.exact() && !c.selector.wild()
}

func (c *compiler) condition(cond *condition) func(*matcher) bool {
	slot := c.slot(cond.selector)
	wild := c.set.slots[slot].wild
	switch {
	case hashable(cond):
		id := c.id(slot, cond.value.text)
		if cond.op == Equal {
			return func(m *matcher) bool { return m.ids[slot] == id }
		}
		return func(m *matcher) bool { return m.ids[slot] != id && m.values[slot].comparable() }
	case cond.op == NotExists && wild:
		return func(m *matcher) bool { return len(m.lists[slot]) == 0 }
	case cond.op == NotExists:
		return func(m *matcher) bool { return m.values[slot].kind == missing }
	case wild:
		return func(m *matcher) bool {
			for i := range m.lists[slot] {
				if matchValue(cond, &m.lists[slot][i]) {
					return true
				}
			}
			return false
		}
	}
	return func(m *matcher) bool { return matchValue(cond, &m.values[slot]) }
}

// matchValue decides a condition, other than NOT EXISTS, on one value.
func matchValue(c *condition, v *value) bool {
	switch c.op {
	case IsNull:
		return v.kind == null
	case IsTrue:
		return v.kind == boolTrue
	case IsFalse:
		return v.kind == boolFalse
	}
	if !v.comparable() {
		return false
	}
	if v.kind == number && c.value.kind == operandNumber {
		d, _ := parseDecimal(v.text)
		return c.value.compareNumber(c.op, d)
	}
	switch c.op {
	case Equal:
		return c.value.equalText(v.text)
	case NotEqual:
		return !c.value.equalText(v.text)
	}
	return false
}

// bitset is a set of small numbers.
type bitset []uint64

func (b *bitset) add(i int) {
	for len(*b) <= i>>6 {
		*b = append(*b, 0)
	}
	(*b)[i>>6] |= 1 << (i & 63)
}

func (b bitset) has(i int) bool {
	return i>>6 < len(b) && b[i>>6]&(1<<(i&63)) != 0
}

// matchTerms decides a term pattern.
func matchTerms(terms []term, event []byte) bool {
	optional, optionalFound, others := false, false, false
	for _, t := range terms {
		switch t.op {
		case Optional:
			optional = true
			optionalFound = optionalFound || t.found(event)
		case Excludes:
			others = true
			if t.found(event) {
				return false
			}
		default:
			others = true
			if !t.found(event) {
				return false
			}
		}
	}
	return others || !optional || optionalFound
}

// found reports whether the term is in the message. A phrase of nothing but white
// space is in every message: the guide gives " " as the pattern for that.
func (t *term) found(event []byte) bool {
	if t.value.kind == operandRegex {
		return t.value.re.Match(event)
	}
	return bytes.Contains(event, t.value.core) || len(bytes.TrimSpace(t.value.core)) == 0
}
