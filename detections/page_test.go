package detections

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/detections.md anew")

func TestPageIsUpToDate(t *testing.T) {
	const path = "../docs/detections.md"
	got, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil { // #nosec G306 -- a page to read
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is out of date; run go generate ./detections (-want +got):\n%s", path, diff)
	}
}

// What a link in a notification leads to is there.
func TestPageHasEveryHeading(t *testing.T) {
	page, err := Page()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range All() {
		if !strings.Contains(page, "\n### "+d.ID+"\n") {
			t.Errorf("the page has no heading %s", d.ID)
		}
	}
}

func TestAlarmSentence(t *testing.T) {
	for _, c := range []struct {
		a    Alarm
		want string
	}{
		{eachEvent, "as soon as one event comes (within 5 minutes)"},
		{consoleBruteForce.Alarm, "when more than 5 events come within 5 minutes"},
		{unauthorizedAPICallsExact.Alarm, "when 25 events or more come within 5 minutes"},
		{heartbeat.Alarm, "when no event comes within 5 minutes, in 3 of the last 3 such periods"},
		{Alarm{Period: 60, EvaluationPeriods: 1, Threshold: 2, Comparison: LessThanThreshold}, "when fewer than 2 events come within a minute"},
		{Alarm{Period: 120, EvaluationPeriods: 1, Threshold: 2, Comparison: LessThanOrEqualToThreshold}, "when 2 events or fewer come within 2 minutes"},
	} {
		if got := c.a.sentence(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.a, got, c.want)
		}
	}
}

func TestCISIn(t *testing.T) {
	for version, want := range map[string]string{"1.4": "4.3", "5.0": "4.3", "6.0": "5.3", "7.0": "5.3"} {
		if got := rootUsage.Controls.CISIn(version); got != want {
			t.Errorf("root usage is %s in v%s, want %s", got, version, want)
		}
	}
	if got := heartbeat.Controls.CISIn("7.0"); got != "" {
		t.Errorf("the heartbeat is %s, which the benchmark does not have", got)
	}
}
