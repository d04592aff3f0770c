package drill

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trailkeep/trailkeep/detections"
)

// State is the state of an alarm.
type State string

// The states of an alarm, as CloudWatch writes them.
const (
	OK               State = "OK"
	InAlarm          State = "ALARM"
	InsufficientData State = "INSUFFICIENT_DATA"
)

// minute counts minutes since 1970: the resolution of metrics from filters, and
// of their alarms.
type minute int64

func minuteOf(t time.Time) minute {
	s := t.Unix()
	if s < 0 && s%60 != 0 {
		return minute(s/60 - 1)
	}
	return minute(s / 60)
}

func (m minute) time() time.Time { return time.Unix(int64(m)*60, 0).UTC() }

// series is a metric: the sum of each minute that has a datapoint, in the order
// of time.
type series struct {
	minutes []minute
	sums    []float64
	// steady says that every other minute has a datapoint too, of 0.
	steady bool
}

// transition is a change of an alarm's state.
type transition struct {
	At       time.Time
	From, To State
	Reason   string
	// from and until bound the datapoints that decided, until not included.
	from, until minute
	// recent are the datapoints that decided, newest first.
	recent []datapoint
}

// datapoint is one period of the evaluation range; missing periods have no value.
type datapoint struct {
	start   minute
	value   float64
	missing bool
}

// rangeBeyond is how many periods more than EvaluationPeriods CloudWatch looks
// at for datapoints. The user guide says only that the number depends on the
// period, and has five for an alarm of three in all of its examples
// (AmazonCloudWatch/latest/monitoring/alarm-evaluation.html, "Evaluating alarms
// with missing data").
const rangeBeyond = 2

// evaluate runs an alarm over a metric. The alarm is made at the minute from and
// looked at each minute after it, until the minute until.
//
// The window slides (alarm-evaluation-window.html: "13:07–14:07 on one evaluation
// and 13:08–14:08 on the next"): at each minute the periods are counted back from
// that minute. Datapoints arrive at the end of their minute; in the cloud they
// come some minutes late, which moves everything and changes nothing.
func evaluate(a detections.Alarm, s series, from, until minute) []transition {
	state := InsufficientData
	var changes []transition
	length := minute(a.Period / 60)
	periods := make([]datapoint, a.EvaluationPeriods+rangeBeyond)
	reach := length * minute(len(periods))
	w := newWindows(s, len(periods))
	for now := from + 1; now <= until; now++ {
		w.at(now, length, periods)
		next, evaluated := decide(a, periods, state)
		if next != state {
			changes = append(changes, transition{
				At: now.time(), From: state, To: next, Reason: reason(a, periods, evaluated, next),
				from: now - reach, until: now, recent: evaluated,
			})
			state = next
		}
		// Where nothing stands in the whole range nothing changes until something does.
		if w.empty() {
			coming, ok := w.coming()
			if !ok {
				break
			}
			now = max(now, coming)
		}
	}
	return changes
}

// windows sums a series over periods that move with the clock: one cursor a
// border between periods, each of which only moves forward.
type windows struct {
	s       series
	before  []float64 // sum of all minutes before a position in s
	cursors []int     // of the borders, newest first: the first minute not before it
}

func newWindows(s series, periods int) *windows {
	w := &windows{s: s, before: make([]float64, len(s.sums)+1), cursors: make([]int, periods+1)}
	for i, v := range s.sums {
		w.before[i+1] = w.before[i] + v
	}
	return w
}

func (w *windows) at(now, length minute, periods []datapoint) {
	for b := range w.cursors {
		border := now - minute(b)*length
		for w.cursors[b] < len(w.s.minutes) && w.s.minutes[w.cursors[b]] < border {
			w.cursors[b]++
		}
	}
	for i := range periods {
		last, first := w.cursors[i], w.cursors[i+1]
		periods[i] = datapoint{
			start:   now - minute(i+1)*length,
			value:   w.before[last] - w.before[first],
			missing: last == first && !w.s.steady,
		}
	}
}

func (w *windows) empty() bool { return w.cursors[0] == w.cursors[len(w.cursors)-1] }

// coming is the next minute with data.
func (w *windows) coming() (minute, bool) {
	if w.cursors[0] == len(w.s.minutes) {
		return 0, false
	}
	return w.s.minutes[w.cursors[0]], true
}

// decide returns the state that the datapoints of the evaluation range, newest
// first, put an alarm into, and the datapoints that it stands on, newest first.
// The rules are those of the user guide, and its tables are the test.
func decide(a detections.Alarm, periods []datapoint, state State) (State, []datapoint) {
	var real []datapoint
	breaching, calm := 0, false
	oldest := 0 // age of the oldest breaching datapoint, the newest period being 1
	for i, p := range periods {
		if p.missing || len(real) == a.EvaluationPeriods {
			continue
		}
		real = append(real, p)
		if a.Comparison.Breaches(p.value, a.Threshold) {
			breaching++
			oldest = i + 1
		} else {
			calm = true
		}
	}
	alarm := func(count int) State {
		if count >= a.DatapointsToAlarm {
			return InAlarm
		}
		return OK
	}
	missing := a.EvaluationPeriods - len(real)
	if missing == 0 {
		return alarm(breaching), real
	}
	switch a.MissingData {
	case detections.Breaching:
		return alarm(breaching + missing), real
	case detections.NotBreaching:
		return alarm(breaching), real
	case detections.Ignore:
		if calm || breaching >= a.DatapointsToAlarm {
			return alarm(breaching), real
		}
		return state, real
	}
	switch {
	case len(real) == 0:
		return InsufficientData, nil
	case calm:
		return alarm(breaching), real
	case oldest >= a.DatapointsToAlarm:
		// "Avoiding premature transitions to alarm state": all there is breaches,
		// and has for long enough, whatever its number.
		return InAlarm, real
	}
	return InsufficientData, real
}

var comparisons = map[detections.Comparison]string{
	detections.GreaterThanOrEqualToThreshold: "greater than or equal to",
	detections.GreaterThanThreshold:          "greater than",
	detections.LessThanThreshold:             "less than",
	detections.LessThanOrEqualToThreshold:    "less than or equal to",
}

// reason says why, in the words of CloudWatch's StateReason.
func reason(a detections.Alarm, periods, evaluated []datapoint, to State) string {
	missing := a.EvaluationPeriods - len(evaluated)
	if len(evaluated) == 0 {
		if to == InsufficientData {
			return fmt.Sprintf("Insufficient Data: %s.", plural(a.EvaluationPeriods, "datapoint was unknown", "datapoints were unknown"))
		}
		treated := map[detections.MissingData]string{detections.Breaching: "Breaching", detections.NotBreaching: "NonBreaching"}[a.MissingData]
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %s and %s treated as [%s].",
			plural(a.EvaluationPeriods, "period", "periods"), plural(missing, "missing datapoint was", "missing datapoints were"), treated)
	}
	var values []string
	for _, p := range evaluated {
		values = append(values, fmt.Sprintf("%s (%s)", number(p.value), p.start.time().Format("02/01/06 15:04:05")))
	}
	not := ""
	if to != InAlarm {
		not = "not "
	}
	count := plural(len(evaluated), "datapoint", "datapoints")
	if a.EvaluationPeriods > 1 {
		count = fmt.Sprintf("%d out of the last %d datapoints", len(evaluated), a.EvaluationPeriods)
	}
	verb := "was"
	if len(evaluated) > 1 {
		verb = "were"
	}
	return fmt.Sprintf("Threshold Crossed: %s [%s] %s %s%s the threshold (%s).", count, strings.Join(values, ", "), verb, not, comparisons[a.Comparison], number(a.Threshold))
}

// number writes a value as CloudWatch does, always with a decimal point.
func number(v float64) string {
	s := fmt.Sprintf("%g", v)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// counts is the datapoints of a metric that filters make: in every minute in
// which events came in, how many of them matched, 0 included.
func counts(arrived []minute, matched map[minute]float64) series {
	s := series{minutes: arrived, sums: make([]float64, len(arrived))}
	for i, m := range arrived {
		s.sums[i] = matched[m]
	}
	return s
}

func sorted(minutes map[minute]float64) series {
	var s series
	for m := range minutes {
		s.minutes = append(s.minutes, m)
	}
	slices.Sort(s.minutes)
	s.sums = make([]float64, len(s.minutes))
	for i, m := range s.minutes {
		s.sums[i] = minutes[m]
	}
	return s
}
