package bridgeparity

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// packageSchema is the part of a Pulumi package schema that tells names and types.
// https://www.pulumi.com/docs/iac/extending-pulumi/schema/
type packageSchema struct {
	Provider  objectSchema
	Resources map[string]objectSchema
	Functions map[string]struct{ Inputs, Outputs objectSchema }
	Types     map[string]objectSchema
}

type objectSchema struct {
	InputProperties map[string]typeSchema
	RequiredInputs  []string
	Properties      map[string]typeSchema
}

type typeSchema struct {
	Type                 string
	Ref                  string `json:"$ref"`
	Items                *typeSchema
	AdditionalProperties *typeSchema
	OneOf                []typeSchema
}

func TestServedSchemaMatchesTheSDK(t *testing.T) {
	var served packageSchema
	if err := json.Unmarshal(servedSchema(t), &served); err != nil {
		t.Fatal(err)
	}
	cmp := comparison{types: served.Types}

	cmp.properties(providerType.token+" arguments", sdkStruct(providerType.in), served.Provider.InputProperties)
	// The engine keeps a provider's configuration as strings, so the SDK reads only the string ones back; the served
	// schema may tell more.
	cmp.subset(providerType.token, sdkStruct(providerType.out), served.Provider.Properties)
	for _, typ := range resourceTypes {
		resource, ok := served.Resources[typ.token]
		if !ok {
			t.Errorf("%s is not served", typ.token)
			continue
		}
		cmp.properties(typ.token+" arguments", sdkStruct(typ.in), resource.InputProperties)
		cmp.optional(typ.token, sdkStruct(typ.in), resource.RequiredInputs)
		cmp.properties(typ.token, sdkStruct(typ.out), resource.Properties)
	}
	for _, typ := range functionTypes {
		function, ok := served.Functions[typ.token]
		if !ok {
			t.Errorf("%s is not served", typ.token)
			continue
		}
		// Every Terraform data source has an id that may be set; pulumi-aws drops it from the arguments.
		if _, ok := tagged(sdkStruct(typ.in))["id"]; !ok {
			delete(function.Inputs.Properties, "id")
		}
		cmp.properties(typ.token+" arguments", sdkStruct(typ.in), function.Inputs.Properties)
		cmp.properties(typ.token, sdkStruct(typ.out), function.Outputs.Properties)
	}
	slices.Sort(cmp.differences)
	for _, d := range slices.Compact(cmp.differences) {
		t.Error(d)
	}
}

// The tokens of packages that are too large to compile here are looked up in the SDK's source.
func TestServedTokensAreOfficial(t *testing.T) {
	var served packageSchema
	if err := json.Unmarshal(servedSchema(t), &served); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi-aws/sdk/v6").Output()
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(strings.TrimSpace(string(out)), "go", "aws")
	check := func(token, call string) {
		module, file, ok := strings.Cut(strings.Split(token, ":")[1], "/")
		if !ok {
			t.Errorf("%s names no file of the SDK", token)
			return
		}
		text, err := os.ReadFile(filepath.Join(source, strings.TrimPrefix(module, "index"), file+".go"))
		if err != nil || !strings.Contains(string(text), fmt.Sprintf("%s(%q", call, token)) {
			t.Errorf("%s is served, but the SDK does not use it (%v)", token, err)
		}
	}
	for token := range served.Resources {
		check(token, "ctx.RegisterResource")
	}
	for token := range served.Functions {
		if !strings.HasPrefix(token, "pulumi:providers:") { // a method of the provider, which every bridge has
			check(token, "ctx.Invoke")
		}
	}
}

// comparison collects what differs between the SDK's structs and the served schema.
type comparison struct {
	types       map[string]objectSchema
	differences []string
	walking     []string // the schema types on the way here, since some refer to themselves
}

func (c *comparison) differ(path, format string, args ...any) {
	c.differences = append(c.differences, path+": "+fmt.Sprintf(format, args...))
}

// properties compares the tags of a struct with an object's properties, in both directions.
func (c *comparison) properties(path string, sdk reflect.Type, served map[string]typeSchema) {
	c.subset(path, sdk, served)
	fields := tagged(sdk)
	for name := range served {
		if _, ok := fields[name]; !ok {
			c.differ(path, "serves %s, which the SDK does not have", name)
		}
	}
}

// optional reports what a program may leave out while the plugin demands it. Only a pointer is surely optional.
func (c *comparison) optional(path string, sdk reflect.Type, required []string) {
	for i := range sdk.NumField() {
		field := sdk.Field(i)
		if name := field.Tag.Get("pulumi"); field.Type.Kind() == reflect.Pointer && slices.Contains(required, name) {
			c.differ(path, "requires %s, which is optional in the SDK", name)
		}
	}
}

// subset compares only what the struct has.
func (c *comparison) subset(path string, sdk reflect.Type, served map[string]typeSchema) {
	for name, field := range tagged(sdk) {
		if schema, ok := served[name]; ok {
			c.value(path+"."+name, field, schema)
		} else {
			c.differ(path, "lacks %s (%s in the SDK)", name, field)
		}
	}
}

func (c *comparison) value(path string, sdk reflect.Type, served typeSchema) {
	if served.Items == nil && sdk.Kind() == reflect.Slice ||
		served.Items != nil && sdk.Kind() != reflect.Slice && sdk.Kind() != reflect.Interface {
		c.differ(path, "is %s in the SDK, served as %s", sdk, served)
		return
	}
	switch want := kind(sdk); want {
	case "array":
		c.value(path+"[]", sdk.Elem(), *served.Items)
	case "map":
		if served.AdditionalProperties == nil {
			c.differ(path, "is %s in the SDK, served as %s", sdk, served)
			return
		}
		c.value(path+"{}", sdk.Elem(), *served.AdditionalProperties)
	case "object":
		name, ok := strings.CutPrefix(served.Ref, "#/types/")
		object, known := c.types[name]
		if !ok || !known {
			c.differ(path, "is %s in the SDK, served as %s", sdk, served)
			return
		}
		if slices.Contains(c.walking, name) {
			return
		}
		c.walking = append(c.walking, name)
		c.properties(path, sdk, object.Properties)
		c.walking = c.walking[:len(c.walking)-1]
	default:
		if got := served.kind(); got != want {
			c.differ(path, "is %s in the SDK (%s), served as %s", want, sdk, served)
		}
	}
}

// kind names what a Go type of the SDK is in a schema. Terraform's protocol has one number type, so whole numbers are
// not told apart.
func kind(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[pulumi.AssetOrArchive](), t == reflect.TypeFor[pulumi.Asset]():
		return "asset"
	case t == reflect.TypeFor[pulumi.Archive]():
		return "archive"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Float64:
		return "number"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return "array"
	case reflect.Map:
		return "map"
	case reflect.Struct:
		return "object"
	case reflect.Interface:
		return "alternatives"
	}
	return "unknown kind " + t.Kind().String()
}

func (s typeSchema) kind() string {
	switch {
	case s.Ref == "pulumi.json#/Asset":
		return "asset"
	case s.Ref == "pulumi.json#/Archive":
		return "archive"
	case len(s.OneOf) > 0:
		return "alternatives"
	case s.Type == "integer":
		return "number"
	}
	return s.Type
}

func (s typeSchema) String() string {
	switch {
	case s.Items != nil:
		return "list of " + s.Items.String()
	case s.AdditionalProperties != nil:
		return "map of " + s.AdditionalProperties.String()
	case len(s.OneOf) > 0:
		return "alternatives"
	case s.Ref != "":
		return s.Ref[strings.LastIndexAny(s.Ref, ":/")+1:]
	}
	return s.Type
}

// sdkStruct returns the struct that carries the tags: an input struct names its plain counterpart itself.
func sdkStruct(v any) reflect.Type {
	if input, ok := v.(interface{ ElementType() reflect.Type }); ok {
		return plain(input.ElementType())
	}
	return reflect.TypeOf(v)
}

// tagged returns the type of every property of a struct, with the outputs and pointers around it taken away.
func tagged(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		if name, ok := t.Field(i).Tag.Lookup("pulumi"); ok {
			fields[name] = plain(t.Field(i).Type)
		}
	}
	return fields
}

var outputType = reflect.TypeFor[pulumi.Output]()

func plain(t reflect.Type) reflect.Type {
	if t.Implements(outputType) && t.Kind() == reflect.Struct {
		t = reflect.Zero(t).Interface().(pulumi.Output).ElementType()
	}
	if t.Kind() == reflect.Pointer {
		return plain(t.Elem())
	}
	return t
}
