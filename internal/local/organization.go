package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"golang.org/x/sync/errgroup"

	"github.com/trailkeep/trailkeep/stacks/config"
)

// Options says which stack is brought up, and where everything is kept.
type Options struct {
	// Project is the folder with Pulumi.yaml and the stack files. Empty means
	// the nearest one at or above the working directory.
	Project string
	// Source is the checkout whose engine pin and bridge are built. Empty means
	// the nearest one at or above Project, then the working directory.
	Source string
	// State is the folder for all that the local mode makes. Empty means
	// .trailkeep/local in Project.
	State string
	// Stack selects Pulumi.STACK.yaml. Empty means dev.
	Stack string
	// Endpoint is an AWS API emulator that runs already and is never ended
	// here. Empty means one of our own.
	Endpoint string
	// Port is where our own emulator listens; 0 means DefaultPort.
	Port int
	// Program is what the engine runs.
	Program pulumi.RunFunc
	// Progress is told what goes on; nil means nobody is.
	Progress func(Event)
	// Before is asked before the first Up of a stack changes anything, with the deploy role's
	// credentials and what the state records by type token and id. An error
	// stops the Up. Nil asks nothing.
	Before func(ctx context.Context, caller aws.Config, known func(token, id string) bool) error
}

// Organization is an emulated AWS organization (or a lone account) and the
// stacks that were brought up in it.
type Organization struct {
	opts   Options
	config *config.Config
	seed   seed
	record record
}

// record is what a later command needs to find the emulator again. It stands in
// state.json of the state folder.
type record struct {
	Endpoint string `json:"endpoint"`
	External bool   `json:"external,omitempty"`
	PID      int    `json:"pid,omitempty"`
}

// Open reads and checks the stack file. It starts nothing; a wrong stack file
// is an error of type config.Problems.
func Open(opts Options) (*Organization, error) {
	o, err := locate(opts)
	if err != nil {
		return nil, err
	}
	opts = o.opts
	file := o.stackFile(opts.Stack)
	if _, err := os.Stat(file); err != nil {
		names := o.stackNames()
		hint := "copy Pulumi.dev.yaml and fill it in"
		if len(names) > 0 {
			hint = "choose one with --stack: " + strings.Join(names, ", ")
		}
		return nil, misused(hint, "%s does not exist", file)
	}
	if o.config, err = config.Load(file); err != nil {
		return nil, err
	}
	pin := filepath.Join("tools", "pulumi", "go.mod")
	if opts.Source == "" {
		if opts.Source, err = nearest(pin, opts.Project); err != nil {
			if opts.Source, err = nearest(pin, "."); err != nil {
				return nil, hinted("run the command inside a checkout of Trailkeep", "no %s here or above: the engine and the provider are built from it", pin)
			}
		}
		o.opts.Source = opts.Source
	}
	o.seed = planted(o.siblings()...)
	return o, nil
}

// locate finds the project and what the state folder records, without the stack
// file: a broken one must not keep anybody from taking the emulator down.
func locate(opts Options) (*Organization, error) {
	if opts.Stack == "" {
		opts.Stack = "dev"
	}
	if opts.Port == 0 {
		opts.Port = DefaultPort
	}
	if opts.Port < 0 || opts.Port > 65535 {
		return nil, misused("choose a port from 1024 to 65535", "port %d does not exist", opts.Port)
	}
	if opts.Stack != filepath.Base(opts.Stack) {
		return nil, misused("name the stack alone: NAME of Pulumi.NAME.yaml", "%q is no stack name", opts.Stack)
	}
	opts.Endpoint = strings.TrimSuffix(opts.Endpoint, "/")
	var err error
	if opts.Endpoint != "" {
		if u, err := url.Parse(opts.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, misused("give a URL such as http://127.0.0.1:4566", "the endpoint %q is no http or https URL", opts.Endpoint)
		}
	}
	if opts.Project == "" {
		if opts.Project, err = nearest("Pulumi.yaml", "."); err != nil {
			return nil, misused("run the command inside a checkout of Trailkeep, or name its folder with --project", "no Pulumi.yaml here or above")
		}
	}
	if opts.Project, err = filepath.Abs(opts.Project); err != nil {
		return nil, err
	}
	if info, err := os.Stat(opts.Project); err != nil || !info.IsDir() {
		return nil, misused("name the folder with Pulumi.yaml and the stack files", "the project %s is no folder", opts.Project)
	}
	if opts.State == "" {
		opts.State = filepath.Join(opts.Project, ".trailkeep", "local")
	}
	if opts.State, err = filepath.Abs(opts.State); err != nil {
		return nil, err
	}
	o := &Organization{opts: opts}
	return o, o.readRecord()
}

// siblings returns this stack's configuration and those of the project's other
// stack files for the same organization: an archive and a trail stack share one.
func (o *Organization) siblings() []*config.Config {
	configs := []*config.Config{o.config}
	for _, name := range o.stackNames() {
		if name == o.opts.Stack || o.config.Organization == nil {
			continue
		}
		// Another stack's mistakes are for its own run to report.
		c, err := config.Load(o.stackFile(name))
		if err != nil || c.Organization == nil || c.Organization.ID != o.config.Organization.ID ||
			c.Organization.ManagementAccount != o.config.Organization.ManagementAccount ||
			c.Organization.AuditAccount != o.config.Organization.AuditAccount {
			continue
		}
		configs = append(configs, c)
	}
	return configs
}

func (o *Organization) stackFile(name string) string {
	return filepath.Join(o.opts.Project, "Pulumi."+name+".yaml")
}

func (o *Organization) stackNames() []string {
	files, _ := filepath.Glob(filepath.Join(o.opts.Project, "Pulumi.*.yaml"))
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(f), "Pulumi."), ".yaml"))
	}
	return names
}

// nearest returns the first folder, from start upwards, that holds a file.
func nearest(file, start string) (string, error) {
	dir, err := filepath.Abs(start)
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fs.ErrNotExist
		}
		dir = parent
	}
}

// Config is the stack's configuration.
func (o *Organization) Config() *config.Config { return o.config }

// Endpoint is the emulator's URL, or "" when none was started yet.
func (o *Organization) Endpoint() string { return o.record.Endpoint }

// State is the folder that holds everything the local mode made.
func (o *Organization) State() string { return o.opts.State }

// Accounts lists the emulated accounts, the management account first.
func (o *Organization) Accounts() []Account { return o.seed.accounts() }

func (o *Organization) path(elem ...string) string {
	return filepath.Join(append([]string{o.opts.State}, elem...)...)
}

func (o *Organization) readRecord() error {
	if owned, err := o.owned(); !owned || err != nil {
		return err
	}
	data, err := os.ReadFile(o.path("state.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, &o.record); err != nil {
		return hinted("run \"trailkeep local down\" and start afresh", "%s: %w", o.path("state.json"), err)
	}
	return nil
}

func (o *Organization) writeRecord() error {
	data, err := json.MarshalIndent(o.record, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(o.path("state.json"), append(data, '\n'), 0o644)
}

// marker tells a state folder from any other. Nothing is written to a folder
// with other things in it, and nothing deleted in one that has no marker:
// --state takes any path, a home folder or /etc by mistake.
const marker = ".trailkeep-local"

// entries are all that the local mode puts into a state folder, and all that it
// deletes of one.
var entries = []string{"aws", "emulator", "pulumi", "stacks", "state.json", "lock", marker}

// owned says whether the state folder exists and is one of ours.
func (o *Organization) owned() (bool, error) {
	info, err := os.Lstat(o.path(marker))
	switch {
	case err == nil && info.Mode().IsRegular():
		return true, nil
	case err == nil, errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return false, nil
	}
	return false, err
}

// claim makes the state folder, or takes an empty one.
func (o *Organization) claim() error {
	if owned, err := o.owned(); owned || err != nil {
		return err
	}
	found, err := os.ReadDir(o.opts.State)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, syscall.ENOTDIR):
		return misused("name a folder that is empty or does not exist yet", "%s is a file", o.opts.State)
	case err != nil:
		return err
	case len(found) > 0:
		return o.foreign(found[0].Name())
	}
	if err := os.MkdirAll(o.opts.State, 0o755); err != nil {
		return diskError(err)
	}
	// Its existence says all, so that one cut short does too.
	return diskError(os.WriteFile(o.path(marker), []byte("The folder of a local organization. \"trailkeep local down\" deletes it.\n"), 0o644))
}

func (o *Organization) foreign(found string) error {
	return misused("name a folder that is empty or does not exist yet; nothing was touched",
		"%s is no state folder of a local organization: it holds %s and no %s", o.opts.State, found, marker)
}

// lock keeps two runs from working in one state folder. The kernel lets go of
// it when a run ends, killed or not.
func (o *Organization) lock() (unlock func(), err error) {
	if err := o.claim(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(o.path("lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, diskError(err)
	}
	if err := lockExclusive(f, false); err != nil {
		holder := make([]byte, 32)
		n, _ := f.Read(holder)
		f.Close()
		if errors.Is(err, errLocked) {
			return nil, hinted("wait for it to end, or use a folder of your own (--state DIR)",
				"another run (pid %s) is at work in %s", strings.TrimSpace(string(holder[:n])), o.opts.State)
		}
		return nil, err
	}
	if err := errors.Join(f.Truncate(0), func() error { _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); return err }()); err != nil {
		f.Close()
		return nil, diskError(err)
	}
	return func() { f.Close() }, nil
}

// parts are what an operation runs with.
type parts struct {
	enginePath, engineVersion string
	plugin                    *plugin
}

// prepare finds or makes engine, provider and emulator, all at once: each is
// minutes of work when its cache is empty.
func (o *Organization) prepare(ctx context.Context) (*parts, error) {
	var p parts
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		say, done := o.step("engine")
		defer func() { done(err) }()
		p.enginePath, p.engineVersion, err = findEngine(gctx, o.opts.Source, say)
		return err
	})
	g.Go(func() (err error) {
		say, done := o.step("provider")
		defer func() { done(err) }()
		p.plugin, err = findPlugin(gctx, o.opts.Source, say)
		return err
	})
	g.Go(func() (err error) {
		say, done := o.step("emulator")
		defer func() { done(err) }()
		return o.connect(gctx, say)
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return &p, nil
}

// connect finds the emulator again, uses the endpoint it was given, or starts
// an emulator of its own.
func (o *Organization) connect(ctx context.Context, say func(string)) error {
	known := o.record
	if o.opts.Endpoint != "" {
		if known.Endpoint != "" && known.Endpoint != o.opts.Endpoint {
			return hinted("run \"trailkeep local down\" first, or use another folder (--state DIR)",
				"the state in %s belongs to %s", o.opts.State, known.Endpoint)
		}
		if err := reachable(ctx, o.opts.Endpoint); err != nil {
			return hinted("start it, or leave --endpoint out to have one started", "nothing answers at %s: %w", o.opts.Endpoint, err)
		}
		say(o.opts.Endpoint + ", which was running already")
		o.record = record{Endpoint: o.opts.Endpoint, External: true}
		return o.writeRecord()
	}
	if known.External {
		if err := reachable(ctx, known.Endpoint); err != nil {
			return hinted("start it again (its memory is gone then: run \"trailkeep local down\" first)", "nothing answers at %s: %w", known.Endpoint, err)
		}
		say(known.Endpoint + ", which was running already")
		return nil
	}
	if r, err := o.alive(ctx); err == nil {
		has, err := o.plantedSeed()
		if err != nil {
			return err
		}
		if missing := has.lacks(o.seed); len(missing) > 0 {
			return hinted("run \"trailkeep local down\", then \"trailkeep local up\"",
				"the emulator at %s was started without %s", r.Endpoint, strings.Join(missing, ", "))
		}
		say(r.Endpoint + ", found running")
		return nil
	}
	if known.Endpoint != "" {
		// The emulator lives in memory; a state without it describes nothing.
		say("the emulator at " + known.Endpoint + " is gone, and what it held with it: beginning anew")
		if r, err := readRunning(o.path("emulator")); err == nil {
			if err := r.stop(ctx, o.path("emulator")); err != nil {
				return err
			}
		}
		if err := o.forget(); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(o.path("emulator"), 0o755); err != nil {
		return diskError(err)
	}
	r, err := startEmulator(ctx, o.path("emulator"), o.opts.Port, o.seed, say)
	if err != nil {
		return err
	}
	o.record = record{Endpoint: r.Endpoint, PID: r.PID}
	if err := o.writeRecord(); err != nil {
		return errors.Join(err, r.stop(ctx, o.path("emulator")))
	}
	say(r.Endpoint + ", started")
	return nil
}

// alive returns the emulator that this state folder started, if it answers.
func (o *Organization) alive(ctx context.Context) (*running, error) {
	r, err := readRunning(o.path("emulator"))
	if err != nil {
		return nil, err
	}
	if !processAlive(r.PID) || !r.answers(ctx) {
		return nil, fmt.Errorf("the emulator at %s does not answer", r.Endpoint)
	}
	// A run that was killed between the start and its record is taken over.
	if o.record.Endpoint != r.Endpoint {
		o.record = record{Endpoint: r.Endpoint, PID: r.PID}
		if err := o.writeRecord(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// plantedSeed is what the running emulator was started with.
func (o *Organization) plantedSeed() (seed, error) {
	var has seed
	data, err := os.ReadFile(o.path("emulator", "seed.json"))
	if err != nil {
		return has, err
	}
	if err := json.Unmarshal(data, &has); err != nil {
		return has, fmt.Errorf("%s: %w", o.path("emulator", "seed.json"), err)
	}
	return has, nil
}

// forget drops every stack's state, and keeps the folder, its marker and its
// lock.
func (o *Organization) forget() error {
	for _, name := range entries {
		if name == "lock" || name == marker {
			continue
		}
		if err := os.RemoveAll(o.path(name)); err != nil {
			return err
		}
	}
	o.record = record{}
	return nil
}

// remove deletes what the local mode made, the marker last, so that a removal
// that was cut off can be repeated. The folder itself goes only when it is empty:
// what somebody else put there stays.
func (o *Organization) remove() error {
	for _, name := range entries {
		if err := os.RemoveAll(o.path(name)); err != nil {
			return err
		}
	}
	o.record = record{}
	err := os.Remove(o.opts.State)
	if errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Down is [Down] for this organization.
func (o *Organization) Down(ctx context.Context) (bool, error) {
	return o.down(ctx)
}

// Down ends the emulator, unless it was not started here, and deletes what it
// made of the state folder, whatever the stack file says by now. What is not there is not an
// error; the answer says whether there was anything to take down.
func Down(ctx context.Context, opts Options) (bool, error) {
	o, err := locate(opts)
	if o == nil {
		return false, err
	}
	return o.down(ctx)
}

func (o *Organization) down(ctx context.Context) (bool, error) {
	owned, err := o.owned()
	if err != nil {
		return false, err
	}
	if !owned {
		found, err := os.ReadDir(o.opts.State)
		if errors.Is(err, fs.ErrNotExist) || err == nil && len(found) == 0 {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		return false, o.foreign(found[0].Name())
	}
	unlock, err := o.lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := clearLocks(ctx, o.path("pulumi")); err != nil {
		return false, err
	}
	if r, err := readRunning(o.path("emulator")); err == nil {
		if err := r.stop(ctx, o.path("emulator")); err != nil {
			return false, err
		}
	}
	return true, o.remove()
}

// Status is what exists at the moment.
type Status struct {
	Endpoint string        `json:"endpoint,omitempty"`
	Running  bool          `json:"running"`
	External bool          `json:"external,omitempty"`
	PID      int           `json:"pid,omitempty"`
	Started  *time.Time    `json:"started,omitempty"`
	State    string        `json:"state"`
	Accounts []Account     `json:"accounts"`
	Stacks   []StackStatus `json:"stacks"`
}

// StackStatus is a stack's last run.
type StackStatus struct {
	Name      string    `json:"name"`
	Resources int       `json:"resources"`
	LastUp    time.Time `json:"lastUp,omitzero"` // end of the last "up" that succeeded
	// Interrupted says that the last run did not come to its end.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Inspect looks at a state folder without changing or waiting for anything.
func Inspect(ctx context.Context, opts Options) (*Status, error) {
	o, err := locate(opts)
	if err != nil {
		return nil, err
	}
	s := &Status{Endpoint: o.record.Endpoint, External: o.record.External, PID: o.record.PID, State: o.opts.State, Accounts: []Account{}, Stacks: []StackStatus{}}
	switch {
	case o.record.External:
		s.Running = reachable(ctx, o.record.Endpoint) == nil
	case o.record.Endpoint != "":
		if r, err := readRunning(o.path("emulator")); err == nil {
			s.Running = processAlive(r.PID) && r.answers(ctx)
			s.PID = r.PID
			if !r.Started.IsZero() {
				s.Started = &r.Started
			}
		}
		if has, err := o.plantedSeed(); err == nil {
			s.Accounts = has.accounts()
		}
	}
	files, err := filepath.Glob(o.path("stacks", "*", "last.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		var stack StackStatus
		if err := json.Unmarshal(data, &stack); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
		s.Stacks = append(s.Stacks, stack)
	}
	return s, nil
}
