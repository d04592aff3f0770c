package detections

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Names are what a deployment calls the things that patterns and dimensions of
// the catalogue refer to. In a pattern each stands as ${LogBucket} and so on.
type Names struct {
	ManagementAccount string // twelve digits; the account itself where there is but one
	AuditAccount      string // twelve digits; the account of log bucket and log key
	TrailName         string
	LogBucket         string // its companions' names begin with it too
	LogGroup          string // the trail's log group
	Topic             string // name, or beginning of the names, of the topics that alarms notify
}

// ExampleNames are the names that the catalogue's own events are about. They are
// AWS's documentation accounts and no deployment's.
func ExampleNames() Names {
	return Names{
		ManagementAccount: "111122223333",
		AuditAccount:      "123456789012",
		TrailName:         "organization-trail",
		LogBucket:         "example-organization-trail-logs",
		LogGroup:          "/aws/cloudtrail/organization-trail",
		Topic:             "trailkeep-alarms",
	}
}

func (n Names) values() map[string]string {
	return map[string]string{
		"ManagementAccount": n.ManagementAccount,
		"AuditAccount":      n.AuditAccount,
		"TrailName":         n.TrailName,
		"LogBucket":         n.LogBucket,
		"LogGroup":          n.LogGroup,
		"Topic":             n.Topic,
	}
}

var (
	placeholder = regexp.MustCompile(`\$\{([^}]*)\}`)
	// fitsPattern is what may stand in a quoted text of a filter pattern without
	// meaning more than itself: no quote, no backslash, no wildcard.
	fitsPattern = regexp.MustCompile(`^[A-Za-z0-9_./#-]+$`)
)

// For returns the entry with a deployment's names in the place of its
// placeholders. The error names every placeholder that has no usable value.
func (d Detection) For(n Names) (Detection, error) {
	values := n.values()
	var problems []error
	put := func(where, text string) string {
		return placeholder.ReplaceAllStringFunc(text, func(found string) string {
			name := placeholder.FindStringSubmatch(found)[1]
			value, known := values[name]
			switch {
			case !known:
				problems = append(problems, fmt.Errorf("%s: %s: there is no name %s; allowed are %s", d.ID, where, found, strings.Join(slices.Sorted(maps.Keys(values)), ", ")))
			case !fitsPattern.MatchString(value):
				problems = append(problems, fmt.Errorf("%s: %s: the name %s is %q; it needs letters, digits and _ . / # - alone", d.ID, where, name, value))
			}
			return value
		})
	}
	d.Filters = slices.Clone(d.Filters)
	for i, f := range d.Filters {
		d.Filters[i].Pattern = put("filter "+f.Name, f.Pattern)
	}
	if d.Metric.Dimensions != nil {
		d.Metric.Dimensions = maps.Clone(d.Metric.Dimensions)
		for _, k := range slices.Sorted(maps.Keys(d.Metric.Dimensions)) {
			d.Metric.Dimensions[k] = put("dimension "+k, d.Metric.Dimensions[k])
		}
	}
	d.Query = put("query", d.Query)
	return d, errors.Join(problems...)
}

// NeedsNames reports whether a filter of the entry holds placeholders, so that it
// means nothing outside of a deployment.
func (d Detection) NeedsNames() bool {
	return slices.ContainsFunc(d.Filters, func(f Filter) bool { return placeholder.MatchString(f.Pattern) })
}

// AllFor returns the whole catalogue with a deployment's names.
func AllFor(n Names) ([]Detection, error) {
	var problems []error
	all := All()
	for i, d := range all {
		var err error
		all[i], err = d.For(n)
		problems = append(problems, err)
	}
	return all, errors.Join(problems...)
}
