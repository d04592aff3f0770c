package detections

var organizationDelegation = Detection{
	ID:       "organization-delegation",
	Title:    "Delegation or membership of the organization changed",
	Severity: Medium,
	Meaning: "Beyond what the benchmark lists: a service got trusted access, an account became or ceased to be a " +
		"delegated administrator, the organization's resource policy changed, or an account was closed. Each " +
		"hands power over all accounts to somebody, or takes an account out.",
	Filters: []Filter{
		{Name: "OrganizationDelegation", Pattern: `{ $.eventSource = "organizations.amazonaws.com" && (($.eventName = "EnableAWSServiceAccess") || ($.eventName = "RegisterDelegatedAdministrator") || ($.eventName = "DeregisterDelegatedAdministrator") || ($.eventName = "PutResourcePolicy") || ($.eventName = "DeleteResourcePolicy") || ($.eventName = "CloseAccount")) }`},
	},
	Metric: counted("OrganizationDelegation"),
	Alarm:  eachEvent,
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Who may act for the organization now? aws organizations list-delegated-administrators, aws " +
			"organizations describe-resource-policy.",
		"A closed account can be reopened for 90 days, through AWS Support.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.servicePrincipal, requestParameters.accountId, errorCode, sourceIPAddress
| filter eventSource = "organizations.amazonaws.com" and eventName not like /^(Get|List|Describe)/
| sort @timestamp desc
| limit 100`,
}
