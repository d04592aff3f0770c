package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// TestProgram runs main.go as Pulumi does: the engine asks a language host, the
// host starts the built binary. It brings the example stack file up that way,
// and the local mode, which runs the same program inside its own process, must
// then find the very same registrations: nothing to change, and no difference
// in what the engine recorded of each resource.
func TestProgram(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile(filepath.Join(root(t), "Pulumi.dev.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	o := newOrganization(t, map[string]string{"dev": string(example)})

	t.Run("configuration error", func(t *testing.T) { configurationError(t, o) })

	output, err := runProgram(t, o, "up", "--yes")
	if err != nil {
		t.Fatalf("pulumi up: %v\n%s", err, output)
	}
	byProgram := registrations(t, o)
	if len(byProgram) < 20 {
		t.Fatalf("pulumi up with the built program registered %d resources:\n%s", len(byProgram), output)
	}
	o.unchanged("dev")
	// The SDK names what a registration waits for in any order.
	anyOrder := cmpopts.SortSlices(func(a, b resource.URN) bool { return a < b })
	if diff := cmp.Diff(byProgram, registrations(t, o), anyOrder, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the local mode registers something else than the built program (-program +local):\n%s", diff)
	}
}

// configurationError runs the program with mistakes in the stack file and
// demands that each is reported with its place, and nothing is made.
func configurationError(t *testing.T, o *organization) {
	engine, err := o.open("dev").Engine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(engine.Dir, "Pulumi.dev.yaml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const mistakes = `config:
  trailkeep:region: eu-central-9
  trailkeep:organization:
    id: o-exampleorg1
    managementAccount: "123456789012"
    auditAccount: "222222222222"
  trailkeep:archive:
    protektion: worm
`
	salt := good[bytes.Index(good, []byte("encryptionsalt:")):]
	if err := os.WriteFile(file, append([]byte(mistakes), salt...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, before := o.calls(0)
	output, err := runEngine(t, engine, "up", "--yes")
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("pulumi up with mistakes in the stack file: %v\n%s", err, output)
	}
	for _, want := range []string{
		"Pulumi.dev.yaml:2:", "trailkeep:region", "eu-central-9",
		"Pulumi.dev.yaml:8:", "trailkeep:archive.protektion", "did you mean",
	} {
		if !strings.Contains(output, want) {
			t.Errorf("what pulumi up says of the mistakes does not name %q:\n%s", want, output)
		}
	}
	if calls, _ := o.calls(before); len(calls) > 0 {
		t.Errorf("with mistakes in the stack file, pulumi up called AWS: %+v", calls)
	}
	for _, r := range registrations(t, o) {
		if r.Custom {
			t.Errorf("with mistakes in the stack file, pulumi up made %s", r.URN)
		}
	}
}

// runProgram runs one pulumi command on the stack dev, the program being the
// built binary, and returns all that it printed.
func runProgram(t *testing.T, o *organization, args ...string) (string, error) {
	t.Helper()
	engine, err := o.open("dev").Engine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return runEngine(t, engine, args...)
}

func runEngine(t *testing.T, engine *exec.Cmd, args ...string) (string, error) {
	t.Helper()
	printed, err := os.Create(filepath.Join(t.TempDir(), "program.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer printed.Close()
	host := &languageHost{binary: binary(t), env: engine.Env, output: printed}
	engine.Args = append(engine.Args, args...)
	engine.Args = append(engine.Args, "--non-interactive", "--stack=dev", "--client="+host.serve(t))
	byEngine, err := engine.CombinedOutput()
	byProgram, readErr := os.ReadFile(printed.Name())
	if readErr != nil {
		t.Fatal(readErr)
	}
	return string(byEngine) + string(byProgram), err
}

// registrations is what the engine recorded of the program's last run, in the
// order of URNs: all but when, what AWS answered, and where in the source a
// registration stands, which differs between two builds.
func registrations(t *testing.T, o *organization) []apitype.ResourceV3 {
	t.Helper()
	engine, err := o.open("dev").Engine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	engine.Args = append(engine.Args, "stack", "export", "--stack=dev")
	text, err := engine.Output()
	if err != nil {
		t.Fatalf("pulumi stack export: %v", err)
	}
	var exported struct{ Deployment apitype.DeploymentV3 }
	if err := json.Unmarshal(text, &exported); err != nil {
		t.Fatal(err)
	}
	resources := exported.Deployment.Resources
	for i := range resources {
		r := &resources[i]
		r.Created, r.Modified, r.SourcePosition, r.StackTrace = nil, nil, "", nil
		if r.Custom {
			r.Outputs = nil
		}
	}
	slices.SortFunc(resources, func(a, b apitype.ResourceV3) int { return strings.Compare(string(a.URN), string(b.URN)) })
	return resources
}

// languageHost runs a Go program as Pulumi's own Go language host does, except
// that it is handed the binary instead of building it: Run, runProgram and
// constructEnv of sdk/go/pulumi-language-go/main.go, v3.274.1. That host comes
// with an installed pulumi and cannot be built from the Go module proxy.
type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	binary string
	env    []string // of the engine, which a host inherits

	output *os.File // what the program prints

	mu     sync.Mutex
	engine string
}

// serve answers the engine until the test ends, and returns the address.
func (h *languageHost) serve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	pulumirpc.RegisterLanguageRuntimeServer(server, h)
	go func() { _ = server.Serve(listener) }() // ends with Stop
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func (h *languageHost) Handshake(_ context.Context, req *pulumirpc.LanguageHandshakeRequest) (*pulumirpc.LanguageHandshakeResponse, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.engine = req.GetEngineAddress()
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (h *languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

// GetRequiredPackages names none: the plugin is in place, and the program says
// which one it wants when it registers the first provider.
func (h *languageHost) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

func (h *languageHost) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	environment, err := h.environment(req)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, h.binary)
	cmd.Dir = req.GetPwd()
	cmd.Env = environment
	cmd.Stdout, cmd.Stderr = h.output, h.output
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	case exit.ExitCode() == constant.ExitStatusLoggedError:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("program exited with non-zero exit code: %d", exit.ExitCode())}, nil
	}
}

func (h *languageHost) environment(req *pulumirpc.RunRequest) ([]string, error) {
	var config string
	if req.GetConfig() != nil {
		text, err := json.Marshal(req.GetConfig())
		if err != nil {
			return nil, err
		}
		config = string(text)
	}
	secrets := []byte("[]")
	if req.GetConfigSecretKeys() != nil {
		var err error
		if secrets, err = json.Marshal(req.GetConfigSecretKeys()); err != nil {
			return nil, err
		}
	}
	h.mu.Lock()
	engine := h.engine
	h.mu.Unlock()
	if engine == "" && len(req.GetArgs()) > 0 {
		engine = req.GetArgs()[0] // a host that was not started by the engine is not greeted by it
	}
	env := h.env[:len(h.env):len(h.env)]
	for _, variable := range [][2]string{
		{pulumi.EnvOrganization, req.GetOrganization()},
		{pulumi.EnvProject, req.GetProject()},
		{pulumi.EnvPulumiRootDirectory, req.GetInfo().GetRootDirectory()},
		{pulumi.EnvStack, req.GetStack()},
		{pulumi.EnvConfig, config},
		{pulumi.EnvConfigSecretKeys, string(secrets)},
		{pulumi.EnvDryRun, strconv.FormatBool(req.GetDryRun())},
		{pulumi.EnvParallel, strconv.Itoa(int(req.GetParallel()))},
		{pulumi.EnvMonitor, req.GetMonitorAddress()},
		{pulumi.EnvEngine, engine},
	} {
		if variable[1] != "" {
			env = append(env, variable[0]+"="+variable[1])
		}
	}
	return env, nil
}
