package awspolicy

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, in string
		want     Document
	}{
		{
			"single statement, strings for lists, booleans and numbers",
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*",
			  "Condition":{"NumericLessThan":{"s3:TlsVersion":1.20},"Bool":{"aws:SecureTransport":false}}}}`,
			Document{Statements: []Statement{{
				Effect: Deny, Principal: &Principal{Everyone: true}, Actions: []string{"s3:*"}, Resources: []string{"*"},
				Conditions: []Condition{
					{"Bool", "aws:SecureTransport", []string{"false"}},
					{"NumericLessThan", "s3:TlsVersion", []string{"1.20"}},
				},
			}}},
		},
		{
			"lists of every kind of principal",
			`{"Version":"2012-10-17","Id":"p","Statement":[{"Sid":"a b","Effect":"Allow","NotPrincipal":{"AWS":["1","*"],"Service":["s"],"Federated":"f","CanonicalUser":"c"},"NotAction":["s3:Get*"],"NotResource":[]}]}`,
			Document{ID: "p", Statements: []Statement{{
				Sid: "a b", Effect: Allow,
				NotPrincipal: &Principal{Everyone: true, AWS: []string{"1"}, Service: []string{"s"}, Federated: []string{"f"}, CanonicalUser: []string{"c"}},
				NotActions:   []string{"s3:Get*"}, NotResources: []string{},
			}}},
		},
		{
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html:
			// without 2012-10-17, "variables such as ${aws:username} aren't recognized as
			// variables and are instead treated as literal strings".
			"variables of the older version are literal",
			`{"Version":"2008-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"}}`,
			Document{Statements: []Statement{{Effect: Allow, Actions: []string{"s3:*"}, Resources: []string{"arn:aws:s3:::b/${$}{aws:username}/*"}}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Parse()\n got %#v\nwant %#v", got, tt.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	tests := []struct{ in, want string }{
		{``, "cut short"},
		{`{"Version":"2012-10-17"`, "cut short"},
		{`[]`, "policy document: is no JSON object"},
		{`{} {}`, "text follows"},
		{`{"Version":"2012-10-17"}`, "Statement is missing"},
		{`{"Version":"2020-01-01","Statement":[]}`, `Version: is "2020-01-01"; AWS knows 2012-10-17`},
		{`{"Version":2012,"Statement":[]}`, "Version: is 2012; write a string"},
		{`{"Version":"2012-10-17","Statement":[]}`, "Statement is empty"},
		{`{"Statment":[]}`, `unknown element "Statment"`},
		{`{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}`, `duplicate key "Version"`},
		{statement(`7`), "statement 0: is no JSON object"},
		{statement(`{"Action":"*","Resource":"*","Sid":"X"}`), `statement 0 ("X"): Effect: is missing`},
		{statement(`{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Actions":"*","Sid":"Y"}`), `statement 1 ("Y"): Actions: is no element`},
		{statement(`{"Effect":"Allow","Effect":"Deny"}`), `statement 0: duplicate key "Effect"`},
		{statement(`{"Effect":"Allow","Action":["*",1],"Resource":"*"}`), "statement 0: Action: is 1; write a string"},
		{statement(`{"Effect":"Allow","Action":"*","Resource":null}`), "Resource: is null; write a string"},
		{statement(`{"Effect":"Allow","Action":"*","NotAction":"*"}`), "Action: stands beside NotAction"},
		{statement(`{"Effect":"Allow","Principal":"me","Action":"*"}`), `Principal: is "me"; write "*"`},
		{statement(`{"Effect":"Allow","Principal":{"Aws":"*"},"Action":"*"}`), `Principal: unknown kind "Aws"`},
		{statement(`{"Effect":"Allow","Principal":["*"],"Action":"*"}`), "Principal: is no JSON object"},
		{statement(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"k":null}}}`), "Condition: Bool: k: is null; write a string, a number or a boolean"},
		{statement(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"k":1,"k":2}}}`), `Condition: Bool: duplicate key "k"`},
		{statement(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"k":1,"K":2}}}`), "Bool has the key"},
		{statement(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Boole":{"k":1}}}`), `"Boole" is no condition operator`},
	}
	for _, tt := range tests {
		d, err := Parse([]byte(tt.in))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%s) = %v, %v; want error with %q", tt.in, d, err, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":["*","1"]},"Action":"s3:*","Resource":[],"Condition":{"Bool":{"a":false,"b":[]},"Null":{}}}}`,
		`{"Id":"x","Statement":[{"Sid":"<\u2028>","Effect":"Allow","NotPrincipal":{},"NotAction":["a:b","c:d"],"NotResource":"${aws:username}"}]}`,
		`{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"a:b","Condition":{"ForAllValues:StringLikeIfExists":{"k":[1.0,"x"]}}}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			return
		}
		_ = d.Validate()
		back, err := Parse([]byte(d.JSON()))
		if err != nil {
			t.Fatalf("Parse(JSON()): %v\n%s", err, d.JSON())
		}
		if !reflect.DeepEqual(back, d) {
			t.Fatalf("Parse(JSON()) differs\n got %#v\nwant %#v", back, d)
		}
	})
}
