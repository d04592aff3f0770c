package drill

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/trailkeep/trailkeep/detections"
)

// corpus is log files as CloudTrail delivers them: some fifty records a file,
// with ids, addresses and times of their own, one in fifty of interest to an
// alarm.
func corpus(b *testing.B, files int) (dir string, raw int64, events int) {
	b.Helper()
	dir = b.TempDir()
	x := uint64(88172645463325252)
	next := func() uint64 { x ^= x << 13; x ^= x >> 7; x ^= x << 17; return x }
	calls := [][2]string{{"ec2", "DescribeInstances"}, {"s3", "ListBuckets"}, {"sts", "AssumeRole"}, {"kms", "Decrypt"}, {"iam", "GetRole"},
		{"logs", "DescribeLogGroups"}, {"ec2", "RunInstances"}, {"lambda", "ListFunctions"}, {"monitoring", "GetMetricData"}, {"ec2", "CreateSecurityGroup"}}
	for i := range files {
		var text strings.Builder
		text.WriteString(`{"Records":[`)
		for k := range 53 {
			if k > 0 {
				text.WriteByte(',')
			}
			c := calls[next()%9]
			if next()%50 == 0 {
				c = calls[9]
			}
			fmt.Fprintf(&text, `{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROA%016X:session-%d","arn":"arn:aws:sts::111122223333:assumed-role/role-%d/session-%d","accountId":"111122223333","accessKeyId":"ASIA%016X","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA%016X","arn":"arn:aws:iam::111122223333:role/role-%d","accountId":"111122223333","userName":"role-%d"},"attributes":{"creationDate":"2026-03-01T09:12:44Z","mfaAuthenticated":"false"}}},"eventTime":"2026-03-%02dT%02d:%02d:%02dZ","eventSource":"%s.amazonaws.com","eventName":"%s","awsRegion":"eu-central-1","sourceIPAddress":"203.0.113.%d","userAgent":"aws-cli/2.22.7 md/awscrt#0.22.0 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.12.6","requestParameters":{"filterSet":{"items":[{"name":"tag:Name","valueSet":{"items":[{"value":"web-%d"}]}}]},"maxResults":%d},"responseElements":null,"requestID":"%08x-%04x-%04x-%04x-%012x","eventID":"%08x-%04x-%04x-%04x-%012x","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"%s.eu-central-1.amazonaws.com"}}`,
				next(), k, next()%40, k, next(), next(), next()%40, next()%40, 1+i%28, i%24, i%60, k, c[0], c[1], next()%256, next()%1000, next()%100,
				uint32(next()), uint16(next()), uint16(next()), uint16(next()), next()>>16, uint32(next()), uint16(next()), uint16(next()), uint16(next()), next()>>16, c[0])
			events++
		}
		text.WriteString(`]}`)
		raw += int64(text.Len())
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := io.WriteString(w, text.String()); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.json.gz", i)), z.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	return dir, raw, events
}

// BenchmarkReplay is every filter of the catalogue over log files, on one core;
// the measure to set beside it is BenchmarkInflate, reading and inflating alone.
func BenchmarkReplay(b *testing.B) {
	dir, raw, events := corpus(b, 400)
	all, err := detections.AllFor(detections.ExampleNames())
	if err != nil {
		b.Fatal(err)
	}
	f, err := newFilters(all)
	if err != nil {
		b.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(raw)
	for b.Loop() {
		w := newWorker(f, &Progress{})
		for _, file := range files {
			w.file(context.Background(), file)
		}
		if w.events != events || len(w.problems) > 0 {
			b.Fatalf("%d events of %d, problems %v", w.events, events, w.problems)
		}
		w.report(&Report{})
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkInflate reads and inflates the same files with one inflater that is
// used again, and does nothing else.
func BenchmarkInflate(b *testing.B) {
	dir, raw, _ := corpus(b, 400)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(raw)
	z := new(gzip.Reader)
	buf := make([]byte, 64<<10)
	for b.Loop() {
		for _, file := range files {
			data, err := os.ReadFile(file) // #nosec G304 -- written above
			if err != nil {
				b.Fatal(err)
			}
			if err := z.Reset(bytes.NewReader(data)); err != nil {
				b.Fatal(err)
			}
			for {
				if _, err := z.Read(buf); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
