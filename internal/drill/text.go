package drill

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The colours of a terminal, for the word that a line begins with.
const (
	red, green, plain = "\x1b[31m", "\x1b[32m", "\x1b[0m"
)

// Text writes proofs for a person: a line a detection, and every case that did
// not come out as it has to. With cases it writes a line a case, and what the
// notification would say.
func Text(w io.Writer, proofs []Proof, cases, colour bool) error {
	var b strings.Builder
	longest := 0
	for _, p := range proofs {
		longest = max(longest, len(p.ID))
	}
	firing, silent, wrong := 0, 0, 0
	for _, p := range proofs {
		fires, fired, misses, kept := p.count()
		firing, silent = firing+fired, silent+kept
		word := paint("ok    ", green, colour)
		if !p.Passed() {
			word = paint("FAILED", red, colour)
		}
		fmt.Fprintf(&b, "%s  %-*s  %-8s  %s, %s%s\n", word, longest, p.ID, p.Severity,
			ofAll(fired, fires, "fired"), ofAll(kept, misses, "near misses silent"), p.firstAt())
		for _, c := range p.Cases {
			if c.Problem != "" {
				wrong++
				fmt.Fprintf(&b, "        %s: %s\n", c.Name, c.Problem)
			} else if cases {
				c.text(&b)
			}
		}
	}
	verdict := paint("Every alarm fires when it has to, and no near miss fires.", green, colour)
	if wrong > 0 {
		verdict = paint(plural(wrong, "case did not come out as it has to.", "cases did not come out as they have to."), red, colour)
	}
	fmt.Fprintf(&b, "\n%s, %s fired, %s stayed silent. %s\n", plural(len(proofs), "alarm", "alarms"),
		plural(firing, "case", "cases"), plural(silent, "near miss", "near misses"), verdict)
	_, err := io.WriteString(w, b.String())
	return err
}

func paint(text, tint string, colour bool) string {
	if !colour {
		return text
	}
	return tint + text + plain
}

func ofAll(n, all int, what string) string { return fmt.Sprintf("%2d of %2d %s", n, all, what) }

func (p Proof) count() (fires, fired, misses, kept int) {
	for _, c := range p.Cases {
		switch {
		case c.Fires && c.Fired:
			fires, fired = fires+1, fired+1
		case c.Fires:
			fires++
		case c.Fired:
			misses++
		default:
			misses, kept = misses+1, kept+1
		}
	}
	return fires, fired, misses, kept
}

// firstAt says when the alarm first went off, which is within a minute after the
// event that it needed.
func (p Proof) firstAt() string {
	for _, c := range p.Cases {
		if c.At != nil {
			return ", first at " + c.At.UTC().Format("15:04")
		}
	}
	return ""
}

func (c CaseResult) text(b *strings.Builder) {
	word := "silent"
	if c.Fired {
		word = "fired "
	}
	why := ""
	if c.Why != "" {
		why = ": " + c.Why
	}
	fmt.Fprintf(b, "        %s  %s%s (%s)\n", word, c.Name, why, plural(c.Events, "event", "events"))
	if c.Notification == nil {
		return
	}
	var body notification
	if err := json.Unmarshal(c.Notification.Body, &body); err != nil {
		return // it was written by notify
	}
	fmt.Fprintf(b, "                at %s %s\n                %s\n                %s\n", clock(*c.At), c.Notification.Subject, body.NewStateReason, body.AlarmDescription)
}

// Text writes the report for a person: the alarms that would have fired, gravest
// first, with how often, by whom and when, then the silent ones in a line.
func (r *Report) Text(w io.Writer, colour bool) error {
	var b strings.Builder
	b.WriteString(r.read())
	var silent []string
	for _, severity := range []string{"critical", "high", "medium", "low"} {
		for _, o := range r.Alarms {
			if string(o.Severity) != severity {
				continue
			}
			if len(o.Fired) == 0 && o.Events == 0 {
				silent = append(silent, o.ID)
				continue
			}
			o.text(&b, colour)
		}
	}
	if len(silent) > 0 {
		fmt.Fprintf(&b, "\nSilent: %s\n", strings.Join(silent, ", "))
	}
	if len(r.LeftOut) > 0 {
		fmt.Fprintf(&b, "\nNot drilled, for they need the names of a deployment (--stack-file): %s\n", strings.Join(r.LeftOut, ", "))
	}
	if n := len(r.Problems) + r.MoreProblems; n > 0 {
		fmt.Fprintf(&b, "\n%s:\n", paint(plural(n, "problem", "problems"), red, colour))
		for _, p := range r.Problems {
			at := ""
			if p.Record > 0 {
				at = fmt.Sprintf("record %d: ", p.Record)
			}
			fmt.Fprintf(&b, "  %s: %s%s\n", printable(p.File), at, printable(p.Message))
		}
		if r.MoreProblems > 0 {
			fmt.Fprintf(&b, "  and %d more\n", r.MoreProblems)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) read() string {
	skipped := ""
	if r.Skipped > 0 {
		skipped = fmt.Sprintf(" (%s of other names passed over)", plural(r.Skipped, "file", "files"))
	}
	span := ""
	if r.From != nil {
		span = fmt.Sprintf(" from %s to %s UTC", clock(*r.From), clock(*r.Until))
	}
	return fmt.Sprintf("Read %s%s: %s%s.\n", plural(r.Files, "file", "files"), skipped, plural(r.Events, "event", "events"), span)
}

// shownFirings and shownActors bound what a person is told of one alarm; JSON has
// all.
const (
	shownFirings = 5
	shownActors  = 3
)

func (o Outcome) text(b *strings.Builder, colour bool) {
	fmt.Fprintf(b, "\n%s  %s: %s\n", o.ID, o.Severity, o.Title)
	if len(o.Fired) == 0 {
		fmt.Fprintf(b, "  would not have fired: %s matched, too few in its window\n", plural(o.Events, "event", "events"))
	} else {
		fmt.Fprintf(b, "  %s\n", paint("would have fired "+o.sentence(), red, colour))
		var times []string
		for i, f := range o.Fired {
			if i == shownFirings {
				times = append(times, fmt.Sprintf("… %s", clock(o.Fired[len(o.Fired)-1].At)))
				break
			}
			times = append(times, clock(f.At))
		}
		fmt.Fprintf(b, "  at %s\n", strings.Join(times, ", "))
	}
	longest := 0
	for i, a := range o.By {
		if i < shownActors {
			longest = max(longest, utf8.RuneCountInString(a.Name))
		}
	}
	for i, a := range o.By {
		if i == shownActors {
			fmt.Fprintf(b, "  and %s more\n", plural(len(o.By)-shownActors, "caller", "callers"))
			break
		}
		fmt.Fprintf(b, "  %-*s  %s\n", longest, a.Name, plural(a.Events, "event", "events"))
	}
}

// sentence is "41 times, 38 of them role deploy (111122223333)".
func (o Outcome) sentence() string {
	n := len(o.Fired)
	times := plural(n, "time", "times")
	switch {
	case len(o.By) == 0 || o.By[0].Fired == 0:
		return times + ", for want of events; only if these are all files of that time"
	case n == 1:
		return times + ", by " + o.By[0].Name
	case o.By[0].Fired == n:
		return times + ", all of them " + o.By[0].Name
	}
	return fmt.Sprintf("%s, %d of them %s", times, o.By[0].Fired, o.By[0].Name)
}

// String is a line on how far a replay has come.
func (p *Progress) String() string {
	return fmt.Sprintf("%d files, %d events", p.Files.Load(), p.Events.Load())
}
