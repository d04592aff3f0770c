package drill

import (
	"fmt"

	"github.com/trailkeep/trailkeep/detections"
	"github.com/trailkeep/trailkeep/filterpattern"
)

// maxEvent is the largest event that CloudTrail sends to CloudWatch Logs, in
// bytes: "CloudTrail does not send events larger than 256 KB" (user guide,
// send-cloudtrail-events-to-cloudwatch-logs.html, and the note on event size of
// cloudtrail-event-reference.html). No alarm sees a larger one.
const maxEvent = 256 << 10

// isRecord matches what has the members that every CloudTrail record has. It
// also matches only valid JSON, so that the one pass over an event that decides
// all filters tells broken ones as well.
const isRecord = `{ $.eventVersion = "*" && $.eventTime = "*" }`

// filters are the filters of many detections, decided in one pass over an event.
type filters struct {
	detections []detections.Detection
	set        *filterpattern.Set
	owners     []int // by pattern of the set after the first: the detection it belongs to
}

func newFilters(all []detections.Detection) (*filters, error) {
	if err := detections.Check(all); err != nil {
		return nil, err
	}
	record, err := filterpattern.Parse(isRecord)
	if err != nil {
		return nil, err
	}
	f := &filters{detections: all}
	patterns := []*filterpattern.Pattern{record}
	for i, d := range all {
		if len(d.Filters) == 0 && !countsEverything(d.Metric) {
			return nil, fmt.Errorf("%s: the metric %s/%s does not follow from events; drill knows AWS/Logs IncomingLogEvents alone", d.ID, d.Metric.Namespace, d.Metric.Name)
		}
		for _, filter := range d.Filters {
			p, err := filterpattern.Parse(filter.Pattern)
			if err != nil {
				return nil, fmt.Errorf("%s: filter %s: %w", d.ID, filter.Name, err)
			}
			patterns = append(patterns, p)
			f.owners = append(f.owners, i)
		}
	}
	f.set = filterpattern.NewSet(patterns)
	return f, nil
}

// countsEverything tells the metric of a log group that counts all its events.
func countsEverything(m detections.Metric) bool {
	return m.Namespace == "AWS/Logs" && m.Name == "IncomingLogEvents"
}

// matcher is the working memory of one goroutine.
type matcher struct {
	*filters
	hits []int
	of   []int
}

// match returns the detections that count an event, each once however many of
// its filters match, and whether the event is a record at all. The slice is
// valid until the next call.
func (m *matcher) match(event []byte) (of []int, record bool, err error) {
	m.hits, err = m.set.Match(event, m.hits)
	m.of = m.of[:0]
	for _, hit := range m.hits {
		if hit == 0 {
			record = true
			continue
		}
		owner := m.owners[hit-1]
		// Filters of a detection are neighbours, and hits are in order.
		if n := len(m.of); n == 0 || m.of[n-1] != owner {
			m.of = append(m.of, owner)
		}
	}
	return m.of, record, err
}
