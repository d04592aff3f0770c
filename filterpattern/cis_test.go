package filterpattern

import (
	"fmt"
	"strings"
	"testing"
)

// anyOf writes the alternation that most controls are.
func anyOf(format string, names ...string) string {
	for i, n := range names {
		names[i] = fmt.Sprintf(format, n)
	}
	return strings.Join(names, "||")
}

const (
	compact = `($.eventName=%s)`
	wide    = ` ($.eventName = %s) `
	quotedN = ` ($.eventName = "%s") `
)

var securityGroups = []string{"AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
	"RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup"}

var routes = []string{"CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable",
	"DeleteRoute", "DisassociateRouteTable"}

var organizations = []string{"AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy",
	"DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy", "DisablePolicyType",
	"EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization",
	"UpdatePolicy", "UpdateOrganizationalUnit"}

// cis holds the patterns of the monitoring section of the CIS AWS Foundations
// Benchmark (v1.4 to v5.0: 4.1 to 4.15) and variants in use. Each comes with
// changes to a plain event that make it match and that do not.
var cis = []struct {
	name    string
	pattern string
	hit     []string // "path=json" changes, one event a line
	miss    []string
}{
	{"4.1", `{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`,
		[]string{`errorCode="Client.UnauthorizedOperation"`, `errorCode="AccessDeniedException"`, `errorCode="AccessDenied"`},
		[]string{``, `errorCode="ThrottlingException"`, `errorCode="AccessDenied" eventName="HeadBucket"`, `errorCode="AccessDenied" sourceIPAddress="delivery.logs.amazonaws.com"`}},
	{"4.1 as printed", `{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") || ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }`,
		[]string{``, `eventName="HeadBucket"`},
		[]string{`eventName="HeadBucket" sourceIPAddress="delivery.logs.amazonaws.com"`}},
	{"4.1 Security Hub", `{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`,
		[]string{`errorCode="AccessDenied" eventName="HeadBucket"`}, []string{``}},
	{"4.2", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }`,
		[]string{`eventName="ConsoleLogin" additionalEventData={"MFAUsed":"No"}`},
		[]string{`eventName="ConsoleLogin" additionalEventData={"MFAUsed":"Yes"}`, `eventName="ConsoleLogin" additionalEventData={"LoginTo":"x"}`, `additionalEventData={"MFAUsed":"No"}`}},
	{"4.2 users", `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`,
		[]string{`eventName="ConsoleLogin" additionalEventData={"MFAUsed":"No"} userIdentity={"type":"IAMUser"} responseElements={"ConsoleLogin":"Success"}`},
		[]string{`eventName="ConsoleLogin" additionalEventData={"MFAUsed":"No"} responseElements={"ConsoleLogin":"Success"}`,
			`eventName="ConsoleLogin" additionalEventData={"MFAUsed":"No"} userIdentity={"type":"IAMUser"} responseElements={"ConsoleLogin":"Failure"}`}},
	{"4.3", `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`,
		[]string{`userIdentity={"type":"Root","accountId":"111122223333"}`},
		[]string{``, `userIdentity={"type":"Root","invokedBy":"support.amazonaws.com"}`, `userIdentity={"type":"Root"} eventType="AwsServiceEvent"`}},
	{"4.4", "{" + anyOf(compact, "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy",
		"CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy",
		"DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy") + "}",
		[]string{`eventName="DeleteGroupPolicy"`, `eventName="PutUserPolicy"`, `eventName="DetachGroupPolicy"`},
		[]string{``, `eventName="detachGroupPolicy"`, `eventName="DetachGroupPolicyX"`}},
	{"4.5", "{" + anyOf(wide, "CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging") + "}",
		[]string{`eventName="StopLogging"`, `eventName="CreateTrail"`}, []string{``, `requestParameters={"eventName":"StopLogging"}`}},
	{"4.6", `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`,
		[]string{`eventName="ConsoleLogin" errorMessage="Failed authentication"`}, []string{`eventName="ConsoleLogin"`, `errorMessage="Failed authentication"`}},
	{"4.7", `{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }`,
		[]string{`eventSource="kms.amazonaws.com" eventName="ScheduleKeyDeletion"`, `eventSource="kms.amazonaws.com" eventName="DisableKey"`},
		[]string{`eventName="DisableKey"`, `eventSource="kms.amazonaws.com"`}},
	{"4.8", "{ ($.eventSource = s3.amazonaws.com) && (" + anyOf(wide, "PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle",
		"PutBucketReplication", "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication") + ") }",
		[]string{`eventSource="s3.amazonaws.com" eventName="PutBucketAcl"`}, []string{`eventName="PutBucketAcl"`, `eventSource="s3.amazonaws.com"`}},
	{"4.9", "{ ($.eventSource = config.amazonaws.com) && (" + anyOf(compact, "StopConfigurationRecorder", "DeleteDeliveryChannel",
		"PutDeliveryChannel", "PutConfigurationRecorder") + ") }",
		[]string{`eventSource="config.amazonaws.com" eventName="PutDeliveryChannel"`}, []string{`eventName="PutDeliveryChannel"`}},
	{"4.10", "{" + anyOf(wide, append([]string(nil), securityGroups...)...) + "}",
		[]string{`eventName="CreateSecurityGroup"`}, []string{``, `eventName="ModifySecurityGroupRules"`}},
	{"4.10 from v5", "{" + anyOf(wide, append([]string{"ModifySecurityGroupRules"}, securityGroups...)...) + "}",
		[]string{`eventName="ModifySecurityGroupRules"`}, []string{``}},
	{"4.11", "{" + anyOf(wide, "CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry",
		"ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation") + "}",
		[]string{`eventName="ReplaceNetworkAclEntry"`}, []string{``}},
	{"4.12", "{" + anyOf(wide, "CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway",
		"DeleteInternetGateway", "DetachInternetGateway") + "}",
		[]string{`eventName="DetachInternetGateway"`}, []string{``}},
	{"4.13", "{" + anyOf(wide, append([]string(nil), routes...)...) + "}",
		[]string{`eventName="ReplaceRoute"`}, []string{``}},
	{"4.13 audit text", "{ ($.eventSource = ec2.amazonaws.com) && (" + anyOf(wide, append([]string(nil), routes...)...) + ") }",
		[]string{`eventSource="ec2.amazonaws.com" eventName="CreateRoute"`}, []string{`eventSource="appmesh.amazonaws.com" eventName="CreateRoute"`}},
	{"4.14", "{" + anyOf(wide, "CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection",
		"DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink",
		"EnableVpcClassicLink") + "}",
		[]string{`eventName="DeleteVpc"`}, []string{``}},
	{"4.15", "{ ($.eventSource = organizations.amazonaws.com) && (" + anyOf(quotedN, append([]string(nil), organizations...)...) + ") }",
		[]string{`eventSource="organizations.amazonaws.com" eventName="LeaveOrganization"`}, []string{`eventName="LeaveOrganization"`}},
	{"trail", "{" + anyOf(compact, "PutEventSelectors", "PutInsightSelectors", "DeregisterOrganizationDelegatedAdmin", "DeleteEventDataStore",
		"UpdateEventDataStore", "DeleteResourcePolicy") + "}",
		[]string{`eventName="PutEventSelectors"`}, []string{``}},
	{"identity", "{" + anyOf(compact, "SetDefaultPolicyVersion", "UpdateAssumeRolePolicy", "CreateAccessKey", "CreateLoginProfile",
		"AddUserToGroup", "PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary", "DeactivateMFADevice", "CreateSAMLProvider") + "}",
		[]string{`eventName="CreateAccessKey"`}, []string{``}},
	{"log bucket", `{ $.eventSource = s3.amazonaws.com && $.requestParameters.bucketName = "org-trail" && (` + anyOf(compact, "PutBucketVersioning",
		"PutBucketLogging", "PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock", "DeleteBucket") + ") }",
		[]string{`eventSource="s3.amazonaws.com" eventName="DeleteBucket" requestParameters={"bucketName":"org-trail"}`},
		[]string{`eventSource="s3.amazonaws.com" eventName="DeleteBucket" requestParameters={"bucketName":"other"}`}},
	{"log key", `{ $.eventSource = kms.amazonaws.com && $.resources[0].ARN = "*:key/1234" && (` + anyOf(compact, "PutKeyPolicy", "DisableKeyRotation", "CreateGrant") + ") }",
		[]string{`eventSource="kms.amazonaws.com" eventName="PutKeyPolicy" resources=[{"ARN":"arn:aws:kms:eu-west-1:111122223333:key/1234"}]`},
		[]string{`eventSource="kms.amazonaws.com" eventName="PutKeyPolicy" resources=[{"ARN":"arn:aws:kms:eu-west-1:111122223333:key/12345"}]`}},
	{"monitoring", "{" + anyOf(compact, "DeleteMetricFilter", "PutMetricFilter", "DeleteAlarms", "DisableAlarmActions", "DeleteLogGroup",
		"DeleteLogStream", "PutRetentionPolicy", "DisassociateKmsKey", "DeleteSubscriptionFilter", "Unsubscribe", "DeleteTopic", "SetTopicAttributes") + "}",
		[]string{`eventName="DeleteAlarms"`}, []string{``}},
	{"config", `{ $.eventName = DeleteConfigurationRecorder }`, []string{`eventName="DeleteConfigurationRecorder"`}, []string{``}},
	{"delegation", "{" + anyOf(compact, "CloseAccount", "RegisterDelegatedAdministrator", "EnableAWSServiceAccess", "DisableAWSServiceAccess", "AssumeRoot") + "}",
		[]string{`eventName="AssumeRoot"`}, []string{``}},
	{"root without MFA", `{ $.userIdentity.type = "Root" && $.userIdentity.sessionContext.attributes.mfaAuthenticated = "false" }`,
		[]string{`userIdentity={"type":"Root","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}}`},
		[]string{`userIdentity={"type":"Root","sessionContext":{"attributes":{"mfaAuthenticated":"true"}}}`, `userIdentity={"type":"Root"}`}},
	{"writes from outside", `{ $.readOnly IS FALSE && $.sourceIPAddress != "10.*" && $.sourceIPAddress != "*.amazonaws.com" }`,
		[]string{`readOnly=false`}, []string{``, `readOnly="false"`, `readOnly=false sourceIPAddress="10.1.2.3"`, `readOnly=false sourceIPAddress="ec2.amazonaws.com"`}},
	{"public key", `{ $.requestParameters.ipPermissions.items[*].ipRanges.items[0].cidrIp = "0.0.0.0/0" }`,
		[]string{`requestParameters={"ipPermissions":{"items":[{"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"}]}},{"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}}`},
		[]string{``, `requestParameters={"ipPermissions":{"items":[]}}`}},
}

// plainEvent is a CloudTrail record of the usual size that no control is about.
const plainEvent = `{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLEEX:deploy-session",` +
	`"arn":"arn:aws:sts::111122223333:assumed-role/deploy/deploy-session","accountId":"111122223333","accessKeyId":"ASIAEXAMPLEEXAMPLEEX",` +
	`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEEXAMPLEEX","arn":"arn:aws:iam::111122223333:role/deploy",` +
	`"accountId":"111122223333","userName":"deploy"},"attributes":{"creationDate":"2026-03-01T09:12:44Z","mfaAuthenticated":"false"}}},` +
	`"eventTime":"2026-03-01T09:14:02Z","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances","awsRegion":"eu-west-1",` +
	`"sourceIPAddress":"203.0.113.17","userAgent":"aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.8",` +
	`"requestParameters":{"instancesSet":{},"filterSet":{"items":[{"name":"tag:Name","valueSet":{"items":[{"value":"web-*"}]}}]},"maxResults":100},` +
	`"responseElements":null,"requestID":"b25f48e8-84fd-11e6-80d9-574e0c664acb","eventID":"1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d","readOnly":true,` +
	`"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management",` +
	`"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"ec2.eu-west-1.amazonaws.com"}}`

// changed applies "key=json" changes to plainEvent, replacing properties of the
// top level or adding them.
func changed(t testing.TB, changes string) []byte {
	t.Helper()
	event := plainEvent
	for changes != "" {
		key, rest, ok := strings.Cut(changes, "=")
		if !ok {
			t.Fatalf("change %q has no =", changes)
		}
		end := valueEnd(rest, 0)
		if end < 0 {
			t.Fatalf("change %q is not JSON", rest)
		}
		val := rest[:end]
		changes = strings.TrimSpace(rest[end:])
		name := `"` + key + `":`
		if i := strings.Index(event, `,`+name); i >= 0 {
			j := valueEnd(event, i+1+len(name))
			event = event[:i+1+len(name)] + val + event[j:]
		} else {
			event = event[:len(event)-1] + "," + name + val + "}"
		}
	}
	return []byte(event)
}

// valueEnd returns where the JSON value at i ends.
func valueEnd(s string, i int) int {
	var sc scanner
	sc.start([]byte(s))
	return sc.skipValue(i, 1)
}

func cisPatterns(t testing.TB) []*Pattern {
	t.Helper()
	var patterns []*Pattern
	for _, c := range cis {
		p, err := Parse(c.pattern)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		patterns = append(patterns, p)
	}
	return patterns
}

func TestCISPatterns(t *testing.T) {
	patterns := cisPatterns(t)
	set := NewSet(patterns)
	for i, c := range cis {
		check := func(changes string, want bool) {
			event := changed(t, changes)
			if got, err := patterns[i].Match(event); got != want || err != nil {
				t.Errorf("%s: event with %s: match %v, error %v, want %v", c.name, changes, got, err, want)
			}
			checkAgainstReference(t, set, patterns, event)
		}
		for _, changes := range c.hit {
			check(changes, true)
		}
		for _, changes := range c.miss {
			check(changes, false)
		}
	}
}

// Every event name of every control matters: leaving it out changes the verdict on
// the event of that name. Of the other clauses it checks that they go and go alone.
func TestWithoutChangesTheVerdict(t *testing.T) {
	for _, c := range cis {
		p, err := Parse(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		clauses := p.Clauses()
		for i, cl := range clauses {
			q := p.Without(i)
			if q == nil {
				if len(clauses) > 1 {
					t.Errorf("%s: nothing left without %s", c.name, cl.Text)
				}
				continue
			}
			if got := len(q.Clauses()); got != len(clauses)-1 {
				t.Errorf("%s: %d clauses without %s, want %d", c.name, got, cl.Text, len(clauses)-1)
			}
			if cl.Operator == Equal && cl.Join == "||" && cl.Subject == "$.eventName" {
				event := changed(t, `eventSource=`+sourceOf(p)+` eventName="`+cl.Value+`" requestParameters={"bucketName":"org-trail"} resources=[{"ARN":":key/1234"}]`)
				before, _ := p.Match(event)
				after, _ := q.Match(event)
				if !before || after {
					t.Errorf("%s: event %s matches %v, without its clause %v", c.name, cl.Value, before, after)
				}
			}
		}
	}
}

func sourceOf(p *Pattern) string {
	for _, c := range p.Clauses() {
		if c.Subject == "$.eventSource" {
			return `"` + c.Value + `"`
		}
	}
	return `"iam.amazonaws.com"`
}
