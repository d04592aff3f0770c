package cloudtrail

import (
	"errors"
	"io"
	"iter"
)

// Entry is one thing read from a file: a record, or a digest file's content.
// Exactly one of Record and Digest is set.
type Entry struct {
	File   string
	Index  int   // of the record in the file, from 1
	Offset int64 // of the record, or the envelope that holds it, in the inflated file
	Record *Record
	Digest *Digest
}

// Read reads one file of any of the shapes in which CloudTrail's records come:
// a log or Insights file ({"Records":[…]}), a digest file, a record alone, JSON
// lines, a JSON array, what LookupEvents answers, EventBridge events, and
// CloudWatch Logs messages, alone or as GetLogEvents and subscriptions give
// them. Gzip is told by its first bytes. Memory does not grow with the file.
//
// What is wrong comes as an *Error in its place, with the file's name as given,
// and reading goes on with the next record that can be made out.
func Read(file string, r io.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		s := newScanner(r)
		for {
			raw, err := s.next()
			if err == io.EOF {
				return
			}
			entry := Entry{File: file, Index: raw.Index, Offset: raw.Offset}
			if err == nil {
				err = entry.decode(raw.Bytes)
				if err != nil && !errors.Is(err, ErrNotRecord) {
					s.retry()
				}
				if err != nil {
					err = &Error{Record: raw.Index, Offset: raw.Offset, Err: err}
				}
			}
			if err != nil {
				var at *Error
				if errors.As(err, &at) {
					at.File = file
				}
				entry = Entry{File: file}
			}
			if !yield(entry, err) {
				return
			}
		}
	}
}

func (e *Entry) decode(raw []byte) error {
	s := string(raw)
	if d, ok, err := decodeDigest(s); ok {
		e.Digest = d
		return err
	}
	r, err := decode(s)
	if err != nil {
		return err
	}
	e.Record = r
	return nil
}
