package cloudtrail

import (
	"strings"
	"testing"
)

func TestTemplates(t *testing.T) {
	for _, c := range []struct{ template, req, want string }{
		{"delete bucket {'req.bucketName}", `{"bucketName":"it's"}`, `deleted bucket 'it\'s'`},
		{"delete bucket {'req.bucketName}", `{}`, ""},
		{"delete bucket {'req.bucketName}", `null`, ""},
		{"delete bucket {'req.bucketName}", `{"bucketName":{"a":1}}`, ""},
		{"stop {instance:req.set.items.id}", `{"set":{"items":[{"id":"i-1"}]}}`, "stopped instance i-1"},
		{"stop {instance:req.set.items.id}", `{"set":{"items":[{"id":"i-1"},{"id":"i-2"},{"id":"i-1"},{"id":"i-3"}]}}`, "stopped instances i-1, i-2 and i-3"},
		{"launch <a> [{req.type} ]EC2 {instance:req.id}", `{"type":"t2.micro","id":"i-1"}`, "launched a t2.micro EC2 instance i-1"},
		{"launch <a> [{req.type} ]EC2 {instance:req.id}", `{"id":["i-1"]}`, "launched an EC2 instance i-1"},
		{"launch <a> [{req.type} ]EC2 {instance:req.id}", `{"type":"m5.large","id":["i-1","i-2"]}`, "launched m5.large EC2 instances i-1 and i-2"},
		{"change trail {'req.name}[, multi-region {req.multi}][ in {req.place}]", `{"name":"t","multi":false}`, "changed trail 't', multi-region false"},
		{"create key {req.id} of {req.user} || create a key of {req.user|req.name}", `{"name":"n"}`, "created a key of n"},
		{"create key {req.id}", `{"id":"two words"}`, "created key 'two words'"},
		{"change[ attribute {req.a} of] x {req.id}", `{"id":"1"}`, "changed x 1"},
		{"allow {rules:req.p} in {req.id}", `{"id":"sg-1","p":{"ipProtocol":"-1","ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}}`, "allowed all traffic for 0.0.0.0/0 in sg-1"},
		{"allow {rules:req.p} in {req.id}", `{"id":"sg-1","p":[{"ipProtocol":"icmp","fromPort":-1,"toPort":-1},{"ipProtocol":"udp","fromPort":1,"toPort":2,"groups":{"items":[{"groupId":"sg-2"}]}}]}`, "allowed icmp; udp ports 1 to 2 for sg-2 in sg-1"},
		{"allow {rules:req.p} in {req.id}", `{"id":"sg-1","p":"x"}`, ""},
	} {
		tm, err := parseTemplate(c.template)
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		w := &writer{r: &Record{RequestParameters: JSON(c.req)}}
		ok := tm.render(w, tm.past)
		if string(w.text) != c.want || ok != (c.want != "") || !ok && len(w.facts) > 0 {
			t.Errorf("%s of %s: got %q, %v", c.template, c.req, w.text, w.facts)
		}
	}
}

func TestTemplateErrors(t *testing.T) {
	for template, want := range map[string]string{
		"delete":                       "no verb",
		" delete x":                    "no verb",
		"delete {req.a":                "{ without }",
		"delete [x":                    "[ without ]",
		"delete x]":                    "] without [",
		"delete {bucketName}":          "does not begin with",
		"delete {ask.x}":               "does not begin with",
		"delete <the> x":               "is not <a>",
		"delete {req.a} || create x":   `begin with "delete" and "create"`,
		"delete [{req.a} [{x} y]] {z}": "does not begin with",
	} {
		if _, err := parseTemplate(template); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", template, err)
		}
	}
}

// The past form of every verb of the table, read once by a person.
func TestPastForms(t *testing.T) {
	known := map[string]string{}
	for pair := range strings.FieldsSeq(`accept:accepted add:added allocate:allocated allow:allowed ask:asked associate:associated attach:attached begin:began
		cancel:canceled change:changed close:closed complete:completed confirm:confirmed copy:copied create:created deactivate:deactivated decline:declined decrypt:decrypted
		delete:deleted deregister:deregistered detach:detached disable:disabled disassociate:disassociated enable:enabled encrypt:encrypted force:forced give:gave grant:granted
		import:imported invite:invited invoke:invoked launch:launched leave:left link:linked make:made move:moved point:pointed publish:published purge:purged read:read reboot:rebooted
		register:registered reject:rejected release:released remove:removed rename:renamed replace:replaced request:requested restore:restored retire:retired revoke:revoked run:ran
		schedule:scheduled send:sent start:started stop:stopped suspend:suspended switch:switched tag:tagged take:took terminate:terminated unlink:unlinked upload:uploaded write:wrote`) {
		verb, past, _ := strings.Cut(pair, ":")
		known[verb] = past
	}
	seen := map[string]bool{}
	for c, tm := range templates() {
		seen[tm.verb] = true
		if known[tm.verb] != tm.past {
			t.Errorf("%v: the past of %q is %q, want %q", c, tm.verb, tm.past, known[tm.verb])
		}
	}
	for verb := range known {
		if !seen[verb] {
			t.Errorf("no phrase says %q", verb)
		}
	}
	for noun, want := range map[string]string{"instance": "instances", "policy": "policies", "key": "keys", "address": "addresses", "gateway": "gateways"} {
		if got := pluralOf(noun); got != want {
			t.Errorf("%s: %s", noun, got)
		}
	}
}

func TestQuoting(t *testing.T) {
	long := strings.Repeat("é", maxShown)
	for _, c := range []struct{ value, quoted, bare string }{
		{"i-0abcd", "'i-0abcd'", "i-0abcd"},
		{"arn:aws:iam::123456789012:user/a@b+c=d", "'arn:aws:iam::123456789012:user/a@b+c=d'", "arn:aws:iam::123456789012:user/a@b+c=d"},
		{"", "''", "''"},
		{"two words", "'two words'", "'two words'"},
		{"it's", `'it\'s'`, `'it\'s'`},
		{`a\b`, `'a\\b'`, `'a\\b'`},
		{"end.", "'end.'", "'end.'"},
		{"a\x1b[31m\r\n\tb\x00\x7f", `'a\u{1b}[31m\u{d}\n\tb\u{0}\u{7f}'`, `'a\u{1b}[31m\u{d}\n\tb\u{0}\u{7f}'`},
		{"\u202eabc\u200b\ufeff\u2028", `'\u{202e}abc\u{200b}\u{feff}\u{2028}'`, `'\u{202e}abc\u{200b}\u{feff}\u{2028}'`},
		{"\xff", `'\xff'`, `'\xff'`},
		{"名前", "'名前'", "'名前'"},
		{long, "'" + long + "'", "'" + long + "'"},
		{long + "é", "'" + long + "…' [1 more character]", "'" + long + "…' [1 more character]"},
	} {
		if got := quoted(c.value); got != c.quoted {
			t.Errorf("%q: quoted %s", c.value, got)
		}
		if got := string(appendBare(nil, c.value)); got != c.bare {
			t.Errorf("%q: bare %s", c.value, got)
		}
	}
}

func TestCallOf(t *testing.T) {
	for event, want := range map[string]string{
		"CreateFunction20150331": "CreateFunction", "UpdateFunctionCode20150331v2": "UpdateFunctionCode", "Invoke": "Invoke", "AddPermission20150331v2": "AddPermission",
		"v2": "v2", "20150331": "20150331", "X2015033": "X2015033", "": "",
	} {
		if got := callOf(&Record{EventSource: "lambda.amazonaws.com", EventName: event}); got != (call{"lambda", want}) {
			t.Errorf("%s: %v", event, got)
		}
	}
	if got := callOf(&Record{EventSource: "s3.amazonaws.com", EventName: "X20150331"}).name; got != "X20150331" {
		t.Error(got)
	}
}

func TestConsoleAndTool(t *testing.T) {
	for ua, want := range map[string]string{
		"console.amazonaws.com": "console", "signin.amazonaws.com": "console", "console.ec2.amazonaws.com": "console", "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.11]": "console",
		"aws-cli/2.15.58 md/awscrt#0.19": "aws-cli/2.15.58", "Boto3/1.34 md/Botocore": "Boto3/1.34",
		"APN/1.0 HashiCorp/1.0 Terraform/1.8.3 (+https://www.terraform.io)": "Terraform/1.8.3", "[aws-sdk-go-v2/1.30.0 os/linux]": "aws-sdk-go-v2/1.30.0",
		"Mozilla/5.0 (Windows NT 10.0)": "", "": "", "console.evil.example": "",
	} {
		r := &Record{UserAgent: ua}
		got := toolOf(ua)
		if r.InConsole() {
			got = "console"
		}
		if got != want {
			t.Errorf("%s: %q", ua, got)
		}
	}
	if (&Record{UserAgent: "console.amazonaws.com", FromConsole: ptr(false)}).InConsole() {
		t.Error("the record's own flag goes first")
	}
}

func TestPermissionSet(t *testing.T) {
	for role, want := range map[string]string{
		"AWSReservedSSO_AdministratorAccess_0123456789abcdef": "AdministratorAccess", "AWSReservedSSO_My_Set_0123456789abcdef": "My_Set",
		"AWSReservedSSO_X_0123": "", "AWSReservedSSO__0123456789abcdef": "", "AWSReservedSSO_X_0123456789abcdeg": "", "Admin": "",
	} {
		if got, ok := permissionSet(role); got != want || ok != (want != "") {
			t.Errorf("%s: %q", role, got)
		}
	}
}
