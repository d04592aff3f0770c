package local

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Event is one piece of news about a running operation.
type Event struct {
	// Step names what works: engine, provider, emulator, state, resources.
	Step string
	// Text says what the step does or has found; empty when only numbers moved.
	Text string
	// Ended is set on a step's last event, Err if it failed.
	Ended bool
	Err   error
	// Finished counts the resources of this operation that are done, Expected
	// those that the last finished run had (0: not known), InFlight lists those
	// being worked on.
	Finished int
	Expected int
	InFlight []Operation
}

// Operation is what the engine is doing to one resource.
type Operation struct {
	Op    string // create, update, delete, read, ...
	Type  string // such as aws:cloudtrail/trail:Trail
	Name  string
	Since time.Time

	urn string
}

// step begins a step: say tells what it does, done ends it.
func (o *Organization) step(name string) (say func(string), done func(error)) {
	say = func(text string) { o.tell(Event{Step: name, Text: text}) }
	return say, func(err error) { o.tell(Event{Step: name, Ended: true, Err: err}) }
}

func (o *Organization) tell(e Event) {
	if o.opts.Progress != nil {
		o.opts.Progress(e)
	}
}

// Change is what an operation did, or a preview would do, to one resource.
type Change struct {
	Op    string   `json:"op"` // create, update, replace, delete
	URN   string   `json:"urn"`
	Type  string   `json:"type"`
	Name  string   `json:"name"`
	Diffs []string `json:"diffs,omitempty"` // names of the properties that differ
}

// collector turns the engine's events into progress and changes.
type collector struct {
	tell     func(Event)
	expected int

	mu       sync.Mutex
	inFlight []Operation
	finished int
	changes  []Change
	drift    []Change
	messages []string // errors and warnings, each once
	counts   map[string]int
}

// follow consumes the engine's events until stop is closed. The engine closes
// the channel only if it got as far as opening it, hence the second way out.
func (c *collector) follow(ch <-chan events.EngineEvent, stop <-chan struct{}) {
	for {
		select {
		case e, ok := <-ch:
			if !ok {
				return
			}
			c.take(e.EngineEvent)
		case <-stop:
			for {
				select {
				case e, ok := <-ch:
					if !ok {
						return
					}
					c.take(e.EngineEvent)
				default:
					return
				}
			}
		}
	}
}

func (c *collector) take(e apitype.EngineEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case e.ResourcePreEvent != nil:
		m := e.ResourcePreEvent.Metadata
		if !isCustom(m) || m.Op == apitype.OpSame {
			return
		}
		c.inFlight = append(c.inFlight, Operation{string(m.Op), m.Type, urnName(m.URN), time.Now(), m.URN})
		c.report()
	case e.ResOutputsEvent != nil:
		m := e.ResOutputsEvent.Metadata
		if !isCustom(m) {
			return
		}
		c.land(m)
		c.keep(m)
		c.report()
	case e.ResOpFailedEvent != nil:
		c.land(e.ResOpFailedEvent.Metadata)
		c.report()
	case e.DiagnosticEvent != nil:
		d := e.DiagnosticEvent
		if d.Severity != "error" && d.Severity != "warning" {
			return
		}
		text := strings.TrimSpace(stripColor(d.Message))
		if d.URN != "" {
			text = urnType(d.URN) + " " + urnName(d.URN) + ": " + text
		}
		if !slices.Contains(c.messages, text) {
			c.messages = append(c.messages, text)
		}
	case e.SummaryEvent != nil:
		c.counts = map[string]int{}
		for op, n := range e.SummaryEvent.ResourceChanges {
			c.counts[string(op)] = n
		}
	}
}

func (c *collector) land(m apitype.StepEventMetadata) {
	if i := slices.IndexFunc(c.inFlight, func(o Operation) bool { return o.urn == m.URN }); i >= 0 {
		c.inFlight = slices.Delete(c.inFlight, i, i+1)
	}
	// Reading comes before doing; only the latter ends a resource's turn.
	if m.Op != apitype.OpRefresh {
		c.finished++
	}
}

func (c *collector) keep(m apitype.StepEventMetadata) {
	op := string(m.Op)
	change := Change{Op: op, URN: m.URN, Type: m.Type, Name: urnName(m.URN), Diffs: m.Diffs}
	if len(change.Diffs) == 0 {
		for name := range m.DetailedDiff {
			change.Diffs = append(change.Diffs, name)
		}
		slices.Sort(change.Diffs)
	}
	switch m.Op {
	case apitype.OpSame, apitype.OpRead, apitype.OpReadDiscard, apitype.OpDiscardReplaced,
		apitype.OpCreateReplacement, apitype.OpDeleteReplaced, apitype.OpRemovePendingReplace:
	case apitype.OpRefresh:
		// The engine reports every resource that it read.
		switch {
		case m.New == nil:
			change.Op = string(apitype.OpDelete)
		case len(m.Diffs) > 0:
			change.Op = string(apitype.OpUpdate)
		default:
			return
		}
		c.drift = append(c.drift, change)
	default:
		c.changes = append(c.changes, change)
	}
}

func (c *collector) report() {
	if c.tell != nil {
		c.tell(Event{Step: "resources", Finished: c.finished, Expected: c.expected, InFlight: slices.Clone(c.inFlight)})
	}
}

// isCustom keeps components, the stack itself and providers out of counts and
// progress: they are the program's, not AWS's.
func isCustom(m apitype.StepEventMetadata) bool {
	if strings.HasPrefix(m.Type, "pulumi:") {
		return false
	}
	state := m.New
	if state == nil {
		state = m.Old
	}
	return state != nil && state.Custom
}

// urnName is a resource's name in the program: the URN's last part
// (https://www.pulumi.com/docs/iac/concepts/resources/names/#urns).
func urnName(urn string) string {
	i := strings.LastIndex(urn, "::")
	if i < 0 {
		return urn
	}
	return urn[i+2:]
}

func urnType(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 4 {
		return ""
	}
	chain := parts[2]
	return chain[strings.LastIndexByte(chain, '$')+1:]
}

// stripColor drops the engine's colour marks, <{%...%}>.
func stripColor(s string) string {
	for {
		i := strings.Index(s, "<{%")
		if i < 0 {
			return s
		}
		j := strings.Index(s[i:], "%}>")
		if j < 0 {
			return s
		}
		s = s[:i] + s[i+j+3:]
	}
}
