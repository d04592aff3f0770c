package filterpattern

import (
	"cmp"
	"maps"
	"slices"
)

// The selectors of a Set form a tree by their common beginnings. A wildcard step
// and a named step may both apply to one key, so the tree is turned into an
// automaton whose states are sets of tree nodes; the scanner is then always in
// one state.

// node is a point in the tree of selectors.
type node struct {
	id       int
	names    map[string]*node
	indexes  map[int]*node
	anyField *node
	anyElem  *node
	slots    []int // selectors that end here
}

// state is a set of nodes.
type state struct {
	slots    []int
	keys     table
	named    []*transition // by key
	anyField *state        // any other key
	elems    map[int]*state
	anyElem  *state // any other index
	// wilds are the wildcard slots that a repeated key of an object in this state
	// can void.
	wilds []int
}

// transition is taken at a key that a selector names.
type transition struct {
	next *state
	// bit tells a first occurrence of the key from a repetition; keys beyond 63
	// share the last one, and forgetting too often does no harm.
	bit uint8
	// slots are those of the selectors that name the key here: what they reached
	// through an earlier occurrence is void.
	slots []int
}

func (st *state) inObjects() bool { return len(st.named) > 0 || st.anyField != nil }
func (st *state) inArrays() bool  { return st.elems != nil || st.anyElem != nil }

func (st *state) lookup(key []byte) *transition {
	if i := st.keys.get(key); i != 0 {
		return st.named[i-1]
	}
	return nil
}

// builder makes the automaton of a list of selectors, whose positions in the list
// are the slots.
type builder struct {
	root   *node
	nodes  int
	states map[string]*state
	wild   []bool // by slot
}

func newNode(b *builder) *node {
	b.nodes++
	return &node{id: b.nodes, names: map[string]*node{}, indexes: map[int]*node{}}
}

func buildAutomaton(selectors []selector) *state {
	b := &builder{states: map[string]*state{}}
	b.root = newNode(b)
	for slot, sel := range selectors {
		b.wild = append(b.wild, sel.wild())
		n := b.root
		for _, st := range sel {
			n = b.child(n, st)
		}
		n.slots = append(n.slots, slot)
	}
	return b.state([]*node{b.root})
}

func (b *builder) child(n *node, st step) *node {
	get := func(c *node) *node {
		if c == nil {
			return newNode(b)
		}
		return c
	}
	switch st.kind {
	case stepIndex:
		n.indexes[st.index] = get(n.indexes[st.index])
		return n.indexes[st.index]
	case stepAnyField:
		n.anyField = get(n.anyField)
		return n.anyField
	case stepAnyElem:
		n.anyElem = get(n.anyElem)
		return n.anyElem
	}
	n.names[st.name] = get(n.names[st.name])
	return n.names[st.name]
}

// state returns the state of a set of nodes, nil for none.
func (b *builder) state(nodes []*node) *state {
	if len(nodes) == 0 {
		return nil
	}
	slices.SortFunc(nodes, func(x, y *node) int { return cmp.Compare(x.id, y.id) })
	var id []byte
	for _, n := range nodes {
		id = append(id, byte(n.id), byte(n.id>>8), byte(n.id>>16), byte(n.id>>24))
	}
	if st := b.states[string(id)]; st != nil {
		return st
	}
	st := &state{}
	b.states[string(id)] = st
	var anyField, anyElem []*node
	keys := map[string][]*node{}
	indexes := map[int][]*node{}
	for _, n := range nodes {
		st.slots = append(st.slots, n.slots...)
		if n.anyField != nil {
			anyField = append(anyField, n.anyField)
		}
		if n.anyElem != nil {
			anyElem = append(anyElem, n.anyElem)
		}
		for k, c := range n.names {
			keys[k] = append(keys[k], c)
		}
		for i, c := range n.indexes {
			indexes[i] = append(indexes[i], c)
		}
	}
	st.anyField = b.state(slices.Clone(anyField))
	st.anyElem = b.state(slices.Clone(anyElem))
	for i, next := range indexes {
		if st.elems == nil {
			st.elems = map[int]*state{}
		}
		st.elems[i] = b.state(slices.Concat(next, anyElem))
	}
	for i, key := range slices.Sorted(maps.Keys(keys)) {
		next := keys[key]
		t := &transition{bit: uint8(min(i, 63))}
		for _, n := range next {
			t.slots = append(t.slots, n.below()...)
		}
		for _, slot := range t.slots {
			if b.wild[slot] && !slices.Contains(st.wilds, slot) {
				st.wilds = append(st.wilds, slot)
			}
		}
		t.next = b.state(slices.Concat(next, anyField))
		st.keys.put(key)
		st.named = append(st.named, t)
	}
	return st
}

// below returns the slots of the node and of all under it.
func (n *node) below() []int {
	slots := slices.Clone(n.slots)
	for _, c := range n.names {
		slots = append(slots, c.below()...)
	}
	for _, c := range n.indexes {
		slots = append(slots, c.below()...)
	}
	for _, c := range []*node{n.anyField, n.anyElem} {
		if c != nil {
			slots = append(slots, c.below()...)
		}
	}
	return slots
}
