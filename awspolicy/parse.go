package awspolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Parse reads any policy document that AWS accepts: values as a string or a
// list, booleans and numbers as condition values, "Principal": "*", a single
// statement in place of a list. Unknown elements, duplicate keys and what the
// grammar refuses are errors that name the statement and the element.
//
// A document of the older language version 2008-10-17, or of none, comes back
// as the 2012-10-17 document of the same meaning: "${" is literal text there
// and is written "${$}{" here.
func Parse(data []byte) (Document, error) {
	members, err := object(data)
	if err != nil {
		return Document{}, fmt.Errorf("policy document: %w", err)
	}
	var d Document
	literal := true
	found := false
	for _, m := range members {
		switch m.key {
		case "Version":
			v, err := text(m.value)
			if err != nil {
				return Document{}, fmt.Errorf("policy document: Version: %w", err)
			}
			switch v {
			case version:
				literal = false
			case "2008-10-17":
			default:
				return Document{}, fmt.Errorf("policy document: Version: is %q; AWS knows 2012-10-17 and 2008-10-17", v)
			}
		case "Id":
			if d.ID, err = text(m.value); err != nil {
				return Document{}, fmt.Errorf("policy document: Id: %w", err)
			}
		case "Statement":
			found = true
			if d.Statements, err = parseStatements(m.value); err != nil {
				return Document{}, err
			}
		default:
			return Document{}, fmt.Errorf("policy document: unknown element %q; AWS knows Version, Id and Statement", m.key)
		}
	}
	if !found {
		return Document{}, errors.New("policy document: Statement is missing; a policy has at least one")
	}
	if literal {
		d.escapeVariables()
	}
	return d, nil
}

func parseStatements(raw json.RawMessage) ([]Statement, error) {
	items := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, fmt.Errorf("policy document: Statement: %w", err)
		}
	}
	if len(items) == 0 {
		return nil, errors.New("policy document: Statement is empty; a policy has at least one")
	}
	statements := make([]Statement, len(items))
	for i, item := range items {
		s, err := parseStatement(i, item)
		if err != nil {
			return nil, err
		}
		statements[i] = s
	}
	return statements, nil
}

func parseStatement(index int, raw json.RawMessage) (Statement, error) {
	members, err := object(raw)
	if err != nil {
		return Statement{}, fmt.Errorf("statement %d: %w", index, err)
	}
	var s Statement
	// The Sid first, wherever it stands, so that every later error has it.
	for _, m := range members {
		if m.key == "Sid" {
			if s.Sid, err = text(m.value); err != nil {
				return Statement{}, s.errorf(index, "Sid", "%v", err)
			}
		}
	}
	for _, m := range members {
		switch m.key {
		case "Sid":
		case "Effect":
			var effect string
			effect, err = text(m.value)
			s.Effect = Effect(effect)
		case "Principal":
			s.Principal, err = parsePrincipal(m.value)
		case "NotPrincipal":
			s.NotPrincipal, err = parsePrincipal(m.value)
		case "Action":
			s.Actions, err = texts(m.value)
		case "NotAction":
			s.NotActions, err = texts(m.value)
		case "Resource":
			s.Resources, err = texts(m.value)
		case "NotResource":
			s.NotResources, err = texts(m.value)
		case "Condition":
			s.Conditions, err = parseConditions(m.value)
		default:
			return Statement{}, s.errorf(index, m.key, "is no element of a statement; AWS knows Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource and Condition")
		}
		if err != nil {
			return Statement{}, s.errorf(index, m.key, "%v", err)
		}
	}
	return s, errors.Join(s.wellFormed(index)...)
}

func parsePrincipal(raw json.RawMessage) (*Principal, error) {
	if raw[0] == '"' {
		v, err := text(raw)
		if err != nil {
			return nil, err
		}
		if v != "*" {
			return nil, fmt.Errorf("is %q; write \"*\" or an object with AWS, Service, Federated or CanonicalUser", v)
		}
		return &Principal{Everyone: true}, nil
	}
	members, err := object(raw)
	if err != nil {
		return nil, err
	}
	p := &Principal{}
	for _, m := range members {
		values, err := texts(m.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.key, err)
		}
		switch m.key {
		case "AWS":
			n := len(values)
			values = slices.DeleteFunc(values, func(v string) bool { return v == "*" })
			p.Everyone = len(values) < n
			if p.Everyone && len(values) == 0 {
				values = nil
			}
			p.AWS = values
		case "Service":
			p.Service = values
		case "Federated":
			p.Federated = values
		case "CanonicalUser":
			p.CanonicalUser = values
		default:
			return nil, fmt.Errorf("unknown kind %q; AWS knows AWS, Service, Federated and CanonicalUser", m.key)
		}
	}
	return p, nil
}

func parseConditions(raw json.RawMessage) ([]Condition, error) {
	operators, err := object(raw)
	if err != nil {
		return nil, err
	}
	var conditions []Condition
	for _, op := range operators {
		keys, err := object(op.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.key, err)
		}
		for _, k := range keys {
			values, err := scalars(k.value)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", op.key, k.key, err)
			}
			conditions = append(conditions, Condition{Operator: op.key, Key: k.key, Values: values})
		}
	}
	return sortConditions(conditions), nil
}

// escapeVariables makes the text "${" of an older document literal.
func (d *Document) escapeVariables() {
	escape := func(values []string) {
		for i, v := range values {
			values[i] = strings.ReplaceAll(v, "${", "${$}{")
		}
	}
	for _, s := range d.Statements {
		escape(s.Resources)
		escape(s.NotResources)
		for _, c := range s.Conditions {
			escape(c.Values)
		}
	}
}

// member is one key of a JSON object with its value as written.
type member struct {
	key   string
	value json.RawMessage
}

// object reads one JSON object and refuses duplicate keys, of which
// json.Unmarshal would keep the last without a word: "Individual elements
// must not contain multiple instances of the same key".
func object(data []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	open, err := dec.Token()
	if err != nil {
		return nil, syntax(err)
	}
	if open != json.Delim('{') {
		return nil, errors.New("is no JSON object")
	}
	var members []member
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, syntax(err)
		}
		m := member{key: t.(string)} // The decoder refuses any other key.
		if err := dec.Decode(&m.value); err != nil {
			return nil, syntax(err)
		}
		if slices.ContainsFunc(members, func(o member) bool { return o.key == m.key }) {
			return nil, fmt.Errorf("duplicate key %q; keep one", m.key)
		}
		members = append(members, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, syntax(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("text follows the JSON object; a policy is a single object")
	}
	return members, nil
}

func syntax(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("is cut short; the JSON object does not end")
	}
	return fmt.Errorf("is not JSON: %w", err)
}

func text(raw json.RawMessage) (string, error) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", fmt.Errorf("is %s; write a string", excerpt(raw))
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// texts reads a string, or a list of strings.
func texts(raw json.RawMessage) ([]string, error) {
	return list(raw, text)
}

// scalars reads one or several condition values; numbers and booleans keep
// the text they were written with.
func scalars(raw json.RawMessage) ([]string, error) {
	return list(raw, func(raw json.RawMessage) (string, error) {
		switch raw[0] {
		case '"':
			return text(raw)
		case '{', '[', 'n':
			return "", fmt.Errorf("is %s; write a string, a number or a boolean", excerpt(raw))
		}
		return string(raw), nil
	})
}

func list(raw json.RawMessage, one func(json.RawMessage) (string, error)) ([]string, error) {
	items := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &items); err != nil {
			return nil, syntax(err)
		}
	}
	values := make([]string, len(items))
	for i, item := range items {
		v, err := one(item)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// excerpt shows the start of a value in an error.
func excerpt(raw json.RawMessage) string {
	const most = 40
	s := []rune(string(raw))
	if len(s) > most {
		return string(s[:most]) + "…"
	}
	return string(s)
}
