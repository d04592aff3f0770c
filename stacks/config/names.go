package config

import (
	"fmt"
	"regexp"
	"strings"
)

// The patterns are shared by the checks and the published JSON Schema, so they
// keep to the syntax that Go and ECMAScript have in common.
const (
	organizationIDPattern   = `^o-[a-z0-9]{10,32}$`
	accountPattern          = `^[0-9]{12}$`
	roleNamePattern         = `^[A-Za-z0-9+=,.@_-]{1,64}$`
	rolePattern             = `^([!-.0-~]+/)*[A-Za-z0-9+=,.@_-]{1,64}$`
	servicePrincipalPattern = `^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`
	principalPattern        = `^arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:(user|role)/([!-)+-.0->@-~]+/)*[A-Za-z0-9+=,.@_-]{1,64}$`
	bucketPattern           = `^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`
	prefixPattern           = `^([A-Za-z0-9!_.()'-]+(/[A-Za-z0-9!_.()'-]+)*)?$`
	trailNamePattern        = `^[A-Za-z0-9]([._-]?[A-Za-z0-9])+$`
	logGroupPattern         = `^[A-Za-z0-9_./#-]{1,512}$`
	keyARNPattern           = `^arn:aws(-cn|-us-gov)?:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$`
	stackReferencePattern   = `^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$`
	tagPattern              = `^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`
)

const (
	allowedAccount   = "an account id, twelve digits in quotes"
	allowedRole      = "a role name, with its path if it has one, such as TrailkeepDeploy or platform/TrailkeepDeploy"
	allowedBucket    = "3 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends"
	allowedPrefix    = "up to 200 letters, digits and ! _ . - ( ) ' in segments parted by single slashes, none at the ends"
	allowedTrailName = "3 to 128 letters, digits and . _ -, a letter or digit at both ends and on both sides of each . _ -"
	allowedLogGroup  = "1 to 512 letters, digits and _ - / . #, not beginning with aws/"
	allowedKeyARN    = "arn:PARTITION:kms:REGION:ACCOUNT:key/ID"
	allowedTags      = "at most 50 tags: keys of 1 to 128 and values of up to 256 letters, digits, spaces and _ . : / = + - @"
)

// policyTypes are the types of Organizations policies (PolicyType in the
// Organizations API).
var policyTypes = []string{
	"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY", "BACKUP_POLICY",
	"AISERVICES_OPT_OUT_POLICY", "CHATBOT_POLICY", "DECLARATIVE_POLICY_EC2", "SECURITYHUB_POLICY",
	"INSPECTOR_POLICY", "UPGRADE_ROLLOUT_POLICY", "BEDROCK_POLICY", "S3_POLICY",
	"NETWORK_SECURITY_DIRECTOR_POLICY", "GUARDDUTY_POLICY",
}

// logRetentionDays are the retentions that CloudWatch Logs accepts
// (PutRetentionPolicy).
var logRetentionDays = []string{
	"1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731",
	"1096", "1827", "2192", "2557", "2922", "3288", "3653",
}

var (
	accountForm          = regexp.MustCompile(accountPattern)
	roleNameForm         = regexp.MustCompile(roleNamePattern)
	roleForm             = regexp.MustCompile(rolePattern)
	servicePrincipalForm = regexp.MustCompile(servicePrincipalPattern)
	principalForm        = regexp.MustCompile(principalPattern)
	bucketForm           = regexp.MustCompile(bucketPattern)
	prefixForm           = regexp.MustCompile(prefixPattern)
	trailNameForm        = regexp.MustCompile(trailNamePattern)
	logGroupForm         = regexp.MustCompile(logGroupPattern)
	keyARNForm           = regexp.MustCompile(keyARNPattern)
	tagForm              = regexp.MustCompile(tagPattern)
	addressForm          = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,3}){3}$`)
)

func checkAccount(s string) *fault {
	if accountForm.MatchString(s) {
		return nil
	}
	f := &fault{message: "is no account id"}
	if digits := strings.NewReplacer("-", "", " ", "").Replace(s); digits != s && accountForm.MatchString(digits) {
		f.nearest = quoted(digits)
	}
	return f
}

// checkRoleName judges the name of a role that Trailkeep creates.
func checkRoleName(s string) *fault {
	if roleNameForm.MatchString(s) {
		return nil
	}
	return &fault{message: "is no role name", hint: nameOfARN(s)}
}

// checkRole judges the name of a role that exists already, with its path.
func checkRole(s string) *fault {
	switch {
	case strings.HasPrefix(s, "arn:"):
		return &fault{message: "is an ARN", hint: nameOfARN(s) + "; the stack puts each account's id before it"}
	case strings.HasPrefix(s, "/"):
		return &fault{message: "begins with a slash", nearest: quoted(strings.TrimLeft(s, "/"))}
	case strings.ContainsAny(s, "*?"):
		return &fault{message: "has a wildcard, so that the policies would exempt every role of that form"}
	case !roleForm.MatchString(s):
		return &fault{message: "is no role name"}
	}
	return nil
}

// nameOfARN says which part of a role's ARN was asked for.
func nameOfARN(s string) string {
	if _, name, ok := strings.Cut(s, ":role/"); ok && strings.HasPrefix(s, "arn:") {
		return "write its name alone: " + printable(name)
	}
	return ""
}

func checkServicePrincipal(s string) *fault {
	if servicePrincipalForm.MatchString(s) {
		return nil
	}
	return &fault{message: "is no service principal"}
}

// checkPrincipal judges the ARN of a reader. Only users and roles can be named
// as principals one by one (IAM user guide, "AWS JSON policy elements:
// Principal"); whatever stands for many is refused, since it would let in more
// people than a reviewer sees.
func checkPrincipal(s string) *fault {
	parts := strings.SplitN(s, ":", 6)
	switch {
	case len(parts) != 6 || parts[0] != "arn":
		f := &fault{message: "is no ARN"}
		if accountForm.MatchString(s) {
			f.message, f.hint = "is an account, which stands for everybody in it", "name the roles and users that read"
		}
		return f
	case strings.ContainsAny(s, "*?"):
		return &fault{message: "has a wildcard, which would let in more than one principal", hint: "name each role and user"}
	case parts[2] == "sts" && strings.HasPrefix(parts[5], "assumed-role/"):
		role := strings.Split(parts[5], "/")[1]
		return &fault{message: "is a session of a role, which changes with every sign-in",
			hint: "name the role: " + printable(fmt.Sprintf("arn:%s:iam::%s:role/%s", parts[1], parts[4], role))}
	case parts[2] == "sts":
		return &fault{message: "is a session, not a user or a role"}
	case parts[2] != "iam" || parts[3] != "":
		return &fault{message: "is no ARN of an IAM user or role"}
	case parts[5] == "root":
		return &fault{message: "is the root of an account, which stands for everybody in it", hint: "name the roles and users that read"}
	case strings.HasPrefix(parts[5], "group/"):
		return &fault{message: "is a group, which AWS accepts in no policy as a principal", hint: "name its users, or a role that they assume"}
	case !accountForm.MatchString(parts[4]):
		return &fault{message: "holds no account id of twelve digits"}
	case !principalForm.MatchString(s):
		return &fault{message: "is no ARN of an IAM user or role"}
	}
	return nil
}

// Prefixes and suffixes that S3 keeps for itself (S3 user guide, "General
// purpose bucket naming rules").
var (
	reservedBucketPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	reservedBucketSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

func checkReplicaBucket(s string) *fault {
	if f := checkBucket(s); f != nil {
		return f
	}
	if longest := 63 - len(replicaAccessLogSuffix); len(s) > longest {
		return &fault{message: fmt.Sprintf("is %d characters long, and the bucket of its access logs is named after it", len(s))}
	}
	return nil
}

func checkBucket(s string) *fault {
	for _, prefix := range reservedBucketPrefixes {
		if strings.HasPrefix(s, prefix) {
			return &fault{message: "begins with " + prefix + ", which S3 keeps for itself"}
		}
	}
	for _, suffix := range reservedBucketSuffixes {
		if strings.HasSuffix(s, suffix) {
			return &fault{message: "ends with " + suffix + ", which S3 keeps for itself"}
		}
	}
	switch lower := strings.ToLower(s); {
	case strings.HasPrefix(s, "arn:"):
		return &fault{message: "is an ARN", hint: "write the bucket's name alone"}
	case strings.HasPrefix(s, "s3://"):
		return &fault{message: "is an address", hint: "write the bucket's name alone"}
	case addressForm.MatchString(s):
		return &fault{message: "has the form of an IP address"}
	case strings.Contains(s, "."):
		// S3's wildcard certificate covers one label, so that TLS to
		// a.b.s3.amazonaws.com fails, and the bucket policy denies plain HTTP.
		return &fault{message: "has a dot, for which S3's TLS certificate does not hold, while the policy denies access without TLS",
			nearest: validBucket(strings.ReplaceAll(lower, ".", "-"))}
	case len(s) < 3 || len(s) > 63:
		return &fault{message: fmt.Sprintf("is %d characters long", len([]rune(s)))}
	case !bucketForm.MatchString(s):
		return &fault{message: "is no bucket name", nearest: validBucket(strings.ReplaceAll(lower, "_", "-"))}
	}
	return nil
}

// validBucket returns a corrected name, quoted, if the correction is enough.
func validBucket(s string) string {
	if bucketForm.MatchString(s) {
		return quoted(s)
	}
	return ""
}

func checkPrefix(s string) *fault {
	switch trimmed := strings.Trim(s, "/"); {
	case prefixForm.MatchString(s):
		for segment := range strings.SplitSeq(s, "/") {
			if segment == "." || segment == ".." {
				return &fault{message: "has the segment " + quoted(segment) + ", which many tools take for a folder"}
			}
		}
		return nil
	case trimmed != s && prefixForm.MatchString(trimmed):
		return &fault{message: "has a slash at an end; CloudTrail adds its own", nearest: quoted(trimmed)}
	case strings.ContainsAny(s, "*?$"):
		return &fault{message: "has a character that policies read as a wildcard or variable"}
	}
	return &fault{message: "has the wrong form"}
}

func checkTrailName(s string) *fault {
	switch {
	case len(s) < 3:
		return &fault{message: fmt.Sprintf("is %d characters long", len([]rune(s)))}
	case addressForm.MatchString(s):
		return &fault{message: "has the form of an IP address"}
	case !trailNameForm.MatchString(s):
		f := &fault{message: "is no name for a trail"}
		if corrected := strings.Join(strings.Fields(strings.ReplaceAll(s, "_", " ")), "-"); trailNameForm.MatchString(corrected) {
			f.nearest = quoted(corrected)
		}
		return f
	}
	return nil
}

func checkLogGroup(s string) *fault {
	switch {
	case strings.HasPrefix(s, "aws/"):
		return &fault{message: "begins with aws/, which CloudWatch Logs refuses", nearest: quoted("/" + s)}
	case !logGroupForm.MatchString(s):
		return &fault{message: "is no name for a log group"}
	}
	return nil
}

// checkKeyARN judges the ARN of the log key. An alias names whatever key it
// points at, and CloudTrail stores the key's own ARN, so that a trail made with
// the alias differs from its declaration on every plan.
func checkKeyARN(s string) *fault {
	switch {
	case strings.HasPrefix(s, "alias/") || strings.Contains(s, ":alias/"):
		return &fault{message: "is an alias; CloudTrail stores the key's ARN, so the trail would differ on every plan",
			hint: "take the ARN from the archive stack: pulumi stack output logKeyArn, or aws kms describe-key"}
	case !keyARNForm.MatchString(s):
		return &fault{message: "is no ARN of a KMS key"}
	}
	return nil
}

func checkTagKey(s string) *fault {
	switch {
	case s == "":
		return &fault{message: "is empty"}
	case len([]rune(s)) > 128:
		return &fault{message: fmt.Sprintf("is a tag key of %d characters", len([]rune(s)))}
	case strings.HasPrefix(strings.ToLower(s), "aws:"):
		return &fault{message: "begins with aws:, which AWS keeps for itself"}
	case !tagForm.MatchString(s):
		return &fault{message: "has a character that AWS allows in no tag"}
	}
	return nil
}

func checkTagValue(s string) *fault {
	if tagForm.MatchString(s) {
		return nil
	}
	return &fault{message: "has a character that AWS allows in no tag"}
}
