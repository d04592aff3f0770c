package policydocuments

import (
	"fmt"
	"strings"
	"testing"

	"github.com/trailkeep/trailkeep/awspolicy"
)

const (
	management   = "123456789012"
	audit        = "222222222222"
	vault        = "333333333333" // the replica's account, where it is another one
	stranger     = "999999999999"
	organization = "o-exampleorg1"
	logKey       = "arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555"
	foreignKey   = "arn:aws:kms:eu-central-1:999999999999:key/99999999-9999-9999-9999-999999999999"
)

func exampleArchive(organizationID string) Archive {
	a := Archive{
		Trail:     Trail{AccountID: management, Region: "eu-central-1", Name: "organization-trail", OrganizationID: organizationID},
		AccountID: audit, Region: "eu-central-1", Bucket: "log-archive", AccessLogBucket: "access-logs", KeyARN: logKey,
		DeployRoleARN:     "arn:aws:iam::222222222222:role/TrailkeepDeploy",
		BreakGlassRoleARN: "arn:aws:iam::222222222222:role/TrailkeepBreakGlass",
		ReaderRoleARN:     "arn:aws:iam::222222222222:role/TrailkeepReader",
		Readers:           []string{"arn:aws:iam::222222222222:user/alice", "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Responder_0123456789abcdef"},
	}
	if organizationID == "" {
		a.Trail.AccountID = audit
	}
	return a
}

func withReplica(a Archive, account string) Archive {
	a.Replica = &Replica{
		AccountID: account, Region: "eu-west-1", Bucket: "log-replica", AccessLogBucket: "log-replica-access",
		KeyARN:            "arn:aws:kms:eu-west-1:" + account + ":key/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
		RoleARN:           "arn:aws:iam::222222222222:role/TrailkeepReplication",
		DeployRoleARN:     "arn:aws:iam::" + account + ":role/TrailkeepDeploy",
		BreakGlassRoleARN: "arn:aws:iam::" + account + ":role/TrailkeepBreakGlass",
	}
	return a
}

func exampleDelivery(organizationID string) Delivery {
	d := Delivery{
		Trail:    exampleArchive(organizationID).Trail,
		LogGroup: "/aws/cloudtrail/organization-trail", Topic: "organization-trail-delivery",
	}
	d.DeployRoleARN = RoleARN("eu-central-1", d.Trail.AccountID, "TrailkeepDeploy")
	d.BreakGlassRoleARN = RoleARN("eu-central-1", d.Trail.AccountID, "TrailkeepBreakGlass")
	return d
}

// everything is what an administrator's identity policy allows.
var everything = awspolicy.Document{Statements: []awspolicy.Statement{{
	Effect: awspolicy.Allow, Actions: []string{"*"}, Resources: []string{"*"},
}}}

// situation is one request to one resource.
type situation struct {
	caller   awspolicy.Caller
	identity []awspolicy.Document
	action   string
	resource string
	context  map[string][]string
	// careless is a statement that somebody added to the document: some denies
	// matter only when another statement is wrong.
	careless *awspolicy.Statement
}

// judged says how a document's situations are evaluated.
type judged struct {
	kind     awspolicy.ResourceKind // empty: the document is an identity policy
	account  string                 // owns the resource
	resource *awspolicy.Document    // for an identity policy: the resource's own policy
}

func (s situation) allowed(t *testing.T, d awspolicy.Document, j judged) bool {
	t.Helper()
	if s.careless != nil {
		d.Statements = append(append([]awspolicy.Statement{}, d.Statements...), *s.careless)
	}
	context := map[string][]string{"aws:SecureTransport": {"true"}}
	if strings.HasPrefix(s.action, "s3:") {
		context["s3:TlsVersion"] = []string{"1.3"}
	}
	for k, v := range s.context {
		context[k] = v
	}
	p := awspolicy.Policies{Identity: s.identity}
	if j.kind == "" {
		p.Identity = []awspolicy.Document{d}
		if j.resource != nil {
			p.Resource = &awspolicy.ResourcePolicy{Kind: awspolicy.OrdinaryResource, Document: *j.resource}
		}
	} else {
		p.Resource = &awspolicy.ResourcePolicy{Kind: j.kind, Document: d}
	}
	decision := awspolicy.Evaluate(awspolicy.Request{
		Principal: s.caller, Action: s.action, Resource: s.resource, ResourceAccount: j.account, Context: context,
	}, p)
	if len(decision.Unsupported) > 0 {
		t.Errorf("the evaluator could not judge %s: %v", s.action, decision.Unsupported)
	}
	return decision.Allowed
}

func admin(account string) awspolicy.Caller {
	c := awspolicy.RoleSession("arn:aws:iam::"+account+":role/Admin", "session")
	if account != stranger {
		c.OrgID = organization
	}
	return c
}

func role(arn string) awspolicy.Caller {
	c := awspolicy.RoleSession(arn, "session")
	c.OrgID = organization
	return c
}

func carelessAllow(action, resource string) *awspolicy.Statement {
	return &awspolicy.Statement{Sid: "Careless", Effect: awspolicy.Allow, Principal: &awspolicy.Principal{Everyone: true},
		Actions: []string{action}, Resources: []string{resource}}
}

// bucketSituations holds, for each statement of a bucket policy, a request
// whose verdict only that statement decides.
func bucketSituations(a Archive) map[string]situation {
	bucket := "arn:aws:s3:::log-archive"
	object := func(owner string) string {
		return bucket + "/AWSLogs/" + owner + "/CloudTrail/eu-central-1/2026/11/24/a.json.gz"
	}
	reader := role(a.ReaderRoleARN)
	cloudTrail := awspolicy.Service(cloudTrailService)
	delivery := map[string][]string{
		"aws:SourceArn": {a.Trail.ARN()}, "aws:SourceAccount": {a.Trail.AccountID}, "s3:x-amz-acl": {"bucket-owner-full-control"},
	}
	with := func(pairs ...string) map[string][]string {
		context := map[string][]string{}
		for k, v := range delivery {
			context[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			context[pairs[i]] = []string{pairs[i+1]}
		}
		return context
	}
	foreign := with("aws:SourceArn", "arn:aws:cloudtrail:eu-central-1:999999999999:trail/theirs", "aws:SourceAccount", stranger, "aws:SourceOrgID", "o-strangers01")
	if a.Trail.OrganizationID == "" {
		delete(foreign, "aws:SourceOrgID")
	}
	all := []awspolicy.Document{everything}
	return map[string]situation{
		"AclCheck":             {caller: cloudTrail, action: "s3:GetBucketAcl", resource: bucket, context: delivery},
		"WriteMgmt":            {caller: cloudTrail, action: "s3:PutObject", resource: object(a.Trail.AccountID), context: delivery},
		"WriteOrg":             {caller: cloudTrail, action: "s3:PutObject", resource: object(organization), context: with("aws:SourceOrgID", organization)},
		"ReadObjects":          {caller: reader, action: "s3:GetObject", resource: object(a.Trail.AccountID)},
		"ReadBucket":           {caller: reader, action: "s3:ListBucket", resource: bucket},
		"DenyPlainHTTP":        {caller: reader, action: "s3:GetObject", resource: object(a.Trail.AccountID), context: map[string][]string{"aws:SecureTransport": {"false"}, "s3:TlsVersion": {}}},
		"DenyOldTLS":           {caller: reader, action: "s3:GetObject", resource: object(a.Trail.AccountID), context: map[string][]string{"s3:TlsVersion": {"1.1"}}},
		"DenyOutsideOrg":       {caller: admin(stranger), identity: all, action: "s3:GetObject", resource: object(a.Trail.AccountID), careless: carelessAllow("s3:GetObject", bucket+"/*")},
		"DenyOutsideAccount":   {caller: admin(stranger), identity: all, action: "s3:GetObject", resource: object(a.Trail.AccountID), careless: carelessAllow("s3:GetObject", bucket+"/*")},
		"DenyForeignService":   {caller: cloudTrail, action: "s3:PutObject", resource: object(stranger), context: foreign, careless: carelessAllow("s3:PutObject", bucket+"/*")},
		"OnlyCloudTrailWrites": {caller: admin(audit), identity: all, action: "s3:PutObject", resource: object(a.Trail.AccountID)},
		"DenyWrongKey":         {caller: cloudTrail, action: "s3:PutObject", resource: object(a.Trail.AccountID), context: with("s3:x-amz-server-side-encryption-aws-kms-key-id", foreignKey)},
		"DenyDestroy":          {caller: role(a.BreakGlassRoleARN), identity: all, action: "s3:DeleteObjectVersion", resource: object(a.Trail.AccountID)},
		"DenyReconfigure":      {caller: admin(audit), identity: all, action: "s3:PutBucketPolicy", resource: bucket},
		"DenyVersioning":       {caller: admin(audit), identity: all, action: "s3:PutBucketVersioning", resource: bucket},
	}
}

func accessLogSituations(account, source, target, deploy string) map[string]situation {
	bucket := "arn:aws:s3:::" + target
	object := bucket + "/" + source + "/2026-11-24-10-00-00-0123456789ABCDEF"
	all := []awspolicy.Document{everything}
	return map[string]situation{
		"WriteAccessLogs": {caller: awspolicy.Service(s3LoggingService), action: "s3:PutObject", resource: object,
			context: map[string][]string{"aws:SourceArn": {"arn:aws:s3:::" + source}, "aws:SourceAccount": {account}}},
		"DenyPlainHTTP":      {caller: role(deploy), identity: all, action: "s3:GetObject", resource: object, context: map[string][]string{"aws:SecureTransport": {"false"}, "s3:TlsVersion": {}}},
		"DenyOldTLS":         {caller: role(deploy), identity: all, action: "s3:GetObject", resource: object, context: map[string][]string{"s3:TlsVersion": {"1.1"}}},
		"DenyOutsideOrg":     {caller: admin(stranger), identity: all, action: "s3:GetObject", resource: object, careless: carelessAllow("s3:GetObject", bucket+"/*")},
		"DenyOutsideAccount": {caller: admin(stranger), identity: all, action: "s3:GetObject", resource: object, careless: carelessAllow("s3:GetObject", bucket+"/*")},
		"DenyDestroy":        {caller: role(deploy), identity: all, action: "s3:DeleteObject", resource: object},
		"DenyReconfigure":    {caller: admin(account), identity: all, action: "s3:PutLifecycleConfiguration", resource: bucket},
		"DenyVersioning":     {caller: admin(account), identity: all, action: "s3:PutBucketVersioning", resource: bucket},
	}
}

func replicaBucketSituations(a Archive) map[string]situation {
	bucket := "arn:aws:s3:::log-replica"
	object := bucket + "/AWSLogs/o-exampleorg1/123456789012/CloudTrail/eu-central-1/2026/11/24/a.json.gz"
	all := []awspolicy.Document{everything}
	replication, reader := role(a.Replica.RoleARN), role(a.ReaderRoleARN)
	return map[string]situation{
		"Replicate":             {caller: replication, identity: []awspolicy.Document{Replication(a)}, action: "s3:ReplicateObject", resource: object},
		"ReadObjects":           {caller: reader, identity: []awspolicy.Document{Reader(a)}, action: "s3:GetObject", resource: object},
		"ReadBucket":            {caller: reader, identity: []awspolicy.Document{Reader(a)}, action: "s3:ListBucket", resource: bucket},
		"DenyPlainHTTP":         {caller: reader, identity: []awspolicy.Document{Reader(a)}, action: "s3:GetObject", resource: object, context: map[string][]string{"aws:SecureTransport": {"false"}, "s3:TlsVersion": {}}},
		"DenyOldTLS":            {caller: reader, identity: []awspolicy.Document{Reader(a)}, action: "s3:GetObject", resource: object, context: map[string][]string{"s3:TlsVersion": {"1.1"}}},
		"DenyOutsideOrg":        {caller: admin(stranger), identity: all, action: "s3:GetObject", resource: object, careless: carelessAllow("s3:GetObject", bucket+"/*")},
		"OnlyReplicationWrites": {caller: admin(a.Replica.AccountID), identity: all, action: "s3:PutObject", resource: object},
		"DenyWrongKey": {caller: replication, identity: []awspolicy.Document{Replication(a)}, action: "s3:ReplicateObject", resource: object,
			context: map[string][]string{"s3:x-amz-server-side-encryption-aws-kms-key-id": {foreignKey}}},
		"DenyDestroy":     {caller: role(a.Replica.DeployRoleARN), identity: all, action: "s3:DeleteObjectVersion", resource: object},
		"DenyReconfigure": {caller: admin(a.Replica.AccountID), identity: all, action: "s3:PutBucketObjectLockConfiguration", resource: bucket},
		"DenyVersioning":  {caller: admin(a.Replica.AccountID), identity: all, action: "s3:PutBucketVersioning", resource: bucket},
	}
}

// keySituations holds what all our key policies share.
func keySituations(account, deploy, key string) map[string]situation {
	all := []awspolicy.Document{everything}
	return map[string]situation{
		"Admin":       {caller: role(deploy), identity: all, action: "kms:PutKeyPolicy", resource: key},
		"Inspect":     {caller: admin(account), identity: all, action: "kms:GetKeyPolicy", resource: key},
		"DenyKeyLoss": {caller: role(deploy), identity: all, action: "kms:ScheduleKeyDeletion", resource: key},
		// A grant is one more Allow that the key policy does not show.
		"DenyPolicyChange": {caller: admin(account), identity: all, action: "kms:CreateGrant", resource: key, careless: carelessAllow("kms:CreateGrant", "*")},
	}
}

func merge(maps ...map[string]situation) map[string]situation {
	all := map[string]situation{}
	for _, m := range maps {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

func logKeySituations(a Archive) map[string]situation {
	cloudTrail := awspolicy.Service(cloudTrailService)
	context := map[string][]string{"aws:SourceArn": {a.Trail.ARN()}, "kms:EncryptionContext:aws:cloudtrail:arn": {a.Trail.ARN()}}
	m := merge(keySituations(audit, a.DeployRoleARN, logKey), map[string]situation{
		"Encrypt":          {caller: cloudTrail, action: "kms:GenerateDataKeyWithoutPlaintext", resource: logKey, context: context},
		"Describe":         {caller: cloudTrail, action: "kms:DescribeKey", resource: logKey, context: context},
		"DecryptForUpdate": {caller: cloudTrail, action: "kms:Decrypt", resource: logKey, context: context},
		"Readers":          {caller: role(a.ReaderRoleARN), action: "kms:Decrypt", resource: logKey, context: context},
	})
	if a.Replica != nil {
		m["Replication"] = situation{caller: role(a.Replica.RoleARN), action: "kms:Decrypt", resource: logKey,
			context: map[string][]string{"kms:ViaService": {"s3.eu-central-1.amazonaws.com"}, "kms:EncryptionContext:aws:cloudtrail:arn": {a.Trail.ARN()}}}
	}
	return m
}

func replicaKeySituations(a Archive) map[string]situation {
	key := a.Replica.KeyARN
	via := map[string][]string{"kms:ViaService": {"s3.eu-west-1.amazonaws.com"}}
	return merge(keySituations(a.Replica.AccountID, a.Replica.DeployRoleARN, key), map[string]situation{
		"Replication": {caller: role(a.Replica.RoleARN), identity: []awspolicy.Document{Replication(a)}, action: "kms:GenerateDataKey", resource: key, context: via},
		"Readers":     {caller: role(a.ReaderRoleARN), identity: []awspolicy.Document{Reader(a)}, action: "kms:Decrypt", resource: key, context: via},
	})
}

func deliveryKeySituations(d Delivery) map[string]situation {
	key := "arn:aws:kms:eu-central-1:" + d.Trail.AccountID + ":key/22222222-2222-2222-2222-222222222222"
	return merge(keySituations(d.Trail.AccountID, d.DeployRoleARN, key), map[string]situation{
		"LogGroup": {caller: awspolicy.Service("logs.eu-central-1.amazonaws.com"), action: "kms:Encrypt", resource: key,
			context: map[string][]string{"kms:EncryptionContext:aws:logs:arn": {d.logGroupARN()}}},
		"Topic": {caller: awspolicy.Service(cloudTrailService), action: "kms:GenerateDataKey", resource: key,
			context: map[string][]string{"aws:SourceArn": {d.Trail.ARN()}}},
	})
}

// TestEveryStatementDecides removes each statement of each document in turn and
// demands that the verdict on its request changes: a statement that decides
// nothing is either superfluous or broken.
func TestEveryStatementDecides(t *testing.T) {
	org, alone := exampleArchive(organization), exampleArchive("")
	near, far := withReplica(org, audit), withReplica(org, vault)
	delivery := exampleDelivery(organization)
	topic := TopicARN("eu-central-1", management, delivery.Topic)

	for _, c := range []struct {
		name       string
		document   awspolicy.Document
		judged     judged
		situations map[string]situation
	}{
		{"log bucket, organization", LogBucket(org), judged{kind: awspolicy.S3Bucket, account: audit}, bucketSituations(org)},
		{"log bucket, single account", LogBucket(alone), judged{kind: awspolicy.S3Bucket, account: audit}, bucketSituations(alone)},
		{"access log bucket", AccessLogBucket(org), judged{kind: awspolicy.S3Bucket, account: audit}, accessLogSituations(audit, "log-archive", "access-logs", org.DeployRoleARN)},
		{"access log bucket, single account", AccessLogBucket(alone), judged{kind: awspolicy.S3Bucket, account: audit}, accessLogSituations(audit, "log-archive", "access-logs", alone.DeployRoleARN)},
		{"replica access log bucket", ReplicaAccessLogBucket(far), judged{kind: awspolicy.S3Bucket, account: vault}, accessLogSituations(vault, "log-replica", "log-replica-access", far.Replica.DeployRoleARN)},
		{"replica bucket, same account", ReplicaBucket(near), judged{kind: awspolicy.S3Bucket, account: audit}, replicaBucketSituations(near)},
		{"replica bucket, another account", ReplicaBucket(far), judged{kind: awspolicy.S3Bucket, account: vault}, replicaBucketSituations(far)},
		{"log key", LogKey(org), judged{kind: awspolicy.KMSKey, account: audit}, logKeySituations(org)},
		{"log key with replica", LogKey(far), judged{kind: awspolicy.KMSKey, account: audit}, logKeySituations(far)},
		{"replica key, same account", ReplicaKey(near), judged{kind: awspolicy.KMSKey, account: audit}, replicaKeySituations(near)},
		{"replica key, another account", ReplicaKey(far), judged{kind: awspolicy.KMSKey, account: vault}, replicaKeySituations(far)},
		{"delivery key", DeliveryKey(delivery), judged{kind: awspolicy.KMSKey, account: management}, deliveryKeySituations(delivery)},
		{"delivery topic", DeliveryTopic(delivery), judged{kind: awspolicy.OrdinaryResource, account: management}, map[string]situation{
			"Publish": {caller: awspolicy.Service(cloudTrailService), action: "sns:Publish", resource: topic, context: map[string][]string{"aws:SourceArn": {delivery.Trail.ARN()}}},
			"DenyPlainHTTP": {caller: admin(management), identity: []awspolicy.Document{everything}, action: "sns:Publish", resource: topic,
				context: map[string][]string{"aws:SecureTransport": {"false"}}},
		}},
		{"trail role trust", TrailRoleTrust(delivery), judged{kind: awspolicy.RoleTrust, account: management}, map[string]situation{
			"CloudTrail": {caller: awspolicy.Service(cloudTrailService), action: "sts:AssumeRole", resource: RoleARN("eu-central-1", management, "TrailkeepCloudTrail"),
				context: map[string][]string{"aws:SourceArn": {delivery.Trail.ARN()}}},
		}},
		{"trail role", TrailRole(delivery), judged{account: management}, map[string]situation{
			"WriteLogStreams": {caller: role(RoleARN("eu-central-1", management, "TrailkeepCloudTrail")), action: "logs:PutLogEvents",
				resource: delivery.logGroupARN() + ":log-stream:o-exampleorg1_111111111111_CloudTrail_eu-central-1"},
		}},
		{"reader trust", ReaderTrust(org), judged{kind: awspolicy.RoleTrust, account: audit}, map[string]situation{
			"UsersWithMFA": {caller: awspolicy.User(org.Readers[0]), action: "sts:AssumeRole", resource: org.ReaderRoleARN, context: map[string][]string{"aws:MultiFactorAuthPresent": {"true"}}},
			"Roles":        {caller: role(org.Readers[1]), action: "sts:AssumeRole", resource: org.ReaderRoleARN},
		}},
		{"reader, replica in another account", Reader(far), judged{account: vault, resource: allowAll()}, map[string]situation{
			"ReadReplicaObjects": {caller: role(org.ReaderRoleARN), action: "s3:GetObject", resource: "arn:aws:s3:::log-replica/a"},
			"ReadReplicaBucket":  {caller: role(org.ReaderRoleARN), action: "s3:ListBucket", resource: "arn:aws:s3:::log-replica"},
			"DecryptReplica":     {caller: role(org.ReaderRoleARN), action: "kms:Decrypt", resource: far.Replica.KeyARN},
		}},
		{"reader, replica in the same account", Reader(near), judged{account: audit}, map[string]situation{
			"ReadReplicaObjects": {caller: role(org.ReaderRoleARN), action: "s3:GetObject", resource: "arn:aws:s3:::log-replica/a"},
			"ReadReplicaBucket":  {caller: role(org.ReaderRoleARN), action: "s3:ListBucket", resource: "arn:aws:s3:::log-replica"},
		}},
		{"replication trust", ReplicationTrust(near), judged{kind: awspolicy.RoleTrust, account: audit}, map[string]situation{
			"S3": {caller: awspolicy.Service(s3Service), action: "sts:AssumeRole", resource: near.Replica.RoleARN,
				context: map[string][]string{"aws:SourceArn": {"arn:aws:s3:::log-archive"}, "aws:SourceAccount": {audit}}},
		}},
		{"replication, another account", Replication(far), judged{account: vault, resource: allowAll()}, map[string]situation{
			"ReadConfiguration": {caller: role(far.Replica.RoleARN), action: "s3:GetReplicationConfiguration", resource: "arn:aws:s3:::log-archive"},
			"ReadVersions":      {caller: role(far.Replica.RoleARN), action: "s3:GetObjectVersionForReplication", resource: "arn:aws:s3:::log-archive/a"},
			"WriteReplicas":     {caller: role(far.Replica.RoleARN), action: "s3:ReplicateObject", resource: "arn:aws:s3:::log-replica/a"},
			"EncryptReplicas": {caller: role(far.Replica.RoleARN), action: "kms:Encrypt", resource: far.Replica.KeyARN,
				context: map[string][]string{"kms:ViaService": {"s3.eu-west-1.amazonaws.com"}}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.document.Validate(); err != nil {
				t.Fatal(err)
			}
			for _, statement := range c.document.Statements {
				if statement.Reason == "" {
					t.Errorf("%s has no reason", statement.Sid)
				}
				s, ok := c.situations[statement.Sid]
				if !ok {
					t.Errorf("%s: no request tells what it is for", statement.Sid)
					continue
				}
				with, without := s.allowed(t, c.document, c.judged), s.allowed(t, c.document.Without(statement.Sid), c.judged)
				if want := statement.Effect == awspolicy.Allow; with != want || without == want {
					t.Errorf("%s: %s is allowed: %t with the statement and %t without; want %t and %t", statement.Sid, s.action, with, without, want, !want)
				}
			}
		})
	}
}

// allowAll is a resource policy that leaves the decision to the identity policy
// of a caller from another account.
func allowAll() *awspolicy.Document {
	return &awspolicy.Document{Statements: []awspolicy.Statement{*carelessAllow("*", "*")}}
}

// TestWhoMayWhat holds the verdicts that no single statement makes: what has to
// pass, and what has to fail in spite of an administrator's rights.
func TestWhoMayWhat(t *testing.T) {
	a := withReplica(exampleArchive(organization), audit)
	bucket, object := "arn:aws:s3:::log-archive", "arn:aws:s3:::log-archive/AWSLogs/o-exampleorg1/111111111111/CloudTrail/eu-central-1/2026/11/24/a.json.gz"
	digest := "arn:aws:s3:::log-archive/AWSLogs/o-exampleorg1/111111111111/CloudTrail-Digest/eu-central-1/2026/11/24/d.json.gz"
	cloudTrail := awspolicy.Service(cloudTrailService)
	delivery := map[string][]string{"aws:SourceArn": {a.Trail.ARN()}, "s3:x-amz-acl": {"bucket-owner-full-control"}}
	sourced := func(key, value string) map[string][]string {
		m := map[string][]string{key: {value}}
		for k, v := range delivery {
			if _, ok := m[k]; !ok {
				m[k] = v
			}
		}
		return m
	}
	all := []awspolicy.Document{everything}
	root := awspolicy.Root("arn:aws:iam::222222222222:root")
	root.OrgID = organization
	inBucket, inKey := judged{kind: awspolicy.S3Bucket, account: audit}, judged{kind: awspolicy.KMSKey, account: audit}

	for _, c := range []struct {
		name     string
		document awspolicy.Document
		judged   judged
		s        situation
		want     bool
	}{
		{"delivery without the key header gets the bucket's key", LogBucket(a), inBucket, situation{caller: cloudTrail, action: "s3:PutObject", resource: object, context: delivery}, true},
		{"delivery with our key", LogBucket(a), inBucket, situation{caller: cloudTrail, action: "s3:PutObject", resource: object, context: sourced("s3:x-amz-server-side-encryption-aws-kms-key-id", logKey)}, true},
		{"a digest without the header, as older regions write it", LogBucket(a), inBucket, situation{caller: cloudTrail, action: "s3:PutObject", resource: digest, context: delivery}, true},
		{"CreateTrail's check without a source organization", LogBucket(a), inBucket, situation{caller: cloudTrail, action: "s3:PutObject", resource: bucket + "/AWSLogs/123456789012/", context: delivery}, true},
		{"another account's trail", LogBucket(a), inBucket, situation{caller: cloudTrail, action: "s3:PutObject", resource: object, context: sourced("aws:SourceArn", "arn:aws:cloudtrail:eu-central-1:999999999999:trail/organization-trail")}, false},
		{"another service", LogBucket(a), inBucket, situation{caller: awspolicy.Service("config.amazonaws.com"), action: "s3:PutObject", resource: object, context: delivery}, false},
		{"an administrator of the audit account reads", LogBucket(a), inBucket, situation{caller: admin(audit), identity: all, action: "s3:GetObject", resource: object}, true},
		{"but cannot decrypt", LogKey(a), inKey, situation{caller: admin(audit), identity: all, action: "kms:Decrypt", resource: logKey, context: map[string][]string{"kms:EncryptionContext:aws:cloudtrail:arn": {a.Trail.ARN()}}}, false},
		{"nor can the deploy role", LogKey(a), inKey, situation{caller: role(a.DeployRoleARN), identity: all, action: "kms:Decrypt", resource: logKey, context: map[string][]string{"kms:EncryptionContext:aws:cloudtrail:arn": {a.Trail.ARN()}}}, false},
		{"the deploy role deletes nothing", LogBucket(a), inBucket, situation{caller: role(a.DeployRoleARN), identity: all, action: "s3:DeleteObject", resource: object}, false},
		{"the deploy role changes the policy", LogBucket(a), inBucket, situation{caller: role(a.DeployRoleARN), identity: all, action: "s3:PutBucketPolicy", resource: bucket}, true},
		{"the deploy role cannot delete the key", LogKey(a), inKey, situation{caller: role(a.DeployRoleARN), identity: all, action: "kms:ScheduleKeyDeletion", resource: logKey}, false},
		{"break-glass can", LogKey(a), inKey, situation{caller: role(a.BreakGlassRoleARN), identity: all, action: "kms:ScheduleKeyDeletion", resource: logKey}, true},
		{"the audit account's root can always replace the bucket policy", LogBucket(a), inBucket, situation{caller: root, action: "s3:PutBucketPolicy", resource: bucket}, true},
		{"but deletes no object while the policy stands", LogBucket(a), inBucket, situation{caller: root, action: "s3:DeleteObjectVersion", resource: object}, false},
		{"and switches MFA delete on", LogBucket(a), inBucket, situation{caller: root, action: "s3:PutBucketVersioning", resource: bucket}, true},
		{"it has no way round the key policy", LogKey(a), inKey, situation{caller: root, action: "kms:PutKeyPolicy", resource: logKey}, false},
		{"a member account's administrator does not read", LogBucket(a), inBucket, situation{caller: admin("111111111111"), identity: all, action: "s3:GetObject", resource: object}, false},
		{"anonymous does not read", LogBucket(a), inBucket, situation{caller: awspolicy.Anonymous(), action: "s3:GetObject", resource: object}, false},
		{"replication reads the archive", LogBucket(a), inBucket, situation{caller: role(a.Replica.RoleARN), identity: []awspolicy.Document{Replication(a)}, action: "s3:GetObjectVersionForReplication", resource: object}, true},
		{"replication writes the replica", ReplicaBucket(a), inBucket, situation{caller: role(a.Replica.RoleARN), identity: []awspolicy.Document{Replication(a)}, action: "s3:ReplicateObject", resource: "arn:aws:s3:::log-replica/a"}, true},
		{"replication deletes nothing", ReplicaBucket(a), inBucket, situation{caller: role(a.Replica.RoleARN), identity: []awspolicy.Document{Replication(a)}, action: "s3:ReplicateDelete", resource: "arn:aws:s3:::log-replica/a"}, false},
		{"a reader without MFA", ReaderTrust(a), judged{kind: awspolicy.RoleTrust, account: audit}, situation{caller: awspolicy.User(a.Readers[0]), identity: all, action: "sts:AssumeRole", resource: a.ReaderRoleARN}, false},
		{"an administrator is no reader", ReaderTrust(a), judged{kind: awspolicy.RoleTrust, account: audit}, situation{caller: admin(audit), identity: all, action: "sts:AssumeRole", resource: a.ReaderRoleARN}, false},
		{"a stranger's trail and the log role", TrailRoleTrust(exampleDelivery(organization)), judged{kind: awspolicy.RoleTrust, account: management}, situation{caller: cloudTrail, action: "sts:AssumeRole", resource: "arn:aws:iam::123456789012:role/TrailkeepCloudTrail", context: map[string][]string{"aws:SourceArn": {"arn:aws:cloudtrail:eu-central-1:999999999999:trail/theirs"}}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.s.allowed(t, c.document, c.judged); got != c.want {
				t.Errorf("%s is allowed: %t, want %t", c.s.action, got, c.want)
			}
		})
	}
}

// TestDisposable holds what a trial leaves out, and that it leaves out no more.
func TestDisposable(t *testing.T) {
	kept := func(d awspolicy.Document) string {
		var sids []string
		for _, s := range d.Statements {
			sids = append(sids, s.Sid)
		}
		return strings.Join(sids, " ")
	}
	a := exampleArchive(organization)
	for name, document := range map[string]func(Archive) awspolicy.Document{"DenyDestroy": LogBucket, "DenyKeyLoss": LogKey} {
		locked := kept(document(a))
		trial := a
		trial.Disposable = true
		want := strings.Join(strings.Fields(strings.Replace(locked, name, "", 1)), " ")
		if got := kept(document(trial)); got != want || locked == want {
			t.Errorf("disposable has %q, want %q", got, want)
		}
	}
}

// TestPolicySizes keeps documents below AWS's quotas: 20 KB for a bucket
// policy, 32 KB for a key policy.
func TestPolicySizes(t *testing.T) {
	a := withReplica(exampleArchive(organization), vault)
	a.Bucket = strings.Repeat("b", 63)
	for name, c := range map[string]struct {
		document awspolicy.Document
		limit    int
	}{
		"log bucket": {LogBucket(a), 20 * 1024}, "replica bucket": {ReplicaBucket(a), 20 * 1024}, "log key": {LogKey(a), 32 * 1024},
	} {
		if size := len(c.document.JSON()); size > c.limit/2 {
			t.Errorf("%s: %d bytes, want at most half of the quota of %d", name, size, c.limit)
		}
	}
}

func ExampleTrail_ARN() {
	fmt.Println(Trail{AccountID: management, Region: "eu-central-1", Name: "organization-trail"}.ARN())
	// Output: arn:aws:cloudtrail:eu-central-1:123456789012:trail/organization-trail
}
