package detections

var logBucketChanges = Detection{
	ID:       "log-bucket-changes",
	Title:    "The log bucket's protection was changed",
	Severity: Critical,
	Meaning: "Somebody changed, or tried to change, what protects the log files: versioning, Object Lock, policy, " +
		"encryption, public access block, lifecycle, replication, or the bucket itself. The bucket's policy " +
		"refuses these to all but the deployment, so that a refused attempt by anybody else is an attack, and " +
		"a success by anybody else means that the policy is gone. Buckets whose names begin with the log " +
		"bucket's, such as its access logs, count too.",
	Filters: []Filter{
		{Name: "LogBucketChanges", Pattern: `{ $.eventSource = "s3.amazonaws.com" && $.requestParameters.bucketName = "${LogBucket}*" && ($.eventName = PutBucketVersioning || $.eventName = PutBucketLogging || $.eventName = PutBucketPublicAccessBlock || $.eventName = DeleteBucketPublicAccessBlock || $.eventName = PutBucketEncryption || $.eventName = DeleteBucketEncryption || $.eventName = PutBucketObjectLockConfiguration || $.eventName = PutBucketOwnershipControls || $.eventName = PutBucketAcl || $.eventName = PutBucketPolicy || $.eventName = DeleteBucketPolicy || $.eventName = PutBucketLifecycle || $.eventName = PutBucketReplication || $.eventName = DeleteBucketReplication || $.eventName = DeleteBucket) }`},
	},
	Metric:   counted("LogBucketChanges"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"Is it the deployment, and is there a merged change? Then nothing else.",
		"If it succeeded and is not: pulumi up puts it back; check versioning, Object Lock and policy by hand " +
			"before anything else.",
		"Are log files missing or changed? Validate them against their digests.",
		"Disable the credentials; for root, see root-usage.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.bucketName, errorCode, sourceIPAddress, userAgent
| filter eventSource = "s3.amazonaws.com" and requestParameters.bucketName like /^${LogBucket}/ and eventName not like /^(Get|List|Describe)/
| sort @timestamp desc
| limit 100`,
}
