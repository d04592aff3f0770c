package cloudtrail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
)

func zip(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// scanAll returns the texts and the errors of a scan.
func scanAll(r io.Reader) (texts []string, errs []string) {
	err := Scan(r, func(raw Raw) error {
		texts = append(texts, string(raw.Bytes))
		return nil
	})
	if err != nil {
		errs = strings.Split(err.Error(), "\n")
	}
	return texts, errs
}

const (
	one = `{"eventVersion":"1.08","eventTime":"2024-06-03T09:15:27Z","eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","requestParameters":{"bucketName":"a}]\"{[\\"}}`
	two = `{"eventVersion":"1.08","eventTime":"2024-06-03T09:16:27Z","eventSource":"ec2.amazonaws.com","eventName":"StopInstances"}`
	// Not as CloudTrail writes it, but a record.
	odd = `{"eventTime":"2024-06-03T09:17:27Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","eventVersion":"1.08"}`
)

func quoteJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var shapes = []struct {
	name, text string
	want       []string
}{
	{"log file", `{"Records":[` + one + `,` + two + `]}`, []string{one, two}},
	{"log file, spread out", "\n{ \"Records\" : [\n " + one + " ,\n" + odd + "\n] }\n", []string{one, odd}},
	{"log file with more members", `{"a":[1,{"Records":[2]}],"Records":[` + one + `],"b":{"c":"]"},"d":1}`, []string{one}},
	{"two lists", `{"Records":[` + one + `],"x":1,"Records":[` + two + `]}`, []string{one, two}},
	{"empty log file", `{"Records":[]}`, nil},
	{"a record", one, []string{one}},
	{"a record, otherwise ordered", odd, []string{odd}},
	{"JSON lines", one + "\n" + odd + "\r\n\n" + two + "\n", []string{one, odd, two}},
	{"records side by side", one + two, []string{one, two}},
	{"array", "[" + one + "," + two + "]", []string{one, two}},
	{"byte order mark", "\xef\xbb\xbf" + `{"Records":[` + one + `]}`, []string{one}},
	{"LookupEvents", `{"NextToken":"x","Events":[{"EventId":"1","ReadOnly":"false","CloudTrailEvent":` + quoteJSON(one) + `},{"CloudTrailEvent":` + quoteJSON(odd) + `}]}`, []string{one, odd}},
	{"a LookupEvents event a line", `{"EventId":"1","CloudTrailEvent":` + quoteJSON(one) + "}\n" + `{"EventId":"2","CloudTrailEvent":` + quoteJSON(two) + "}", []string{one, two}},
	{"EventBridge", `{"version":"0","id":"1","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","detail":` + one + `}`, []string{one}},
	{"CloudWatch Logs subscription", `{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":` + quoteJSON(one) + `}]}`, []string{one}},
	{"CloudWatch Logs events", `{"events":[{"timestamp":1,"message":` + quoteJSON(two) + `,"ingestionTime":2}],"nextForwardToken":"f"}`, []string{two}},
	{"several files in one stream", `{"Records":[` + one + `]}{"Records":[` + two + `]}`, []string{one, two}},
}

func TestScanShapes(t *testing.T) {
	for _, c := range shapes {
		for _, way := range []struct {
			name string
			r    io.Reader
		}{
			{"plain", strings.NewReader(c.text)},
			{"gzip", bytes.NewReader(zip(t, c.text))},
			{"a byte at a time", iotest.OneByteReader(strings.NewReader(c.text))},
			{"data with EOF", iotest.DataErrReader(strings.NewReader(c.text))},
		} {
			texts, errs := scanAll(way.r)
			if d := cmp.Diff(c.want, texts); d != "" || errs != nil {
				t.Errorf("%s, %s: %v\n%s", c.name, way.name, errs, d)
			}
		}
	}
}

func TestScanPositions(t *testing.T) {
	text := `{"Records":[` + one + `, ` + two + `]}` + "\n" + odd
	var got []Raw
	if err := Scan(strings.NewReader(text), func(r Raw) error {
		got = append(got, Raw{Index: r.Index, Offset: r.Offset})
		if !strings.HasPrefix(text[r.Offset:], string(r.Bytes)) {
			t.Errorf("record %d is not at byte %d", r.Index, r.Offset)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].Index != 1 || got[2].Index != 3 {
		t.Errorf("%+v", got)
	}
}

func TestScanStops(t *testing.T) {
	stop := errors.New("enough")
	n := 0
	err := Scan(strings.NewReader(`{"Records":[`+one+`,`+two+`]}`), func(Raw) error { n++; return stop })
	if err != stop || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

// What is wrong with a file is told with its place, and the rest is read.
func TestReadBrokenFiles(t *testing.T) {
	long := `{"Records":[` + one + `,{"eventVersion":"` + strings.Repeat("x", maxRecord) + `"},` + two + `]}`
	gz := zip(t, `{"Records":[`+one+`,`+two+`]}`)
	for _, c := range []struct {
		name string
		text string
		want []string // event names
		errs []string
	}{
		{"empty", "", nil, []string{"f: at byte 0: the file is empty"}},
		{"blank", " \n ", nil, []string{"f: at byte 0: the file is empty"}},
		{"no JSON", "hello\n" + one, []string{"DeleteBucket"}, []string{"f: at byte 0: found 'h' where a JSON object is expected"}},
		{"cut off within a record", `{"Records":[` + one + `,{"eventVersion":"1.08","eventTi`, []string{"DeleteBucket"},
			[]string{fmt.Sprintf("f: record 2 at byte %d: it does not end: unexpected EOF", 13+len(one))}},
		{"cut off between records", `{"Records":[` + one, []string{"DeleteBucket"}, []string{fmt.Sprintf("f: at byte %d: the list of records does not end: unexpected EOF", 12+len(one))}},
		{"cut off after the records", `{"Records":[` + one + `]`, []string{"DeleteBucket"}, []string{fmt.Sprintf("f: at byte %d: the object that begins at byte 0 does not end: unexpected EOF", 13+len(one))}},
		{"a record that is not JSON", `{"Records":[{"eventVersion":},` + two + `]}`, []string{"StopInstances"}, []string{"f: record 1 at byte 12: not JSON: unexpected '}' at byte 16"}},
		{"a lost quote", `{"Records":[{"eventVersion":"1.08,"eventName":"DeleteTrail"},` + two + `,` + one + `]}`, []string{"StopInstances", "DeleteBucket"}, nil},
		{"a lost bracket", `{"Records":[{"eventVersion":"1.08","requestParameters":{"a":1},` + two + `,` + one + `]}`, []string{"StopInstances", "DeleteBucket"}, nil},
		{"a lost bracket in JSON lines", `{"eventVersion":"1.08","requestParameters":{` + "\n" + odd + "\n" + two, []string{"CreateUser", "StopInstances"}, nil},
		{"elements of other kinds", `{"Records":[1,"x",null,{},` + one + `]}`, []string{"DeleteBucket"}, []string{
			"f: record 1 at byte 12: not a CloudTrail record: found a number where a record's object is expected",
			"f: record 2 at byte 14: not a CloudTrail record: found a string where a record's object is expected",
			"f: record 3 at byte 18: not a CloudTrail record: found null where a record's object is expected",
			"f: record 4 at byte 23: not a CloudTrail record: it has neither eventName nor insightDetails"}},
		{"an S3 event notification", `{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2024-06-03T09:15:27Z","eventName":"ObjectCreated:Put"}]}`, nil,
			[]string{"f: record 1 at byte 12: not a CloudTrail record: eventSource 'aws:s3' is a notification of that service"}},
		{"a record too long", long, []string{"DeleteBucket", "StopInstances"}, nil},
		{"trailing gzip member", string(gz) + string(zip(t, `{"Records":[`+odd+`]}`)), []string{"DeleteBucket", "StopInstances"}, []string{"f: at byte 300: " + ErrTrailingData.Error()}},
		{"trailing bytes", string(gz) + "x", []string{"DeleteBucket", "StopInstances"}, []string{"f: at byte 300: " + ErrTrailingData.Error()}},
		{"truncated gzip", string(gz[:len(gz)-6]), []string{"DeleteBucket", "StopInstances"}, []string{"f: at byte 300: the gzip stream is broken: unexpected EOF"}},
		{"gzip header alone", string(gz[:5]), nil, []string{"f: at byte 0: the gzip header is broken: unexpected EOF"}},
		{"message that is no record", `{"events":[{"message":"START RequestId: 1"},{"message":` + quoteJSON(two) + `}]}`, []string{"StopInstances"}, nil},
	} {
		var names, errs []string
		for e, err := range Read("f", strings.NewReader(c.text)) {
			if err != nil {
				var at *Error
				if !errors.As(err, &at) || at.File != "f" {
					t.Errorf("%s: %#v is no *Error of the file", c.name, err)
				}
				errs = append(errs, err.Error())
				continue
			}
			names = append(names, e.Record.EventName)
		}
		if d := cmp.Diff(c.want, names); d != "" {
			t.Errorf("%s: records (-want +got), errors %q:\n%s", c.name, errs, d)
		}
		if c.errs == nil && len(errs) == 0 {
			t.Errorf("%s: no error", c.name)
		}
		if c.errs != nil {
			if d := cmp.Diff(c.errs, errs); d != "" {
				t.Errorf("%s: errors (-want +got):\n%s", c.name, d)
			}
		}
	}
}

func TestReadErrorOfTheReader(t *testing.T) {
	broken := errors.New("connection reset")
	r := io.MultiReader(strings.NewReader(`{"Records":[`+one+`,{"eventVer`), iotest.ErrReader(broken))
	n := 0
	var last error
	for _, err := range Read("f", r) {
		if err != nil {
			last = err
			continue
		}
		n++
	}
	if n != 1 || !errors.Is(last, broken) {
		t.Errorf("%d records, error %v", n, last)
	}
}

// A file made to be broken everywhere ends in time that grows with its size.
func TestReadHostileFileEnds(t *testing.T) {
	text := strings.Repeat(`{"eventVersion":`, 50_000)
	n := 0
	var last error
	for _, err := range Read("f", strings.NewReader(text)) {
		n++
		last = err
	}
	if n == 0 || n > 2*maxResyncs || last == nil || !strings.Contains(last.Error(), "the rest is not read") {
		t.Errorf("%d results, the last %v", n, last)
	}
	_, errs := scanAll(strings.NewReader(strings.Repeat("no JSON\n", 5000) + one))
	if len(errs) != maxScanErrors+1 || !strings.HasSuffix(errs[maxScanErrors], "4900 more errors before here") {
		t.Errorf("%d errors, the last %s", len(errs), errs[len(errs)-1])
	}
}

func TestBomb(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range 4 {
		if _, err := z.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	r := inflate(&b)
	r.(*inflater).free = 2 << 20
	n, err := io.Copy(io.Discard, r)
	if err == nil || !strings.Contains(err.Error(), "inflates more than 200 times") || n > 2<<20+chunk {
		t.Errorf("%d bytes, %v", n, err)
	}
}

// repeat gives a log file of n records without holding it.
func repeat(n int) io.Reader {
	i := 0
	return io.MultiReader(strings.NewReader(`{"Records":[`+two), readerFunc(func(p []byte) (int, error) {
		part := "," + two
		if len(p) < len(part) {
			part = " "
		} else {
			i++
		}
		if i > n {
			return 0, io.EOF
		}
		return copy(p, part), nil
	}), strings.NewReader("]}"))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestMemoryIsFlat(t *testing.T) {
	peak := func(n int) uint64 {
		var m runtime.MemStats
		var most uint64
		count := 0
		for e, err := range Read("f", repeat(n)) {
			if err != nil {
				t.Fatal(err)
			}
			if count++; e.Index%(n/4) == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		if count != n+1 {
			t.Fatalf("%d of %d records", count, n+1)
		}
		return most
	}
	small, large := peak(4_000), peak(80_000)
	if large > small+2<<20 {
		t.Errorf("%d bytes for 4,000 records, %d for 80,000", small, large)
	}
}

// reference is what encoding/json makes of a log file, a record, or lines.
func reference(text []byte) (records []string, ok bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		var doc json.RawMessage
		if err := d.Decode(&doc); err == io.EOF {
			return records, true
		} else if err != nil {
			return nil, false
		}
		var file struct{ Records []json.RawMessage }
		if doc[0] == '{' && json.Unmarshal(doc, &file) == nil && file.Records != nil {
			for _, r := range file.Records {
				records = append(records, string(r))
			}
		} else {
			records = append(records, string(doc))
		}
	}
}

func FuzzScan(f *testing.F) {
	for _, c := range shapes {
		f.Add([]byte(c.text))
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add(zip(f, `{"Records":[`+one+`]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		whole, errs := scanAll(bytes.NewReader(text))
		slow, slowErrs := scanAll(iotest.OneByteReader(bytes.NewReader(text)))
		if d := cmp.Diff(whole, slow); d != "" || len(errs) != len(slowErrs) {
			t.Fatalf("the size of reads changes the result: %v, %v\n%s", errs, slowErrs, d)
		}
		for range Read("f", bytes.NewReader(text)) {
		}
		// The reference knows log files, records and lines; other envelopes, and
		// keys that encoding/json matches without regard to case, are not its.
		for _, other := range []string{"vents", "CloudTrailEvent", "message", "detail", "\xef\xbb\xbf", "\x1f\x8b", `\u`, "ecord"} {
			if other == "ecord" {
				if bytes.Count(text, []byte(`ecord`)) != bytes.Count(text, []byte(`"Records"`)) || bytes.Count(text, []byte(`"Records"`)) > 1 {
					return
				}
				continue
			}
			if bytes.Contains(text, []byte(other)) {
				return
			}
		}
		if bytes.ContainsAny(text, "ſK") || len(bytes.TrimLeft(text, " \t\r\n")) == 0 {
			return
		}
		want, ok := reference(text)
		if !ok {
			return
		}
		for _, w := range want {
			if w[0] != '{' {
				return // a value that stands alone, or an array, has no counterpart
			}
		}
		if d := cmp.Diff(want, whole); d != "" || errs != nil {
			t.Fatalf("(-encoding/json +Scan) %v\n%s", errs, d)
		}
	})
}

func logFile(b *testing.B) []byte {
	raws := benchmarkRecords(b)
	var text bytes.Buffer
	text.WriteString(`{"Records":[`)
	for i := range 13_000 {
		if i > 0 {
			text.WriteByte(',')
		}
		text.Write(raws[i%len(raws)])
	}
	text.WriteString(`]}`)
	return text.Bytes()
}

func BenchmarkScan(b *testing.B) {
	text := logFile(b)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		n := 0
		if err := Scan(bytes.NewReader(text), func(Raw) error { n++; return nil }); err != nil || n != 13_000 {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkReadGzip(b *testing.B) {
	text := logFile(b)
	z := zip(b, string(text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for _, err := range Read("f", bytes.NewReader(z)) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
