package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-mux/tf5to6server"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/internal/shim/protov5"
	tfplugin "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/opentofu/plugin"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
	"google.golang.org/grpc"
)

const (
	// upstreamVersion is the Terraform AWS provider that pulumi-aws 6.83.4 bridges.
	upstreamVersion = "5.100.0"

	// upstreamVariable names the environment variable that holds the path of the Terraform provider's binary.
	upstreamVariable = "TRAILKEEP_TERRAFORM_PROVIDER_AWS"
)

// releaseName is how HashiCorp names the binary of a release: terraform-provider-aws_v5.100.0_x5, .exe on Windows.
// It is the only place that tells the version; the binary itself calls it "(devel)".
var releaseName = regexp.MustCompile(`^terraform-provider-aws_v([0-9][0-9A-Za-z.+-]*)_x[0-9]+(\.exe)?$`)

// upstreamBinary returns the Terraform provider's binary that the environment names, or the sentence that tells what
// to change.
func upstreamBinary(getenv func(string) string) (string, error) {
	path := getenv(upstreamVariable)
	if path == "" {
		return "", fmt.Errorf("environment variable %s is not set: it must hold the path of the Terraform AWS provider %s",
			upstreamVariable, upstreamVersion)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w: set it to the path of the Terraform AWS provider %s",
			upstreamVariable, err, upstreamVersion)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: %s is not a file: set it to the binary of the Terraform AWS provider %s",
			upstreamVariable, path, upstreamVersion)
	}
	m := releaseName.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return "", fmt.Errorf("%s: %s does not tell its version: the file must keep its release name, terraform-provider-aws_v%s_x5",
			upstreamVariable, path, upstreamVersion)
	}
	if m[1] != upstreamVersion {
		return "", fmt.Errorf("%s: %s is version %s, only %s is the upstream of pulumi-aws %s",
			upstreamVariable, path, m[1], upstreamVersion, version)
	}
	return path, nil
}

// terraformProvider is a running Terraform provider process, spoken to in protocol 6.
type terraformProvider struct {
	tfprotov6.ProviderServer
	client *plugin.Client
}

// startTerraformProvider starts the binary and waits for its handshake. The caller must run on the thread that
// lockMainThread kept: the death signal of a child follows the thread that started it, not the process.
func startTerraformProvider(ctx context.Context, path string) (*terraformProvider, error) {
	cmd := exec.Command(path)
	dieWithParent(cmd)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  tfplugin.Handshake,
		VersionedPlugins: map[int]plugin.PluginSet{5: {tfplugin.ProviderPluginName: protocol5{}}},
		Cmd:              cmd,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		// The provider's log goes nowhere by default, as under Terraform; TF_LOG brings it to the engine's log.
		Logger:     hclog.New(&hclog.LoggerOptions{Name: "terraform-provider-aws", Level: logLevel(os.Getenv("TF_LOG")), Output: os.Stderr}),
		SyncStdout: io.Discard,
		SyncStderr: io.Discard,
	})
	server, err := dispense(ctx, client, path)
	if err != nil {
		client.Kill()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return &terraformProvider{ProviderServer: server, client: client}, nil
}

func dispense(ctx context.Context, client *plugin.Client, path string) (tfprotov6.ProviderServer, error) {
	rpc, err := client.Client()
	if err != nil {
		return nil, err
	}
	raw, err := rpc.Dispense(tfplugin.ProviderPluginName)
	if err != nil {
		return nil, err
	}
	conn, ok := raw.(*grpc.ClientConn)
	if !ok {
		return nil, fmt.Errorf("unexpected plugin client %T", raw)
	}
	return tf5to6server.UpgradeServer(ctx, func() tfprotov5.ProviderServer {
		return protov5.New(servedOnly{tfplugin5.NewProviderClient(conn), schemaFile(path)})
	})
}

// Close ends the process.
func (p *terraformProvider) Close() { p.client.Kill() }

func logLevel(tfLog string) hclog.Level {
	if tfLog == "" {
		return hclog.Off
	}
	return hclog.LevelFromString(tfLog)
}

// protocol5 hands out the bare connection; the translation to protocol types is the bridge's.
type protocol5 struct{ plugin.NetRPCUnsupportedPlugin }

func (protocol5) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return fmt.Errorf("a client only")
}

func (protocol5) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}
