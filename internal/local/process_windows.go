package local

import (
	"errors"
	"os"
	"os/exec"
)

// The local mode needs file locks and sessions; on Windows it runs inside WSL.
var errWindows = errors.New("the local mode needs Linux or macOS (on Windows: WSL)")

func lockExclusive(*os.File, bool) error { return errWindows }
func processAlive(int) bool              { return false }
func detach(*exec.Cmd)                   {}
func dieWithParent(*exec.Cmd)            {}
func interrupt(p *os.Process) error      { return p.Kill() }
func terminate(int) error                { return errWindows }
func kill(int) error                     { return errWindows }
