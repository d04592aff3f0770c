package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// badFile is a stack file with mistakes. The exact messages stand in
// testdata/problems.golden, which is read in review.
type badFile struct {
	name    string
	stack   Stack
	changes []string // see stackFile
	raw     string   // the whole file, instead
	problem int      // how many problems are reported
	// schema says that the published schema refuses the file too; what it
	// can't express is a relation between values or a rule of S3's or IAM's.
	schema bool
}

const schemaSeesIt, schemaBlind = true, false

// key is a case of an organization stack.
func key(name string, problems int, schema bool, changes ...string) badFile {
	return badFile{name: name, stack: StackOrganization, changes: changes, problem: problems, schema: schema}
}

func region(value string) string { return "  trailkeep:region: " + value }

func archive(lines ...string) string {
	return "  trailkeep:archive:\n    " + strings.Join(lines, "\n    ")
}
func trail(lines ...string) string { return "  trailkeep:trail:\n    " + strings.Join(lines, "\n    ") }
func access(lines ...string) string {
	return "  trailkeep:access:\n    readers: [\"arn:aws:iam::222222222222:role/Responder\"]\n    " + strings.Join(lines, "\n    ")
}
func reader(arns ...string) string {
	return "  trailkeep:access:\n    readers:\n      - " + strings.Join(arns, "\n      - ")
}
func organization(management, audit string, lines ...string) string {
	return fmt.Sprintf("  trailkeep:organization:\n    id: o-exampleorg1\n    managementAccount: %s\n    auditAccount: %s\n    %s",
		management, audit, strings.Join(lines, "\n    "))
}
func dataEvent(lines ...string) string {
	return trail("dataEvents:", "  - name: objects", "    "+strings.Join(lines, "\n        "))
}

const (
	management = `"123456789012"`
	audit      = `"222222222222"`
)

func badFiles() []badFile {
	many := make([]string, 251)
	for i := range many {
		many[i] = fmt.Sprintf("arn:aws:lambda:eu-central-1:333333333333:function:f%03d", i)
	}
	selector := func(name string) string {
		return fmt.Sprintf("  - {name: %s, type: AWS::Lambda::Function, arnPrefixes: [%s]}", name, strings.Join(many, ", "))
	}
	tags := make([]string, 51)
	for i := range tags {
		tags[i] = fmt.Sprintf("    key%02d: value", i)
	}
	return []badFile{
		// Keys.
		key("unknown group", 1, schemaSeesIt, "  trailkeep:archve:\n    prefix: x"),
		key("unknown key with a near sibling", 1, schemaSeesIt, archive("bucketname: logs")),
		key("unknown key whose near key lies deeper", 1, schemaSeesIt, archive("retension: 5")),
		key("unknown key that belongs into another group", 1, schemaSeesIt, archive("logGroup: {name: x}")),
		key("unknown key with nothing near", 1, schemaSeesIt, trail("zebra: 1")),
		key("unknown key three levels deep", 1, schemaSeesIt, archive("protection: worm", "objectLock:", "  mod: GOVERNANCE")),
		key("unknown key in an element", 1, schemaSeesIt, dataEvent("type: AWS::S3::Object", "arnPrefix: [x]", "acknowledgeCost: true")),
		key("key of the provider's namespace", 2, schemaSeesIt, "  aws:region: eu-central-1\n  aws:profile: audit"),
		key("misspelt namespace", 1, schemaBlind, "  trailkep:archive:\n    prefix: x"),
		key("key without a value", 1, schemaSeesIt, archive("prefix:")),
		key("group without a value", 1, schemaSeesIt, "  trailkeep:tags:"),
		key("merged group", 1, schemaBlind, access("<<: {deployRole: Deploy}")),
		key("key twice in a group", 1, schemaSeesIt, archive("prefix: a", "protection: worm", "prefix: b")),
		key("key with and without namespace", 1, schemaSeesIt, "  trailkeep:tags: {a: b}\n  tags: {a: c}"),
		key("encrypted value", 1, schemaSeesIt, archive("prefix:", "  secure: v1:abc:def")),
		{name: "groups beside config", raw: "trailkeep:region: eu-central-1\nconfig:\n  trailkeep:stack: account\nencryptionSalt: x\n", problem: 5, schema: schemaSeesIt},

		// Types.
		key("text where a group belongs", 1, schemaSeesIt, "  trailkeep:archive: locked"),
		key("list where a group belongs", 1, schemaSeesIt, archive("objectLock: [GOVERNANCE]", "protection: worm")),
		key("group where a list belongs", 1, schemaSeesIt, trail("dataEvents: {name: a}")),
		key("text where an element belongs", 1, schemaSeesIt, trail("dataEvents: [AWS::S3::Object]")),
		key("group where text belongs", 1, schemaSeesIt, archive("bucketName: {name: logs}")),
		key("text where a number belongs", 2, schemaSeesIt, archive(`compliancePeriodYears: "3"`, "accessLogs: {retentionDays: long}")),
		key("numbers that are no plain whole numbers", 2, schemaBlind, archive("compliancePeriodYears: 0x3", "accessLogs: {retentionDays: 1_000}")),
		key("numbers out of range", 3, schemaSeesIt, archive("compliancePeriodYears: 0", "accessLogs: {retentionDays: 99999999999999999999}", "protection: worm", "objectLock: {expirationDays: 1.5}")),
		key("words that are not true or false", 3, schemaSeesIt, trail("deliveryTopic: yes"), "  trailkeep:disposable: maybe", organization(management, audit, `delegatedAdministrator: "true"`)),
		key("boolean and date where text belongs", 2, schemaSeesIt, archive("bucketName: true", "readerRole: 2026-01-01")),

		// Kinds.
		key("unknown stack kind", 1, schemaSeesIt, "  trailkeep:stack: organisation"),
		key("region missing", 1, schemaSeesIt, "  trailkeep:region: \"\""),
		{name: "nothing but a kind", raw: "config:\n  trailkeep:stack: organization\n", problem: 3, schema: schemaSeesIt},
		{name: "organization in an account stack", stack: StackAccount, changes: []string{organization(management, audit)}, problem: 1, schema: schemaSeesIt},
		key("account in an organization stack", 1, schemaSeesIt, "  trailkeep:account: \"333333333333\""),
		{name: "account missing", stack: StackAccount, changes: []string{"  trailkeep:account: \"\""}, problem: 1, schema: schemaSeesIt},
		{name: "trail's keys in an archive stack", stack: StackArchive, problem: 5, schema: schemaSeesIt, changes: []string{
			trail("name: org", "logGroup: {retentionDays: 30}", "insights: [ApiCallRateInsight]", "deliveryTopic: true"),
			organization(management, audit, "delegatedAdministrator: true", "manage: {serviceAccess: [cloudtrail.amazonaws.com], policyTypes: []}")}},
		{name: "archive's keys in a trail stack", stack: StackTrail, problem: 6, schema: schemaSeesIt, changes: []string{
			access(), archive("bucketName: logs", "protection: worm", "compliancePeriodYears: 5", "objectLock: {retentionYears: 5}", "accessLogs: {bucketName: logs-access, retentionDays: 9}", "readerRole: R")}},
		{name: "log key and archive stack both", stack: StackTrail, problem: 1, schema: schemaBlind, changes: []string{
			trail("logKeyArn: arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555", "archiveStack: o/trailkeep/archive")}},
		{name: "log key and archive stack neither", stack: StackTrail, problem: 1, schema: schemaBlind, changes: []string{trail("name: org")}},
		key("log key outside a trail stack", 1, schemaSeesIt, trail("logKeyArn: arn:aws:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555")),
		{name: "log key by alias", stack: StackTrail, problem: 1, schema: schemaSeesIt, changes: []string{trail("logKeyArn: arn:aws:kms:eu-central-1:222222222222:alias/trailkeep")}},
		{name: "log key in another region", stack: StackTrail, problem: 1, schema: schemaBlind, changes: []string{trail("logKeyArn: arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555")}},
		{name: "log key in the management account", stack: StackTrail, problem: 1, schema: schemaBlind, changes: []string{trail("logKeyArn: arn:aws:kms:eu-central-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef")}},
		{name: "log key in another partition", stack: StackTrail, problem: 1, schema: schemaBlind, changes: []string{trail("logKeyArn: arn:aws-cn:kms:eu-central-1:222222222222:key/11111111-2222-3333-4444-555555555555")}},
		{name: "log key that is no ARN", stack: StackTrail, problem: 1, schema: schemaSeesIt, changes: []string{trail("logKeyArn: 11111111-2222-3333-4444-555555555555")}},
		{name: "archive stack that is no reference", stack: StackTrail, problem: 1, schema: schemaSeesIt, changes: []string{trail("archiveStack: archive")}},

		// Accounts, organization, region.
		key("account ids without quotes", 2, schemaSeesIt, organization("012345678901", "222222222222")),
		key("account ids of the wrong length", 2, schemaSeesIt, organization(`"2222"`, `"1234-5678-9012"`)),
		key("management account as audit account", 1, schemaBlind, organization(management, management)),
		key("organization id", 1, schemaSeesIt, "  trailkeep:organization:\n    id: r-abcd\n    managementAccount: "+management+"\n    auditAccount: "+audit),
		key("region misspelt", 1, schemaSeesIt, region("eu-central-l")),
		key("availability zone", 1, schemaSeesIt, region("eu-central-1a")),
		key("region as a place", 1, schemaSeesIt, region("Frankfurt")),
		key("trusted access without CloudTrail", 1, schemaBlind, organization(management, audit, "manage: {serviceAccess: [config.amazonaws.com], policyTypes: []}")),
		key("managed organization without its lists", 2, schemaSeesIt, organization(management, audit, "manage: {}")),
		key("managed organization with wrong lists", 4, schemaSeesIt, organization(management, audit, "manage:",
			"  serviceAccess: [cloudtrail.amazonaws.com, cloudtrail.amazonaws.com, cloudtrail]", "  policyTypes: [SERVICE_CONTROL_POLICIES, SERVICE_CONTROL_POLICY, SERVICE_CONTROL_POLICY]")),

		// Roles and readers.
		key("no readers", 1, schemaSeesIt, "  trailkeep:access: {deployRole: Deploy}"),
		key("empty readers", 1, schemaSeesIt, "  trailkeep:access: {readers: []}"),
		key("readers that stand for many", 5, schemaSeesIt, reader(`"222222222222"`, "arn:aws:iam::222222222222:root", "arn:aws:iam::222222222222:role/*", "arn:aws:iam::222222222222:group/Auditors", `"*"`)),
		key("readers that are sessions", 2, schemaSeesIt, reader("arn:aws:sts::222222222222:assumed-role/Responder/alice", "arn:aws:sts::222222222222:federated-user/alice")),
		key("readers with wrong ARNs", 4, schemaSeesIt, reader("arn:aws:iam::2222:role/Responder", "arn:aws:s3:::logs", "arn:aws:iam::222222222222:role/", "Responder")),
		key("reader twice", 1, schemaSeesIt, reader("arn:aws:iam::222222222222:role/Responder", "arn:aws:iam::222222222222:role/Responder")),
		key("reader of another partition", 1, schemaBlind, reader("arn:aws-cn:iam::222222222222:role/Responder")),
		key("roles by ARN and with a leading slash", 2, schemaSeesIt, access("deployRole: arn:aws:iam::222222222222:role/Deploy", "breakGlassRole: /ops/Rescue")),
		key("role with a wildcard", 2, schemaSeesIt, access("deployRole: Deploy*", "breakGlassRole: Break Glass")),
		key("deploy role as break-glass role", 1, schemaBlind, access("deployRole: ops/Deploy", "breakGlassRole: deploy")),
		key("default break-glass role as deploy role", 1, schemaBlind, access("deployRole: TrailkeepBreakGlass")),
		key("reader role as deploy role", 1, schemaBlind, archive("readerRole: TrailkeepDeploy")),
		key("reader role with a path", 1, schemaSeesIt, archive("readerRole: ops/Reader")),

		// Buckets.
		key("bucket names that S3 refuses", 1, schemaSeesIt, archive("bucketName: Audit_Logs")),
		key("bucket name too short", 1, schemaSeesIt, archive("bucketName: ab")),
		key("bucket name too long", 1, schemaSeesIt, archive("bucketName: "+strings.Repeat("a", 64))),
		key("bucket name with a dot", 1, schemaSeesIt, archive("bucketName: logs.example.com")),
		key("bucket name like an address", 1, schemaSeesIt, archive("bucketName: 192.168.5.4")),
		key("bucket name by ARN", 1, schemaSeesIt, archive("bucketName: arn:aws:s3:::logs")),
		key("bucket name by URL", 1, schemaSeesIt, archive("bucketName: s3://logs")),
		key("bucket names with reserved beginnings and ends", 3, schemaBlind, archive("bucketName: amzn-s3-demo-bucket", "accessLogs: {bucketName: xn--logs}", "replica: {region: eu-west-1, bucketName: logs--x-s3}")),
		key("one name for two buckets", 1, schemaBlind, archive("bucketName: logs", "accessLogs: {bucketName: logs}")),
		key("the default name of another bucket", 1, schemaBlind, archive("bucketName: trailkeep-access-logs-222222222222-eu-central-1")),
		key("replica with the archive's name", 1, schemaBlind, archive("bucketName: logs", "replica: {region: eu-west-1, bucketName: logs}")),
		key("replica in the region of the archive", 1, schemaBlind, archive("replica: {region: eu-central-1}")),
		key("replica in the management account", 1, schemaBlind, archive("replica: {region: eu-west-1, account: \"123456789012\"}")),
		key("replica in another partition", 1, schemaBlind, archive("replica: {region: cn-north-1}")),
		key("replica without a region", 1, schemaSeesIt, archive("replica: {account: \"444444444444\"}")),
		key("prefix with slashes at its ends", 1, schemaSeesIt, archive("prefix: /org/")),
		key("prefix with a policy variable", 1, schemaSeesIt, archive("prefix: logs/${aws:username}")),
		key("prefix with a folder's dots", 1, schemaBlind, archive("prefix: logs/../other")),
		key("prefix too long", 1, schemaSeesIt, archive("prefix: "+strings.Repeat("p", 201))),

		// Protection and retention.
		key("unknown protection", 1, schemaSeesIt, archive("protection: mfa_delete")),
		key("retention below the compliance period", 1, schemaBlind, archive("protection: worm", "compliancePeriodYears: 7", "objectLock: {retentionYears: 3}")),
		key("expiry within the retention", 1, schemaBlind, archive("protection: worm", "objectLock: {retentionYears: 3, expirationDays: 1096}")),
		key("object lock beside MFA delete", 1, schemaBlind, archive("objectLock: {retentionYears: 5}")),
		key("COMPLIANCE without acknowledgement", 1, schemaBlind, archive("protection: worm", "objectLock: {mode: COMPLIANCE}")),
		key("disposable beside COMPLIANCE", 1, schemaBlind, archive("protection: worm", "objectLock: {mode: COMPLIANCE, acknowledgeCompliance: true}"), "  trailkeep:disposable: true"),

		// Trail and log group.
		key("trail name with neighbouring marks", 1, schemaSeesIt, trail("name: org--trail")),
		key("trail name that ends with a mark", 1, schemaSeesIt, trail("name: trail-")),
		key("trail name with spaces", 1, schemaSeesIt, trail("name: our trail")),
		key("trail name too short", 1, schemaBlind, trail("name: ct")),
		key("trail name too long", 1, schemaSeesIt, trail("name: "+strings.Repeat("t", 129))),
		key("trail name like an address", 1, schemaBlind, trail("name: 10.0.0.1")),
		key("log group name", 1, schemaBlind, trail("logGroup: {name: aws/cloudtrail}")),
		key("log group name with a space", 1, schemaSeesIt, trail(`logGroup: {name: "our trail"}`)),
		key("log group retention", 1, schemaSeesIt, trail("logGroup: {retentionDays: 1000}")),
		key("unknown and double insight", 2, schemaSeesIt, trail("insights: [ApiCallRate, ApiErrorRateInsight, ApiErrorRateInsight]")),

		// Data events.
		key("everything without acknowledgement", 1, schemaBlind, dataEvent("type: AWS::S3::Object")),
		key("everything by an empty list", 1, schemaBlind, dataEvent("type: AWS::S3::Object", "arnPrefixes: []")),
		key("resource type misspelt", 1, schemaBlind, dataEvent("type: AWS::S3::Objects", "acknowledgeCost: true")),
		key("resource type of the wrong form", 1, schemaSeesIt, dataEvent("type: s3", "acknowledgeCost: true")),
		key("element without name and type", 2, schemaSeesIt, trail("dataEvents:", "  - acknowledgeCost: true")),
		key("element with a wrong readWrite", 1, schemaSeesIt, dataEvent("type: AWS::S3::Object", "readWrite: readonly", "acknowledgeCost: true")),
		key("prefix that ends within the bucket's name", 1, schemaBlind, dataEvent("type: AWS::S3::Object", "arnPrefixes: [\"arn:aws:s3:::payroll\"]")),
		key("prefix that ends before the name", 2, schemaBlind, dataEvent("type: AWS::Lambda::Function", "arnPrefixes: [\"arn:aws:lambda:eu-central-1:333333333333:\", \"arn:aws:lambda\"]")),
		key("prefix of another service", 1, schemaBlind, dataEvent("type: AWS::Lambda::Function", "arnPrefixes: [\"arn:aws:s3:::payroll/\"]")),
		key("prefix of another partition", 1, schemaBlind, dataEvent("type: AWS::S3::Object", "arnPrefixes: [\"arn:aws-cn:s3:::payroll/\"]")),
		key("prefix with region in an object's ARN", 1, schemaBlind, dataEvent("type: AWS::S3::Object", "arnPrefixes: [\"arn:aws:s3:eu-central-1::payroll/\"]")),
		key("prefix with a misspelt region or account", 2, schemaBlind, dataEvent("type: AWS::DynamoDB::Table", "arnPrefixes: [\"arn:aws:dynamodb:eu-central-l:333333333333:table/t\", \"arn:aws:dynamodb:eu-central-1:3333:table/t\"]")),
		key("prefix with a wildcard", 1, schemaBlind, dataEvent("type: AWS::S3::Object", "arnPrefixes: [\"arn:aws:s3:::payroll/*\"]")),
		key("prefix that is no ARN", 1, schemaSeesIt, dataEvent("type: AWS::S3::Object", "arnPrefixes: [payroll/]")),
		key("ARN prefix too long", 1, schemaSeesIt, dataEvent("type: AWS::S3::Object", "arnPrefixes: [\"arn:aws:s3:::payroll/"+strings.Repeat("x", 2048)+"\"]")),
		key("prefix twice", 1, schemaSeesIt, dataEvent("type: AWS::S3::Object", "arnPrefixes: [\"arn:aws:s3:::payroll/\", \"arn:aws:s3:::payroll/\"]")),
		key("prefix and name in two elements", 2, schemaBlind, trail("dataEvents:",
			"  - {name: a, type: AWS::S3::Object, arnPrefixes: [\"arn:aws:s3:::payroll/\"]}",
			"  - {name: a, type: AWS::S3::Object, arnPrefixes: [\"arn:aws:s3:::payroll/\"]}")),
		key("data events on the log buckets", 3, schemaBlind, archive("bucketName: logs", "replica: {region: eu-west-1, bucketName: logs-copy}"), dataEvent("type: AWS::S3::Object",
			"arnPrefixes: [\"arn:aws:s3:::logs/\", \"arn:aws:s3:::logs-copy/AWSLogs/\", \"arn:aws:s3:::trailkeep-access-logs-222222222222-eu-central-1/\", \"arn:aws:s3:::logs-of-others/\"]")),
		key("too many values", 1, schemaBlind, trail("dataEvents:", selector("a"), strings.ReplaceAll(selector("b"), "function:f", "function:g"))),

		// Tags.
		key("tags that AWS keeps for itself", 1, schemaSeesIt, "  trailkeep:tags:\n    AWS:owner: me"),
		key("tags with wrong characters, values and lengths", 4, schemaSeesIt, "  trailkeep:tags:\n    a?: b\n    c: \"d*\"\n    e: 5\n    "+strings.Repeat("k", 129)+": v"),
		key("tag value too long", 1, schemaSeesIt, "  trailkeep:tags:\n    k: "+strings.Repeat("v", 257)),
		key("too many tags", 1, schemaSeesIt, "  trailkeep:tags:\n"+strings.Join(tags, "\n")),

		// Files.
		{name: "not YAML", raw: "config:\n  trailkeep:region: [eu-central-1\n", problem: 1, schema: schemaSeesIt},
		{name: "tabs", raw: "config:\n\ttrailkeep:region: eu-central-1\n", problem: 1, schema: schemaSeesIt},
		{name: "empty", raw: "\n", problem: 1, schema: schemaSeesIt},
		{name: "comments alone", raw: "# nothing yet\n", problem: 1, schema: schemaSeesIt},
		{name: "a list", raw: "- trailkeep:region\n", problem: 1, schema: schemaSeesIt},
		{name: "config is a list", raw: "config: []\n", problem: 1, schema: schemaSeesIt},
		{name: "config without a value", raw: "config:\n", problem: 1, schema: schemaSeesIt},
		{name: "two documents", raw: stackFile(StackOrganization) + "---\nconfig: {}\n", problem: 1, schema: schemaSeesIt},
		{name: "unknown alias", raw: "config: *nowhere\n", problem: 1, schema: schemaSeesIt},
		{name: "aliases of aliases", raw: laughs(), problem: 1, schema: schemaSeesIt},
		{name: "deeply nested", raw: "config: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n", problem: 1, schema: schemaSeesIt},
		{name: "control characters", stack: StackOrganization, changes: []string{archive(`bucketName: "a\nb\e[31m"`)}, problem: 1, schema: schemaSeesIt},
	}
}

// laughs returns a small file that grows without bound when its aliases are
// followed.
func laughs() string {
	var b strings.Builder
	b.WriteString("config:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 9 {
		fmt.Fprintf(&b, "  a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	return b.String()
}

func TestProblems(t *testing.T) {
	var log strings.Builder
	seen := map[string]bool{}
	for _, bad := range badFiles() {
		t.Run(bad.name, func(t *testing.T) {
			if seen[bad.name] {
				t.Fatal("two cases have this name")
			}
			seen[bad.name] = true
			content := bad.raw
			if content == "" {
				content = stackFile(bad.stack, bad.changes...)
			}
			path := write(t, content)
			c, err := Load(path)
			var problems Problems
			if c != nil || !errors.As(err, &problems) {
				t.Fatalf("Load = %v, %v, want problems", c, err)
			}
			text := strings.ReplaceAll(err.Error(), path, "Pulumi.test.yaml")
			if len(problems) != bad.problem {
				t.Errorf("%d problems, want %d:\n%s\n\n%s", len(problems), bad.problem, text, content)
			}
			for _, p := range problems {
				if p.File != path || p.Message == "" || p.Key == "" && p.Line == 0 && bad.raw == "" {
					t.Errorf("a problem without place: %+v", p)
				}
			}
			if refused := validate(t, path) != nil; refused != bad.schema {
				t.Errorf("the published schema refuses it: %t, want %t", refused, bad.schema)
			}
			fmt.Fprintf(&log, "== %s\n%s%s\n\n", bad.name, excerpt(bad, content), shortened(text))
		})
	}
	golden(t, filepath.Join("testdata", "problems.golden"), log.String())
}

// excerpt shows the lines of a file that are not those of the smallest good one,
// with their numbers.
func excerpt(bad badFile, content string) string {
	usual := map[string]bool{}
	if bad.raw == "" {
		for line := range strings.Lines(stackFile(bad.stack)) {
			usual[strings.TrimSuffix(line, "\n")] = true
		}
	}
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimSuffix(shortened(content), "\n"), "\n") {
		if !usual[line] {
			fmt.Fprintf(&b, "%4d | %s\n", i+1, line)
		}
	}
	return b.String()
}

// shortened cuts long lines, so that the golden file can be read.
func shortened(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if len(line) > 500 {
			lines[i] = line[:200] + "…"
		}
	}
	return strings.Join(lines, "\n")
}

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("config: {}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, make([]byte, largestFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	tests := map[string]struct{ path, want string }{
		"missing":               {filepath.Join(dir, "Pulumi.prd.yaml"), "Pulumi.prd.yaml: there is no such stack file; stack files in " + dir + ": Pulumi.dev.yaml, Pulumi.prod.yaml"},
		"missing, none to name": {filepath.Join(empty, "Pulumi.dev.yaml"), "Pulumi.dev.yaml: there is no such stack file; no file Pulumi.NAME.yaml is in " + empty + "; copy Pulumi.dev.yaml and fill it in"},
		"directory":             {dir, ": is a directory, not a stack file; stack files in " + dir + ": Pulumi.dev.yaml, Pulumi.prod.yaml"},
		"below a file":          {filepath.Join(big, "Pulumi.dev.yaml"), "Pulumi.dev.yaml: can't be read: not a directory"},
		"too large":             {big, "big: is larger than 262144 bytes, so it is no stack file"},
		"no name":               {"", "no stack file is named; no file Pulumi.NAME.yaml is in ."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := Load(test.path)
			if c != nil || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Load = %v, %v, want the error %q", c, err, test.want)
			}
		})
	}
}

// A file of some other program is refused in little time, however large it is.
func TestHugeFilesCostLittle(t *testing.T) {
	var keys, lines strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&keys, "  trailkeep:k%d: x\n", i)
		fmt.Fprintf(&lines, "      - arn:aws:iam::222222222222:role/R%d\n", i)
	}
	for name, content := range map[string]string{
		"unknown keys": "config:\n" + keys.String(),
		"one list":     "config:\n  trailkeep:access:\n    readers:\n" + lines.String()[:200_000],
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if _, err := Load(write(t, content)); err == nil {
				t.Error("Load accepts it")
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("Load took %s", took)
			}
		})
	}
}
