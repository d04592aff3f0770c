package awspolicy

import (
	"reflect"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	tests := []struct {
		name string
		doc  Document
		want string
	}{
		{
			"bucket statement",
			Document{Statements: []Statement{{
				Sid: "WriteMgmt", Reason: "never written", Effect: Allow,
				Principal: &Principal{Service: []string{"cloudtrail.amazonaws.com"}},
				Actions:   []string{"s3:PutObject"},
				Resources: []string{"arn:aws:s3:::logs/AWSLogs/111122223333/*"},
				Conditions: []Condition{
					{"StringEquals", "s3:x-amz-acl", []string{"bucket-owner-full-control"}},
					{"Bool", "aws:SecureTransport", []string{"true"}},
					{"StringEquals", "aws:SourceArn", []string{"b", "a"}},
				},
			}}},
			`{"Version":"2012-10-17","Statement":[{"Sid":"WriteMgmt","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/AWSLogs/111122223333/*","Condition":{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceArn":["b","a"],"s3:x-amz-acl":"bucket-owner-full-control"}}}]}`,
		},
		{
			"everyone, id, no HTML escapes",
			Document{ID: "<&>", Statements: []Statement{{
				Effect: Deny, Principal: &Principal{Everyone: true}, NotActions: []string{"s3:Get*", "s3:List*"}, NotResources: []string{"*"},
			}}},
			`{"Version":"2012-10-17","Id":"<&>","Statement":[{"Effect":"Deny","Principal":"*","NotAction":["s3:Get*","s3:List*"],"NotResource":"*"}]}`,
		},
		{
			"everyone among others",
			Document{Statements: []Statement{{
				Effect: Deny, NotPrincipal: &Principal{Everyone: true, AWS: []string{"111122223333"}, Service: []string{"s3.amazonaws.com"}, Federated: []string{"f"}, CanonicalUser: []string{"c"}},
				Actions: []string{}, Resources: []string{"*"},
			}}},
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":["*","111122223333"],"CanonicalUser":"c","Federated":"f","Service":"s3.amazonaws.com"},"Action":[],"Resource":"*"}]}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.doc.JSON()
			if got != tt.want {
				t.Errorf("JSON()\n got %s\nwant %s", got, tt.want)
			}
			back, err := Parse([]byte(got))
			if err != nil {
				t.Fatal(err)
			}
			if again := back.JSON(); again != got {
				t.Errorf("after Parse\n got %s\nwant %s", again, got)
			}
		})
	}
}

func TestWithout(t *testing.T) {
	d := Document{Statements: []Statement{{Sid: "A"}, {Sid: "B"}, {Sid: "C"}}}
	got := d.Without("B")
	want := Document{Statements: []Statement{{Sid: "A"}, {Sid: "C"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Without(B) = %v", got)
	}
	if d.Statements[1].Sid != "B" {
		t.Errorf("Without changed its receiver: %v", d)
	}
	if got := d.Without("X"); !reflect.DeepEqual(got, d) {
		t.Errorf("Without(X) = %v", got)
	}
}

func TestValidate(t *testing.T) {
	good := func(change func(*Statement)) Document {
		s := Statement{
			Sid: "S", Effect: Allow, Actions: []string{"s3:GetObject"}, Resources: []string{"*"},
			Conditions: []Condition{{"StringEquals", "aws:SourceArn", []string{"a"}}},
		}
		change(&s)
		return Document{Statements: []Statement{s}}
	}
	tests := []struct {
		name string
		doc  Document
		want string // part of the error; empty for none
	}{
		{"good", good(func(*Statement) {}), ""},
		{"trust policy needs no resource", good(func(s *Statement) {
			s.Principal = &Principal{Service: []string{"cloudtrail.amazonaws.com"}}
			s.Actions, s.Resources = []string{"sts:AssumeRole"}, nil
		}), ""},
		{"no statements", Document{}, "no statements"},
		{"no effect", good(func(s *Statement) { s.Effect = "" }), `statement 0 ("S"): Effect: is missing`},
		{"wrong effect", good(func(s *Statement) { s.Effect = "allow" }), `Effect: is "allow"`},
		{"no action", good(func(s *Statement) { s.Actions = nil }), "Action: is missing"},
		{"both actions", good(func(s *Statement) { s.NotActions = []string{"*"} }), "Action: stands beside NotAction"},
		{"empty action list", good(func(s *Statement) { s.Actions = []string{} }), "Action: is an empty list"},
		{"action without service", good(func(s *Statement) { s.Actions = []string{"GetObject"} }), `Action: "GetObject" is no action`},
		{"no resource", good(func(s *Statement) { s.Resources = nil }), "Resource: is missing"},
		{"no resource in a resource policy", good(func(s *Statement) {
			s.Principal, s.Resources = &Principal{Everyone: true}, nil
		}), "Resource: is missing"},
		{"empty resource", good(func(s *Statement) { s.Resources = []string{""} }), "Resource: has an empty value"},
		{"both resources", good(func(s *Statement) { s.NotResources = []string{"*"} }), "Resource: stands beside NotResource"},
		{"both principals", good(func(s *Statement) {
			s.Principal, s.NotPrincipal = &Principal{Everyone: true}, &Principal{Everyone: true}
		}), "Principal: stands beside NotPrincipal"},
		{"nobody", good(func(s *Statement) { s.Principal = &Principal{} }), "Principal: names nobody"},
		{"wildcard principal", good(func(s *Statement) {
			s.Principal = &Principal{AWS: []string{"arn:aws:iam::111122223333:role/*"}}
		}), "wildcards are not allowed"},
		{"unknown operator", good(func(s *Statement) { s.Conditions[0].Operator = "stringEquals" }), `"stringEquals" is no condition operator`},
		{"Null takes no IfExists", good(func(s *Statement) { s.Conditions[0].Operator = "NullIfExists" }), "is no condition operator"},
		{"no key", good(func(s *Statement) { s.Conditions[0].Key = "" }), "StringEquals has an empty key"},
		{"no values", good(func(s *Statement) { s.Conditions[0].Values = nil }), "has no values"},
		{"same operator and key twice", good(func(s *Statement) {
			s.Conditions = append(s.Conditions, Condition{"StringEquals", "aws:sourcearn", []string{"b"}})
		}), "has the key aws:sourcearn twice"},
		{"same Sid twice", Document{Statements: append(good(func(*Statement) {}).Statements, good(func(*Statement) {}).Statements...)},
			`statement 1 ("S"): Sid: is also the Sid of statement 0`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.doc.Validate()
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("Validate() = %v, want none", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("Validate() = %v, want %q", err, tt.want)
			}
		})
	}
}
