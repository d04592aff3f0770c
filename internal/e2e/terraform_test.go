package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/stacks"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// providerSchema is what "terraform providers schema -json" says of one provider
// (https://developer.hashicorp.com/terraform/cli/commands/providers/schema).
type providerSchema struct {
	Provider          struct{ Block block }
	ResourceSchemas   map[string]struct{ Block block } `json:"resource_schemas"`
	DataSourceSchemas map[string]struct{ Block block } `json:"data_source_schemas"`
}

type block struct {
	Attributes map[string]struct {
		Type     any
		Computed bool
	}
	BlockTypes map[string]struct{ Block block } `json:"block_types"`
}

// terraformConfiguration writes what the program registers for a stack file as
// a Terraform configuration (https://developer.hashicorp.com/terraform/language/syntax/json):
// the same resources, arguments, providers, data sources and order. Pulumi's own
// options (protect, ignoreChanges) have no part in what is created. tokens names
// the Terraform type of each Pulumi type.
func terraformConfiguration(stackFile string, schema providerSchema, tokens map[string]string) ([]byte, error) {
	cfg, err := config.Load(stackFile)
	if err != nil {
		return nil, err
	}
	r := &recorder{cfg: cfg, schema: schema, tokens: tokens}
	if err := pulumi.RunErr(func(ctx *pulumi.Context) error { return stacks.Declare(ctx, cfg) }, pulumi.WithMocks("trailkeep", "dev", r)); err != nil {
		return nil, err
	}
	slices.SortFunc(r.list, func(a, b registration) int { return cmp.Compare(a.urn, b.urn) })

	addresses := map[string]string{} // by URN
	for _, g := range r.list {
		addresses[g.urn] = g.address
	}
	var providers []any
	resources, data := map[string]map[string]any{}, map[string]map[string]any{}
	for _, g := range r.list {
		arguments, err := g.schema.arguments(g.inputs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.address, err)
		}
		if g.kind == providerKind {
			arguments["alias"] = g.name
			providers = append(providers, arguments)
			continue
		}
		arguments["provider"] = "aws." + providerName(g.provider)
		into := data
		if g.kind == resourceKind {
			into = resources
			after := []string{}
			for _, urn := range g.dependencies {
				// Components are nothing to Terraform; the SDK names their children too.
				if address, ok := addresses[urn]; ok && address != g.address {
					after = append(after, address)
				}
			}
			slices.Sort(after)
			arguments["depends_on"] = slices.Compact(after)
		}
		if into[g.terraform] == nil {
			into[g.terraform] = map[string]any{}
		}
		into[g.terraform][g.name] = arguments
	}
	return json.MarshalIndent(map[string]any{"provider": map[string]any{"aws": providers}, "resource": resources, "data": data}, "", "  ")
}

const (
	providerKind = "provider"
	resourceKind = "resource"
	dataKind     = "data"
)

type registration struct {
	urn, kind, name string
	terraform       string // type
	address         string
	schema          block
	inputs          resource.PropertyMap
	provider        string
	dependencies    []string
}

// recorder records what a program registers, and answers as if all of it
// existed: what AWS computes of a resource is a reference to it.
type recorder struct {
	cfg    *config.Config
	schema providerSchema
	tokens map[string]string

	mu   sync.Mutex
	list []registration
}

func (r *recorder) add(g registration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, g)
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	outputs := args.Inputs.Copy()
	switch {
	case args.TypeToken == "pulumi:providers:aws":
		r.add(registration{kind: providerKind, name: args.Name, schema: r.schema.Provider.Block, inputs: args.Inputs})
		return args.Name, outputs, nil
	case !args.Custom:
		return "", outputs, nil
	}
	terraform, ok := r.tokens[args.TypeToken]
	schema, served := r.schema.ResourceSchemas[terraform]
	if !ok || !served {
		return "", nil, fmt.Errorf("%s has no Terraform type", args.TypeToken)
	}
	g := registration{
		urn: urn(args.RegisterRPC.GetParent(), args.TypeToken, args.Name), kind: resourceKind, name: args.Name, terraform: terraform,
		address: terraform + "." + args.Name, schema: schema.Block, inputs: args.Inputs, provider: args.Provider,
		dependencies: args.RegisterRPC.GetDependencies(),
	}
	r.add(g)
	for name, attribute := range schema.Block.Attributes {
		key := resource.PropertyKey(camel(name))
		if _, given := outputs[key]; !given && attribute.Computed && attribute.Type == "string" {
			outputs[key] = resource.NewStringProperty(reference(g.address + "." + name))
		}
	}
	return reference(g.address + ".id"), outputs, nil
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	terraform := r.tokens[args.Token]
	schema, ok := r.schema.DataSourceSchemas[terraform]
	if !ok || terraform != "aws_organizations_organization" {
		return nil, fmt.Errorf("nothing answers %s here", args.Token)
	}
	r.add(registration{
		kind: dataKind, name: providerName(args.Provider), terraform: terraform, address: "data." + terraform,
		schema: schema.Block, inputs: args.Args, provider: args.Provider,
	})
	return resource.NewPropertyMapFromMap(map[string]any{
		"id": r.cfg.Organization.ID, "masterAccountId": r.cfg.Organization.ManagementAccount, "featureSet": "ALL",
		"awsServiceAccessPrincipals": []any{"cloudtrail.amazonaws.com"},
	}), nil
}

// urn is the one that pulumi's mocked monitor gives in the project and stack
// above.
func urn(parent, token, name string) string {
	qualified := token
	if u := resource.URN(parent); parent != "" && u.QualifiedType() != resource.RootStackType {
		qualified = string(u.QualifiedType()) + "$" + token
	}
	return "urn:pulumi:dev::trailkeep::" + qualified + "::" + name
}

// providerName is the name in a provider reference, URN::ID.
func providerName(reference string) string {
	parts := strings.Split(reference, "::")
	return parts[len(parts)-2]
}

// reference marks a Terraform reference in a string that the program handles as
// text, be it inside a policy document.
func reference(expression string) string { return "((" + expression + "))" }

var marked = regexp.MustCompile(`\(\(([\w.-]+)\)\)`)

// arguments turns properties into the arguments of a block.
func (b block) arguments(properties resource.PropertyMap) (map[string]any, error) {
	out := map[string]any{}
	for key, value := range properties {
		if value = bare(value); value.IsNull() {
			continue
		}
		if name := find(key, b.Attributes); name != "" {
			out[name] = literal(value)
			continue
		}
		name := find(key, b.BlockTypes)
		if name == "" {
			return nil, fmt.Errorf("no argument for the property %s", key)
		}
		elements := []resource.PropertyValue{value}
		if value.IsArray() {
			elements = value.ArrayValue()
		}
		blocks := []any{}
		for _, element := range elements {
			if element = bare(element); !element.IsObject() {
				return nil, fmt.Errorf("%s: %s is no block", key, element.TypeString())
			}
			arguments, err := b.BlockTypes[name].Block.arguments(element.ObjectValue())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			blocks = append(blocks, arguments)
		}
		out[name] = blocks
	}
	return out, nil
}

// bare takes the wrapping of a secret off.
func bare(value resource.PropertyValue) resource.PropertyValue {
	if value.IsSecret() {
		return bare(value.SecretValue().Element)
	}
	return value
}

// find returns the Terraform name of a Pulumi property: camelCase, and a plural
// where it holds a list.
func find[T any](key resource.PropertyKey, names map[string]T) string {
	for name := range names {
		singular := camel(name)
		for _, form := range []string{singular, singular + "s", singular + "es", strings.TrimSuffix(singular, "y") + "ies"} {
			if form == string(key) {
				return name
			}
		}
	}
	return ""
}

func camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}

// literal is a value in Terraform's JSON, where every string is a template.
func literal(value resource.PropertyValue) any {
	value = bare(value)
	switch {
	case value.IsString():
		text := strings.NewReplacer("${", "$${", "%{", "%%{").Replace(value.StringValue())
		return marked.ReplaceAllString(text, "$${$1}")
	case value.IsArray():
		list := []any{}
		for _, element := range value.ArrayValue() {
			list = append(list, literal(element))
		}
		return list
	case value.IsObject():
		object := map[string]any{}
		for key, element := range value.ObjectValue() {
			object[string(key)] = literal(element)
		}
		return object
	default:
		return value.Mappable()
	}
}

// terraformTypes reads the bridge's token table: Terraform's types by Pulumi's.
func terraformTypes(tokensFile string) (map[string]string, error) {
	source, err := os.ReadFile(tokensFile)
	if err != nil {
		return nil, err
	}
	types := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\t"(aws_\w+)": +"(aws:[\w/]+:\w+)",$`).FindAllStringSubmatch(string(source), -1) {
		types[row[2]] = row[1]
	}
	if len(types) == 0 {
		return nil, fmt.Errorf("%s holds no token table", tokensFile)
	}
	return types, nil
}
