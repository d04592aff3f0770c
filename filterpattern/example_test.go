package filterpattern_test

import (
	"errors"
	"fmt"

	"github.com/trailkeep/trailkeep/filterpattern"
)

func Example() {
	p, err := filterpattern.Parse(`{ $.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes" }`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, event := range []string{
		`{"eventName":"ConsoleLogin","additionalEventData":{"MFAUsed":"No"}}`,
		`{"eventName":"ConsoleLogin","additionalEventData":{"MFAUsed":"Yes"}}`,
		`{"eventName":"ConsoleLogin","additionalEventData":{}}`,
	} {
		match, err := p.Match([]byte(event))
		fmt.Println(match, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// false <nil>
}

func ExampleParse_error() {
	_, err := filterpattern.Parse(`{ $.eventName == "ConsoleLogin" }`)
	fmt.Println(err)
	var syntax *filterpattern.SyntaxError
	if errors.As(err, &syntax) {
		fmt.Println(syntax.Column)
	}
	// Output:
	// filter pattern column 15: found "==", expected one of = != < > <= >=, "IS" or "NOT EXISTS"
	// 15
}

func ExampleSet() {
	var patterns []*filterpattern.Pattern
	for _, src := range []string{
		`{ $.eventName = StopLogging || $.eventName = DeleteTrail }`,
		`{ $.errorCode = "AccessDenied*" }`,
		`{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS }`,
	} {
		p, err := filterpattern.Parse(src)
		if err != nil {
			fmt.Println(err)
			return
		}
		patterns = append(patterns, p)
	}
	set := filterpattern.NewSet(patterns)
	hits, err := set.Match([]byte(`{"eventName":"StopLogging","userIdentity":{"type":"Root"}}`), nil)
	fmt.Println(hits, err)
	// Output: [0 2] <nil>
}

func ExamplePattern_Without() {
	p, err := filterpattern.Parse(`{ ($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, c := range p.Clauses() {
		fmt.Printf("without %s: %s\n", c.Text, p.Without(i))
	}
	// Output:
	// without $.eventSource = kms.amazonaws.com: { $.eventName = DisableKey || $.eventName = ScheduleKeyDeletion }
	// without $.eventName = DisableKey: { $.eventSource = kms.amazonaws.com && $.eventName = ScheduleKeyDeletion }
	// without $.eventName = ScheduleKeyDeletion: { $.eventSource = kms.amazonaws.com && $.eventName = DisableKey }
}
