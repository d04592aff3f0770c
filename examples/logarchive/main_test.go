package main

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/components/logarchive"
	"github.com/trailkeep/trailkeep/internal/plan"
)

func declared(t *testing.T, program pulumi.RunFunc) []plan.Resource {
	t.Helper()
	t.Setenv(pulumi.EnvConfig, `{"example:auditAccount":"222222222222","example:managementAccount":"123456789012","example:organization":"o-exampleorg1"}`)
	recording, err := plan.Record("example", "test", program, nil)
	if err != nil {
		t.Fatal(err)
	}
	return recording.Resources
}

// TestAlone: the component needs nothing of the stacks, and every child hangs
// on it.
func TestAlone(t *testing.T) {
	types := map[string]int{}
	for _, r := range declared(t, archive) {
		types[r.Type]++
		if r.Custom && r.Type != "pulumi:providers:aws" && r.Parent != "logs" {
			t.Errorf("%s %s hangs on %q", r.Type, r.Name, r.Parent)
		}
	}
	for _, want := range []string{"aws:s3/bucketV2:BucketV2", "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2", "aws:kms/key:Key", "aws:iam/role:Role"} {
		if types[want] == 0 {
			t.Errorf("no %s among %v", want, types)
		}
	}
}

// TestTwice: two archives in one program collide in no name.
func TestTwice(t *testing.T) {
	resources := declared(t, func(ctx *pulumi.Context) error {
		for _, name := range []string{"first", "second"} {
			if _, err := logarchive.New(ctx, name, &logarchive.Args{
				AccountID: pulumi.String("222222222222"), Region: "eu-central-1",
				TrailAccountID: pulumi.String("123456789012"), TrailName: pulumi.String(name), OrganizationID: pulumi.String("o-exampleorg1"),
				DeployRoleARN:     pulumi.String("arn:aws:iam::222222222222:role/Deploy"),
				BreakGlassRoleARN: pulumi.String("arn:aws:iam::222222222222:role/BreakGlass"),
				Protection:        logarchive.MFADelete,
				BucketName:        pulumi.String(name + "-logs"), AccessLogBucketName: pulumi.String(name + "-access"), ReaderRoleName: pulumi.String(name + "Reader"),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	var urns, names []string
	for _, r := range resources {
		urns = append(urns, r.URN)
		for _, property := range []string{"bucket", "name"} {
			if v, ok := r.Inputs[resource.PropertyKey(property)]; ok && v.IsString() && (r.Type == "aws:s3/bucketV2:BucketV2" || r.Type == "aws:kms/alias:Alias" || r.Type == "aws:iam/role:Role") {
				names = append(names, r.Type+" "+v.StringValue())
			}
		}
	}
	for what, list := range map[string][]string{"logical name": urns, "physical name": names} {
		slices.Sort(list)
		if unique := slices.Compact(slices.Clone(list)); len(unique) != len(list) || len(list) < 8 {
			t.Errorf("%s: want every one once, got %v", what, list)
		}
	}
}
