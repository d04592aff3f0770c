package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
)

// Result is what an operation came to.
type Result struct {
	Stack    string `json:"stack"`
	Endpoint string `json:"endpoint"`
	// Changes lists what was done, or for a preview what would be; empty when
	// AWS is as the program declares it.
	Changes []Change `json:"changes"`
	// Drift lists what somebody else had changed, as the refresh found it.
	Drift     []Change   `json:"drift"`
	Unchanged int        `json:"unchanged"`
	Resources []Resource `json:"resources"`
	// Outputs are the stack's, secrets left out.
	Outputs map[string]any `json:"outputs,omitempty"`
	// Recovered says what was taken over from a run that was cut off.
	Recovered *Recovery     `json:"recovered,omitempty"`
	Elapsed   time.Duration `json:"elapsedNanoseconds"`
}

// Resource is one AWS resource that a stack holds.
type Resource struct {
	Account   string `json:"account"`
	Region    string `json:"region"`
	Type      string `json:"type"`
	Name      string `json:"name"` // in the program
	ID        string `json:"id"`   // in AWS
	Protected bool   `json:"protected"`
}

// Up makes AWS what the program declares. It first takes over what an earlier
// run left behind, and looks at what has drifted. A second Up changes nothing.
func (o *Organization) Up(ctx context.Context) (*Result, error) {
	return o.operate(ctx, "up", func(ctx context.Context, s *auto.Stack, stream chan<- events.EngineEvent) error {
		_, err := s.Up(ctx, optup.Refresh(), optup.EventStreams(stream), optup.SuppressOutputs(), optup.SuppressProgress())
		return err
	})
}

// Preview says what Up would do, and changes nothing in AWS.
func (o *Organization) Preview(ctx context.Context) (*Result, error) {
	return o.operate(ctx, "preview", func(ctx context.Context, s *auto.Stack, stream chan<- events.EngineEvent) error {
		_, err := s.Preview(ctx, optpreview.Refresh(), optpreview.EventStreams(stream), optpreview.SuppressOutputs(), optpreview.SuppressProgress())
		return err
	})
}

// Refresh reads every resource from AWS into the state, and says in the
// result's Drift what differed.
func (o *Organization) Refresh(ctx context.Context) (*Result, error) {
	return o.operate(ctx, "refresh", func(ctx context.Context, s *auto.Stack, stream chan<- events.EngineEvent) error {
		_, err := s.Refresh(ctx, optrefresh.EventStreams(stream), optrefresh.SuppressProgress())
		return err
	})
}

// Destroy asks the engine to delete the stack's resources, as "pulumi destroy"
// would. The Automation API passes --skip-preview, so this is the harder case
// for what is protected; to end a local organization use Down.
func (o *Organization) Destroy(ctx context.Context) (*Result, error) {
	return o.operate(ctx, "destroy", func(ctx context.Context, s *auto.Stack, stream chan<- events.EngineEvent) error {
		_, err := s.Destroy(ctx, optdestroy.EventStreams(stream), optdestroy.SuppressOutputs(), optdestroy.SuppressProgress())
		return err
	})
}

// DestroyWithPreview is Destroy as a person runs it at a terminal: preview
// first, and nothing at all when that fails.
func (o *Organization) DestroyWithPreview(ctx context.Context) (*Result, error) {
	return o.operate(ctx, "destroy", func(ctx context.Context, s *auto.Stack, _ chan<- events.EngineEvent) error {
		ws := s.Workspace()
		stdout, stderr, _, err := ws.PulumiCommand().Run(ctx, ws.WorkDir(), nil, nil, nil, nil, "destroy", "--yes", "--stack", s.Name())
		if err != nil {
			// The CLI prints its diagnostics among its output.
			return fmt.Errorf("destroy: %w%s", err, lastLines(stdout+stderr, 12))
		}
		return nil
	})
}

// ready locks the state folder and makes the emulator run and the stack exist.
func (o *Organization) ready(ctx context.Context) (p *parts, stack *auto.Stack, unlock func(), err error) {
	if unlock, err = o.lock(); err != nil {
		return nil, nil, nil, err
	}
	// Another run may have finished since Open.
	if err = o.readRecord(); err == nil {
		if p, err = o.prepare(ctx); err == nil {
			stack, err = o.workspace(ctx, p)
		}
	}
	if err != nil {
		unlock()
		return nil, nil, nil, err
	}
	return p, stack, unlock, nil
}

func (o *Organization) operate(ctx context.Context, verb string, do func(context.Context, *auto.Stack, chan<- events.EngineEvent) error) (*Result, error) {
	begun := time.Now()
	_, stack, unlock, err := o.ready(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	result := &Result{Stack: o.opts.Stack, Endpoint: o.Endpoint(), Changes: []Change{}, Drift: []Change{}}
	last := o.last()
	if result.Recovered, err = o.recover(ctx, stack); err != nil {
		return nil, err
	}
	if verb == "up" {
		if last.LastUp.IsZero() {
			if err := o.before(ctx, stack); err != nil {
				return nil, err
			}
		}
		last.Interrupted = true
		if err := o.writeLast(last); err != nil {
			return nil, err
		}
	}

	say, done := o.step("resources")
	say(map[string]string{
		"up":      "bringing the stack " + o.opts.Stack + " up",
		"preview": "comparing the program with what exists",
		"refresh": "reading what exists",
		"destroy": "deleting",
	}[verb])
	c := &collector{tell: o.opts.Progress, expected: last.Resources}
	stream, stop, followed := make(chan events.EngineEvent), make(chan struct{}), make(chan struct{})
	go func() { defer close(followed); c.follow(stream, stop) }()
	err = do(ctx, stack, stream)
	close(stop)
	<-followed
	err = engineError(ctx, err, c.messages)
	done(err)
	if err != nil {
		return nil, err
	}

	result.Unchanged = c.counts["same"]
	result.Changes = append(result.Changes, c.changes...)
	result.Drift = append(result.Drift, c.drift...)
	deployment, err := export(ctx, stack)
	if err != nil {
		return nil, err
	}
	result.Resources = resources(deployment)
	if verb == "up" {
		outputs, err := stack.Outputs(ctx)
		if err != nil {
			return nil, err
		}
		result.Outputs = map[string]any{}
		for name, out := range outputs {
			if !out.Secret {
				result.Outputs[name] = out.Value
			}
		}
		if err := o.writeLast(StackStatus{Name: o.opts.Stack, Resources: len(result.Resources), LastUp: time.Now().UTC().Truncate(time.Second)}); err != nil {
			return nil, err
		}
	}
	result.Elapsed = time.Since(begun)
	return result, nil
}

// before lets Options.Before look, once the recovery has settled what the state
// records.
func (o *Organization) before(ctx context.Context, stack *auto.Stack) (err error) {
	if o.opts.Before == nil {
		return nil
	}
	say, done := o.step("preflight")
	defer func() { done(err) }()
	say("looking for what would stop the up")
	d, err := export(ctx, stack)
	if err != nil {
		return err
	}
	recorded := map[[2]string]bool{}
	for _, res := range d.Resources {
		recorded[[2]string{string(res.Type), string(res.ID)}] = true
	}
	return o.opts.Before(ctx, o.DeployConfig(deployAccount(o.config)), func(token, id string) bool {
		return recorded[[2]string{token, id}]
	})
}

// engineError turns the Automation API's error, which repeats the whole
// output, into what the engine said was wrong.
func engineError(ctx context.Context, err error, messages []string) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return hinted("run \"trailkeep local up\": it goes on from where this stopped", "interrupted")
	}
	var said []string
	for _, m := range messages {
		if m == "update failed" || m == "preview failed" || m == "" {
			continue
		}
		said = append(said, m)
	}
	if len(said) == 0 {
		return diskError(fmt.Errorf("the engine failed: %w", err))
	}
	return diskError(fmt.Errorf("the engine failed:\n  %s", strings.ReplaceAll(strings.Join(said, "\n"), "\n", "\n  ")))
}

func (o *Organization) lastFile() string { return o.path("stacks", o.opts.Stack, "last.json") }

func (o *Organization) last() StackStatus {
	last := StackStatus{Name: o.opts.Stack}
	if data, err := os.ReadFile(o.lastFile()); err == nil {
		// Only a total for the progress display hangs on it.
		_ = json.Unmarshal(data, &last)
	}
	return last
}

func (o *Organization) writeLast(s StackStatus) error {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(o.lastFile(), append(data, '\n'), 0o644)
}

// workspace gives the engine a private copy of the project: "stack init" writes
// a salt into the stack file and rewrites its values on the way.
func (o *Organization) workspace(ctx context.Context, p *parts) (*auto.Stack, error) {
	for _, dir := range []string{o.path("pulumi", "home"), o.path("stacks", o.opts.Stack)} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, diskError(err)
		}
	}
	if err := p.plugin.install(o.path("pulumi", "home")); err != nil {
		return nil, err
	}
	env, err := o.engineEnv(ctx, os.Environ(), p)
	if err != nil {
		return nil, err
	}
	command, err := newEngine(p.enginePath, p.engineVersion, env)
	if err != nil {
		return nil, err
	}
	if err := clearLocks(ctx, o.path("pulumi")); err != nil {
		return nil, err
	}
	// Which stack is selected is remembered in files that a kill may cut short;
	// every command here names its stack.
	if err := os.RemoveAll(o.path("pulumi", "home", "workspaces")); err != nil {
		return nil, err
	}
	dir := o.path("stacks", o.opts.Stack)
	name := "Pulumi." + o.opts.Stack + ".yaml"
	project, err := os.ReadFile(filepath.Join(o.opts.Project, "Pulumi.yaml"))
	if err != nil {
		return nil, err
	}
	stack, err := os.ReadFile(filepath.Join(o.opts.Project, name))
	if err != nil {
		return nil, err
	}
	before, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := writeFile(filepath.Join(dir, "Pulumi.yaml"), project, 0o644); err != nil {
		return nil, err
	}
	if err := writeFile(filepath.Join(dir, name), withSalt(stack, before), 0o644); err != nil {
		return nil, err
	}
	ws, err := auto.NewLocalWorkspace(ctx, auto.WorkDir(dir), auto.Program(o.opts.Program), auto.Pulumi(command))
	if err != nil {
		return nil, err
	}
	s, err := auto.UpsertStack(ctx, o.opts.Stack, ws)
	if err != nil {
		return nil, engineError(ctx, err, nil)
	}
	return &s, nil
}

var (
	saltLine    = regexp.MustCompile(`(?m)^encryptionsalt:.*\n?`)
	secretsLine = regexp.MustCompile(`(?m)^(encryptionsalt|secretsprovider|encryptedkey):.*\n?`)
)

// withSalt carries the local state's salt over to a fresh copy of the stack
// file, and leaves out the secrets provider of the real stack.
func withSalt(stack, before []byte) []byte {
	out := secretsLine.ReplaceAll(stack, nil)
	salt := saltLine.Find(before)
	if salt == nil {
		return out
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	return append(out, salt...)
}
