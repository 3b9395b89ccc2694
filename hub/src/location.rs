//! Addresses: where a redirect leads, and whether that is still the same server.

use ureq::http::Uri;

/// The absolute address that a `Location` means on an answer from `base`; none if it means none.
pub(crate) fn target(base: &Uri, location: &str) -> Option<Uri> {
    let (scheme, authority) = (base.scheme_str()?, base.authority()?);
    let absolute = match location {
        _ if location.starts_with("//") => format!("{scheme}:{location}"),
        _ if location.starts_with('/') => format!("{scheme}://{authority}{location}"),
        _ if location.contains("://") => location.to_owned(),
        _ => {
            let folder = base.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{scheme}://{authority}{folder}/{location}")
        }
    };
    let uri: Uri = absolute.parse().ok()?;
    matches!(uri.scheme_str(), Some("http" | "https")).then_some(uri)
}

/// Whether both are of one origin: scheme, host and port. What is secret to one origin is not for another.
pub(crate) fn same_origin(a: &Uri, b: &Uri) -> bool {
    let origin = |uri: &Uri| {
        let scheme = uri.scheme_str()?.to_owned();
        let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
        Some((scheme, uri.host()?.to_ascii_lowercase(), port))
    };
    origin(a).is_some() && origin(a) == origin(b)
}

/// The host and its port, for messages.
pub(crate) fn host(uri: &Uri) -> String {
    uri.authority().map_or_else(|| uri.to_string(), |authority| authority.to_string())
}

/// The address without what follows its `?`: a signature there is a secret of some minutes.
pub(crate) fn shown(uri: &Uri) -> String {
    let text = uri.to_string();
    text.split('?').next().unwrap_or_default().to_owned()
}
