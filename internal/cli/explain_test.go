package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const runInstances = `{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","principalId":"AIDACKCEVSQ6C2EXAMPLE","arn":"arn:aws:iam::123456789012:user/rahul-dev","userName":"rahul-dev"},"eventTime":"2024-11-15T10:30:15Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"ap-south-1","sourceIPAddress":"203.0.113.45","userAgent":"console.amazonaws.com","requestParameters":{"instanceType":"t2.micro"},"responseElements":{"instancesSet":{"items":[{"instanceId":"i-0abcd1234efgh5678"}]}},"eventType":"AwsApiCall","recipientAccountId":"123456789012"}`

func TestExplain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(file, []byte(runInstances), 0o600); err != nil {
		t.Fatal(err)
	}
	sentence := "On November 15, 2024 at 10:30:15 UTC, IAM user 'rahul-dev' (from 203.0.113.45, in the console) called RunInstances in Asia Pacific (Mumbai) and launched a t2.micro EC2 instance i-0abcd1234efgh5678. The call succeeded.\n"
	for name, c := range map[string]struct {
		args           []string
		stdin          string
		code           int
		stdout, stderr string // stderr: part of it
	}{
		"a file":                          {[]string{file}, "", 0, sentence, ""},
		"standard input":                  {[]string{"-"}, runInstances, 0, sentence, ""},
		"what can be read of a bad input": {[]string{"-"}, `{"Records":[{"a":1},` + runInstances + `]}`, 1, sentence, "standard input: record 1"},
		"no file":                         {nil, "", 2, "", "hint: name a file"},
		"a file that is not there":        {[]string{file + "x", file}, "", 1, sentence, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Run(append([]string{"explain"}, c.args...), strings.NewReader(c.stdin), &out, &errs)
			if code != c.code || out.String() != c.stdout || !strings.Contains(errs.String(), c.stderr) || (c.stderr == "") != (errs.Len() == 0) {
				t.Errorf("exit code %d, want %d; printed %q and %q", code, c.code, out.String(), errs.String())
			}
		})
	}
	t.Run("json", func(t *testing.T) {
		var out, errs bytes.Buffer
		if code := Run([]string{"explain", "--format", "json", file}, strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatalf("exit code %d: %s", code, errs.String())
		}
		var got struct{ Who, Outcome string }
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got.Who != "IAM user 'rahul-dev'" || got.Outcome != "succeeded" {
			t.Errorf("%v: %s", err, out.String())
		}
	})
}
