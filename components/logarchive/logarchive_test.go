package logarchive

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
		AccountID: pulumi.String("222222222222"), Region: "eu-central-1",
		TrailAccountID: pulumi.String("123456789012"), TrailName: pulumi.String("organization-trail"), OrganizationID: pulumi.String("o-exampleorg1"),
		DeployRoleARN:     pulumi.String("arn:aws:iam::222222222222:role/Deploy"),
		BreakGlassRoleARN: pulumi.String("arn:aws:iam::222222222222:role/BreakGlass"),
		Protection:        MFADelete,
	}
}

func lockOf(years, days int) *ObjectLock {
	return &ObjectLock{Mode: "GOVERNANCE", RetentionYears: years, ExpirationDays: days}
}

// TestNewRefuses: every mix that S3 or the archive's promise refuses is an
// error before anything is registered.
func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Args)
		want   string
	}{
		"no account":               {func(a *Args) { a.AccountID = nil }, "AccountID is missing"},
		"no trail":                 {func(a *Args) { a.TrailName = nil }, "TrailName is missing"},
		"no deploy role":           {func(a *Args) { a.DeployRoleARN = nil }, "DeployRoleARN is missing"},
		"no region":                {func(a *Args) { a.Region = "" }, "region is missing"},
		"an unknown protection":    {func(a *Args) { a.Protection = "vault" }, `"vault"; allowed are mfa-delete and worm`},
		"a lock beside MFA delete": {func(a *Args) { a.ObjectLock = lockOf(3, 2000) }, "S3 refuses a lifecycle rule beside MFA delete"},
		"worm without a lock":      {func(a *Args) { a.Protection = WORM }, "ObjectLock is missing"},
		"an unknown mode": {func(a *Args) {
			a.Protection = WORM
			a.ObjectLock = &ObjectLock{Mode: "FOREVER", RetentionYears: 3, ExpirationDays: 2000}
		}, "allowed are GOVERNANCE and COMPLIANCE"},
		"expiry before the lock ends":  {func(a *Args) { a.Protection = WORM; a.ObjectLock = lockOf(3, 3*366) }, "the expiration longer"},
		"a lock of no years":           {func(a *Args) { a.Protection = WORM; a.ObjectLock = lockOf(0, 100) }, "1 or more"},
		"a replica without a lock":     {func(a *Args) { a.Replica = &ReplicaArgs{} }, "the replica is always locked"},
		"a replica without a provider": {func(a *Args) { a.ObjectLock = lockOf(3, 2000); a.Replica = &ReplicaArgs{Region: "eu-west-1"} }, "needs Provider"},
		"a disposable COMPLIANCE lock": {func(a *Args) {
			a.Protection, a.Disposable = WORM, true
			a.ObjectLock = &ObjectLock{Mode: "COMPLIANCE", RetentionYears: 3, ExpirationDays: 2000}
		}, "nobody can remove a COMPLIANCE lock"},
	} {
		t.Run(name, func(t *testing.T) {
			args := complete()
			c.change(args)
			recording, err := declared(args)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `log archive "logs"`) {
				t.Errorf("error %v, want one that names the archive and %q", err, c.want)
			}
			if recording != nil && len(recording.Resources) > 1 {
				t.Errorf("registered %d resources before it failed", len(recording.Resources))
			}
		})
	}
	if _, err := declared(nil); err == nil {
		t.Error("nil args are accepted")
	}
}

func declared(args *Args) (*plan.Recording, error) {
	return plan.Record("example", "test", func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "audit", &aws.ProviderArgs{Region: pulumi.String("eu-central-1")})
		if err != nil {
			return err
		}
		_, err = New(ctx, "logs", args, pulumi.Provider(provider))
		return err
	}, nil)
}

// TestTheTwoProtectionsNeverMix looks at what each declares on the log bucket.
func TestTheTwoProtectionsNeverMix(t *testing.T) {
	worm := complete()
	worm.Protection, worm.ObjectLock = WORM, lockOf(3, 2000)
	for protection, args := range map[Protection]*Args{MFADelete: complete(), WORM: worm} {
		recording, err := declared(args)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]bool{}
		for _, r := range recording.Resources {
			if r.Name != "logs-bucket" {
				continue
			}
			_, kind, _ := strings.Cut(r.Type, ":")
			found[kind] = true
			if locked := r.Inputs["objectLockEnabled"]; r.Type == "aws:s3/bucketV2:BucketV2" && locked.BoolValue() != (protection == WORM) {
				t.Errorf("%s: Object Lock is %v", protection, locked)
			}
		}
		lock, lifecycle := found["s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"], found["s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"]
		if want := protection == WORM; lock != want || lifecycle != want {
			t.Errorf("%s: lock %t and lifecycle %t, want both %t", protection, lock, lifecycle, want)
		}
	}
}

// TestInputsMayComeLate: an account id that another resource of the program
// yields is no obstacle, only less to read in a preview.
func TestInputsMayComeLate(t *testing.T) {
	args := complete()
	recording, err := plan.Record("example", "test", func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "audit", &aws.ProviderArgs{Region: pulumi.String("eu-central-1")})
		if err != nil {
			return err
		}
		args.AccountID = provider.ID().ToStringOutput() // unknown in a first preview
		_, err = New(ctx, "logs", args, pulumi.Provider(provider))
		return err
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range recording.Resources {
		if policy, ok := r.Inputs["policy"]; ok && r.Type == "aws:kms/key:Key" && !policy.ContainsUnknowns() {
			t.Errorf("the policy of %s is known, although the account is not: %v", r.Name, policy)
		}
		if r.Type == "aws:s3/bucketVersioningV2:BucketVersioningV2" && r.Inputs["versioningConfiguration"].ObjectValue()["status"] != resource.NewProperty("Enabled") {
			t.Errorf("versioning of %s is %v", r.Name, r.Inputs["versioningConfiguration"])
		}
	}
}
