//! The certificate that a key is vouched for by, and what would make readers refuse it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

const END: &str = "-----END CERTIFICATE-----";

/// Why a certificate signs nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CertificateError {
    /// There is none.
    #[error("there is no certificate in PEM in it (-----BEGIN CERTIFICATE-----)")]
    Missing,
    /// It can't be read.
    #[error("certificate {place} in it is damaged")]
    Damaged {
        /// Counted from 1.
        place: usize,
    },
    /// It vouches for itself.
    #[error(
        "the certificate is signed by itself, and readers refuse those; have an authority sign it \
         (atelier certificate new makes both, for trying)"
    )]
    SelfSigned,
    /// It is one that signs certificates.
    #[error(
        "the first certificate is an authority's; the one that signs files comes first, then those that lead \
         to its root"
    )]
    Authority,
    /// A certificate is followed by one that has not signed it.
    #[error(
        "certificate {place} was not issued by the one after it; order them from the first to its root"
    )]
    Order {
        /// Counted from 1.
        place: usize,
    },
    /// Its time is over.
    #[error("the certificate has expired, on {day}")]
    Expired {
        /// When.
        day: String,
    },
    /// Its time has not come.
    #[error("the certificate is valid only from {day} on")]
    NotYet {
        /// When.
        day: String,
    },
}

/// A certificate, with those that lead to its root.
#[derive(Debug)]
pub(super) struct Chain {
    /// In DER.
    certificates: Vec<Vec<u8>>,
    /// The first one's public key, as `SubjectPublicKeyInfo`.
    pub(super) public_key: Vec<u8>,
    /// The first one, in PEM.
    pub(super) pem: String,
    pub(super) subject: String,
    pub(super) expires: SystemTime,
}

impl Chain {
    /// Reads a chain, and holds it against the time.
    pub(super) fn read(pem: &[u8], now: SystemTime) -> Result<Self, CertificateError> {
        let mut certificates = Vec::new();
        for (at, block) in Pem::iter_from_buffer(pem).enumerate() {
            let block = block.map_err(|_| CertificateError::Damaged { place: at + 1 })?;
            if block.label == "CERTIFICATE" {
                certificates.push(block.contents);
            }
        }
        let parsed = certificates.iter().enumerate().map(|(at, der)| {
            let parsed = X509Certificate::from_der(der);
            let (_, parsed) = parsed.map_err(|_| CertificateError::Damaged { place: at + 1 })?;
            Ok(parsed)
        });
        let parsed: Vec<X509Certificate<'_>> = parsed.collect::<Result<_, _>>()?;
        let first = parsed.first().ok_or(CertificateError::Missing)?;
        if first.issuer() == first.subject() {
            return Err(CertificateError::SelfSigned);
        }
        if first.is_ca() {
            return Err(CertificateError::Authority);
        }
        let issued = |pair: &[X509Certificate<'_>]| pair[0].issuer() == pair[1].subject();
        if let Some(at) = parsed.windows(2).position(|pair| !issued(pair)) {
            return Err(CertificateError::Order { place: at + 1 });
        }
        let validity = first.validity();
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        if validity.not_after.timestamp() < seconds {
            let day = validity.not_after.to_string();
            return Err(CertificateError::Expired { day });
        }
        if validity.not_before.timestamp() > seconds {
            let day = validity.not_before.to_string();
            return Err(CertificateError::NotYet { day });
        }
        let expires = u64::try_from(validity.not_after.timestamp()).unwrap_or_default();
        Ok(Self {
            pem: first_block(pem),
            public_key: first.public_key().raw.to_vec(),
            subject: first.subject().to_string(),
            expires: UNIX_EPOCH + Duration::from_secs(expires),
            certificates,
        })
    }

    /// Bytes of a signature that holds the certificates: a `COSE_Sign1` of CBOR, to the byte.
    pub(super) fn signature_bytes(&self) -> usize {
        let certificates = self.certificates.iter();
        let certificates: usize = certificates.map(|der| byte_string(der.len())).sum();
        // Several are a list, which has a head of its own.
        let list = usize::from(self.certificates.len() > 1);
        // A map of two: the algorithm by a number of one byte, and the chain by one of two.
        let protected = 1 + (1 + 1) + (2 + list + certificates);
        // A tag and a list; an empty map; nothing, since the claim is elsewhere; the signature.
        (1 + 1) + byte_string(protected) + 1 + 1 + byte_string(64)
    }
}

/// Bytes of a byte string in CBOR, with its head.
fn byte_string(length: usize) -> usize {
    let head = match length {
        0..24 => 1,
        24..0x100 => 2,
        0x100..0x1_0000 => 3,
        _ => 5,
    };
    head + length
}

/// The first certificate of a list.
fn first_block(pem: &[u8]) -> String {
    let text = String::from_utf8_lossy(pem);
    let begin = text.find("-----BEGIN CERTIFICATE-----").unwrap_or_default();
    let first = &text[begin..];
    let end = first.find(END).map_or(first.len(), |end| end + END.len());
    first[..end].to_owned() + "\n"
}
