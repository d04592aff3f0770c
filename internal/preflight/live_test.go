package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// answer is what the fake endpoint says to one call.
type answer struct {
	status int
	body   string
	header map[string]string
}

// endpoint serves AWS calls: the key is a service and the operation's name, or
// for S3 the method and the query. The region of the signature is told too.
func endpoint(t *testing.T, answers func(service, operation, region string) answer) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		parts := strings.Split(scope, "/") // key, date, region, service
		if len(parts) < 4 {
			t.Errorf("an unsigned request: %s %s", r.Method, r.URL)
			return
		}
		operation := r.Method + "?" + r.URL.RawQuery
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			operation = target[strings.LastIndex(target, ".")+1:]
		} else if strings.HasPrefix(string(body), "Action=") {
			operation, _, _ = strings.Cut(strings.TrimPrefix(string(body), "Action="), "&")
		}
		a := answers(parts[3], operation, parts[2])
		for k, v := range a.header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.body)
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
	}
}

func queryError(code, message string) answer {
	return answer{status: 403, body: "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message + "</Message></Error></ErrorResponse>"}
}

var itsMe = answer{status: 200, body: `<GetCallerIdentityResponse><GetCallerIdentityResult>
<Arn>arn:aws:sts::123456789012:assumed-role/TrailkeepDeploy/alice</Arn><UserId>A</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`}

func TestConnectFailures(t *testing.T) {
	cfg := load(t, "default")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	always := func(a answer) func(string, string, string) answer {
		return func(string, string, string) answer { return a }
	}
	silent := endpoint(t, always(itsMe))
	silent.BaseEndpoint = aws.String("http://" + closed.Addr().String())
	none := endpoint(t, always(itsMe))
	none.Credentials = nil
	broken := endpoint(t, always(itsMe))
	broken.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("the SSO session has expired or is otherwise invalid")
	})
	optIn := *cfg
	optIn.Region = "af-south-1"

	for _, c := range []struct {
		name       string
		region     string
		aws        aws.Config
		says, hint string
	}{
		{"no credentials", region, none, "no AWS credentials", "sign in"},
		{"sign-in expired", region, broken, "SSO session has expired", "aws sso login"},
		{"expired", region, endpoint(t, always(queryError("ExpiredToken", "The security token included in the request is expired"))), "have expired", "sign in"},
		{"unknown key", region, endpoint(t, always(queryError("InvalidClientTokenId", "The security token included in the request is invalid"))), "does not accept the credentials", "sign in"},
		{"nothing listens", region, silent, "does not answer", "trailkeep local up"},
		{"region not enabled", "af-south-1", endpoint(t, func(_, _, region string) answer {
			if region == "af-south-1" {
				return queryError("InvalidClientTokenId", "The security token included in the request is invalid")
			}
			return itsMe
		}), "has not enabled the region af-south-1", "enable-region"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := cfg
			if c.region != region {
				in = &optIn
			}
			_, err := Run(t.Context(), in, Clients{Caller: c.aws})
			var failure *Failure
			if !errors.As(err, &failure) {
				t.Fatalf("no failure: %v", err)
			}
			if !strings.Contains(failure.Error(), c.says) || !strings.Contains(failure.Hint, c.hint) {
				t.Errorf("%v\nhint: %s", failure, failure.Hint)
			}
		})
	}
}

func connected(t *testing.T, answers func(service, operation, region string) answer) *live {
	t.Helper()
	l, err := connect(t.Context(), load(t, "default"), endpoint(t, func(service, operation, region string) answer {
		if operation == "GetCallerIdentity" {
			return itsMe
		}
		return answers(service, operation, region)
	}))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRefusalNamesThePermission(t *testing.T) {
	l := connected(t, func(service, operation, _ string) answer {
		if service == "s3" {
			return answer{status: 403}
		}
		if service == "iam" || service == "sts" {
			return queryError("AccessDenied", "no")
		}
		return answer{status: 400, body: `{"__type":"AccessDeniedException","message":"no"}`}
	})
	for want, call := range map[string]func() error{
		"organizations:DescribeOrganization": func() error { _, err := l.organization(t.Context()); return err },
		"cloudtrail:DescribeTrails":          func() error { _, err := l.trails(t.Context()); return err },
		"kms:DescribeKey":                    func() error { _, err := l.alias(t.Context(), "alias/x"); return err },
		"logs:DescribeLogGroups":             func() error { return l.logGroup(t.Context(), "x") },
		"iam:GetUser":                        func() error { return l.user(t.Context(), "x") },
		"sts:AssumeRole": func() error {
			_, err := l.assume(t.Context(), "arn:aws:iam::222222222222:role/TrailkeepDeploy", region)
			return err
		},
	} {
		var d *denied
		if err := call(); !errors.As(err, &d) || d.action != want {
			t.Errorf("want a refusal of %s, got %v", want, err)
		}
	}
}

func TestBucketAnswers(t *testing.T) {
	const locked = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>`
	const versioned = `<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>`
	s3Error := func(status int, code string) answer {
		return answer{status: status, body: "<Error><Code>" + code + "</Code><Message>m</Message></Error>"}
	}
	for _, c := range []struct {
		name    string
		answers map[string]answer
		err     error
		want    bucket
	}{
		{"free", map[string]answer{"HEAD?": {status: 404}}, errNotFound, bucket{}},
		{"another's", map[string]answer{"HEAD?": {status: 403}}, nil, bucket{owner: foreign}},
		{"elsewhere", map[string]answer{"HEAD?": {status: 301, header: map[string]string{"X-Amz-Bucket-Region": "us-west-2"}}}, nil, bucket{owner: elsewhere, region: "us-west-2"}},
		{"bare", map[string]answer{
			"HEAD?": {status: 200}, "GET?policy=": s3Error(404, "NoSuchBucketPolicy"), "GET?object-lock=": s3Error(404, "ObjectLockConfigurationNotFoundError"),
			"GET?versioning=": {status: 200, body: "<VersioningConfiguration/>"},
		}, nil, bucket{}},
		{"ours", map[string]answer{
			"HEAD?": {status: 200}, "GET?policy=": {status: 200, body: "{}"}, "GET?object-lock=": {status: 200, body: locked}, "GET?versioning=": {status: 200, body: versioned},
		}, nil, bucket{policy: "{}", locked: true, versioning: "Enabled", mfaDelete: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := connected(t, func(_, operation, _ string) answer {
				a, ok := c.answers[operation]
				if !ok {
					t.Errorf("an unexpected call: %s", operation)
				}
				return a
			})
			b, err := l.bucket(t.Context(), "logs", management)
			if !errors.Is(err, c.err) {
				t.Fatal(err)
			}
			if b.owner != c.want.owner || b.region != c.want.region || b.policy != c.want.policy || b.locked != c.want.locked ||
				b.versioning != c.want.versioning || b.mfaDelete != c.want.mfaDelete || len(b.unread) > 0 {
				t.Errorf("got %+v, want %+v", b, c.want)
			}
		})
	}
	t.Run("unreadable", func(t *testing.T) {
		l := connected(t, func(_, operation, _ string) answer {
			if operation == "HEAD?" {
				return answer{status: 200}
			}
			return s3Error(403, "AccessDenied")
		})
		b, err := l.bucket(t.Context(), "logs", management)
		if err != nil || b.cannot("s3:GetBucketPolicy") == nil || b.cannot("s3:GetBucketObjectLockConfiguration") == nil || b.cannot("s3:GetBucketVersioning") == nil {
			t.Errorf("%+v, %v", b, err)
		}
	})
}

func TestTrailsOfAllRegions(t *testing.T) {
	l := connected(t, func(_, operation, region string) answer {
		switch operation {
		case "DescribeTrails":
			return answer{status: 200, body: `{"trailList":[{"Name":"here","TrailARN":"arn:here","HomeRegion":"eu-central-1","S3BucketName":"b","IsOrganizationTrail":true,"CloudWatchLogsLogGroupArn":"arn:group:*"}]}`}
		case "ListTrails":
			return answer{status: 200, body: `{"Trails":[{"Name":"here","TrailARN":"arn:here","HomeRegion":"eu-central-1"},{"Name":"far","TrailARN":"arn:far","HomeRegion":"us-west-2"}]}`}
		case "GetEventSelectors":
			if region != "us-west-2" {
				t.Errorf("selectors are asked for in %s, and the trail's home is us-west-2", region)
			}
			return answer{status: 200, body: `{"AdvancedEventSelectors":[{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}]}`}
		}
		t.Errorf("an unexpected call: %s", operation)
		return answer{status: 500}
	})
	trails, err := l.trails(t.Context())
	if err != nil || len(trails) != 2 {
		t.Fatalf("%+v, %v", trails, err)
	}
	if h := trails[0]; !h.counts || !h.organization || h.logGroupARN != "arn:group" {
		t.Errorf("%+v", h)
	}
	if f := trails[1]; f.counts || f.name != "far" {
		t.Errorf("%+v", f)
	}
	if records, err := l.recordsManagementEvents(t.Context(), trails[1]); err != nil || records {
		t.Errorf("a trail of data events is said to record management events (%v)", err)
	}
}
