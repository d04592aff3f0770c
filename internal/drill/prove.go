package drill

import (
	"fmt"
	"slices"
	"time"

	"github.com/trailkeep/trailkeep/detections"
)

// Proof is what came of a detection's cases.
type Proof struct {
	ID       string              `json:"id"`
	Title    string              `json:"title"`
	Severity detections.Severity `json:"severity"`
	Cases    []CaseResult        `json:"cases"`
}

// Passed reports whether every case came out as it has to.
func (p Proof) Passed() bool {
	return !slices.ContainsFunc(p.Cases, func(c CaseResult) bool { return c.Problem != "" })
}

// CaseResult is what came of one case.
type CaseResult struct {
	Name   string `json:"name"`
	Why    string `json:"why,omitempty"`
	Events int    `json:"events"`
	Fires  bool   `json:"fires"` // what it has to do
	Fired  bool   `json:"fired"` // what it did
	// At is when the alarm went into ALARM, and Notification what would be sent.
	At           *time.Time    `json:"at,omitempty"`
	Notification *Notification `json:"notification,omitempty"`
	// Problem says what is wrong: the alarm stayed silent, or a near miss fired.
	Problem string `json:"problem,omitempty"`
}

// Prove runs the cases of each entry through the filters of all entries, the
// clock and the entry's alarm. Names have to stand in the entries' patterns, see
// [detections.Detection.For]; those of the cases are [detections.ExampleNames].
func Prove(entries []detections.Detection) ([]Proof, error) {
	f, err := newFilters(entries)
	if err != nil {
		return nil, err
	}
	m := &matcher{filters: f}
	var proofs []Proof
	for i, d := range entries {
		cases, err := d.Cases()
		if err != nil {
			return nil, err
		}
		p := Proof{ID: d.ID, Title: d.Title, Severity: d.Severity}
		for _, c := range cases {
			r, err := m.prove(i, c)
			if err != nil {
				return nil, fmt.Errorf("%s: case %q: %w", d.ID, c.Name, err)
			}
			p.Cases = append(p.Cases, r)
		}
		proofs = append(proofs, p)
	}
	return proofs, nil
}

func (m *matcher) prove(of int, c detections.Case) (CaseResult, error) {
	d := m.detections[of]
	r := CaseResult{Name: c.Name, Why: c.Why, Events: len(c.Events), Fires: c.Fires}
	arrived, matched := map[minute]float64{}, map[minute]float64{}
	for _, e := range c.Events {
		if len(e.Record) > maxEvent {
			continue
		}
		hits, record, err := m.match(e.Record)
		if err != nil {
			return r, err
		}
		if !record {
			return r, fmt.Errorf("the event of %s is no CloudTrail record", clock(e.Time))
		}
		arrived[minuteOf(e.Time)]++
		if slices.Contains(hits, of) {
			matched[minuteOf(e.Time)]++
		}
	}
	s := sorted(arrived)
	if !countsEverything(d.Metric) {
		s = counts(s.minutes, matched)
	}
	for _, t := range evaluate(d.Alarm, s, minuteOf(c.From), minuteOf(c.Until)) {
		if t.To != InAlarm {
			continue
		}
		n, err := notify(d, detections.ExampleNames().ManagementAccount, t)
		if err != nil {
			return r, err
		}
		r.Fired, r.At, r.Notification = true, &t.At, n
		break
	}
	switch {
	case r.Fires && !r.Fired:
		r.Problem = fmt.Sprintf("stayed silent: %s", m.why(of, matched))
	case !r.Fires && r.Fired:
		r.Problem = "a near miss fired"
	}
	return r, nil
}

// why says where the chain from event to alarm broke.
func (m *matcher) why(of int, matched map[minute]float64) string {
	d := m.detections[of]
	total := 0.0
	for _, n := range matched {
		total += n
	}
	if len(d.Filters) > 0 && total == 0 {
		return fmt.Sprintf("no filter of %s matches an event", d.Metric.Name)
	}
	return fmt.Sprintf("%g events matched, and the alarm (%s %g in %d of %d periods of %d s) did not go off",
		total, d.Alarm.Comparison, d.Alarm.Threshold, d.Alarm.DatapointsToAlarm, d.Alarm.EvaluationPeriods, d.Alarm.Period)
}
