// Package e2e brings whole organizations up with the real engine, the real AWS
// provider and the emulated AWS API, breaks them on purpose and reads them back
// through that API. It asserts nothing from Pulumi's state.
package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trailkeep/trailkeep/internal/local"
	"github.com/trailkeep/trailkeep/internal/preflight"
	"github.com/trailkeep/trailkeep/stacks"
	"github.com/trailkeep/trailkeep/stacks/config"
)

const (
	management = "123456789012"
	audit      = "222222222222"
	region     = "eu-central-1"
)

// root is the checkout.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// organization is one emulated organization of a test's own, with the stack
// files that the test brings.
type organization struct {
	t       *testing.T
	project string
	state   string
	port    int
}

// newOrganization lays a project out whose stack files are the given ones, by
// stack name. It is taken down when the test ends.
func newOrganization(t *testing.T, stackFiles map[string]string) *organization {
	t.Helper()
	o := &organization{t: t, project: t.TempDir(), state: filepath.Join(t.TempDir(), "state"), port: freePort(t)}
	copyFile(t, filepath.Join(root(t), "Pulumi.yaml"), filepath.Join(o.project, "Pulumi.yaml"))
	for name, content := range stackFiles {
		o.write(name, content)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if t.Failed() {
			if log, err := os.ReadFile(filepath.Join(o.state, "emulator", "emulator.log")); err == nil {
				t.Logf("end of the emulator's log:\n%s", tail(string(log), 4000))
			}
		}
		if _, err := local.Down(ctx, o.options("")); err != nil {
			t.Errorf("taking the organization down: %v", err)
		}
	})
	return o
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (o *organization) write(stack, content string) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.project, "Pulumi."+stack+".yaml"), []byte(content), 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func (o *organization) options(stack string) local.Options {
	return local.Options{
		Project: o.project, State: o.state, Stack: stack, Port: o.port, Program: stacks.Run,
		Source: root(o.t),
		Before: func(ctx context.Context, caller aws.Config, known func(token, id string) bool) error {
			cfg, err := config.Load(filepath.Join(o.project, "Pulumi."+stack+".yaml"))
			if err != nil {
				return err
			}
			report, err := preflight.Run(ctx, cfg, preflight.Clients{Caller: caller, Known: known})
			if err != nil || report.Passed() {
				return err
			}
			var text strings.Builder
			_ = report.Text(&text, 0, false)
			return errors.New(text.String())
		},
		Progress: func(e local.Event) {
			if testing.Verbose() {
				fmt.Fprintf(os.Stderr, "%s: %+v\n", o.t.Name(), e)
			}
		},
	}
}

func (o *organization) open(stack string) *local.Organization {
	o.t.Helper()
	opened, err := local.Open(o.options(stack))
	if err != nil {
		o.t.Fatal(err)
	}
	return opened
}

func (o *organization) up(stack string) (*local.Organization, *local.Result) {
	o.t.Helper()
	opened := o.open(stack)
	result, err := opened.Up(o.t.Context())
	if err != nil {
		o.t.Fatalf("up of %s: %v", stack, err)
	}
	return opened, result
}

// unchanged demands that a preview and a second up find nothing to do.
func (o *organization) unchanged(stack string) {
	o.t.Helper()
	preview, err := o.open(stack).Preview(o.t.Context())
	if err != nil {
		o.t.Fatalf("preview of %s: %v", stack, err)
	}
	if len(preview.Changes) > 0 || len(preview.Drift) > 0 {
		o.t.Errorf("a preview right after the up finds changes %+v and drift %+v", preview.Changes, preview.Drift)
	}
	_, second := o.up(stack)
	if len(second.Changes) > 0 || len(second.Drift) > 0 {
		o.t.Errorf("a second up changes %+v and finds drift %+v", second.Changes, second.Drift)
	}
}

// call is one line of the emulator's call log.
type call struct {
	Service, Operation, Account, Region, Principal string
	Status                                         int
	Error                                          string
}

// calls reads the call log from a line on, and returns the next line.
func (o *organization) calls(from int) ([]call, int) {
	o.t.Helper()
	var found []call
	matches, err := filepath.Glob(filepath.Join(o.state, "*", "calls.jsonl"))
	if err != nil || len(matches) != 1 {
		o.t.Fatalf("call log: %v %v", matches, err)
	}
	file, err := os.Open(matches[0])
	if err != nil {
		o.t.Fatal(err)
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	line := 0
	for ; scanner.Scan(); line++ {
		if line < from {
			continue
		}
		var c struct {
			call
			Error *string
		}
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			o.t.Fatalf("call log, line %d: %v", line+1, err)
		}
		if c.Error != nil {
			c.call.Error = *c.Error
		}
		found = append(found, c.call)
	}
	return found, line
}

var readVerbs = []string{"Get", "List", "Describe", "Head", "Lookup", "AssumeRole", "Simulate"}

// writes are the calls that change something.
func writes(calls []call) []call {
	return slices.DeleteFunc(slices.Clone(calls), func(c call) bool {
		return slices.ContainsFunc(readVerbs, func(verb string) bool { return strings.HasPrefix(c.Operation, verb) })
	})
}

// command runs the built program, as a person does.
func command(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), args...)
	cmd.Dir = dir
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// binary is the program that `make build` leaves.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(root(t), "bin", "trailkeep")
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return path
}
