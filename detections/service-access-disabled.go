package detections

var serviceAccessDisabled = Detection{
	ID:       "service-access-disabled",
	Title:    "Trusted access of a service was disabled",
	Severity: Critical,
	Meaning: "DisableAWSServiceAccess cuts a service off from the organization. For CloudTrail it turns the " +
		"organization trail into one of a single account, without a word: members are recorded no more, and " +
		"Control Tower reports no drift.",
	Filters: []Filter{
		{Name: "ServiceAccessDisabled", Pattern: `{ $.eventSource = "organizations.amazonaws.com" && $.eventName = "DisableAWSServiceAccess" }`},
	},
	Metric:   counted("ServiceAccessDisabled"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"Which service? For cloudtrail.amazonaws.com: aws organizations enable-aws-service-access " +
			"--service-principal cloudtrail.amazonaws.com, at once.",
		"aws cloudtrail describe-trails: is isOrganizationTrail still true? pulumi up puts it back.",
		"For which time do the members' logs lack? Their event history has 90 days.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.servicePrincipal, errorCode, sourceIPAddress
| filter eventName in ["DisableAWSServiceAccess", "EnableAWSServiceAccess"]
| sort @timestamp desc
| limit 100`,
}
