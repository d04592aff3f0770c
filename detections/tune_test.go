package detections

import (
	"strings"
	"testing"
	"time"
)

func ptr[T any](v T) *T { return &v }

func TestTune(t *testing.T) {
	today := time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		entry Detection
		t     Tuning
		err   string // a part of it; "" for none
	}{
		{"nothing", rootUsage, Tuning{}, ""},
		{"threshold", unauthorizedAPICalls, Tuning{Threshold: ptr(10.0)}, ""},
		{"period", unauthorizedAPICalls, Tuning{Period: ptr(900)}, ""},
		{"three of five", unauthorizedAPICalls, Tuning{EvaluationPeriods: ptr(5), DatapointsToAlarm: ptr(3)}, ""},
		{"fewer periods", heartbeat, Tuning{EvaluationPeriods: ptr(2)}, ""},
		{"pattern", rootUsage, Tuning{Pattern: `{ $.userIdentity.type = "Root" }`}, ""},
		{"one pattern for two, then a threshold", securityGroupChanges, Tuning{Pattern: securityGroupChanges.Filters[1].Pattern, Threshold: ptr(5.0)}, ""},
		{"mute until today", rootUsage, Tuning{Mute: &Mute{"ceremony", "2026-03-01"}}, ""},

		{"overlap", securityGroupChanges, Tuning{Threshold: ptr(2.0)}, "security-group-changes: threshold 2 with GreaterThanOrEqualToThreshold needs more than one event, but its 2 filters overlap"},
		{"no events at all", rootUsage, Tuning{Threshold: ptr(0.0)}, "breached without any event"},
		{"half a minute", rootUsage, Tuning{Period: ptr(30)}, "root-usage: period is 30 seconds; it has to be a multiple of 60"},
		{"odd period", rootUsage, Tuning{Period: ptr(90)}, "multiple of 60"},
		{"too many datapoints", rootUsage, Tuning{DatapointsToAlarm: ptr(2)}, "datapoints to alarm are 2; it takes 1 to 1"},
		{"no periods", rootUsage, Tuning{EvaluationPeriods: ptr(0)}, "evaluation periods are 0"},
		{"more than a day", rootUsage, Tuning{EvaluationPeriods: ptr(289)}, "more than CloudWatch evaluates"},
		{"more than seven days", rootUsage, Tuning{Period: ptr(86_400), EvaluationPeriods: ptr(8)}, "more than CloudWatch evaluates"},
		{"pattern of a metric of AWS", heartbeat, Tuning{Pattern: "x"}, "heartbeat: pattern: the alarm stands on the metric IncomingLogEvents"},
		{"mute without reason", rootUsage, Tuning{Mute: &Mute{"", "2027-01-01"}}, "root-usage: mute: reason is empty"},
		{"mute without day", rootUsage, Tuning{Mute: &Mute{"ceremony", "tomorrow"}}, `until is "tomorrow"`},
		{"mute expired", rootUsage, Tuning{Mute: &Mute{"ceremony", "2026-02-28"}}, "root-usage: mute: it expired after 2026-02-28 (reason: ceremony)"},
	} {
		before := c.entry.Alarm
		got, err := c.entry.Tune(c.t, today)
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: error %v, want %s", c.name, err, c.err)
		}
		if c.entry.Alarm != before || c.entry.Muted != nil {
			t.Errorf("%s: the entry itself was changed", c.name)
		}
		if err == nil && c.t.Threshold != nil && got.Alarm.Threshold != *c.t.Threshold {
			t.Errorf("%s: threshold is %v", c.name, got.Alarm.Threshold)
		}
		if err == nil && c.t.Mute != nil && (got.Muted == nil || *got.Muted != *c.t.Mute) {
			t.Errorf("%s: muted is %v", c.name, got.Muted)
		}
	}
	got, err := heartbeat.Tune(Tuning{EvaluationPeriods: ptr(2)}, today)
	if err != nil || got.Alarm.DatapointsToAlarm != 2 {
		t.Errorf("fewer periods leave %d datapoints to alarm, error %v", got.Alarm.DatapointsToAlarm, err)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	many := make([]Detection, MaxFilters+1)
	for i := range many {
		name := "M" + strings.Repeat("x", i)
		many[i] = Detection{ID: name, Filters: []Filter{{name, "{ $.a = 1 }"}}, Metric: counted(name), Alarm: eachEvent}
	}
	regexes := make([]Detection, MaxRegexPatterns+1)
	for i := range regexes {
		regexes[i] = many[i]
		regexes[i].Filters = []Filter{{many[i].ID, "{ $.a = %x+% }"}}
	}
	one := many[0]
	broken := one
	broken.Filters = []Filter{{"M", "{ $.a == 1 }"}}
	second := many[1]
	second.Filters = one.Filters
	for _, c := range []struct {
		name    string
		entries []Detection
		err     string
	}{
		{"pattern", []Detection{broken}, "M: filter M: "},
		{"placeholder", []Detection{trailDemoted}, "trail-demoted: filter TrailDemoted still holds the placeholder ${TrailName}"},
		{"id twice", []Detection{one, one}, "M: there are two entries of this id"},
		{"filter twice", []Detection{one, second}, "Mx: filter M has the name of a filter of M"},
		{"filters", many, "101 metric filters are more than the 100"},
		{"regular expressions", regexes, "6 patterns hold regular expressions, more than the 5"},
	} {
		if err := Check(c.entries); err == nil || !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %s", c.name, err, c.err)
		}
	}
}
