package stacks

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/internal/plan"
	"github.com/trailkeep/trailkeep/stacks/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

// organizationAnswer is what AWS says of the organization in testdata.
func organizationAnswer(change func(resource.PropertyMap)) plan.Invoke {
	return func(token string, _ resource.PropertyMap) (resource.PropertyMap, error) {
		if token == "pulumi:pulumi:StackReference" {
			return resource.NewPropertyMapFromMap(map[string]any{
				"name":    "organization/trailkeep/archive",
				"outputs": map[string]any{"logKeyArn": "arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555"},
			}), nil
		}
		if token != "aws:organizations/getOrganization:getOrganization" {
			return nil, fmt.Errorf("unexpected question %s", token)
		}
		answer := resource.NewPropertyMapFromMap(map[string]any{
			"id": "o-exampleorg1", "masterAccountId": "123456789012", "featureSet": "ALL",
			"awsServiceAccessPrincipals": []any{"cloudtrail.amazonaws.com"},
		})
		if change != nil {
			change(answer)
		}
		return answer, nil
	}
}

func record(t *testing.T, file string, invoke plan.Invoke) (*plan.Recording, error) {
	t.Helper()
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Record("trailkeep", "test", func(ctx *pulumi.Context) error { return Declare(ctx, cfg) }, invoke)
}

// TestRegistrations holds, for each stack file in testdata, everything that it
// declares. The golden files are read in review.
func TestRegistrations(t *testing.T) {
	files, err := filepath.Glob("testdata/Pulumi.*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stack files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			recording, err := record(t, file, organizationAnswer(nil))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := recording.Text(&got); err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("declares something else than %s (-want +got); go test -update writes it anew:\n%s", golden, diff)
			}
		})
	}
}

// evidenceTypes are the types that hold evidence or decide what becomes of it.
var evidenceTypes = []string{
	"aws:s3/", "aws:kms/", "aws:cloudtrail/", "aws:cloudwatch/logGroup:", "aws:iam/", "aws:organizations/", "aws:sns/", "trailkeep:logarchive:", "trailkeep:trail:", "trailkeep:stacks:DestroyLock",
}

// TestEvidenceIsKept demands both options on every resource of the archive and
// the trail: neither a skipped preview nor a partial destroy stops at a parent.
func TestEvidenceIsKept(t *testing.T) {
	files, _ := filepath.Glob("testdata/Pulumi.*.yaml")
	for _, file := range files {
		recording, err := record(t, file, organizationAnswer(nil))
		if err != nil {
			t.Fatal(err)
		}
		disposable := strings.Contains(file, "disposable")
		for _, r := range recording.Resources {
			if !slices.ContainsFunc(evidenceTypes, func(prefix string) bool { return strings.HasPrefix(r.Type, prefix) }) {
				continue
			}
			retained := r.RetainOnDelete || r.Type == "trailkeep:stacks:DestroyLock"
			if disposable && (r.Protect || r.RetainOnDelete) && r.Type != "aws:organizations/organization:Organization" {
				t.Errorf("%s: %s %s is kept, although the stack is disposable", file, r.Type, r.Name)
			}
			if !disposable && (!r.Protect || !retained) {
				t.Errorf("%s: %s %s has protect %t and retainOnDelete %t, want both", file, r.Type, r.Name, r.Protect, r.RetainOnDelete)
			}
		}
	}
}

// TestEveryResourceHasItsProvider: a resource that falls back on the default
// provider lands in whatever account the environment points at.
func TestEveryResourceHasItsProvider(t *testing.T) {
	files, _ := filepath.Glob("testdata/Pulumi.*.yaml")
	for _, file := range files {
		recording, err := record(t, file, organizationAnswer(nil))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range recording.Resources {
			switch {
			case r.Type == "pulumi:providers:aws":
				if accounts := r.Inputs["allowedAccountIds"]; !accounts.IsArray() || len(accounts.ArrayValue()) != 1 {
					t.Errorf("%s: provider %s is not bound to one account: %v", file, r.Name, accounts)
				}
			case strings.HasPrefix(r.Type, "aws:"):
				if r.Provider == "" {
					t.Errorf("%s: %s %s has no provider", file, r.Type, r.Name)
				}
			}
		}
	}
}

// TestOrganizationIsChecked holds what is said when AWS and the stack file
// differ.
func TestOrganizationIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(resource.PropertyMap)
		want   []string
	}{
		"another organization": {
			func(p resource.PropertyMap) { p["id"] = resource.NewProperty("o-strangers01") },
			[]string{"trailkeep:organization.id", "o-exampleorg1", "o-strangers01"},
		},
		"another management account": {
			func(p resource.PropertyMap) { p["masterAccountId"] = resource.NewProperty("999999999999") },
			[]string{"trailkeep:organization.managementAccount", "123456789012", "999999999999"},
		},
		"billing only": {
			func(p resource.PropertyMap) { p["featureSet"] = resource.NewProperty("CONSOLIDATED_BILLING") },
			[]string{"CONSOLIDATED_BILLING", "aws organizations enable-all-features"},
		},
		"no trusted access": {
			func(p resource.PropertyMap) {
				p["awsServiceAccessPrincipals"] = resource.NewProperty([]resource.PropertyValue{resource.NewProperty("config.amazonaws.com")})
			},
			[]string{"config.amazonaws.com", "aws organizations enable-aws-service-access --service-principal cloudtrail.amazonaws.com"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := record(t, "testdata/Pulumi.organization.yaml", organizationAnswer(c.change))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error does not name %q:\n%v", want, err)
				}
			}
		})
	}
}
