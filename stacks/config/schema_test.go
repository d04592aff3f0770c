package config

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

const publishedSchema = "../../schema/pulumi-stack.schema.json"

func TestSchemaIsUpToDate(t *testing.T) {
	var b bytes.Buffer
	if err := WriteSchema(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, publishedSchema, b.String())
}

// compiledSchema is made from the declarations, which TestSchemaIsUpToDate
// holds equal to the published file.
var compiledSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	var b bytes.Buffer
	if err := WriteSchema(&b); err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(&b)
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaID, document); err != nil {
		return nil, err
	}
	return compiler.Compile(schemaID)
})

// validate judges a stack file by the schema, as an editor does.
func validate(t *testing.T, path string) error {
	t.Helper()
	compiled, err := compiledSchema()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Load(data, &value); err != nil {
		return err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate(document)
}

func TestExampleStackFile(t *testing.T) {
	const path = "../../Pulumi.dev.yaml"
	if _, err := Load(path); err != nil {
		t.Error(err)
	}
	if err := validate(t, path); err != nil {
		t.Error(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if line := []byte("# yaml-language-server: $schema=schema/" + filepath.Base(publishedSchema) + "\n"); !bytes.HasPrefix(data, line) {
		t.Errorf("%s does not begin with %q, by which editors find the schema", path, line)
	}
}

// Pulumi.yaml declares what the decoder knows: no more, no less, with the same
// meaning, and with a default that says "not set" or equals the decoder's.
func TestProjectDeclaresTheSameGroups(t *testing.T) {
	data, err := os.ReadFile("../../Pulumi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type declaration struct {
		Description string
		Default     any
		Type        string
	}
	var project struct {
		Name   string
		Config map[string]declaration
	}
	if err := yaml.Load(data, &project); err != nil {
		t.Fatal(err)
	}
	if project.Name != Namespace {
		t.Errorf("the project's name is %q, the namespace of its keys %q", project.Name, Namespace)
	}
	want := map[string]declaration{}
	for _, k := range Keys() {
		if parent, _ := splitPath(k.Path); parent != "" {
			continue
		}
		d := declaration{Description: k.Meaning}
		switch k.Type {
		case Group, TextMap:
			d.Default = map[string]any{}
		case Boolean:
			d.Default = false
		case Text:
			if k.Default != "" {
				d.Default = k.Default
			} else if k.Stacks != nil {
				d.Default = "" // required of some kinds alone, so optional for Pulumi
			}
		}
		want[Namespace+":"+k.Path] = d
	}
	if diff := cmp.Diff(want, project.Config); diff != "" {
		t.Errorf("Pulumi.yaml declares other groups than the decoder knows (-want +got):\n%s", diff)
	}
}
