//! The user's AWS settings, read once: credentials, region, endpoint, and the thread that waits for the network.

use crate::error::{Error, no_credentials};
use crate::retry::Patience;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use std::env;
use std::future::Future;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Signatures need a region, also where the endpoint is no AWS.
const REGION_ELSEWHERE: &str = "us-east-1";
const CONNECT: Duration = Duration::from_secs(5);
/// Until an answer begins; a part of a large file may take long on a slow line. Lines that stand still are noticed sooner.
const ANSWER: Duration = Duration::from_secs(300);

/// What speaks to AWS in the user's name. Its functions wait until they are done.
pub struct Session {
    runtime: Runtime,
    config: SdkConfig,
}

impl Session {
    /// Reads the settings as every AWS tool does: environment, profile, container or instance role. `region` goes before
    /// theirs. Fails where there are no credentials or no region.
    pub fn open(region: Option<&str>) -> Result<Session, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
            Error::outside(format!("cannot wait for the network: {error}"), "close other programs and say it again")
        })?;
        // As the SDK's own, with TLS by ring and with the proxies that the environment names.
        let http = Builder::new().build_with_connector_fn(|settings, components| {
            let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
        });
        // Requests are asked again by `retry`, which knows more of them.
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(ANSWER).build();
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        let loader = match region {
            Some(region) => loader.region(Region::new(region.to_owned())),
            None => loader,
        };
        let config = runtime.block_on(loader.load());
        let session = Session { runtime, config };
        let config = session.with_region()?;
        let session = Session { config, ..session };
        session.check_credentials()?;
        Ok(session)
    }

    /// Over settings that are at hand, as a test has them.
    pub fn with(config: SdkConfig) -> Result<Session, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::outside(format!("cannot wait for the network: {error}"), ""))?;
        Ok(Session { runtime, config })
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Where requests go.
    pub fn region(&self) -> &str {
        self.config.region().map_or("", |region| region.as_ref())
    }

    pub(crate) fn lambda(&self) -> aws_sdk_lambda::Client {
        aws_sdk_lambda::Client::new(&self.config)
    }

    pub(crate) fn iam(&self) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.config)
    }

    pub(crate) fn logs(&self) -> aws_sdk_cloudwatchlogs::Client {
        aws_sdk_cloudwatchlogs::Client::new(&self.config)
    }

    pub(crate) fn sts(&self) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.config)
    }

    /// What waits between two looks or attempts.
    pub(crate) fn patience(&self) -> Patience {
        Patience(self.config.sleep_impl())
    }

    /// A client of S3. Endpoints that are not AWS's own have the bucket in the path.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(endpoint(&self.config, "AWS_ENDPOINT_URL_S3").is_some())
            // Every request that needs a checksum states its own.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    fn with_region(&self) -> Result<SdkConfig, Error> {
        if self.config.region().is_some() {
            return Ok(self.config.clone());
        }
        let endpoints = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_LAMBDA"];
        if endpoints.iter().any(|variable| endpoint(&self.config, variable).is_some()) {
            return Ok(self.config.to_builder().region(Region::new(REGION_ELSEWHERE)).build());
        }
        let help = "set AWS_REGION (`eu-central-1`), or a `region` in the profile";
        Err(Error::outside("no AWS region is set", help))
    }

    fn check_credentials(&self) -> Result<(), Error> {
        let help = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or choose a profile with AWS_PROFILE";
        let provider = self.config.credentials_provider();
        let provider = provider.ok_or_else(|| Error::outside("there are no AWS credentials", help))?;
        match self.wait(provider.provide_credentials()) {
            Ok(_) => Ok(()),
            Err(error) => Err(no_credentials(&error)),
        }
    }
}

/// The endpoint in place of AWS's own, for all services or for one.
fn endpoint(config: &SdkConfig, variable: &str) -> Option<String> {
    let all = || config.endpoint_url().map(str::to_owned);
    env::var(variable).ok().filter(|url| !url.is_empty()).or_else(all)
}
