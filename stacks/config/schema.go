package config

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
)

//go:generate go test . -run ^TestSchemaIsUpToDate$ -update

const schemaID = "https://github.com/trailkeep/trailkeep/raw/main/schema/pulumi-stack.schema.json"

// schema is a JSON Schema, or a part of one.
type schema = map[string]any

// WriteSchema writes the JSON Schema (draft 2020-12) of a stack file, made from
// the declarations that the decoder uses. Editors complete and check a stack
// file by it. It knows no relation between two values beyond what a stack kind
// may hold; [Load] has the last word.
func WriteSchema(w io.Writer) error {
	names := make([]string, 0, len(children[""]))
	for _, k := range children[""] {
		names = append(names, Namespace+":"+k.Path)
	}
	config := group("", true)
	delete(config, "additionalProperties")
	config["description"] = "Pulumi configuration; " + Namespace + " is the namespace of this project"
	config["propertyNames"] = schema{"anyOf": []any{
		schema{"enum": names},
		// Other namespaces are none of ours, except aws: its keys are for the
		// default provider, which no resource of the project uses.
		schema{"pattern": "^[^:]+:.+$", "not": schema{"pattern": "^(" + Namespace + "|aws):"}},
	}}
	var kinds []any
	for _, stack := range []Stack{StackOrganization, StackArchive, StackTrail, StackAccount} {
		condition := schema{"properties": schema{Namespace + ":stack": schema{"const": string(stack)}}}
		if stack != StackOrganization { // the default holds without the key
			condition["required"] = []string{Namespace + ":stack"}
		}
		kinds = append(kinds, schema{"if": condition, "then": restriction("", stack)})
	}
	config["allOf"] = kinds

	text := schema{"type": "string"}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(schema{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"$id":                  schemaID,
		"title":                "Trailkeep stack file",
		"description":          "Pulumi.NAME.yaml of a Trailkeep stack",
		"type":                 "object",
		"additionalProperties": false,
		"required":             []string{"config"},
		"properties": schema{
			"config":          config,
			"secretsprovider": text,
			"encryptedkey":    text,
			"encryptionsalt":  text,
			"environment":     schema{"type": []string{"object", "array", "string"}},
		},
	})
}

// group returns the schema of a group's members.
func group(path string, topLevel bool) schema {
	properties := schema{}
	required := []string{}
	for _, k := range children[path] {
		_, name := splitPath(k.Path)
		if topLevel {
			name = Namespace + ":" + name
		}
		properties[name] = k.schema(topLevel)
		if k.Required && k.alwaysFits() {
			required = append(required, name)
		}
	}
	s := schema{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// alwaysFits reports whether every stack kind that may hold the key's group may
// also hold the key.
func (k *Key) alwaysFits() bool {
	parent, _ := splitPath(k.Path)
	for _, stack := range []Stack{StackOrganization, StackArchive, StackTrail, StackAccount} {
		if !k.fits(stack) && (parent == "" || keyAt(parent).fits(stack)) {
			return false
		}
	}
	return true
}

func keyAt(path string) *Key {
	for i := range keys {
		if keys[i].Path == path {
			return &keys[i]
		}
	}
	return nil
}

// restriction returns what a stack kind adds: keys that it must not hold, and
// keys that it must.
func restriction(path string, stack Stack) schema {
	properties, required := schema{}, []string{}
	for _, k := range children[path] {
		_, name := splitPath(k.Path)
		if path == "" {
			name = Namespace + ":" + name
		}
		if !k.fits(stack) {
			properties[name] = false
			continue
		}
		needed := k.Required && !k.alwaysFits()
		if k.Type == Group || k.Type == ListOfGroup {
			inner := restriction(k.Path, stack)
			if k.Type == Group && !k.optional && inner["required"] != nil {
				needed = true
			}
			if len(inner) > 0 && k.Type == ListOfGroup {
				inner = schema{"items": inner}
			}
			if len(inner) > 0 {
				properties[name] = inner
			}
		}
		if needed {
			required = append(required, name)
		}
	}
	s := schema{}
	if len(properties) > 0 {
		s["properties"] = properties
	}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// schema returns the schema of one key.
func (k *Key) schema(topLevel bool) schema {
	var s schema
	switch k.Type {
	case Group:
		s = group(k.Path, false)
	case ListOfGroup:
		s = schema{"type": "array", "items": group(k.Path, false)}
	case Boolean:
		s = schema{"type": "boolean"}
		if topLevel { // "pulumi config set" writes text at the top level
			s = schema{"enum": []any{true, false, "true", "false"}}
		}
	case Integer:
		s = schema{"type": "integer"}
		if len(k.values) > 0 {
			numbers := make([]int, len(k.values))
			for i, value := range k.values {
				numbers[i], _ = strconv.Atoi(value)
			}
			s["enum"] = numbers
		} else {
			s["minimum"], s["maximum"] = k.least, k.most
		}
	case TextList:
		s = schema{"type": "array", "items": k.textSchema()}
		if k.least > 0 {
			s["minItems"] = k.least
		}
		if k.unique {
			s["uniqueItems"] = true
		}
	case TextMap:
		s = schema{
			"type":                 "object",
			"maxProperties":        k.most,
			"propertyNames":        schema{"minLength": 1, "maxLength": 128, "pattern": tagPattern, "not": schema{"pattern": "^[aA][wW][sS]:"}},
			"additionalProperties": schema{"type": "string", "maxLength": 256, "pattern": tagPattern},
		}
	default:
		s = k.textSchema()
	}
	s["description"] = k.description()
	if value, ok := k.defaultValue(); ok {
		s["default"] = value
	}
	return s
}

func (k *Key) textSchema() schema {
	s := schema{"type": "string"}
	if len(k.values) > 0 {
		s["enum"] = k.values
	}
	if k.pattern != "" {
		s["pattern"] = k.pattern
	}
	if k.longest > 0 {
		s["maxLength"] = k.longest
	}
	return s
}

// description is what an editor shows beside the key.
func (k *Key) description() string {
	sentences := []string{sentence(k.Meaning)}
	if k.Allowed != "" {
		sentences = append(sentences, "Allowed: "+k.Allowed+".")
	}
	if k.Default != "" {
		sentences = append(sentences, "Default: "+k.Default+".")
	}
	if k.Reason != "" {
		sentences = append(sentences, sentence(k.Reason))
	}
	return strings.Join(sentences, " ")
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }

// defaultValue returns the default as a value, if it is one: a default that
// builds on other keys is described in words, which are no valid value.
func (k *Key) defaultValue() (any, bool) {
	switch {
	case k.Default == "":
		return nil, false
	case k.Type == Boolean:
		return k.Default == "true", true
	case k.Type == Integer:
		n, err := strconv.Atoi(k.Default)
		return n, err == nil
	case k.Type == TextList && k.Default == "[]", k.Type == ListOfGroup:
		return []string{}, true
	case k.Type == TextMap:
		return schema{}, true
	case k.Type == Text && (slices.Contains(k.values, k.Default) || len(k.values) == 0 && k.judge(k.Default) == nil):
		return k.Default, true
	}
	return nil, false
}
