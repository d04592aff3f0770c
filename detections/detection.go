package detections

import (
	"fmt"
	"strings"
)

// Namespace is where the metric filters of the catalogue put their metrics.
const Namespace = "Trailkeep"

// What a metric filter counts: 1 for each event that matches, and 0 for a minute
// in which events came in and none matched. Without the 0 a metric has no
// datapoint until something happens, and an alarm then stays in ALARM for as long
// as its evaluation range remembers the last event, silent about the next one.
const (
	MetricValue  = "1"
	DefaultValue = "0"
)

// Detection is one alarm and all that is known of it.
type Detection struct {
	// ID is in lower case with hyphens, and never reused. It names the entry's
	// file, its folder under events/ and its heading in the documentation.
	ID string
	// Title says what happened, as a person would.
	Title    string
	Severity Severity
	// Meaning is why it matters, what it does not see, and what else looks like
	// it, in a few sentences.
	Meaning string
	// Filters count events into Metric. An event that several of them match is
	// one event, though CloudWatch counts it once a filter, which is harmless
	// only with a threshold of one event. There are none where Metric is one that
	// AWS publishes itself.
	Filters  []Filter
	Metric   Metric
	Alarm    Alarm
	Controls Controls
	// Runbook is what to do when it fires, a step an element.
	Runbook []string
	// Query is the CloudWatch Logs Insights query to run next, over the log group
	// and the hours around the alarm.
	Query string
	// Muted is set by [Detection.Tune] where the alarm exists and tells nobody.
	Muted *Mute
}

// AlarmName is the name of the alarm in CloudWatch. The entry that watches the
// alarms themselves knows them by its prefix.
func (d Detection) AlarmName() string { return AlarmPrefix + d.ID }

// AlarmPrefix begins the name of every alarm of the catalogue.
const AlarmPrefix = "trailkeep-"

// Description is the alarm's description, which stands in its notification:
// what happened, how grave it is, the first thing to do, and where the rest is
// written. runbook is the address of the catalogue's page, "" for none. It is at
// most 1,024 characters, as PutMetricAlarm allows (AlarmDescription).
func (d Detection) Description(runbook string) string {
	text := fmt.Sprintf("[%s] %s.", strings.ToUpper(string(d.Severity)), d.Title)
	if len(d.Runbook) > 0 {
		text += " First: " + d.Runbook[0]
	}
	link := ""
	if runbook != "" {
		link = " Runbook: " + runbook + "#" + d.ID
	}
	const most = 1024
	if r := []rune(text); len(r)+len([]rune(link)) > most {
		text = string(r[:most-len([]rune(link))-1]) + "…"
	}
	return text + link
}

// Severity orders alarms by how soon a person has to look.
type Severity string

// The severities, gravest first.
const (
	Critical Severity = "critical" // at once, at any hour: the audit trail or root is at stake
	High     Severity = "high"     // within the hour
	Medium   Severity = "medium"   // within the day
	Low      Severity = "low"      // when there is time; wakes nobody
)

// Severities lists the severities, gravest first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low} }

// Filter is one metric filter on the trail's log group.
type Filter struct {
	// Name is the filter's name. The first filter of an entry is named like its
	// metric: some checkers look for the alarm by the filter's name.
	Name string
	// Pattern is a CloudWatch Logs filter pattern. It may hold the placeholders
	// of [Names].
	Pattern string
}

// Metric is what an alarm watches.
type Metric struct {
	Namespace string
	Name      string
	// Dimensions are those of a metric that AWS publishes; a value may hold the
	// placeholders of [Names]. Metric filters with a default value have none.
	Dimensions map[string]string
}

// Alarm is the settings of a CloudWatch metric alarm, in the terms of
// PutMetricAlarm. The evaluation window is the default, a sliding one.
type Alarm struct {
	Period            int // seconds, a multiple of 60
	EvaluationPeriods int
	DatapointsToAlarm int // breaching periods among EvaluationPeriods
	Threshold         float64
	Comparison        Comparison
	MissingData       MissingData
}

// Statistic is what all alarms of the catalogue make of the datapoints of a
// period: they count events.
const Statistic = "Sum"

// Comparison is PutMetricAlarm's ComparisonOperator.
type Comparison string

// The comparisons that the catalogue uses.
const (
	GreaterThanOrEqualToThreshold Comparison = "GreaterThanOrEqualToThreshold"
	GreaterThanThreshold          Comparison = "GreaterThanThreshold"
	LessThanThreshold             Comparison = "LessThanThreshold"
	LessThanOrEqualToThreshold    Comparison = "LessThanOrEqualToThreshold"
)

// Breaches reports whether a datapoint is on the wrong side of the threshold.
func (c Comparison) Breaches(value, threshold float64) bool {
	switch c {
	case GreaterThanOrEqualToThreshold:
		return value >= threshold
	case GreaterThanThreshold:
		return value > threshold
	case LessThanThreshold:
		return value < threshold
	case LessThanOrEqualToThreshold:
		return value <= threshold
	}
	return false
}

// MissingData is PutMetricAlarm's TreatMissingData.
type MissingData string

// The treatments of missing data.
const (
	NotBreaching MissingData = "notBreaching"
	Breaching    MissingData = "breaching"
	Ignore       MissingData = "ignore"
	Missing      MissingData = "missing"
)

// eachEvent is the setting that the CIS benchmark asks of its alarms: one event
// in five minutes is enough.
var eachEvent = Alarm{
	Period:            300,
	EvaluationPeriods: 1,
	DatapointsToAlarm: 1,
	Threshold:         1,
	Comparison:        GreaterThanOrEqualToThreshold,
	MissingData:       NotBreaching,
}

// counted is the metric of an entry's own filters.
func counted(name string) Metric { return Metric{Namespace: Namespace, Name: name} }

// Controls are the requirements that an entry answers.
type Controls struct {
	// CIS is the number of the recommendation in the CIS AWS Foundations
	// Benchmark as v1.4 to v5.0 count, such as "4.3"; see [Controls.CISIn].
	CIS string
	// SecurityHub are control ids of AWS Security Hub, such as "CloudWatch.1".
	SecurityHub []string
	// ATTACK are techniques of MITRE ATT&CK for Enterprise (v16), such as
	// "T1562.008"; only those that the event by itself is an instance of.
	ATTACK []string
}

// CISVersions are the versions of the benchmark that the catalogue numbers.
func CISVersions() []string {
	return []string{"1.4", "1.5", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0"}
}

// CISIn returns the number of the recommendation in a version of the benchmark,
// "" where the entry answers none. Version 6.0 moved the monitoring section from
// 4 to 5.
func (c Controls) CISIn(version string) string {
	number, ok := strings.CutPrefix(c.CIS, "4.")
	if !ok {
		return ""
	}
	switch version {
	case "6.0", "7.0":
		return "5." + number
	}
	return c.CIS
}
