//! One request and its answer. Redirects are followed here and not by the HTTP client, because where one leads decides
//! what it means and who may see the token: the token is sent to the endpoint's origin and to no other.

use std::io::ErrorKind;
use std::time::Duration;

use ureq::http::{Response, StatusCode, Uri, header};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body};

use crate::error::Error;
use crate::failure::Failure;
use crate::location::{host, same_origin, shown, target};
use crate::settings::Settings;

/// A chain of redirects is never longer on a hub.
const REDIRECTS: usize = 10;

/// What is asked for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Ask {
    /// A small document of the hub's own.
    Document,
    /// What the hub says of a file. A redirect to another origin is the answer: it says all there is to know.
    Head,
    /// A file's bytes from this one on, wherever the hub sends us.
    Bytes(u64),
}

/// An answer, and the address that gave it.
pub(crate) struct Answer {
    pub(crate) uri: Uri,
    pub(crate) response: Response<Body>,
}

pub(crate) struct Client {
    agent: Agent,
    settings: Settings,
}

impl Client {
    pub(crate) fn new(settings: Settings) -> Self {
        let patience = &settings.patience;
        let config = Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(settings.certificates.roots()).build())
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("mtlift/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(patience.connect))
            .timeout_connect(Some(patience.connect))
            .timeout_send_request(Some(patience.read))
            .timeout_recv_response(Some(patience.read))
            .timeout_per_read(Some(patience.read));
        Self { agent: config.build().new_agent(), settings }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn has_token(&self) -> bool {
        self.settings.token.is_some()
    }

    /// Asks once. Every status but a redirect that is followed is an answer.
    pub(crate) fn ask(&self, ask: Ask, path: &str) -> Result<Answer, Failure> {
        let endpoint = self.uri(&self.settings.endpoint)?;
        let mut uri = self.uri(&format!("{}/{path}", self.settings.endpoint))?;
        for _ in 0..=REDIRECTS {
            let response =
                self.send(ask, &uri, same_origin(&uri, &endpoint)).map_err(|error| unreached(&uri, error))?;
            let location =
                response.headers().get(header::LOCATION).filter(|_| is_redirect(response.status()));
            let Some(location) = location else { return Ok(Answer { uri, response }) };
            let next = location.to_str().ok().and_then(|location| target(&uri, location));
            let next = next.ok_or_else(|| not_a_hub(&uri, "a redirect to no address".to_owned()))?;
            if !same_origin(&next, &uri) {
                if ask == Ask::Head {
                    return Ok(Answer { uri, response });
                }
                let weaker = uri.scheme_str() == Some("https") && next.scheme_str() == Some("http");
                if ask == Ask::Document || weaker {
                    return Err(not_a_hub(&uri, format!("a redirect to {}", shown(&next))).into());
                }
            }
            uri = next;
        }
        Err(not_a_hub(&uri, format!("more than {REDIRECTS} redirects")).into())
    }

    fn send(&self, ask: Ask, uri: &Uri, trusted: bool) -> Result<Response<Body>, ureq::Error> {
        let request = if ask == Ask::Head { self.agent.head(uri) } else { self.agent.get(uri) };
        // What is compressed on its way has neither the length nor the sum of the file.
        let mut request = request.header(header::ACCEPT_ENCODING, "identity");
        if let Some(token) = self.settings.token.as_ref().filter(|_| trusted) {
            request = request.header(header::AUTHORIZATION, token.bearer());
        }
        if let Ask::Bytes(from @ 1..) = ask {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        request.call()
    }

    fn uri(&self, text: &str) -> Result<Uri, Error> {
        text.parse().map_err(|_| Error::Setting {
            name: "HF_ENDPOINT".to_owned(),
            expected: "an address",
            found: Some(self.settings.endpoint.clone()),
        })
    }
}

impl Answer {
    /// A header's text, if it has one.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// How long the server asks to wait: `Retry-After` in seconds, or the rest of the window that `RateLimit` names when
    /// nothing is left of it.
    pub(crate) fn wait(&self) -> Option<Duration> {
        let after = self.header("retry-after").and_then(|text| text.trim().parse().ok());
        let window = || {
            let limit = self.header("ratelimit")?;
            let field = |key: &str| limit.split(';').find_map(|field| field.trim().strip_prefix(key));
            field("t=")?.parse().ok().filter(|_| field("r=") == Some("0"))
        };
        after.or_else(window).map(Duration::from_secs)
    }
}

pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

pub(crate) fn not_a_hub(uri: &Uri, reason: String) -> Error {
    Error::NotAHub { url: shown(uri), reason }
}

/// No answer, or not all of it.
pub(crate) fn unreached(uri: &Uri, error: ureq::Error) -> Failure {
    let passing = match &error {
        ureq::Error::Timeout(_) => true,
        ureq::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof
                | ErrorKind::TimedOut
        ),
        _ => false,
    };
    let reason = match error {
        ureq::Error::Timeout(_) => {
            "it was silent for too long (HF_HUB_DOWNLOAD_TIMEOUT is how long, in seconds)".to_owned()
        }
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    };
    let error = Error::Unreachable { host: host(uri), reason };
    if passing { Failure::passing(error) } else { Failure::Final(error) }
}
