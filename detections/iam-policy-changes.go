package detections

var iamPolicyChanges = Detection{
	ID:       "iam-policy-changes",
	Title:    "IAM policy changed",
	Severity: Medium,
	Meaning: "A policy of a user, group or role was written, deleted, attached or detached: who may do what has " +
		"changed. Deployments do this all day; a person doing it by hand, or a role that never did before, is " +
		"worth a look.",
	Filters: []Filter{
		{Name: "IAMPolicyChanges", Pattern: `{($.eventName=DeleteGroupPolicy)||($.eventName=DeleteRolePolicy)||($.eventName=DeleteUserPolicy)||($.eventName=PutGroupPolicy)||($.eventName=PutRolePolicy)||($.eventName=PutUserPolicy)||($.eventName=CreatePolicy)||($.eventName=DeletePolicy)||($.eventName=CreatePolicyVersion)||($.eventName=DeletePolicyVersion)||($.eventName=AttachRolePolicy)||($.eventName=DetachRolePolicy)||($.eventName=AttachUserPolicy)||($.eventName=DetachUserPolicy)||($.eventName=AttachGroupPolicy)||($.eventName=DetachGroupPolicy)}`},
	},
	Metric:   counted("IAMPolicyChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.4", SecurityHub: []string{"CloudWatch.4"}, ATTACK: []string{"T1098.003"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Look at the policy: does it grant * or iam:*, or let a role from outside the organization in?",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, coalesce(requestParameters.roleName, requestParameters.userName, requestParameters.groupName, requestParameters.policyArn) as target, requestParameters.policyArn, sourceIPAddress, recipientAccountId
| filter eventSource = "iam.amazonaws.com"
| filter eventName in ["DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy"]
| sort @timestamp desc
| limit 100`,
}
