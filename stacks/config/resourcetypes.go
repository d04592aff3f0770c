package config

import "strings"

// resourceTypes lists the values of resources.type for which CloudTrail records
// data events (CloudTrail user guide, "Data events supported by AWS
// CloudTrail"). It serves to spot slips; a type that is missing here passes.
var resourceTypes = strings.Fields(`
AWS::S3::Object AWS::Lambda::Function AWS::DynamoDB::Table AWS::Kinesis::Stream
AWS::AIDevOps::AgentSpace AWS::AIDevOps::Association AWS::AIDevOps::OperatorAppTeam
AWS::AIDevOps::PipelineMetadata AWS::AIDevOps::Service AWS::AIOps::InvestigationGroup
AWS::AppConfig::Configuration AWS::AppSync::GraphQLApi AWS::B2BI::Transformer AWS::Backup::SearchJob
AWS::Bedrock::AdvancedOptimizePromptJob AWS::Bedrock::AgentAlias AWS::Bedrock::AsyncInvoke
AWS::Bedrock::AutomatedReasoningPolicy AWS::Bedrock::AutomatedReasoningPolicyVersion
AWS::Bedrock::Blueprint AWS::Bedrock::DataAutomationInvocation AWS::Bedrock::DataAutomationProfile
AWS::Bedrock::DataAutomationProject AWS::Bedrock::FlowAlias AWS::Bedrock::FlowExecution
AWS::Bedrock::Guardrail AWS::Bedrock::InlineAgent AWS::Bedrock::KnowledgeBase AWS::Bedrock::Model
AWS::Bedrock::PromptVersion AWS::Bedrock::Session AWS::Bedrock::Tool
AWS::BedrockAgentCore::APIKeyCredentialProvider AWS::BedrockAgentCore::Browser
AWS::BedrockAgentCore::BrowserCustom AWS::BedrockAgentCore::CodeInterpreter
AWS::BedrockAgentCore::CodeInterpreterCustom AWS::BedrockAgentCore::Evaluator
AWS::BedrockAgentCore::Gateway AWS::BedrockAgentCore::Memory
AWS::BedrockAgentCore::OAuth2CredentialProvider AWS::BedrockAgentCore::Runtime
AWS::BedrockAgentCore::RuntimeEndpoint AWS::BedrockAgentCore::TokenVault
AWS::BedrockAgentCore::WorkloadIdentity AWS::BedrockAgentCore::WorkloadIdentityDirectory
AWS::Cassandra::Stream AWS::Cassandra::Table AWS::CloudFront::KeyValueStore
AWS::CloudOptimization::Profile AWS::CloudOptimization::Recommendation AWS::CloudTrail::Channel
AWS::CloudWatch::Metric AWS::CodeGuruProfiler::ProfilingGroup AWS::CodeWhisperer::Customization
AWS::CodeWhisperer::Profile AWS::Cognito::IdentityPool AWS::DataExchange::Asset
AWS::Deadline::Fleet AWS::Deadline::Job AWS::Deadline::Queue AWS::Deadline::Worker AWS::DSQL::Cluster
AWS::DynamoDB::Stream AWS::EC2::InstanceConnectEndpoint AWS::EC2::Snapshot
AWS::ECS::ContainerInstance AWS::EKS::Dashboard AWS::EMRWAL::Workspace AWS::FinSpace::Environment
AWS::FSx::Volume AWS::GameLiftStreams::Application AWS::GameLiftStreams::StreamGroup
AWS::GeoMaps::Provider AWS::GeoPlaces::Provider AWS::GeoRoutes::Provider AWS::Glue::Table
AWS::GreengrassV2::ComponentVersion AWS::GreengrassV2::Deployment AWS::GuardDuty::Detector
AWS::GuardDuty::MalwareScan AWS::IoT::Certificate AWS::IoT::Thing AWS::IoTSiteWise::Asset
AWS::IoTSiteWise::TimeSeries AWS::IoTTwinMaker::Entity AWS::IoTTwinMaker::Workspace
AWS::KendraRanking::ExecutionPlan AWS::Kinesis::StreamConsumer AWS::KinesisFirehose::DeliveryStream
AWS::KinesisVideo::SignalingChannel AWS::KinesisVideo::Stream AWS::MachineLearning::MlModel
AWS::ManagedBlockchain::Network AWS::ManagedBlockchain::Node AWS::ManagedBlockchainQuery::QueryAPI
AWS::MedicalImaging::Datastore AWS::MedicalImaging::Imageset AWS::MWAA::Environment
AWS::NeptuneGraph::Graph AWS::NetworkFlowMonitor::Monitor AWS::NetworkFlowMonitor::Scope
AWS::NovaAct::WorkflowDefinition AWS::NovaAct::WorkflowRun AWS::One::UKey AWS::One::User
AWS::PaymentCryptography::Alias AWS::PaymentCryptography::Key AWS::PCAConnectorAD::Connector
AWS::PCAConnectorSCEP::Connector AWS::Pinpoint::App AWS::QApps::QApp AWS::QApps::QAppSession
AWS::QBusiness::Application AWS::QBusiness::DataSource AWS::QBusiness::Index
AWS::QBusiness::Integration AWS::QBusiness::WebExperience AWS::QDeveloper::Integration
AWS::Quicksight::ActionConnector AWS::QuickSight::Flow AWS::QuickSight::FlowSession
AWS::RDS::DBCluster AWS::Redshift::Cluster AWS::RUM::AppMonitor AWS::S3::AccessPoint
AWS::S3Express::Object AWS::S3ObjectLambda::AccessPoint AWS::S3Outposts::Object AWS::S3Tables::Table
AWS::S3Tables::TableBucket AWS::S3Vectors::Index AWS::S3Vectors::VectorBucket
AWS::SageMaker::Endpoint AWS::SageMaker::ExperimentTrialComponent AWS::SageMaker::FeatureGroup
AWS::SageMaker::MlflowTrackingServer AWS::SCN::Instance AWS::SDB::Domain
AWS::ServiceDiscovery::Namespace AWS::ServiceDiscovery::Service AWS::SES::ConfigurationSet
AWS::SES::EmailIdentity AWS::SES::Template AWS::Signer::SigningJob AWS::Signer::SigningProfile
AWS::SitewiseAssistant::Conversation AWS::SMSVoice::Message AWS::SMSVoice::OriginationIdentity
AWS::SNS::PlatformEndpoint AWS::SNS::Topic AWS::SocialMessaging::PhoneNumberId
AWS::SocialMessaging::WabaId AWS::SQS::Queue AWS::SSM::ExecutionPreview AWS::SSM::ManagedNode
AWS::SSMMessages::ControlChannel AWS::StepFunctions::Activity AWS::StepFunctions::StateMachine
AWS::SupportAccess::Tenant AWS::SupportAccess::TrustingAccount AWS::SupportAccess::TrustingRole
AWS::SWF::Domain AWS::ThinClient::Device AWS::ThinClient::Environment AWS::Timestream::Database
AWS::Timestream::RegionalEndpoint AWS::Timestream::Table AWS::Transform::AgentInstance
AWS::TransformCustom::Campaign AWS::TransformCustom::Conversation AWS::TransformCustom::KnowledgeItem
AWS::TransformCustom::Package AWS::VerifiedPermissions::PolicyStore AWS::XRay::Trace
`)
