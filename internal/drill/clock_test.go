package drill

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailkeep/trailkeep/detections"
)

// The tables of the CloudWatch user guide, "Configuring how CloudWatch alarms
// treat missing data": the newest datapoint stands on the right, 0 is within the
// threshold, X breaches it, - is missing. Each row has the state for missing,
// ignore, breaching and notBreaching; "keep" retains the state.
func TestDecideAsDocumented(t *testing.T) {
	const keep = "keep"
	insufficient, alarm, ok := string(InsufficientData), string(InAlarm), string(OK)
	for _, table := range []struct {
		datapointsToAlarm int
		rows              [][5]string
	}{
		{3, [][5]string{
			{"0 - X - X", ok, ok, ok, ok},
			{"0 - - - -", ok, ok, ok, ok},
			{"- - - - -", insufficient, keep, alarm, ok},
			{"0 X X - X", alarm, alarm, alarm, alarm},
			{"- - X - -", alarm, keep, alarm, ok},
			// "the alarm does not go immediately into ALARM state when the data is
			// either - - - - X or - - - X - and Datapoints to Alarm is 3"
			{"- - - - X", insufficient, keep, alarm, ok},
			{"- - - X -", insufficient, keep, alarm, ok},
		}},
		{2, [][5]string{
			{"0 - X - X", alarm, alarm, alarm, alarm},
			{"0 0 X 0 X", alarm, alarm, alarm, alarm},
			{"0 - X - -", ok, ok, alarm, ok},
			{"- - - - 0", ok, ok, alarm, ok},
			{"- - - X -", alarm, keep, alarm, ok},
			{"- - - - X", insufficient, keep, alarm, ok},
		}},
	} {
		for _, row := range table.rows {
			var periods []datapoint
			points := strings.Fields(row[0])
			for i := len(points) - 1; i >= 0; i-- {
				periods = append(periods, datapoint{value: map[string]float64{"X": 9}[points[i]], missing: points[i] == "-"})
			}
			for i, treatment := range []detections.MissingData{detections.Missing, detections.Ignore, detections.Breaching, detections.NotBreaching} {
				a := detections.Alarm{Period: 300, EvaluationPeriods: 3, DatapointsToAlarm: table.datapointsToAlarm,
					Threshold: 5, Comparison: detections.GreaterThanThreshold, MissingData: treatment}
				want := row[1+i]
				if want == keep {
					want = "before"
				}
				if got, _ := decide(a, periods, "before"); string(got) != want {
					t.Errorf("%d of 3, %s, %s: %s, want %s", table.datapointsToAlarm, row[0], treatment, got, want)
				}
			}
		}
	}
}

func at(clock string) minute {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	return minuteOf(time.Date(2026, 3, 1, t.Hour(), t.Minute(), 0, 0, time.UTC))
}

// metric has a datapoint in every minute from first to last, 0 but where said.
func metric(first, last string, values map[string]float64) series {
	var s series
	for m := at(first); m <= at(last); m++ {
		s.minutes = append(s.minutes, m)
		s.sums = append(s.sums, values[m.time().Format("15:04")])
	}
	return s
}

func states(changes []transition) []string {
	var s []string
	for _, c := range changes {
		s = append(s, c.At.Format("15:04 ")+string(c.To))
	}
	return s
}

func TestEvaluate(t *testing.T) {
	once := detections.Alarm{Period: 300, EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 1,
		Comparison: detections.GreaterThanOrEqualToThreshold, MissingData: detections.NotBreaching}
	many := once
	many.Threshold, many.Comparison = 5, detections.GreaterThanThreshold
	twoOfThree := once
	twoOfThree.EvaluationPeriods, twoOfThree.DatapointsToAlarm = 3, 2
	silence := detections.Alarm{Period: 300, EvaluationPeriods: 3, DatapointsToAlarm: 3, Threshold: 1,
		Comparison: detections.LessThanThreshold, MissingData: detections.Breaching}
	for _, c := range []struct {
		name        string
		alarm       detections.Alarm
		s           series
		from, until string
		want        []string
	}{
		{"one event: seen for the five minutes it is in the window", once,
			metric("10:00", "10:30", map[string]float64{"10:07": 1}), "10:00", "10:30",
			[]string{"10:01 OK", "10:08 ALARM", "10:13 OK"}},
		{"an event after it left the window fires again", once,
			metric("10:00", "10:30", map[string]float64{"10:07": 1, "10:14": 1}), "10:00", "10:30",
			[]string{"10:01 OK", "10:08 ALARM", "10:13 OK", "10:15 ALARM", "10:20 OK"}},
		{"an event while in ALARM does not", once,
			metric("10:00", "10:30", map[string]float64{"10:07": 1, "10:10": 1}), "10:00", "10:30",
			[]string{"10:01 OK", "10:08 ALARM", "10:16 OK"}},
		{"without zeros ALARM lasts as long as the evaluation range remembers", once,
			series{minutes: []minute{at("10:07")}, sums: []float64{1}}, "10:00", "10:30",
			[]string{"10:01 OK", "10:08 ALARM", "10:23 OK"}},
		{"with zeros in every minute it ends with the window", once,
			series{minutes: []minute{at("10:07")}, sums: []float64{1}, steady: true}, "10:00", "10:30",
			[]string{"10:01 OK", "10:08 ALARM", "10:13 OK"}},
		// "CloudWatch alarms might repeatedly re-evaluate the last set of data points
		// for a period of time after the metric has stopped flowing."
		{"a metric with gaps goes off twice for one event", once,
			series{minutes: []minute{at("10:07"), at("10:11")}, sums: []float64{1, 0}}, "10:00", "10:40",
			[]string{"10:01 OK", "10:08 ALARM", "10:13 OK", "10:17 ALARM", "10:18 OK", "10:22 ALARM", "10:23 OK"}},
		{"six across the turn of a clock's five minutes", many,
			metric("10:00", "10:20", map[string]float64{"10:03": 1, "10:04": 2, "10:05": 2, "10:06": 1}), "10:00", "10:20",
			[]string{"10:01 OK", "10:07 ALARM", "10:09 OK"}},
		{"six in six minutes", many,
			metric("10:00", "10:20", map[string]float64{"10:02": 1, "10:03": 1, "10:04": 1, "10:05": 1, "10:06": 1, "10:07": 1}), "10:00", "10:20",
			[]string{"10:01 OK"}},
		{"one breaching period is not two", twoOfThree,
			metric("10:00", "10:40", map[string]float64{"10:12": 1}), "10:00", "10:40",
			[]string{"10:01 OK"}},
		{"two of three", twoOfThree,
			metric("10:00", "10:40", map[string]float64{"10:12": 1, "10:21": 1}), "10:00", "10:40",
			[]string{"10:01 OK", "10:22 ALARM", "10:28 OK"}},
		{"silence: three periods breach when five hold no datapoint", silence,
			metric("10:00", "10:09", map[string]float64{"10:00": 1, "10:01": 1, "10:02": 1, "10:03": 1, "10:04": 1, "10:05": 1, "10:06": 1, "10:07": 1, "10:08": 1, "10:09": 1}), "10:00", "11:00",
			[]string{"10:01 OK", "10:35 ALARM"}},
		{"silence from the beginning", silence, series{}, "10:00", "10:30", []string{"10:01 ALARM"}},
		{"a gap of months costs nothing", once,
			series{minutes: []minute{at("10:00") - 500_000, at("10:00")}, sums: []float64{1, 1}}, "10:00", "10:05",
			[]string{"10:01 ALARM"}},
	} {
		if diff := cmp.Diff(c.want, states(evaluate(c.alarm, c.s, at(c.from), at(c.until)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// Jumping over empty stretches changes nothing: the same as a look at each
// minute, for alarms and data of any kind.
func TestEvaluateSkipsOnlyWhatIsStill(t *testing.T) {
	for seed := range uint64(300) {
		x := seed*2654435761 + 1
		next := func(n uint64) uint64 { x ^= x << 13; x ^= x >> 7; x ^= x << 17; return x % n }
		a := detections.Alarm{
			Period: 60 * int(1+next(5)), EvaluationPeriods: int(1 + next(4)), Threshold: float64(1 + next(3)),
			Comparison:  []detections.Comparison{detections.GreaterThanOrEqualToThreshold, detections.LessThanThreshold}[next(2)],
			MissingData: []detections.MissingData{detections.Missing, detections.Ignore, detections.Breaching, detections.NotBreaching}[next(4)],
		}
		a.DatapointsToAlarm = int(1 + next(uint64(a.EvaluationPeriods)))
		var s series
		for m := minute(0); m < 200; m++ {
			if next(12) == 0 {
				s.minutes = append(s.minutes, m)
				s.sums = append(s.sums, float64(next(4)))
			}
		}
		s.steady = next(3) == 0
		var want []string
		state := InsufficientData
		for now := minute(1); now <= 260; now++ {
			periods := make([]datapoint, a.EvaluationPeriods+rangeBeyond)
			for i := range periods {
				periods[i].missing = !s.steady
				for k, m := range s.minutes {
					if end := now - minute(i*a.Period/60); m < end && m >= end-minute(a.Period/60) {
						periods[i].missing = false
						periods[i].value += s.sums[k]
					}
				}
			}
			if to, _ := decide(a, periods, state); to != state {
				want = append(want, now.time().Format("15:04 ")+string(to))
				state = to
			}
		}
		if diff := cmp.Diff(want, states(evaluate(a, s, 0, 260))); diff != "" {
			t.Fatalf("seed %d, %+v (-want +got):\n%s", seed, a, diff)
		}
	}
}

func TestReason(t *testing.T) {
	a := detections.Alarm{Period: 300, EvaluationPeriods: 1, DatapointsToAlarm: 1, Threshold: 5,
		Comparison: detections.GreaterThanThreshold, MissingData: detections.NotBreaching}
	s := metric("10:00", "10:10", map[string]float64{"10:03": 6})
	got := evaluate(a, s, at("10:00"), at("10:10"))
	want := "Threshold Crossed: 1 datapoint [6.0 (01/03/26 09:59:00)] was greater than the threshold (5.0)."
	if len(got) < 2 || got[1].Reason != want {
		t.Errorf("%+v, want %s", got, want)
	}
	a = detections.Alarm{Period: 300, EvaluationPeriods: 3, DatapointsToAlarm: 3, Threshold: 1, Comparison: detections.LessThanThreshold, MissingData: detections.Breaching}
	got = evaluate(a, series{}, at("10:00"), at("10:10"))
	want = "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching]."
	if len(got) != 1 || got[0].Reason != want {
		t.Errorf("%+v, want %s", got, want)
	}
}
