package config

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// engineValues as Pulumi's CLI v3.274.1 made them of Pulumi.dev.yaml and the
// defaults of Pulumi.yaml.
func valuesOfEngine() map[string]string {
	return map[string]string{
		"trailkeep:access":       `{"deployRole":"Deploy","readers":["arn:aws:iam::222222222222:user/responder"]}`,
		"trailkeep:account":      "",
		"trailkeep:archive":      `{"compliancePeriodYears":3,"protection":"mfa-delete"}`,
		"trailkeep:disposable":   "false",
		"trailkeep:organization": `{"auditAccount":"222222222222","id":"o-exampleorg1","managementAccount":"123456789012"}`,
		"trailkeep:region":       "eu-central-1",
		"trailkeep:stack":        "organization",
		"trailkeep:tags":         `{}`,
		"trailkeep:trail":        `{"insights":["ApiCallRateInsight"],"logGroup":{"retentionDays":90}}`,
	}
}

const fileOfEngine = `config:
  trailkeep:region: eu-central-1
  trailkeep:organization:
    id: o-exampleorg1
    managementAccount: "123456789012"
    auditAccount: "222222222222"
  trailkeep:access:
    deployRole: Deploy
    readers: ["arn:aws:iam::222222222222:user/responder"]
  trailkeep:archive:
    protection: mfa-delete
    compliancePeriodYears: 3
  trailkeep:trail:
    insights:
      - ApiCallRateInsight
    logGroup: {retentionDays: 90}
`

func TestDecodeEngineValues(t *testing.T) {
	want, err := Load(write(t, fileOfEngine))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{
		"with the stack file":     write(t, fileOfEngine),
		"with another stack file": write(t, stackFile(StackAccount)),
		"with a broken file":      write(t, "config: ["),
		"without a file":          filepath.Join(t.TempDir(), "Pulumi.dev.yaml"),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(Source{File: file, Values: valuesOfEngine()})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the engine's values give another configuration than the file (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEngineProblemsHaveTheFilesLines(t *testing.T) {
	tests := []struct {
		name, file string
		values     map[string]string // replacing those of the engine
		secrets    []string
		want       string
	}{
		{
			name:   "the file says the same",
			file:   strings.ReplaceAll(fileOfEngine, "retentionDays: 90", "retentionDays: 91"),
			values: map[string]string{"trailkeep:trail": `{"insights":["ApiCallRateInsight"],"logGroup":{"retentionDays":91}}`},
			want:   "FILE:16:31: trailkeep:trail.logGroup.retentionDays: is none of the allowed values, found 91; did you mean 120? allowed: 1, 3,",
		},
		{
			name:   "the file says something else",
			file:   fileOfEngine,
			values: map[string]string{"trailkeep:trail": `{"insights":["ApiCallRateInsight"],"logGroup":{"retentionDays":91}}`},
			want:   "trailkeep:trail.logGroup.retentionDays: is none of the allowed values, found 91;",
		},
		{
			name:   "an unknown key",
			file:   strings.ReplaceAll(fileOfEngine, "compliancePeriodYears: 3", "compliancePeriod: 3"),
			values: map[string]string{"trailkeep:archive": `{"compliancePeriod":3,"protection":"mfa-delete"}`},
			want:   "FILE:12:5: trailkeep:archive.compliancePeriod: unknown key; did you mean compliancePeriodYears?",
		},
		{
			name:   "an account id that Pulumi read as a number",
			file:   strings.ReplaceAll(fileOfEngine, `"222222222222"`, "012345678901"),
			values: map[string]string{"trailkeep:organization": `{"auditAccount":12345678901,"id":"o-exampleorg1","managementAccount":"123456789012"}`},
			want:   `FILE:6:19: trailkeep:organization.auditAccount: is a number, which loses leading zeros when Pulumi rewrites the file, found 012345678901; allowed: an account id, twelve digits in quotes, another than managementAccount; put it in quotes: "012345678901"`,
		},
		{
			name:   "an account id that Pulumi read as an octal number",
			file:   strings.ReplaceAll(fileOfEngine, `"222222222222"`, "012345670123"),
			values: map[string]string{"trailkeep:organization": `{"auditAccount":1402433619,"id":"o-exampleorg1","managementAccount":"123456789012"}`},
			want:   `FILE:6:19: trailkeep:organization.auditAccount: is a number, which loses leading zeros when Pulumi rewrites the file, found 012345670123;`,
		},
		{
			name:   "a number at the top level, which the engine hands over as text",
			file:   strings.ReplaceAll(stackFile(StackAccount), `"333333333333"`, "012345678901"),
			values: map[string]string{"trailkeep:stack": "account", "trailkeep:organization": "{}", "trailkeep:account": "12345678901"},
			want:   `FILE:4:22: trailkeep:account: is a number, which loses leading zeros when Pulumi rewrites the file, found 012345678901;`,
		},
		{
			name:   "a whole number that the file does not hold",
			file:   "config: {}\n",
			values: map[string]string{"trailkeep:organization": `{"auditAccount":222222222222,"id":"o-exampleorg1","managementAccount":"123456789012"}`},
			want:   `trailkeep:organization.auditAccount: is a number, which loses leading zeros`,
		},
		{
			name:    "a secret is not shown",
			file:    strings.ReplaceAll(fileOfEngine, "protection: mfa-delete", "protection: {secure: v1:abc}"),
			values:  map[string]string{"trailkeep:archive": `{"compliancePeriodYears":3,"protection":"worn"}`},
			secrets: []string{"trailkeep:archive"},
			want:    "FILE:11:17: trailkeep:archive.protection: is none of the allowed values, found a secret; allowed: mfa-delete, worm",
		},
		{
			name:   "a secret in the file alone is not shown",
			file:   strings.ReplaceAll(fileOfEngine, "protection: mfa-delete", "protection: {secure: v1:abc}"),
			values: map[string]string{"trailkeep:archive": `{"compliancePeriodYears":3,"protection":"worn"}`},
			want:   "FILE:11:17: trailkeep:archive.protection: is none of the allowed values, found a secret; allowed: mfa-delete, worm",
		},
		{
			name:   "a group that is no JSON",
			file:   fileOfEngine,
			values: map[string]string{"trailkeep:archive": `{"protection":`},
			want:   `trailkeep:archive: has the wrong type, found "{\"protection\":"; allowed: a group of`,
		},
		{
			name:   "JSON's null",
			file:   fileOfEngine,
			values: map[string]string{"trailkeep:archive": `{"prefix":null}`},
			want:   `trailkeep:archive.prefix: has no value;`,
		},
		{
			name:   "another namespace's key without effect",
			file:   fileOfEngine + "  aws:region: eu-west-1\n",
			values: map[string]string{"aws:region": "eu-west-1", "pulumi:tags": "{}"},
			want:   "FILE:17:3: aws:region: has no effect",
		},
		{
			name:   "a key that is missing",
			file:   fileOfEngine,
			values: map[string]string{"trailkeep:organization": "{}"},
			want:   "FILE:1:1: trailkeep:organization: is missing: the AWS organization whose accounts are recorded;",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := write(t, test.file)
			values := valuesOfEngine()
			maps.Copy(values, test.values)
			c, err := Decode(Source{File: file, Values: values, Secrets: test.secrets})
			var problems Problems
			if c != nil || !errors.As(err, &problems) || len(problems) != 1 {
				t.Fatalf("Decode = %v, %v, want one problem", c, err)
			}
			if got := strings.ReplaceAll(err.Error(), file, "FILE"); !strings.HasPrefix(got, test.want) {
				t.Errorf("got  %s\nwant %s…", got, test.want)
			}
			if len(test.secrets) > 0 && strings.Contains(err.Error(), "worn") {
				t.Error("the error shows the secret")
			}
		})
	}
}

func TestEngineEnvironment(t *testing.T) {
	values, err := json.Marshal(valuesOfEngine())
	if err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{
		"PULUMI_CONFIG": string(values), "PULUMI_CONFIG_SECRET_KEYS": `["trailkeep:region"]`,
		"PULUMI_ROOT_DIRECTORY": "/project", "PULUMI_STACK": "dev",
	}
	source, err := Engine(func(name string) string { return environment[name] })
	if err != nil {
		t.Fatal(err)
	}
	want := Source{File: filepath.Join("/project", "Pulumi.dev.yaml"), Values: valuesOfEngine(), Secrets: []string{"trailkeep:region"}}
	if diff := cmp.Diff(want, source); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}

	source, err = Engine(func(string) string { return "" })
	if err != nil || source.Values == nil {
		t.Errorf("without an environment Engine = %+v, %v, want values that are empty, not a file to read", source, err)
	}
	if _, err := Engine(func(string) string { return "[" }); err == nil || !strings.Contains(err.Error(), "PULUMI_CONFIG") {
		t.Errorf("Engine of broken JSON: %v, want an error that names the variable", err)
	}
}

// Values that the project's Pulumi.yaml gives hold for every stack file that
// leaves them out, and their problems name that file.
func TestProjectValues(t *testing.T) {
	project := func(t *testing.T, content string) string {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "stacks", "Pulumi.dev.yaml")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(stackFile(StackOrganization)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const head = "name: trailkeep\nruntime: go\nconfig:\n"
	tests := []struct{ name, project, want string }{
		{"default", head + "  trailkeep:archive:\n    default: {prefix: org}\n", "org"},
		{"value", head + "  archive:\n    value: {prefix: org}\n", "org"},
		{"default goes before value", head + "  archive: {value: {prefix: a}, default: {prefix: b}}\n", "b"},
		{"the stack file goes first", head + "  region: eu-west-1\n  trailkeep:archive: {default: {}}\n", ""},
		{"another project", "name: other\nruntime: go\nconfig:\n  trailkeep:archive:\n    default: {prefix: org}\n", ""},
		{"no YAML", "name: [", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := Load(project(t, test.project))
			if err != nil {
				t.Fatal(err)
			}
			if c.Archive.Prefix != test.want || c.Region != "eu-central-1" {
				t.Errorf("prefix %q in %s, want %q", c.Archive.Prefix, c.Region, test.want)
			}
		})
	}
	path := project(t, head+"  trailkeep:archive:\n    default: {prefix: /org}\n")
	_, err := Load(path)
	if want := filepath.Join(filepath.Dir(filepath.Dir(path)), "Pulumi.yaml") + ":5:23: trailkeep:archive.prefix: has a slash at an end"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got  %v\nwant %s…", err, want)
	}
}

// FuzzLoad feeds the decoder whatever YAML may hold: it never panics, it returns
// either a configuration or problems, and each problem says where or what.
func FuzzLoad(f *testing.F) {
	for _, bad := range badFiles() {
		if bad.raw != "" {
			f.Add([]byte(bad.raw))
		} else {
			f.Add([]byte(stackFile(bad.stack, bad.changes...)))
		}
	}
	for _, stack := range []Stack{StackOrganization, StackArchive, StackTrail, StackAccount} {
		f.Add([]byte(stackFile(stack)))
	}
	path := filepath.Join(f.TempDir(), "Pulumi.fuzz.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		check(t, Source{File: path})
		check(t, Source{File: path, Values: valuesOfEngine()})
	})
}

// FuzzEngine does the same with the values of an engine.
func FuzzEngine(f *testing.F) {
	for name, value := range valuesOfEngine() {
		f.Add(name, value, "")
	}
	f.Add("trailkeep:archive", `{"objectLock":{"retentionYears":1e9},"replica":{}}`, "trailkeep:archive")
	f.Add("trailkeep:trail", `{"dataEvents":[{"type":"AWS::S3::Object","arnPrefixes":["arn:aws:s3:::"]},5,{"name":null}]}`, "")
	file := filepath.Join(f.TempDir(), "Pulumi.fuzz.yaml")
	if err := os.WriteFile(file, []byte(fileOfEngine), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, value, secret string) {
		values := valuesOfEngine()
		values[name] = value
		check(t, Source{File: file, Values: values, Secrets: []string{secret}})
	})
}

func check(t *testing.T, source Source) {
	c, err := Decode(source)
	var problems Problems
	switch {
	case err == nil && c != nil:
		if c.TrailARN() == "" || c.Partition() == "" || len(c.LogBuckets()) < 2 {
			t.Errorf("an accepted configuration lacks its region or buckets: %+v", c)
		}
	case c != nil || !errors.As(err, &problems) || len(problems) == 0:
		t.Errorf("Decode = %v, %v", c, err)
	}
	for _, p := range problems {
		if p.Message == "" || p.Key == "" && p.Line == 0 && p.File == "" {
			t.Errorf("a problem that says nothing: %+v", p)
		}
		if strings.ContainsAny(p.String(), "\n\r\x1b") {
			t.Errorf("a problem that breaks its line: %q", p.String())
		}
	}
}
