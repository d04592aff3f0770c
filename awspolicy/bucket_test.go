package awspolicy

import (
	"reflect"
	"testing"
)

const trailARN = "arn:aws:cloudtrail:eu-west-1:444455556666:trail/main"

// archivePolicy is a log bucket's policy of the usual size: thirteen
// statements, of which every request walks all.
func archivePolicy() Document {
	everyone := &Principal{Everyone: true}
	trail := &Principal{Service: []string{"cloudtrail.amazonaws.com"}}
	both := []string{"arn:aws:s3:::logs", "arn:aws:s3:::logs/*"}
	objects, bucket := both[1:], both[:1]
	admins := []string{"arn:aws:iam::111122223333:role/deploy", "arn:aws:iam::111122223333:role/break-glass"}
	fromTrail := Condition{"StringEquals", "aws:SourceArn", []string{trailARN}}
	full := Condition{"StringEquals", "s3:x-amz-acl", []string{"bucket-owner-full-control"}}
	return Document{Statements: []Statement{
		{Sid: "AclCheck", Effect: Allow, Principal: trail, Actions: []string{"s3:GetBucketAcl"}, Resources: bucket, Conditions: []Condition{fromTrail}},
		{Sid: "WriteMgmt", Effect: Allow, Principal: trail, Actions: []string{"s3:PutObject"}, Resources: []string{"arn:aws:s3:::logs/AWSLogs/444455556666/*"}, Conditions: []Condition{full, fromTrail}},
		{Sid: "WriteOrg", Effect: Allow, Principal: trail, Actions: []string{"s3:PutObject"}, Resources: []string{"arn:aws:s3:::logs/AWSLogs/o-example/*"}, Conditions: []Condition{full, fromTrail}},
		{Sid: "Read", Effect: Allow, Principal: &Principal{AWS: []string{"arn:aws:iam::111122223333:role/reader"}}, Actions: []string{"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}, Resources: both},
		{Sid: "DenyPlainHTTP", Effect: Deny, Principal: everyone, Actions: []string{"s3:*"}, Resources: both, Conditions: []Condition{{"Bool", "aws:SecureTransport", []string{"false"}}}},
		{Sid: "DenyOldTLS", Effect: Deny, Principal: everyone, Actions: []string{"s3:*"}, Resources: both, Conditions: []Condition{{"NumericLessThan", "s3:TlsVersion", []string{"1.2"}}}},
		{Sid: "DenyOutsideOrg", Effect: Deny, Principal: everyone, Actions: []string{"s3:*"}, Resources: both, Conditions: []Condition{
			{"BoolIfExists", "aws:PrincipalIsAWSService", []string{"false"}}, {"StringNotEquals", "aws:PrincipalOrgID", []string{"o-example"}}}},
		{Sid: "DenyForeignService", Effect: Deny, Principal: everyone, Actions: []string{"s3:PutObject"}, Resources: objects, Conditions: []Condition{
			{"Bool", "aws:PrincipalIsAWSService", []string{"true"}}, {"Null", "aws:SourceOrgID", []string{"false"}}, {"StringNotEquals", "aws:SourceOrgID", []string{"o-example"}}}},
		{Sid: "OnlyCloudTrailWrites", Effect: Deny, Principal: everyone, Actions: []string{"s3:PutObject"}, Resources: objects, Conditions: []Condition{
			{"StringNotEquals", "aws:PrincipalServiceName", []string{"cloudtrail.amazonaws.com"}}}},
		{Sid: "DenyWrongKey", Effect: Deny, Principal: everyone, Actions: []string{"s3:PutObject"}, Resources: objects, Conditions: []Condition{
			{"Null", "s3:x-amz-server-side-encryption-aws-kms-key-id", []string{"false"}}, {"StringNotEquals", "s3:x-amz-server-side-encryption-aws-kms-key-id", []string{keyARN}}}},
		{Sid: "DenyDestroy", Effect: Deny, Principal: everyone, Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket", "s3:BypassGovernanceRetention", "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:ReplicateDelete"}, Resources: both},
		{Sid: "DenyReconfigure", Effect: Deny, Principal: everyone, Actions: []string{"s3:PutLifecycleConfiguration", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutEncryptionConfiguration", "s3:PutBucketLogging", "s3:PutBucketPublicAccessBlock"}, Resources: bucket, Conditions: []Condition{
			{"ArnNotEquals", "aws:PrincipalArn", admins}}},
		{Sid: "DenyVersioning", Effect: Deny, Principal: everyone, Actions: []string{"s3:PutBucketVersioning"}, Resources: bucket, Conditions: []Condition{
			{"ArnNotEquals", "aws:PrincipalArn", append([]string{"arn:aws:iam::111122223333:root"}, admins...)}}},
	}}
}

// delivery is the request of the trail that the policy is written for.
func delivery() Request {
	return Request{
		Principal: Service("cloudtrail.amazonaws.com"), Action: "s3:PutObject", ResourceAccount: account,
		Resource: "arn:aws:s3:::logs/AWSLogs/o-example/111122223333/CloudTrail/eu-west-1/2026/01/02/x.json.gz",
		Context: map[string][]string{
			"aws:SourceArn": {trailARN}, "aws:SourceOrgID": {"o-example"}, "aws:SecureTransport": {"true"}, "s3:TlsVersion": {"1.3"},
			"s3:x-amz-acl": {"bucket-owner-full-control"}, "s3:x-amz-server-side-encryption-aws-kms-key-id": {keyARN},
		},
	}
}

// Every statement of the policy decides some request: taken out, the verdict
// on it is another one.
func TestEveryStatementMatters(t *testing.T) {
	change := func(change func(*Request)) Request {
		r := delivery()
		change(&r)
		return r
	}
	by := func(c Caller, action, resource string) Request {
		c.OrgID = "o-example"
		return change(func(r *Request) { r.Principal, r.Action, r.Resource = c, action, resource })
	}
	reader := RoleSession("arn:aws:iam::111122223333:role/reader", "ann")
	deploy := RoleSession("arn:aws:iam::111122223333:role/deploy", "ci")
	admin := RoleSession("arn:aws:iam::111122223333:role/admin", "x")
	everything := allowing("*")
	tests := []struct {
		sid      string
		request  Request
		identity []Document
	}{
		{"AclCheck", change(func(r *Request) { r.Action, r.Resource = "s3:GetBucketAcl", bucketARN }), nil},
		{"WriteMgmt", change(func(r *Request) { r.Resource = "arn:aws:s3:::logs/AWSLogs/444455556666/x" }), nil},
		{"WriteOrg", delivery(), nil},
		{"Read", by(reader, "s3:GetObject", objectARN), nil},
		{"DenyPlainHTTP", change(func(r *Request) {
			r.Context["aws:SecureTransport"], r.Context["s3:TlsVersion"] = []string{"false"}, nil
		}), nil},
		{"DenyOldTLS", change(func(r *Request) { r.Context["s3:TlsVersion"] = []string{"1.1"} }), nil},
		{"DenyOutsideOrg", change(func(r *Request) { r.Principal, r.Action, r.Resource = reader, "s3:GetObject", objectARN }), everything},
		{"DenyForeignService", change(func(r *Request) { r.Context["aws:SourceOrgID"] = []string{"o-other"} }), nil},
		{"OnlyCloudTrailWrites", by(admin, "s3:PutObject", objectARN), everything},
		{"DenyWrongKey", change(func(r *Request) {
			r.Context["s3:x-amz-server-side-encryption-aws-kms-key-id"] = []string{"arn:aws:kms:eu-west-1:444455556666:key/2"}
		}), nil},
		{"DenyDestroy", by(deploy, "s3:DeleteObjectVersion", objectARN), everything},
		{"DenyReconfigure", by(admin, "s3:PutBucketPolicy", bucketARN), everything},
		{"DenyVersioning", by(admin, "s3:PutBucketVersioning", bucketARN), everything},
	}
	d := archivePolicy()
	if err := d.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(tests) != len(d.Statements) {
		t.Errorf("%d cases for %d statements", len(tests), len(d.Statements))
	}
	for _, tt := range tests {
		judge := func(d Document) Decision {
			return Evaluate(tt.request, Policies{Identity: tt.identity, Resource: &ResourcePolicy{Kind: S3Bucket, Document: d}})
		}
		whole, without := judge(d), judge(d.Without(tt.sid))
		if whole.Allowed == without.Allowed {
			t.Errorf("%s: %s with and %s without it", tt.sid, whole.Outcome, without.Outcome)
		}
		if len(whole.By) == 0 || whole.By[0].Sid != tt.sid {
			t.Errorf("%s: decided by %v", tt.sid, whole.By)
		}
		if len(whole.Trace) < len(d.Statements) || len(whole.Unsupported) > 0 {
			t.Errorf("%s: trace %v, unsupported %q", tt.sid, whole.Trace, whole.Unsupported)
		}
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add([]byte(archivePolicy().JSON()), "s3:PutObject", "arn:aws:s3:::logs/${x}", "aws:SourceArn", trailARN, "arn:aws:iam::111122223333:role/x", byte(0))
	f.Add([]byte(`{"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"1"},"NotAction":"a:*?","NotResource":"arn:*:*x:${k, 'd'}*"}}`), "a:b", "arn:aws:a:x:1:r", "k", "*", "", byte(3))
	f.Fuzz(func(t *testing.T, policy []byte, action, resource, key, value, caller string, kind byte) {
		d, err := Parse(policy)
		if err != nil {
			return
		}
		callers := []Caller{
			User(caller), RoleSession(caller, value), Root(caller), Service(caller), FederatedUser(caller), External(caller), Anonymous(), {},
		}
		kinds := []ResourceKind{OrdinaryResource, S3Bucket, KMSKey, RoleTrust, ""}
		r := Request{
			Principal: callers[int(kind)%len(callers)], Action: action, Resource: resource,
			ResourceAccount: "111122223333", Context: map[string][]string{key: {value}, "tags": {value, key}},
		}
		p := Policies{
			Identity: []Document{d},
			Resource: &ResourcePolicy{Kind: kinds[int(kind)/len(callers)%len(kinds)], Document: d},
			SCPs:     [][]Document{allowing("*")},
		}
		got := Evaluate(r, p)
		if got.Allowed && got.Outcome != Allowed || !got.Allowed && got.Outcome == Allowed {
			t.Fatalf("Allowed %v beside outcome %s", got.Allowed, got.Outcome)
		}
		if again := Evaluate(r, p); !reflect.DeepEqual(got, again) {
			t.Fatalf("two answers to one question:\n%+v\n%+v", got, again)
		}
		// Another deny never opens anything, the owner's root on a bucket
		// policy aside, which SCPs bind too.
		p.SCPs[0] = append(p.SCPs[0], d)
		denied := got.Outcome == ExplicitDeny
		if after := Evaluate(r, p); denied && after.Allowed {
			t.Fatalf("allowed with one more policy of limits: %+v", after)
		}
	})
}

func BenchmarkEvaluate(b *testing.B) {
	request := delivery()
	p := Policies{Resource: &ResourcePolicy{Kind: S3Bucket, Document: archivePolicy()}}
	if d := Evaluate(request, p); !d.Allowed {
		b.Fatalf("%+v", d)
	}
	b.ReportAllocs()
	for b.Loop() {
		Evaluate(request, p)
	}
}
