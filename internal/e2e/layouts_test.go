package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

const organizationGroup = `  trailkeep:region: eu-central-1
  trailkeep:organization:
    id: o-exampleorg1
    managementAccount: "123456789012"
    auditAccount: "222222222222"
`

const readersGroup = `  trailkeep:access:
    readers:
      - arn:aws:iam::222222222222:user/alice
`

const (
	archiveBucket    = "trailkeep-log-archive-222222222222-eu-central-1"
	accessLogBucket  = "trailkeep-access-logs-222222222222-eu-central-1"
	bucketARN        = "arn:aws:s3:::"
	archiveSids      = "AclCheck WriteMgmt WriteOrg ReadObjects ReadBucket DenyPlainHTTP DenyOldTLS DenyOutsideOrg DenyForeignService OnlyCloudTrailWrites DenyWrongKey DenyDestroy DenyReconfigure DenyVersioning"
	accessLogSids    = "WriteAccessLogs DenyPlainHTTP DenyOldTLS DenyOutsideOrg DenyDestroy DenyReconfigure DenyVersioning"
	replicaSids      = "Replicate ReadObjects ReadBucket DenyPlainHTTP DenyOldTLS DenyOutsideOrg OnlyReplicationWrites DenyWrongKey DenyDestroy DenyReconfigure DenyVersioning"
	logKeySids       = "Admin Inspect Encrypt Describe DecryptForUpdate Readers DenyKeyLoss DenyPolicyChange"
	replicaKeySids   = "Admin Inspect Replication Readers DenyKeyLoss DenyPolicyChange"
	accessLogExpires = 1098
)

// TestTwoStacks: worm with Insights and data events, archive and trail as two
// stacks with separate state, joined by the key's ARN.
func TestTwoStacks(t *testing.T) {
	t.Parallel()
	shared := `config:
  trailkeep:stack: archive
` + organizationGroup + readersGroup + `  trailkeep:archive:
    protection: worm
    prefix: audit
    objectLock:
      retentionYears: 7
`
	o := newOrganization(t, map[string]string{"archive": shared})
	archive, _ := o.up("archive")

	auditAccount := archive.AWSConfig(audit)
	key := checkKey(t, auditAccount, "alias/"+archiveBucket, audit, strings.Fields(logKeySids)...)
	checkBucket(t, auditAccount, bucketWant{
		name: archiveBucket, region: region, keyARN: key, logsTo: accessLogBucket, lockMode: "GOVERNANCE", lockYears: 7, expires: 7*366 + 30,
		statements: strings.Fields(archiveSids),
	})
	checkBucket(t, auditAccount, bucketWant{name: accessLogBucket, region: region, expires: accessLogExpires, statements: strings.Fields(accessLogSids)})

	trailFile := func(join string) string {
		return `config:
  trailkeep:stack: trail
` + organizationGroup + `  trailkeep:archive:
    prefix: audit
  trailkeep:trail:
    ` + join + `
    insights: [ApiCallRateInsight, ApiErrorRateInsight]
    deliveryTopic: true
    logGroup:
      retentionDays: 731
    dataEvents:
      - name: Payments
        type: AWS::S3::Object
        readWrite: write
        arnPrefixes: ["arn:aws:s3:::payments/"]
      - name: Functions
        type: AWS::Lambda::Function
        readWrite: all
        acknowledgeCost: true
      - name: Orders
        type: AWS::Kinesis::Stream
        readWrite: read
        arnPrefixes: ["arn:aws:kinesis:eu-central-1:444444444444:stream/orders"]
`
	}
	o.write("trail", trailFile("logKeyArn: "+key))
	trail, _ := o.up("trail")
	checkTrail(t, trail.AWSConfig(management), trailWant{
		name: "organization-trail", account: management, region: region, organization: true,
		bucket: archiveBucket, prefix: "audit", keyARN: key, logGroup: "/aws/cloudtrail/organization-trail", retention: 731,
		insights: []string{"ApiCallRateInsight", "ApiErrorRateInsight"}, dataEvents: 3, excluded: []string{bucketARN + archiveBucket, bucketARN + accessLogBucket},
		topic:            "arn:aws:sns:eu-central-1:123456789012:organization-trail-delivery",
		streams:          []string{"123456789012_CloudTrail_eu-central-1*", "o-exampleorg1_*"},
		logGroupKeyAlias: "alias/trailkeep-organization-trail",
	})
	o.unchanged("trail")
	o.leastPrivilege(trail.Config(), 0)
	// The key's ARN from the archive's own outputs is the same one.
	o.write("trail", trailFile("archiveStack: organization/trailkeep/archive"))
	o.unchanged("trail")
	o.unchanged("archive")
	o.leastPrivilege(archive.Config(), 0)
}

// TestReplica: mfa-delete with a copy in another region and account, in an
// organization that the stack imports and keeps, with the audit account as
// CloudTrail's delegated administrator.
func TestReplica(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, map[string]string{"dev": "config:\n" + organizationGroup + `    delegatedAdministrator: true
    manage:
      serviceAccess: [cloudtrail.amazonaws.com, config.amazonaws.com]
      policyTypes: [SERVICE_CONTROL_POLICY]
` + readersGroup + `  trailkeep:archive:
    replica:
      region: eu-west-1
      account: "333333333333"
`})
	up, _ := o.up("dev")
	const replica, replicaLogs = "trailkeep-log-replica-333333333333-eu-west-1", "trailkeep-log-replica-333333333333-eu-west-1-access"
	vault := up.AWSConfig("333333333333")
	vault.Region = "eu-west-1"
	replicaKey := checkKey(t, vault, "alias/"+replica, "333333333333", strings.Fields(replicaKeySids)...)
	checkBucket(t, vault, bucketWant{
		name: replica, region: "eu-west-1", keyARN: replicaKey, logsTo: replicaLogs, lockMode: "GOVERNANCE", lockYears: 3, expires: 3*366 + 30,
		statements: strings.Fields(replicaSids),
	})
	checkBucket(t, vault, bucketWant{name: replicaLogs, region: "eu-west-1", expires: accessLogExpires, statements: strings.Fields(accessLogSids)})
	auditAccount := up.AWSConfig(audit)
	key := checkKey(t, auditAccount, "alias/"+archiveBucket, audit, append(strings.Fields(logKeySids), "Replication")...)
	checkBucket(t, auditAccount, bucketWant{
		name: archiveBucket, region: region, keyARN: key, logsTo: accessLogBucket, statements: strings.Fields(archiveSids),
		replicatesTo: bucketARN + replica, replicaKeyARN: replicaKey,
	})
	checkOrganization(t, up.AWSConfig(management))
	o.unchanged("dev")
	o.leastPrivilege(up.Config(), 0)
}

// TestSingleAccount: no organization; archive and trail in one account.
func TestSingleAccount(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, map[string]string{"alone": `config:
  trailkeep:stack: account
  trailkeep:region: us-east-1
  trailkeep:account: "222222222222"
  trailkeep:access:
    readers: [arn:aws:iam::222222222222:role/Responder]
`})
	up, _ := o.up("alone")
	account := up.AWSConfig(audit)
	const bucket, logs = "trailkeep-log-archive-222222222222-us-east-1", "trailkeep-access-logs-222222222222-us-east-1"
	key := checkKey(t, account, "alias/"+bucket, audit, strings.Fields(logKeySids)...)
	alone := strings.Fields(strings.NewReplacer("WriteOrg ", "", "DenyOutsideOrg", "DenyOutsideAccount").Replace(archiveSids))
	checkBucket(t, account, bucketWant{name: bucket, region: "us-east-1", keyARN: key, logsTo: logs, statements: alone})
	checkBucket(t, account, bucketWant{name: logs, region: "us-east-1", expires: accessLogExpires, statements: strings.Fields(strings.Replace(accessLogSids, "DenyOutsideOrg", "DenyOutsideAccount", 1))})
	checkTrail(t, account, trailWant{
		name: "account-trail", account: audit, region: "us-east-1", bucket: bucket, keyARN: key, logGroup: "/aws/cloudtrail/account-trail", retention: 365,
		streams: []string{"222222222222_CloudTrail_us-east-1*"}, logGroupKeyAlias: "alias/trailkeep-account-trail",
	})
	o.unchanged("alone")
	o.leastPrivilege(up.Config(), 0)
}

// checkOrganization demands that managing the organization left it as it was.
func checkOrganization(t *testing.T, cfg aws.Config) {
	t.Helper()
	client := organizations.NewFromConfig(cfg)
	services, err := client.ListAWSServiceAccessForOrganization(t.Context(), &organizations.ListAWSServiceAccessForOrganizationInput{})
	if err != nil {
		t.Fatal(err)
	}
	var trusted []string
	for _, service := range services.EnabledServicePrincipals {
		trusted = append(trusted, aws.ToString(service.ServicePrincipal))
	}
	for _, want := range []string{"cloudtrail.amazonaws.com", "config.amazonaws.com"} {
		if !slices.Contains(trusted, want) {
			t.Errorf("trusted access of %s is gone: %v", want, trusted)
		}
	}
	delegated, err := client.ListDelegatedAdministrators(t.Context(), &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: aws.String("cloudtrail.amazonaws.com")})
	if err != nil {
		t.Fatal(err)
	}
	if len(delegated.DelegatedAdministrators) != 1 || aws.ToString(delegated.DelegatedAdministrators[0].Id) != audit {
		t.Errorf("CloudTrail's delegated administrators are %+v, want account %s", delegated.DelegatedAdministrators, audit)
	}
}
