package preflight

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// The colours of a terminal, for the word that a line begins with.
const (
	red, yellow, green, plain = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[0m"
)

// Text writes the report for a person: what was found line by line, then the
// remedies. Width is the number of columns to wrap at; 0 does not wrap. Colour
// asks for the colours of a terminal.
func (r Report) Text(w io.Writer, width int, colour bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Preflight of a stack of kind %s in %s, as %s\n\n", r.Stack, r.Region, r.Caller)
	longest := 0
	for _, c := range r.Checks {
		longest = max(longest, utf8.RuneCountInString(c.Title))
	}
	for _, c := range r.Checks {
		word, tint := c.word()
		lead := fmt.Sprintf("%-7s", word)
		if colour {
			lead = tint + lead + plain
		}
		indent := 9 + longest + 2
		where := ""
		if c.Account != "" && c.Account != r.Account {
			where = " [" + c.Account + "]"
		}
		fmt.Fprintf(&b, "%s  %-*s  %s\n", lead, longest, c.Title, wrap(c.Found+where, width, indent))
	}
	r.remedies(&b, width)
	fmt.Fprintf(&b, "\n%s\n", r.sum())
	_, err := io.WriteString(w, b.String())
	return err
}

// word is what a line begins with.
func (c Check) word() (word, tint string) {
	switch {
	case c.Outcome == Finding && c.Severity == Error:
		return "error", red
	case c.Outcome == Finding:
		return "warning", yellow
	case c.Outcome == Unknown:
		return "unknown", yellow
	}
	return "ok", green
}

func (r Report) remedies(b *strings.Builder, width int) {
	for _, part := range []struct {
		title string
		of    func(Check) bool
	}{
		{"To do before the up", func(c Check) bool { return c.Outcome != OK }},
		{"To do by hand, at any time", func(c Check) bool { return c.Outcome == OK }},
	} {
		title := part.title
		for _, c := range r.Checks {
			if c.Remedy == "" || !part.of(c) {
				continue
			}
			if title != "" {
				fmt.Fprintf(b, "\n%s\n", title)
				title = ""
			}
			fmt.Fprintf(b, "  %s: %s\n", c.ID, wrap(c.Remedy, width, 4))
		}
	}
}

// sum is the last line.
func (r Report) sum() string {
	errors, warnings, unknown := r.Count(Finding, Error), r.Count(Finding, Warning), r.Count(Unknown, "")
	if errors+warnings+unknown == 0 {
		return fmt.Sprintf("All %d checks are well: go ahead.", len(r.Checks))
	}
	verdict := "go ahead once you have read them"
	if errors > 0 {
		verdict = "an up would fail or do harm"
	}
	return fmt.Sprintf("%d checks: %d ok, %s, %s, %d unknown; %s.", len(r.Checks), r.Count(OK, ""),
		plural(errors, "error"), plural(warnings, "warning"), unknown, verdict)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// wrap breaks a text at spaces and indents what follows the first line. A word
// that is longer than a line, such as an ARN, stays whole.
func wrap(text string, width, indent int) string {
	room := width - indent
	if width == 0 || room < 30 {
		return text
	}
	var b strings.Builder
	line := 0
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case line+1+n > room:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			line = 0
		default:
			b.WriteByte(' ')
			line++
		}
		b.WriteString(word)
		line += n
	}
	return b.String()
}
