package detections

import (
	"strings"
	"testing"
)

func TestForPutsNamesIn(t *testing.T) {
	d, err := trailDemoted.For(ExampleNames())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"*organization-trail"`, `"example-organization-trail-logs"`, `"*:log-group:/aws/cloudtrail/organization-trail:*"`} {
		if !strings.Contains(d.Filters[0].Pattern, want) {
			t.Errorf("%s is not in %s", want, d.Filters[0].Pattern)
		}
	}
	if !strings.Contains(trailDemoted.Filters[0].Pattern, "${TrailName}") {
		t.Error("the catalogue's own entry was changed")
	}
	h, err := heartbeat.For(ExampleNames())
	if err != nil || h.Metric.Dimensions["LogGroupName"] != "/aws/cloudtrail/organization-trail" || heartbeat.Metric.Dimensions["LogGroupName"] != "${LogGroup}" {
		t.Errorf("dimensions %v, of the catalogue %v, error %v", h.Metric.Dimensions, heartbeat.Metric.Dimensions, err)
	}
}

func TestForRefusesNames(t *testing.T) {
	for name, change := range map[string]func(*Names){
		"empty":     func(n *Names) { n.TrailName = "" },
		"a quote":   func(n *Names) { n.LogBucket = `logs" || $.eventName = "*` },
		"wildcard":  func(n *Names) { n.LogBucket = "logs*" },
		"backslash": func(n *Names) { n.LogGroup = `a\b` },
	} {
		n := ExampleNames()
		change(&n)
		if _, err := trailDemoted.For(n); err == nil || !strings.Contains(err.Error(), "trail-demoted: filter TrailDemoted: the name ") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	wrong := Detection{ID: "x", Query: "${Nothing}"}
	if _, err := wrong.For(ExampleNames()); err == nil || !strings.Contains(err.Error(), "there is no name ${Nothing}; allowed are AuditAccount,") {
		t.Errorf("error is %v", err)
	}
}

// A name of the topic's and the alarms' that the patterns know is what the
// catalogue itself gives.
func TestAlarmPrefixInPattern(t *testing.T) {
	if !strings.Contains(alarmChanges.Filters[0].Pattern, `"`+AlarmPrefix+`*"`) {
		t.Errorf("the pattern does not know alarms by %s: %s", AlarmPrefix, alarmChanges.Filters[0].Pattern)
	}
}
