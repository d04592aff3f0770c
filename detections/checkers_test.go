package detections

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// checkers holds what public checkers demand of the filters behind the
// monitoring section of the CIS benchmark, quoted with source and licence in
// testdata/checkers.json.
type checkers struct {
	Sources []struct {
		Checker, Repository, Commit, Licence, Note string
	}
	Controls map[string]struct {
		Prowler struct {
			Check string
			AllOf []string
		}
		Steampipe   string
		Trivy       []string
		SecurityHub []string
	}
}

func loadCheckers(t *testing.T) checkers {
	t.Helper()
	raw, err := os.ReadFile("testdata/checkers.json")
	if err != nil {
		t.Fatal(err)
	}
	var c checkers
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	space = regexp.MustCompile(`\s+`)
	// word is a quoted text that means the same without its quotes.
	word = regexp.MustCompile(`"([A-Za-z0-9.]+)"`)
)

// verdict says by a letter each which checkers a pattern satisfies for a
// control: Prowler, Steampipe, Trivy, Security Hub.
func (c checkers) verdict(t *testing.T, control, pattern string) string {
	t.Helper()
	want, ok := c.Controls[control]
	if !ok {
		t.Fatalf("no checker has %s", control)
	}
	found := func(re string) bool {
		// Both search with "." matching line ends too.
		return regexp.MustCompile(`(?s)` + re).MatchString(pattern)
	}
	verdict := []byte("----")
	prowler := true
	for _, re := range want.Prowler.AllOf {
		prowler = prowler && found(re)
	}
	if prowler {
		verdict[0] = 'P'
	}
	if found(want.Steampipe) {
		verdict[1] = 'S'
	}
	for _, text := range want.Trivy {
		if strings.Contains(space.ReplaceAllString(pattern, ""), space.ReplaceAllString(text, "")) {
			verdict[2] = 'T'
		}
	}
	plain := func(s string) string { return word.ReplaceAllString(space.ReplaceAllString(s, ""), "$1") }
	for _, text := range want.SecurityHub {
		if plain(pattern) == plain(text) {
			verdict[3] = 'H'
		}
	}
	return string(verdict)
}

// Filter by filter, which checkers are satisfied. Where a letter is missing from
// every filter of a control, unsatisfied says why.
func TestCheckers(t *testing.T) {
	want := map[string]string{
		"UnauthorizedAPICalls":      "PST-",
		"UnauthorizedAPICallsExact": "P-TH",
		"NoMFAConsoleSignin":        "PS-H",
		"RootUsage":                 "PS-H",
		"IAMPolicyChanges":          "PSTH",
		"CloudTrailChanges":         "PSTH",
		"ConsoleAuthFailures":       "PSTH",
		"DisableOrDeleteCMK":        "PSTH",
		"S3BucketPolicyChanges":     "PSTH",
		"ConfigChanges":             "PSTH",
		"SecurityGroupChanges":      "P-TH",
		"SecurityGroupChanges-ext":  "PS--",
		"NACLChanges":               "PSTH",
		"NetworkGatewayChanges":     "PSTH",
		"RouteTableChanges":         "-STH",
		"RouteTableChanges-ext":     "PS--",
		"VPCChanges":                "PSTH",
		"OrganizationsChanges":      "-ST-",
		"OrganizationsChanges-ext":  "P-T-",
	}
	unsatisfied := map[string]string{
		"4.2 Trivy":         `an upstream fault: AWS-0148 writes "==", which no filter pattern may have`,
		"4.3 Trivy":         `an upstream fault: AWS-0149 writes "&.eventType", which no filter pattern may have`,
		"4.15 Security Hub": "Security Hub has no control on it",
	}
	c := loadCheckers(t)
	names := []string{"Prowler", "Steampipe", "Trivy", "Security Hub"}
	satisfied := map[string]bool{}
	for _, d := range All() {
		control := d.Controls.CIS
		if d.ID == unauthorizedAPICallsExact.ID {
			control = "4.1"
		}
		if control == "" {
			continue
		}
		for _, f := range d.Filters {
			got := c.verdict(t, control, f.Pattern)
			if got != want[f.Name] {
				t.Errorf("%s %s satisfies %s, want %s", control, f.Name, got, want[f.Name])
			}
			delete(want, f.Name)
			for i, letter := range got {
				if letter != '-' {
					satisfied[control+" "+names[i]] = true
				}
			}
		}
	}
	for name := range want {
		t.Errorf("filter %s is gone", name)
	}
	for control := range c.Controls {
		for _, checker := range names {
			key := control + " " + checker
			switch reason := unsatisfied[key]; {
			case satisfied[key] && reason != "":
				t.Errorf("%s is satisfied; it is listed as not: %s", key, reason)
			case !satisfied[key] && reason == "":
				t.Errorf("%s is not satisfied by any filter", key)
			}
		}
	}
}

// The two faults upstream are faults: with the typing error mended, the filters
// satisfy the checks.
func TestUpstreamFaults(t *testing.T) {
	c := loadCheckers(t)
	for _, fault := range []struct{ control, wrong, right string }{
		{"4.2", "==", "="},
		{"4.3", "&.eventType", "$.eventType"},
	} {
		text := c.Controls[fault.control].Trivy[0]
		if !strings.Contains(text, fault.wrong) {
			t.Errorf("%s: Trivy no longer has %q: %s", fault.control, fault.wrong, text)
		}
		c.Controls[fault.control].Trivy[0] = strings.ReplaceAll(text, fault.wrong, fault.right)
	}
	for control, d := range map[string]Detection{"4.2": noMFAConsoleSignin, "4.3": rootUsage} {
		if got := c.verdict(t, control, d.Filters[0].Pattern); got != "PSTH" {
			t.Errorf("%s: with Trivy's text mended the verdict is %s, want PSTH", control, got)
		}
	}
}

// What checkers ask of the wiring: the alarm's metric is the first filter's name
// (Trivy), and the settings are those of the benchmark's text.
func TestCheckersWiring(t *testing.T) {
	for _, d := range All() {
		if d.Controls.CIS == "" {
			continue
		}
		if d.Filters[0].Name != d.Metric.Name {
			t.Errorf("%s: filter %s, metric %s", d.ID, d.Filters[0].Name, d.Metric.Name)
		}
		if d.Alarm != eachEvent {
			t.Errorf("%s: the alarm is set to %+v; the benchmark asks for %+v", d.ID, d.Alarm, eachEvent)
		}
	}
}

func TestCheckersAreQuotedWithSource(t *testing.T) {
	for _, s := range loadCheckers(t).Sources {
		if s.Checker == "" || s.Repository == "" || len(s.Commit) < 40 || s.Licence == "" || s.Note == "" {
			t.Errorf("incomplete source: %+v", s)
		}
	}
}
