package drill

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/trailkeep/trailkeep/detections"
)

func catalogue(t testing.TB) []detections.Detection {
	t.Helper()
	all, err := detections.AllFor(detections.ExampleNames())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every alarm of the catalogue fires when it has to, and no near miss fires.
func TestProveCatalogue(t *testing.T) {
	proofs, err := Prove(catalogue(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(proofs) != len(detections.All()) {
		t.Errorf("%d proofs of %d alarms", len(proofs), len(detections.All()))
	}
	for _, p := range proofs {
		for _, c := range p.Cases {
			if c.Problem != "" {
				t.Errorf("%s: %s: %s", p.ID, c.Name, c.Problem)
			}
			if c.Fired != (c.Notification != nil) || c.Fired != (c.At != nil) {
				t.Errorf("%s: %s: fired %v, at %v, notification %v", p.ID, c.Name, c.Fired, c.At, c.Notification)
			}
		}
	}
}

// Each property of an alarm's chain is noticed when it is broken, and the
// verdict names the alarm.
func TestProveNoticesABrokenChain(t *testing.T) {
	broken := map[string]func(*detections.Detection){
		"pattern matches nothing": func(d *detections.Detection) {
			d.Filters = slices.Clone(d.Filters)
			for i := range d.Filters {
				d.Filters[i].Pattern = `{ $.eventName = "Nothing" }`
			}
		},
		"pattern matches everything": func(d *detections.Detection) {
			d.Filters = slices.Clone(d.Filters)
			for i := range d.Filters {
				d.Filters[i].Pattern = `{ $.eventName = "*" }`
			}
		},
		"threshold out of reach": func(d *detections.Detection) { d.Alarm.Threshold = 1e6 },
		"two periods needed":     func(d *detections.Detection) { d.Alarm.EvaluationPeriods, d.Alarm.DatapointsToAlarm = 2, 2 },
	}
	for name, breakIt := range broken {
		for i, d := range catalogue(t) {
			if len(d.Filters) == 0 {
				continue
			}
			all := catalogue(t)
			breakIt(&all[i])
			proofs, err := Prove(all[i : i+1])
			// What CloudWatch would count wrong is refused by the catalogue itself.
			if err != nil && !strings.HasPrefix(err.Error(), d.ID+": ") {
				t.Fatal(err)
			}
			if err == nil && proofs[0].Passed() {
				t.Errorf("%s: nothing notices that %s", d.ID, name)
			}
		}
	}
	for name, breakIt := range map[string]func(*detections.Alarm){
		"missing data treated as within the threshold": func(a *detections.Alarm) { a.MissingData = detections.NotBreaching },
		"the wrong comparison":                         func(a *detections.Alarm) { a.Comparison = detections.GreaterThanThreshold },
		"an hour's patience":                           func(a *detections.Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 12, 12 },
		"a minute's patience":                          func(a *detections.Alarm) { a.Period, a.EvaluationPeriods, a.DatapointsToAlarm = 60, 1, 1 },
	} {
		all := catalogue(t)
		heartbeat := all[len(all)-1]
		breakIt(&heartbeat.Alarm)
		proofs, err := Prove([]detections.Detection{heartbeat})
		if err != nil {
			t.Fatal(err)
		}
		if proofs[0].Passed() {
			t.Errorf("heartbeat: nothing notices %s", name)
		}
	}
	for name, change := range map[string]func(*detections.Alarm){
		"more than four":   func(a *detections.Alarm) { a.Threshold = 4 },
		"more than six":    func(a *detections.Alarm) { a.Threshold = 6 },
		"in ten minutes":   func(a *detections.Alarm) { a.Period = 600 },
		"in two minutes":   func(a *detections.Alarm) { a.Period = 120 },
		"five and no more": func(a *detections.Alarm) { a.Comparison = detections.GreaterThanOrEqualToThreshold },
	} {
		all := catalogue(t)
		i := slices.IndexFunc(all, func(d detections.Detection) bool { return d.ID == "console-brute-force" })
		change(&all[i].Alarm)
		proofs, err := Prove(all[i : i+1])
		if err != nil {
			t.Fatal(err)
		}
		if proofs[0].Passed() {
			t.Errorf("console-brute-force: nothing notices %s", name)
		}
	}
}

func TestNotification(t *testing.T) {
	all := catalogue(t)
	proofs, err := Prove(all[len(all)-2:])
	if err != nil {
		t.Fatal(err)
	}
	n := proofs[0].Cases[1].Notification
	if want := `ALARM: "trailkeep-console-brute-force" in EU (Frankfurt)`; n.Subject != want {
		t.Errorf("subject is %s, want %s", n.Subject, want)
	}
	var body map[string]any
	if err := json.Unmarshal(n.Body, &body); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"AlarmName":       "trailkeep-console-brute-force",
		"AWSAccountId":    "111122223333",
		"NewStateValue":   "ALARM",
		"OldStateValue":   "OK",
		"NewStateReason":  "Threshold Crossed: 1 datapoint [6.0 (01/03/26 10:02:00)] was greater than the threshold (5.0).",
		"StateChangeTime": "2026-03-01T10:07:00.000+0000",
		"Region":          "EU (Frankfurt)",
		"AlarmArn":        "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:trailkeep-console-brute-force",
	} {
		if body[key] != want {
			t.Errorf("%s is %v, want %s", key, body[key], want)
		}
	}
	trigger := body["Trigger"].(map[string]any)
	if trigger["MetricName"] != "ConsoleLoginFailures" || trigger["Namespace"] != "Trailkeep" || trigger["Statistic"] != "SUM" ||
		trigger["Period"] != 300.0 || trigger["Threshold"] != 5.0 || trigger["ComparisonOperator"] != "GreaterThanThreshold" {
		t.Errorf("trigger is %v", trigger)
	}
	if d := body["AlarmDescription"].(string); !strings.HasSuffix(d, "Runbook: "+Runbook+"#console-brute-force") {
		t.Errorf("the description does not link the runbook: %s", d)
	}
	var beat notification
	if err := json.Unmarshal(proofs[1].Cases[0].Notification.Body, &beat); err != nil {
		t.Fatal(err)
	}
	if len(beat.Trigger.Dimensions) != 1 || beat.Trigger.Dimensions[0] != (dimension{"/aws/cloudtrail/organization-trail", "LogGroupName"}) {
		t.Errorf("dimensions of the heartbeat are %v", beat.Trigger.Dimensions)
	}
}

func TestProveRefusesWhatCannotBeDrilled(t *testing.T) {
	d := detections.All()[0]
	d.Filters, d.Metric = nil, detections.Metric{Namespace: "AWS/KMS", Name: "SecondsUntilKeyMaterialExpiration"}
	d.Alarm.MissingData = detections.Breaching
	if _, err := Prove([]detections.Detection{d}); err == nil || !strings.Contains(err.Error(), "the metric AWS/KMS/SecondsUntilKeyMaterialExpiration does not follow from events") {
		t.Errorf("error is %v", err)
	}
}

func TestProofText(t *testing.T) {
	all := catalogue(t)
	all[3].Filters = []detections.Filter{{Name: "RootUsage", Pattern: `{ $.eventName = "Nothing" }`}}
	proofs, err := Prove(all[2:4])
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := Text(&b, proofs, false, false); err != nil {
		t.Fatal(err)
	}
	want := `ok      no-mfa-console-signin  high       1 of  1 fired,  5 of  5 near misses silent, first at 10:03
FAILED  root-usage             critical   0 of  2 fired,  3 of  3 near misses silent
        root calls an API: stayed silent: no filter of RootUsage matches an event
        root signs in: stayed silent: no filter of RootUsage matches an event

2 alarms, 1 case fired, 8 near misses stayed silent. 2 cases did not come out as they have to.
`
	if b.String() != want {
		t.Errorf("text is\n%s\nwant\n%s", b.String(), want)
	}
}
