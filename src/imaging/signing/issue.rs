//! A certificate for trying, and the authority that vouches for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ED25519, date_time_ymd,
};

const DAY: Duration = Duration::from_secs(86_400);
const YEAR: u32 = 365;
/// Clocks differ.
const BEFORE: u32 = 1;
/// For signing claims, by the C2PA. Readers that don't know it want e-mail protection, which stands beside
/// it.
const CLAIM_SIGNING: [u64; 9] = [1, 3, 6, 1, 4, 1, 62558, 2, 1];

/// A certificate that could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the certificate could not be made: {0}")]
pub struct IssueError(#[from] rcgen::Error);

/// A certificate, its key, and who vouches for it, all in PEM.
pub struct Issued {
    /// The certificate, and the authority's after it.
    pub chain: String,
    /// The certificate's private key.
    pub key: String,
    /// The authority's certificate, for those who are to trust it. Its key is gone: it signed once.
    pub authority: String,
}

impl std::fmt::Debug for Issued {
    /// The key stays out of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

/// Makes an authority, has it sign a certificate for that name, and forgets the authority's key.
///
/// # Errors
/// [`IssueError`]: the name can't stand in a certificate, or there is no randomness.
pub fn issue(name: &str) -> Result<Issued, IssueError> {
    let authority_key = KeyPair::generate_for(&PKCS_ED25519)?;
    let mut authority = valid(&format!("{name} CA"), 10 * YEAR);
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_certificate = authority.self_signed(&authority_key)?;
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate_for(&PKCS_ED25519)?;
    let mut leaf = valid(name, YEAR);
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::EmailProtection,
        ExtendedKeyUsagePurpose::Other(CLAIM_SIGNING.to_vec()),
    ];
    let certificate = leaf.signed_by(&key, &issuer)?;
    Ok(Issued {
        chain: certificate.pem() + &authority_certificate.pem(),
        key: key.serialize_pem(),
        authority: authority_certificate.pem(),
    })
}

fn valid(name: &str, days: u32) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    // The specification wants to know who stands for the files.
    subject.push(DnType::OrganizationName, name);
    parameters.distinguished_name = subject;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = date_time_ymd(1970, 1, 1) + now;
    parameters.not_before = now - BEFORE * DAY;
    parameters.not_after = now + days * DAY;
    parameters
}
