package awspolicy

import (
	"strings"
	"testing"
	"time"
)

func newEvaluation(context map[string][]string) *evaluation {
	return &evaluation{keys: contextKeys(Request{Context: context})}
}

func TestMatchAction(t *testing.T) {
	tests := []struct {
		pattern, action string
		want            bool
	}{
		{"*", "s3:GetObject", true},
		{"s3:*", "s3:GetObject", true},
		{"s3:Get*", "S3:getobject", true},
		{"S3:GETOBJECT", "s3:GetObject", true},
		{"s3:Get?bject", "s3:GetObject", true},
		{"s3:Get?", "s3:GetObject", false},
		{"s3:*Object", "s3:GetObject", true},
		{"s3:*Object*Version", "s3:GetObjectVersion", true},
		{"s3:*Object*Version", "s3:GetObject", false},
		{"kms:GenerateDataKey*", "kms:GenerateDataKeyWithoutPlaintext", true},
		{"kms:GenerateDataKey*", "kms:GenerateRandom", false},
		{"s3:GetObject", "s3:GetObjectVersion", false},
		{"s3:GetObjectVersion", "s3:GetObject", false},
		{"", "s3:GetObject", false},
	}
	for _, tt := range tests {
		e := newEvaluation(nil)
		e.action = strings.ToLower(tt.action)
		if got := e.matchAction(tt.pattern); got != tt.want {
			t.Errorf("matchAction(%q, %q) = %v", tt.pattern, tt.action, got)
		}
	}
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func TestMatchResource(t *testing.T) {
	context := map[string][]string{
		"aws:username":           {"ann"},
		"aws:PrincipalTag/dept":  {"a*b"},
		"aws:TagKeys":            {"x", "y"},
		"aws:PrincipalTag/empty": {""},
	}
	tests := []struct {
		pattern, resource string
		want              truth
	}{
		{"*", "arn:aws:s3:::b", yes},
		{"arn:aws:s3:::b", "arn:aws:s3:::b", yes},
		{"arn:aws:s3:::B", "arn:aws:s3:::b", no}, // ARNs are case-sensitive.
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/k/l", yes},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b", no},
		{"arn:aws:s3:::b?/k", "arn:aws:s3:::b1/k", yes},
		{"arn:aws:s3:::b?/k", "arn:aws:s3:::bä/k", yes}, // One character, not one byte.
		{"arn:aws:s3:::b/*/x", "arn:aws:s3:::b/a:b/x", yes},
		// "If the * wildcard is the last character of a resource ARN segment,
		// it can expand to match beyond the colon boundaries."
		{"arn:aws:*", "arn:aws:s3:::b", yes},
		{"arn:aws:sns:*:topic", "arn:aws:sns:us-east-1:111122223333:topic", yes},
		// "You can use wildcard characters within the individual segments."
		{"arn:aws:sns:us-*-1:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t", yes},
		{"arn:aws:sns:us-*3:t", "arn:aws:sns:us-east-1:111122223333:t", no},
		{"arn:aws:sns:us-*-1:*3:t*", "arn:aws:sns:us-east-1:111122223333:topic:x", yes},
		{"arn:aws:s3:::${aws:username}/*", "arn:aws:s3:::ann/k", yes},
		{"arn:aws:s3:::${AWS:USERNAME}/*", "arn:aws:s3:::bob/k", no},
		// A wildcard in a value is text.
		{"arn:aws:s3:::${aws:PrincipalTag/dept}", "arn:aws:s3:::a*b", yes},
		{"arn:aws:s3:::${aws:PrincipalTag/dept}", "arn:aws:s3:::axb", no},
		{"arn:aws:s3:::b${aws:PrincipalTag/empty}", "arn:aws:s3:::b", yes},
		// "${*}, ${?} and ${$} … represent characters that otherwise have special meaning."
		{"arn:aws:s3:::b/${*}", "arn:aws:s3:::b/*", yes},
		{"arn:aws:s3:::b/${*}", "arn:aws:s3:::b/k", no},
		{"arn:aws:s3:::b/${?}${$}{x}", "arn:aws:s3:::b/?${x}", yes},
		// "To add a default value to a variable, surround the default value with single quotes."
		{"arn:aws:s3:::${aws:PrincipalTag/team, 'all'}/*", "arn:aws:s3:::all/k", yes},
		{"arn:aws:s3:::${aws:username, 'all'}/*", "arn:aws:s3:::ann/k", yes},
		{"arn:aws:s3:::${aws:PrincipalTag/team, 'a}b'}", "arn:aws:s3:::a}b", yes},
		// "Any attempt to match it fails."
		{"arn:aws:s3:::${aws:PrincipalTag/team}*", "arn:aws:s3:::x", no},
		// Multivalued keys cannot be variables; a variable that does not end is no policy.
		{"arn:aws:s3:::${aws:TagKeys}", "arn:aws:s3:::x", unknown},
		{"arn:aws:s3:::${aws:username", "arn:aws:s3:::x", unknown},
		{"arn:aws:s3:::${aws:username, 'x}", "arn:aws:s3:::x", unknown},
	}
	for _, tt := range tests {
		e := newEvaluation(context)
		e.resource = tt.resource
		if got, err := e.matchResource(tt.pattern); got != tt.want {
			t.Errorf("matchResource(%q, %q) = %v, %v; want %v", tt.pattern, tt.resource, got, err, tt.want)
		}
	}
}

// A pattern made to blow up a backtracking matcher must stay quick.
func TestMatchIsBounded(t *testing.T) {
	e := newEvaluation(nil)
	e.resource = "arn:aws:s3:a:1:" + strings.Repeat("a", 20000)
	start := time.Now()
	for _, p := range []string{
		"arn:aws:s3:*:*:" + strings.Repeat("a*", 200) + "b",
		"arn:aws:s3:*a:1:" + strings.Repeat("a*", 200) + "b", // with a held wildcard
	} {
		if got, _ := e.matchResource(p); got != no {
			t.Errorf("matchResource = %v", got)
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("matching took %v", took)
	}
}
