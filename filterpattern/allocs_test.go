//go:build !race

// The race detector has sync.Pool drop values at random, so that nothing could be
// said about allocations under it; make test runs this file without.

package filterpattern

import "testing"

func TestMatchDoesNotAllocate(t *testing.T) {
	set := NewSet(cisPatterns(t))
	event := changed(t, `eventName="StopLogging"`)
	escaped := changed(t, `errorCode="Access\u0044enied"`)
	room := make([]int, 0, 100)
	// The pool may be emptied by a garbage collection at any time: an average.
	if n := testing.AllocsPerRun(1000, func() {
		set.Match(event, room)
		set.Match(escaped, room)
	}); n >= 1 {
		t.Errorf("%v allocations for two events", n)
	}
}
