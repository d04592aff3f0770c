package drill

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailkeep/trailkeep/detections"
)

// Runbook is where the catalogue's page stands, as notifications link it.
const Runbook = "https://github.com/trailkeep/trailkeep/blob/main/docs/detections.md"

// Notification is what CloudWatch publishes to the alarm's topic. SNS sends
// Subject and Body as they are to queues and https, and the same facts in
// sentences as an e-mail.
type Notification struct {
	Subject string          `json:"subject"`
	Body    json.RawMessage `json:"body"`
}

// The place that drilled alarms say they are in.
const (
	drillRegion     = "eu-central-1"
	drillRegionName = "EU (Frankfurt)"
)

// notification is the message on a transition into ALARM: the JSON that
// CloudWatch writes, less the times and actions of a deployed alarm.
type notification struct {
	AlarmName        string
	AlarmDescription string
	AWSAccountID     string `json:"AWSAccountId"`
	NewStateValue    State
	NewStateReason   string
	StateChangeTime  string
	Region           string
	AlarmARN         string `json:"AlarmArn"`
	OldStateValue    State
	Trigger          trigger
}

type trigger struct {
	MetricName         string
	Namespace          string
	StatisticType      string
	Statistic          string
	Unit               *string
	Dimensions         []dimension
	Period             int
	EvaluationPeriods  int
	DatapointsToAlarm  int
	ComparisonOperator detections.Comparison
	Threshold          float64
	TreatMissingData   detections.MissingData
}

type dimension struct {
	Value string `json:"value"`
	Name  string `json:"name"`
}

func notify(d detections.Detection, account string, t transition) (*Notification, error) {
	n := notification{
		AlarmName:        d.AlarmName(),
		AlarmDescription: d.Description(Runbook),
		AWSAccountID:     account,
		NewStateValue:    t.To,
		NewStateReason:   t.Reason,
		StateChangeTime:  t.At.UTC().Format("2006-01-02T15:04:05.000+0000"),
		Region:           drillRegionName,
		AlarmARN:         fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", drillRegion, account, d.AlarmName()),
		OldStateValue:    t.From,
		Trigger: trigger{
			MetricName: d.Metric.Name, Namespace: d.Metric.Namespace,
			StatisticType: "Statistic", Statistic: strings.ToUpper(detections.Statistic),
			Dimensions: []dimension{},
			Period:     d.Alarm.Period, EvaluationPeriods: d.Alarm.EvaluationPeriods, DatapointsToAlarm: d.Alarm.DatapointsToAlarm,
			ComparisonOperator: d.Alarm.Comparison, Threshold: d.Alarm.Threshold, TreatMissingData: d.Alarm.MissingData,
		},
	}
	for name, value := range d.Metric.Dimensions {
		n.Trigger.Dimensions = append(n.Trigger.Dimensions, dimension{value, name})
	}
	slices.SortFunc(n.Trigger.Dimensions, func(a, b dimension) int { return strings.Compare(a.Name, b.Name) })
	body, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	return &Notification{Subject: fmt.Sprintf("%s: %q in %s", t.To, d.AlarmName(), drillRegionName), Body: body}, nil
}

// clock writes a time as the drill's tables show it.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }
