package detections

import (
	"fmt"
	"time"

	"github.com/trailkeep/trailkeep/filterpattern"
)

// Tuning is what a deployment changes of one entry. A nil or empty field changes
// nothing.
type Tuning struct {
	Threshold         *float64
	Period            *int // seconds, a multiple of 60
	EvaluationPeriods *int
	DatapointsToAlarm *int
	// Pattern replaces the entry's filters by one of the metric's name.
	Pattern string
	Mute    *Mute
}

// Mute keeps an alarm from notifying, for a reason and until a day.
type Mute struct {
	Reason string
	Until  string // the last muted day, YYYY-MM-DD in UTC
}

// Limits of PutMetricAlarm and of metrics of standard resolution.
const (
	shortestPeriod = 60
	day            = 86_400
	longestRange   = 7 * day
)

// Tune returns the entry as a deployment wants it. today decides whether a mute
// has expired, which is an error: an alarm is not forgotten in silence. The
// errors name the field.
func (d Detection) Tune(t Tuning, today time.Time) (Detection, error) {
	a := &d.Alarm
	if t.Threshold != nil {
		a.Threshold = *t.Threshold
	}
	if t.Period != nil {
		a.Period = *t.Period
	}
	if t.EvaluationPeriods != nil {
		a.EvaluationPeriods = *t.EvaluationPeriods
		if t.DatapointsToAlarm == nil {
			a.DatapointsToAlarm = min(a.DatapointsToAlarm, a.EvaluationPeriods)
		}
	}
	if t.DatapointsToAlarm != nil {
		a.DatapointsToAlarm = *t.DatapointsToAlarm
	}
	if t.Pattern != "" {
		if len(d.Filters) == 0 {
			return d, fmt.Errorf("%s: pattern: the alarm stands on the metric %s, which AWS publishes; it has no filter to replace", d.ID, d.Metric.Name)
		}
		d.Filters = []Filter{{Name: d.Metric.Name, Pattern: t.Pattern}}
	}
	if t.Mute != nil {
		if err := t.Mute.check(today); err != nil {
			return d, fmt.Errorf("%s: mute: %w", d.ID, err)
		}
		mute := *t.Mute
		d.Muted = &mute
	}
	return d, d.checkAlarm()
}

func (m Mute) check(today time.Time) error {
	if m.Reason == "" {
		return fmt.Errorf("reason is empty; say why nobody needs this alarm until then")
	}
	until, err := time.Parse(time.DateOnly, m.Until)
	if err != nil {
		return fmt.Errorf("until is %q; give the last muted day as YYYY-MM-DD", m.Until)
	}
	if !today.UTC().Before(until.AddDate(0, 0, 1)) {
		return fmt.Errorf("it expired after %s (reason: %s); remove it, or give a later day", m.Until, m.Reason)
	}
	return nil
}

// checkAlarm checks the alarm's settings against the limits of PutMetricAlarm.
func (d Detection) checkAlarm() error {
	a := d.Alarm
	total := a.Period * a.EvaluationPeriods
	switch {
	case a.Period < shortestPeriod || a.Period > longestRange || a.Period%60 != 0:
		return fmt.Errorf("%s: period is %d seconds; it has to be a multiple of 60 from 60 to %d", d.ID, a.Period, longestRange)
	case a.EvaluationPeriods < 1 || a.EvaluationPeriods > day/shortestPeriod:
		return fmt.Errorf("%s: evaluation periods are %d; it takes at least 1, and at most %d", d.ID, a.EvaluationPeriods, day/shortestPeriod)
	case a.DatapointsToAlarm < 1 || a.DatapointsToAlarm > a.EvaluationPeriods:
		return fmt.Errorf("%s: datapoints to alarm are %d; it takes 1 to %d, the evaluation periods", d.ID, a.DatapointsToAlarm, a.EvaluationPeriods)
	case a.Period < 3600 && total > day || total > longestRange:
		return fmt.Errorf("%s: %d periods of %d seconds are more than CloudWatch evaluates: a day, or seven days of periods of an hour and more", d.ID, a.EvaluationPeriods, a.Period)
	case len(d.Filters) > 0 && a.MissingData != Breaching && !a.Comparison.Breaches(1e15, a.Threshold):
		return fmt.Errorf("%s: no number of events is %s %g", d.ID, a.Comparison, a.Threshold)
	case len(d.Filters) > 0 && a.Comparison.Breaches(0, a.Threshold):
		return fmt.Errorf("%s: threshold %g with %s is breached without any event", d.ID, a.Threshold, a.Comparison)
	case len(d.Filters) > 1 && !a.Comparison.Breaches(1, a.Threshold):
		// CloudWatch counts an event once for each filter that matches it.
		return fmt.Errorf("%s: threshold %g with %s needs more than one event, but its %d filters overlap and CloudWatch would count one event twice; leave the threshold at 1, or replace the filters by one pattern",
			d.ID, a.Threshold, a.Comparison, len(d.Filters))
	}
	return nil
}

// Quotas of CloudWatch Logs, a log group.
const (
	MaxFilters       = 100
	MaxRegexPatterns = 5
)

// Check reports the first way in which the entries could not be deployed
// together on one log group: a pattern that is none, a setting that CloudWatch
// refuses, a name used twice, or more filters than a log group takes. Entries
// need their names put in first, see [Detection.For].
func Check(entries []Detection) error {
	filters, regexes := 0, 0
	alarms, names := map[string]bool{}, map[string]string{}
	for _, d := range entries {
		if alarms[d.ID] {
			return fmt.Errorf("%s: there are two entries of this id", d.ID)
		}
		alarms[d.ID] = true
		if err := d.checkAlarm(); err != nil {
			return err
		}
		for _, f := range d.Filters {
			if other, taken := names[f.Name]; taken {
				return fmt.Errorf("%s: filter %s has the name of a filter of %s; the later would replace the earlier", d.ID, f.Name, other)
			}
			names[f.Name] = d.ID
			if found := placeholder.FindString(f.Pattern); found != "" {
				return fmt.Errorf("%s: filter %s still holds the placeholder %s", d.ID, f.Name, found)
			}
			p, err := filterpattern.Parse(f.Pattern)
			if err != nil {
				return fmt.Errorf("%s: filter %s: %w", d.ID, f.Name, err)
			}
			filters++
			if p.Regexes() > 0 {
				regexes++
			}
		}
	}
	switch {
	case filters > MaxFilters:
		return fmt.Errorf("%d metric filters are more than the %d that a log group takes", filters, MaxFilters)
	case regexes > MaxRegexPatterns:
		return fmt.Errorf("%d patterns hold regular expressions, more than the %d that a log group takes", regexes, MaxRegexPatterns)
	}
	return nil
}
