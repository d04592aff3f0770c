package local

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

func recorded(t *testing.T) *apitype.DeploymentV3 {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "interrupted.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d apitype.DeploymentV3
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return &d
}

var fallback = origin{"123456789012", "eu-central-1"}

// The deployment was recorded from a local organization and cut down; what it
// has under way is of every kind that recovery tells apart.
func TestSettleRecordedDeployment(t *testing.T) {
	d := recorded(t)
	before := len(d.Resources)
	var asked []string
	r := &Recovery{}
	added, err := settle(d, fallback, r, func(token string, in inputs, at origin) ([]string, error) {
		asked = append(asked, token+" in "+at.account+" "+at.region)
		return []string{"11111111-2222-3333-4444-555555555555"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.PendingOperations) != 0 {
		t.Errorf("%d operations are still pending", len(d.PendingOperations))
	}
	if want := []string{"aws:kms/key:Key in 222222222222 eu-central-1"}; !slices.Equal(asked, want) {
		t.Errorf("asked AWS for %q, want %q", asked, want)
	}
	ids := map[string]string{}
	for _, res := range d.Resources[before:] {
		ids[string(res.Type)] = string(res.ID)
		if res.Outputs["id"] != string(res.ID) {
			t.Errorf("%s: output id %v, id %s", res.URN, res.Outputs["id"], res.ID)
		}
	}
	want := map[string]string{
		"aws:cloudtrail/trail:Trail":                   "arn:aws:cloudtrail:eu-central-1:123456789012:trail/organization-trail",
		"aws:kms/key:Key":                              "11111111-2222-3333-4444-555555555555",
		"aws:s3/bucketVersioningV2:BucketVersioningV2": "trailkeep-log-archive-222222222222-eu-central-1",
	}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("adopted ids (-want +got):\n%s", diff)
	}
	if len(added) != len(want) {
		t.Errorf("added %q", added)
	}
	if want := []string{"aws:sns/topicPolicy:TopicPolicy delivery"}; !slices.Equal(r.Repeated, want) {
		t.Errorf("repeated %q, want %q", r.Repeated, want)
	}
	if len(r.Manual) != 1 || !strings.Contains(r.Manual[0], "aws:ec2/vpc:Vpc main in account 123456789012, region eu-central-1") {
		t.Errorf("manual: %q", r.Manual)
	}
	for _, res := range d.Resources[before:] {
		if res.Type == "aws:cloudtrail/trail:Trail" && (res.Outputs["name"] != "organization-trail" || len(res.Outputs) != 2) {
			t.Errorf("the trail's outputs claim more than identifies it: %v", res.Outputs)
		}
	}
}

func TestSettleKeyWithoutAName(t *testing.T) {
	tests := []struct {
		name                     string
		found                    []string
		err                      error
		adopted, unmade, inHands int
		says                     string
	}{
		{name: "not made", unmade: 1},
		{name: "made once", found: []string{"a"}, adopted: 1},
		{name: "already recorded", found: []string{"mrk-recorded"}, unmade: 1},
		{name: "one of two is recorded", found: []string{"mrk-recorded", "b"}, adopted: 1},
		{name: "made twice", found: []string{"a", "b"}, inHands: 2, says: "aws kms schedule-key-deletion --pending-window-in-days 7 --key-id a"},
		{name: "AWS does not say", err: errors.New("AccessDenied"), inHands: 1, says: "may exist without being recorded: AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := recorded(t)
			d.PendingOperations = slices.DeleteFunc(d.PendingOperations, func(op apitype.OperationV2) bool { return op.Resource.Type != "aws:kms/key:Key" })
			d.Resources = append(d.Resources, apitype.ResourceV3{URN: "urn:pulumi:dev::trailkeep::aws:kms/key:Key::other", Custom: true, Type: "aws:kms/key:Key", ID: "mrk-recorded"})
			r := &Recovery{}
			added, err := settle(d, fallback, r, func(string, inputs, origin) ([]string, error) { return tt.found, tt.err })
			if err != nil {
				t.Fatal(err)
			}
			if len(added) != tt.adopted || len(r.Unmade) != tt.unmade || len(r.Manual) != tt.inHands {
				t.Errorf("adopted %q, unmade %q, manual %q", added, r.Unmade, r.Manual)
			}
			if tt.says != "" && !strings.Contains(strings.Join(r.Manual, "\n"), tt.says) {
				t.Errorf("manual %q lacks %q", r.Manual, tt.says)
			}
		})
	}
}

func TestSettleLeavesAReplacementToAPerson(t *testing.T) {
	d := recorded(t)
	op := d.PendingOperations[0]
	d.PendingOperations = d.PendingOperations[:1]
	old := op.Resource
	old.ID = "old"
	d.Resources = append(d.Resources, old)
	r := &Recovery{}
	added, err := settle(d, fallback, r, nil)
	if err != nil || len(added) != 0 || len(r.Manual) != 1 || !strings.Contains(r.Manual[0], "being replaced") {
		t.Errorf("added %q, manual %q, %v", added, r.Manual, err)
	}
}

// What has a default in AWS counts as made only when it reads as it was asked.
func TestJudge(t *testing.T) {
	const token = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	urn := func(name string) resource.URN {
		return resource.URN("urn:pulumi:dev::trailkeep::" + token + "::" + name)
	}
	status := func(s string) map[string]any {
		return map[string]any{"bucket": "b", "versioningConfiguration": map[string]any{"status": s}}
	}
	marked := status("Enabled")
	marked["__defaults"] = []any{}
	after := &apitype.DeploymentV3{Resources: []apitype.ResourceV3{
		{URN: urn("made"), Type: token, Inputs: marked},
		{URN: urn("default"), Type: token, Inputs: status("Disabled")},
	}}
	r := &Recovery{}
	changed := r.judge(after, map[resource.URN]inputs{urn("made"): status("Enabled"), urn("default"): status("Enabled"), urn("gone"): status("Enabled")},
		[]resource.URN{urn("made"), urn("default"), urn("gone")})
	want := &Recovery{Adopted: []string{token + " made"}, Repeated: []string{token + " default"}, Unmade: []string{token + " gone"}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("recovery (-want +got):\n%s", diff)
	}
	if !changed || len(after.Resources) != 1 || after.Resources[0].URN != urn("made") {
		t.Errorf("changed %v, left %v", changed, after.Resources)
	}
}

func TestIdentities(t *testing.T) {
	at := origin{"123456789012", "eu-west-1"}
	china := origin{"123456789012", "cn-north-1"}
	tests := []struct {
		token string
		in    inputs
		at    origin
		want  string
	}{
		{"aws:cloudtrail/trail:Trail", inputs{"name": "t"}, at, "arn:aws:cloudtrail:eu-west-1:123456789012:trail/t"},
		{"aws:cloudtrail/trail:Trail", inputs{"name": "t"}, china, "arn:aws-cn:cloudtrail:cn-north-1:123456789012:trail/t"},
		{"aws:cloudtrail/trail:Trail", inputs{}, at, ""},
		{"aws:cloudtrail/trail:Trail", inputs{"name": "t"}, origin{}, ""},
		{"aws:sns/topic:Topic", inputs{"name": "t"}, at, "arn:aws:sns:eu-west-1:123456789012:t"},
		{"aws:iam/policy:Policy", inputs{"name": "p"}, at, "arn:aws:iam::123456789012:policy/p"},
		{"aws:iam/policy:Policy", inputs{"name": "p", "path": "/a/"}, at, "arn:aws:iam::123456789012:policy/a/p"},
		{"aws:iam/policy:Policy", inputs{}, at, ""},
		{"aws:iam/rolePolicy:RolePolicy", inputs{"role": "r", "name": "p"}, at, "r:p"},
		{"aws:iam/rolePolicy:RolePolicy", inputs{"role": "r"}, at, ""},
		{"aws:glue/catalogTable:CatalogTable", inputs{"databaseName": "d", "name": "t"}, at, "123456789012:d:t"},
		{"aws:glue/catalogDatabase:CatalogDatabase", inputs{"name": "d"}, origin{}, ""},
		{"aws:cloudwatch/eventRule:EventRule", inputs{"name": "n", "eventBusName": "default"}, at, "n"},
		{"aws:cloudwatch/eventRule:EventRule", inputs{"name": "n", "eventBusName": "b"}, at, "b/n"},
		{"aws:s3/bucketV2:BucketV2", inputs{"bucket": "b"}, at, "b"},
		{"aws:s3/bucketV2:BucketV2", inputs{"bucket": 1}, at, ""},
		{"aws:s3/bucketLoggingV2:BucketLoggingV2", inputs{"bucket": "b", "expectedBucketOwner": "222222222222"}, at, "b,222222222222"},
		{"aws:s3/bucketLoggingV2:BucketLoggingV2", inputs{"expectedBucketOwner": "222222222222"}, at, ""},
		{"aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", nil, at, "123456789012"},
	}
	for _, tt := range tests {
		if got := identities[tt.token].id(tt.in, tt.at); got != tt.want {
			t.Errorf("%s of %v in %v: %q, want %q", tt.token, tt.in, tt.at, got, tt.want)
		}
	}
}

// Each type is told apart in one way only.
func TestIdentitiesDoNotOverlap(t *testing.T) {
	for token := range identities {
		if _, ok := inventions[token]; ok || repeatable[token] {
			t.Errorf("%s stands in two tables", token)
		}
	}
	for token := range inventions {
		if repeatable[token] {
			t.Errorf("%s stands in two tables", token)
		}
	}
}

func TestOriginOf(t *testing.T) {
	d := recorded(t)
	for _, res := range d.Resources {
		if strings.HasPrefix(string(res.Type), "pulumi:providers:") {
			got := originOf(d, string(res.URN)+"::"+string(res.ID), origin{})
			want := map[string]string{"audit": "222222222222", "management": "123456789012"}[urnName(string(res.URN))]
			if got.account != want || got.region != "eu-central-1" {
				t.Errorf("%s: %v, want account %s", res.URN, got, want)
			}
		}
	}
	if got := originOf(d, "", fallback); got != fallback {
		t.Errorf("without a provider: %v", got)
	}
}

func TestClearLocks(t *testing.T) {
	backend := t.TempDir()
	dir := filepath.Join(backend, ".pulumi", "locks", "organization", "trailkeep", "dev")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// A dead engine's, one cut short, and one whose process id belongs to
	// another program by now (this test), which must not be ended.
	for name, content := range map[string]string{"dead": `{"pid":999999999}`, "short": `{"pi`, "reused": `{"pid":` + strconv.Itoa(os.Getpid()) + `}`} {
		if err := os.WriteFile(filepath.Join(dir, name+".json"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := clearLocks(t.Context(), backend); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if err := clearLocks(t.Context(), t.TempDir()); err != nil {
		t.Errorf("without a backend: %v", err)
	}
}
