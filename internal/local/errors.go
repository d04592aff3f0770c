package local

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// Error is a failure with its next step. Error() is the failure alone, so that
// a caller can print both in its own way.
type Error struct {
	Err  error
	Hint string // what to do next, one sentence without a period
	// Misuse says that the caller asked for something that cannot be meant,
	// such as a stack without a file.
	Misuse bool
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

func hinted(hint, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint}
}

func misused(hint, format string, args ...any) error {
	return &Error{Err: fmt.Errorf(format, args...), Hint: hint, Misuse: true}
}

// diskError gives a full disk its next step; the system's own message ("no
// space left on device") names the file but not where the room went.
func diskError(err error) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "no space left on device") {
		where := "the cache folder"
		if dir, e := cacheDir(); e == nil {
			where = dir
		}
		return hinted("free about 2 GB; tools are kept in "+where+" and Go's build cache (\"go env GOCACHE\"), then run the command again",
			"the disk is full: %w", err)
	}
	if errors.Is(err, syscall.EDQUOT) {
		return hinted("free some of your quota, then run the command again", "the disk quota is used up: %w", err)
	}
	return err
}
