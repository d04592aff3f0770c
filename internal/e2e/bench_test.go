package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailkeep/trailkeep/internal/local"
	"github.com/trailkeep/trailkeep/stacks"
)

// rounds is how often each side makes the whole stack anew; a round takes about
// three minutes, most of it waits of the provider's own.
const rounds = 2

// BenchmarkUp measures "trailkeep local up" against "terraform apply" of the
// same resources, through the same provider binary, each against a fresh
// emulator of its own that runs already. The sides take turns, so that what
// else the machine does meets both.
func BenchmarkUp(b *testing.B) {
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		b.Skip("terraform is not on PATH: there is nothing to compare with; install 1.5 or later")
	}
	var trailkeep, other times
	for range b.N {
		for range rounds {
			trailkeep.add(b, func(e emulated) func() error {
				return func() error {
					cmd := exec.CommandContext(b.Context(), program(b), "local", "up", "--state", e.state, "--port", fmt.Sprint(e.port))
					cmd.Dir = checkout(b)
					return finish(cmd, "No change")
				}
			})
			other.add(b, func(e emulated) func() error {
				dir, env := terraformWorkspace(b, terraform, e.engine)
				return func() error {
					cmd := exec.CommandContext(b.Context(), terraform, "apply", "-auto-approve", "-input=false", "-no-color")
					cmd.Dir, cmd.Env = dir, env
					return finish(cmd, "No changes")
				}
			})
		}
	}
	trailkeep.report(b, "trailkeep")
	other.report(b, "terraform")
	b.ReportMetric(median(trailkeep.create)/median(other.create), "create-ratio")
	b.ReportMetric(median(trailkeep.unchanged)/median(other.unchanged), "unchanged-ratio")
	b.ReportMetric(median(trailkeep.emulator), "emulator-start-s")
	b.ReportMetric(0, "ns/op") // counts the set-up too
}

// emulated is a running emulator of an organization with nothing in it.
type emulated struct {
	state  string
	port   int
	engine *exec.Cmd
}

type times struct{ create, unchanged, emulator []float64 } // seconds

// add measures one side in one round: prepare returns what is timed, once for
// everything and then with nothing to do.
func (t *times) add(b *testing.B, prepare func(emulated) func() error) {
	b.Helper()
	e := emulated{state: filepath.Join(b.TempDir(), "state"), port: port(b)}
	options := local.Options{Project: checkout(b), State: e.state, Port: e.port, Program: stacks.Run}
	defer func() {
		if _, err := local.Down(b.Context(), options); err != nil {
			b.Error(err)
		}
	}()
	organization, err := local.Open(options)
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	if e.engine, err = organization.Engine(b.Context()); err != nil {
		b.Fatal(err)
	}
	t.emulator = append(t.emulator, time.Since(begun).Seconds())

	run := prepare(e)
	measure := func(into *[]float64) error {
		begun := time.Now()
		err := run()
		*into = append(*into, time.Since(begun).Seconds())
		return err
	}
	if err := measure(&t.create); err != errChanged {
		b.Fatalf("the first run made nothing: %v", err)
	}
	for range 3 {
		if err := measure(&t.unchanged); err != nil {
			b.Fatal(err)
		}
	}
}

func (t *times) report(b *testing.B, side string) {
	for _, part := range []struct {
		name    string
		seconds []float64
	}{{"create", t.create}, {"unchanged", t.unchanged}} {
		b.ReportMetric(slices.Min(part.seconds), side+"-"+part.name+"-min-s")
		b.ReportMetric(median(part.seconds), side+"-"+part.name+"-median-s")
		b.Logf("%s %s: %.2f s", side, part.name, part.seconds)
	}
}

var errChanged = fmt.Errorf("something was changed")

// finish runs a command; errChanged tells that its output does not say that
// there was nothing to do.
func finish(cmd *exec.Cmd, nothing string) error {
	output, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, output)
	case !strings.Contains(string(output), nothing):
		return errChanged
	}
	return nil
}

// terraformWorkspace is an initialized folder with the example stack as a
// Terraform configuration, and the environment that the engine's providers get.
func terraformWorkspace(b *testing.B, terraform string, engine *exec.Cmd) (dir string, env []string) {
	b.Helper()
	const named = "TRAILKEEP_TERRAFORM_PROVIDER_AWS="
	i := slices.IndexFunc(engine.Env, func(v string) bool { return strings.HasPrefix(v, named) })
	if i < 0 {
		b.Skip("the official plugin is installed: Terraform would run another provider binary than Pulumi")
	}
	binary := strings.TrimPrefix(engine.Env[i], named)
	dir = b.TempDir()
	mirror := filepath.Join(dir, "mirror")
	unpacked := filepath.Join(mirror, "registry.terraform.io/hashicorp/aws/5.100.0", runtime.GOOS+"_"+runtime.GOARCH)
	must(b, os.MkdirAll(unpacked, 0o700))
	must(b, os.Symlink(binary, filepath.Join(unpacked, filepath.Base(binary))))
	cliConfig := filepath.Join(dir, "terraform.rc")
	must(b, os.WriteFile(cliConfig, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600))
	env = append(engine.Env[:len(engine.Env):len(engine.Env)], "TF_CLI_CONFIG_FILE="+cliConfig, "CHECKPOINT_DISABLE=1")

	must(b, os.WriteFile(filepath.Join(dir, "versions.tf.json"), []byte(`{"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}}}`), 0o600))
	run := func(args ...string) []byte {
		cmd := exec.CommandContext(b.Context(), terraform, args...)
		cmd.Dir, cmd.Env = dir, env
		var problem strings.Builder
		cmd.Stderr = &problem
		output, err := cmd.Output()
		if err != nil {
			b.Fatalf("terraform %s: %v\n%s%s", args[0], err, output, problem.String())
		}
		return output
	}
	run("init", "-input=false", "-no-color")
	var schemas struct {
		Providers map[string]providerSchema `json:"provider_schemas"`
	}
	must(b, json.Unmarshal(run("providers", "schema", "-json"), &schemas))
	types, err := terraformTypes(filepath.Join(checkout(b), "internal", "local", "bridge", "tokens.go"))
	must(b, err)
	configuration, err := terraformConfiguration(filepath.Join(checkout(b), "Pulumi.dev.yaml"), schemas.Providers["registry.terraform.io/hashicorp/aws"], types)
	must(b, err)
	must(b, os.WriteFile(filepath.Join(dir, "main.tf.json"), configuration, 0o600))
	run("validate", "-no-color")
	return dir, env
}

// BenchmarkBuild measures how long a person waits for the program: with the
// dependencies compiled, after a change of the stacks, and, when asked for by
// TRAILKEEP_BENCH_COLD, with an empty build cache.
func BenchmarkBuild(b *testing.B) {
	build := func(b *testing.B, env ...string) {
		b.Helper()
		for range b.N {
			cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", filepath.Join(b.TempDir(), "trailkeep"), ".")
			cmd.Dir, cmd.Env = checkout(b), append(os.Environ(), env...)
			if output, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, output)
			}
		}
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s")
	}
	b.Run("warm", func(b *testing.B) {
		build(b) // fills the cache
		b.ResetTimer()
		build(b)
	})
	b.Run("cold", func(b *testing.B) {
		if os.Getenv("TRAILKEEP_BENCH_COLD") == "" {
			b.Skip("takes minutes: set TRAILKEEP_BENCH_COLD=1")
		}
		build(b, "GOCACHE="+b.TempDir())
	})
}

// BenchmarkStart measures the binary's start-up, which stands before every
// command.
func BenchmarkStart(b *testing.B) {
	var seconds []float64
	for range 50 {
		begun := time.Now()
		if err := exec.CommandContext(b.Context(), program(b), "--version").Run(); err != nil {
			b.Fatal(err)
		}
		seconds = append(seconds, time.Since(begun).Seconds())
	}
	b.ReportMetric(1000*slices.Min(seconds), "min-ms")
	b.ReportMetric(1000*median(seconds), "median-ms")
	b.ReportMetric(0, "ns/op")
}

func median(seconds []float64) float64 {
	sorted := slices.Sorted(slices.Values(seconds))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

func checkout(b *testing.B) string {
	b.Helper()
	dir, err := filepath.Abs("../..")
	must(b, err)
	return dir
}

func program(b *testing.B) string {
	b.Helper()
	path := filepath.Join(checkout(b), "bin", "trailkeep")
	if _, err := os.Stat(path); err != nil {
		b.Fatalf("%v: run make build first", err)
	}
	return path
}

func port(b *testing.B) int {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
