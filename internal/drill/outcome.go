package drill

import (
	"cmp"
	"maps"
	"slices"

	"github.com/trailkeep/trailkeep/detections"
)

// report fills in what was counted.
func (w *worker) report(r *Report) {
	w.trim()
	r.Files, r.Events = w.files, w.events
	r.Problems, r.MoreProblems = append(r.Problems, w.problems...), w.more
	all := make(map[minute]float64, len(w.arrived))
	for m, n := range w.arrived {
		all[m] = float64(n)
	}
	arrived := sorted(all)
	if n := len(arrived.minutes); n > 0 {
		from, until := arrived.minutes[0].time(), arrived.minutes[n-1].time()
		r.From, r.Until = &from, &until
	}
	for i, d := range w.matcher.detections {
		r.Alarms = append(r.Alarms, w.outcome(d, w.matched[i], arrived))
	}
}

func (w *worker) outcome(d detections.Detection, matched map[minute]map[int]int, arrived series) Outcome {
	o := Outcome{ID: d.ID, Title: d.Title, Severity: d.Severity, Fired: []Firing{}, By: []Actor{}}
	events := map[int]int{}
	sums := make(map[minute]float64, len(matched))
	for m, by := range matched {
		for actor, n := range by {
			events[actor] += n
			sums[m] += float64(n)
			o.Events += n
		}
	}
	s := arrived
	if !countsEverything(d.Metric) {
		if o.Events == 0 {
			return o
		}
		s = sorted(sums)
		s.steady = true
	}
	if len(s.minutes) == 0 {
		return o
	}
	// The alarm is made with the first event and looked at until the last one has
	// had its minute: what came before and after, the files do not say.
	fired := map[int]int{}
	for _, t := range evaluate(d.Alarm, s, arrived.minutes[0], arrived.minutes[len(arrived.minutes)-1]+1) {
		if t.To != InAlarm {
			continue
		}
		f := Firing{At: t.At, Reason: t.Reason, By: []string{}}
		behind := map[int]int{}
		for _, p := range t.recent {
			if !d.Alarm.Comparison.Breaches(p.value, d.Alarm.Threshold) {
				continue
			}
			for m := p.start; m < p.start+minute(d.Alarm.Period/60); m++ {
				for actor, n := range matched[m] {
					behind[actor] += n
					f.Events += n
				}
			}
		}
		for _, actor := range w.ranked(behind) {
			fired[actor]++
			f.By = append(f.By, w.names[actor])
		}
		o.Fired = append(o.Fired, f)
	}
	for actor, n := range events {
		o.By = append(o.By, Actor{Name: w.names[actor], Events: n, Fired: fired[actor]})
	}
	slices.SortFunc(o.By, func(a, b Actor) int {
		return cmp.Or(cmp.Compare(b.Fired, a.Fired), cmp.Compare(b.Events, a.Events), cmp.Compare(a.Name, b.Name))
	})
	return o
}

// ranked are actors by their number of events, most first.
func (w *worker) ranked(events map[int]int) []int {
	return slices.SortedFunc(maps.Keys(events), func(a, b int) int {
		return cmp.Or(cmp.Compare(events[b], events[a]), cmp.Compare(w.names[a], w.names[b]))
	})
}
