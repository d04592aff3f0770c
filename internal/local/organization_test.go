package local

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/trailkeep/trailkeep/stacks/config"
)

const stackFile = `config:
  trailkeep:region: eu-central-1
  trailkeep:organization:
    id: o-exampleorg1
    managementAccount: "111111111111"
    auditAccount: "222222222222"
  trailkeep:access:
    readers: ["arn:aws:iam::222222222222:user/responder"]
`

// checkout is a folder with what Open looks for.
func checkout(t *testing.T, stacks map[string]string) Options {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"Pulumi.yaml":         "name: trailkeep\nruntime: go\n",
		"tools/pulumi/go.mod": "module tools\n\nrequire (\n\tgithub.com/pulumi/pulumi/pkg/v3 v3.1.2 // indirect\n)\n",
	}
	for name, content := range stacks {
		files["Pulumi."+name+".yaml"] = content
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Options{Project: dir}
}

func TestOpen(t *testing.T) {
	opts := checkout(t, map[string]string{"dev": stackFile})
	o, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	if o.Config().Organization.ID != "o-exampleorg1" || o.Endpoint() != "" || o.State() != filepath.Join(opts.Project, ".trailkeep", "local") {
		t.Errorf("config %v, endpoint %q, state %q", o.Config(), o.Endpoint(), o.State())
	}
	if entries, _ := filepath.Glob(filepath.Join(opts.Project, ".trailkeep")); entries != nil {
		t.Error("Open made the state folder")
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Run("a stack that has no file", func(t *testing.T) {
		opts := checkout(t, map[string]string{"dev": stackFile, "prod": stackFile})
		opts.Stack = "pord"
		_, err := Open(opts)
		expectError(t, err, "--stack: dev, prod", "Pulumi.pord.yaml does not exist")
	})
	t.Run("a project without any", func(t *testing.T) {
		_, err := Open(checkout(t, nil))
		expectError(t, err, "copy Pulumi.dev.yaml", "Pulumi.dev.yaml does not exist")
	})
	t.Run("a wrong stack file", func(t *testing.T) {
		_, err := Open(checkout(t, map[string]string{"dev": "config:\n  trailkeep:regoin: x\n"}))
		var problems config.Problems
		if !errors.As(err, &problems) || len(problems) < 2 {
			t.Errorf("error %v", err)
		}
	})
	for name, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"a port that does not exist":   {func(o *Options) { o.Port = 70000 }, "port 70000 does not exist"},
		"a stack that is a path":       {func(o *Options) { o.Stack = "../dev" }, "is no stack name"},
		"an endpoint without a scheme": {func(o *Options) { o.Endpoint = "localhost" }, "is no http or https URL"},
		"a project that is a file":     {func(o *Options) { o.Project = filepath.Join(o.Project, "Pulumi.yaml") }, "is no folder"},
	} {
		t.Run(name, func(t *testing.T) {
			opts := checkout(t, map[string]string{"dev": stackFile})
			c.change(&opts)
			_, err := Open(opts)
			var refused *Error
			if !errors.As(err, &refused) || !refused.Misuse || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want a misuse that says %q", err, c.want)
			}
		})
	}
	t.Run("a broken record", func(t *testing.T) {
		opts := checkout(t, map[string]string{"dev": stackFile})
		opts.State = t.TempDir()
		for name, content := range map[string]string{"state.json": "{", marker: ""} {
			if err := os.WriteFile(filepath.Join(opts.State, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Open(opts)
		expectError(t, err, "trailkeep local down", "state.json")
	})
}

// A stack file's mistakes must not keep anybody from taking the emulator down.
func TestDownTwiceAndWithBrokenFiles(t *testing.T) {
	opts := checkout(t, map[string]string{"dev": "not: [yaml"})
	opts.State = filepath.Join(opts.Project, "state")
	for name, content := range map[string]string{"state.json": "{broken", marker: ""} {
		if err := writeFile(filepath.Join(opts.State, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []bool{true, false, false} {
		was, err := Down(t.Context(), opts)
		if err != nil || was != want {
			t.Errorf("down number %d: %v, %v", i+1, was, err)
		}
	}
	if _, err := os.Stat(opts.State); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the state folder is still there: %v", err)
	}
}

// --state takes any path. A folder that is not ours keeps everything it holds,
// whatever is asked, and gets nothing new.
func TestForeignFoldersStayAsTheyAre(t *testing.T) {
	content := map[string]string{"passwd": "root", "state.json": `{"endpoint":"http://127.0.0.1:1","pid":1}`, "aws/config": "mine", "stacks/x": "mine", "lock": "mine"}
	tests := []struct {
		name string
		do   func(Options) error
	}{
		{"down", func(opts Options) error { _, err := Down(t.Context(), opts); return err }},
		{"up", func(opts Options) error {
			o, err := Open(opts)
			if err != nil {
				return err
			}
			_, err = o.Up(t.Context())
			return err
		}},
		{"preview", func(opts Options) error {
			o, err := Open(opts)
			if err != nil {
				return err
			}
			_, err = o.Preview(t.Context())
			return err
		}},
		{"env", func(opts Options) error {
			o, err := Open(opts)
			if err != nil {
				return err
			}
			_, err = o.Env(nil)
			return err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts := checkout(t, map[string]string{"dev": stackFile})
			opts.State = filepath.Join(opts.Project, "precious")
			for name, text := range content {
				if err := writeFile(filepath.Join(opts.State, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			err := tt.do(opts)
			var hinted *Error
			if !errors.As(err, &hinted) {
				t.Errorf("error %v", err)
			}
			found := map[string]string{}
			if err := filepath.WalkDir(opts.State, func(path string, d os.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return err
				}
				data, err := os.ReadFile(path)
				rel, _ := filepath.Rel(opts.State, path)
				found[rel] = string(data)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(content, found); diff != "" {
				t.Errorf("the folder changed (-before +after):\n%s", diff)
			}
		})
	}
}

// What somebody else put into our own folder stays too.
func TestDownKeepsWhatIsNotItsOwn(t *testing.T) {
	opts := checkout(t, nil)
	opts.State = filepath.Join(opts.Project, "state")
	for _, name := range []string{marker, "state.json", "pulumi/x", "aws/config", "notes.txt"} {
		if err := writeFile(filepath.Join(opts.State, name), []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	was, err := Down(t.Context(), opts)
	if err != nil || !was {
		t.Fatalf("down: %v, %v", was, err)
	}
	left, err := os.ReadDir(opts.State)
	if err != nil || len(left) != 1 || left[0].Name() != "notes.txt" {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestStateFolderThatIsAFile(t *testing.T) {
	opts := checkout(t, map[string]string{"dev": stackFile})
	opts.State = filepath.Join(opts.Project, "Pulumi.yaml")
	o, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.Up(t.Context())
	expectError(t, err, "name a folder", "Pulumi.yaml is a file")
}

func TestLockNamesItsHolder(t *testing.T) {
	o := localOrganization(t)
	unlock, err := o.lock()
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.lock()
	expectError(t, err, "--state DIR", "another run (pid "+strconv.Itoa(os.Getpid())+") is at work")
	unlock()
	unlock, err = o.lock()
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	unlock()
}

func TestPortTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	expectError(t, portFree(ctx, port), "--port "+strconv.Itoa(port+1), "port "+strconv.Itoa(port), "another program")

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/_trailkeep/status" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	port = server.Listener.Addr().(*net.TCPAddr).Port
	expectError(t, portFree(t.Context(), port), "--endpoint", "the emulator of another state folder")
}

func TestConnectToEndpoint(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	o := localOrganization(t)
	o.record = record{}
	o.opts.Endpoint = server.URL
	quiet := func(string) {}
	if err := o.connect(t.Context(), quiet); err != nil {
		t.Fatal(err)
	}
	if o.Endpoint() != server.URL || !o.record.External {
		t.Errorf("record %+v", o.record)
	}
	o.opts.Endpoint = "http://127.0.0.1:1"
	expectError(t, o.connect(t.Context(), quiet), "trailkeep local down", "belongs to "+server.URL)

	gone := localOrganization(t)
	gone.record, gone.opts.Endpoint = record{}, "http://127.0.0.1:1"
	expectError(t, gone.connect(t.Context(), quiet), "leave --endpoint out", "nothing answers at http://127.0.0.1:1")
	gone.opts.Endpoint, gone.record = "", record{Endpoint: "http://127.0.0.1:1", External: true}
	expectError(t, gone.connect(t.Context(), quiet), "its memory is gone", "nothing answers")
}

// The process id in emulator.json may belong to anybody by now.
func TestStopLeavesOtherProgramsAlone(t *testing.T) {
	cmd := exec.Command("sleep", "30")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
	if err := (&running{PID: cmd.Process.Pid}).stop(t.Context(), t.TempDir()); err != nil {
		t.Error(err)
	}
	if err := endEngine(t.Context(), cmd.Process.Pid); err != nil {
		t.Error(err)
	}
	select {
	case err := <-ended:
		t.Errorf("sleep ended: %v", err)
		ended <- err
	default:
	}
}

func TestInspect(t *testing.T) {
	opts := checkout(t, nil)
	s, err := Inspect(t.Context(), opts)
	if err != nil || s.Endpoint != "" || s.Running || s.Stacks == nil {
		t.Errorf("nothing there: %+v, %v", s, err)
	}
	o, err := locate(opts)
	if err != nil {
		t.Fatal(err)
	}
	o.opts.Stack = "dev"
	o.record = record{Endpoint: "http://127.0.0.1:1", PID: 999999999}
	if err := o.claim(); err != nil {
		t.Fatal(err)
	}
	last := StackStatus{Name: "dev", Resources: 3, Interrupted: true}
	if err := errors.Join(o.writeRecord(), o.writeLast(last)); err != nil {
		t.Fatal(err)
	}
	s, err = Inspect(t.Context(), opts)
	if err != nil || s.Running || s.Endpoint != o.record.Endpoint || len(s.Stacks) != 1 || s.Stacks[0] != last {
		t.Errorf("an emulator that is gone: %+v, %v", s, err)
	}
}

func TestWithSalt(t *testing.T) {
	tests := []struct{ name, stack, before, want string }{
		{"first run", "config: {}\n", "", "config: {}\n"},
		{"the local salt is kept", "config: {}\n", "encryptionsalt: v1:local\nconfig: {a: 1}\n", "config: {}\nencryptionsalt: v1:local\n"},
		{"the real stack's provider stays out", "secretsprovider: awskms://alias/x\nencryptedkey: abc\nencryptionsalt: v1:real\nconfig: {}\n", "", "config: {}\n"},
		{"no newline at the end", "config: {}", "encryptionsalt: v1:local\n", "config: {}\nencryptionsalt: v1:local\n"},
		{"a key of the same name further in", "config:\n  x:\n    encryptionsalt: keep\n", "", "config:\n  x:\n    encryptionsalt: keep\n"},
		{"account ids keep their quotes", "config:\n  a: \"012345678901\"\n", "encryptionsalt: s\n", "config:\n  a: \"012345678901\"\nencryptionsalt: s\n"},
	}
	for _, tt := range tests {
		if got := string(withSalt([]byte(tt.stack), []byte(tt.before))); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestRequiredVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "go.mod")
	content := "module m\n\nrequire example.com/single v1.0.0\n\nrequire (\n\texample.com/a v1.2.3\n\texample.com/a/v2 v2.0.0 // indirect\n)\n\nreplace example.com/b => ../b\n"
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	for module, want := range map[string]string{"example.com/a": "v1.2.3", "example.com/a/v2": "v2.0.0", "example.com/single": "v1.0.0"} {
		if got, err := requiredVersion(path, module); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", module, got, err, want)
		}
	}
	if _, err := requiredVersion(path, "example.com/b"); err == nil || !strings.Contains(err.Error(), "does not require") {
		t.Errorf("a module that is only replaced: %v", err)
	}
	_, err := requiredVersion(filepath.Join(t.TempDir(), "go.mod"), "x")
	expectError(t, err, "checkout of Trailkeep", "is missing")
}

func TestCollector(t *testing.T) {
	var last Event
	c := &collector{tell: func(e Event) { last = e }}
	state := &apitype.StepEventStateMetadata{Custom: true}
	meta := func(op apitype.OpType, typ, name string, diffs ...string) apitype.StepEventMetadata {
		return apitype.StepEventMetadata{Op: op, Type: typ, URN: "urn:pulumi:dev::p::trailkeep:x:X$" + typ + "::" + name, New: state, Old: state, Diffs: diffs}
	}
	begin := func(m apitype.StepEventMetadata) {
		c.take(apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: m}})
	}
	end := func(m apitype.StepEventMetadata) {
		c.take(apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: m}})
	}
	begin(meta("create", "aws:s3/bucketV2:BucketV2", "logs"))
	begin(meta("create", "aws:kms/key:Key", "logs"))
	if len(last.InFlight) != 2 || last.InFlight[0].Name != "logs" || last.Finished != 0 {
		t.Errorf("two begun: %+v", last)
	}
	end(meta("create", "aws:kms/key:Key", "logs"))
	if len(last.InFlight) != 1 || last.InFlight[0].Type != "aws:s3/bucketV2:BucketV2" || last.Finished != 1 {
		t.Errorf("one ended: %+v", last)
	}
	c.take(apitype.EngineEvent{ResOpFailedEvent: &apitype.ResOpFailedEvent{Metadata: meta("create", "aws:s3/bucketV2:BucketV2", "logs")}})
	if len(last.InFlight) != 0 {
		t.Errorf("one failed: %+v", last)
	}
	end(meta("refresh", "aws:cloudtrail/trail:Trail", "same"))
	end(meta("refresh", "aws:cloudtrail/trail:Trail", "drifted", "enableLogging"))
	gone := meta("refresh", "aws:cloudtrail/trail:Trail", "gone")
	gone.New = nil
	end(gone)
	end(meta("update", "aws:cloudtrail/trail:Trail", "drifted", "enableLogging"))
	end(meta("same", "aws:iam/role:Role", "role"))
	// The program's own: no resources of AWS.
	component := meta("create", "trailkeep:x:X", "archive")
	component.New = &apitype.StepEventStateMetadata{}
	begin(component)
	end(component)
	end(meta("create", "pulumi:providers:aws", "audit"))
	ops := func(changes []Change) string {
		var s []string
		for _, ch := range changes {
			s = append(s, ch.Op+" "+ch.Name+" "+strings.Join(ch.Diffs, "+"))
		}
		return strings.Join(s, ", ")
	}
	if got, want := ops(c.drift), "update drifted enableLogging, delete gone "; got != want {
		t.Errorf("drift %q, want %q", got, want)
	}
	if got, want := ops(c.changes), "create logs , update drifted enableLogging"; got != want {
		t.Errorf("changes %q, want %q", got, want)
	}
}

func TestEngineErrorSaysWhatTheEngineSaid(t *testing.T) {
	c := &collector{}
	for range 2 {
		c.take(apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "error", URN: "urn:pulumi:dev::p::a:b:C$aws:s3/bucketV2:BucketV2::logs", Message: "<{%fg 1%}>creating: BucketAlreadyExists<{%reset%}>\n"}})
	}
	c.take(apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "error", Message: "update failed"}})
	c.take(apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "debug", Message: "noise"}})
	err := engineError(t.Context(), errors.New("failed to run update: exit status 255\nstdout: pages"), c.messages)
	if want := "the engine failed:\n  aws:s3/bucketV2:BucketV2 logs: creating: BucketAlreadyExists"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	expectError(t, engineError(ctx, errors.New("signal: interrupt"), nil), "goes on from where this stopped", "interrupted")
	if engineError(t.Context(), nil, []string{"warning"}) != nil {
		t.Error("a warning became an error")
	}
}

// The engine may die before it opens its stream of events; then nobody closes
// the channel.
func TestFollowEndsWithoutTheEngine(t *testing.T) {
	c := &collector{}
	ch, stop, done := make(chan events.EngineEvent, 1), make(chan struct{}), make(chan struct{})
	go func() { defer close(done); c.follow(ch, stop) }()
	ch <- events.EngineEvent{EngineEvent: apitype.EngineEvent{SummaryEvent: &apitype.SummaryEvent{ResourceChanges: map[apitype.OpType]int{"same": 2}}}}
	close(stop)
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("still following")
	}
	if c.counts["same"] != 2 {
		t.Errorf("the last event was lost: %v", c.counts)
	}
}

func TestStatusIsStableJSON(t *testing.T) {
	data, err := json.Marshal(Status{Accounts: []Account{}, Stacks: []StackStatus{}})
	if err != nil || string(data) != `{"running":false,"state":"","accounts":[],"stacks":[]}` {
		t.Errorf("%s, %v", data, err)
	}
}
