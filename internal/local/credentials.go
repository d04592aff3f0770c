package local

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/trailkeep/trailkeep/stacks/config"
)

// AWSConfig is the AWS SDK's configuration for one account, as the person at
// the keyboard has it: their own key at home, the role that AWS Organizations
// makes everywhere else. An endpoint that runs already must accept both.
func (o *Organization) AWSConfig(account string) aws.Config {
	home := aws.Config{
		Region:       o.config.Region,
		BaseEndpoint: aws.String(o.Endpoint()),
		Credentials:  credentials.NewStaticCredentialsProvider(engineerKey, engineerSecret, ""),
		HTTPClient:   directClient,
	}
	if account == homeAccount(o.config) {
		return home
	}
	return o.assumed(home, roleARN(account, memberRole))
}

// DeployConfig is the AWS SDK's configuration for the stack's deploy role in
// one of the accounts that it deploys to.
func (o *Organization) DeployConfig(account string) aws.Config {
	return o.assumed(o.AWSConfig(homeAccount(o.config)), roleARN(account, o.config.Access.DeployRole))
}

func (o *Organization) assumed(from aws.Config, arn string) aws.Config {
	to := from.Copy()
	to.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(from), arn, func(a *stscreds.AssumeRoleOptions) {
		a.RoleSessionName = engineerName
		a.Duration = time.Hour
	}))
	return to
}

// deployAccount is the account whose deploy role runs the engine; other
// accounts are reached by the program's own providers, from there.
func deployAccount(c *config.Config) string {
	if c.Stack == config.StackArchive && c.Organization != nil {
		return c.Organization.AuditAccount
	}
	return homeAccount(c)
}

// engineEnv is the whole environment of the engine and the providers. The
// credentials are an hour's, taken anew for each operation.
func (o *Organization) engineEnv(ctx context.Context, environ []string, p *parts) ([]string, error) {
	account := deployAccount(o.config)
	creds, err := o.DeployConfig(account).Credentials.Retrieve(ctx)
	if err != nil {
		return nil, hinted("see that the emulator knows this role (\"trailkeep local down\" and \"up\" plant it)",
			"assume %s: %w", roleARN(account, o.config.Access.DeployRole), err)
	}
	env := append(inherited(environ),
		"PULUMI_HOME="+o.path("pulumi", "home"),
		// Without the sidecar files (*.attrs), which the backend does not replace
		// in one step: a kill leaves one empty, and the state unreadable.
		"PULUMI_BACKEND_URL=file://"+o.path("pulumi")+"?metadata=skip",
		// The state holds no secret; a passphrase is what the engine insists on.
		"PULUMI_CONFIG_PASSPHRASE=trailkeep-local",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"AWS_ACCESS_KEY_ID="+creds.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+creds.SecretAccessKey,
		"AWS_SESSION_TOKEN="+creds.SessionToken,
		"AWS_REGION="+o.config.Region,
		"AWS_ENDPOINT_URL="+o.Endpoint(),
		"AWS_EC2_METADATA_DISABLED=true",
		// The emulator answers what it lacks with an error that providers retry.
		"AWS_MAX_ATTEMPTS=3",
		"AWS_CONFIG_FILE="+o.path("aws", "none"),
		"AWS_SHARED_CREDENTIALS_FILE="+o.path("aws", "none"),
		// S3 Control puts the account before the host, which an address on
		// 127.0.0.1 cannot carry: its calls go to AWS's name, through the emulator.
		"AWS_ENDPOINT_URL_S3_CONTROL=http://s3-control."+o.config.Region+".amazonaws.com",
		"HTTP_PROXY="+o.Endpoint(),
		"NO_PROXY=127.0.0.1,localhost",
	)
	if p.plugin.terraform != "" {
		env = append(env, terraformProviderEnv+"="+p.plugin.terraform)
	}
	return env, nil
}

// reachable says whether anything listens at an endpoint.
func reachable(ctx context.Context, endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%q is not a URL such as http://127.0.0.1:4566", endpoint)
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	conn, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return err
	}
	return conn.Close()
}

// profile is one section of the AWS configuration file that env points at.
type profile struct {
	name   string
	values [][2]string
}

// profiles lists a CLI profile for each account, and for each role a person has
// a use for: deploying, breaking glass, reading the archive.
func (o *Organization) profiles() (profiles []profile, keys []seedUser) {
	home := homeAccount(o.config)
	accounts := o.Accounts()
	profiles = append(profiles, profile{name: accounts[0].Name})
	keys = append(keys, seedUser{Name: accounts[0].Name, Key: engineerKey, Secret: engineerSecret})
	assume := func(name, arn, source string, more ...[2]string) {
		// The CLI caches a role's credentials by the profile's values. They die
		// with the emulator, so each emulator gets values of its own.
		profiles = append(profiles, profile{name, append([][2]string{{"role_arn", arn}, {"source_profile", source}, {"role_session_name", o.session()}}, more...)})
	}
	for _, a := range accounts[1:] {
		assume(a.Name, roleARN(a.ID, memberRole), accounts[0].Name)
	}
	names := map[string]string{}
	for _, a := range accounts {
		names[a.ID] = a.Name
	}
	for _, account := range touched(o.config) {
		suffix := "-" + names[account]
		if account == deployAccount(o.config) {
			suffix = ""
		}
		assume("deploy"+suffix, roleARN(account, o.config.Access.DeployRole), accounts[0].Name)
	}
	archive := home
	if o.config.Organization != nil {
		archive = o.config.Organization.AuditAccount
	}
	if role := o.config.Access.BreakGlassRole; role != "" {
		assume("break-glass", roleARN(archive, role), accounts[0].Name)
	}
	if o.config.Archive.ReaderRole == "" {
		return profiles, keys
	}
	reader := roleARN(archive, o.config.Archive.ReaderRole)
	// A role's session needs no MFA here; a user is asked for a code.
	byRole := slices.IndexFunc(o.config.Access.Readers, func(arn string) bool { _, kind, _ := principal(arn); return kind == "role" })
	byUser := slices.IndexFunc(o.config.Access.Readers, func(arn string) bool { _, kind, _ := principal(arn); return kind == "user" })
	switch {
	case byRole >= 0:
		assume("responder", o.config.Access.Readers[byRole], accounts[0].Name)
		assume("reader", reader, "responder")
	case byUser >= 0:
		account, _, name := principal(o.config.Access.Readers[byUser])
		_, base := splitRoleName(name)
		i := slices.IndexFunc(o.seed.Users, func(u seedUser) bool { return u.Account == account && u.Name == base })
		if i < 0 {
			break
		}
		profiles = append(profiles, profile{name: "responder"})
		keys = append(keys, seedUser{Name: "responder", Key: o.seed.Users[i].Key, Secret: o.seed.Users[i].Secret})
		assume("reader", reader, "responder", [2]string{"mfa_serial", "arn:aws:iam::" + account + ":mfa/" + base})
	}
	return profiles, keys
}

// session names the sessions of the person at the keyboard, as CloudTrail will
// show them.
func (o *Organization) session() string {
	if o.record.PID == 0 {
		return engineerName
	}
	return engineerName + "-" + strconv.Itoa(o.record.PID)
}

// Env is what a POSIX shell evaluates to point the aws command and every AWS
// SDK at the emulated organization. It writes the profiles that it names below
// the state folder and touches nothing of the caller's own.
func (o *Organization) Env(environ []string) (string, error) {
	if o.Endpoint() == "" {
		return "", hinted("run \"trailkeep local up\" first", "no local organization runs in %s", o.opts.State)
	}
	profiles, keys := o.profiles()
	var conf, cred strings.Builder
	for _, p := range profiles {
		fmt.Fprintf(&conf, "[profile %s]\nregion = %s\nendpoint_url = %s\n", p.name, o.config.Region, o.Endpoint())
		for _, kv := range p.values {
			fmt.Fprintf(&conf, "%s = %s\n", kv[0], kv[1])
		}
		conf.WriteByte('\n')
	}
	for _, k := range keys {
		fmt.Fprintf(&cred, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n\n", k.Name, k.Key, k.Secret)
	}
	confFile, credFile := o.path("aws", "config"), o.path("aws", "credentials")
	if err := writeFile(confFile, []byte(conf.String()), 0o644); err != nil {
		return "", err
	}
	if err := writeFile(credFile, []byte(cred.String()), 0o600); err != nil {
		return "", err
	}
	set := [][2]string{
		{"AWS_ENDPOINT_URL", o.Endpoint()},
		{"AWS_CONFIG_FILE", confFile},
		{"AWS_SHARED_CREDENTIALS_FILE", credFile},
		{"AWS_PROFILE", profiles[0].name},
		{"AWS_REGION", o.config.Region},
		{"AWS_EC2_METADATA_DISABLED", "true"},
	}
	var out strings.Builder
	if stray := strayVariables(environ, set); len(stray) > 0 {
		fmt.Fprintf(&out, "unset %s\n", strings.Join(stray, " "))
	}
	for _, kv := range set {
		fmt.Fprintf(&out, "export %s=%s\n", kv[0], shellQuote(kv[1]))
	}
	return out.String(), nil
}

// strayVariables names the caller's AWS variables that would win over a
// profile, or send calls to AWS itself.
func strayVariables(environ []string, set [][2]string) []string {
	var stray []string
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		// The output is evaluated: nothing but a plain name may get into it.
		if !strings.HasPrefix(name, "AWS_") || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" || slices.ContainsFunc(set, func(s [2]string) bool { return s[0] == name }) {
			continue
		}
		// A certificate bundle, a pager or an output format does no harm.
		if slices.Contains([]string{"AWS_CA_BUNDLE", "AWS_PAGER", "AWS_CLI_AUTO_PROMPT", "AWS_DEFAULT_OUTPUT", "AWS_RETRY_MODE"}, name) {
			continue
		}
		stray = append(stray, name)
	}
	slices.Sort(stray)
	return stray
}

func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
