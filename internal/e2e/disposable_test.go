package e2e

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// TestDisposable: a trial is taken down the same day, but not while a bucket
// holds a log file: that a person deletes, no code of ours.
func TestDisposable(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, map[string]string{"trial": "config:\n" + organizationGroup + readersGroup + `  trailkeep:disposable: true
  trailkeep:archive:
    protection: worm
`})
	up, result := o.up("trial")
	for _, r := range result.Resources {
		if r.Protected {
			t.Errorf("%s %s is protected", r.Type, r.Name)
		}
	}
	auditAccount := up.AWSConfig(audit)
	buckets := s3.NewFromConfig(auditAccount, func(o *s3.Options) { o.UsePathStyle = true })
	bucket, key := aws.String(archiveBucket), aws.String("AWSLogs/o-exampleorg1/123456789012/CloudTrail/eu-central-1/2026/11/24/a.json.gz")
	described, err := kms.NewFromConfig(auditAccount).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("alias/" + archiveBucket)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("a log file")}); err != nil {
		t.Fatal(err)
	}

	if _, err := o.open("trial").Destroy(t.Context()); err == nil || !strings.Contains(err.Error(), "BucketNotEmpty") {
		t.Fatalf("a destroy with a log file in the bucket: error %v", err)
	}
	if _, err := buckets.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key}); err != nil {
		t.Fatalf("the log file is gone: %v", err)
	}

	// The log bucket first: deleting from it is logged into the other.
	empty(t, buckets, archiveBucket)
	if _, err := buckets.PutBucketLogging(t.Context(), &s3.PutBucketLoggingInput{Bucket: bucket, BucketLoggingStatus: &s3types.BucketLoggingStatus{}}); err != nil {
		t.Fatal(err)
	}
	empty(t, buckets, accessLogBucket)
	if _, err := o.open("trial").Destroy(t.Context()); err != nil {
		t.Fatalf("the destroy of an empty trial: %v", err)
	}
	if _, err := buckets.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: bucket}); errorCode(err) != "NotFound" {
		t.Errorf("the log bucket is still there: %v", err)
	}
	trails, err := cloudtrail.NewFromConfig(up.AWSConfig(management)).DescribeTrails(t.Context(), &cloudtrail.DescribeTrailsInput{})
	if err != nil || len(trails.TrailList) > 0 {
		t.Errorf("trails are left: %+v (%v)", trails, err)
	}
	after, err := kms.NewFromConfig(auditAccount).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: described.KeyMetadata.KeyId})
	if err != nil || after.KeyMetadata.KeyState != kmstypes.KeyStatePendingDeletion {
		t.Errorf("the log key is not about to be deleted: %+v (%v)", after, err)
	}
}

// empty deletes every version in a bucket, as README has a person do it.
func empty(t *testing.T, client *s3.Client, bucket string) {
	t.Helper()
	versions, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(bucket)})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range versions.Versions {
		if _, err := client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String(bucket), Delete: &s3types.Delete{Objects: []s3types.ObjectIdentifier{{Key: v.Key, VersionId: v.VersionId}}}}); err != nil {
			t.Fatal(err)
		}
	}
}
