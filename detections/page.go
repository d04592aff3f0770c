package detections

import (
	"fmt"
	"strings"
)

//go:generate go test . -run ^TestPageIsUpToDate$ -update

// Page returns the catalogue as a page of Markdown: docs/detections.md. Each
// entry's heading is its ID, so that [Detection.Description] can link it.
func Page() (string, error) {
	var b strings.Builder
	all := All()
	filters := 0
	for _, d := range all {
		filters += len(d.Filters)
	}
	fmt.Fprintf(&b, pageIntroduction, len(all), filters, MaxFilters)
	for _, severity := range Severities() {
		fmt.Fprintf(&b, "\n| %s | what happened | CIS %s | CIS %s | Security Hub |\n|---|---|---|---|---|\n", severity, "1.4–5.0", "6.0–7.0")
		for _, d := range all {
			if d.Severity == severity {
				fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s | %s |\n", d.ID, d.ID, markdown(d.Title),
					d.Controls.CISIn("1.4"), d.Controls.CISIn("7.0"), strings.Join(d.Controls.SecurityHub, ", "))
			}
		}
	}
	b.WriteString(pageCheckers)
	for _, severity := range Severities() {
		fmt.Fprintf(&b, "\n## Alarms of severity %s\n", severity)
		for _, d := range all {
			if d.Severity != severity {
				continue
			}
			if err := d.section(&b); err != nil {
				return "", err
			}
		}
	}
	return b.String(), nil
}

const pageIntroduction = `<!-- Made from the catalogue in detections/ by "go generate ./detections". Do not edit. -->

# What is watched

%d alarms stand on %d metric filters of the trail's log group, of the %d that a log group takes. Each has whole
CloudTrail events beside it that must fire it and near misses that must not; ` + "`trailkeep drill`" + ` takes them all through
filter, metric, window and alarm, on your machine. ` + "`trailkeep drill --events PATH`" + ` does it with your own log files, and
says which alarms would have fired, how often, by whom and when: do so before you switch alarms on, and before you
tune one.

Good to know at 2 AM:

- An alarm says that something happened, and not who did it: a metric carries a number. Each entry has the query to
  run next, over the log group and the hours around the alarm.
- Events reach the log group some five minutes after the call, and the alarm a minute or two later. Stopping a trail is
  the last event on it, so that its alarm still fires.
- The evaluation window slides: an alarm on five minutes looks, each minute, at the five minutes before. Events on
  both sides of a clock's boundary count together.
- CloudTrail sends no event over 256 KB to CloudWatch Logs: no alarm sees it. It is in the archive.
- A call that was refused is an event too. Most alarms fire on the attempt.
- All of this sits in the account of the trail, where an intruder may be. What the archive receives is watched from the
  audit account.

In patterns, ` + "`${LogBucket}`" + ` and its like stand for the names of your deployment.

## The alarms
`

const pageCheckers = `
## What checkers say

Checkers compare the text of filters, and no single text satisfies them all. Where two texts are needed (security
groups, route tables, organizations), two filters count into one metric: the first, named like the metric, is the
benchmark's text word for word; the second, named with ` + "`-ext`" + `, is what the other checkers look for. An event that both
match counts twice, which does no harm at a threshold of one event; a higher one is refused. A test holds each filter to
the checkers' own rules, quoted with source and licence in ` + "`detections/testdata/checkers.json`" + `. What remains:

| checker | control | why it cannot be satisfied |
|---|---|---|
| Trivy | 4.2, AWS-0148 | its text has ` + "`==`" + `, which no filter pattern may have: a fault upstream |
| Trivy | 4.3, AWS-0149 | its text has ` + "`&.eventType`" + `, which no filter pattern may have: a fault upstream |
| Security Hub | CloudWatch.2 | wants denied calls counted without any exception; [unauthorized-api-calls-exact](#unauthorized-api-calls-exact) does, as a metric of its own that pages nobody |
| Security Hub | all | looks at trails of its own account and home region: in other accounts of the organization it says NO_DATA |
`

// section writes an entry.
func (d Detection) section(b *strings.Builder) error {
	fmt.Fprintf(b, "\n### %s\n\n**%s.** %s\n\n", d.ID, markdown(d.Title), markdown(d.Meaning))
	fmt.Fprintf(b, "In ALARM %s. %s\n\n", d.Alarm.sentence(), d.Controls.sentence())
	for i, f := range d.Filters {
		more := ""
		if i > 0 {
			more = ", into the same metric"
		}
		fmt.Fprintf(b, "Filter `%s`%s:\n\n```text\n%s\n```\n\n", f.Name, more, f.Pattern)
	}
	if len(d.Filters) == 0 {
		fmt.Fprintf(b, "Metric `%s` of `%s`, which AWS publishes.\n\n", d.Metric.Name, d.Metric.Namespace)
	}
	cases, err := d.Cases()
	if err != nil {
		return err
	}
	var fires, silent []string
	for _, c := range cases {
		if c.Fires {
			fires = append(fires, markdown(c.Name))
		} else {
			silent = append(silent, markdown(c.Name))
		}
	}
	fmt.Fprintf(b, "Proven to fire on: %s.\nProven to stay silent on: %s.\n\nWhat to do:\n\n", strings.Join(fires, "; "), strings.Join(silent, "; "))
	for i, step := range d.Runbook {
		fmt.Fprintf(b, "%d. %s\n", i+1, markdown(step))
	}
	fmt.Fprintf(b, "\nThe query to run next:\n\n```text\n%s\n```\n", d.Query)
	return nil
}

// sentence says when the alarm goes off.
func (a Alarm) sentence() string {
	window := minutes(a.Period)
	periods := ""
	if a.EvaluationPeriods > 1 {
		periods = fmt.Sprintf(", in %d of the last %d such periods", a.DatapointsToAlarm, a.EvaluationPeriods)
	}
	number := fmt.Sprintf("%g", a.Threshold)
	switch {
	case a.Comparison == LessThanThreshold && a.Threshold == 1:
		return fmt.Sprintf("when no event comes within %s%s", window, periods)
	case a.Comparison == LessThanThreshold:
		return fmt.Sprintf("when fewer than %s events come within %s%s", number, window, periods)
	case a.Comparison == LessThanOrEqualToThreshold:
		return fmt.Sprintf("when %s events or fewer come within %s%s", number, window, periods)
	case a.Comparison == GreaterThanThreshold:
		return fmt.Sprintf("when more than %s events come within %s%s", number, window, periods)
	case a.Threshold == 1:
		return fmt.Sprintf("as soon as one event comes (within %s%s)", window, periods)
	}
	return fmt.Sprintf("when %s events or more come within %s%s", number, window, periods)
}

func minutes(seconds int) string {
	if seconds == 60 {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", seconds/60)
}

// sentence lists the controls.
func (c Controls) sentence() string {
	var parts []string
	if c.CIS != "" {
		parts = append(parts, fmt.Sprintf("CIS AWS Foundations %s (%s in v6.0 and v7.0)", c.CIS, c.CISIn("7.0")))
	}
	for _, id := range c.SecurityHub {
		parts = append(parts, "Security Hub "+id)
	}
	for _, id := range c.ATTACK {
		parts = append(parts, fmt.Sprintf("ATT&CK [%s](https://attack.mitre.org/techniques/%s/)", id, strings.ReplaceAll(id, ".", "/")))
	}
	if len(parts) == 0 {
		return "Beyond the benchmarks."
	}
	return "Answers " + strings.Join(parts, ", ") + "."
}

var escapes = strings.NewReplacer("*", `\*`, "_", `\_`, "<", "&lt;", "|", `\|`, "`", "\\`")

// markdown keeps a text from being read as markup.
func markdown(text string) string { return escapes.Replace(text) }
