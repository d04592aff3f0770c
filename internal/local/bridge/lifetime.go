package main

import (
	"os"
	"runtime"
	"time"
)

// The main thread lives as long as the process, so a child started on it gets its death signal then and not earlier.
func init() { runtime.LockOSThread() }

// parentPoll is how often the plugin looks for its engine. Pulumi's own health check runs every five minutes, which
// would keep some 500 MB of a killed engine's providers around that long.
const parentPoll = 250 * time.Millisecond

// parent is read before anything else happens, so that an engine killed while the provider starts is noticed too.
var parent = os.Getppid()

// watchParent calls gone once this process has another parent than the one that started it: that one has ended, and
// with it the engine that the plugin serves. Windows keeps the number of a dead parent, so there only the health check
// is left.
func watchParent(gone func()) {
	go func() {
		for range time.Tick(parentPoll) {
			if os.Getppid() != parent {
				gone()
				return
			}
		}
	}()
}
