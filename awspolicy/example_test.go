package awspolicy_test

import (
	"fmt"

	"github.com/trailkeep/trailkeep/awspolicy"
)

func ExampleDocument_JSON() {
	d := awspolicy.Document{Statements: []awspolicy.Statement{{
		Sid:       "AclCheck",
		Reason:    "CloudTrail looks at the bucket's ACL before it writes",
		Effect:    awspolicy.Allow,
		Principal: &awspolicy.Principal{Service: []string{"cloudtrail.amazonaws.com"}},
		Actions:   []string{"s3:GetBucketAcl"},
		Resources: []string{"arn:aws:s3:::logs"},
	}}}
	fmt.Println(d.JSON())
	// Output:
	// {"Version":"2012-10-17","Statement":[{"Sid":"AclCheck","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::logs"}]}
}

func ExampleParse() {
	_, err := awspolicy.Parse([]byte(`{
		"Version": "2012-10-17",
		"Statement": [{"Sid": "Read", "Effect": "Allow", "Actions": "s3:GetObject", "Resource": "*"}]
	}`))
	fmt.Println(err)
	// Output:
	// statement 0 ("Read"): Actions: is no element of a statement; AWS knows Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource and Condition
}

// The root user of the account that owns a bucket can replace its policy,
// whatever the policy says.
func ExampleEvaluate() {
	policy := awspolicy.Document{Statements: []awspolicy.Statement{{
		Sid:       "DenyReconfigure",
		Effect:    awspolicy.Deny,
		Principal: &awspolicy.Principal{Everyone: true},
		Actions:   []string{"s3:PutBucketPolicy"},
		Resources: []string{"arn:aws:s3:::logs"},
	}}}
	administrator := awspolicy.RoleSession("arn:aws:iam::111122223333:role/admin", "ann")
	root := awspolicy.Root("arn:aws:iam::111122223333:root")
	for _, caller := range []awspolicy.Caller{administrator, root} {
		d := awspolicy.Evaluate(awspolicy.Request{
			Principal:       caller,
			Action:          "s3:PutBucketPolicy",
			Resource:        "arn:aws:s3:::logs",
			ResourceAccount: "111122223333",
		}, awspolicy.Policies{
			Resource: &awspolicy.ResourcePolicy{Kind: awspolicy.S3Bucket, Document: policy},
		})
		fmt.Println(caller.Kind, d.Outcome, d.By)
		fmt.Println("  ", d.Reason)
	}
	// Output:
	// role session explicit deny [resource policy, statement 0 ("DenyReconfigure") (Deny)]
	//    a statement denies the request
	// account root user allowed []
	//    the bucket policy does not bind its owner account's root user in this action (1 Deny statement passed over)
}
