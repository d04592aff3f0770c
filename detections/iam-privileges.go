package detections

var iamPrivileges = Detection{
	ID:       "iam-privileges",
	Title:    "Privileges widened beside the policies",
	Severity: Medium,
	Meaning: "Ways to more rights that the benchmark's list of policy changes misses: an older policy version made " +
		"the default, another trust policy on a role, a user put into a group, a permissions boundary " +
		"replaced or taken away.",
	Filters: []Filter{
		{Name: "IAMPrivileges", Pattern: `{ $.eventSource = "iam.amazonaws.com" && (($.eventName = "SetDefaultPolicyVersion") || ($.eventName = "UpdateAssumeRolePolicy") || ($.eventName = "AddUserToGroup") || ($.eventName = "PutRolePermissionsBoundary") || ($.eventName = "DeleteRolePermissionsBoundary") || ($.eventName = "PutUserPermissionsBoundary") || ($.eventName = "DeleteUserPermissionsBoundary")) }`},
	},
	Metric:   counted("IAMPrivileges"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1098.003"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Does a trust policy now let a foreign account, or everybody, assume the role?",
		"What can the user or role do now that it could not? aws iam simulate-principal-policy says.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, coalesce(requestParameters.roleName, requestParameters.userName, requestParameters.policyArn) as target, errorCode, sourceIPAddress, recipientAccountId
| filter eventSource = "iam.amazonaws.com"
| filter eventName in ["SetDefaultPolicyVersion", "UpdateAssumeRolePolicy", "AddUserToGroup", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary", "PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary"]
| sort @timestamp desc
| limit 100`,
}
