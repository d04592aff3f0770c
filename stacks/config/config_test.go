package config

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files and the published schema")

// golden compares what a test made with a file under testdata or, with -update,
// writes it there.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is out of date; after a look at the difference run go test ./stacks/config -update (-want +got):\n%s", path, diff)
	}
}

// write puts a stack file into a folder of its own and returns its path.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "Pulumi.test.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// block is one top-level key of a stack file with its lines.
type block struct{ key, lines string }

// base returns the smallest stack file of a kind, as blocks that a case
// replaces one by one.
func base(stack Stack) []block {
	organization := block{"organization", `  trailkeep:organization:
    id: o-exampleorg1
    managementAccount: "123456789012"
    auditAccount: "222222222222"
`}
	access := block{"access", `  trailkeep:access:
    readers: ["arn:aws:iam::222222222222:role/Responder"]
`}
	region := block{"region", "  trailkeep:region: eu-central-1\n"}
	kind := block{"stack", "  trailkeep:stack: " + string(stack) + "\n"}
	switch stack {
	case StackArchive:
		return []block{kind, region, organization, access}
	case StackTrail:
		return []block{kind, region, organization, {"trail", `  trailkeep:trail:
    logKeyArn: arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555
`}}
	case StackAccount:
		return []block{kind, region, {"account", "  trailkeep:account: \"333333333333\"\n"}, {"access", `  trailkeep:access:
    readers: ["arn:aws:iam::333333333333:user/responder"]
`}}
	default:
		return []block{region, organization, access}
	}
}

// stackFile returns the smallest stack file of a kind with some blocks replaced
// or added; lines that name no key are added as they are.
func stackFile(stack Stack, changes ...string) string {
	blocks := base(stack)
	for _, change := range changes {
		change = strings.Trim(change, "\n") + "\n"
		key, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimLeft(change, " "), "trailkeep:"), ":")
		replaced := false
		for i := range blocks {
			if blocks[i].key == key {
				blocks[i].lines, replaced = change, true
			}
		}
		if !replaced {
			blocks = append(blocks, block{key, change})
		}
	}
	var b strings.Builder
	b.WriteString("config:\n")
	for _, block := range blocks {
		b.WriteString(block.lines)
	}
	return b.String()
}

func TestGoodStackFiles(t *testing.T) {
	account := Config{
		Stack: StackAccount, Region: "us-gov-west-1", Account: "012345678901",
		Access: Access{DeployRole: "TrailkeepDeploy", BreakGlassRole: "ops/Rescue", Readers: []string{"arn:aws-us-gov:iam::012345678901:user/ops/responder"}},
		Archive: Archive{
			BucketName: "trailkeep-log-archive-012345678901-us-gov-west-1", Protection: ProtectionWORM, CompliancePeriodYears: 7,
			ObjectLock: ObjectLock{Mode: "GOVERNANCE", RetentionYears: 7, ExpirationDays: 7*366 + 30},
			AccessLogs: AccessLogs{BucketName: "trailkeep-access-logs-012345678901-us-gov-west-1", RetentionDays: 7 * 366},
			ReaderRole: "TrailkeepReader",
		},
		Trail:      Trail{Name: "account-trail", LogGroup: LogGroup{Name: "/aws/cloudtrail/account-trail", RetentionDays: 365}},
		Disposable: true,
	}
	tests := map[string]Config{
		"organization": {
			Stack: StackOrganization, Region: "eu-central-1",
			Organization: &Organization{ID: "o-exampleorg1", ManagementAccount: "123456789012", AuditAccount: "222222222222",
				Manage: &ManagedOrganization{
					ServiceAccess: []string{"cloudtrail.amazonaws.com", "member.org.stacksets.cloudformation.amazonaws.com"},
					PolicyTypes:   []string{"SERVICE_CONTROL_POLICY"},
				}, DelegatedAdministrator: true},
			Access: Access{DeployRole: "platform/Deploy", BreakGlassRole: "TrailkeepBreakGlass", Readers: []string{"arn:aws:iam::222222222222:role/Responder"}},
			Archive: Archive{
				BucketName: "example-logs", Prefix: "org/trail", Protection: ProtectionMFADelete, CompliancePeriodYears: 3,
				ObjectLock: ObjectLock{Mode: "COMPLIANCE", RetentionYears: 4, ExpirationDays: 1500, AcknowledgeCompliance: true},
				Replica:    &Replica{Region: "eu-west-1", Account: "444444444444", BucketName: "trailkeep-log-replica-444444444444-eu-west-1"},
				AccessLogs: AccessLogs{BucketName: "trailkeep-access-logs-222222222222-eu-central-1", RetentionDays: 400},
				ReaderRole: "LogReader",
			},
			Trail: Trail{
				Name: "org", LogGroup: LogGroup{Name: "trail/events", RetentionDays: 90},
				Insights: []string{"ApiCallRateInsight"},
				DataEvents: []DataEvent{
					{Name: "payroll", Type: "AWS::S3::Object", ReadWrite: "all", ARNPrefixes: []string{"arn:aws:s3:::payroll/", "arn:aws:s3:::payroll-backup/2026/"}},
					{Name: "functions", Type: "AWS::Lambda::Function", ReadWrite: "write", AcknowledgeCost: true},
					{Name: "new", Type: "AWS::Brand::New", ReadWrite: "read", ARNPrefixes: []string{"arn:aws:brand:eu-central-1:333333333333:thing/"}},
				},
				DeliveryTopic: true,
			},
			Tags: map[string]string{"owner": "security", "cost:center": "42"},
		},
		"archive": {
			Stack: StackArchive, Region: "eu-central-1",
			Organization: &Organization{ID: "o-exampleorg1", ManagementAccount: "123456789012", AuditAccount: "222222222222"},
			Access:       Access{DeployRole: "TrailkeepDeploy", BreakGlassRole: "TrailkeepBreakGlass", Readers: []string{"arn:aws:iam::222222222222:role/Responder"}},
			Archive: Archive{
				BucketName: "trailkeep-log-archive-222222222222-eu-central-1", Protection: ProtectionMFADelete, CompliancePeriodYears: 3,
				ObjectLock: ObjectLock{Mode: "GOVERNANCE", RetentionYears: 3, ExpirationDays: 3*366 + 30},
				Replica:    &Replica{Region: "eu-central-1", Account: "444444444444", BucketName: "trailkeep-log-replica-444444444444-eu-central-1"},
				AccessLogs: AccessLogs{BucketName: "trailkeep-access-logs-222222222222-eu-central-1", RetentionDays: 3 * 366},
				ReaderRole: "TrailkeepReader",
			},
			Trail: Trail{Name: "organization-trail"},
		},
		"trail": {
			Stack: StackTrail, Region: "eu-central-1",
			Organization: &Organization{ID: "o-exampleorg1", ManagementAccount: "123456789012", AuditAccount: "222222222222"},
			Access:       Access{DeployRole: "TrailkeepDeploy", BreakGlassRole: "TrailkeepBreakGlass"},
			Archive: Archive{
				BucketName: "trailkeep-log-archive-222222222222-eu-central-1", Prefix: "org",
				Replica:    &Replica{Region: "eu-west-1", Account: "222222222222", BucketName: "trailkeep-log-replica-222222222222-eu-west-1"},
				AccessLogs: AccessLogs{BucketName: "trailkeep-access-logs-222222222222-eu-central-1"},
			},
			Trail: Trail{
				Name: "organization-trail", LogGroup: LogGroup{Name: "/aws/cloudtrail/organization-trail", RetentionDays: 365},
				ArchiveStack: "organization/trailkeep/archive",
			},
		},
		"account": account,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", "good", "Pulumi."+name+".yaml")
			got, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := validate(t, path); err != nil {
				t.Errorf("the published schema refuses it: %v", err)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	c, err := Load(write(t, stackFile(StackOrganization)))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Stack: StackOrganization, Region: "eu-central-1",
		Organization: &Organization{ID: "o-exampleorg1", ManagementAccount: "123456789012", AuditAccount: "222222222222"},
		Access:       Access{DeployRole: "TrailkeepDeploy", BreakGlassRole: "TrailkeepBreakGlass", Readers: []string{"arn:aws:iam::222222222222:role/Responder"}},
		Archive: Archive{
			BucketName: "trailkeep-log-archive-222222222222-eu-central-1", Protection: ProtectionMFADelete, CompliancePeriodYears: 3,
			ObjectLock: ObjectLock{Mode: "GOVERNANCE", RetentionYears: 3, ExpirationDays: 1128},
			AccessLogs: AccessLogs{BucketName: "trailkeep-access-logs-222222222222-eu-central-1", RetentionDays: 1098},
			ReaderRole: "TrailkeepReader",
		},
		Trail: Trail{Name: "organization-trail", LogGroup: LogGroup{Name: "/aws/cloudtrail/organization-trail", RetentionDays: 365}},
	}
	if diff := cmp.Diff(&want, c); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, want := c.TrailARN(), "arn:aws:cloudtrail:eu-central-1:123456789012:trail/organization-trail"; got != want {
		t.Errorf("TrailARN() = %q, want %q", got, want)
	}
	if c.LogAccount() != "222222222222" || c.TrailAccount() != "123456789012" || c.Partition() != "aws" {
		t.Errorf("accounts %s and %s, partition %s", c.LogAccount(), c.TrailAccount(), c.Partition())
	}
	wantBuckets := []string{"trailkeep-log-archive-222222222222-eu-central-1", "trailkeep-access-logs-222222222222-eu-central-1"}
	if diff := cmp.Diff(wantBuckets, c.LogBuckets()); diff != "" {
		t.Errorf("LogBuckets -want +got:\n%s", diff)
	}
}

func TestAccountStackHasOneAccount(t *testing.T) {
	c, err := Load(write(t, stackFile(StackAccount, "  trailkeep:region: cn-north-1\n", "  trailkeep:access:\n    readers: [\"arn:aws-cn:iam::333333333333:role/R\"]\n")))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.TrailARN(), "arn:aws-cn:cloudtrail:cn-north-1:333333333333:trail/account-trail"; got != want {
		t.Errorf("TrailARN() = %q, want %q", got, want)
	}
	if c.LogAccount() != "333333333333" || c.TrailAccount() != "333333333333" {
		t.Errorf("accounts %s and %s, want 333333333333 twice", c.LogAccount(), c.TrailAccount())
	}
}

// The longest names that the defaults can make are still names that AWS takes.
func TestDefaultNamesFitEveryRegion(t *testing.T) {
	for _, region := range Regions() {
		for _, kind := range []string{"archive", "replica"} {
			if name := "trailkeep-log-" + kind + "-222222222222-" + region; checkBucket(name) != nil {
				t.Errorf("%s: %s", name, checkBucket(name).message)
			}
		}
		if name := "trailkeep-access-logs-222222222222-" + region; checkBucket(name) != nil {
			t.Errorf("%s: %s", name, checkBucket(name).message)
		}
	}
}
