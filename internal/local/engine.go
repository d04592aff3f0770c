package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

const (
	engineModule   = "github.com/pulumi/pulumi/pkg/v3"
	engineCommand  = engineModule + "/cmd/pulumi"
	engineVersion  = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
	providerModule = "github.com/pulumi/pulumi-aws/sdk/v6"
)

// findEngine returns a pulumi command line of exactly the pinned version: the
// one on PATH, else one built from the checkout's tools module. Another version
// would talk to the bridge in another dialect.
func findEngine(ctx context.Context, source string, step func(string)) (path, version string, err error) {
	tools := filepath.Join(source, "tools", "pulumi")
	version, err = requiredVersion(filepath.Join(tools, "go.mod"), engineModule)
	if err != nil {
		return "", "", err
	}
	if found, err := exec.LookPath("pulumi"); err == nil {
		if out, err := run(ctx, "", append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true"), found, "version"); err == nil && strings.TrimSpace(out) == version {
			step("pulumi " + version + " from " + found)
			return found, version, nil
		}
	}
	hash, err := fingerprint(tools, []string{"go.mod", "go.sum"}, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return "", "", err
	}
	dir, err := cached(ctx, "pulumi", hash, func(dir string) error {
		step("building pulumi " + version + " (the first time only, about 3 minutes on 2 cores)")
		return goBuild(ctx, tools, filepath.Join(dir, "pulumi"), engineCommand, "-trimpath", "-ldflags", "-s -w -X "+engineVersion+"="+version)
	})
	if err != nil {
		return "", "", fmt.Errorf("build the engine: %w", err)
	}
	path = filepath.Join(dir, "pulumi")
	step("pulumi " + version + " from " + path)
	return path, version, nil
}

// goBuild builds one command of a module.
func goBuild(ctx context.Context, dir, out, pkg string, flags ...string) error {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		return hinted("install Go from https://go.dev/dl, then run the command again",
			"go is not on PATH, and the local mode builds its engine and provider with it")
	}
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		// A workspace or flags of the caller's would change what is built.
		return strings.HasPrefix(kv, "GOFLAGS=") || strings.HasPrefix(kv, "GOWORK=")
	})
	args := append(append([]string{"build"}, flags...), "-o", out, pkg)
	_, err = run(ctx, dir, append(env, "GOWORK=off"), goCommand, args...)
	return err
}

// requiredVersion reads the version of one requirement from a go.mod, so that
// every pin stands in one place.
func requiredVersion(goMod, module string) (string, error) {
	data, err := os.ReadFile(goMod)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return "", hinted("run the command inside a checkout of Trailkeep", "%s is missing", goMod)
		}
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(f) >= 2 && f[0] == module && strings.HasPrefix(f[1], "v") {
			return f[1], nil
		}
	}
	return "", fmt.Errorf("%s does not require %s", goMod, module)
}

// engine runs the pulumi command line for the Automation API. The SDK's own
// runner adds the whole environment of this process, AWS credentials included;
// this one passes exactly env, and has the kernel end the engine when this
// process is killed.
type engine struct {
	path    string
	version semver.Version
	env     []string
}

var _ auto.PulumiCommand = (*engine)(nil)

func newEngine(path, version string, env []string) (*engine, error) {
	v, err := semver.ParseTolerant(version)
	if err != nil {
		return nil, fmt.Errorf("engine version %q: %w", version, err)
	}
	return &engine{path: path, version: v, env: env}, nil
}

func (e *engine) Version() semver.Version { return e.version }

func (e *engine) Run(ctx context.Context, dir string, stdin io.Reader, stdout, stderr []io.Writer, env []string, args ...string) (string, string, int, error) {
	cmd := exec.CommandContext(ctx, e.path, append([]string{"--non-interactive"}, args...)...)
	cmd.Dir, cmd.Stdin = dir, stdin
	cmd.Env = append(slices.Concat(e.env, env), "PULUMI_AUTOMATION_API=true")
	var out, errOut bytes.Buffer
	cmd.Stdout = io.MultiWriter(append(slices.Clone(stdout), &out)...)
	cmd.Stderr = io.MultiWriter(append(slices.Clone(stderr), &errOut)...)
	// The parent-death signal belongs to the thread that starts the child, so
	// this goroutine keeps its thread until the child has ended.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dieWithParent(cmd)
	// An interrupted engine finishes what it has begun and records it; that may
	// take as long as the slowest resource.
	cmd.Cancel = func() error { return interrupt(cmd.Process) }
	cmd.WaitDelay = 2 * time.Minute

	err := cmd.Run()
	code := -2 // the SDK's own "unknown"
	if cmd.ProcessState != nil {
		code = cmd.ProcessState.ExitCode()
	}
	return out.String(), errOut.String(), code, err
}

// inherited is what the engine and its providers get of this process's
// environment: what a program needs to run at all. Nothing of the caller's AWS
// or Pulumi set-up is among it, and no proxy.
func inherited(environ []string) []string {
	keep := []string{"PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "XDG_CACHE_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "TERM"}
	var env []string
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if slices.Contains(keep, name) || strings.HasPrefix(name, "LC_") {
			env = append(env, kv)
		}
	}
	return env
}
