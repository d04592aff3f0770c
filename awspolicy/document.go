package awspolicy

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// version is the only language version this package writes. Policy variables
// are literal text in the older one, 2008-10-17:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
const version = "2012-10-17"

// Effect says whether a statement grants or refuses what it matches.
type Effect string

const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Document is one policy document of language version 2012-10-17.
//
// Documents are values: nothing in this package changes the lists of one, and
// copies may share them.
type Document struct {
	// ID is the optional Id element, which AWS allows in resource policies only.
	ID string
	// Statements are evaluated together; their order has no meaning to AWS.
	Statements []Statement
}

// Statement is one element of a document's Statement list. A nil list or
// pointer leaves the element out; a list that is empty but not nil is written
// as [], which AWS accepts and which matches nothing.
type Statement struct {
	// Sid names the statement, uniquely within its document.
	Sid string
	// Reason says why the statement exists. It is for plans and documentation
	// and is never part of the JSON.
	Reason string
	Effect Effect
	// Principal and NotPrincipal belong to resource policies and role trust
	// policies only; at most one of them is set.
	Principal, NotPrincipal *Principal
	// Actions are "service:Name" with the wildcards * and ?, in any case.
	Actions, NotActions []string
	// Resources are ARNs with the wildcards * and ? and policy variables. A
	// role trust policy has none.
	Resources, NotResources []string
	// Conditions must all hold for the statement to match.
	Conditions []Condition
}

// Principal says whom a statement of a resource policy is about.
type Principal struct {
	// Everyone is "*": all callers, anonymous ones included. AWS treats
	// {"AWS": "*"} as the same.
	Everyone bool
	// AWS holds account ids and the ARNs of accounts, users, roles and sessions.
	AWS []string
	// Service holds service principals such as cloudtrail.amazonaws.com.
	Service []string
	// Federated holds SAML and OIDC provider ARNs and provider host names.
	Federated []string
	// CanonicalUser holds S3's canonical user ids.
	CanonicalUser []string
}

// Condition is one operator applied to one condition key. Several conditions
// of a statement are ANDed, the values of one are ORed (and, with a negated
// operator such as StringNotEquals, none of them may match).
type Condition struct {
	// Operator is AWS's name, with its optional ForAllValues: or ForAnyValue:
	// prefix and IfExists suffix.
	Operator string
	// Key is the condition key, such as aws:SourceArn; its case has no meaning.
	Key    string
	Values []string
}

// Without returns the document without the statements of that Sid. Tests use
// it to prove that each statement matters.
func (d Document) Without(sid string) Document {
	d.Statements = slices.DeleteFunc(slices.Clone(d.Statements), func(s Statement) bool { return s.Sid == sid })
	return d
}

// JSON returns the document as compact JSON in a stable form: elements in the
// order of AWS's own examples, condition operators and keys sorted, a single
// value as a string and several as a list in the order given, and no HTML
// escapes. Equal documents have equal bytes. Validate first: JSON writes what
// is there, also what AWS would refuse.
func (d Document) JSON() string {
	var b bytes.Buffer
	w := writer{&b}
	w.open('{')
	w.member("Version")
	w.text(version)
	if d.ID != "" {
		w.member("Id")
		w.text(d.ID)
	}
	w.member("Statement")
	w.open('[')
	for _, s := range d.Statements {
		w.separate()
		w.statement(s)
	}
	w.close(']')
	w.close('}')
	return b.String()
}

// writer writes JSON by hand because the order of keys is part of the
// promise, and because the lists are strings when they hold one value.
type writer struct{ *bytes.Buffer }

func (w writer) open(bracket byte)  { w.WriteByte(bracket) }
func (w writer) close(bracket byte) { w.WriteByte(bracket) }

// separate writes a comma unless the value is the first one in its bracket.
func (w writer) separate() {
	if last := w.Bytes()[w.Len()-1]; last != '{' && last != '[' {
		w.WriteByte(',')
	}
}

func (w writer) member(key string) {
	w.separate()
	w.text(key)
	w.WriteByte(':')
}

func (w writer) text(s string) {
	e := json.NewEncoder(w.Buffer)
	e.SetEscapeHTML(false)
	// A string always encodes, and a bytes.Buffer never refuses a write.
	_ = e.Encode(s)
	w.Truncate(w.Len() - 1) // Encode ends with a line break.
}

func (w writer) list(key string, values []string) {
	if values == nil {
		return
	}
	w.member(key)
	w.values(values)
}

func (w writer) values(values []string) {
	if len(values) == 1 {
		w.text(values[0])
		return
	}
	w.open('[')
	for _, v := range values {
		w.separate()
		w.text(v)
	}
	w.close(']')
}

func (w writer) statement(s Statement) {
	w.open('{')
	if s.Sid != "" {
		w.member("Sid")
		w.text(s.Sid)
	}
	w.member("Effect")
	w.text(string(s.Effect))
	w.principal("Principal", s.Principal)
	w.principal("NotPrincipal", s.NotPrincipal)
	w.list("Action", s.Actions)
	w.list("NotAction", s.NotActions)
	w.list("Resource", s.Resources)
	w.list("NotResource", s.NotResources)
	w.conditions(s.Conditions)
	w.close('}')
}

func (w writer) principal(key string, p *Principal) {
	if p == nil {
		return
	}
	w.member(key)
	if p.Everyone && p.AWS == nil && p.Service == nil && p.Federated == nil && p.CanonicalUser == nil {
		w.text("*")
		return
	}
	aws := p.AWS
	if p.Everyone {
		aws = append([]string{"*"}, aws...)
	}
	w.open('{')
	w.list("AWS", aws)
	w.list("CanonicalUser", p.CanonicalUser)
	w.list("Federated", p.Federated)
	w.list("Service", p.Service)
	w.close('}')
}

func (w writer) conditions(conditions []Condition) {
	if len(conditions) == 0 {
		return
	}
	sorted := sortConditions(conditions)
	w.member("Condition")
	w.open('{')
	for i, c := range sorted {
		if i == 0 || sorted[i-1].Operator != c.Operator {
			if i > 0 {
				w.close('}')
			}
			w.member(c.Operator)
			w.open('{')
		}
		// Two conditions of one operator and key come out as a duplicate
		// key, which AWS and Parse refuse; merging them would change an AND
		// into an OR without a word.
		w.member(c.Key)
		w.values(c.Values)
	}
	w.close('}')
	w.close('}')
}

// sortConditions returns the conditions by operator, then key.
func sortConditions(conditions []Condition) []Condition {
	sorted := slices.Clone(conditions)
	slices.SortStableFunc(sorted, func(a, b Condition) int {
		if c := strings.Compare(a.Operator, b.Operator); c != 0 {
			return c
		}
		return strings.Compare(a.Key, b.Key)
	})
	return sorted
}
