package trail

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/internal/plan"
)

func complete() *Args {
	return &Args{
		AccountID: pulumi.String("123456789012"), Region: "eu-central-1", Name: pulumi.String("organization-trail"),
		OrganizationID: pulumi.String("o-exampleorg1"),
		BucketName:     pulumi.String("log-archive"), LogBuckets: pulumi.StringArray{pulumi.String("log-archive"), pulumi.String("access-logs")},
		LogKeyARN:         pulumi.String("arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555"),
		DeployRoleARN:     pulumi.String("arn:aws:iam::123456789012:role/Deploy"),
		BreakGlassRoleARN: pulumi.String("arn:aws:iam::123456789012:role/BreakGlass"),
	}
}

func declared(args *Args) (map[string]plan.Resource, error) {
	recording, err := plan.Record("example", "test", func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "management", &aws.ProviderArgs{Region: pulumi.String("eu-central-1")})
		if err != nil {
			return err
		}
		_, err = New(ctx, "main", args, pulumi.Provider(provider))
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	resources := map[string]plan.Resource{}
	for _, r := range recording.Resources {
		resources[r.Type+" "+r.Name] = r
	}
	return resources, nil
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Args)
		want   string
	}{
		"no bucket": {func(a *Args) { a.BucketName = nil }, "BucketName is missing"},
		"no key":    {func(a *Args) { a.LogKeyARN = nil }, "LogKeyARN is missing"},
		"no region": {func(a *Args) { a.Region = "" }, "region is missing"},
		"data events and no log buckets": {func(a *Args) {
			a.LogBuckets, a.DataEvents = nil, []DataEvent{{Type: s3ObjectType, ReadWrite: "all", AcknowledgeCost: true}}
		}, "name every bucket that holds logs"},
		"every object without a word about the cost": {func(a *Args) { a.DataEvents = []DataEvent{{Type: s3ObjectType, ReadWrite: "all"}} }, "set AcknowledgeCost"},
		"no resource type":                           {func(a *Args) { a.DataEvents = []DataEvent{{Type: "S3", ReadWrite: "all", AcknowledgeCost: true}} }, "a resource type is needed"},
		"reads and writes by another name": {func(a *Args) {
			a.DataEvents = []DataEvent{{Type: s3ObjectType, ReadWrite: "both", AcknowledgeCost: true}}
		}, "allowed are read, write and all"},
	} {
		t.Run(name, func(t *testing.T) {
			args := complete()
			c.change(args)
			if _, err := declared(args); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `trail "main"`) {
				t.Errorf("error %v, want one that names the trail and %q", err, c.want)
			}
		})
	}
	if _, err := declared(nil); err == nil {
		t.Error("nil args are accepted")
	}
}

// TestLogBucketsAreNeverRecorded: whatever S3 selector is asked for, the
// objects of the log buckets are left out, by prefixes that end with a slash, so
// that a bucket with a longer name is not left out too.
func TestLogBucketsAreNeverRecorded(t *testing.T) {
	args := complete()
	args.DataEvents = []DataEvent{
		{Type: s3ObjectType, ReadWrite: "all", AcknowledgeCost: true},
		{Type: s3ObjectType, ReadWrite: "read", ARNPrefixes: []string{"arn:aws:s3:::payments/"}},
		{Type: "AWS::Lambda::Function", ReadWrite: "write", AcknowledgeCost: true},
	}
	resources, err := declared(args)
	if err != nil {
		t.Fatal(err)
	}
	selectors := resources["aws:cloudtrail/trail:Trail main"].Inputs["advancedEventSelectors"].ArrayValue()
	if len(selectors) != 4 {
		t.Fatalf("%d selectors, want those of management events and of three kinds of data events", len(selectors))
	}
	left := 0
	for _, s := range selectors {
		for _, field := range s.ObjectValue()["fieldSelectors"].ArrayValue() {
			excluded, ok := field.ObjectValue()["notStartsWiths"]
			if !ok {
				continue
			}
			left++
			want := resource.NewProperty([]resource.PropertyValue{resource.NewProperty("arn:aws:s3:::log-archive/"), resource.NewProperty("arn:aws:s3:::access-logs/")})
			if !excluded.DeepEquals(want) {
				t.Errorf("left out are %v, want %v", excluded, want)
			}
		}
	}
	if left != 2 {
		t.Errorf("%d selectors leave the log buckets out, want the two of S3 objects", left)
	}
}

// TestNeedsComeBeforeTheTrailAlone: what the trail has to wait for does not
// hold up its key and log group.
func TestNeedsComeBeforeTheTrailAlone(t *testing.T) {
	recording, err := plan.Record("example", "test", func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "management", &aws.ProviderArgs{Region: pulumi.String("eu-central-1")})
		if err != nil {
			return err
		}
		archive, err := aws.NewProvider(ctx, "stands-for-the-archive", &aws.ProviderArgs{Region: pulumi.String("eu-central-1")})
		if err != nil {
			return err
		}
		args := complete()
		args.Needs = []pulumi.Resource{archive}
		_, err = New(ctx, "main", args, pulumi.Provider(provider))
		return err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recording.Resources {
		waits := strings.Contains(strings.Join(r.Dependencies, " "), "stands-for-the-archive")
		if want := r.Type == "aws:cloudtrail/trail:Trail"; waits != want {
			t.Errorf("%s %s waits for the archive: %t, want %t", r.Type, r.Name, waits, want)
		}
	}
}

// TestOrganizationFollowsFromItsID: there is no second switch that could differ.
func TestOrganizationFollowsFromItsID(t *testing.T) {
	alone := complete()
	alone.OrganizationID = nil
	for want, args := range map[bool]*Args{true: complete(), false: alone} {
		resources, err := declared(args)
		if err != nil {
			t.Fatal(err)
		}
		if got := resources["aws:cloudtrail/trail:Trail main"].Inputs["isOrganizationTrail"]; got.BoolValue() != want {
			t.Errorf("organization trail: %v, want %t", got, want)
		}
		policy := resources["aws:iam/rolePolicy:RolePolicy main-logs"].Inputs["policy"].StringValue()
		if got := strings.Contains(policy, "log-stream:o-exampleorg1_*"); got != want {
			t.Errorf("the role may write the organization's streams: %t, want %t", got, want)
		}
	}
}
