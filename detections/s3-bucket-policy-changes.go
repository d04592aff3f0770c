package detections

var s3BucketPolicyChanges = Detection{
	ID:       "s3-bucket-policy-changes",
	Title:    "S3 bucket policy changed",
	Severity: Medium,
	Meaning: "A bucket's policy, ACL, CORS, lifecycle or replication changed: who may reach its objects, how long " +
		"they stay, or where copies go. The log bucket has an entry of its own, log-bucket-changes.",
	Filters: []Filter{
		{Name: "S3BucketPolicyChanges", Pattern: `{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }`},
	},
	Metric:   counted("S3BucketPolicyChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.8", SecurityHub: []string{"CloudWatch.8"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Does the new policy or ACL let everybody or a foreign account in? IAM Access Analyzer says so.",
		"Does a new lifecycle rule delete, or a new replication rule copy, what should stay?",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.bucketName, errorCode, sourceIPAddress, recipientAccountId
| filter eventSource = "s3.amazonaws.com"
| filter eventName in ["PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication", "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"]
| sort @timestamp desc
| limit 100`,
}
