package local

import (
	"context"
	"os"
	"os/exec"
)

// Engine returns the pulumi command line as Up runs it, not yet started and
// without arguments: the same binary and plugin, in the same private copy of
// the project, with the same environment and nothing else in it. The emulator
// runs and the stack exists when it returns; the credentials in the environment
// are the deploy role's, for an hour. Nothing locks the state folder while the
// command runs: the caller lets no other operation run meanwhile.
func (o *Organization) Engine(ctx context.Context) (*exec.Cmd, error) {
	p, stack, unlock, err := o.ready(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	cmd := exec.CommandContext(ctx, p.enginePath)
	cmd.Dir = stack.Workspace().WorkDir()
	if cmd.Env, err = o.engineEnv(ctx, os.Environ(), p); err != nil {
		return nil, err
	}
	return cmd, nil
}
