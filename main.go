// Trailkeep is the audit trail of an AWS organization. Started by the Pulumi
// engine, this program declares the stack; started by a person, it is the
// trailkeep command line.
package main

import (
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/internal/cli"
	"github.com/trailkeep/trailkeep/stacks"
)

func main() {
	// The engine's language host sets this for every program that it runs.
	if os.Getenv(pulumi.EnvMonitor) != "" {
		pulumi.Run(stacks.Run)
		return
	}
	os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
