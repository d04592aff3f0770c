package filterpattern

// table numbers short texts from 1 in the order they are put in. Most texts that
// are looked up are not in it: it decides a miss by the length and three
// characters, and compares only what agrees in them.
type table struct {
	lengths uint64           // bit n: there is a text of length n, modulo 64
	buckets [tableSize]int32 // number of the text put in last
	entries []entry
}

const tableSize = 128

type entry struct {
	text string
	next int32 // number of the text of the same bucket put in before
}

func bucketOf[T string | []byte](s T) int {
	if len(s) == 0 {
		return 0
	}
	return (len(s)*9 ^ int(s[0])*5 ^ int(s[len(s)/2])*3 ^ int(s[len(s)-1])) % tableSize
}

func (t *table) len() int { return len(t.entries) }

// put adds a text that is not there yet and returns its number.
func (t *table) put(text string) int {
	t.lengths |= 1 << (len(text) & 63)
	b := &t.buckets[bucketOf(text)]
	t.entries = append(t.entries, entry{text, *b})
	*b = int32(len(t.entries))
	return len(t.entries)
}

// get returns the number of a text, 0 when it is not there.
func (t *table) get(text []byte) int {
	if t.lengths>>(len(text)&63)&1 == 0 {
		return 0
	}
	i := t.buckets[bucketOf(text)]
	for i != 0 && t.entries[i-1].text != string(text) {
		i = t.entries[i-1].next
	}
	return int(i)
}
