package preflight

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/trailkeep/trailkeep/awspolicy"
	"github.com/trailkeep/trailkeep/stacks/config"
)

const deployRolePage = "../../docs/deploy-role.md"

// TestDeployRolePage keeps the policies on the page those of the example.
func TestDeployRolePage(t *testing.T) {
	cfg, err := config.Load("../../Pulumi.dev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range DeployPolicies(cfg) {
		fmt.Fprintf(&b, "\n### Policy: %s\n\nAccount %s.\n\n| statement | reason |\n|---|---|\n", p.Name, p.Account)
		for _, s := range p.Document.Statements {
			fmt.Fprintf(&b, "| %s | %s |\n", s.Sid, s.Reason)
		}
		var document bytes.Buffer
		if err := json.Indent(&document, []byte(p.Document.JSON()), "", "  "); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "\n```json\n%s\n```\n", document.String())
	}
	page, err := os.ReadFile(deployRolePage)
	if err != nil {
		t.Fatal(err)
	}
	const marker = "-update -->\n"
	head, tail, ok := strings.Cut(string(page), marker)
	if !ok {
		t.Fatalf("%s has lost its marker %q", deployRolePage, marker)
	}
	if *update {
		if err := os.WriteFile(deployRolePage, []byte(head+marker+b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if tail != b.String() {
		t.Errorf("%s does not hold the policies of Pulumi.dev.yaml; write them anew: go test ./internal/preflight -run TestDeployRolePage -update", deployRolePage)
	}
}

// TestDeployRolePagePolicies reads every policy on the page, trust policies
// included.
func TestDeployRolePagePolicies(t *testing.T) {
	page, err := os.ReadFile(deployRolePage)
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) < 6 {
		t.Fatalf("%d policies on the page", len(blocks))
	}
	for i, block := range blocks {
		document, err := awspolicy.Parse(block[1])
		if err != nil {
			t.Errorf("policy %d of the page: %v", i+1, err)
			continue
		}
		if err := document.Validate(); err != nil {
			t.Errorf("policy %d of the page: %v", i+1, err)
		}
	}
}
