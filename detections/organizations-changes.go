package detections

var organizationsChanges = Detection{
	ID:       "organizations-changes",
	Title:    "AWS Organizations changed",
	Severity: High,
	Meaning: "An account, organizational unit, policy or invitation of the organization changed. A service control " +
		"policy that is detached frees every account under it. The second filter adds CancelHandshake, " +
		"CreateOrganization and EnableAllFeatures, in the order in which Prowler lists them.",
	Filters: []Filter{
		{Name: "OrganizationsChanges", Pattern: `{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = "AcceptHandshake") || ($.eventName = "AttachPolicy") || ($.eventName = "CreateAccount") || ($.eventName = "CreateOrganizationalUnit") || ($.eventName = "CreatePolicy") || ($.eventName = "DeclineHandshake") || ($.eventName = "DeleteOrganization") || ($.eventName = "DeleteOrganizationalUnit") || ($.eventName = "DeletePolicy") || ($.eventName = "DetachPolicy") || ($.eventName = "DisablePolicyType") || ($.eventName = "EnablePolicyType") || ($.eventName = "InviteAccountToOrganization") || ($.eventName = "LeaveOrganization") || ($.eventName = "MoveAccount") || ($.eventName = "RemoveAccountFromOrganization") || ($.eventName = "UpdatePolicy") || ($.eventName = "UpdateOrganizationalUnit")) }`},
		{Name: "OrganizationsChanges-ext", Pattern: `{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = AcceptHandshake) || ($.eventName = AttachPolicy) || ($.eventName = CancelHandshake) || ($.eventName = CreateAccount) || ($.eventName = CreateOrganization) || ($.eventName = CreateOrganizationalUnit) || ($.eventName = CreatePolicy) || ($.eventName = DeclineHandshake) || ($.eventName = DeleteOrganization) || ($.eventName = DeleteOrganizationalUnit) || ($.eventName = DeletePolicy) || ($.eventName = EnableAllFeatures) || ($.eventName = EnablePolicyType) || ($.eventName = InviteAccountToOrganization) || ($.eventName = LeaveOrganization) || ($.eventName = DetachPolicy) || ($.eventName = DisablePolicyType) || ($.eventName = MoveAccount) || ($.eventName = RemoveAccountFromOrganization) || ($.eventName = UpdateOrganizationalUnit) || ($.eventName = UpdatePolicy)) }`},
	},
	Metric:   counted("OrganizationsChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.15", ATTACK: []string{"T1666"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Was a service control policy detached, changed or its policy type disabled? Attach it again first, " +
			"ask later.",
		"Did an account leave, or was one invited? An account that left takes its logs' future with it.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.policyId, requestParameters.targetId, requestParameters.accountId, errorCode, sourceIPAddress
| filter eventSource = "organizations.amazonaws.com" and eventName not like /^(Get|List|Describe)/
| sort @timestamp desc
| limit 100`,
}
