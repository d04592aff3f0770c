// Package plan says what a Pulumi program declares, without an engine, a
// provider, credentials or a network.
//
// It runs the program against a monitor that records each registration and
// answers like a preview before anything exists: what AWS would compute is
// unknown. It knows Pulumi's wire form and no component.
package plan

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/providers"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Resource is one registration, as the engine would receive it.
type Resource struct {
	URN    string
	Type   string // token, such as aws:cloudtrail/trail:Trail
	Name   string
	Custom bool   // managed by a provider; false for components
	Parent string // name of the parent; empty below the stack
	// Provider is the name of the explicit provider; empty for components and
	// providers themselves.
	Provider string
	// Inputs hold unknown values as resource.Computed.
	Inputs         resource.PropertyMap
	Protect        bool
	RetainOnDelete bool
	ImportID       string
	IgnoreChanges  []string
	Dependencies   []string // names of the resources it waits for, sorted
}

// Recording is what one run of a program declared.
type Recording struct {
	Resources []Resource // in the order of their URNs
}

// Invoke answers a data source or a read, such as pulumi:pulumi:StackReference,
// by its token.
type Invoke func(token string, args resource.PropertyMap) (resource.PropertyMap, error)

// Record runs a program as a preview of a stack that does not exist yet.
func Record(project, stack string, program pulumi.RunFunc, invoke Invoke) (*Recording, error) {
	r := &recorder{invoke: invoke}
	err := pulumi.RunErr(program, pulumi.WithMocks(project, stack, r), func(info *pulumi.RunInfo) { info.DryRun = true })
	if err != nil {
		return nil, err
	}
	slices.SortFunc(r.resources, func(a, b Resource) int { return strings.Compare(a.URN, b.URN) })
	return &Recording{Resources: r.resources}, nil
}

type recorder struct {
	invoke    Invoke
	mu        sync.Mutex
	resources []Resource
}

func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if r.invoke == nil {
		return nil, fmt.Errorf("the program asks for %s, which nothing answers offline", args.Token)
	}
	return r.invoke(args.Token, args.Args)
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	request := args.RegisterRPC
	if request == nil {
		// A read, such as a stack reference: nothing is declared.
		state, err := r.Call(pulumi.MockCallArgs{Token: args.TypeToken, Args: args.Inputs})
		return args.ID, state, err
	}
	if args.TypeToken == string(resource.RootStackType) {
		return "", resource.PropertyMap{}, nil
	}
	inputs, err := plugin.UnmarshalProperties(request.GetObject(), plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true})
	if err != nil {
		return "", nil, fmt.Errorf("%s %s: %w", args.TypeToken, args.Name, err)
	}
	provider, err := providerName(request.GetProvider())
	if err != nil {
		return "", nil, fmt.Errorf("%s %s: %w", args.TypeToken, args.Name, err)
	}
	entry := Resource{
		Type: args.TypeToken, Name: args.Name, Custom: request.GetCustom(), Inputs: inputs,
		Parent: nameOf(request.GetParent()), Provider: provider,
		Protect: request.GetProtect(), RetainOnDelete: request.GetRetainOnDelete(),
		ImportID: request.GetImportId(), IgnoreChanges: request.GetIgnoreChanges(),
	}
	for _, urn := range request.GetDependencies() {
		entry.Dependencies = append(entry.Dependencies, nameOf(urn))
	}
	slices.Sort(entry.Dependencies)
	entry.Dependencies = slices.Compact(entry.Dependencies)
	parent := resource.URN(request.GetParent())
	qualified := args.TypeToken
	if parent != "" && parent.QualifiedType() != resource.RootStackType {
		qualified = string(parent.QualifiedType()) + "$" + qualified
	}
	entry.URN = qualified + "::" + args.Name

	r.mu.Lock()
	r.resources = append(r.resources, entry)
	r.mu.Unlock()

	// What the program gave is known, the rest is AWS's to say. An empty id
	// becomes unknown in a dry run.
	outputs := resource.PropertyMap{}
	for key, value := range inputs {
		if !value.ContainsUnknowns() {
			outputs[key] = value
		}
	}
	return "", outputs, nil
}

func nameOf(urn string) string {
	u := resource.URN(urn)
	if urn == "" || u.QualifiedType() == resource.RootStackType {
		return ""
	}
	return u.Name()
}

// providerName takes the name from a provider reference; "" for none.
func providerName(reference string) (string, error) {
	if reference == "" {
		return "", nil
	}
	parsed, err := providers.ParseReference(reference)
	if err != nil {
		return "", err
	}
	return parsed.URN().Name(), nil
}
