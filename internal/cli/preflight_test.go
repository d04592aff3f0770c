package cli

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailkeep/trailkeep/awspolicy"
)

const preflightStack = `config:
  trailkeep:region: eu-central-1
  trailkeep:organization:
    id: o-exampleorg1
    managementAccount: "123456789012"
    auditAccount: "222222222222"
  trailkeep:access:
    readers: ["arn:aws:iam::222222222222:user/responder"]
`

func runPreflight(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = Run(append([]string{"preflight"}, args...), strings.NewReader(""), &out, &errOut)
	return code, out.String(), errOut.String()
}

func stackFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "Pulumi.test.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPreflightPolicy(t *testing.T) {
	file := stackFile(t, preflightStack)
	for _, account := range []string{"audit", "222222222222"} {
		code, out, errOut := runPreflight(t, "policy", "--stack-file", file, "--account", account)
		if code != exitOK {
			t.Fatalf("%s: exit %d: %s", account, code, errOut)
		}
		document, err := awspolicy.Parse([]byte(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := document.Validate(); err != nil {
			t.Error(err)
		}
	}
	code, out, _ := runPreflight(t, "policy", "--stack-file", file, "--format", "json")
	var all []struct {
		Account string
		Policy  json.RawMessage
		Reasons map[string]string
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != exitOK || len(all) != 2 {
		t.Fatalf("exit %d, %v: %s", code, err, out)
	}
	for _, p := range all {
		document, err := awspolicy.Parse(p.Policy)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range document.Statements {
			if p.Reasons[s.Sid] == "" {
				t.Errorf("account %s: statement %s has no reason", p.Account, s.Sid)
			}
		}
	}
}

func TestPreflightWrongUse(t *testing.T) {
	file := stackFile(t, preflightStack)
	for _, c := range []struct {
		name string
		args []string
		says string
	}{
		{"no such file", []string{"--stack-file", "nowhere.yaml"}, "nowhere.yaml"},
		{"a wrong stack file", []string{"--stack-file", stackFile(t, "config:\n  trailkeep:regoin: x\n")}, "regoin"},
		{"two accounts, none chosen", []string{"policy", "--stack-file", file}, "123456789012 (management), 222222222222 (audit)"},
		{"another account", []string{"policy", "--stack-file", file, "--account", "999999999999"}, "choose one of"},
		{"an argument", []string{"prod"}, `unknown command "prod"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, _, errOut := runPreflight(t, c.args...)
			if code != exitUsage || !strings.Contains(errOut, c.says) {
				t.Errorf("exit %d: %s", code, errOut)
			}
		})
	}
}

// TestPreflightCannotAsk points the command at a port where nothing listens.
func TestPreflightCannotAsk(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": "http://" + closed.Addr().String(), "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	file := stackFile(t, preflightStack)
	code, out, errOut := runPreflight(t, "--stack-file", file)
	if code != exitFinding || out != "" || !strings.Contains(errOut, "does not answer") || !strings.Contains(errOut, "hint: ") {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	code, _, errOut = runPreflight(t, "--stack-file", file)
	if code != exitFinding || !strings.Contains(errOut, "credentials") || !strings.Contains(errOut, "sign in") {
		t.Errorf("without credentials: exit %d: %s", code, errOut)
	}
}
