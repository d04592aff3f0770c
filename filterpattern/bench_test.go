package filterpattern

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// trailFile makes CloudTrail records of about 1.3 KB, each with its own ids, one in
// fifty about a control, and their gzip.
func trailFile(tb testing.TB, n int) (events [][]byte, raw, zipped []byte) {
	tb.Helper()
	g := rand.New(rand.NewSource(3))
	pick := func(s ...string) string { return s[g.Intn(len(s))] }
	id := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[g.Intn(32)]
		}
		return string(b)
	}
	uuid := func() string {
		return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", g.Uint32(), g.Intn(1<<16), g.Intn(1<<16), g.Intn(1<<16), g.Int63n(1<<48))
	}
	var accounts, roles []string
	for range 12 {
		accounts = append(accounts, fmt.Sprintf("%012d", g.Int63n(1e12)))
		roles = append(roles, strings.ToLower(id(4+g.Intn(12))))
	}
	var file bytes.Buffer
	for i := range n {
		account, role, key := pick(accounts...), pick(roles...), id(16)
		second := func() string { return fmt.Sprintf("2026-03-01T%02d:%02d:%02dZ", g.Intn(24), g.Intn(60), g.Intn(60)) }
		changes := fmt.Sprintf(`eventTime=%q requestID=%q eventID=%q sourceIPAddress="%d.%d.%d.%d" recipientAccountId=%q awsRegion=%q`,
			second(), uuid(), uuid(), g.Intn(224), g.Intn(256), g.Intn(256), g.Intn(256), account,
			pick("eu-west-1", "us-east-1", "eu-central-1", "ap-southeast-2"))
		changes += fmt.Sprintf(` userIdentity={"type":"AssumedRole","principalId":"AROA%[1]s:%[2]s","arn":"arn:aws:sts::%[3]s:assumed-role/%[4]s/%[2]s",`+
			`"accountId":"%[3]s","accessKeyId":"ASIA%[5]s","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA%[1]s",`+
			`"arn":"arn:aws:iam::%[3]s:role/%[4]s","accountId":"%[3]s","userName":"%[4]s"},"attributes":{"creationDate":"%[6]s","mfaAuthenticated":"false"}}}`,
			key, "i-"+strings.ToLower(id(17)), account, role, id(16), second())
		service := pick("ec2", "s3", "sts", "kms", "monitoring", "ssm", "lambda")
		changes += fmt.Sprintf(` eventSource="%s.amazonaws.com" eventName="%s%s"`, service, pick("Describe", "List", "Get", "Put"), pick("Instances", "Parameters", "Objects", "Keys", "MetricData"))
		changes += fmt.Sprintf(` requestParameters={"%s":"%s","filterSet":{"items":[{"name":"tag:%s","valueSet":{"items":[{"value":"%s"}]}}]},"maxResults":%d}`,
			pick("bucketName", "keyId", "functionName"), uuid(), id(5), id(9), g.Intn(1000))
		changes += fmt.Sprintf(` userAgent="%s/%d.%d.%d %s"`, pick("aws-cli", "Boto3", "aws-sdk-go-v2", "APN/1.0 HashiCorp/1.0 Terraform"), g.Intn(3), g.Intn(40), g.Intn(100),
			pick("md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.8", "os/linux lang/go#1.22.3 md/GOOS#linux md/GOARCH#arm64 api/ssm#1.50.1", "(+https://www.terraform.io) exec-env/CI"))
		if i%50 == 0 {
			c := cis[g.Intn(len(cis))]
			changes += " " + c.hit[g.Intn(len(c.hit))]
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
