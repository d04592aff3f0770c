package drill

import (
	"bytes"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"

	"github.com/trailkeep/trailkeep/cloudtrail"
)

// Nearly every file is one that CloudTrail wrote and nobody touched:
//
//	{"Records":[{"eventVersion":…},{"eventVersion":…}]}
//
// There a record begins wherever {"eventVersion" stands: within a string its
// quotes would be escaped. An object inside a record may begin so too; but then
// the text before it is no whole JSON object, and the match, which checks the
// JSON, says so. So records are cut by a search for that text, without following
// brackets, for as long as each of them turns out a record, and the scanner of
// package cloudtrail takes over where one does not, or the file is of another
// shape. quick_test.go holds the two to each other.
var (
	recordsBegin = []byte(`{"Records":[`)
	recordBegins = []byte(`{"eventVersion"`)
	recordsEnd   = []byte(`]}`)
)

// maxQuick is the largest file, inflated, that is read whole: CloudTrail's are
// smaller. It bounds what a worker holds.
const maxQuick = 32 << 20

// quickReader is what is used again from file to file.
type quickReader struct {
	packed, text []byte
	source       bytes.Reader
	inflater     *gzip.Reader
}

// load returns a file's content, inflated, when there is nothing unusual about
// it.
func (q *quickReader) load(f *os.File) ([]byte, bool) {
	var ok bool
	if q.packed, ok = readAll(f, q.packed[:0]); !ok {
		return nil, false
	}
	if len(q.packed) < 2 || q.packed[0] != 0x1f || q.packed[1] != 0x8b {
		return q.packed, true
	}
	q.source.Reset(q.packed)
	var err error
	if q.inflater == nil {
		q.inflater, err = gzip.NewReader(&q.source)
	} else {
		err = q.inflater.Reset(&q.source)
	}
	if err != nil {
		q.inflater = nil
		return nil, false
	}
	q.inflater.Multistream(false)
	if q.text, ok = readAll(q.inflater, q.text[:0]); !ok || q.source.Len() > 0 {
		return nil, false
	}
	return q.text, true
}

func readAll(r io.Reader, buf []byte) ([]byte, bool) {
	for {
		if len(buf) > maxQuick {
			return buf, false
		}
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, true
		}
		if err != nil {
			return buf, false
		}
	}
}

// quick counts the records of a file's text for as long as they are cut right,
// and returns how many it counted and whether these are all there are. What is
// wrong with a record is left to the scanner, which names it.
func (w *worker) quick(text []byte) (counted int, all bool) {
	text, ok := bytes.CutPrefix(text, recordsBegin)
	if !ok {
		return 0, false
	}
	text = bytes.TrimRight(text, " \t\r\n")
	if text, ok = bytes.CutSuffix(text, recordsEnd); !ok || !bytes.HasPrefix(text, recordBegins) {
		return 0, false
	}
	for {
		end := len(text)
		next := bytes.Index(text[1:], recordBegins)
		if next >= 0 {
			// The record's end, and the comma before the next.
			if next++; text[next-1] != ',' {
				return counted, false
			}
			end = next - 1
		}
		if !w.count(cloudtrail.Raw{Bytes: text[:end], Index: counted + 1}) {
			return counted, false
		}
		counted++
		if next < 0 {
			return counted, true
		}
		text = text[next:]
	}
}
