unset AWS_ACCESS_KEY_ID AWS_SESSION_TOKEN
export AWS_ENDPOINT_URL=http://127.0.0.1:4599
export AWS_CONFIG_FILE=/state/aws/config
export AWS_SHARED_CREDENTIALS_FILE=/state/aws/credentials
export AWS_PROFILE=management
export AWS_REGION=eu-central-1
export AWS_EC2_METADATA_DISABLED=true
