package detections

var trailDemoted = Detection{
	ID:       "trail-demoted",
	Title:    "The organization trail was weakened",
	Severity: Critical,
	Meaning: "UpdateTrail took something away and left the trail running: other regions, member accounts, global " +
		"services, the validation of log files, or it turned the logs to another bucket or log group. The " +
		"trail then looks healthy and records less, or elsewhere. A change of the KMS key alone is not seen " +
		"here; cloudtrail-changes shows it.",
	Filters: []Filter{
		{Name: "TrailDemoted", Pattern: `{ $.eventSource = "cloudtrail.amazonaws.com" && $.eventName = "UpdateTrail" && $.requestParameters.name = "*${TrailName}" && (($.requestParameters.isMultiRegionTrail IS FALSE) || ($.requestParameters.isOrganizationTrail IS FALSE) || ($.requestParameters.includeGlobalServiceEvents IS FALSE) || ($.requestParameters.enableLogFileValidation IS FALSE) || ($.requestParameters.s3BucketName != "${LogBucket}") || ($.requestParameters.cloudWatchLogsLogGroupArn != "*:log-group:${LogGroup}:*")) }`},
	},
	Metric:   counted("TrailDemoted"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"pulumi preview --refresh shows what was taken away; pulumi up puts it back.",
		"Disable the credentials that did it: there is no good reason for this call outside of the " +
			"deployment.",
		"From when to when was less recorded? Fill the gap from event history of each account and region.",
		"If the bucket was changed, find out whose the new one is.",
	},
	Query: `fields @timestamp, userIdentity.arn, requestParameters.name, requestParameters.isMultiRegionTrail, requestParameters.isOrganizationTrail, requestParameters.enableLogFileValidation, requestParameters.s3BucketName, errorCode, sourceIPAddress
| filter eventName = "UpdateTrail"
| sort @timestamp desc
| limit 100`,
}
