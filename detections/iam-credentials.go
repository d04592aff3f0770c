package detections

var iamCredentials = Detection{
	ID:       "iam-credentials",
	Title:    "Long-lived credentials made, or an MFA device taken away",
	Severity: Medium,
	Meaning: "An access key or a console password was made or changed, or an MFA device removed: the usual ways to " +
		"stay in after a break-in. Credentials in a member account outlive the session that made them.",
	Filters: []Filter{
		{Name: "IAMCredentials", Pattern: `{ $.eventSource = "iam.amazonaws.com" && (($.eventName = "CreateAccessKey") || ($.eventName = "CreateLoginProfile") || ($.eventName = "UpdateLoginProfile") || ($.eventName = "DeactivateMFADevice") || ($.eventName = "DeleteVirtualMFADevice")) }`},
	},
	Metric:   counted("IAMCredentials"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1098"}},
	Runbook: []string{
		"Did the user do it for themselves, or somebody else for them? The latter needs an answer.",
		"If it is not known: aws iam update-access-key --status Inactive, aws iam delete-login-profile; then " +
			"read what the new credentials did.",
		"Why a user at all? Roles and single sign-on need no long-lived credentials.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.userName, responseElements.accessKey.accessKeyId, errorCode, sourceIPAddress, recipientAccountId
| filter eventSource = "iam.amazonaws.com"
| filter eventName in ["CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile", "DeactivateMFADevice", "DeleteVirtualMFADevice"]
| sort @timestamp desc
| limit 100`,
}
