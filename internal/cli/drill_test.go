package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailkeep/trailkeep/detections"
)

func runDrill(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Run(append([]string{"drill"}, args...), strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// rootCall is a record of the catalogue's own events, put into a file.
func rootCall(t *testing.T) string {
	t.Helper()
	for _, d := range detections.All() {
		if d.ID != "root-usage" {
			continue
		}
		cases, err := d.Cases()
		if err != nil {
			t.Fatal(err)
		}
		return string(cases[0].Events[0].Record)
	}
	t.Fatal("there is no root-usage")
	return ""
}

func TestDrill(t *testing.T) {
	code, out, errs := runDrill(t)
	if code != 0 || errs != "" || !strings.Contains(out, "Every alarm fires when it has to, and no near miss fires.") {
		t.Errorf("exit %d, stderr %q, stdout\n%s", code, errs, out)
	}
	if got := strings.Count(out, "\nok ") + 1; got != len(detections.All()) {
		t.Errorf("%d alarms are ok, want %d", got, len(detections.All()))
	}
	code, out, _ = runDrill(t, "console-brute-force")
	if code != 0 || !strings.Contains(out, `ALARM: "trailkeep-console-brute-force" in `) || !strings.Contains(out, "silent  five in five minutes") || strings.Contains(out, "root-usage") {
		t.Errorf("exit %d, stdout\n%s", code, out)
	}
}

func TestDrillJSON(t *testing.T) {
	code, out, _ := runDrill(t, "root-usage", "--format", "json")
	var proofs []struct {
		ID    string
		Cases []struct{ Fires, Fired bool }
	}
	if err := json.Unmarshal([]byte(out), &proofs); err != nil || code != 0 {
		t.Fatalf("exit %d, %v:\n%s", code, err, out)
	}
	if len(proofs) != 1 || proofs[0].ID != "root-usage" || len(proofs[0].Cases) != 5 || !proofs[0].Cases[0].Fired {
		t.Errorf("%+v", proofs)
	}
}

func TestDrillEvents(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.json", `{"Records":[`+rootCall(t)+`]}`)
	code, out, errs := runDrill(t, "--events", good)
	if code != 0 || errs != "" || !strings.Contains(out, "root-usage  critical: Root user used\n  would have fired 1 time, by root (111122223333)\n") ||
		!strings.Contains(out, "Not drilled, for they need the names of a deployment (--stack-file): trail-demoted") {
		t.Errorf("exit %d, stderr %q, stdout\n%s", code, errs, out)
	}
	bad := write("bad.json", `{"Records":[`+rootCall(t)+`,{"x":1},`+rootCall(t)+`]}`)
	code, out, _ = runDrill(t, "--events", good, "--events", bad)
	if code != 1 || !strings.Contains(out, bad+": record 2: not a CloudTrail record") || !strings.Contains(out, "3 events") {
		t.Errorf("exit %d, stdout\n%s", code, out)
	}
	code, out, _ = runDrill(t, "--events", good, "--format", "json", "root-usage")
	var report struct {
		Alarms []struct{ Fired []any }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || len(report.Alarms) != 1 || len(report.Alarms[0].Fired) != 1 {
		t.Errorf("exit %d, %v:\n%s", code, err, out)
	}
}

// With a stack file the alarms that watch things by name are drilled too.
func TestDrillEventsWithStackFile(t *testing.T) {
	const stack = "../../Pulumi.dev.yaml"
	event := strings.NewReplacer("ListAccessKeys", "PutKeyPolicy", "iam.amazonaws.com", "kms.amazonaws.com", "111122223333", "222222222222").Replace(rootCall(t))
	path := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(path, []byte(event), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runDrill(t, "--events", path, "--stack-file", stack)
	if code != 0 || !strings.Contains(out, "log-key-changes  critical") || strings.Contains(out, "Not drilled") {
		t.Errorf("exit %d, stderr %q, stdout\n%s", code, errs, out)
	}
}

func TestDrillWrongUse(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"root"}, `there is no alarm "root"`},
		{[]string{"--events", filepath.Join(t.TempDir(), "nowhere")}, "nowhere: no such file or directory"},
		{[]string{"--stack-file", "x.yaml"}, "without --events the catalogue's own events are drilled"},
		{[]string{"--events", ".", "--stack-file", "nowhere.yaml"}, "nowhere.yaml"},
	} {
		if code, _, errs := runDrill(t, c.args...); code != 2 || !strings.Contains(errs, c.says) || !strings.Contains(errs, "hint: ") {
			t.Errorf("%v: exit %d, stderr %s", c.args, code, errs)
		}
	}
}

// A wrong path must not look like a quiet week.
func TestDrillOfNothing(t *testing.T) {
	code, out, errs := runDrill(t, "--events", t.TempDir())
	if code != 2 || out != "" || !strings.Contains(errs, "no .json or .json.gz file") {
		t.Errorf("exit code %d, printed %q and %q", code, out, errs)
	}
}
