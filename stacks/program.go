// Package stacks says what is deployed where: one file a stack. It reads the
// configuration, binds a provider to each account, declares the components and
// tells the next person what they need to know.
package stacks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/policydocuments"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// Run is the Pulumi program: it declares the stack that the configuration asks
// for. A configuration error is of type config.Problems and is returned before
// anything is registered.
func Run(ctx *pulumi.Context) error {
	from, err := source(ctx)
	if err != nil {
		return err
	}
	cfg, err := config.Decode(from)
	if err != nil {
		return err
	}
	return Declare(ctx, cfg)
}

// Declare declares the stack of a checked configuration.
func Declare(ctx *pulumi.Context, cfg *config.Config) error {
	p := &program{ctx: ctx, cfg: cfg, outputs: pulumi.Map{}}
	var err error
	switch cfg.Stack {
	case config.StackOrganization:
		err = p.organizationStack()
	case config.StackArchive:
		err = p.archiveStack()
	case config.StackTrail:
		err = p.trailStack()
	case config.StackAccount:
		err = p.accountStack()
	default:
		err = fmt.Errorf("stack kind %q has no program", cfg.Stack)
	}
	if err != nil {
		return err
	}
	return p.finish()
}

// source is what the engine handed the program: in the environment by a
// language host, key by key to an inline program (Automation API).
func source(ctx *pulumi.Context) (config.Source, error) {
	if os.Getenv(pulumi.EnvConfig) != "" {
		return config.Engine(os.Getenv)
	}
	s := config.Source{
		File:   filepath.Join(ctx.RootDirectory(), "Pulumi."+ctx.Stack()+".yaml"),
		Values: map[string]string{},
	}
	for _, key := range config.Keys() {
		if strings.Contains(key.Path, ".") {
			continue
		}
		full := config.Namespace + ":" + key.Path
		if value, ok := ctx.GetConfig(full); ok {
			s.Values[full] = value
			if ctx.IsConfigSecret(full) {
				s.Secrets = append(s.Secrets, full)
			}
		}
	}
	return s, nil
}

// program is one run of the Pulumi program.
type program struct {
	ctx *pulumi.Context
	cfg *config.Config

	resources []pulumi.Resource // all that were declared, providers apart
	outputs   pulumi.Map
	todo      []string
}

// provider binds a provider to one account: whatever credentials it finds, it
// refuses to act in another. With assume it takes the deploy role there, from
// the caller's own credentials.
func (p *program) provider(name, account, region string, assume bool) (*aws.Provider, error) {
	args := &aws.ProviderArgs{
		Region:            pulumi.String(region),
		AllowedAccountIds: pulumi.StringArray{pulumi.String(account)},
	}
	if assume {
		args.AssumeRole = &aws.ProviderAssumeRoleArgs{
			RoleArn:     pulumi.String(p.deployRole(account)),
			SessionName: pulumi.String("trailkeep"),
		}
	}
	if len(p.cfg.Tags) > 0 {
		args.DefaultTags = &aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(p.cfg.Tags)}
	}
	provider, err := aws.NewProvider(p.ctx, name, args)
	if err != nil {
		return nil, fmt.Errorf("provider of account %s: %w", account, err)
	}
	return provider, nil
}

func (p *program) deployRole(account string) string {
	return policydocuments.RoleARN(p.cfg.Region, account, p.cfg.Access.DeployRole)
}

func (p *program) breakGlassRole(account string) string {
	return policydocuments.RoleARN(p.cfg.Region, account, p.cfg.Access.BreakGlassRole)
}

// organizationID is nil for a single account, as components expect it.
func (p *program) organizationID() pulumi.StringInput {
	if p.cfg.Organization == nil {
		return nil
	}
	return pulumi.String(p.cfg.Organization.ID)
}

// lock is a resource that does nothing but stand last.
type lock struct{ pulumi.ResourceState }

// finish registers the destroy lock and the outputs.
//
// The lock depends on every resource, so a destroy meets it first, and it is
// protected, so the destroy stops there: also where the preview that would have
// refused the whole is skipped, and also before the resources that are not
// protected themselves.
func (p *program) finish() error {
	if !p.cfg.Disposable {
		if err := p.ctx.RegisterComponentResource("trailkeep:stacks:DestroyLock", "destroy-lock", &lock{},
			pulumi.Protect(true), pulumi.DependsOn(p.resources)); err != nil {
			return fmt.Errorf("destroy lock: %w", err)
		}
	}
	p.outputs["stack"] = pulumi.String(string(p.cfg.Stack))
	p.outputs["todo"] = pulumi.ToStringArray(p.todo)
	if p.cfg.Disposable {
		p.outputs["destroy"] = pulumi.String("disposable: empty the buckets by hand, then run pulumi destroy; see README.md, Taking it down")
	} else {
		p.outputs["destroy"] = pulumi.String("refused: this stack keeps evidence; see README.md, Taking it down")
	}
	for name, value := range p.outputs {
		p.ctx.Export(name, value)
	}
	return nil
}
