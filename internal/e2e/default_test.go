package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cttypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailkeep/trailkeep/internal/local"
)

// TestDefault brings the default shape up, reads both accounts back, changes
// things behind its back, and tries to destroy it.
func TestDefault(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, map[string]string{"dev": "config:\n" + organizationGroup + readersGroup})
	up, result := o.up("dev")
	check(t, up)
	todo, _ := json.Marshal(result.Outputs["todo"])
	if !strings.Contains(string(todo), "MFA delete") || !strings.Contains(string(todo), archiveBucket) {
		t.Errorf("the outputs do not say that MFA delete is left to do by hand: %s", todo)
	}
	o.unchanged("dev")
	o.leastPrivilege(up.Config(), 0)

	t.Run("drift", func(t *testing.T) { drift(t, o, up) })
	t.Run("another protection", func(t *testing.T) { anotherProtection(t, o) })
	t.Run("destroy", func(t *testing.T) { destroy(t, o, up) })
}

// check reads the default shape back through the API of both accounts.
func check(t *testing.T, up *local.Organization) {
	t.Helper()
	auditAccount := up.AWSConfig(audit)
	key := checkKey(t, auditAccount, "alias/"+archiveBucket, audit, strings.Fields(logKeySids)...)
	checkBucket(t, auditAccount, bucketWant{name: archiveBucket, region: region, keyARN: key, logsTo: accessLogBucket, statements: strings.Fields(archiveSids)})
	checkBucket(t, auditAccount, bucketWant{name: accessLogBucket, region: region, expires: accessLogExpires, statements: strings.Fields(accessLogSids)})
	checkTrail(t, up.AWSConfig(management), trailWant{
		name: "organization-trail", account: management, region: region, organization: true, bucket: archiveBucket, keyARN: key,
		logGroup: "/aws/cloudtrail/organization-trail", retention: 365,
		streams:          []string{"123456789012_CloudTrail_eu-central-1*", "o-exampleorg1_*"},
		logGroupKeyAlias: "alias/trailkeep-organization-trail",
	})
}

// anotherProtection: a live archive does not change from one protection to the
// other, already in the preview, and nothing is touched.
func anotherProtection(t *testing.T, o *organization) {
	o.write("dev", "config:\n"+organizationGroup+readersGroup+"  trailkeep:archive:\n    protection: worm\n")
	defer o.write("dev", "config:\n"+organizationGroup+readersGroup)
	_, from := o.calls(0)
	for what, do := range map[string]func(*local.Organization) (*local.Result, error){
		"preview": func(l *local.Organization) (*local.Result, error) { return l.Preview(t.Context()) },
		"up":      func(l *local.Organization) (*local.Result, error) { return l.Up(t.Context()) },
	} {
		if _, err := do(o.open("dev")); err == nil || !strings.Contains(err.Error(), "protect") {
			t.Errorf("a %s with another protection is not refused by name: %v", what, err)
		}
	}
	calls, _ := o.calls(from)
	if changed := writes(calls); len(changed) > 0 {
		t.Errorf("the change was refused and changed something first: %+v", changed)
	}
}

// drift changes things as an intruder would and demands that a preview names
// each and that an up repairs each.
func drift(t *testing.T, o *organization, up *local.Organization) {
	trails := cloudtrail.NewFromConfig(up.AWSConfig(management))
	// The deploy role is what an intruder has to take: it is exempt from the
	// denies, so nothing but the drift shows its doing.
	buckets := s3.NewFromConfig(up.DeployConfig(audit), func(o *s3.Options) { o.UsePathStyle = true })
	name := aws.String("organization-trail")

	for _, c := range []struct {
		what, resource string // part of the type that has to be named
		do             func() error
	}{
		{"the trail is stopped", "cloudtrail/trail:Trail", func() error {
			_, err := trails.StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: name})
			return err
		}},
		{"a deny is dropped from the bucket policy", "s3/bucketPolicy:BucketPolicy", func() error {
			policy, err := buckets.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String(archiveBucket)})
			if err != nil {
				return err
			}
			var document map[string]any
			if err := json.Unmarshal([]byte(aws.ToString(policy.Policy)), &document); err != nil {
				return err
			}
			document["Statement"] = slices.DeleteFunc(document["Statement"].([]any), func(s any) bool { return s.(map[string]any)["Sid"] == "DenyDestroy" })
			text, err := json.Marshal(document)
			if err != nil {
				return err
			}
			_, err = buckets.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(archiveBucket), Policy: aws.String(string(text))})
			return err
		}},
		{"versioning is suspended", "s3/bucketVersioningV2:BucketVersioningV2", func() error {
			_, err := buckets.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
				Bucket:                  aws.String(archiveBucket),
				VersioningConfiguration: &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusSuspended},
			})
			return err
		}},
		{"the selector is narrowed", "cloudtrail/trail:Trail", func() error {
			_, err := trails.PutEventSelectors(t.Context(), &cloudtrail.PutEventSelectorsInput{
				TrailName: name,
				AdvancedEventSelectors: []cttypes.AdvancedEventSelector{{
					Name: aws.String("Management events"),
					FieldSelectors: []cttypes.AdvancedFieldSelector{
						{Field: aws.String("eventCategory"), Equals: []string{"Management"}},
						{Field: aws.String("readOnly"), Equals: []string{"true"}},
					},
				}},
			})
			return err
		}},
	} {
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		preview, err := o.open("dev").Preview(t.Context())
		if err != nil {
			t.Fatalf("%s: preview: %v", c.what, err)
		}
		if !slices.ContainsFunc(preview.Drift, func(d local.Change) bool { return strings.Contains(d.Type, c.resource) }) {
			t.Errorf("%s: the preview names no drift of %s: drift %+v, changes %+v", c.what, c.resource, preview.Drift, preview.Changes)
		}
		_, repaired := o.up("dev")
		if len(repaired.Changes) == 0 {
			t.Errorf("%s: the up repaired nothing", c.what)
		}
		check(t, up)
		if t.Failed() {
			t.Fatalf("%s: not repaired", c.what)
		}
	}
	o.unchanged("dev")
}

// destroy is refused, with and without its preview, and touches nothing: no
// call that changes anything reaches AWS.
func destroy(t *testing.T, o *organization, up *local.Organization) {
	for what, do := range map[string]func(*local.Organization) (*local.Result, error){
		"destroy":                func(l *local.Organization) (*local.Result, error) { return l.DestroyWithPreview(t.Context()) },
		"destroy --skip-preview": func(l *local.Organization) (*local.Result, error) { return l.Destroy(t.Context()) },
	} {
		_, from := o.calls(0)
		_, err := do(o.open("dev"))
		if err == nil {
			t.Fatalf("%s went through", what)
		}
		if !strings.Contains(err.Error(), "protect") {
			t.Errorf("%s: the error does not name the protection: %v", what, err)
		}
		calls, _ := o.calls(from)
		if changed := writes(calls); len(changed) > 0 {
			t.Errorf("%s was refused and changed something first: %+v", what, changed)
		}
	}
	check(t, up)
	o.unchanged("dev")
}
