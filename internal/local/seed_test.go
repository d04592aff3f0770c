package local

import (
	"slices"
	"strings"
	"testing"

	"github.com/trailkeep/trailkeep/stacks/config"
)

func organizationConfig() *config.Config {
	return &config.Config{
		Stack:  config.StackOrganization,
		Region: "eu-central-1",
		Organization: &config.Organization{
			ID: "o-exampleorg1", ManagementAccount: "111111111111", AuditAccount: "222222222222",
		},
		Access: config.Access{
			DeployRole: "platform/TrailkeepDeploy", BreakGlassRole: "BreakGlass",
			Readers: []string{
				"arn:aws:iam::222222222222:user/responder",
				"arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/Audit",
				"arn:aws:iam::222222222222:role/*", // names nobody in particular
			},
		},
		Archive: config.Archive{ReaderRole: "TrailkeepReader", Replica: &config.Replica{Region: "eu-west-1", Account: "333333333333", BucketName: "copy"}},
	}
}

func TestSeedGolden(t *testing.T) {
	data, err := planted(organizationConfig()).marshal()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "seed.json", string(data)+"\n")
}

func TestSeedOfOneAccount(t *testing.T) {
	s := planted(&config.Config{Stack: config.StackAccount, Account: "444444444444", Access: config.Access{DeployRole: "Deploy", BreakGlassRole: "BreakGlass"}})
	if s.Organization != nil || s.Account != "444444444444" {
		t.Errorf("organization %v, account %q", s.Organization, s.Account)
	}
	var roles []string
	for _, r := range s.Roles {
		roles = append(roles, roleARN(r.Account, r.Path[1:]+r.Name))
	}
	want := []string{"arn:aws:iam::444444444444:role/Deploy", "arn:aws:iam::444444444444:role/BreakGlass"}
	if !slices.Equal(roles, want) {
		t.Errorf("roles %q, want %q", roles, want)
	}
}

// An organization is imported as it is: what the stack wants to keep of it has
// to be there before.
func TestSeedOfManagedOrganization(t *testing.T) {
	c := organizationConfig()
	c.Organization.Manage = &config.ManagedOrganization{ServiceAccess: []string{"cloudtrail.amazonaws.com", "config.amazonaws.com"}, PolicyTypes: []string{"TAG_POLICY"}}
	s := planted(c)
	if !slices.Equal(s.Organization.TrustedAccess, c.Organization.Manage.ServiceAccess) || !slices.Equal(s.Organization.PolicyTypes, c.Organization.Manage.PolicyTypes) {
		t.Errorf("planted %q and %q", s.Organization.TrustedAccess, s.Organization.PolicyTypes)
	}
}

func TestSeedInventsNoTakenAccount(t *testing.T) {
	c := organizationConfig()
	c.Archive.Replica.Account = "444444444444"
	c.Organization.AuditAccount = "555555555555"
	seen := map[string]bool{}
	for _, a := range planted(c).accounts() {
		if len(a.ID) != 12 || seen[a.ID] {
			t.Errorf("account %s (%s) is invented twice or malformed", a.ID, a.Name)
		}
		seen[a.ID] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d accounts, want 6", len(seen))
	}
}

func TestFreeAccountIDBeyondTenDigits(t *testing.T) {
	var taken []string
	for range 30 {
		id := freeAccountID(taken)
		if len(id) != 12 || slices.Contains(taken, id) {
			t.Fatalf("invented %s with %q taken", id, taken)
		}
		taken = append(taken, id)
	}
}

func TestSeedLacks(t *testing.T) {
	has := planted(organizationConfig())
	if missing := has.lacks(planted(organizationConfig())); missing != nil {
		t.Errorf("a seed lacks of itself: %q", missing)
	}
	tests := []struct {
		name   string
		change func(*config.Config)
		want   string
	}{
		{"another organization", func(c *config.Config) { c.Organization.ID = "o-other12345" }, "organization o-other12345"},
		{"another account", func(c *config.Config) { c.Organization.AuditAccount = "999999999999" }, "account 999999999999"},
		{"another deploy role", func(c *config.Config) { c.Access.DeployRole = "Other" }, "role arn:aws:iam::111111111111:role/Other"},
		{"the same role on another path", func(c *config.Config) { c.Access.DeployRole = "TrailkeepDeploy" }, "role/TrailkeepDeploy"},
		{"another reader", func(c *config.Config) { c.Access.Readers = []string{"arn:aws:iam::222222222222:user/eve"} }, "user eve of account 222222222222"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := organizationConfig()
			tt.change(c)
			if missing := strings.Join(has.lacks(planted(c)), ", "); !strings.Contains(missing, tt.want) {
				t.Errorf("lacks %q, want %q among it", missing, tt.want)
			}
		})
	}
}

// An archive and a trail stack share one emulator, whichever comes first.
func TestSeedCoversJoinedStacks(t *testing.T) {
	archive, trail := organizationConfig(), organizationConfig()
	archive.Stack, trail.Stack = config.StackArchive, config.StackTrail
	archive.Archive.Replica = nil
	trail.Archive.Replica, trail.Access.DeployRole = nil, "TrailDeploy"
	s := planted(archive, trail)
	for _, c := range []*config.Config{archive, trail} {
		if missing := s.lacks(planted(c)); missing != nil {
			t.Errorf("the joint seed lacks %q of stack %s", missing, c.Stack)
		}
	}
}

func TestPrincipal(t *testing.T) {
	tests := []struct{ arn, account, kind, name string }{
		{"arn:aws:iam::123456789012:user/eve", "123456789012", "user", "eve"},
		{"arn:aws:iam::123456789012:role/a/b/C", "123456789012", "role", "a/b/C"},
		{"arn:aws:iam::123456789012:root", "", "", ""},
		{"arn:aws:iam::123456789012:role/A*", "", "", ""},
		{"arn:aws:s3:::bucket/user/x", "", "", ""},
		{"user/eve", "", "", ""},
		{"", "", "", ""},
	}
	for _, tt := range tests {
		account, kind, name := principal(tt.arn)
		if account != tt.account || kind != tt.kind || name != tt.name {
			t.Errorf("principal(%q) = %q, %q, %q", tt.arn, account, kind, name)
		}
	}
}
