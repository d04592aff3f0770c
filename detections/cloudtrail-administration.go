package detections

var cloudtrailAdministration = Detection{
	ID:       "cloudtrail-administration",
	Title:    "CloudTrail administration or event data store changed",
	Severity: High,
	Meaning: "The delegated administrator of CloudTrail was registered or removed, or an event data store or a " +
		"resource policy of CloudTrail was deleted or changed. A delegated administrator manages the " +
		"organization's trails; an event data store is a copy of the log that can be made to expire.",
	Filters: []Filter{
		{Name: "CloudTrailAdministration", Pattern: `{ $.eventSource = "cloudtrail.amazonaws.com" && (($.eventName = "RegisterOrganizationDelegatedAdmin") || ($.eventName = "DeregisterOrganizationDelegatedAdmin") || ($.eventName = "UpdateEventDataStore") || ($.eventName = "DeleteEventDataStore") || ($.eventName = "StopEventDataStoreIngestion") || ($.eventName = "DeleteResourcePolicy")) }`},
	},
	Metric:   counted("CloudTrailAdministration"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"A deleted event data store can be restored for seven days: aws cloudtrail restore-event-data-store.",
		"Who is delegated administrator now? aws organizations list-delegated-administrators " +
			"--service-principal cloudtrail.amazonaws.com",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, sourceIPAddress, eventName, errorCode, awsRegion, recipientAccountId
| filter eventSource = "cloudtrail.amazonaws.com" and eventName not like /^(Get|List|Describe)/
| sort @timestamp desc
| limit 100`,
}
