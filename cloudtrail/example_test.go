package cloudtrail_test

import (
	"fmt"
	"strings"

	"github.com/trailkeep/trailkeep/cloudtrail"
)

func ExampleExplain() {
	file := `{"Records":[{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","userName":"alice"},"eventTime":"2024-06-03T09:15:27Z",` +
		`"eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.23",` +
		`"requestParameters":{"bucketName":"example-reports"},"errorCode":"AccessDenied"}]}`
	for entry, err := range cloudtrail.Read("log.json", strings.NewReader(file)) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(cloudtrail.Explain(entry.Record).Text)
	}
	// Output:
	// On June 3, 2024 at 09:15:27 UTC, IAM user 'alice' (from 198.51.100.23) called DeleteBucket in Europe (Ireland) and tried to delete bucket 'example-reports'. The call was denied (AccessDenied).
}
