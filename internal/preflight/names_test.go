package preflight

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/policydocuments"
	"github.com/trailkeep/trailkeep/stacks"
)

// recorder collects what a program registers, as a provider would first see it.
type recorder struct {
	mu        sync.Mutex
	resources []pulumi.MockResourceArgs
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resources = append(r.resources, args)
	outputs := args.Inputs.Copy()
	outputs["arn"] = resource.NewProperty("arn:aws:x:::" + args.Name)
	return args.Name, outputs, nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{
		"id": resource.NewProperty("o-exampleorg1"), "masterAccountId": resource.NewProperty(management), "featureSet": resource.NewProperty("ALL"),
		"awsServiceAccessPrincipals": resource.NewProperty([]resource.PropertyValue{resource.NewProperty("cloudtrail.amazonaws.com")}),
	}, nil
}

// named is what of a resource is its name in AWS, by type.
var named = map[string]resource.PropertyKey{
	"aws:s3/bucketV2:BucketV2": "bucket", "aws:kms/alias:Alias": "name", "aws:iam/role:Role": "name",
	"aws:cloudwatch/logGroup:LogGroup": "name", "aws:cloudtrail/trail:Trail": "name", "aws:sns/topic:Topic": "name",
}

// TestNamesAreTheProgramsOwn registers each stack offline and demands that every
// name it takes in AWS is one that a claim of the preflight would be about, with
// the same type and the same name in the program, and that keys and roles bear
// the marks by which they are recognized.
func TestNamesAreTheProgramsOwn(t *testing.T) {
	for _, stack := range []string{"default", "worm", "replica", "archive", "trail", "account"} {
		t.Run(stack, func(t *testing.T) {
			cfg := load(t, stack)
			var rec recorder
			err := pulumi.RunErr(func(ctx *pulumi.Context) error { return stacks.Declare(ctx, cfg) }, pulumi.WithMocks("trailkeep", "test", &rec))
			if err != nil {
				t.Fatal(err)
			}
			claims := everyClaim(t, stack)
			tags := []string{logKeyTag, replicaKeyTag, deliveryKeyTag}
			descriptions := []string{readerRoleDescription, replicationRoleText, trailRoleDescription}
			seen := 0
			for _, r := range rec.resources {
				switch r.TypeToken {
				case "aws:kms/key:Key":
					if tag := r.Inputs["tags"].ObjectValue()["trailkeep:name"]; !slices.Contains(tags, tag.StringValue()) || tag.StringValue() != r.Name {
						t.Errorf("key %s is tagged %v", r.Name, tag)
					}
					continue
				case "aws:iam/role:Role":
					if d := r.Inputs["description"].StringValue(); !slices.Contains(descriptions, d) {
						t.Errorf("role %s has the description %q", r.Name, d)
					}
				}
				property, ok := named[r.TypeToken]
				if !ok {
					continue
				}
				seen++
				want := r.TypeToken + " " + r.Name + " " + r.Inputs[property].StringValue()
				if !slices.Contains(claims, want) {
					t.Errorf("the program takes a name that no check looks for: %s\nchecked: %s", want, strings.Join(claims, "\n         "))
				}
			}
			if seen == 0 {
				t.Error("the program registered nothing that has a name")
			}
		})
	}
}

// everyClaim returns the claims of a stack, read from the remedies that a world
// in which everything exists brings forth.
func everyClaim(t *testing.T, stack string) []string {
	t.Helper()
	cfg := load(t, stack)
	var claims []string
	whole := stack
	if stack == "archive" || stack == "trail" {
		whole = "default"
	}
	w := broughtUp(load(t, whole))
	var mu sync.Mutex
	run(t.Context(), cfg, w.deployer(cfg), func(typ, id string) bool {
		mu.Lock()
		defer mu.Unlock()
		claims = append(claims, typ+" "+id)
		return true
	})
	// The ids of trail and topic are ARNs, and the program's own names are in
	// the remedy only; both come from a second run that records nothing.
	r := run(t.Context(), cfg, w.deployer(cfg), func(string, string) bool { return false })
	var full []string
	for _, c := range r.Checks {
		_, command, ok := strings.Cut(c.Remedy, "pulumi import ")
		if !ok {
			continue
		}
		command, _, _ = strings.Cut(command, ";")
		parts := strings.Fields(command)
		id := parts[2]
		if !slices.Contains(claims, parts[0]+" "+id) {
			t.Errorf("%s: %s was not asked of the state", c.ID, command)
		}
		switch parts[0] {
		case "aws:cloudtrail/trail:Trail":
			id = id[strings.LastIndex(id, "/")+1:]
		case "aws:sns/topic:Topic":
			id = id[strings.LastIndex(id, ":")+1:]
		}
		full = append(full, parts[0]+" "+parts[1]+" "+id)
	}
	return full
}

func TestDeployPoliciesFitTheStack(t *testing.T) {
	for stack, want := range map[string][]string{
		"default": {"management", "audit"}, "replica": {"management", "audit", "replica"},
		"archive": {"audit"}, "trail": {"management"}, "account": {"account"},
	} {
		var names []string
		for _, p := range DeployPolicies(load(t, stack)) {
			names = append(names, p.Name)
			if err := p.Document.Validate(); err != nil {
				t.Errorf("%s, %s: %v", stack, p.Name, err)
			}
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: policies for %v, want %v", stack, names, want)
		}
	}
}

// TestPreflightIsAllowed keeps the checks within what the deploy role may do.
func TestPreflightIsAllowed(t *testing.T) {
	calls := map[string][]policydocuments.Call{
		"management": {
			{Service: "organizations", Operation: "DescribeOrganization"}, {Service: "organizations", Operation: "ListAWSServiceAccessForOrganization"},
			{Service: "organizations", Operation: "ListRoots"}, {Service: "organizations", Operation: "ListDelegatedAdministrators"},
			{Service: "iam", Operation: "GetRole"}, {Service: "cloudtrail", Operation: "DescribeTrails"}, {Service: "cloudtrail", Operation: "ListTrails"},
			{Service: "cloudtrail", Operation: "GetEventSelectors"}, {Service: "kms", Operation: "DescribeKey"}, {Service: "kms", Operation: "ListResourceTags"},
			{Service: "logs", Operation: "DescribeLogGroups"}, {Service: "sns", Operation: "GetTopicAttributes"}, {Service: "sts", Operation: "AssumeRole"},
		},
		"audit": {
			{Service: "s3", Operation: "HeadBucket"}, {Service: "s3", Operation: "GetBucketPolicy"}, {Service: "s3", Operation: "GetObjectLockConfiguration"},
			{Service: "s3", Operation: "GetBucketVersioning"}, {Service: "kms", Operation: "DescribeKey"}, {Service: "kms", Operation: "ListResourceTags"},
			{Service: "iam", Operation: "GetRole"}, {Service: "iam", Operation: "GetUser"}, {Service: "cloudtrail", Operation: "DescribeTrails"},
			{Service: "cloudtrail", Operation: "ListTrails"}, {Service: "cloudtrail", Operation: "GetEventSelectors"},
		},
		"replica": {
			{Service: "s3", Operation: "HeadBucket"}, {Service: "s3", Operation: "GetBucketPolicy"}, {Service: "s3", Operation: "GetObjectLockConfiguration"},
			{Service: "s3", Operation: "GetBucketVersioning"}, {Service: "iam", Operation: "GetRole"},
		},
	}
	for _, p := range DeployPolicies(load(t, "replica")) {
		if missing, _ := policydocuments.DeployGaps(calls[p.Name], p.Document); len(missing) > 0 {
			t.Errorf("%s: %s", p.Name, strings.Join(missing, "; "))
		}
	}
}
