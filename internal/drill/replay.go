package drill

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/trailkeep/trailkeep/cloudtrail"
	"github.com/trailkeep/trailkeep/detections"
)

// Report says what the alarms would have made of a set of CloudTrail files.
type Report struct {
	Files   int        `json:"files"`
	Events  int        `json:"events"` // records that reach the log group
	From    *time.Time `json:"from,omitempty"`
	Until   *time.Time `json:"until,omitempty"` // of the first and the last event, to the minute
	Skipped int        `json:"skipped"`         // files in directories that are named neither .json nor .json.gz
	// Alarms are all that were drilled, in the catalogue's order.
	Alarms []Outcome `json:"alarms"`
	// LeftOut are entries that cannot be drilled without a deployment's names.
	LeftOut []string `json:"leftOut,omitempty"`
	// Problems are the first of what could not be read, by file and record; there
	// were MoreProblems beyond.
	Problems     []Problem `json:"problems"`
	MoreProblems int       `json:"moreProblems,omitempty"`
}

// Outcome is what one alarm would have done.
type Outcome struct {
	ID       string              `json:"id"`
	Title    string              `json:"title"`
	Severity detections.Severity `json:"severity"`
	Events   int                 `json:"events"` // that its filters match
	Fired    []Firing            `json:"fired"`
	// By are the callers of the matching events, those behind most firings first.
	By []Actor `json:"by"`
}

// Firing is one time an alarm would have gone into ALARM.
type Firing struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
	Events int       `json:"events"` // that set it off
	By     []string  `json:"by"`     // their callers
}

// Actor is a caller behind an alarm.
type Actor struct {
	Name   string `json:"name"`
	Events int    `json:"events"`
	Fired  int    `json:"fired"` // firings it had a part in
}

// Problem is something that could not be read.
type Problem struct {
	File    string `json:"file"`
	Record  int    `json:"record,omitempty"` // counted from 1; 0 for the file itself
	Message string `json:"message"`
}

// maxProblems is how many problems a report lists.
const maxProblems = 1000

// Progress is how far a replay has come.
type Progress struct {
	Files, Events atomic.Int64
}

// Replay runs the records of files through the filters and alarms of entries.
// Paths are files of any name, and directories, of which the .json and .json.gz
// files are read. Memory grows with the minutes and the callers that records are
// of, not with the number of files. Nothing in a file ends the replay: what is
// wrong is listed, by file and record, and the rest is read. The error is that of
// a path that cannot be walked, of entries that cannot be deployed, or of ctx.
// progress may be nil.
//
// Each record counts at its eventTime, as if it had arrived then. Files are often
// a part of what a log group received, so that a minute without a record is not
// one without events: metrics of filters have their 0 in every minute between the
// first and the last record. Only alarms on silence take the files for all there
// was.
func Replay(ctx context.Context, paths []string, entries []detections.Detection, progress *Progress) (*Report, error) {
	report := &Report{Problems: []Problem{}}
	var drilled []detections.Detection
	for _, d := range entries {
		if d.NeedsNames() {
			report.LeftOut = append(report.LeftOut, d.ID)
			continue
		}
		drilled = append(drilled, d)
	}
	f, err := newFilters(drilled)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = &Progress{}
	}
	walker := newWorker(f, progress)
	group, ctx := errgroup.WithContext(ctx)
	files := make(chan string, 256)
	group.Go(func() error {
		defer close(files)
		var err error
		report.Skipped, err = walk(ctx, paths, files, func(name, message string) { walker.problem(name, 0, message) })
		return err
	})
	workers := make([]*worker, runtime.GOMAXPROCS(0))
	for i := range workers {
		w := newWorker(f, progress)
		workers[i] = w
		group.Go(func() error {
			for file := range files {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				w.file(ctx, file)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, w := range workers {
		walker.merge(w)
	}
	walker.report(report)
	return report, nil
}

// worker reads files and counts.
type worker struct {
	matcher  matcher
	progress *Progress
	reader   quickReader

	files    int
	events   int
	arrived  map[minute]int
	matched  []map[minute]map[int]int // by detection, minute and actor: events
	actors   map[string]int
	names    []string // by number of the actor
	problems []Problem
	more     int // problems beyond

	// Records of a file are mostly of the same minutes.
	last  minute
	inRow int
}

func newWorker(f *filters, progress *Progress) *worker {
	w := &worker{matcher: matcher{filters: f}, progress: progress, arrived: map[minute]int{}, actors: map[string]int{}}
	w.matched = make([]map[minute]map[int]int, len(f.detections))
	for i := range w.matched {
		w.matched[i] = map[minute]map[int]int{}
	}
	return w
}

func (w *worker) file(ctx context.Context, name string) {
	w.files++
	before := w.events
	defer func() {
		w.progress.Files.Add(1)
		w.progress.Events.Add(int64(w.events - before))
	}()
	f, err := os.Open(name) // #nosec G304 -- the files are those that the caller named
	if err != nil {
		w.problem(name, 0, err.Error())
		return
	}
	defer f.Close()
	counted := 0
	if text, ok := w.reader.load(f); ok {
		var all bool
		if counted, all = w.quick(text); all {
			w.flush()
			return
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		w.problem(name, 0, err.Error())
		return
	}
	w.scan(ctx, name, f, counted)
}

// scan counts the records of a file after the first ones, which are counted, and
// names what is wrong.
func (w *worker) scan(ctx context.Context, name string, r io.Reader, counted int) {
	err := cloudtrail.Scan(r, func(raw cloudtrail.Raw) error {
		if raw.Index > counted && !w.count(raw) {
			w.explain(name, raw)
		}
		return ctx.Err()
	})
	for _, e := range unjoin(err) {
		var at *cloudtrail.Error
		if errors.As(e, &at) {
			w.problem(name, at.Record, fmt.Sprintf("at byte %d: %v", at.Offset, at.Err))
		} else if !errors.Is(e, ctx.Err()) {
			w.problem(name, 0, e.Error())
		}
	}
	w.flush()
}

func unjoin(err error) []error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// count counts a record. It returns false, and counts nothing, where something is
// wrong with it.
func (w *worker) count(raw cloudtrail.Raw) bool {
	if len(raw.Bytes) > maxEvent {
		return false
	}
	hits, record, err := w.matcher.match(raw.Bytes)
	if err != nil || !record {
		return false
	}
	m, ok := eventMinute(raw.Bytes)
	if !ok {
		return false
	}
	w.events++
	if m != w.last {
		w.flush()
		w.last = m
	}
	w.inRow++
	if len(hits) == 0 {
		return true
	}
	actor := w.actor(raw.Bytes)
	for _, of := range hits {
		by := w.matched[of][m]
		if by == nil {
			by = map[int]int{}
			w.matched[of][m] = by
		}
		by[actor]++
	}
	return true
}

// explain says what is wrong with a record that was not counted.
func (w *worker) explain(file string, raw cloudtrail.Raw) {
	if len(raw.Bytes) > maxEvent {
		w.problem(file, raw.Index, fmt.Sprintf("the event has %d bytes; CloudTrail sends none over 256 KB to CloudWatch Logs, so that no alarm sees it", len(raw.Bytes)))
		return
	}
	_, record, err := w.matcher.match(raw.Bytes)
	switch {
	case err != nil:
		w.problem(file, raw.Index, err.Error())
	case !record:
		w.notRecord(file, raw)
	default:
		w.problem(file, raw.Index, "eventTime is no time such as 2026-03-01T10:02:31Z")
	}
}

// notRecord says why something is no record. Digest files, which lie beside log
// files in the bucket, hold no events and are no mistake.
func (w *worker) notRecord(file string, raw cloudtrail.Raw) {
	_, err := cloudtrail.Decode(raw.Bytes)
	switch {
	case err == nil:
		err = errors.New("not a CloudTrail record: eventVersion or eventTime is missing")
	case errors.Is(err, cloudtrail.ErrNotRecord):
		if _, digest := cloudtrail.DecodeDigest(raw.Bytes); digest == nil {
			return
		}
	}
	w.problem(file, raw.Index, err.Error())
}

func (w *worker) flush() {
	if w.inRow > 0 {
		w.arrived[w.last] += w.inRow
		w.inRow = 0
	}
}

func (w *worker) actor(raw []byte) int {
	name := caller(raw)
	id, known := w.actors[name]
	if !known {
		id = len(w.names)
		w.actors[name] = id
		w.names = append(w.names, name)
	}
	return id
}

func (w *worker) problem(file string, record int, message string) {
	w.problems = append(w.problems, Problem{file, record, message})
	if len(w.problems) >= 2*maxProblems {
		w.trim()
	}
}

// trim keeps the first problems by file and record, so that a report does not
// depend on which goroutine read which file.
func (w *worker) trim() {
	slices.SortFunc(w.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Record, b.Record), cmp.Compare(a.Message, b.Message))
	})
	if beyond := len(w.problems) - maxProblems; beyond > 0 {
		w.more += beyond
		w.problems = w.problems[:maxProblems]
	}
}

func (w *worker) merge(o *worker) {
	w.files += o.files
	w.events += o.events
	for m, n := range o.arrived {
		w.arrived[m] += n
	}
	ids := make([]int, len(o.names))
	for i, name := range o.names {
		id, known := w.actors[name]
		if !known {
			id = len(w.names)
			w.actors[name] = id
			w.names = append(w.names, name)
		}
		ids[i] = id
	}
	for of, minutes := range o.matched {
		for m, by := range minutes {
			into := w.matched[of][m]
			if into == nil {
				into = map[int]int{}
				w.matched[of][m] = into
			}
			for actor, n := range by {
				into[ids[actor]] += n
			}
		}
	}
	w.problems = append(w.problems, o.problems...)
	w.more += o.more
	w.trim()
}
