package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/trailkeep/trailkeep/internal/local"
)

// writeSummary says what a person wants to know after "up".
func writeSummary(w io.Writer, o *local.Organization, r *local.Result, again func(verb string) string) error {
	writeRecovery(w, r.Recovered)
	writeChanges(w, "", r)

	names := map[string]string{}
	for _, a := range o.Accounts() {
		names[a.ID] = a.Name
	}
	fmt.Fprintf(w, "\nWhat exists\n")
	for _, group := range byAccount(r.Resources) {
		first := group[0]
		fmt.Fprintf(w, "  %s  %s  %s\n", cmp.Or(names[first.Account], "account"), first.Account, first.Region)
		for _, line := range describe(group) {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}

	protected := 0
	for _, res := range r.Resources {
		if res.Protected {
			protected++
		}
	}
	fmt.Fprintf(w, "\nWhat protects it\n")
	fmt.Fprintf(w, "  %d of %d resources are protected from a destroy and kept if they leave the program\n", protected, len(r.Resources))
	if protection, ok := r.Outputs["protection"].(string); ok {
		fmt.Fprintf(w, "  log files: %s\n", protection)
	}
	if destroy, ok := r.Outputs["destroy"].(string); ok {
		fmt.Fprintf(w, "  destroy: %s\n", destroy)
	}

	if todo := list(r.Outputs["todo"]); len(todo) > 0 {
		fmt.Fprintf(w, "\nLeft to do by hand\n")
		for i, item := range todo {
			fmt.Fprintf(w, "  %d. %s\n", i+1, item)
		}
	}

	fmt.Fprintf(w, "\nWhere it runs\n  %s, until \"%s\"; everything it keeps is in %s\n", r.Endpoint, again("down"), o.State())
	fmt.Fprintf(w, "\nWhat to try next\n")
	for _, command := range suggestions(r, names, again) {
		fmt.Fprintf(w, "  %s\n", command)
	}
	return nil
}

// suggestions are commands that show this stack, with its own names.
func suggestions(r *local.Result, names map[string]string, again func(verb string) string) []string {
	commands := []string{`eval "$(` + again("env") + `)"`}
	bucket, _ := r.Outputs["logBucket"].(string)
	for _, res := range r.Resources {
		switch {
		case res.Type == "aws:s3/bucketPolicy:BucketPolicy" && res.ID == bucket:
			commands = append(commands, "aws --profile "+names[res.Account]+" s3api get-bucket-policy --query Policy --output text --bucket "+res.ID)
		case res.Type == "aws:cloudtrail/trail:Trail":
			commands = append(commands,
				"aws cloudtrail describe-trails",
				"aws cloudtrail stop-logging --name "+res.ID+"   # break it",
				again("preview")+"   # see it",
				again("up")+"   # repair it")
		}
	}
	return commands
}

func byAccount(resources []local.Resource) [][]local.Resource {
	var groups [][]local.Resource
	for _, res := range resources {
		i := slices.IndexFunc(groups, func(g []local.Resource) bool {
			return g[0].Account == res.Account && g[0].Region == res.Region
		})
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], res)
	}
	return groups
}

// describe lists resources, one line each, the settings of a bucket, a key, a
// role or a topic behind the thing they belong to.
func describe(resources []local.Resource) []string {
	type entry struct {
		label string
		id    string
		parts []string
	}
	var entries []entry
	for _, res := range resources {
		noun, part := settingOf(res.Type)
		if part == "" {
			entries = append(entries, entry{label: words(kind(res.Type)), id: shortID(res.ID)})
			continue
		}
		owner, _, _ := strings.Cut(shortID(res.ID), ",")
		owner, _, _ = strings.Cut(owner, ":")
		i := slices.IndexFunc(entries, func(e entry) bool { return strings.HasPrefix(e.label, noun) && e.id == owner })
		if i < 0 {
			entries = append(entries, entry{label: words(kind(res.Type)), id: shortID(res.ID)})
			continue
		}
		entries[i].parts = append(entries[i].parts, part)
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return cmp.Compare(a.label, b.label) })
	var lines []string
	for _, e := range entries {
		line := fmt.Sprintf("%-16s %s", e.label, e.id)
		if len(e.parts) > 0 {
			line += " (" + strings.Join(e.parts, ", ") + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// settingOf says which kind of thing a type is a setting of, and how the
// setting is called; both are empty for a thing of its own.
func settingOf(token string) (noun, part string) {
	name := strings.TrimSuffix(kind(token), "V2")
	for _, noun := range []string{"Bucket", "Role", "Key", "Topic"} {
		rest, ok := strings.CutPrefix(name, noun)
		if !ok || rest == "" || rest == "Subscription" || strings.HasPrefix(rest, "Object") && !strings.HasPrefix(rest, "ObjectLock") {
			continue
		}
		rest = strings.TrimSuffix(strings.TrimSuffix(rest, "Configuration"), "Config")
		return strings.ToLower(noun), words(rest)
	}
	return "", ""
}

// words turns a type's name into words: BucketV2 is a bucket.
func words(name string) string {
	name = strings.TrimSuffix(name, "V2")
	var b strings.Builder
	for i, r := range name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}

// shortID keeps an ARN's resource, which is what a person recognizes.
func shortID(id string) string {
	if !strings.HasPrefix(id, "arn:") {
		return id
	}
	parts := strings.SplitN(id, ":", 6)
	return parts[len(parts)-1]
}

func list(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// writeChanges says what was, or would be, changed.
func writeChanges(w io.Writer, mood string, r *local.Result) {
	for _, d := range r.Drift {
		fmt.Fprintf(w, "drifted    %s %s%s\n", words(kind(d.Type)), d.Name, inBrackets(d.Diffs))
	}
	if len(r.Changes) == 0 {
		fmt.Fprintf(w, "No change: all %d resources are as declared%s\n", len(r.Resources), took(r.Elapsed))
		return
	}
	counts := map[string]int{}
	var order []string
	for _, c := range r.Changes {
		verb := past(c.Op)
		if counts[verb] == 0 {
			order = append(order, verb)
		}
		counts[verb]++
		if mood != "" || c.Op != "create" {
			fmt.Fprintf(w, "%-10s %s %s%s\n", c.Op, words(kind(c.Type)), c.Name, inBrackets(c.Diffs))
		}
	}
	var parts []string
	for _, verb := range order {
		parts = append(parts, fmt.Sprintf("%d %s%s", counts[verb], mood, verb))
	}
	fmt.Fprintf(w, "%s of stack %s%s\n", strings.Join(parts, ", "), r.Stack, took(r.Elapsed))
}

func inBrackets(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

func past(op string) string {
	switch op {
	case "create", "update", "delete", "replace":
		return strings.TrimSuffix(op, "e") + "ed"
	case "import":
		return "imported"
	}
	return op
}

func writeRecovery(w io.Writer, r *local.Recovery) {
	if r == nil {
		return
	}
	fmt.Fprintln(w, "An earlier run was cut off.")
	for _, name := range r.Adopted {
		fmt.Fprintf(w, "  taken over: %s\n", name)
	}
	for _, name := range r.Unmade {
		fmt.Fprintf(w, "  had not been made: %s\n", name)
	}
	for _, name := range r.Repeated {
		fmt.Fprintf(w, "  written once more: %s\n", name)
	}
	for _, text := range r.Manual {
		fmt.Fprintf(w, "  look at this: %s\n", text)
	}
}

func writeStatus(w io.Writer, s *local.Status) {
	switch {
	case s.Endpoint == "":
		fmt.Fprintf(w, "No local organization in %s\n", s.State)
		return
	case !s.Running:
		fmt.Fprintf(w, "The emulator at %s is gone; \"trailkeep local up\" begins anew\n", s.Endpoint)
	case s.External:
		fmt.Fprintf(w, "Uses %s, which was running already\n", s.Endpoint)
	default:
		fmt.Fprintf(w, "The emulator runs at %s (pid %d", s.Endpoint, s.PID)
		if s.Started != nil {
			fmt.Fprintf(w, ", since %s", s.Started.Local().Format(time.DateTime))
		}
		fmt.Fprintln(w, ")")
	}
	for _, a := range s.Accounts {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  account %s  %-12s %s", a.ID, a.Name, a.Unit), " "))
	}
	for _, stack := range s.Stacks {
		state := "up since " + stack.LastUp.Local().Format(time.DateTime)
		if stack.Interrupted {
			state = "its last run did not finish; \"trailkeep local up --stack " + stack.Name + "\" goes on"
		}
		fmt.Fprintf(w, "  stack %s  %d resources, %s\n", stack.Name, stack.Resources, state)
	}
	fmt.Fprintf(w, "State: %s\n", s.State)
}
