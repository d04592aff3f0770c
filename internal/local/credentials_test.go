package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// localOrganization is one whose emulator is said to run.
func localOrganization(t *testing.T) *Organization {
	t.Helper()
	c := organizationConfig()
	return &Organization{
		opts:   Options{State: t.TempDir(), Stack: "dev"},
		config: c,
		seed:   planted(c),
		record: record{Endpoint: "http://127.0.0.1:4599", PID: 4711},
	}
}

func TestEnvGolden(t *testing.T) {
	o := localOrganization(t)
	out, err := o.Env([]string{"PATH=/bin", "AWS_PROFILE=mine", "AWS_ACCESS_KEY_ID=AKIA", "AWS_SESSION_TOKEN=t", "AWS_CA_BUNDLE=/etc/ca.pem", "AWS_X;rm=1", "AWSOME=1"})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "env.sh", strings.ReplaceAll(out, o.State(), "/state"))
	for _, name := range []string{"config", "credentials"} {
		data, err := os.ReadFile(o.path("aws", name))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "aws-"+name, string(data))
	}
	info, err := os.Stat(o.path("aws", "credentials"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("credentials have mode %v, %v", info.Mode(), err)
	}
}

func TestEnvReaderWithMFA(t *testing.T) {
	o := localOrganization(t)
	o.config.Access.Readers = o.config.Access.Readers[:1] // the user alone
	if _, err := o.Env(nil); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(o.path("aws", "config"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "mfa_serial = arn:aws:iam::222222222222:mfa/responder"; !strings.Contains(string(data), want) {
		t.Errorf("config lacks %q:\n%s", want, data)
	}
}

// Two emulators must not share a role's session: the aws command keeps it for
// an hour, by the values of the profile, and the second does not know it.
func TestEnvSessionsBelongToOneEmulator(t *testing.T) {
	config := func(pid int) string {
		o := localOrganization(t)
		o.record.PID = pid
		if _, err := o.Env(nil); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(o.path("aws", "config"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if config(1) == config(2) {
		t.Error("two emulators have equal profiles")
	}
}

func TestEnvBeforeUp(t *testing.T) {
	o := localOrganization(t)
	o.record = record{}
	_, err := o.Env(nil)
	expectError(t, err, "trailkeep local up", "no local organization")
}

// A shell evaluates the output: whatever the state folder is called, the shell
// must see its name and nothing else.
func TestEnvIsSafeToEvaluate(t *testing.T) {
	o := localOrganization(t)
	o.opts.State = filepath.Join(t.TempDir(), "a 'b' $(touch pwned) `x`;")
	out, err := o.Env(nil)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", out+`printf %s "$AWS_CONFIG_FILE"`)
	cmd.Dir = t.TempDir()
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != o.path("aws", "config") {
		t.Errorf("the shell sees %q", got)
	}
	if _, err := os.Stat(filepath.Join(cmd.Dir, "pwned")); err == nil {
		t.Error("the shell ran a part of the folder's name")
	}
}

func TestInheritedLeavesTheCallersAWSOut(t *testing.T) {
	env := inherited([]string{"PATH=/bin", "HOME=/home/eve", "LC_ALL=C", "AWS_PROFILE=prod", "AWS_ACCESS_KEY_ID=x", "PULUMI_ACCESS_TOKEN=x", "HTTPS_PROXY=http://p", "http_proxy=http://p", "PULUMI_CONFIG_PASSPHRASE=x"})
	if want := []string{"PATH=/bin", "HOME=/home/eve", "LC_ALL=C"}; !slices.Equal(env, want) {
		t.Errorf("inherited %q, want %q", env, want)
	}
}

func TestReachableRefusesWhatIsNoURL(t *testing.T) {
	for _, endpoint := range []string{"", "localhost:4566", "ftp://host", "http://", "://x"} {
		if err := reachable(t.Context(), endpoint); err == nil || !strings.Contains(err.Error(), "is not a URL") {
			t.Errorf("reachable(%q) = %v", endpoint, err)
		}
	}
}
