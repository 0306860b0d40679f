//! What signs webhooks: `whsec_` and base64 of 24 to 64 bytes.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;

const PREFIX: &str = "whsec_";

/// A secret that the receivers of webhooks have, too.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Something that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a secret of webhooks is {PREFIX} and base64 of 24 to 64 random bytes")]
pub struct InvalidSecret;

impl Secret {
    /// From text.
    ///
    /// # Errors
    /// [`InvalidSecret`].
    pub fn read(text: &str) -> Result<Self, InvalidSecret> {
        let text = text.trim();
        let bytes = STANDARD
            .decode(text.strip_prefix(PREFIX).ok_or(InvalidSecret)?)
            .map_err(|_| InvalidSecret)?;
        if (24..=64).contains(&bytes.len()) {
            return Ok(Self(bytes));
        }
        Err(InvalidSecret)
    }

    /// The signature of a message.
    pub(super) fn sign(&self, id: &str, timestamp: u64, body: &str) -> String {
        let mut hmac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key may have any length");
        hmac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(hmac.finalize().into_bytes()))
    }
}

/// Not the secret itself: logs are read by more people than settings.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's reference implementations.
    #[test]
    fn signs_as_the_specification_does() {
        let secret = Secret::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let signed = secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            "{\"test\": 2432232314}",
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_can_be_guessed_is_no_secret() {
        for wrong in [
            "",
            "whsec_",
            "whsec_AQID",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_?",
        ] {
            assert_eq!(Secret::read(wrong), Err(InvalidSecret), "{wrong}");
        }
    }
}
