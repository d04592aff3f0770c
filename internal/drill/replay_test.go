package drill

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailkeep/trailkeep/detections"
)

// call is a record of a call by a role, at a clock time of one day.
func call(role, source, name, at string) string {
	return fmt.Sprintf(`{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROA:s","arn":"arn:aws:sts::111122223333:assumed-role/%s/session-%s","accountId":"111122223333","sessionContext":{"sessionIssuer":{"type":"Role","userName":"%s"}}},"eventTime":"2026-03-01T%sZ","eventSource":"%s.amazonaws.com","eventName":"%s","awsRegion":"eu-central-1","recipientAccountId":"111122223333","eventID":"%s"}`,
		role, at, role, at, source, name, at)
}

func records(texts ...string) string { return `{"Records":[` + strings.Join(texts, ",") + `]}` }

func compressed(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		raw := []byte(text)
		if strings.HasSuffix(name, ".gz") {
			raw = compressed(t, text)
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func replay(t testing.TB, paths ...string) *Report {
	t.Helper()
	r, err := Replay(context.Background(), paths, detections.All(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *Report) of(id string) Outcome {
	for _, o := range r.Alarms {
		if o.ID == id {
			return o
		}
	}
	return Outcome{}
}

func TestReplaySaysHowOftenByWhomAndWhen(t *testing.T) {
	dir := t.TempDir()
	var busy []string
	for i := range 41 {
		role := "deploy"
		if i%14 == 13 {
			role = "people"
		}
		busy = append(busy, call(role, "iam", "PutRolePolicy", fmt.Sprintf("%02d:%02d:31", i/4, i%4*15)))
		// Something arrives every minute, for the heartbeat.
		for m := range 15 {
			busy = append(busy, call("reader", "ec2", "DescribeInstances", fmt.Sprintf("%02d:%02d:05", i/4, i%4*15+m)))
		}
	}
	put(t, dir, map[string]string{
		"a.json.gz":                records(busy[:200]...),
		"2026/03/01/b.json":        records(busy[200:400]...),
		"2026/03/01/c.JSON":        strings.Join(busy[400:], "\n"),
		"README.md":                "not a log",
		"one.json":                 call("deploy", "cloudtrail", "StopLogging", "05:00:00"),
		"CloudTrail-Digest/d.json": `{"awsAccountId":"111122223333","digestStartTime":"2026-03-01T00:00:00Z","digestEndTime":"2026-03-01T01:00:00Z","digestS3Bucket":"b","digestS3Object":"o","logFiles":[]}`,
	})
	r := replay(t, dir)
	if len(r.Problems) > 0 || r.Files != 5 || r.Skipped != 1 || r.Events != len(busy)+1 {
		t.Errorf("files %d, skipped %d, events %d of %d, problems %v", r.Files, r.Skipped, r.Events, len(busy)+1, r.Problems)
	}
	o := r.of("iam-policy-changes")
	if len(o.Fired) != 41 || o.Events != 41 {
		t.Errorf("fired %d times on %d events, want 41 and 41", len(o.Fired), o.Events)
	}
	want := []Actor{{"role deploy (111122223333)", 39, 39}, {"role people (111122223333)", 2, 2}}
	if diff := cmp.Diff(want, o.By); diff != "" {
		t.Errorf("actors (-want +got):\n%s", diff)
	}
	if got := o.sentence(); got != "41 times, 39 of them role deploy (111122223333)" {
		t.Errorf("sentence is %q", got)
	}
	if at := o.Fired[1].At.Format("15:04"); at != "00:16" || len(o.Fired[1].By) != 1 || o.Fired[1].Events != 1 {
		t.Errorf("the second firing is at %s: %+v", at, o.Fired[1])
	}
	stopped := r.of("trail-stopped")
	if len(stopped.Fired) != 1 || stopped.Fired[0].At.Format("15:04") != "05:01" {
		t.Errorf("trail-stopped: %+v", stopped.Fired)
	}
	if beat := r.of("heartbeat"); len(beat.Fired) != 0 {
		t.Errorf("the heartbeat fired: %+v", beat.Fired)
	}
	if len(r.LeftOut) == 0 || r.of("log-bucket-changes").ID != "" {
		t.Errorf("left out are %v", r.LeftOut)
	}
}

// Silence within the time of the files is noticed, before and after it is not.
func TestReplayHeartbeat(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"a.json": records(
		call("r", "ec2", "DescribeVpcs", "10:00:00"), call("r", "ec2", "DescribeVpcs", "10:20:00"),
		call("r", "ec2", "DescribeVpcs", "12:00:00"))})
	r := replay(t, dir)
	beat := r.of("heartbeat")
	if len(beat.Fired) != 1 || beat.Fired[0].At.Format("15:04") != "10:46" {
		t.Errorf("the heartbeat fired %+v, want once, 25 minutes after 10:20", beat.Fired)
	}
}

// An event that two filters of an alarm match is one event.
func TestReplayCountsEventsNotMatches(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"a.json": records(call("r", "ec2", "CreateSecurityGroup", "10:00:00"))})
	if o := replay(t, dir).of("security-group-changes"); o.Events != 1 || len(o.Fired) != 1 || o.Fired[0].Events != 1 {
		t.Errorf("%+v, want one event", o)
	}
}

func TestReplayNamesWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	good := call("r", "cloudtrail", "StopLogging", "10:00:00")
	huge := strings.Replace(good, `"awsRegion"`, `"requestParameters":{"x":"`+strings.Repeat("x", maxEvent)+`"},"awsRegion"`, 1)
	deep := strings.Replace(good, `"awsRegion"`, `"requestParameters":`+strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)+`,"awsRegion"`, 1)
	put(t, dir, map[string]string{
		"broken.json":    records(good, strings.Replace(good, `"eventSource":`, `"eventSource"`, 1), good),
		"cut.json":       records(good, good)[:700],
		"deep.json":      records(good, deep, good),
		"empty.json":     "",
		"huge.json":      records(good, huge, good),
		"notgzip.json":   "\x1f\x8bno gzip at all",
		"other.json":     `{"Records":[{"s3":{"object":{"key":"x"}}},` + good + `]}`,
		"text.json":      "hello, world\n",
		"time.json":      records(strings.Replace(good, "2026-03-01T10:00:00Z", "yesterday", 1), good),
		"february.json":  records(strings.Replace(good, "2026-03-01", "2026-02-30", 1), good),
		"array.json":     `[` + good + `,17,"x",null,` + good + `]`,
		"truncated.json": "",
	})
	whole := compressed(t, records(good, good))
	if err := os.WriteFile(filepath.Join(dir, "truncated.json"), whole[:len(whole)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "appended.json"), append(compressed(t, records(good)), whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	r := replay(t, dir)
	found := map[string][]Problem{}
	for _, p := range r.Problems {
		name := filepath.Base(p.File)
		found[name] = append(found[name], p)
	}
	for name, want := range map[string]struct {
		record  int
		message string
	}{
		"broken.json":    {2, "not JSON"},
		"cut.json":       {0, "unexpected EOF"},
		"deep.json":      {2, "nests arrays and objects deeper than"},
		"empty.json":     {0, "the file is empty"},
		"huge.json":      {2, "sends none over 256 KB to CloudWatch Logs"},
		"notgzip.json":   {0, "gzip"},
		"other.json":     {1, "not a CloudTrail record"},
		"text.json":      {0, "found 'h' where a JSON object is expected"},
		"time.json":      {1, "eventTime is no time"},
		"february.json":  {1, "eventTime is no time"},
		"appended.json":  {0, "data follows the end of the gzip stream"},
		"array.json":     {2, "not a CloudTrail record"},
		"truncated.json": {0, "unexpected EOF"},
	} {
		ok := false
		for _, p := range found[name] {
			ok = ok || strings.Contains(p.Message, want.message) && (want.record == 0 || p.Record == want.record)
		}
		if !ok {
			t.Errorf("%s: problems %+v, want record %d: … %s …", name, found[name], want.record, want.message)
		}
	}
	// What stands beside the broken records was read.
	if o := r.of("trail-stopped"); o.Events < 11 {
		t.Errorf("only %d of the good records were read", o.Events)
	}
}

// The report depends neither on the number of goroutines nor on how records are
// spread over files.
func TestReplayIsDeterministic(t *testing.T) {
	var all []string
	for i := range 400 {
		name := []string{"PutRolePolicy", "DescribeVpcs", "CreateVpc", "StopLogging"}[i%4]
		all = append(all, call(fmt.Sprintf("role%d", i%7), []string{"iam", "ec2", "ec2", "cloudtrail"}[i%4], name, fmt.Sprintf("%02d:%02d:%02d", i/20, i%60, i%60)))
	}
	all = append(all, `{"x":1}`)
	one, many := t.TempDir(), t.TempDir()
	put(t, one, map[string]string{"all.json": records(all...)})
	for i, text := range all {
		put(t, many, map[string]string{fmt.Sprintf("%03d.json.gz", i): records(text)})
	}
	strip := func(r *Report) *Report {
		r.Files = 0
		for i := range r.Problems {
			r.Problems[i].File, r.Problems[i].Record, r.Problems[i].Message = "", 0, ""
		}
		return r
	}
	want := strip(replay(t, one))
	for range 3 {
		if diff := cmp.Diff(want, strip(replay(t, many))); diff != "" {
			t.Fatalf("(-one file +many files):\n%s", diff)
		}
	}
}

// Memory does not grow with the number of files.
func TestReplayMemoryIsFlat(t *testing.T) {
	dir := t.TempDir()
	text := records(call("r", "iam", "PutRolePolicy", "10:00:00"), call("r", "ec2", "DescribeVpcs", "10:01:00"))
	put(t, dir, map[string]string{"few/0.json": text, "many/0.json": text})
	link := func(of string, n int) string {
		for i := 1; i < n; i++ {
			if err := os.Link(filepath.Join(dir, of, "0.json"), filepath.Join(dir, of, fmt.Sprintf("%d.json", i))); err != nil {
				t.Fatal(err)
			}
		}
		return filepath.Join(dir, of)
	}
	few, many := link("few", 300), link("many", 6000)
	f, err := newFilters(slices.DeleteFunc(detections.All(), detections.Detection.NeedsNames))
	if err != nil {
		t.Fatal(err)
	}
	// held is what a worker still holds after the last file.
	held := func(dir string, events int) int64 {
		files, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w := newWorker(f, &Progress{})
		for _, file := range files {
			w.file(context.Background(), file)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if w.events != events {
			t.Errorf("%d events, want %d", w.events, events)
		}
		runtime.KeepAlive(w)
		return int64(after.HeapAlloc) - int64(before.HeapAlloc)
	}
	held(few, 600) // what is made once
	small, large := held(few, 600), held(many, 12_000)
	if large > small+1<<18 {
		t.Errorf("20 times the files hold %d bytes, %d more", large, large-small)
	}
}

func TestReplayPaths(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"logs/a.json": records(call("r", "ec2", "CreateVpc", "10:00:00")), "logs/b.log": records(call("r", "ec2", "CreateVpc", "11:00:00"))})
	logs := filepath.Join(dir, "logs")
	for name, c := range map[string]struct {
		paths  []string
		events int
	}{
		"a directory":                         {[]string{logs}, 1},
		"twice":                               {[]string{logs, logs + "/"}, 1},
		"a file of it":                        {[]string{filepath.Join(logs, "a.json"), logs}, 1},
		"above it":                            {[]string{logs, dir}, 1},
		"a file of another name, by its name": {[]string{logs, filepath.Join(logs, "b.log")}, 2},
	} {
		if r := replay(t, c.paths...); r.Events != c.events {
			t.Errorf("%s: %d events, want %d", name, r.Events, c.events)
		}
	}
	if _, err := Replay(context.Background(), []string{filepath.Join(dir, "nowhere")}, detections.All(), nil); err == nil {
		t.Error("a path that is not there is no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Replay(ctx, []string{logs}, detections.All(), nil); err == nil {
		t.Error("a cancelled replay gives a report")
	}
}

func TestReportText(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{
		"a.json": records(
			call("deploy", "ec2", "CreateVpc", "10:00:00"), call("deploy", "ec2", "DescribeVpcs", "10:06:00"),
			call("people", "ec2", "CreateVpc", "10:10:00"), call("deploy", "cloudtrail", "StopLogging", "10:11:00")),
		"b.json": "[17]",
		"c.txt":  "",
	})
	t.Chdir(dir)
	var b strings.Builder
	if err := replay(t, ".").Text(&b, false); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	want := `Read 2 files (1 file of other names passed over): 4 events from 2026-03-01 10:00 to 2026-03-01 10:11 UTC.

trail-stopped  critical: A trail was stopped or deleted
  would have fired 1 time, by role deploy (111122223333)
  at 2026-03-01 10:12
  role deploy (111122223333)  1 event

cloudtrail-changes  high: CloudTrail configuration changed
  would have fired 1 time, by role deploy (111122223333)
  at 2026-03-01 10:12
  role deploy (111122223333)  1 event

vpc-changes  low: VPC changed
  would have fired 2 times, 1 of them role deploy (111122223333)
  at 2026-03-01 10:01, 2026-03-01 10:11
  role deploy (111122223333)  1 event
  role people (111122223333)  1 event

Silent: `
	if !strings.HasPrefix(text, want) {
		t.Errorf("text is\n%s\nwant it to begin\n%s", text, want)
	}
	if !strings.Contains(text, "\n1 problem:\n  b.json: record 1: not a CloudTrail record") {
		t.Errorf("the problem is not told:\n%s", text)
	}
	if raw, err := json.Marshal(replay(t, ".")); err != nil || !json.Valid(raw) {
		t.Errorf("no JSON: %v", err)
	}
}

func TestCaller(t *testing.T) {
	for record, want := range map[string]string{
		`{"userIdentity":{"type":"Root","accountId":"1"}}`:                                                                                   "root (1)",
		`{"userIdentity":{"type":"IAMUser","accountId":"1","userName":"alice"}}`:                                                             "user alice (1)",
		`{"userIdentity":{"type":"IAMUser","accountId":"1","arn":"arn:aws:iam::1:user/team/alice"}}`:                                         "user alice (1)",
		`{"userIdentity":{"type":"AssumedRole","accountId":"1","arn":"arn:aws:sts::1:assumed-role/deploy/session"}}`:                         "role deploy (1)",
		`{"userIdentity":{"type":"AssumedRole","accountId":"1","arn":"arn:aws:sts::1:assumed-role/d/s","invokedBy":"athena.amazonaws.com"}}`: "role d by way of athena.amazonaws.com (1)",
		`{"userIdentity":{"type":"AWSService","invokedBy":"config.amazonaws.com"}}`:                                                          "service config.amazonaws.com",
		`{"userIdentity":{"type":"AWSAccount","accountId":"1"}}`:                                                                             "account 1",
		`{"userIdentity":{"type":"IdentityCenterUser","accountId":"1","userName":"a@example.com"}}`:                                          "federated user a@example.com (1)",
		`{"recipientAccountId":"1","userIdentity":{"type":"Unknown","principalId":"p"}}`:                                                     "p (1)",
		`{}`: "unknown caller",
		`{"userIdentity":{"type":"IAMUser","accountId":"1","userName":"a\u001b[2Jb\u202ec"}}`: "user a�[2Jb�c (1)",
	} {
		whole := strings.Replace(record, "{", `{"eventVersion":"1.09","eventTime":"2026-03-01T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeVpcs",`, 1)
		if got := caller([]byte(strings.Replace(whole, ",}", "}", 1))); got != want {
			t.Errorf("%s: %q, want %q", record, got, want)
		}
	}
}

// The time is found where AWS writes it, and by the decoder where it stands
// elsewhere.
func TestEventMinute(t *testing.T) {
	want := at("10:02")
	for record, ok := range map[string]bool{
		`{"eventVersion":"1","userIdentity":{"principalId":"AZZ:Z"},"eventTime":"2026-03-01T10:02:31Z","eventSource":"s","eventName":"n"}`:                                  true,
		`{"eventVersion":"1","eventSource":"s","eventName":"n","eventTime":"2026-03-01T10:02:31Z"}`:                                                                         true,
		`{"eventVersion":"1","eventTime" : "2026-03-01T10:02:31Z", "eventSource":"s","eventName":"n"}`:                                                                      true,
		`{"eventVersion":"1","eventTime":"2026-03-01T10:02:31.123Z","eventSource":"s","eventName":"n"}`:                                                                     true,
		`{"eventVersion":"1","userIdentity":{"eventTime":"2020-01-01T00:00:00Z","x":1},"eventTime":"2026-03-01T10:02:31Z","eventSource":"s","eventName":"n"}`:               true,
		`{"eventVersion":"1","userAgent":"\"eventTime\":\"2020-01-01T00:00:00Z\",\"eventSource\":\"","eventTime":"2026-03-01T10:02:31Z","eventSource":"s","eventName":"n"}`: true,
		`{"eventVersion":"1","eventTime":"2026-02-30T10:02:31Z","eventSource":"s","eventName":"n"}`:                                                                         false,
		`{"eventVersion":"1","eventTime":"2026-03-01T24:02:31Z","eventSource":"s","eventName":"n"}`:                                                                         false,
		`{"eventVersion":"1","eventTime":"Z","eventSource":"s","eventName":"n"}`:                                                                                            false,
		`{"eventVersion":"1","eventSource":"s","eventName":"n"}`:                                                                                                            false,
		`Z","eventSource":"`: false,
		``:                   false,
	} {
		got, found := eventMinute([]byte(record))
		if found != ok || ok && got != want {
			t.Errorf("%s: %v %s, want %v %s", record, found, got.time(), ok, want.time())
		}
	}
}
