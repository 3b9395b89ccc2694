//! Whose word for a server is believed. The list is part of the program, so that it works on a machine without one; a file takes
//! its place where a mirror or a proxy has a certificate of its own.

use std::path::Path;
use std::sync::Arc;

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use crate::error::Error;

/// Authorities that vouch for servers: Mozilla's list, unless a file names others.
#[derive(Clone, Debug, Default)]
pub struct Certificates(Option<Arc<Vec<Certificate<'static>>>>);

impl Certificates {
    /// The certificates of a file in PEM; what else is in it is left alone.
    ///
    /// # Errors
    /// If it cannot be read or has none.
    pub fn read(file: &Path) -> Result<Self, Error> {
        let bytes = mtlift_files::read_bytes(file)?;
        let certificate = |item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        };
        let all: Vec<_> = parse_pem(&bytes).filter_map(certificate).collect();
        if all.is_empty() {
            let (expected, found) = ("a file with certificates in PEM", Some(file.display().to_string()));
            return Err(Error::Setting { name: "SSL_CERT_FILE".to_owned(), expected, found });
        }
        Ok(Self(Some(Arc::new(all))))
    }

    pub(crate) fn roots(&self) -> RootCerts {
        self.0.clone().map_or(RootCerts::WebPki, RootCerts::Specific)
    }
}
