package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Recovery says what became of the operations that a cut off run had begun.
type Recovery struct {
	// Adopted lists resources that AWS had made and the state had not recorded.
	Adopted []string `json:"adopted,omitempty"`
	// Unmade lists resources whose creation had not reached AWS.
	Unmade []string `json:"unmade,omitempty"`
	// Repeated lists resources that are created once more, which writes over
	// whatever the lost creation made.
	Repeated []string `json:"repeated,omitempty"`
	// Manual lists what a person has to look at, each with the command.
	Manual []string `json:"manual,omitempty"`
}

// recover turns the pending creations of a run that was cut off into recorded
// resources. The engine writes a creation down before it asks the provider, so
// whatever AWS made without being recorded is among them.
func (o *Organization) recover(ctx context.Context, stack *auto.Stack) (*Recovery, error) {
	d, err := export(ctx, stack)
	if err != nil {
		return nil, err
	}
	if len(d.PendingOperations) == 0 {
		return nil, nil
	}
	say, done := o.step("recovery")
	say(fmt.Sprintf("an earlier run was cut off with %d operations under way", len(d.PendingOperations)))
	r, err := o.adopt(ctx, stack, d)
	if err != nil {
		err = fmt.Errorf("take over what it left: %w", err)
	}
	done(err)
	return r, err
}

func (o *Organization) adopt(ctx context.Context, stack *auto.Stack, d *apitype.DeploymentV3) (*Recovery, error) {
	r := &Recovery{}
	asked := map[resource.URN]inputs{}
	for _, op := range d.PendingOperations {
		asked[op.Resource.URN] = op.Resource.Inputs
	}
	adopted, err := settle(d, origin{deployAccount(o.config), o.config.Region}, r, func(token string, in inputs, at origin) ([]string, error) {
		cfg := o.AWSConfig(at.account)
		cfg.Region = at.region
		return inventions[token].find(ctx, cfg, in)
	})
	if err != nil {
		return nil, err
	}
	if err := importDeployment(ctx, stack, d); err != nil {
		return nil, err
	}
	if len(adopted) == 0 {
		return r, nil
	}
	// The refresh asks AWS for each: what exists is filled in, what does not
	// leaves the state again.
	var urns []string
	for _, urn := range adopted {
		urns = append(urns, string(urn))
	}
	if _, err := stack.Refresh(ctx, optrefresh.Target(urns), optrefresh.SuppressProgress()); err != nil {
		return nil, engineError(ctx, err, nil)
	}
	after, err := export(ctx, stack)
	if err != nil {
		return nil, err
	}
	if r.judge(after, asked, adopted) {
		return r, importDeployment(ctx, stack, after)
	}
	return r, nil
}

// judge says of each resource that was put into the state whether it was made.
// One that has a default in AWS and reads otherwise than it was asked for leaves
// the deployment again; then the answer is true.
func (r *Recovery) judge(after *apitype.DeploymentV3, asked map[resource.URN]inputs, adopted []resource.URN) (changed bool) {
	for _, urn := range adopted {
		label := urnType(string(urn)) + " " + urnName(string(urn))
		i := slices.IndexFunc(after.Resources, func(res apitype.ResourceV3) bool { return res.URN == urn })
		switch {
		case i < 0:
			r.Unmade = append(r.Unmade, label)
		case identities[string(after.Resources[i].Type)].always && !sameInputs(asked[urn], after.Resources[i].Inputs):
			after.Resources = slices.Delete(after.Resources, i, i+1)
			changed = true
			r.Repeated = append(r.Repeated, label)
		default:
			r.Adopted = append(r.Adopted, label)
		}
	}
	return changed
}

// sameInputs compares without the bridge's own marks.
func sameInputs(a, b map[string]any) bool {
	return reflect.DeepEqual(withoutMarks(a), withoutMarks(b))
}

func withoutMarks(v any) any {
	switch v := v.(type) {
	case inputs:
		return withoutMarks(map[string]any(v))
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			if k != "__defaults" {
				out[k] = withoutMarks(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withoutMarks(e)
		}
		return out
	}
	return v
}

// settle replaces a deployment's pending operations: a creation becomes a
// resource with the id that it has if it was made; anything else is dropped,
// since its resource is recorded and the next refresh reads it. It returns the
// resources that it added.
func settle(d *apitype.DeploymentV3, fallback origin, r *Recovery, find func(token string, in inputs, at origin) ([]string, error)) ([]resource.URN, error) {
	recorded := map[string]bool{}
	for _, res := range d.Resources {
		if res.ID != "" {
			recorded[string(res.Type)+" "+string(res.ID)] = true
		}
	}
	var added []resource.URN
	for _, op := range d.PendingOperations {
		if op.Type != apitype.OperationTypeCreating || !op.Resource.Custom || strings.HasPrefix(string(op.Resource.Type), "pulumi:") {
			continue
		}
		res := op.Resource
		token, label := string(res.Type), urnType(string(res.URN))+" "+urnName(string(res.URN))
		if slices.ContainsFunc(d.Resources, func(other apitype.ResourceV3) bool { return other.URN == res.URN && !other.Delete }) {
			r.Manual = append(r.Manual, label+" was being replaced; if the next preview wants to create it once more, import it by hand (pulumi import)")
			continue
		}
		if repeatable[token] {
			r.Repeated = append(r.Repeated, label)
			continue
		}
		at := originOf(d, res.Provider, fallback)
		var id string
		var by []string
		if how, ok := inventions[token]; ok {
			ids, err := find(token, res.Inputs, at)
			if err != nil {
				r.Manual = append(r.Manual, fmt.Sprintf("%s in account %s, region %s, may exist without being recorded: %v", label, at.account, at.region, err))
				continue
			}
			ids = slices.DeleteFunc(ids, func(id string) bool { return recorded[token+" "+id] })
			switch len(ids) {
			case 0:
				r.Unmade = append(r.Unmade, label)
				continue
			case 1:
				id = ids[0]
			default:
				for _, id := range ids {
					r.Manual = append(r.Manual, fmt.Sprintf("%s exists more than once in account %s, region %s; remove what is not used: %s", label, at.account, at.region, how.remove(id)))
				}
				continue
			}
		} else if how, ok := identities[token]; ok {
			id, by = how.id(res.Inputs, at), how.by
		}
		if id == "" {
			r.Manual = append(r.Manual, fmt.Sprintf("%s in account %s, region %s, may exist without being recorded: no id can be computed for it; if the next run says that it exists, remove it there", label, at.account, at.region))
			continue
		}
		res.ID = resource.ID(id)
		res.Outputs = map[string]any{"id": id}
		for _, name := range by {
			if v := inputs(res.Inputs).text(name); v != "" {
				res.Outputs[name] = v
			}
		}
		d.Resources = append(d.Resources, res)
		recorded[token+" "+id] = true
		added = append(added, res.URN)
	}
	d.PendingOperations = nil
	return added, nil
}

// originOf reads account and region from the provider that a resource names
// (URN::ID). Nested provider inputs are JSON strings.
func originOf(d *apitype.DeploymentV3, provider string, fallback origin) origin {
	at := fallback
	i := strings.LastIndex(provider, "::")
	if i < 0 {
		return at
	}
	urn := provider[:i]
	for _, res := range d.Resources {
		if string(res.URN) != urn {
			continue
		}
		if region := inputs(res.Inputs).text("region"); region != "" {
			at.region = region
		}
		var role struct {
			RoleARN string `json:"roleArn"`
		}
		if raw := inputs(res.Inputs).text("assumeRole"); raw != "" && json.Unmarshal([]byte(raw), &role) == nil {
			if account, kind, _ := principal(role.RoleARN); kind == "role" {
				at.account = account
			}
		}
		var allowed []string
		if raw := inputs(res.Inputs).text("allowedAccountIds"); raw != "" && json.Unmarshal([]byte(raw), &allowed) == nil && len(allowed) == 1 {
			at.account = allowed[0]
		}
	}
	return at
}

// resources lists what a deployment holds of AWS.
func resources(d *apitype.DeploymentV3) []Resource {
	list := []Resource{}
	for _, res := range d.Resources {
		if !res.Custom || res.Delete || res.External || strings.HasPrefix(string(res.Type), "pulumi:") {
			continue
		}
		at := originOf(d, res.Provider, origin{})
		list = append(list, Resource{
			Account: at.account, Region: at.region,
			Type: string(res.Type), Name: urnName(string(res.URN)), ID: string(res.ID), Protected: res.Protect,
		})
	}
	return list
}

func export(ctx context.Context, stack *auto.Stack) (*apitype.DeploymentV3, error) {
	raw, err := stack.Export(ctx)
	if err != nil {
		return nil, engineError(ctx, err, nil)
	}
	var d apitype.DeploymentV3
	if len(raw.Deployment) == 0 {
		return &d, nil
	}
	if err := json.Unmarshal(raw.Deployment, &d); err != nil {
		return nil, fmt.Errorf("read the stack's state (version %d): %w", raw.Version, err)
	}
	return &d, nil
}

func importDeployment(ctx context.Context, stack *auto.Stack, d *apitype.DeploymentV3) error {
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return engineError(ctx, stack.Import(ctx, apitype.UntypedDeployment{Version: 3, Deployment: data}), nil)
}

// clearLocks takes away what a dead engine left of its stack lock. It is called
// with the state folder's own lock held, so no engine of a living run can be
// among them; one that outlived its run is ended first.
func clearLocks(ctx context.Context, backend string) error {
	root := filepath.Join(backend, ".pulumi", "locks")
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var holder struct {
			PID int `json:"pid"`
		}
		// A lock cut short by a full disk names nobody.
		_ = json.Unmarshal(data, &holder)
		if err := endEngine(ctx, holder.PID); err != nil {
			return err
		}
		return os.Remove(path)
	})
}

// endEngine waits for an engine without a parent to be gone, and ends it if it
// does not go by itself. A process id that belongs to another program by now is
// left alone.
func endEngine(ctx context.Context, pid int) error {
	for i := 0; processAlive(pid) && isEngine(ctx, pid); i++ {
		switch i {
		case 20:
			if err := kill(pid); err != nil && processAlive(pid) {
				return fmt.Errorf("end the engine of an earlier run (pid %d): %w", pid, err)
			}
		case 100:
			return hinted(fmt.Sprintf("end it (kill %d), then run the command again", pid), "the engine of an earlier run (pid %d) does not end", pid)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

func isEngine(ctx context.Context, pid int) bool {
	out, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		if out, err = exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output(); err != nil {
			return false
		}
	}
	program, _, _ := strings.Cut(strings.ReplaceAll(string(out), "\x00", " "), " ")
	return filepath.Base(program) == "pulumi"
}
