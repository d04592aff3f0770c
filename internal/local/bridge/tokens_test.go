package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// A Pulumi token repeats its type's name in camel case in its module: aws:s3/bucketV2:BucketV2.
var tokenForm = regexp.MustCompile(`^aws:[a-z0-9]+/([a-z][A-Za-z0-9]*):([A-Za-z][A-Za-z0-9]*)$`)

func TestTokensAreWellFormedAndUnique(t *testing.T) {
	seen := map[string]string{}
	check := func(terraform, tok string, member func(string) string) {
		m := tokenForm.FindStringSubmatch(tok)
		if m == nil || m[2] != member(m[1]) {
			t.Errorf("%s: token %s is not of the form aws:module/name:Name", terraform, tok)
		}
		if other, dup := seen[tok]; dup {
			t.Errorf("%s and %s share the token %s", terraform, other, tok)
		}
		seen[tok] = terraform
		if !strings.HasPrefix(terraform, "aws_") {
			t.Errorf("%s is not a type of the AWS provider", terraform)
		}
	}
	for name, tok := range resourceTokens {
		check(name, string(tok), func(s string) string { return strings.ToUpper(s[:1]) + s[1:] })
	}
	for name, tok := range dataSourceTokens {
		check(name, string(tok), func(s string) string { return s })
	}
}

func TestOverridesNameServedTypes(t *testing.T) {
	for name := range resourceFields {
		if _, ok := resourceTokens[name]; !ok {
			t.Errorf("overrides for %s, which has no token", name)
		}
	}
}

func TestReferencesNameServedTypes(t *testing.T) {
	served := map[tokens.Type]bool{documentType: true}
	for _, tok := range resourceTokens {
		served[tok] = true
	}
	for name, overrides := range resourceFields {
		for property, info := range overrides {
			alternatives := info.AltTypes
			if info.Elem != nil {
				alternatives = append(alternatives, info.Elem.AltTypes...)
			}
			for _, alternative := range alternatives {
				if !served[alternative] {
					t.Errorf("%s.%s refers to %s, which is not served", name, property, alternative)
				}
			}
		}
	}
}
