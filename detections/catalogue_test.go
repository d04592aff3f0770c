package detections

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/trailkeep/trailkeep/cloudtrail"
	"github.com/trailkeep/trailkeep/filterpattern"
)

func examples(t testing.TB) []Detection {
	t.Helper()
	all, err := AllFor(ExampleNames())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func cases(t testing.TB, d Detection) []Case {
	t.Helper()
	all, err := d.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The catalogue fits on one log group.
func TestCatalogueCanBeDeployed(t *testing.T) {
	if err := Check(examples(t)); err != nil {
		t.Error(err)
	}
	filters := 0
	for _, d := range All() {
		filters += len(d.Filters)
	}
	if filters > MaxFilters*3/4 {
		t.Errorf("%d filters leave little of the %d for those of a deployment", filters, MaxFilters)
	}
}

var (
	idForm      = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	cisForm     = regexp.MustCompile(`^4\.([1-9]|1[0-5])$`)
	hubForm     = regexp.MustCompile(`^CloudWatch\.([1-9]|1[0-4])$`)
	attackForm  = regexp.MustCompile(`^T1\d{3}(\.\d{3})?$`)
	metricForm  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]+$`)
	queryFields = regexp.MustCompile(`^fields @timestamp, `)
)

// Every entry is whole: its names fit each other and its files, its controls are
// numbers of the standards, and it says what to do.
func TestEntries(t *testing.T) {
	cis, hub := map[string]string{}, map[string]string{}
	for _, d := range All() {
		t.Run(d.ID, func(t *testing.T) {
			if !idForm.MatchString(d.ID) {
				t.Errorf("id %q is not lower case with hyphens", d.ID)
			}
			if _, err := os.Stat(d.ID + ".go"); err != nil {
				t.Errorf("the entry's file is named otherwise: %v", err)
			}
			if !slices.Contains(Severities(), d.Severity) {
				t.Errorf("severity %q is none", d.Severity)
			}
			if d.Title == "" || strings.HasSuffix(d.Title, ".") || len(d.Title) > 80 {
				t.Errorf("title %q: up to 80 characters and no full stop", d.Title)
			}
			if len(d.Meaning) < 60 || !strings.HasSuffix(d.Meaning, ".") {
				t.Errorf("meaning %q explains little", d.Meaning)
			}
			if len(d.Runbook) < 2 {
				t.Error("the runbook has fewer than two steps")
			}
			if !queryFields.MatchString(d.Query) {
				t.Errorf("the query does not begin with its fields: %s", d.Query)
			}
			for i, f := range d.Filters {
				want := d.Metric.Name
				if i > 0 {
					want += "-ext"
				}
				if f.Name != want {
					t.Errorf("filter %d is named %s; want %s", i, f.Name, want)
				}
			}
			if len(d.Filters) > 0 && (d.Metric.Namespace != Namespace || !metricForm.MatchString(d.Metric.Name) || d.Metric.Dimensions != nil) {
				t.Errorf("metric of filters is %+v", d.Metric)
			}
			if n := utf8.RuneCountInString(d.Description("https://example.com/docs/detections.md")); n > 1024 {
				t.Errorf("the description has %d characters", n)
			}
			if d.Controls.CIS != "" {
				if !cisForm.MatchString(d.Controls.CIS) {
					t.Errorf("CIS %q is no number of the monitoring section", d.Controls.CIS)
				}
				if other := cis[d.Controls.CIS]; other != "" {
					t.Errorf("CIS %s is answered by %s already", d.Controls.CIS, other)
				}
				cis[d.Controls.CIS] = d.ID
			}
			for _, id := range d.Controls.SecurityHub {
				if !hubForm.MatchString(id) || hub[id] != "" {
					t.Errorf("Security Hub %q is no control, or answered twice", id)
				}
				hub[id] = d.ID
			}
			for _, id := range d.Controls.ATTACK {
				if !attackForm.MatchString(id) {
					t.Errorf("ATT&CK %q is no technique", id)
				}
			}
		})
	}
	if len(cis) != 15 || len(hub) != 14 {
		t.Errorf("%d recommendations of CIS and %d controls of Security Hub are answered; want 15 and 14", len(cis), len(hub))
	}
}

// Nothing lies beside the catalogue: each file is an entry's, each folder too.
func TestNoStrayFiles(t *testing.T) {
	known := map[string]bool{}
	metrics := map[string]string{}
	for _, d := range All() {
		known[d.ID] = true
		key := d.Metric.Namespace + "/" + d.Metric.Name
		if other := metrics[key]; other != "" {
			t.Errorf("%s and %s watch one metric, %s", d.ID, other, key)
		}
		metrics[key] = d.ID
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "= Detection{\n") && !strings.HasSuffix(f, "_test.go") && !known[strings.TrimSuffix(f, ".go")] {
			t.Errorf("%s is an entry that All does not list", f)
		}
	}
	dirs, err := os.ReadDir("events")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if !known[dir.Name()] {
			t.Errorf("events/%s belongs to no entry", dir.Name())
		}
	}
}

// exampleAccounts leaves the ends of UUIDs out.
var exampleAccounts = regexp.MustCompile(`(?:^|[^-0-9A-Fa-f])(\d{12})\b`)

// Events are whole records as AWS writes them, of example accounts, and every
// file is used.
func TestEvents(t *testing.T) {
	required := []string{"eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
		"requestParameters", "responseElements", "eventID", "readOnly", "eventType", "managementEvent", "recipientAccountId", "eventCategory", "tlsDetails"}
	for _, d := range examples(t) {
		t.Run(d.ID, func(t *testing.T) {
			files, err := d.EventFiles()
			if err != nil {
				t.Fatal(err)
			}
			used, err := os.ReadFile("events/" + d.ID + "/cases.json")
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range files {
				if !strings.Contains(string(used), `"`+f+`"`) {
					t.Errorf("%s is in no case", f)
				}
			}
			names := map[string]bool{}
			for _, c := range cases(t, d) {
				if names[c.Name] {
					t.Errorf("two cases are named %q", c.Name)
				}
				names[c.Name] = true
				ids := map[string]bool{}
				for _, e := range c.Events {
					var record map[string]json.RawMessage
					if err := json.Unmarshal(e.Record, &record); err != nil {
						t.Fatalf("%s: %v", c.Name, err)
					}
					for _, key := range required {
						if _, ok := record[key]; !ok {
							t.Errorf("%s: the record has no %s", c.Name, key)
						}
					}
					r, err := cloudtrail.Decode(e.Record)
					if err != nil || len(r.Odd) > 0 {
						t.Errorf("%s: decoding says %v, odd %v", c.Name, err, r.Odd)
						continue
					}
					if !r.EventTime.Equal(e.Time) {
						t.Errorf("%s: event of %s says %s", c.Name, e.Time, r.EventTime)
					}
					if ids[r.EventID] {
						t.Errorf("%s: event id %s comes twice", c.Name, r.EventID)
					}
					ids[r.EventID] = true
					for _, found := range exampleAccounts.FindAllStringSubmatch(string(e.Record), -1) {
						if id := found[1]; id != "111122223333" && id != "123456789012" {
							t.Errorf("%s: account %s is none of AWS's examples", c.Name, id)
						}
					}
				}
			}
		})
	}
}

func matches(t *testing.T, p *filterpattern.Pattern, e Event) bool {
	t.Helper()
	got, err := p.Match(e.Record)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Each filter matches the events that its cases say, and no clause of it is
// idle: without the clause some event gets another verdict. So there is an event
// for each alternative, and a near miss for each condition that narrows.
func TestEveryClauseCounts(t *testing.T) {
	for _, d := range examples(t) {
		for _, f := range d.Filters {
			t.Run(f.Name, func(t *testing.T) {
				p, err := filterpattern.Parse(f.Pattern)
				if err != nil {
					t.Fatal(err)
				}
				all := cases(t, d)
				for _, c := range all {
					want := slices.Contains(c.Matches, f.Name)
					for _, e := range c.Events {
						if got := matches(t, p, e); got != want {
							t.Errorf("case %q: match %v, want %v", c.Name, got, want)
							break
						}
					}
				}
				for i, clause := range p.Clauses() {
					without := p.Without(i)
					if without == nil {
						continue // the only clause: every case is about it
					}
					noticed := slices.ContainsFunc(all, func(c Case) bool {
						return slices.ContainsFunc(c.Events, func(e Event) bool {
							return matches(t, without, e) != slices.Contains(c.Matches, f.Name)
						})
					})
					if !noticed {
						t.Errorf("no event notices when %s is left out", clause.Text)
					}
				}
			})
		}
	}
}

// Each entry has cases of both kinds.
func TestCasesOfBothKinds(t *testing.T) {
	for _, d := range examples(t) {
		fires, silent := 0, 0
		for _, c := range cases(t, d) {
			if c.Fires {
				fires++
			} else {
				silent++
			}
			for _, m := range c.Matches {
				if !slices.ContainsFunc(d.Filters, func(f Filter) bool { return f.Name == m }) {
					t.Errorf("%s: case %q names a filter %s that is none", d.ID, c.Name, m)
				}
			}
		}
		if fires == 0 || silent == 0 {
			t.Errorf("%s has %d cases that fire and %d that do not", d.ID, fires, silent)
		}
	}
}

// A user of single sign-on never trips the alarm on sign-ins without MFA, under
// any of the ways in which AWS writes that user.
func TestSingleSignOnIsNotWithoutMFA(t *testing.T) {
	p, err := filterpattern.Parse(noMFAConsoleSignin.Filters[0].Pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, identity := range []string{"AssumedRole", "SAMLUser", "FederatedUser", "IdentityCenterUser", "WebIdentityUser", "Unknown"} {
		event := `{"eventName":"ConsoleLogin","userIdentity":{"type":"` + identity + `"},"additionalEventData":{"MFAUsed":"No"},"responseElements":{"ConsoleLogin":"Success"}}`
		if got, err := p.Match([]byte(event)); got || err != nil {
			t.Errorf("%s: match %v, error %v", identity, got, err)
		}
	}
}
