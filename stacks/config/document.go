package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// place is where something stands in a file; line 0 means that no place is
// known, and an empty file that the engine alone knows the value.
type place struct {
	file         string
	line, column int
}

type nodeKind string

const (
	mappingNode  nodeKind = "a group"
	sequenceNode nodeKind = "a list"
	textNode     nodeKind = "text"
	integerNode  nodeKind = "a number"
	decimalNode  nodeKind = "a decimal number"
	booleanNode  nodeKind = "true or false"
	nullNode     nodeKind = "nothing"
	otherNode    nodeKind = "a value that YAML reads as a date or a type of its own"
	secretNode   nodeKind = "an encrypted value"
)

// node is a YAML or JSON value with its scalars as they were written: only so
// can 012345678901 be told from "012345678901".
type node struct {
	kind    nodeKind
	text    string // of a scalar, unquoted
	entries []entry
	items   []*node
	place   place
	secret  bool // decrypted by the engine: never to be shown
}

type entry struct {
	name  string
	place place
	value *node
}

func (n *node) get(name string) (entry, bool) {
	for _, e := range n.entries {
		if e.name == name {
			return e, true
		}
	}
	return entry{}, false
}

// empty reports whether a value says nothing: "", {} or []. Pulumi.yaml has to
// give optional groups such a default, since Pulumi treats a declared key
// without one as mandatory.
func (n *node) empty() bool {
	switch n.kind {
	case textNode:
		return n.text == ""
	case mappingNode:
		return len(n.entries) == 0
	case sequenceNode:
		return len(n.items) == 0
	default:
		return false
	}
}

// written shows a value as an error quotes it.
func (n *node) written() string {
	switch {
	case n.secret || n.kind == secretNode:
		return "a secret"
	case n.kind == mappingNode && len(n.entries) == 0:
		return "{}"
	case n.kind == sequenceNode && len(n.items) == 0:
		return "[]"
	case n.kind == mappingNode, n.kind == sequenceNode, n.kind == nullNode:
		return string(n.kind)
	case n.kind == textNode:
		return quoted(n.text)
	default:
		return printable(n.text)
	}
}

// A stack file of more than these is no stack file; the limits keep hostile
// input (aliases of aliases, a dump of something else) from costing memory,
// stack or minutes. The largest sensible file has 500 selector values.
const (
	largestFile  = 1 << 18
	largestTree  = 10_000
	deepestValue = 50
)

// readYAML reads a file with the place of every key and value. Keys that stand
// twice in one mapping are problems: YAML forbids them, and which of the two
// holds would be a guess.
func readYAML(file string, data []byte) (*node, Problems) {
	wrong := func(at place, message, hint string) (*node, Problems) {
		return nil, Problems{{File: file, Line: at.line, Column: at.column, Message: message, Hint: hint}}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(data)) == 0 {
		return wrong(place{}, "is empty", "")
	}
	var documents []yaml.Node
	if err := yaml.Load(data, &documents, yaml.WithAllDocuments()); err != nil {
		at, message := yamlError(err)
		return wrong(at, "is not YAML: "+message, "")
	}
	switch {
	case len(documents) == 0:
		return wrong(place{}, "is empty", "")
	case len(documents) > 1:
		return wrong(place{line: documents[1].Line, column: documents[1].Column}, "holds more than one YAML document", "remove the lines from --- on")
	}
	r := yamlReader{file: file, budget: largestTree}
	root := r.value(&documents[0], "", 0)
	if r.err != "" {
		return wrong(place{}, r.err, "")
	}
	return root, r.problems
}

// yamlError returns the place and the text of a syntax error.
func yamlError(err error) (place, string) {
	var loadErrors *yaml.LoadErrors
	if errors.As(err, &loadErrors) && len(loadErrors.Errors) > 0 {
		err = loadErrors.Errors[0]
	}
	var one *yaml.LoadError
	if errors.As(err, &one) {
		return place{line: one.Mark.Line, column: one.Mark.Column}, printable(one.Message)
	}
	return place{}, printable(strings.TrimPrefix(err.Error(), "yaml: "))
}

type yamlReader struct {
	file     string
	budget   int
	problems Problems
	err      string
}

func (r *yamlReader) value(n *yaml.Node, path string, depth int) *node {
	at := place{r.file, n.Line, n.Column}
	r.budget--
	switch {
	case r.err != "":
		return &node{kind: nullNode, place: at}
	case depth > deepestValue:
		r.err = fmt.Sprintf("is nested more than %d levels deep", deepestValue)
		return &node{kind: nullNode, place: at}
	case r.budget < 0:
		r.err = fmt.Sprintf("holds more than %d values", largestTree)
		return &node{kind: nullNode, place: at}
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return &node{kind: nullNode, place: at}
		}
		return r.value(n.Content[0], path, depth+1)
	case yaml.AliasNode:
		if n.Alias == nil {
			return &node{kind: otherNode, place: at}
		}
		aliased := r.value(n.Alias, path, depth+1)
		aliased.place = at
		return aliased
	case yaml.MappingNode:
		return r.mapping(n, at, path, depth)
	case yaml.SequenceNode:
		list := &node{kind: sequenceNode, place: at}
		for i, item := range n.Content {
			list.items = append(list.items, r.value(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
		return list
	default:
		return &node{kind: scalarKind(n), text: n.Value, place: at}
	}
}

func (r *yamlReader) mapping(n *yaml.Node, at place, path string, depth int) *node {
	m := &node{kind: mappingNode, place: at}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		name := entry{name: key.Value, place: place{r.file, key.Line, key.Column}}
		if key.Kind == yaml.AliasNode && key.Alias != nil {
			name.name = key.Alias.Value
		}
		if line, twice := first[name.name]; twice {
			r.problems = append(r.problems, Problem{
				File: r.file, Line: key.Line, Column: key.Column, Key: join(path, name.name),
				Message: "stands twice in one group", Hint: fmt.Sprintf("the first is on line %d; remove one of them", line),
			})
			continue
		}
		first[name.name] = key.Line
		below := join(path, name.name)
		if path == "" && name.name == "config" {
			below = "" // keys are named as "pulumi config" names them
		}
		name.value = r.value(value, below, depth+1)
		m.entries = append(m.entries, name)
	}
	// Pulumi writes an encrypted value as a mapping with this one key.
	if len(m.entries) == 1 && m.entries[0].name == "secure" && m.entries[0].value.kind == textNode {
		return &node{kind: secretNode, place: at}
	}
	return m
}

func scalarKind(n *yaml.Node) nodeKind {
	switch n.ShortTag() {
	case "!!str":
		return textNode
	case "!!int":
		return integerNode
	case "!!float":
		return decimalNode
	case "!!bool":
		return booleanNode
	case "!!null":
		return nullNode
	default:
		return otherNode
	}
}

// readEngineValue reads one value as the engine hands it to a program: an
// object or a list as JSON, anything else as bare text.
func readEngineValue(value string, secret bool) *node {
	trimmed := strings.TrimSpace(value)
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") || trimmed == "null" {
		decoder := json.NewDecoder(strings.NewReader(value))
		decoder.UseNumber()
		var parsed any
		if err := decoder.Decode(&parsed); err == nil && !decoder.More() {
			return engineNode(parsed, secret)
		}
	}
	return &node{kind: textNode, text: value, secret: secret}
}

func engineNode(value any, secret bool) *node {
	n := &node{secret: secret}
	switch v := value.(type) {
	case map[string]any:
		n.kind = mappingNode
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			n.entries = append(n.entries, entry{name: name, value: engineNode(v[name], secret)})
		}
	case []any:
		n.kind = sequenceNode
		for _, item := range v {
			n.items = append(n.items, engineNode(item, secret))
		}
	case string:
		n.kind, n.text = textNode, v
	case json.Number:
		n.kind, n.text = integerNode, v.String()
		if strings.ContainsAny(n.text, ".eE") {
			n.kind = decimalNode
		}
	case bool:
		n.kind, n.text = booleanNode, fmt.Sprint(v)
	default:
		n.kind = nullNode
	}
	return n
}

// locate gives an engine's value the places that the file knows for it, as far
// as the two agree. A scalar that the file writes unquoted counts as written
// there, so that an account id without quotes is caught under the engine too.
func (n *node) locate(file *node, at place) {
	switch {
	case file.kind == secretNode:
		n.place, n.secret = file.place, true
		for _, e := range n.entries {
			e.value.locate(file, at)
		}
		for _, item := range n.items {
			item.locate(file, at)
		}
	case n.kind == mappingNode && file.kind == mappingNode:
		n.place = file.place
		for i, e := range n.entries {
			if there, ok := file.get(e.name); ok {
				n.entries[i].place = there.place
				e.value.locate(there.value, there.place)
			}
		}
	case n.kind == sequenceNode && file.kind == sequenceNode && len(n.items) == len(file.items):
		n.place = file.place
		for i, item := range n.items {
			item.locate(file.items[i], file.items[i].place)
		}
	case n.kind != mappingNode && n.kind != sequenceNode && file.kind != mappingNode && file.kind != sequenceNode && sameScalar(n, file):
		n.place, n.kind, n.text = file.place, file.kind, file.text
	}
}

// sameScalar reports whether the engine's scalar is what the file's becomes
// when Pulumi reads it: the same text, or the same number, since Pulumi reads
// 0123 as 83 and 012345678901 as 12345678901.
func sameScalar(engine, file *node) bool {
	if engine.text == file.text {
		return true
	}
	if file.kind != integerNode && file.kind != decimalNode {
		return false
	}
	value, err := strconv.ParseFloat(engine.text, 64)
	if err != nil {
		return false
	}
	if octal, err := strconv.ParseInt(file.text, 0, 64); err == nil {
		return value == float64(octal)
	}
	decimal, err := strconv.ParseFloat(file.text, 64)
	return err == nil && value == decimal
}
