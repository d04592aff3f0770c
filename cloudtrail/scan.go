package cloudtrail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Raw is one record's JSON text as it stands in a file.
type Raw struct {
	// Bytes is the text. It is only valid until the next record is asked for;
	// a caller that keeps it makes a copy.
	Bytes []byte
	// Index counts the file's records from 1, skipped ones included.
	Index int
	// Offset is where the record, or the envelope that holds it, begins in the
	// inflated file, from 0.
	Offset int64
}

// Error is one thing wrong with a file. What stands before and after it is
// still read.
type Error struct {
	File   string // as given to Read; "" from Scan
	Record int    // index of the record, from 1; 0 where the error is the file's
	Offset int64  // in the inflated file, from 0
	Err    error
}

// Error names file, record and offset.
func (e *Error) Error() string {
	file := ""
	if e.File != "" {
		file = e.File + ": "
	}
	if e.Record == 0 {
		return fmt.Sprintf("%sat byte %d: %v", file, e.Offset, e.Err)
	}
	return fmt.Sprintf("%srecord %d at byte %d: %v", file, e.Record, e.Offset, e.Err)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

const (
	// maxRecord bounds the memory one record or digest may take. CloudTrail
	// cuts a record's fields so that it stays under 256 KB, or 1 MB with event
	// enrichment; a digest lists one hour's files in some 500 bytes each.
	maxRecord = 16 << 20
	// maxResyncs bounds the work on a file made to be broken: each resync may
	// have read maxRecord bytes in vain.
	maxResyncs = 100
	// maxScanErrors is how many errors Scan keeps.
	maxScanErrors = 100
	chunk         = 64 << 10
)

// recordStart is how every record that CloudTrail writes begins. Within a JSON
// string the quotes would be escaped, so that it stands only at an object's
// start.
var recordStart = []byte(`{"eventVersion"`)

// Scan calls fn for each record or digest in r without decoding it, and so is several
// times faster than [Read]. It takes the same files. The text of a record is
// cut out by its brackets and strings alone: of a valid file it is exactly what
// encoding/json would cut out, of a broken one it need not be JSON.
//
// An error of fn ends the scan and is returned as it is. Everything wrong with
// the file itself comes as *Error values, joined, after the rest was scanned.
func Scan(r io.Reader, fn func(Raw) error) error {
	s := newScanner(r)
	var wrong []error
	more := 0
	for {
		raw, err := s.next()
		if err == io.EOF {
			if more > 0 {
				wrong = append(wrong, &Error{Offset: s.offset(), Err: fmt.Errorf("%d more errors before here", more)})
			}
			return errors.Join(wrong...)
		}
		if err != nil {
			// A large file that is no JSON at all has an error a line.
			if len(wrong) < maxScanErrors {
				wrong = append(wrong, err)
			} else {
				more++
			}
			continue
		}
		if err := fn(raw); err != nil {
			return err
		}
	}
}

// scanner finds records in a stream. buf[pos:end] is unread; buf[keep:pos] is
// the value being cut out, when keep is not negative.
type scanner struct {
	r       io.Reader
	buf     []byte
	pos     int
	end     int
	keep    int
	base    int64 // offset of buf[0] in the stream
	readErr error // io.EOF, or what ended the stream early

	state    scanState
	inTop    bool // the array being read is the stream's own, not a member
	index    int
	resyncs  int
	reported bool // readErr was told
	seen     bool // there was something to read
	whole    bool // the last value returned stands unchanged in buf
	last     int  // where it begins
	topStart int64
}

type scanState int

const (
	atTop      scanState = iota // between the stream's own values
	inRecords                   // before an element or the end of an array of records
	inObject                    // after that array, within the object that holds it
	scanClosed                  // nothing more to read
)

func newScanner(r io.Reader) *scanner {
	return &scanner{r: inflate(r), buf: make([]byte, chunk), keep: -1}
}

// fill reads more input after buf[end]. It moves what is still needed to the
// front first, and grows the buffer only for a value that does not fit.
func (s *scanner) fill() bool {
	if s.readErr != nil {
		return false
	}
	from := s.pos
	if s.keep >= 0 {
		from = s.keep
	}
	if from > 0 && s.end == len(s.buf) {
		copy(s.buf, s.buf[from:s.end])
		s.base += int64(from)
		s.pos -= from
		s.end -= from
		s.last -= from
		if s.keep >= 0 {
			s.keep = 0
		}
	}
	if s.end == len(s.buf) {
		if len(s.buf) >= maxRecord {
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for tries := 0; tries < 100; tries++ {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.readErr = err
		}
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	s.readErr = io.ErrNoProgress
	return false
}

// peek returns the next byte that is not white space.
func (s *scanner) peek() (byte, bool) {
	for {
		for s.pos < s.end {
			switch c := s.buf[s.pos]; c {
			case ' ', '\n', '\r', '\t':
				s.pos++
			default:
				return c, true
			}
		}
		if !s.fill() {
			return 0, false
		}
	}
}

func (s *scanner) offset() int64 { return s.base + int64(s.pos) }

// next returns the next record, an *Error, or io.EOF. After an *Error it can be
// called again.
func (s *scanner) next() (Raw, error) {
	s.keep = -1
	for {
		switch s.state {
		case scanClosed:
			return Raw{}, io.EOF
		case atTop:
			if s.offset() == 0 {
				s.skipBOM()
			}
			c, ok := s.peek()
			if !ok {
				return Raw{}, s.finish()
			}
			s.seen = true
			switch c {
			case '{':
				s.topStart = s.offset()
				s.keep = s.pos
				s.pos++
				if raw, done, err := s.object(true); done || err != nil {
					return raw, err
				}
			case '[':
				s.pos++
				s.state, s.inTop = inRecords, true
			default:
				err := s.fail("found %s where a JSON object is expected", show(c))
				s.skipLine()
				return Raw{}, err
			}
		case inRecords:
			c, ok := s.peek()
			switch {
			case !ok:
				err := s.fail("the list of records does not end: %w", s.cutOff())
				s.state = scanClosed
				return Raw{}, err
			case c == ',':
				// That there is just one between two elements is not checked:
				// no record is lost or changed by it.
				s.pos++
			case c == ']':
				s.pos++
				s.state = inObject
				if s.inTop {
					s.state = atTop
				}
			default:
				return s.element()
			}
		case inObject:
			if _, _, err := s.object(false); err != nil {
				return Raw{}, err
			}
		}
	}
}

// element cuts out one element of an array of records.
func (s *scanner) element() (Raw, error) {
	s.keep = s.pos
	s.index++
	if !s.skip() {
		return Raw{}, s.unended()
	}
	return s.emit(), nil
}

// object reads on in an object of the stream until its end, or until the array
// of records it holds begins. At its end it is itself the record, unless it
// held such an array.
func (s *scanner) object(first bool) (Raw, bool, error) {
	s.state = atTop
	for {
		c, ok := s.peek()
		switch {
		case !ok:
			if s.keep >= 0 {
				s.index++
				return Raw{}, false, s.unended()
			}
			err := s.fail("the object that begins at byte %d does not end: %w", s.topStart, s.cutOff())
			s.state = scanClosed
			return Raw{}, false, err
		case c == '}':
			s.pos++
			if !first {
				return Raw{}, false, nil
			}
			s.index++
			return s.emit(), true, nil
		case c == ',':
			s.pos++
		case c == '"':
			if first && s.atRecord() {
				// Nearly every object is a record: no need to look at its keys.
				s.pos = s.keep
				s.index++
				if !s.skip() {
					return Raw{}, false, s.unended()
				}
				return s.emit(), true, nil
			}
			loose := s.keep < 0
			if loose {
				s.keep = s.pos
			}
			from := s.pos - s.keep
			if !s.skip() {
				if loose {
					s.keep = -1
				}
				continue // peek reports the end
			}
			list := isList(s.buf[s.keep+from : s.pos])
			if loose {
				s.keep = -1
			}
			if c, ok := s.peek(); !ok || c != ':' {
				continue
			}
			s.pos++
			if c, ok := s.peek(); ok && c == '[' && list {
				s.keep = -1
				s.pos++
				s.state, s.inTop = inRecords, false
				return Raw{}, false, nil
			}
			s.skip()
		default:
			// Not an object's syntax. Cut it out by its brackets, so that the
			// decoder names what is wrong.
			if !s.skip() {
				continue
			}
		}
	}
}

// isList tells the keys that hold records: a log file's, LookupEvents', and
// CloudWatch Logs' GetLogEvents and subscription data.
func isList(key []byte) bool {
	switch string(key) {
	case `"Records"`, `"Events"`, `"events"`, `"logEvents"`:
		return true
	}
	return false
}

func (s *scanner) atRecord() bool {
	for s.end-s.keep < len(recordStart) {
		if !s.fill() {
			return false
		}
	}
	return bytes.HasPrefix(s.buf[s.keep:s.end], recordStart)
}

// skip moves past one value by its brackets and strings. It returns false where
// the input ends first, or the value is too long.
func (s *scanner) skip() bool {
	if s.keep < 0 {
		// The end of a string is told by what stands before a quote: the value
		// has to stay in the buffer.
		s.keep = s.pos
		defer func() { s.keep = -1 }()
	}
	depth := 0
	inString := false
	started := false
	for {
		i, buf := s.pos, s.buf[:s.end]
		for i < len(buf) {
			if inString {
				k := bytes.IndexByte(buf[i:], '"')
				if k < 0 {
					i = len(buf)
					break
				}
				i += k
				slashes := 0
				for buf[i-1-slashes] == '\\' {
					slashes++
				}
				i++
				if slashes%2 == 1 {
					continue
				}
				inString = false
				if depth == 0 {
					s.pos = i
					return true
				}
				continue
			}
			switch buf[i] {
			case '"':
				inString = true
			case '{', '[':
				depth++
			case '}', ']':
				if depth == 0 {
					// The end of what holds a number or word, or a bracket
					// that closes nothing.
					if !started {
						i++
					}
					s.pos = i
					return true
				}
				depth--
				if depth == 0 {
					s.pos = i + 1
					return true
				}
			case ',', ' ', '\n', '\r', '\t':
				if depth == 0 {
					s.pos = i
					return true
				}
			}
			started = true
			i++
		}
		s.pos = i
		if !s.fill() {
			s.pos = s.end
			return false
		}
	}
}

// emit returns the value that was cut out, taken out of its envelope.
func (s *scanner) emit() Raw {
	raw := Raw{Bytes: s.buf[s.keep:s.pos], Index: s.index, Offset: s.base + int64(s.keep)}
	s.last = s.keep
	s.keep = -1
	s.whole = true
	if !bytes.HasPrefix(raw.Bytes, recordStart) {
		if inner, ok := unwrap(raw.Bytes); ok {
			raw.Bytes = inner
			s.whole = false
		}
	}
	return raw
}

// retry goes back into the record that was returned last, which turned out to be
// no JSON, when another record begins within it: a lost quote or bracket makes
// one record swallow its neighbours.
func (s *scanner) retry() {
	if !s.whole || s.last < 0 || s.resyncs >= maxResyncs {
		return
	}
	if at := s.restart(s.last + 1); at >= 0 && at < s.pos {
		s.resyncs++
		s.pos = at
	}
}

// restart returns where a record begins in buf[from:end], or -1.
func (s *scanner) restart(from int) int {
	at := -1
	if i := bytes.Index(s.buf[from:s.end], recordStart); i >= 0 {
		at = from + i
	}
	if s.state == atTop {
		// JSON lines: no string holds a bare line feed, and no member begins
		// with a brace.
		if i := bytes.Index(s.buf[from:s.end], []byte("\n{")); i >= 0 && (at < 0 || from+i+1 < at) {
			at = from + i + 1
		}
	}
	return at
}

// unended reports the value that begins at keep, and looks for a record within
// what it took for that value.
func (s *scanner) unended() error {
	at := s.base + int64(s.keep)
	why := s.cutOff()
	if s.end-s.keep >= maxRecord {
		why = fmt.Errorf("it is longer than %d MiB", maxRecord>>20)
	}
	err := &Error{Record: s.index, Offset: at, Err: fmt.Errorf("it does not end: %w", why)}
	next := -1
	if s.resyncs < maxResyncs {
		next = s.restart(s.keep + 1)
	}
	s.resyncs++
	s.keep = -1
	switch {
	case next >= 0:
		s.pos = next
	case s.readErr == nil && s.resyncs < maxResyncs:
		s.seek()
	default:
		s.state = scanClosed
		if s.resyncs > maxResyncs {
			err.Err = fmt.Errorf("%w; after %d broken records the rest is not read", err.Err, maxResyncs)
		}
	}
	return err
}

// seek reads on to where the next record begins, or to the end.
func (s *scanner) seek() {
	for {
		s.pos = max(0, s.end-len(recordStart)+1)
		if !s.fill() {
			s.pos = s.end
			return
		}
		if at := s.restart(s.pos); at >= 0 {
			s.pos = at
			return
		}
	}
}

func (s *scanner) fail(format string, args ...any) error {
	return &Error{Offset: s.offset(), Err: fmt.Errorf(format, args...)}
}

// cutOff is why the input ended; it is told once.
func (s *scanner) cutOff() error {
	if s.readErr == nil || s.readErr == io.EOF {
		return io.ErrUnexpectedEOF
	}
	s.reported = true
	return s.readErr
}

// finish ends the stream at a place where it may end.
func (s *scanner) finish() error {
	s.state = scanClosed
	switch {
	case s.readErr != nil && s.readErr != io.EOF && !s.reported:
		return &Error{Offset: s.offset(), Err: s.readErr}
	case !s.seen:
		s.seen = true
		return &Error{Err: errors.New("the file is empty")}
	}
	return io.EOF
}

func (s *scanner) skipBOM() {
	for s.end-s.pos < 3 && s.fill() {
	}
	if bytes.HasPrefix(s.buf[s.pos:s.end], []byte("\xef\xbb\xbf")) {
		s.pos += 3
	}
}

func (s *scanner) skipLine() {
	for {
		if i := bytes.IndexByte(s.buf[s.pos:s.end], '\n'); i >= 0 {
			s.pos += i + 1
			return
		}
		s.pos = s.end
		if !s.fill() {
			return
		}
	}
}

func show(c byte) string { return fmt.Sprintf("%q", rune(c)) }

// unwrap takes a record out of the envelope that LookupEvents, CloudWatch Logs
// or EventBridge puts around it.
func unwrap(raw []byte) ([]byte, bool) {
	// Only an object that is no record costs this copy.
	s := string(raw)
	if s == "" || s[0] != '{' {
		return nil, false
	}
	var inner string
	var detail, detailType JSON
	record := false
	_, ok := walkObject(s, 0, 0, func(key string, v JSON) {
		switch key {
		case "eventName", "eventVersion", "insightDetails", "digestStartTime":
			record = true
		case "CloudTrailEvent", "message":
			if text, ok := v.scalar(); ok && v[0] == '"' {
				inner = text
			}
		case "detail":
			detail = v
		case "detail-type":
			detailType = v
		}
	})
	switch {
	case !ok || record:
		return nil, false
	case inner != "":
		return []byte(inner), true
	case detailType != "" && detail.Present():
		return []byte(detail), true
	}
	return nil, false
}
