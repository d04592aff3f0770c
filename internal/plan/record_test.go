package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type thing struct {
	pulumi.CustomResourceState
	Size   pulumi.StringOutput `pulumi:"size"`
	Number pulumi.StringOutput `pulumi:"number"` // AWS's to say
}

type group struct{ pulumi.ResourceState }

func register(ctx *pulumi.Context, name string, props pulumi.Map, opts ...pulumi.ResourceOption) (*thing, error) {
	t := &thing{}
	return t, ctx.RegisterResource("test:index/thing:Thing", name, props, t, opts...)
}

func text(t *testing.T, program pulumi.RunFunc, invoke Invoke) string {
	t.Helper()
	recording, err := Record("project", "stack", program, invoke)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := recording.Text(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestRecord: what the program gave is known, what AWS computes is not, and
// parents, dependencies and options are those of the registration.
func TestRecord(t *testing.T) {
	got := text(t, func(ctx *pulumi.Context) error {
		g := &group{}
		if err := ctx.RegisterComponentResource("test:index:Group", "group", g); err != nil {
			return err
		}
		first, err := register(ctx, "first", pulumi.Map{"size": pulumi.String("large")}, pulumi.Parent(g), pulumi.Protect(true), pulumi.RetainOnDelete(true))
		if err != nil {
			return err
		}
		_, err = register(ctx, "second", pulumi.Map{
			"copied":   first.Size,
			"computed": first.Number,
			"policy":   pulumi.String(`{"Statement":[],"Version":"2012-10-17"}`),
			"list":     pulumi.Array{pulumi.String("a"), first.Number},
		}, pulumi.IgnoreChanges([]string{"size"}), pulumi.Import(pulumi.ID("known-id")), pulumi.DependsOn([]pulumi.Resource{first}))
		return err
	}, nil)
	want := `test:index/thing:Thing second (imported as known-id)
    ignores changes of size
    after first
    computed: "(known after creation)"
    copied: "large"
    list: ["a","(known after creation)"]
    policy: {
        "Statement": [],
        "Version": "2012-10-17"
      }
test:index/thing:Thing first (in group, protected, retained)
    size: "large"
test:index:Group group ()
`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// TestSecretsAreNotShown: a recording is made to be committed.
func TestSecretsAreNotShown(t *testing.T) {
	got := text(t, func(ctx *pulumi.Context) error {
		_, err := register(ctx, "secret", pulumi.Map{"token": pulumi.ToSecret(pulumi.String("hunter2"))})
		return err
	}, nil)
	if strings.Contains(got, "hunter2") || !strings.Contains(got, "(secret)") {
		t.Errorf("got:\n%s", got)
	}
}

func TestInvoke(t *testing.T) {
	ask := func(ctx *pulumi.Context) error {
		var answer struct {
			Size string `pulumi:"size"`
		}
		if err := ctx.Invoke("test:index/getThing:getThing", &struct{}{}, &answer); err != nil {
			return err
		}
		_, err := register(ctx, "asked", pulumi.Map{"size": pulumi.String(answer.Size)})
		return err
	}
	got := text(t, ask, func(token string, _ resource.PropertyMap) (resource.PropertyMap, error) {
		if token != "test:index/getThing:getThing" {
			return nil, errors.New("another question: " + token)
		}
		return resource.NewPropertyMapFromMap(map[string]any{"size": "small"}), nil
	})
	if !strings.Contains(got, `size: "small"`) {
		t.Errorf("got:\n%s", got)
	}
	if _, err := Record("project", "stack", ask, nil); err == nil || !strings.Contains(err.Error(), "test:index/getThing:getThing") {
		t.Errorf("a question that nothing answers: error %v", err)
	}
	if _, err := Record("project", "stack", func(*pulumi.Context) error { return errors.New("stop") }, nil); err == nil || !strings.Contains(err.Error(), "stop") {
		t.Errorf("a program that fails: error %v", err)
	}
}
