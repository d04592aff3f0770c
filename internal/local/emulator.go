package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/trailkeep/trailkeep/internal/local/emulator"
)

// DefaultPort is where the emulator listens unless told otherwise. It is next
// to LocalStack's 4566 and moto's 5000, and is neither.
const DefaultPort = 4599

// emulatorRequirement is what pip installs. The extensions replace parts of
// moto's inside, so another version is not taken.
const (
	motoVersion         = "5.2.1"
	emulatorRequirement = "moto[server]==" + motoVersion
)

// running is the emulator as it announced itself in emulator.json.
type running struct {
	PID      int       `json:"pid"`
	Port     int       `json:"port"`
	Endpoint string    `json:"endpoint"`
	Started  time.Time `json:"started"`
}

// findPython returns an interpreter that can run the emulator: the one on PATH
// if it has moto in the exact version, else that of a private environment.
func findPython(ctx context.Context, step func(string)) (string, error) {
	const probe = "import sys, flask, werkzeug, moto; sys.stdout.write(moto.__version__)"
	var candidates []string
	if server, err := exec.LookPath("moto_server"); err == nil {
		if interpreter := shebang(server); interpreter != "" {
			candidates = append(candidates, interpreter)
		}
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		return "", hinted("install Python 3.10 or later with its venv module, then run the command again",
			"python3 is not on PATH, and the emulator runs in it")
	}
	candidates = append(candidates, python)
	for _, candidate := range candidates {
		if version, err := run(ctx, "", os.Environ(), candidate, "-c", probe); err == nil && version == motoVersion {
			step("moto " + motoVersion + " from " + candidate)
			return candidate, nil
		}
	}
	interpreter, err := run(ctx, "", os.Environ(), python, "-c", "import sys; sys.stdout.write(sys.executable+' '+sys.version)")
	if err != nil {
		return "", hinted("repair python3, then run the command again", "python3 does not run: %w", err)
	}
	hash := sha256.Sum256([]byte(emulatorRequirement + interpreter))
	dir, err := cached(ctx, "moto", hex.EncodeToString(hash[:8]), func(dir string) error {
		step("installing moto " + motoVersion + " into a private environment (the first time only)")
		if _, err := run(ctx, "", os.Environ(), python, "-m", "venv", dir); err != nil {
			return hinted("install Python's venv module (Debian: apt-get install python3-venv), then run the command again", "make a virtual environment: %w", err)
		}
		if _, err := run(ctx, "", os.Environ(), filepath.Join(dir, "bin", "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", emulatorRequirement); err != nil {
			return hinted("give pip a way to PyPI (PIP_INDEX_URL, PIP_PROXY), or install \""+emulatorRequirement+"\" for the python3 on PATH", "install %s: %w", emulatorRequirement, err)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	python = filepath.Join(dir, "bin", "python")
	step("moto " + motoVersion + " from " + python)
	return python, nil
}

// shebang returns the Python that a script is started with, if it names one.
func shebang(script string) string {
	f, err := os.Open(script)
	if err != nil {
		return ""
	}
	defer f.Close()
	head := make([]byte, 256)
	n, _ := io.ReadFull(f, head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	path, ok := strings.CutPrefix(line, "#!")
	if path = strings.TrimSpace(path); !ok || !strings.Contains(filepath.Base(path), "python") {
		return ""
	}
	return path
}

// emulatorSources unpacks the emulator that this binary carries.
func emulatorSources(ctx context.Context) (string, error) {
	h := sha256.New()
	var names []string
	err := fs.WalkDir(emulator.Sources, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(emulator.Sources, name)
		fmt.Fprintf(h, "%s %d\n", name, len(data))
		h.Write(data)
		names = append(names, name)
		return err
	})
	if err != nil {
		return "", err
	}
	if !slices.Contains(names, "server.py") {
		return "", errors.New("this binary carries no emulator (server.py)")
	}
	return cached(ctx, "emulator", hex.EncodeToString(h.Sum(nil))[:16], func(dir string) error {
		return os.CopyFS(dir, emulator.Sources)
	})
}

// startEmulator starts the emulator in a session of its own, so that it lives
// on after this command, and waits until it has announced itself.
func startEmulator(ctx context.Context, dir string, port int, s seed, step func(string)) (*running, error) {
	if err := portFree(ctx, port); err != nil {
		return nil, err
	}
	python, err := findPython(ctx, step)
	if err != nil {
		return nil, err
	}
	sources, err := emulatorSources(ctx)
	if err != nil {
		return nil, err
	}
	step("starting the emulator on port " + strconv.Itoa(port))
	data, err := s.marshal()
	if err != nil {
		return nil, err
	}
	seedFile := filepath.Join(dir, "seed.json")
	if err := writeFile(seedFile, data, 0o644); err != nil {
		return nil, err
	}
	if err := os.Remove(filepath.Join(dir, "emulator.json")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	logFile := filepath.Join(dir, "emulator.log")
	log, err := os.Create(logFile)
	if err != nil {
		return nil, diskError(err)
	}
	defer log.Close()

	cmd := exec.Command(python, "-B", filepath.Join(sources, "server.py"),
		"--host", "127.0.0.1", "--port", strconv.Itoa(port), "--seed", seedFile, "--state-dir", dir)
	cmd.Dir = dir
	cmd.Env = inherited(os.Environ())
	cmd.Stdout, cmd.Stderr = log, log
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the emulator: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	deadline := time.After(time.Minute)
	for {
		if r, err := readRunning(dir); err == nil && r.PID == cmd.Process.Pid && r.answers(ctx) {
			return r, nil
		}
		select {
		case err := <-ended:
			said, _ := os.ReadFile(logFile)
			return nil, fmt.Errorf("the emulator ended at once (%w):%s", err, lastLines(string(said), 12))
		case <-deadline:
			_ = kill(cmd.Process.Pid)
			return nil, hinted("see "+logFile, "the emulator did not answer on port %d within a minute", port)
		case <-ctx.Done():
			_ = kill(cmd.Process.Pid)
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func portFree(ctx context.Context, port int) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err == nil {
		return l.Close()
	}
	who := "another program"
	other := &running{Endpoint: "http://127.0.0.1:" + strconv.Itoa(port)}
	if other.answers(ctx) {
		who = "the emulator of another state folder"
	}
	return hinted(fmt.Sprintf("choose a port (--port %d), end what listens there, or use it (--endpoint http://127.0.0.1:%d)", port+1, port),
		"port %d on 127.0.0.1 is taken by %s", port, who)
}

// readRunning reads what the emulator announced in its state folder.
func readRunning(dir string) (*running, error) {
	data, err := os.ReadFile(filepath.Join(dir, "emulator.json"))
	if err != nil {
		return nil, err
	}
	var r running
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "emulator.json"), err)
	}
	return &r, nil
}

// answers says whether an emulator of ours listens at the endpoint.
func (r *running) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Endpoint+"/_trailkeep/status", nil)
	if err != nil {
		return false
	}
	resp, err := directClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// directClient ignores HTTP_PROXY: the emulator is on this machine, and an
// endpoint that the user names is meant as written.
var directClient = &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}

// stop ends the emulator and waits for it. It is asked first, so that it can
// write what it still holds; a process that is not the emulator is left alone.
func (r *running) stop(ctx context.Context, dir string) error {
	if !processAlive(r.PID) || !isEmulator(ctx, r.PID, dir) {
		return nil
	}
	if err := terminate(r.PID); err != nil {
		return fmt.Errorf("end the emulator (pid %d): %w", r.PID, err)
	}
	for i := 0; i < 100; i++ {
		if !processAlive(r.PID) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := kill(r.PID); err != nil && processAlive(r.PID) {
		return fmt.Errorf("end the emulator (pid %d): %w", r.PID, err)
	}
	return nil
}

// isEmulator guards against a process id that the system has given to another
// program since.
func isEmulator(ctx context.Context, pid int, dir string) bool {
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		out, err := exec.CommandContext(ctx, "ps", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
		if err != nil {
			return false
		}
		command = out
	}
	return strings.Contains(string(command), "server.py") && strings.Contains(string(command), dir)
}
