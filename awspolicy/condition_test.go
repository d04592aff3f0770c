package awspolicy

import "testing"

// The rules are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
// and, for set operators,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
func TestCondition(t *testing.T) {
	context := map[string][]string{
		"k":                {"Value"},
		"n":                {"10"},
		"tls":              {"1.2"},
		"yes":              {"true"},
		"date":             {"2026-01-02T03:04:05Z"},
		"epoch":            {"1767323045"}, // the same moment
		"bin":              {"QmluYXJ5VmFsdWVJbkJhc2U2NA=="},
		"ip":               {"203.0.113.7"},
		"ip6":              {"2001:db8:1234:5678::1"},
		"arn":              {"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
		"tags":             {"a", "b"},
		"blank":            {""},
		"none":             {},
		"aws:username":     {"Value"},
		"aws:PrincipalArn": {"arn:aws:iam::111122223333:role/x/deploy"},
	}
	const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	tests := []struct {
		rule, operator, key string
		values              []string
		want                truth
	}{
		{"exact matching, case sensitive", "StringEquals", "k", []string{"Value"}, yes},
		{"exact matching, case sensitive", "StringEquals", "k", []string{"value"}, no},
		{"wildcards are text to StringEquals", "StringEquals", "k", []string{"Val*"}, no},
		{"key names are not case-sensitive", "StringEquals", "K", []string{"Value"}, yes},
		{"values are ORed", "StringEquals", "k", []string{"x", "Value"}, yes},
		{"policy variables", "StringEquals", "k", []string{"${aws:username}"}, yes},
		{"a variable without value matches nothing", "StringEquals", "k", []string{"${aws:x}"}, no},
		{"an absent key does not match", "StringEquals", "absent", []string{"Value"}, no},
		{"a key without values is absent", "StringEquals", "none", []string{"Value"}, no},
		{"no values match nothing", "StringEquals", "k", nil, no},
		{"negated: values are NORed", "StringNotEquals", "k", []string{"x", "Value"}, no},
		{"negated: values are NORed", "StringNotEquals", "k", []string{"x", "y"}, yes},
		{"negated: an absent key matches", "StringNotEquals", "absent", []string{"x"}, yes},
		{"negated: a variable without value invalidates", "StringNotEquals", "k", []string{"${aws:x}"}, unknown},
		{"negated: a matching value settles it", "StringNotEquals", "k", []string{"${aws:x}", "Value"}, no},
		{"ignoring case", "StringEqualsIgnoreCase", "k", []string{"vALUE"}, yes},
		{"ignoring case, negated", "StringNotEqualsIgnoreCase", "k", []string{"vALUE"}, no},
		{"wildcards", "StringLike", "k", []string{"V?l*"}, yes},
		{"case-sensitive wildcards", "StringLike", "k", []string{"v*"}, no},
		{"wildcards, negated", "StringNotLike", "k", []string{"V*"}, no},
		{"negated: an absent key matches", "StringNotLike", "absent", []string{"V*"}, yes},

		{"integer", "NumericEquals", "n", []string{"10.0"}, yes},
		{"less than", "NumericLessThan", "tls", []string{"1.2"}, no},
		{"less than", "NumericLessThan", "tls", []string{"1.3"}, yes},
		{"less or equal", "NumericLessThanEquals", "n", []string{"10"}, yes},
		{"numbers are no texts", "NumericGreaterThan", "n", []string{"9"}, yes},
		{"greater or equal", "NumericGreaterThanEquals", "n", []string{"11"}, no},
		{"negated", "NumericNotEquals", "n", []string{"10", "11"}, no},
		{"negated: an absent key matches", "NumericNotEquals", "absent", []string{"10"}, yes},
		{"a comparison of an absent key is false", "NumericLessThan", "absent", []string{"10"}, no},
		{"no number", "NumericEquals", "n", []string{"ten"}, unknown},
		{"no fraction or exponent", "NumericEquals", "n", []string{"1e1"}, unknown},
		{"no number in the request", "NumericEquals", "k", []string{"10"}, unknown},

		{"same moment in another zone", "DateEquals", "date", []string{"2026-01-02T04:04:05+01:00"}, yes},
		{"epoch time", "DateEquals", "epoch", []string{"2026-01-02T03:04:05Z"}, yes},
		{"day", "DateGreaterThan", "date", []string{"2026-01-02"}, yes},
		{"before", "DateLessThan", "date", []string{"2027"}, yes},
		{"at or before", "DateLessThanEquals", "date", []string{"2026-01-02T03:04:05.5Z"}, yes},
		{"at or after", "DateGreaterThanEquals", "date", []string{"2026-02"}, no},
		{"negated", "DateNotEquals", "date", []string{"2026-01-02T03:04:05Z"}, no},
		{"no date", "DateEquals", "date", []string{"yesterday"}, unknown},

		{"bool", "Bool", "yes", []string{"true"}, yes},
		{"bool", "Bool", "yes", []string{"False"}, no},
		{"an absent key is not false", "Bool", "absent", []string{"false"}, no},
		{"IfExists: absent is true", "BoolIfExists", "absent", []string{"false"}, yes},
		{"IfExists: present is judged", "BoolIfExists", "yes", []string{"false"}, no},
		{"no bool", "Bool", "yes", []string{"1"}, unknown},
		{"binary", "BinaryEquals", "bin", []string{"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}, yes},
		{"no base 64", "BinaryEquals", "bin", []string{"?"}, unknown},

		{"range", "IpAddress", "ip", []string{"203.0.113.0/24"}, yes},
		{"range", "IpAddress", "ip", []string{"203.0.114.0/24"}, no},
		{"a bare address is a /32", "IpAddress", "ip", []string{"203.0.113.7"}, yes},
		{"IPv6", "IpAddress", "ip6", []string{"203.0.113.0/24", "2001:DB8:1234:5678::/64"}, yes},
		{"negated", "NotIpAddress", "ip", []string{"203.0.113.0/24", "10.0.0.0/8"}, no},
		{"negated: an absent key matches", "NotIpAddress", "absent", []string{"203.0.113.0/24"}, yes},
		{"no range", "IpAddress", "ip", []string{"203.0.113.0/33"}, unknown},
		{"no address", "IpAddress", "k", []string{"203.0.113.0/24"}, unknown},

		{"ArnEquals and ArnLike behave identically", "ArnEquals", "arn", []string{"arn:aws:cloudtrail:*:111122223333:trail/*"}, yes},
		{"ArnEquals and ArnLike behave identically", "ArnLike", "arn", []string{arn}, yes},
		{"components are checked separately", "ArnLike", "arn", []string{"arn:aws:cloudtrail:*:trail/main"}, unknown},
		{"components are checked separately", "ArnLike", "arn", []string{"arn:aws:cloud*:*3:trail/main:*"}, no},
		{"policy variables", "ArnEquals", "aws:PrincipalArn", []string{"arn:aws:iam::*:role/x/deploy", "${arn}"}, yes},
		{"negated", "ArnNotEquals", "aws:PrincipalArn", []string{"arn:aws:iam::111122223333:role/x/*"}, no},
		{"negated", "ArnNotLike", "aws:PrincipalArn", []string{"arn:aws:iam::444455556666:role/x/*"}, yes},
		{"negated: an absent key matches", "ArnNotEquals", "absent", []string{arn}, yes},
		{"what is no ARN equals none", "ArnNotEquals", "k", []string{arn}, yes},

		{"Null true: the key does not exist", "Null", "absent", []string{"true"}, yes},
		{"Null true: the key does not exist", "Null", "k", []string{"true"}, no},
		{"Null false: the key exists", "Null", "k", []string{"false"}, yes},
		{"Null false: the key exists", "Null", "none", []string{"false"}, no},
		{"Null asks for true or false", "Null", "k", []string{"maybe"}, unknown},

		{"every request value matches", "ForAllValues:StringEquals", "tags", []string{"a", "b", "c"}, yes},
		{"every request value matches", "ForAllValues:StringEquals", "tags", []string{"a"}, no},
		{"ForAllValues is true without the key", "ForAllValues:StringEquals", "absent", []string{"a"}, yes},
		{"ForAllValues is true of an empty string", "ForAllValues:StringEquals", "blank", []string{"a"}, yes},
		{"any request value matches", "ForAnyValue:StringLike", "tags", []string{"b*"}, yes},
		{"any request value matches", "ForAnyValue:StringLike", "tags", []string{"c*"}, no},
		{"ForAnyValue is false without the key", "ForAnyValue:StringEquals", "absent", []string{"a"}, no},
		{"ForAnyValue is false of an empty string", "ForAnyValue:StringEquals", "blank", []string{""}, no},
		{"negated: no request value may match", "ForAllValues:StringNotEquals", "tags", []string{"a"}, no},
		{"negated: one request value that matches none is enough", "ForAnyValue:StringNotEquals", "tags", []string{"a"}, yes},
		{"negated: one request value that matches none is enough", "ForAnyValue:StringNotEquals", "tags", []string{"a", "b"}, no},
		{"ForAnyValue is false without the key, negated too", "ForAnyValue:StringNotEquals", "absent", []string{"a"}, no},
		{"IfExists", "ForAnyValue:StringEqualsIfExists", "absent", []string{"a"}, yes},
		{"several values need a set operator", "StringEquals", "tags", []string{"a"}, unknown},
		{"unknown operator", "StringAlmostEquals", "k", []string{"Value"}, unknown},
		{"Null takes no IfExists", "NullIfExists", "k", []string{"true"}, unknown},
	}
	for _, tt := range tests {
		got, why := newEvaluation(context).condition(Condition{tt.operator, tt.key, tt.values})
		if got != tt.want {
			t.Errorf("%s: %s %s %q = %v (%s), want %v", tt.rule, tt.operator, tt.key, tt.values, got, why, tt.want)
		}
		if (got == yes) != (why == "") {
			t.Errorf("%s: %s %s %q = %v with reason %q", tt.rule, tt.operator, tt.key, tt.values, got, why)
		}
	}
}
