package preflight

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trailkeep/trailkeep/awspolicy"
	"github.com/trailkeep/trailkeep/policydocuments"
	"github.com/trailkeep/trailkeep/stacks/config"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	management = "123456789012"
	audit      = "222222222222"
	replica    = "333333333333"
	region     = "eu-central-1"
)

// world is a fake AWS: what each account answers. Everything absent does not
// exist.
type world struct {
	org           organization
	services      []string
	policies      []string
	delegated     []string
	accounts      map[string]*account
	refuse        map[string]bool // IAM actions that nobody is granted
	regionMissing string
}

type account struct {
	roles   map[string]role // by base name
	users   []string
	trails  []trail
	data    []string // ARNs of trails that record data events alone
	buckets map[string]bucket
	aliases map[string]key
	groups  []string
	topics  []string
}

// fake is one account seen with one role.
type fake struct {
	*world
	who identity
}

func (w *world) refused(action string) error {
	if w.refuse[action] {
		return &denied{action: action, message: "not authorized to perform " + action}
	}
	return nil
}

func (f *fake) here() *account { return f.accounts[f.who.account] }

func (f *fake) identity() identity { return f.who }

func (f *fake) assume(_ context.Context, arn, region string) (view, error) {
	if region == f.regionMissing {
		return nil, errRegionDisabled
	}
	if arn == "" {
		return f, nil
	}
	if err := f.refused("sts:AssumeRole"); err != nil {
		return nil, err
	}
	parts := strings.SplitN(arn, ":", 6)
	return &fake{f.world, identity{parts[4], "arn:aws:sts::" + parts[4] + ":assumed-role/" + roleName(parts[5]) + "/trailkeep-preflight"}}, nil
}

func (f *fake) organization(context.Context) (organization, error) {
	if f.org.id == "" {
		return f.org, errNotFound
	}
	return f.org, f.refused("organizations:DescribeOrganization")
}

func (f *fake) serviceAccess(context.Context) ([]string, error) {
	return f.services, f.refused("organizations:ListAWSServiceAccessForOrganization")
}

func (f *fake) policyTypes(context.Context) ([]string, error) {
	return f.policies, f.refused("organizations:ListRoots")
}

func (f *fake) delegatedAdministrators(context.Context, string) ([]string, error) {
	return f.delegated, f.refused("organizations:ListDelegatedAdministrators")
}

func (f *fake) role(_ context.Context, name string) (role, error) {
	r, ok := f.here().roles[name]
	if !ok {
		return r, errNotFound
	}
	return r, f.refused("iam:GetRole")
}

func (f *fake) user(_ context.Context, name string) error {
	if !slices.Contains(f.here().users, name) {
		return errNotFound
	}
	return f.refused("iam:GetUser")
}

func (f *fake) trails(context.Context) ([]trail, error) {
	return f.here().trails, f.refused("cloudtrail:DescribeTrails")
}

func (f *fake) recordsManagementEvents(_ context.Context, t trail) (bool, error) {
	return !slices.Contains(f.here().data, t.arn), f.refused("cloudtrail:GetEventSelectors")
}

func (f *fake) bucket(_ context.Context, name, owner string) (bucket, error) {
	for id, a := range f.accounts {
		if b, ok := a.buckets[name]; ok {
			// Nobody else may read a bucket of ours, so S3 does not say whose
			// it is.
			if b.owner == asExpected && (id != f.who.account || owner != id) {
				return bucket{owner: foreign}, nil
			}
			return b, nil
		}
	}
	return bucket{}, errNotFound
}

func (f *fake) alias(_ context.Context, name string) (key, error) {
	k, ok := f.here().aliases[name]
	if !ok {
		return k, errNotFound
	}
	return k, f.refused("kms:DescribeKey")
}

func (f *fake) logGroup(_ context.Context, name string) error {
	if !slices.Contains(f.here().groups, name) {
		return errNotFound
	}
	return f.refused("logs:DescribeLogGroups")
}

func (f *fake) topic(_ context.Context, arn string) error {
	if !slices.Contains(f.here().topics, arn) {
		return errNotFound
	}
	return f.refused("sns:GetTopicAttributes")
}

func load(t *testing.T, name string) *config.Config {
	t.Helper()
	cfg, err := config.Load(filepath.Join("testdata", "Pulumi."+name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func roleOf(account, name string) role {
	return role{arn: policydocuments.RoleARN(region, account, name)}
}

// prepared is an organization that is ready for a first up.
func prepared() *world {
	members := func(id string) *account {
		return &account{roles: map[string]role{"TrailkeepDeploy": roleOf(id, "TrailkeepDeploy"), "TrailkeepBreakGlass": roleOf(id, "TrailkeepBreakGlass")}}
	}
	w := &world{
		org:      organization{"o-exampleorg1", management, "ALL"},
		services: []string{"cloudtrail.amazonaws.com"}, policies: []string{"SERVICE_CONTROL_POLICY"},
		accounts: map[string]*account{management: members(management), audit: members(audit), replica: members(replica)},
		refuse:   map[string]bool{},
	}
	w.accounts[management].roles["AWSServiceRoleForCloudTrail"] = roleOf(management, policydocuments.ServiceLinkedRole)
	w.accounts[audit].roles["Responder"] = roleOf(audit, "sso/Responder")
	w.accounts[audit].users = []string{"responder"}
	w.accounts[management].users = []string{"responder"}
	return w
}

// broughtUp is prepared after an up of the configuration.
func broughtUp(cfg *config.Config) *world {
	w := prepared()
	d := Deploy(cfg)
	a := d.Archive
	log := w.accounts[a.AccountID]
	log.buckets = map[string]bucket{
		a.Bucket:          {policy: policydocuments.LogBucket(a).JSON(), versioning: "Enabled", locked: cfg.Archive.Protection == config.ProtectionWORM},
		a.AccessLogBucket: {policy: policydocuments.AccessLogBucket(a).JSON(), versioning: "Enabled"},
	}
	log.aliases = map[string]key{d.LogKeyAlias: {arn: "arn:aws:kms:eu-central-1:" + audit + ":key/1", name: logKeyTag}}
	log.roles["TrailkeepReader"] = role{a.ReaderRoleARN, readerRoleDescription}
	if r := a.Replica; r != nil {
		log.roles["TrailkeepReplication-eu-central-1"] = role{r.RoleARN, replicationRoleText}
		w.accounts[r.AccountID].aliases = map[string]key{d.ReplicaKeyAlias: {arn: r.KeyARN, name: replicaKeyTag}}
		w.accounts[r.AccountID].buckets = map[string]bucket{
			r.Bucket:          {policy: policydocuments.ReplicaBucket(a).JSON(), versioning: "Enabled", locked: true},
			r.AccessLogBucket: {policy: policydocuments.ReplicaAccessLogBucket(a).JSON(), versioning: "Enabled"},
		}
	}
	m := w.accounts[management]
	t := trail{name: cfg.Trail.Name, arn: a.Trail.ARN(), region: region, bucket: a.Bucket, organization: true, counts: true,
		logGroupARN: policydocuments.LogGroupARN(region, management, d.Delivery.LogGroup)}
	if d.Delivery.Topic != "" {
		t.topicARN = policydocuments.TopicARN(region, management, d.Delivery.Topic)
		m.topics = []string{t.topicARN}
	}
	m.trails = []trail{t}
	log.trails = []trail{t}
	if m.aliases == nil {
		m.aliases = map[string]key{}
	}
	m.aliases[d.DeliveryKeyAlias] = key{arn: "arn:aws:kms:eu-central-1:" + management + ":key/2", name: deliveryKeyTag}
	m.groups = []string{d.Delivery.LogGroup}
	m.roles["TrailkeepCloudTrail"] = role{policydocuments.RoleARN(region, management, "TrailkeepCloudTrail"), trailRoleDescription}
	return w
}

func (w *world) as(account, arn string) *fake { return &fake{w, identity{account, arn}} }

func (w *world) deployer(cfg *config.Config) *fake {
	home := (&preflight{cfg: cfg}).home()
	return w.as(home, "arn:aws:sts::"+home+":assumed-role/TrailkeepDeploy/alice")
}

func find(t *testing.T, r Report, id string) Check {
	t.Helper()
	i := slices.IndexFunc(r.Checks, func(c Check) bool { return c.ID == id })
	if i < 0 {
		t.Fatalf("the report has no check %s", id)
	}
	return r.Checks[i]
}

func TestPreparedAndLiveStacksPass(t *testing.T) {
	for _, name := range []string{"default", "worm", "replica", "account"} {
		cfg := load(t, name)
		for state, w := range map[string]*world{"prepared": prepared(), "brought up": broughtUp(cfg)} {
			r := run(t.Context(), cfg, w.deployer(cfg), nil)
			for _, c := range r.Checks {
				if c.Outcome != OK {
					t.Errorf("%s, %s: %s: %s %s: %s", name, state, c.ID, c.Outcome, c.Severity, c.Found)
				}
			}
		}
	}
}

func TestSplitStacks(t *testing.T) {
	archive, trailStack := load(t, "archive"), load(t, "trail")
	w := prepared()
	if r := run(t.Context(), archive, w.deployer(archive), nil); r.Count(OK, "") != len(r.Checks) {
		t.Errorf("archive stack: %+v", r.Checks)
	}
	if c := find(t, run(t.Context(), trailStack, w.deployer(trailStack), nil), "log-bucket"); c.Severity != Error || !strings.Contains(c.Remedy, "archive stack up first") {
		t.Errorf("a trail stack before its archive: %+v", c)
	}
	w = broughtUp(load(t, "default"))
	if r := run(t.Context(), trailStack, w.deployer(trailStack), nil); r.Count(OK, "") != len(r.Checks) {
		t.Errorf("trail stack: %+v", r.Checks)
	}
	w.accounts[management].buckets, w.accounts[audit].buckets = w.accounts[audit].buckets, nil
	if c := find(t, run(t.Context(), trailStack, w.deployer(trailStack), nil), "log-bucket"); c.Severity != Error || !strings.Contains(c.Found, "own account") {
		t.Errorf("a trail stack with its archive in the same account: %+v", c)
	}
}

// TestSituations changes one thing at a time and names the one check that
// notices.
func TestSituations(t *testing.T) {
	other := func(name string) trail {
		return trail{name: name, arn: "arn:aws:cloudtrail:us-east-1:" + management + ":trail/" + name, region: "us-east-1", bucket: "theirs", counts: true}
	}
	type situation struct {
		name, stack string
		live        bool
		change      func(*world, *config.Config)
		caller      string // ARN; the deploy role by default
		known       func(typ, id string) bool
		check       string
		outcome     Outcome
		severity    Severity
		found       string // a part of it
		remedy      string
	}
	nothing := func(string, string) bool { return false }
	for _, s := range []situation{
		{name: "root", caller: "arn:aws:iam::123456789012:root", check: "caller", outcome: Finding, severity: Error, found: "root user", remedy: "sts assume-role"},
		{name: "user", caller: "arn:aws:iam::123456789012:user/alice", check: "caller", outcome: Finding, severity: Error, found: "no session of a role"},
		{name: "another role", caller: "arn:aws:sts::123456789012:assumed-role/Admin/alice", check: "caller", outcome: Finding, severity: Error, found: "role Admin", remedy: "access.deployRole"},
		{name: "another account", caller: "arn:aws:sts::222222222222:assumed-role/TrailkeepDeploy/alice", check: "caller", outcome: Finding, severity: Error, found: "deployed from account 123456789012"},
		{name: "the role has a path", change: func(w *world, _ *config.Config) {
			w.accounts[management].roles["TrailkeepDeploy"] = roleOf(management, "platform/TrailkeepDeploy")
		}, check: "caller", outcome: Finding, severity: Error, found: "role/platform/TrailkeepDeploy", remedy: "set trailkeep:access.deployRole to platform/TrailkeepDeploy"},
		{name: "the role cannot be read", change: func(w *world, _ *config.Config) { w.refuse["iam:GetRole"] = true }, check: "caller", outcome: Unknown, found: "iam:GetRole", remedy: "preflight policy"},
		{name: "no assume", change: func(w *world, _ *config.Config) { w.refuse["sts:AssumeRole"] = true }, check: "audit-account", outcome: Finding, severity: Error, found: "cannot be assumed", remedy: "let it trust"},
		{name: "no assume, what follows", change: func(w *world, _ *config.Config) { w.refuse["sts:AssumeRole"] = true }, check: "log-bucket", outcome: Unknown, found: "cannot be reached"},
		{name: "region", stack: "replica", change: func(w *world, _ *config.Config) { w.regionMissing = "eu-west-1" }, check: "replica-account", outcome: Finding, severity: Error, found: "not enabled", remedy: "aws account enable-region --region-name eu-west-1"},
		{name: "another organization", change: func(w *world, _ *config.Config) { w.org.id = "o-anotherone1" }, check: "organization", outcome: Finding, severity: Error, found: "o-anotherone1", remedy: "organization.id"},
		{name: "no organization", change: func(w *world, _ *config.Config) { w.org = organization{} }, check: "organization", outcome: Finding, severity: Error, found: "no organization"},
		{name: "another manager", change: func(w *world, _ *config.Config) { w.org.managementAccount = "999999999999" }, check: "organization", outcome: Finding, severity: Error, found: "999999999999", remedy: "managementAccount"},
		{name: "billing only", change: func(w *world, _ *config.Config) { w.org.featureSet = "CONSOLIDATED_BILLING" }, check: "all-features", outcome: Finding, severity: Error, found: "CONSOLIDATED_BILLING", remedy: "enable-all-features"},
		{name: "no trust", change: func(w *world, _ *config.Config) { w.services = nil }, check: "trusted-access", outcome: Finding, severity: Error, remedy: "enable-aws-service-access"},
		{name: "no SCPs", change: func(w *world, _ *config.Config) { w.policies = nil }, check: "policy-types", outcome: Finding, severity: Warning, remedy: "enable-policy-type"},
		{name: "no service-linked role", change: func(w *world, _ *config.Config) {
			delete(w.accounts[management].roles, "AWSServiceRoleForCloudTrail")
		}, check: "service-linked-role", outcome: Finding, severity: Error, remedy: "create-service-linked-role"},
		{name: "manage switches off", stack: "replica", change: func(w *world, _ *config.Config) { w.services = append(w.services, "ram.amazonaws.com") },
			check: "managed-organization", outcome: Finding, severity: Warning, found: "switched off: ram.amazonaws.com", remedy: "organization.manage"},
		{name: "manage before the import", stack: "replica", known: nothing, change: func(w *world, _ *config.Config) { w.policies = nil },
			check: "managed-organization", outcome: Finding, severity: Error, found: "switched on: SERVICE_CONTROL_POLICY", remedy: "live lists"},
		{name: "another delegated administrator", change: func(w *world, _ *config.Config) { w.delegated = []string{replica} }, check: "delegated-administrator", outcome: Finding, severity: Warning, found: replica},
		{name: "three delegated administrators", stack: "replica", change: func(w *world, _ *config.Config) { w.delegated = []string{"4", "5", "6"} }, check: "delegated-administrator", outcome: Finding, severity: Error, found: "limit"},
		{name: "delegated, unrecorded", stack: "replica", known: nothing, change: func(w *world, _ *config.Config) { w.delegated = []string{audit} }, check: "delegated-administrator", outcome: Finding, severity: Error, remedy: "pulumi import"},
		{name: "no break-glass", change: func(w *world, _ *config.Config) { delete(w.accounts[audit].roles, "TrailkeepBreakGlass") }, check: "break-glass-role", outcome: Finding, severity: Warning, remedy: "breakGlassRole"},
		{name: "no reader", change: func(w *world, _ *config.Config) { w.accounts[audit].users = nil }, check: "readers", outcome: Finding, severity: Error, found: "user/responder"},
		{name: "a reader elsewhere", change: func(_ *world, c *config.Config) {
			c.Access.Readers = append(c.Access.Readers, "arn:aws:iam::999999999999:role/far")
		}, check: "readers", outcome: Unknown, found: "2 of 3"},
		{name: "Control Tower", change: func(w *world, _ *config.Config) {
			w.accounts[management].trails = []trail{other("aws-controltower-BaselineCloudTrail")}
		}, check: "other-trails", outcome: Finding, severity: Warning, found: "20 USD for each million", remedy: "landing zone"},
		{name: "a data trail", change: func(w *world, _ *config.Config) {
			w.accounts[management].trails = []trail{other("data")}
			w.accounts[management].data = []string{other("data").arn}
		}, check: "other-trails", outcome: OK, found: "data events alone"},
		{name: "a member's trail", change: func(w *world, _ *config.Config) {
			w.accounts[audit].trails = []trail{{name: "mine", arn: "arn:aws:cloudtrail:eu-central-1:222222222222:trail/mine", region: region}}
		}, check: "audit-trails", outcome: Finding, severity: Warning, found: "mine in eu-central-1"},
		{name: "five trails", change: func(w *world, _ *config.Config) {
			for _, n := range []string{"a", "b", "c", "d", "e"} {
				w.accounts[management].trails = append(w.accounts[management].trails, other(n))
			}
		}, check: "trail-limit", outcome: Finding, severity: Error, found: "AWS allows 5"},
		{name: "the trail's name", live: true, change: func(w *world, _ *config.Config) { w.accounts[management].trails[0].bucket = "theirs" }, check: "trail-name", outcome: Finding, severity: Error, found: "theirs", remedy: "trail.name"},
		{name: "the trail, unrecorded", live: true, known: nothing, check: "trail-name", outcome: Finding, severity: Error, found: "does not record", remedy: "pulumi import aws:cloudtrail/trail:Trail trail arn:"},
		{name: "a foreign bucket", change: func(w *world, c *config.Config) {
			w.accounts[replica].buckets = map[string]bucket{c.Archive.BucketName: {}}
		}, check: "log-bucket", outcome: Finding, severity: Error, found: "another account", remedy: "archive.bucketName"},
		{name: "a bucket elsewhere", change: func(w *world, c *config.Config) {
			w.accounts[audit].buckets = map[string]bucket{c.Archive.BucketName: {owner: elsewhere, region: "us-east-1"}}
		}, check: "log-bucket", outcome: Finding, severity: Error, found: "us-east-1"},
		{name: "a bucket of a cut-off run", change: func(w *world, c *config.Config) {
			w.accounts[audit].buckets = map[string]bucket{c.Archive.BucketName: {}}
		}, check: "log-bucket", outcome: Finding, severity: Error, found: "nothing in it says", remedy: "pulumi import"},
		{name: "an unreadable bucket", live: true, change: func(w *world, c *config.Config) {
			w.accounts[audit].buckets[c.Archive.BucketName] = bucket{unread: []*denied{{action: "s3:GetBucketPolicy"}}}
		}, check: "log-bucket", outcome: Unknown, found: "s3:GetBucketPolicy"},
		{name: "the access log bucket, unrecorded", live: true, known: nothing, check: "access-log-bucket", outcome: Finding, severity: Error, remedy: "log-archive-access-logs"},
		{name: "an alias", live: true, change: func(w *world, c *config.Config) {
			w.accounts[audit].aliases["alias/"+c.Archive.BucketName] = key{arn: "k"}
		}, check: "log-key-alias", outcome: Finding, severity: Error},
		{name: "a dying key", live: true, change: func(w *world, c *config.Config) {
			w.accounts[audit].aliases["alias/"+c.Archive.BucketName] = key{arn: "k", name: logKeyTag, pendingDeletion: true}
		}, check: "log-key-alias", outcome: Finding, severity: Error, found: "deletion is scheduled", remedy: "cancel-key-deletion"},
		{name: "a reader role", change: func(w *world, _ *config.Config) {
			w.accounts[audit].roles["TrailkeepReader"] = roleOf(audit, "TrailkeepReader")
		}, check: "reader-role", outcome: Finding, severity: Error, remedy: "archive.readerRole"},
		{name: "a trail role", change: func(w *world, _ *config.Config) {
			w.accounts[management].roles["TrailkeepCloudTrail"] = roleOf(management, "TrailkeepCloudTrail")
		}, check: "trail-role", outcome: Finding, severity: Error},
		{name: "a log group", change: func(w *world, c *config.Config) { w.accounts[management].groups = []string{c.Trail.LogGroup.Name} }, check: "log-group", outcome: Finding, severity: Error, remedy: "trail.logGroup.name"},
		{name: "a topic", stack: "replica", change: func(w *world, c *config.Config) {
			w.accounts[management].topics = []string{policydocuments.TopicARN(region, management, c.Trail.Name+"-delivery")}
		}, check: "delivery-topic", outcome: Finding, severity: Error},
		{name: "locked, and mfa-delete asked for", live: true, change: func(w *world, c *config.Config) {
			b := w.accounts[audit].buckets[c.Archive.BucketName]
			b.locked = true
			w.accounts[audit].buckets[c.Archive.BucketName] = b
		}, check: "object-lock", outcome: Finding, severity: Error, found: "refused", remedy: "archive.protection to worm"},
		{name: "unlocked, and worm asked for", stack: "worm", live: true, change: func(w *world, c *config.Config) {
			b := w.accounts[audit].buckets[c.Archive.BucketName]
			b.locked = false
			w.accounts[audit].buckets[c.Archive.BucketName] = b
		}, check: "object-lock", outcome: Finding, severity: Error, found: "refused", remedy: "archive.protection to mfa-delete"},
		{name: "an unlocked replica", stack: "replica", live: true, change: func(w *world, c *config.Config) {
			b := w.accounts[replica].buckets[c.Archive.Replica.BucketName]
			b.locked = false
			w.accounts[replica].buckets[c.Archive.Replica.BucketName] = b
		}, check: "replica-object-lock", outcome: Finding, severity: Error, found: "always locked"},
		{name: "a stranger's lock", change: func(w *world, c *config.Config) {
			w.accounts[audit].buckets = map[string]bucket{c.Archive.BucketName: {locked: true}}
		}, check: "object-lock", outcome: OK, found: "see above"},
		{name: "MFA delete off", live: true, check: "mfa-delete", outcome: OK, found: "off", remedy: "MFADelete=Enabled"},
		{name: "MFA delete on", live: true, change: func(w *world, c *config.Config) {
			b := w.accounts[audit].buckets[c.Archive.BucketName]
			b.mfaDelete = true
			w.accounts[audit].buckets[c.Archive.BucketName] = b
		}, check: "mfa-delete", outcome: OK, found: "on"},
	} {
		t.Run(s.name, func(t *testing.T) {
			stack := s.stack
			if stack == "" {
				stack = "default"
			}
			cfg := load(t, stack)
			w := prepared()
			if s.live {
				w = broughtUp(cfg)
			}
			if s.change != nil {
				s.change(w, cfg)
			}
			caller := w.deployer(cfg)
			if s.caller != "" {
				caller = w.as(strings.Split(s.caller, ":")[4], s.caller)
			}
			c := find(t, run(t.Context(), cfg, caller, s.known), s.check)
			if c.Outcome != s.outcome || c.Severity != s.severity || !strings.Contains(c.Found, s.found) || !strings.Contains(c.Remedy, s.remedy) {
				t.Errorf("%s is %s %s\nfound:  %s\nremedy: %s", c.ID, c.Outcome, c.Severity, c.Found, c.Remedy)
			}
			if (c.Outcome == Finding || c.Outcome == Unknown) && c.Remedy == "" && c.Found != "the account cannot be reached, see above" {
				t.Errorf("%s is a finding without a remedy: %s", c.ID, c.Found)
			}
		})
	}
}

func TestRecordedIsNoFinding(t *testing.T) {
	cfg := load(t, "replica")
	w := broughtUp(cfg)
	w.delegated = []string{audit}
	// Nothing of it would be recognized by its settings.
	for _, a := range w.accounts {
		for name, b := range a.buckets {
			b.policy = ""
			a.buckets[name] = b
		}
		for name, k := range a.aliases {
			k.name = ""
			a.aliases[name] = k
		}
	}
	r := run(t.Context(), cfg, w.deployer(cfg), func(string, string) bool { return true })
	for _, c := range r.Checks {
		if c.Outcome != OK {
			t.Errorf("%s: %s: %s", c.ID, c.Outcome, c.Found)
		}
	}
}

func TestDisposableHasNoProtection(t *testing.T) {
	cfg := load(t, "default")
	cfg.Disposable = true
	r := run(t.Context(), cfg, broughtUp(cfg).deployer(cfg), nil)
	if slices.ContainsFunc(r.Checks, func(c Check) bool { return c.ID == "object-lock" || c.ID == "mfa-delete" }) {
		t.Error("a disposable stack is asked for its protection")
	}
}

func TestText(t *testing.T) {
	cfg := load(t, "default")
	w := broughtUp(cfg)
	w.policies = nil
	w.accounts[audit].users = nil
	w.refuse["organizations:ListDelegatedAdministrators"] = true
	for name, world := range map[string]*world{"well": broughtUp(cfg), "findings": w} {
		var b strings.Builder
		if err := run(t.Context(), cfg, world.deployer(cfg), nil).Text(&b, 120, false); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", b.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", path, got)
	}
}

func TestMentions(t *testing.T) {
	policy := awspolicy.Document{Statements: []awspolicy.Statement{{
		Effect: awspolicy.Allow, Actions: []string{"s3:PutObject"}, Resources: []string{"arn:aws:s3:::a/*"}, Principal: &awspolicy.Principal{Everyone: true},
		Conditions: []awspolicy.Condition{{Operator: "StringEquals", Key: "aws:SourceArn", Values: []string{"arn:x"}}},
	}}}.JSON()
	if !mentions(policy, "arn:x") || mentions(policy, "arn:y") || mentions(policy, "arn:aws:s3:::a/*") || mentions("", "") || mentions("{", "arn:x") {
		t.Error("a policy mentions what its conditions name, and nothing else")
	}
}
