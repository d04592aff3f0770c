package detections

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

//go:embed events
var events embed.FS

// Case is a stretch of time in which a detection's alarm must, or must not, go
// into ALARM.
type Case struct {
	Name  string
	Fires bool
	Why   string // what the case is about, where the name does not say it
	// Matches are the names of the filters that match every event of the case.
	Matches []string
	// Events are in the order of time.
	Events []Event
	// From and Until bound the time the alarm is looked at: it is made at From,
	// and what happens after Until does not count. Without them in the file, From
	// is the minute of the first event and Until is a period after the last.
	From, Until time.Time
}

// Event is one whole CloudTrail record, as it arrives in the log group.
type Event struct {
	Time   time.Time // its eventTime
	Record []byte    // compact JSON
}

// caseFile is the content of a cases.json.
type caseFile struct {
	Cases []struct {
		Name    string      `json:"name"`
		Fires   bool        `json:"fires"`
		Why     string      `json:"why"`
		Matches []string    `json:"matches"` // all filters of a case that fires, none of one that does not
		From    *time.Time  `json:"from"`
		Until   *time.Time  `json:"until"`
		Events  []caseEvent `json:"events"`
	} `json:"cases"`
}

// caseEvent is an event of a case: a whole record from a file beside it, and
// what is different of it.
type caseEvent struct {
	Base string `json:"base"`
	// Set gives members another value, Unset takes members out. A member within
	// an object is named by a path with dots.
	Set   map[string]json.RawMessage `json:"set"`
	Unset []string                   `json:"unset"`
	// At is the time of the event, and of the first of Times events that come
	// Every so often; without it the time is the base's.
	At    *time.Time `json:"at"`
	Times int        `json:"times"`
	Every string     `json:"every"`
}

// Cases reads the detection's cases from its folder under events/. Their events
// bear the names of [ExampleNames].
func (d Detection) Cases() ([]Case, error) {
	dir := "events/" + d.ID
	raw, err := events.ReadFile(dir + "/cases.json")
	if err != nil {
		return nil, fmt.Errorf("%s: the entry has no cases: %w", d.ID, err)
	}
	var file caseFile
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s/cases.json: %w", dir, err)
	}
	var cases []Case
	for _, fc := range file.Cases {
		c := Case{Name: fc.Name, Fires: fc.Fires, Why: fc.Why, Matches: fc.Matches}
		if fc.Matches == nil && fc.Fires {
			for _, f := range d.Filters {
				c.Matches = append(c.Matches, f.Name)
			}
		}
		for _, e := range fc.Events {
			more, err := e.records(dir, len(c.Events))
			if err != nil {
				return nil, fmt.Errorf("%s/cases.json: case %q: %w", dir, fc.Name, err)
			}
			c.Events = append(c.Events, more...)
		}
		slices.SortStableFunc(c.Events, func(a, b Event) int { return a.Time.Compare(b.Time) })
		switch {
		case fc.From != nil:
			c.From = *fc.From
		case len(c.Events) > 0:
			c.From = c.Events[0].Time.Truncate(time.Minute)
		default:
			return nil, fmt.Errorf("%s/cases.json: case %q has neither events nor from", dir, fc.Name)
		}
		switch {
		case fc.Until != nil:
			c.Until = *fc.Until
		case len(c.Events) > 0:
			c.Until = c.Events[len(c.Events)-1].Time.Truncate(time.Minute).Add(time.Duration(d.Alarm.Period) * time.Second)
		default:
			return nil, fmt.Errorf("%s/cases.json: case %q has neither events nor until", dir, fc.Name)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

// EventFiles returns the names of the whole records beside a detection's cases,
// sorted.
func (d Detection) EventFiles() ([]string, error) {
	entries, err := fs.ReadDir(events, "events/"+d.ID)
	if err != nil {
		return nil, fmt.Errorf("%s: the entry has no events: %w", d.ID, err)
	}
	var names []string
	for _, e := range entries {
		if e.Name() != "cases.json" {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// records returns the event as often as it comes; before are the events of the
// case that stand before it.
func (e caseEvent) records(dir string, before int) ([]Event, error) {
	raw, err := events.ReadFile(dir + "/" + e.Base)
	if err != nil {
		return nil, fmt.Errorf("base %q: %w", e.Base, err)
	}
	var record object
	if err := json.Unmarshal(raw, &record); err != nil {
		return nil, fmt.Errorf("base %s: %w", e.Base, err)
	}
	paths := make([]string, 0, len(e.Set))
	for path := range e.Set {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		if err := record.set(path, e.Set[path]); err != nil {
			return nil, fmt.Errorf("set %s: %w", path, err)
		}
	}
	for _, path := range e.Unset {
		if err := record.unset(path); err != nil {
			return nil, fmt.Errorf("unset %s: %w", path, err)
		}
	}
	var at time.Time
	if e.At != nil {
		at = *e.At
	} else if err := json.Unmarshal(record.values["eventTime"], &at); err != nil {
		return nil, fmt.Errorf("base %s: eventTime: %w", e.Base, err)
	}
	every := time.Duration(0)
	if e.Every != "" {
		if every, err = time.ParseDuration(e.Every); err != nil {
			return nil, fmt.Errorf("every: %w", err)
		}
	}
	var all []Event
	for i := range max(1, e.Times) {
		t := at.Add(time.Duration(i) * every).UTC()
		again, err := record.at(t, before+i)
		if err != nil {
			return nil, err
		}
		all = append(all, Event{Time: t, Record: again})
	}
	return all, nil
}

// at returns the record as of another time. Of a row of records each has an id
// of its own, as AWS gives them.
func (o *object) at(t time.Time, i int) ([]byte, error) {
	c := object{keys: o.keys, values: map[string]json.RawMessage{}}
	for k, v := range o.values {
		c.values[k] = v
	}
	c.values["eventTime"] = json.RawMessage(t.Format(`"2006-01-02T15:04:05Z"`))
	if id := string(c.values["eventID"]); i > 0 && len(id) > 13 {
		c.values["eventID"] = json.RawMessage(fmt.Sprintf(`%s%012d"`, id[:len(id)-13], i))
	}
	return c.MarshalJSON()
}

// object is a JSON object that keeps the order of its members: AWS's order is a
// part of how a record looks.
type object struct {
	keys   []string
	values map[string]json.RawMessage
}

// UnmarshalJSON reads an object and nothing else.
func (o *object) UnmarshalJSON(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	start, err := dec.Token()
	if err != nil {
		return err
	}
	if start != json.Delim('{') {
		return errors.New("it is no JSON object")
	}
	o.keys, o.values = nil, map[string]json.RawMessage{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return err
		}
		o.put(key.(string), value)
	}
	_, err = dec.Token()
	return err
}

// MarshalJSON writes the members in their order, without white space.
func (o *object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		if err := json.Compact(&b, o.values[key]); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (o *object) put(key string, value json.RawMessage) {
	if _, there := o.values[key]; !there {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// set gives the member at a path a value; objects on the way are made where
// they are missing.
func (o *object) set(path string, value json.RawMessage) error {
	key, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		o.put(key, value)
		return nil
	}
	return o.within(key, true, func(inner *object) error { return inner.set(rest, value) })
}

func (o *object) unset(path string) error {
	key, rest, deeper := strings.Cut(path, ".")
	if _, there := o.values[key]; !there {
		return errors.New("the base does not have it")
	}
	if !deeper {
		delete(o.values, key)
		o.keys = slices.DeleteFunc(slices.Clone(o.keys), func(k string) bool { return k == key })
		return nil
	}
	return o.within(key, false, func(inner *object) error { return inner.unset(rest) })
}

func (o *object) within(key string, create bool, change func(*object) error) error {
	inner := &object{values: map[string]json.RawMessage{}}
	if raw, there := o.values[key]; there && string(raw) != "null" {
		if err := json.Unmarshal(raw, inner); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	} else if !create {
		return fmt.Errorf("the base has no %s", key)
	}
	if err := change(inner); err != nil {
		return err
	}
	raw, err := inner.MarshalJSON()
	if err != nil {
		return err
	}
	o.put(key, raw)
	return nil
}
