// Command pulumi-resource-aws is Trailkeep's stand-in for the official AWS plugin where that one cannot be downloaded:
// it serves the Pulumi provider protocol over the stock Terraform AWS provider, under the tokens of pulumi-aws v6, for
// the resource types that Trailkeep uses. It is not the official plugin; README.md lists what differs.
//
// It knows the Terraform provider's protocol and pulumi-aws's names. It knows nothing of Trailkeep's stacks, finds no
// binaries by itself and never reaches for the network.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	pfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	rprovider "github.com/pulumi/pulumi/pkg/v3/resource/provider"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// version is the pulumi-aws release whose programs the plugin serves.
const version = "6.83.4"

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-aws:", err)
		os.Exit(1)
	}
}

// run serves the engine whose address is the first argument. -version prints the version, -schema the package schema.
func run(ctx context.Context, args []string) error {
	if slices.Contains(args, "-version") {
		fmt.Println(version)
		return nil
	}
	path, err := upstreamBinary(os.Getenv)
	if err != nil {
		return err
	}
	terraform, err := startTerraformProvider(ctx, path)
	if err != nil {
		return err
	}
	defer terraform.Close()
	endTogether(terraform)

	info, err := providerInfo(ctx, terraform)
	if err != nil {
		return err
	}
	if slices.Contains(args, "-schema") {
		schema, err := packageSchema(info)
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(schema)
		return err
	}
	if err := engineAnswers(args); err != nil {
		return err
	}
	return rprovider.MainContext(ctx, info.Name, func(host *rprovider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		bridged, err := pfbridge.NewProviderServer(ctx, host, info, pfbridge.ProviderMetadata{
			XGetSchema: func(context.Context, plugin.GetSchemaRequest) ([]byte, error) {
				return packageSchema(info)
			},
		})
		if err != nil {
			return nil, err
		}
		return &server{ResourceProviderServer: bridged, terraform: terraform}, nil
	})
}

// engineAnswers fails where the engine has ended before watchParent could know it as the parent. Without an address the
// engine attaches to the plugin, and there is nothing to ask.
func engineAnswers(args []string) error {
	if len(args) == 0 {
		return nil
	}
	address := args[len(args)-1]
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return fmt.Errorf("no engine at %s, the last argument: %w", address, err)
	}
	return conn.Close()
}

// endTogether ends the Terraform provider and the plugin when the engine is gone or asks for it.
func endTogether(terraform *terraformProvider) {
	end := func() {
		terraform.Close()
		os.Exit(1)
	}
	watchParent(end)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		end()
	}()
}
