package awspolicy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Validate reports everything in the document that AWS's policy grammar
// refuses, as one joined error that names each statement and element. It does
// not know what the document is attached to, so rules of a single kind of
// policy are left out (an identity policy has no Principal, a Sid of an IAM
// policy has letters and digits only).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func (d Document) Validate() error {
	var errs []error
	if len(d.Statements) == 0 {
		errs = append(errs, errors.New("policy document: no statements; a policy has at least one"))
	}
	seen := map[string]int{}
	for i, s := range d.Statements {
		errs = append(errs, s.wellFormed(i)...)
		errs = append(errs, s.complete(i)...)
		if s.Sid == "" {
			continue
		}
		if first, ok := seen[s.Sid]; ok {
			errs = append(errs, s.errorf(i, "Sid", "is also the Sid of statement %d; give each statement its own", first))
		} else {
			seen[s.Sid] = i
		}
	}
	return errors.Join(errs...)
}

func (s Statement) errorf(index int, element, format string, args ...any) error {
	return fmt.Errorf("%s: %s: %s", statementName(index, s.Sid), element, fmt.Sprintf(format, args...))
}

func statementName(index int, sid string) string {
	if sid == "" {
		return fmt.Sprintf("statement %d", index)
	}
	return fmt.Sprintf("statement %d (%q)", index, sid)
}

// wellFormed reports what AWS refuses in any policy document, and so what
// Parse refuses too.
func (s Statement) wellFormed(index int) []error {
	var errs []error
	add := func(element, format string, args ...any) {
		errs = append(errs, s.errorf(index, element, format, args...))
	}
	switch s.Effect {
	case Allow, Deny:
	case "":
		add("Effect", "is missing; write Allow or Deny")
	default:
		add("Effect", "is %q; AWS knows Allow and Deny, in this case only", s.Effect)
	}
	exclusive := func(name string, has, hasNot bool) {
		if has && hasNot {
			add(name, "stands beside Not%s; keep one of them", name)
		}
	}
	exclusive("Principal", s.Principal != nil, s.NotPrincipal != nil)
	exclusive("Action", s.Actions != nil, s.NotActions != nil)
	exclusive("Resource", s.Resources != nil, s.NotResources != nil)
	if s.Actions == nil && s.NotActions == nil {
		add("Action", "is missing; name at least one action, or use NotAction")
	}
	for _, list := range []struct {
		name   string
		values []string
	}{{"Action", s.Actions}, {"NotAction", s.NotActions}} {
		for _, a := range list.values {
			service, name, ok := strings.Cut(a, ":")
			if a != "*" && (!ok || service == "" || name == "") {
				add(list.name, "%q is no action; write service:Name, such as s3:GetObject, or *", a)
			}
		}
	}
	conditions := sortConditions(s.Conditions)
	for i, c := range conditions {
		if _, ok := parseOperator(c.Operator); !ok {
			add("Condition", "%q is no condition operator; names such as StringEquals are case-sensitive, may be prefixed ForAllValues: or ForAnyValue:, and all but Null may end in IfExists", c.Operator)
		}
		if c.Key == "" {
			add("Condition", "%s has an empty key; name a condition key such as aws:SourceArn", c.Operator)
		}
		// Key names have no case, so two spellings are one key.
		if slices.ContainsFunc(conditions[:i], func(o Condition) bool {
			return o.Operator == c.Operator && strings.EqualFold(o.Key, c.Key)
		}) {
			add("Condition", "%s has the key %s twice; put the values into one condition (they are ORed), or use two statements", c.Operator, c.Key)
		}
	}
	return errs
}

// complete reports what the grammar asks for but AWS's services let pass in
// some kind of document: empty lists, and a statement that names no resource.
func (s Statement) complete(index int) []error {
	var errs []error
	add := func(element, format string, args ...any) {
		errs = append(errs, s.errorf(index, element, format, args...))
	}
	for _, list := range []struct {
		name   string
		values []string
	}{
		{"Action", s.Actions}, {"NotAction", s.NotActions},
		{"Resource", s.Resources}, {"NotResource", s.NotResources},
	} {
		if list.values != nil && len(list.values) == 0 {
			add(list.name, "is an empty list, which matches nothing; add a value or remove the element")
		}
		if slices.Contains(list.values, "") {
			add(list.name, "has an empty value; remove it")
		}
	}
	for _, c := range s.Conditions {
		if len(c.Values) == 0 {
			add("Condition", "%s %s has no values; add one or remove the condition", c.Operator, c.Key)
		}
	}
	if s.Resources == nil && s.NotResources == nil && !s.isTrust() {
		add("Resource", "is missing; name at least one resource (only a role trust policy has none)")
	}
	for _, element := range []struct {
		name string
		*Principal
	}{{"Principal", s.Principal}, {"NotPrincipal", s.NotPrincipal}} {
		name, p := element.name, element.Principal
		if p == nil {
			continue
		}
		if !p.Everyone && len(p.AWS)+len(p.Service)+len(p.Federated)+len(p.CanonicalUser) == 0 {
			add(name, "names nobody; add a principal or remove the statement")
		}
		for _, v := range slices.Concat(p.AWS, p.Service, p.Federated, p.CanonicalUser) {
			// "You cannot use it to specify part of a name or ARN."
			if v == "" || strings.ContainsAny(v, "*?") {
				add(name, "%q is no principal; wildcards are not allowed in one, use Everyone with a condition on aws:PrincipalArn", v)
			}
		}
	}
	return errs
}

// isTrust reports whether the statement reads as one of a role trust policy:
// a principal that may do sts actions only.
func (s Statement) isTrust() bool {
	return (s.Principal != nil || s.NotPrincipal != nil) && len(s.Actions) > 0 &&
		!slices.ContainsFunc(s.Actions, func(a string) bool {
			return len(a) < 4 || !strings.EqualFold(a[:4], "sts:")
		})
}
