package filterpattern

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// trailFile makes CloudTrail records of about 1.3 KB, each with its own ids, one in
// fifty about a control, and their gzip.
func trailFile(tb testing.TB, n int) (events [][]byte, raw, zipped []byte) {
	tb.Helper()
	g := rand.New(rand.NewSource(3))
	var file bytes.Buffer
	for i := range n {
		changes := fmt.Sprintf(`eventTime="2026-03-01T%02d:%02d:%02dZ" requestID="%016x-%016x" eventID="%016x-%016x" sourceIPAddress="203.0.113.%d" eventName="%s"`,
			g.Intn(24), g.Intn(60), g.Intn(60), g.Uint64(), g.Uint64(), g.Uint64(), g.Uint64(), g.Intn(256),
			[]string{"DescribeInstances", "GetObject", "AssumeRole", "ListBuckets", "Decrypt", "PutMetricData"}[g.Intn(6)])
		if i%50 == 0 {
			c := cis[g.Intn(len(cis))]
			changes = c.hit[g.Intn(len(c.hit))]
		}
		e := changed(tb, changes)
		events = append(events, e)
		file.Write(e)
		file.WriteByte('\n')
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(file.Bytes())
	w.Close()
	return events, file.Bytes(), out.Bytes()
}

func reportEvents(b *testing.B, perOp int) {
	b.ReportMetric(float64(perOp)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkSet runs all CIS patterns over each event.
func BenchmarkSet(b *testing.B) {
	set := NewSet(cisPatterns(b))
	events, raw, _ := trailFile(b, 2000)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	var hits []int
	for b.Loop() {
		for _, e := range events {
			hits, _ = set.Match(e, hits)
		}
	}
	reportEvents(b, len(events))
}

// BenchmarkInflate is the floor: reading the same records from gzip.
func BenchmarkInflate(b *testing.B) {
	_, raw, zipped := trailFile(b, 2000)
	b.SetBytes(int64(len(raw)))
	buf := make([]byte, len(raw))
	for b.Loop() {
		inflate(b, zipped, buf)
	}
	reportEvents(b, 2000)
}

// BenchmarkInflateAndSet must not be slower than half of BenchmarkInflate.
func BenchmarkInflateAndSet(b *testing.B) {
	set := NewSet(cisPatterns(b))
	_, raw, zipped := trailFile(b, 2000)
	b.SetBytes(int64(len(raw)))
	buf := make([]byte, len(raw))
	var hits []int
	for b.Loop() {
		inflate(b, zipped, buf)
		for rest := buf; len(rest) > 0; {
			n := bytes.IndexByte(rest, '\n')
			hits, _ = set.Match(rest[:n], hits)
			rest = rest[n+1:]
		}
	}
	reportEvents(b, 2000)
}

var inflater gzip.Reader

func inflate(b *testing.B, zipped, buf []byte) {
	if err := inflater.Reset(bytes.NewReader(zipped)); err != nil {
		b.Fatal(err)
	}
	if _, err := io.ReadFull(&inflater, buf); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDecode decodes the events with encoding/json and does nothing else.
func BenchmarkDecode(b *testing.B) {
	events, raw, _ := trailFile(b, 200)
	b.SetBytes(int64(len(raw)))
	for b.Loop() {
		for _, e := range events {
			var v any
			if err := json.Unmarshal(e, &v); err != nil {
				b.Fatal(err)
			}
		}
	}
}
