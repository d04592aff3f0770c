package e2e

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cttypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/trailkeep/trailkeep/awspolicy"
)

// bucketWant is what the API has to say of one of our buckets.
type bucketWant struct {
	name          string
	region        string
	keyARN        string // empty: SSE-S3
	logsTo        string
	lockMode      string // empty: no Object Lock
	lockYears     int32
	expires       int32 // days; 0: no lifecycle rule at all
	statements    []string
	replicatesTo  string // ARN
	replicaKeyARN string
}

func checkBucket(t *testing.T, cfg aws.Config, want bucketWant) {
	t.Helper()
	ctx := t.Context()
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true; o.Region = want.region })
	name := aws.String(want.name)
	fail := func(format string, args ...any) { t.Helper(); t.Errorf("bucket "+want.name+": "+format, args...) }

	location, err := client.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: name})
	if err != nil {
		t.Fatalf("bucket %s: %v", want.name, err)
	}
	// us-east-1 is S3's nameless first region.
	if got := cmp.Or(string(location.LocationConstraint), "us-east-1"); got != want.region {
		fail("lies in %s, want %s", got, want.region)
	}
	versioning, err := client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: name})
	if err != nil {
		fail("%v", err)
	} else if versioning.Status != s3types.BucketVersioningStatusEnabled {
		fail("versioning is %q", versioning.Status)
	}
	encryption, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: name})
	if err != nil {
		fail("%v", err)
	} else {
		rule := encryption.ServerSideEncryptionConfiguration.Rules[0]
		by := rule.ApplyServerSideEncryptionByDefault
		switch {
		case want.keyARN == "" && by.SSEAlgorithm != s3types.ServerSideEncryptionAes256:
			fail("encryption is %s, want AES256, since S3 delivers access logs to nothing else", by.SSEAlgorithm)
		case want.keyARN != "" && (by.SSEAlgorithm != s3types.ServerSideEncryptionAwsKms || aws.ToString(by.KMSMasterKeyID) != want.keyARN):
			fail("encryption is %s with %s, want the key %s", by.SSEAlgorithm, aws.ToString(by.KMSMasterKeyID), want.keyARN)
		case aws.ToBool(rule.BucketKeyEnabled):
			fail("a bucket key replaces CloudTrail's encryption context")
		}
	}
	private, err := client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: name})
	if err != nil {
		fail("%v", err)
	} else if c := private.PublicAccessBlockConfiguration; !aws.ToBool(c.BlockPublicAcls) || !aws.ToBool(c.BlockPublicPolicy) || !aws.ToBool(c.IgnorePublicAcls) || !aws.ToBool(c.RestrictPublicBuckets) {
		fail("public access block is %+v", *c)
	}
	ownership, err := client.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: name})
	if err != nil {
		fail("%v", err)
	} else if got := ownership.OwnershipControls.Rules[0].ObjectOwnership; got != s3types.ObjectOwnershipBucketOwnerEnforced {
		fail("object ownership is %s, want ACLs disabled", got)
	}
	policy, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
	if err != nil {
		fail("%v", err)
	} else {
		checkSids(t, "bucket "+want.name, aws.ToString(policy.Policy), want.statements)
	}
	logging, err := client.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: name})
	switch {
	case err != nil:
		fail("%v", err)
	case want.logsTo == "" && logging.LoggingEnabled != nil:
		fail("logs to %s, want nowhere", aws.ToString(logging.LoggingEnabled.TargetBucket))
	case want.logsTo != "" && (logging.LoggingEnabled == nil || aws.ToString(logging.LoggingEnabled.TargetBucket) != want.logsTo):
		fail("access logging is %+v, want to %s", logging.LoggingEnabled, want.logsTo)
	}
	checkLock(t, client, want)
	lifecycle, err := client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: name})
	switch {
	case want.expires == 0 && errorCode(err) != "NoSuchLifecycleConfiguration":
		fail("has a lifecycle rule, or says %v; MFA delete takes none", err)
	case want.expires != 0 && err != nil:
		fail("%v", err)
	case want.expires != 0:
		var days []int32
		for _, rule := range lifecycle.Rules {
			if rule.Expiration != nil && rule.Expiration.Days != nil {
				days = append(days, *rule.Expiration.Days)
			}
			if len(rule.Transitions) > 0 {
				fail("moves objects to cold storage: %+v", rule.Transitions)
			}
		}
		if !slices.Equal(days, []int32{want.expires}) {
			fail("objects expire after %v days, want %d", days, want.expires)
		}
	}
	checkReplication(t, client, want)
}

func checkLock(t *testing.T, client *s3.Client, want bucketWant) {
	t.Helper()
	lock, err := client.GetObjectLockConfiguration(t.Context(), &s3.GetObjectLockConfigurationInput{Bucket: aws.String(want.name)})
	if want.lockMode == "" {
		if err == nil {
			t.Errorf("bucket %s: has Object Lock, want none", want.name)
		}
		return
	}
	if err != nil {
		t.Errorf("bucket %s: %v", want.name, err)
		return
	}
	retention := lock.ObjectLockConfiguration.Rule.DefaultRetention
	if string(retention.Mode) != want.lockMode || aws.ToInt32(retention.Years) != want.lockYears {
		t.Errorf("bucket %s: Object Lock is %s for %d years, want %s for %d", want.name, retention.Mode, aws.ToInt32(retention.Years), want.lockMode, want.lockYears)
	}
}

func checkReplication(t *testing.T, client *s3.Client, want bucketWant) {
	t.Helper()
	replication, err := client.GetBucketReplication(t.Context(), &s3.GetBucketReplicationInput{Bucket: aws.String(want.name)})
	if want.replicatesTo == "" {
		if err == nil {
			t.Errorf("bucket %s: is replicated, want not", want.name)
		}
		return
	}
	if err != nil {
		t.Errorf("bucket %s: %v", want.name, err)
		return
	}
	rule := replication.ReplicationConfiguration.Rules[0]
	if rule.Status != s3types.ReplicationRuleStatusEnabled || aws.ToString(rule.Destination.Bucket) != want.replicatesTo {
		t.Errorf("bucket %s: replication is %s to %s, want to %s", want.name, rule.Status, aws.ToString(rule.Destination.Bucket), want.replicatesTo)
	}
	if rule.SourceSelectionCriteria == nil || rule.SourceSelectionCriteria.SseKmsEncryptedObjects == nil || rule.SourceSelectionCriteria.SseKmsEncryptedObjects.Status != s3types.SseKmsEncryptedObjectsStatusEnabled {
		t.Errorf("bucket %s: replication leaves objects under SSE-KMS out, which is all of them", want.name)
	}
	if rule.DeleteMarkerReplication == nil || rule.DeleteMarkerReplication.Status != s3types.DeleteMarkerReplicationStatusDisabled {
		t.Errorf("bucket %s: delete markers are replicated", want.name)
	}
	if key := rule.Destination.EncryptionConfiguration; key == nil || aws.ToString(key.ReplicaKmsKeyID) != want.replicaKeyARN {
		t.Errorf("bucket %s: replicas are encrypted with %+v, want %s", want.name, key, want.replicaKeyARN)
	}
}

// checkSids demands exactly these statements, in any order.
func checkSids(t *testing.T, what, policy string, want []string) {
	t.Helper()
	document, err := awspolicy.Parse([]byte(policy))
	if err != nil {
		t.Errorf("%s: policy: %v", what, err)
		return
	}
	var got []string
	for _, s := range document.Statements {
		got = append(got, s.Sid)
	}
	slices.Sort(got)
	want = slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s: policy has the statements %v, want %v", what, got, want)
	}
}

func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// checkKey demands rotation and the statements of a key policy, and returns the
// key's ARN.
func checkKey(t *testing.T, cfg aws.Config, alias, account string, statements ...string) string {
	t.Helper()
	client := kms.NewFromConfig(cfg)
	described, err := client.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String(alias)})
	if err != nil {
		t.Fatalf("key %s: %v", alias, err)
	}
	key := described.KeyMetadata
	if !strings.Contains(aws.ToString(key.Arn), ":"+account+":") {
		t.Errorf("key %s is %s, want one of account %s", alias, aws.ToString(key.Arn), account)
	}
	rotation, err := client.GetKeyRotationStatus(t.Context(), &kms.GetKeyRotationStatusInput{KeyId: key.KeyId})
	if err != nil || !rotation.KeyRotationEnabled {
		t.Errorf("key %s: rotation is %+v (%v)", alias, rotation, err)
	}
	policy, err := client.GetKeyPolicy(t.Context(), &kms.GetKeyPolicyInput{KeyId: key.KeyId, PolicyName: aws.String("default")})
	if err != nil {
		t.Fatalf("key %s: %v", alias, err)
	}
	checkSids(t, "key "+alias, aws.ToString(policy.Policy), statements)
	return aws.ToString(key.Arn)
}

// trailWant is what the API has to say of the trail.
type trailWant struct {
	name, account, region  string
	bucket, prefix, keyARN string
	logGroup               string
	retention              int32
	organization           bool
	insights               []string
	dataEvents             int
	topic                  string
	streams                []string // endings of the resources that the role may write
	logGroupKeyAlias       string
	excluded               []string // bucket ARNs left out of S3 data events
}

func checkTrail(t *testing.T, cfg aws.Config, want trailWant) {
	t.Helper()
	ctx := t.Context()
	client := cloudtrail.NewFromConfig(cfg)
	answer, err := client.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: aws.String(want.name)})
	if err != nil {
		t.Fatalf("trail %s: %v", want.name, err)
	}
	trail := answer.Trail
	arn := "arn:aws:cloudtrail:" + want.region + ":" + want.account + ":trail/" + want.name
	for what, ok := range map[string]bool{
		"ARN " + aws.ToString(trail.TrailARN) + ", want " + arn: aws.ToString(trail.TrailARN) == arn,
		"is not multi-region":                                                                                  aws.ToBool(trail.IsMultiRegionTrail),
		"leaves global services out":                                                                           aws.ToBool(trail.IncludeGlobalServiceEvents),
		"has no log file validation":                                                                           aws.ToBool(trail.LogFileValidationEnabled),
		"is or is not an organization trail, against the configuration":                                        aws.ToBool(trail.IsOrganizationTrail) == want.organization,
		"key " + aws.ToString(trail.KmsKeyId) + ", want " + want.keyARN:                                        aws.ToString(trail.KmsKeyId) == want.keyARN,
		"bucket " + aws.ToString(trail.S3BucketName) + ", want " + want.bucket:                                 aws.ToString(trail.S3BucketName) == want.bucket,
		"prefix " + aws.ToString(trail.S3KeyPrefix) + ", want " + want.prefix:                                  aws.ToString(trail.S3KeyPrefix) == want.prefix,
		"topic " + aws.ToString(trail.SnsTopicARN) + ", want " + want.topic:                                    aws.ToString(trail.SnsTopicARN) == want.topic,
		"log group " + aws.ToString(trail.CloudWatchLogsLogGroupArn) + " is not " + want.logGroup + " with :*": strings.HasSuffix(aws.ToString(trail.CloudWatchLogsLogGroupArn), ":log-group:"+want.logGroup+":*"),
	} {
		if !ok {
			t.Errorf("trail %s: %s", want.name, what)
		}
	}
	status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String(want.name)})
	if err != nil || !aws.ToBool(status.IsLogging) {
		t.Errorf("trail %s: is not logging (%v)", want.name, err)
	}
	checkSelectors(t, client, want)

	logs := cloudwatchlogs.NewFromConfig(cfg)
	groups, err := logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(want.logGroup)})
	if err != nil || len(groups.LogGroups) != 1 {
		t.Fatalf("log group %s: %+v (%v)", want.logGroup, groups, err)
	}
	key := checkKey(t, cfg, want.logGroupKeyAlias, want.account, deliveryKeyStatements(want.topic != "")...)
	if group := groups.LogGroups[0]; aws.ToInt32(group.RetentionInDays) != want.retention || aws.ToString(group.KmsKeyId) != key {
		t.Errorf("log group %s: %d days under %s, want %d under %s", want.logGroup, aws.ToInt32(group.RetentionInDays), aws.ToString(group.KmsKeyId), want.retention, key)
	}
	checkTrailRole(t, cfg, aws.ToString(trail.CloudWatchLogsRoleArn), arn, want)
}

func deliveryKeyStatements(topic bool) []string {
	sids := []string{"Admin", "Inspect", "LogGroup", "DenyKeyLoss", "DenyPolicyChange"}
	if topic {
		sids = append(sids, "Topic")
	}
	return sids
}

func checkSelectors(t *testing.T, client *cloudtrail.Client, want trailWant) {
	t.Helper()
	selectors, err := client.GetEventSelectors(t.Context(), &cloudtrail.GetEventSelectorsInput{TrailName: aws.String(want.name)})
	if err != nil {
		t.Errorf("trail %s: %v", want.name, err)
		return
	}
	if len(selectors.EventSelectors) > 0 {
		t.Errorf("trail %s: has basic selectors too: %+v", want.name, selectors.EventSelectors)
	}
	managementEvents, data := 0, 0
	for _, s := range selectors.AdvancedEventSelectors {
		fields := map[string]cttypes.AdvancedFieldSelector{}
		for _, f := range s.FieldSelectors {
			fields[aws.ToString(f.Field)] = f
		}
		switch fields["eventCategory"].Equals[0] {
		case "Management":
			managementEvents++
			if len(s.FieldSelectors) > 1 {
				t.Errorf("trail %s: management events are narrowed: %+v", want.name, s.FieldSelectors)
			}
		case "Data":
			data++
			if fields["resources.type"].Equals[0] == "AWS::S3::Object" {
				for _, bucket := range want.excluded {
					if !slices.Contains(fields["resources.ARN"].NotStartsWith, bucket+"/") {
						t.Errorf("trail %s: selector %s records the log bucket %s", want.name, aws.ToString(s.Name), bucket)
					}
				}
			}
		}
	}
	if managementEvents != 1 || data != want.dataEvents {
		t.Errorf("trail %s: %d selectors of management and %d of data events, want 1 and %d", want.name, managementEvents, data, want.dataEvents)
	}
	insights, err := client.GetInsightSelectors(t.Context(), &cloudtrail.GetInsightSelectorsInput{TrailName: aws.String(want.name)})
	var got []string
	switch {
	case err == nil:
		for _, s := range insights.InsightSelectors {
			got = append(got, string(s.InsightType))
		}
	case errorCode(err) != "InsightNotEnabledException":
		t.Errorf("trail %s: %v", want.name, err)
	}
	slices.Sort(got)
	if !slices.Equal(got, want.insights) {
		t.Errorf("trail %s: insights are %v, want %v", want.name, got, want.insights)
	}
}

func checkTrailRole(t *testing.T, cfg aws.Config, roleARN, trailARN string, want trailWant) {
	t.Helper()
	client := iam.NewFromConfig(cfg)
	name := aws.String(roleARN[strings.LastIndex(roleARN, "/")+1:])
	role, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: name})
	if err != nil {
		t.Errorf("trail role: %v", err)
		return
	}
	trust := unescape(t, aws.ToString(role.Role.AssumeRolePolicyDocument))
	if !strings.Contains(trust, trailARN) {
		t.Errorf("trail role: its trust policy does not name the trail: %s", trust)
	}
	inline, err := client.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("WriteLogStreams")})
	if err != nil {
		t.Errorf("trail role: %v", err)
		return
	}
	var document struct {
		Statement []struct{ Resource any }
	}
	text := unescape(t, aws.ToString(inline.PolicyDocument))
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Errorf("trail role: %v", err)
		return
	}
	for _, ending := range want.streams {
		if !strings.Contains(text, ":log-group:"+want.logGroup+":log-stream:"+ending+`"`) {
			t.Errorf("trail role: may not write the streams %s: %s", ending, text)
		}
	}
}

// unescape undoes IAM's URL encoding of policy documents.
func unescape(t *testing.T, document string) string {
	t.Helper()
	text, err := url.PathUnescape(document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
