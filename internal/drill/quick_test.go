package drill

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailkeep/trailkeep/detections"
)

// bothWays reads a file with the short cut and without, and compares all that
// was counted. It returns how many records the short cut counted.
func bothWays(t *testing.T, f *filters, text []byte) int {
	t.Helper()
	result := func(quick bool) (*worker, int) {
		w, counted := newWorker(f, &Progress{}), 0
		if quick {
			var all bool
			if counted, all = w.quick(text); all {
				w.flush()
				return w, counted
			}
		}
		w.scan(context.Background(), "file", bytes.NewReader(text), counted)
		return w, counted
	}
	want, _ := result(false)
	got, counted := result(true)
	w, g := &Report{}, &Report{}
	want.report(w)
	got.report(g)
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("%.300q: the short cut counts otherwise (-scanner +short cut):\n%s", text, diff)
	}
	return counted
}

func drillable(t testing.TB) *filters {
	t.Helper()
	f, err := newFilters(slices.DeleteFunc(detections.All(), detections.Detection.NeedsNames))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestQuickEqualsScan(t *testing.T) {
	f := drillable(t)
	stop := call("r", "cloudtrail", "StopLogging", "10:00:00")
	vpc := call("r", "ec2", "CreateVpc", "10:07:00")
	nested := strings.Replace(vpc, `"awsRegion"`, `"requestParameters":{"events":[`+stop+`,`+stop+`]},"awsRegion"`, 1)
	quoted := strings.Replace(vpc, `"awsRegion"`, `"requestParameters":{"text":"},{\"eventVersion\":1"},"awsRegion"`, 1)
	huge := strings.Replace(stop, `"awsRegion"`, `"requestParameters":{"x":"`+strings.Repeat("x", maxEvent)+`"},"awsRegion"`, 1)
	for name, c := range map[string]struct {
		text    string
		counted int
	}{
		"as written":                  {records(stop, vpc, stop), 3},
		"with a line end":             {records(stop, vpc) + "\n", 2},
		"one record":                  {records(vpc), 1},
		"none":                        {`{"Records":[]}`, 0},
		"records within a record":     {records(stop, nested, vpc), 1},
		"a record's text in a text":   {records(quoted, vpc), 2},
		"spaces between":              {`{"Records":[` + stop + `, ` + vpc + `]}`, 0},
		"spaces before":               {` ` + records(stop, vpc), 0},
		"another member":              {strings.TrimSuffix(records(stop, vpc), "}") + `,"x":1}`, 0},
		"a broken record":             {records(stop, strings.Replace(vpc, `":"`, `""`, 1), stop), 1},
		"an unfinished record":        {records(stop, vpc[:len(vpc)-1], stop), 1},
		"cut off":                     {records(stop, vpc)[:len(records(stop, vpc))-5], 0},
		"more after the end":          {records(stop, vpc) + `]}`, 1},
		"a record without a time":     {records(stop, strings.Replace(vpc, "eventTime", "eventTimes", 1), stop), 1},
		"a record over 256 KB":        {records(stop, huge, stop), 1},
		"a comma too many":            {`{"Records":[` + stop + `,,` + vpc + `]}`, 0},
		"no comma":                    {`{"Records":[` + stop + vpc + `]}`, 0},
		"something that is no record": {records(stop, `{"eventVersion":"1"}`, vpc), 1},
		"a member of a time's name":   {records(strings.Replace(stop, `"type":"AssumedRole"`, `"type":"AssumedRole","eventTime":"2020-01-01T00:00:00Z"`, 1), vpc), 2},
		"two files in one":            {records(stop) + records(vpc), 0},
		"empty":                       {"", 0},
	} {
		if got := bothWays(t, f, []byte(c.text)); got != c.counted {
			t.Errorf("%s: the short cut counted %d, want %d", name, got, c.counted)
		}
	}
}

// FuzzQuickEqualsScan holds the short cut to the scanner on any file.
func FuzzQuickEqualsScan(f *testing.F) {
	set := drillable(f)
	stop, vpc := call("r", "cloudtrail", "StopLogging", "10:00:00"), call("r", "ec2", "CreateVpc", "10:07:00")
	f.Add([]byte(records(stop, vpc)))
	f.Add([]byte(records(stop, strings.Replace(vpc, `"awsRegion"`, `"requestParameters":[`+stop+`],"awsRegion"`, 1))))
	f.Add([]byte(records(`{"eventVersion":"1","eventTime":"2026-03-01T10:00:00Z","eventName":"x","eventSource":"s"}`, `{"eventVersion"`)))
	f.Fuzz(func(t *testing.T, text []byte) { bothWays(t, set, text) })
}

// A file that is larger than what is read whole is left to the scanner.
func TestQuickIsBounded(t *testing.T) {
	for size, want := range map[int]bool{maxQuick: true, maxQuick + 1: false, 2 * maxQuick: false} {
		if buf, ok := readAll(io.LimitReader(zeros{}, int64(size)), nil); ok != want || cap(buf) > 2*maxQuick {
			t.Errorf("%d bytes: read whole %v, holding %d", size, ok, cap(buf))
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
