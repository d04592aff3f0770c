package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// cuts is how often the up is killed; there are about thirty writes to kill it
// between, and some come together.
const cuts = 12

// TestCutOff kills one up with SIGKILL twelve times, each time after something
// further was made in AWS, and goes on from there. In the end everything exists
// once, and no engine or provider is left behind by any of the dead.
func TestCutOff(t *testing.T) {
	t.Parallel()
	o := newOrganization(t, map[string]string{"dev": "config:\n" + organizationGroup + readersGroup})
	killed := 0
	for made := 0; killed < cuts; {
		cmd := exec.CommandContext(t.Context(), binary(t), "local", "up", "--project", o.project, "--state", o.state, "--port", strconv.Itoa(o.port))
		cmd.Dir = root(t)
		var output bytes.Buffer
		cmd.Stdout, cmd.Stderr = &output, &output
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()

		now := o.watch(t, made, ended)
		if now < 0 {
			t.Fatalf("the up ended by itself after %d cuts and %d writes, before the next:\n%s", killed, made, output.String())
		}
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
		<-ended
		killed++
		t.Logf("cut %d after %d writes", killed, now)
		made = now
		o.nothingLeftBehind(t, killed)
	}

	stdout, stderr, code := command(t, root(t), "local", "up", "--project", o.project, "--state", o.state, "--port", strconv.Itoa(o.port))
	if code != 0 {
		t.Fatalf("the up after %d cuts exits %d:\n%s\n%s", killed, code, stdout, stderr)
	}
	up := o.open("dev")
	check(t, up)
	once(t, up.AWSConfig(audit), "log-archive-key")
	once(t, up.AWSConfig(management), "trail-key")
	o.unchanged("dev")
}

// watch waits until the emulator has seen more writes than made, and returns
// their number, or -1 when the up ended before.
func (o *organization) watch(t *testing.T, made int, ended <-chan error) int {
	t.Helper()
	deadline := time.After(8 * time.Minute)
	for {
		select {
		case <-ended:
			return -1
		case <-deadline:
			t.Fatal("no progress")
		case <-time.After(20 * time.Millisecond):
		}
		logs, _ := filepath.Glob(filepath.Join(o.state, "*", "calls.jsonl"))
		if len(logs) == 0 {
			continue
		}
		calls, _ := o.calls(0)
		if n := len(writes(calls)); n > made {
			return n
		}
	}
}

// nothingLeftBehind demands that every process of the dead run ends: engine and
// providers have the state folder in their environment.
func (o *organization) nothingLeftBehind(t *testing.T, cut int) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		left = left[:0]
		environments, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, file := range environments {
			environment, err := os.ReadFile(file)
			if err != nil || !bytes.Contains(environment, []byte("PULUMI_HOME="+o.state)) {
				continue
			}
			if line, err := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline")); err == nil && len(line) > 0 {
				left = append(left, strings.ReplaceAll(string(line), "\x00", " "))
			}
		}
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("after cut %d these processes go on: %s", cut, strings.Join(left, "\n"))
}

// once demands exactly one usable key with this name tag.
func once(t *testing.T, cfg aws.Config, name string) {
	t.Helper()
	client := kms.NewFromConfig(cfg)
	keys, err := client.ListKeys(t.Context(), &kms.ListKeysInput{})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, key := range keys.Keys {
		tags, err := client.ListResourceTags(t.Context(), &kms.ListResourceTagsInput{KeyId: key.KeyId})
		if err != nil {
			t.Fatal(err)
		}
		for _, tag := range tags.Tags {
			if aws.ToString(tag.TagKey) == "trailkeep:name" && aws.ToString(tag.TagValue) == name {
				found++
			}
		}
	}
	if found != 1 {
		t.Errorf("%d keys are named %s, want 1", found, name)
	}
}
