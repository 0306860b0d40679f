//! Files are signed, and read as others read them.

use std::io::Cursor;
use std::sync::LazyLock;

use c2pa::{Context, Reader, ValidationState};
use rcgen::{CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::json;

use super::*;
use crate::imaging::encode::tests::{gradient, provenance};
use crate::imaging::{
    Channels, DecodeLimits, FileFormat, Image, Provenance, Timing, animate, decode, encode,
    read_provenance,
};

static ISSUED: LazyLock<Issued> = LazyLock::new(|| issue("Atelier tests").unwrap());
static CREDENTIALS: LazyLock<Credentials> =
    LazyLock::new(|| Credentials::read(ISSUED.chain.as_bytes(), ISSUED.key.as_bytes()).unwrap());

fn files() -> Vec<(FileFormat, Vec<u8>)> {
    let image = gradient(64, 64, Channels::Rgb);
    let still = FileFormat::ALL.into_iter().chain([FileFormat::Gif]);
    let still = still.map(|format| (format, encode(&image, format, &provenance()).unwrap()));
    let frames = [
        image.clone(),
        Image::new(64, 64, Channels::Rgb, vec![9; 64 * 64 * 3]).unwrap(),
    ];
    let moving = FileFormat::ANIMATED.into_iter().map(|format| {
        let file = animate(&frames, format, Timing::default(), &provenance());
        (format, file.unwrap())
    });
    still.chain(moving).collect()
}

fn signed(file: &[u8], format: FileFormat, inputs: &[Input]) -> Vec<u8> {
    let provenance = &provenance();
    let statement = Statement { provenance, inputs };
    CREDENTIALS.sign(file, format, statement).unwrap()
}

/// As a stranger reads it, who trusts these authorities.
fn read(file: &[u8], format: FileFormat, trusted: Option<&str>) -> Reader {
    let mut settings = json!({});
    if let Some(trusted) = trusted {
        settings = json!({ "trust": { "user_anchors": trusted } });
    }
    let context = Context::new().with_settings(settings).unwrap();
    let media_type = format.still().media_type();
    let reader = Reader::from_context(context).with_stream(media_type, Cursor::new(file));
    reader.unwrap()
}

fn actions(reader: &Reader) -> serde_json::Value {
    let manifest = reader.active_manifest().unwrap();
    manifest
        .find_assertion::<serde_json::Value>("c2pa.actions.v2")
        .unwrap()["actions"]
        .clone()
}

#[test]
fn each_format_is_valid_and_trusted_where_its_authority_is() {
    for (format, file) in files() {
        let signed = signed(&file, format, &[]);
        assert_eq!(
            read(&signed, format, None).validation_state(),
            ValidationState::Valid,
            "{format}"
        );
        let reader = read(&signed, format, Some(&ISSUED.authority));
        assert_eq!(
            reader.validation_state(),
            ValidationState::Trusted,
            "{format}"
        );
        let actions = actions(&reader);
        assert_eq!(actions[0]["action"], "c2pa.created", "{format}");
        assert_eq!(actions[0]["softwareAgent"]["name"], provenance().model);
        assert_eq!(actions[0]["softwareAgent"]["version"], provenance().digest);
        let source_type = actions[0]["digitalSourceType"].as_str().unwrap();
        assert!(
            source_type.ends_with("/trainedAlgorithmicMedia"),
            "{source_type}"
        );
        let added = signed.len() - file.len();
        assert!(added <= 3_000, "{format}: {added} bytes");
    }
}

#[test]
fn a_changed_byte_is_noticed() {
    for (format, file) in files() {
        let mut signed = signed(&file, format, &[]);
        // The last pixels are near the end in each format, before its own last marks.
        let place = signed.len() - 20;
        signed[place] ^= 1;
        let reader = read(&signed, format, Some(&ISSUED.authority));
        assert_eq!(
            reader.validation_state(),
            ValidationState::Invalid,
            "{format}"
        );
    }
}

#[test]
fn pixels_and_the_other_words_stay() {
    for (format, file) in files() {
        let signed = signed(&file, format, &[]);
        if format == FileFormat::Gif {
            continue; // It isn't read here.
        }
        let limits = DecodeLimits::default();
        assert_eq!(
            decode(&signed, &limits).unwrap(),
            decode(&file, &limits).unwrap(),
            "{format}"
        );
        assert_eq!(
            read_provenance(&signed).unwrap(),
            provenance().into(),
            "{format}"
        );
    }
}

#[test]
fn what_a_template_fills_is_as_valid_as_what_the_library_makes() {
    for (format, _) in files()
        .into_iter()
        .filter(|(format, _)| format.still() == FileFormat::Png)
    {
        let mut before = None;
        for side in [3, 64, 200, 7] {
            let image = gradient(side, side, Channels::Rgb);
            let file = match format.is_animated() {
                false => encode(&image, format, &provenance()).unwrap(),
                true => {
                    let frames = [image.clone(), image.clone()];
                    animate(&frames, format, Timing::default(), &provenance()).unwrap()
                }
            };
            let signed = signed(&file, format, &[]);
            let reader = read(&signed, format, Some(&ISSUED.authority));
            assert_eq!(
                reader.validation_state(),
                ValidationState::Trusted,
                "{format} {side}"
            );
            let label = reader.active_label().map(str::to_owned);
            assert_ne!(label, before, "each has an identifier of its own");
            before = label;
            assert!(signed.len() - file.len() < 3_000);
            let mut changed = signed.clone();
            let place = changed.len() - 20;
            changed[place] ^= 1;
            let reader = read(&changed, format, None);
            assert_eq!(
                reader.validation_state(),
                ValidationState::Invalid,
                "{format} {side}"
            );
        }
    }
    let key = (provenance().model, provenance().digest, provenance().chain);
    assert!(
        CREDENTIALS.templates().get(&key).unwrap().is_some(),
        "there is a template"
    );
}

#[test]
fn a_prompt_is_in_it_only_where_it_was_asked_for() {
    let (format, file) = files().remove(0);
    assert!(actions(&read(&signed(&file, format, &[]), format, None))[0]["parameters"].is_null());
    let told = Provenance {
        prompt: Some("a cat".to_owned()),
        ..provenance()
    };
    let statement = Statement {
        provenance: &told,
        inputs: &[],
    };
    let signed = CREDENTIALS.sign(&file, format, statement).unwrap();
    let actions = actions(&read(&signed, format, None));
    assert_eq!(actions[0]["parameters"]["atelier.prompt"], "a cat");
}

#[test]
fn an_image_of_an_image_keeps_what_that_said_of_itself() {
    let (format, file) = files().remove(0);
    let first = signed(&file, format, &[]);
    let inputs = [
        Input::read(&first, Role::Parent),
        Input::read(&file, Role::Reference),
    ];
    let signed = signed(&file, format, &inputs);
    let reader = read(&signed, format, Some(&ISSUED.authority));
    assert_eq!(reader.validation_state(), ValidationState::Trusted);
    let actions = actions(&reader);
    assert_eq!(actions[0]["action"], "c2pa.opened");
    assert_eq!(actions[1]["action"], "c2pa.edited");
    let source_type = actions[1]["digitalSourceType"].as_str().unwrap();
    assert!(
        source_type.ends_with("/compositeWithTrainedAlgorithmicMedia"),
        "{source_type}"
    );
    let manifest = reader.active_manifest().unwrap();
    let parent = manifest
        .ingredients()
        .iter()
        .find(|one| one.is_parent())
        .unwrap();
    let label = parent.active_manifest().unwrap();
    let kept = reader.get_manifest(label).unwrap();
    assert_eq!(
        kept.claim_generator_info.as_ref().unwrap()[0].name,
        "Atelier"
    );
    assert_eq!(manifest.ingredients().len(), 2);
}

#[test]
fn no_input_keeps_a_file_from_being_signed() {
    let (format, file) = files().remove(0);
    let first = signed(&file, format, &[]);
    // Damaged at many places of its manifest, cut short, and no image at all.
    let damaged = (30..first.len()).step_by(37).map(|place| {
        let mut damaged = first.clone();
        damaged[place] ^= 0xff;
        damaged
    });
    for input in damaged.chain([first[..first.len() / 2].to_vec(), b"nothing".to_vec()]) {
        let inputs = [Input::read(&input, Role::Parent)];
        let signed = signed(&file, format, &inputs);
        let reader = read(&signed, format, None);
        assert_eq!(actions(&reader)[0]["action"], "c2pa.opened");
    }
}

/// A certificate for ES256, changed before it is signed.
fn other(change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let authority_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut authority = CertificateParams::default();
    authority
        .distinguished_name
        .push(DnType::CommonName, "an authority");
    authority.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut leaf = CertificateParams::default();
    leaf.distinguished_name.push(DnType::CommonName, "a leaf");
    leaf.distinguished_name
        .push(DnType::OrganizationName, "a leaf");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::EmailProtection];
    change(&mut leaf);
    let certificate = leaf.signed_by(&key, &issuer).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn refusal((certificate, key): (&str, &str)) -> String {
    Credentials::read(certificate.as_bytes(), key.as_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn es256_signs_too() {
    let (certificate, key) = other(|_| {});
    let credentials = Credentials::read(certificate.as_bytes(), key.as_bytes()).unwrap();
    assert!(
        credentials.subject().contains("a leaf"),
        "{}",
        credentials.subject()
    );
    let (format, file) = files().remove(0);
    let provenance = &provenance();
    let statement = Statement {
        provenance,
        inputs: &[],
    };
    let signed = credentials.sign(&file, format, statement).unwrap();
    assert_eq!(
        read(&signed, format, None).validation_state(),
        ValidationState::Valid
    );
}

#[test]
fn what_readers_would_refuse_is_refused_before_the_first_file() {
    let (leaf, key) = other(|_| {});
    let expired = other(|leaf| leaf.not_after = rcgen::date_time_ymd(2020, 1, 1));
    let early = other(|leaf| leaf.not_before = rcgen::date_time_ymd(2999, 1, 1));
    let tls =
        other(|leaf| leaf.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth]);
    let alone_key = KeyPair::generate().unwrap();
    let alone = CertificateParams::default()
        .self_signed(&alone_key)
        .unwrap()
        .pem();
    let reversed = format!("{leaf}{leaf}");
    let p384_key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)
        .unwrap()
        .serialize_pem();
    for ((certificate, key), says) in [
        ((&*leaf, &*ISSUED.key), "not that of the certificate"),
        ((&leaf, &other(|_| {}).1), "not that of the certificate"),
        ((&expired.0, &expired.1), "expired"),
        ((&early.0, &early.1), "valid only from"),
        ((&tls.0, &tls.1), "TLS"),
        ((&alone, &alone_key.serialize_pem()), "signed by itself"),
        ((&ISSUED.authority, &key), "signed by itself"),
        ((&reversed, &key), "was not issued by the one after it"),
        ((&leaf, &p384_key), "neither"),
        (
            (&leaf, "-----BEGIN ENCRYPTED PRIVATE KEY-----"),
            "encrypted",
        ),
        ((&leaf, "-----BEGIN EC PRIVATE KEY-----"), "openssl pkcs8"),
        ((&leaf, &leaf), "no private key"),
        ((&key, &key), "no certificate"),
        (
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                &key,
            ),
            "damaged",
        ),
    ] {
        let reason = refusal((certificate, key));
        assert!(reason.contains(says), "expected {says:?} in {reason:?}");
    }
}

#[test]
fn neither_key_is_ever_printed() {
    let shown = format!("{:?} {:?}", *CREDENTIALS, *ISSUED);
    assert!(!shown.contains("PRIVATE"), "{shown}");
}
