//! Files from here and from elsewhere, sound and hostile.

use std::sync::LazyLock;

use c2pa::jumbf_io::save_jumbf_to_memory;

use super::*;
use crate::imaging::encode::tests::{gradient, provenance};
use crate::imaging::signing::{Credentials, Input, Issued, Role, Statement, issue};
use crate::imaging::{Channels, FileFormat, Provenance, animate, encode, with_text};

static ISSUED: LazyLock<Issued> = LazyLock::new(|| issue("Atelier tests").unwrap());
static CREDENTIALS: LazyLock<Credentials> =
    LazyLock::new(|| Credentials::read(ISSUED.chain.as_bytes(), ISSUED.key.as_bytes()).unwrap());

fn plain(format: FileFormat) -> Vec<u8> {
    encode(&gradient(9, 9, Channels::Rgb), format, &provenance()).unwrap()
}

fn signed(format: FileFormat, inputs: &[Input]) -> Vec<u8> {
    let provenance = &provenance();
    let statement = Statement { provenance, inputs };
    CREDENTIALS.sign(&plain(format), format, statement).unwrap()
}

fn trusting() -> Trust {
    Trust::new(Some(&ISSUED.authority), None).unwrap()
}

fn says(findings: &Findings) -> String {
    let says: Vec<String> = findings.says().iter().map(ToString::to_string).collect();
    says.join(" ")
}

#[test]
fn what_is_signed_here_is_generated_and_whole() {
    for format in FileFormat::ALL.into_iter().chain([FileFormat::Gif]) {
        let file = signed(format, &[]);
        let findings = examine(&file, &Trust::nobody()).unwrap();
        assert_eq!(findings.assurance(), Assurance::Signed, "{format}");
        assert_eq!(findings.origin(), Origin::Generated, "{format}");
        let text = says(&findings);
        assert!(text.contains("Atelier tests"), "{text}");
        assert!(
            text.contains("nobody who is trusted here vouches"),
            "{text}"
        );
        assert!(text.contains(&provenance().model), "{text}");
        let signed = findings.signed.unwrap().unwrap();
        assert_eq!(signed.validation, Validation::Valid);
        assert_eq!(signed.faults[0].code, "signingCredential.untrusted");
    }
}

#[test]
fn it_is_trusted_where_its_authority_or_its_certificate_is() {
    let file = signed(FileFormat::Png, &[]);
    let own = Trust::new(None, Some(CREDENTIALS.certificate())).unwrap();
    for trust in [trusting(), own] {
        let findings = examine(&file, &trust).unwrap();
        assert_eq!(findings.assurance(), Assurance::Trusted);
        assert!(findings.signed.clone().unwrap().unwrap().faults.is_empty());
        assert!(says(&findings).contains("nothing in the file has changed since"));
    }
    let other = issue("Somebody else").unwrap();
    let stranger = Trust::new(Some(&other.authority), None).unwrap();
    assert_eq!(
        examine(&file, &stranger).unwrap().assurance(),
        Assurance::Signed
    );
}

#[test]
fn a_changed_file_is_broken_and_says_why() {
    let mut file = signed(FileFormat::Png, &[]);
    let place = file.len() - 20;
    file[place] ^= 1;
    let findings = examine(&file, &trusting()).unwrap();
    assert_eq!(findings.assurance(), Assurance::Broken);
    let text = says(&findings);
    assert!(
        text.contains("the file was changed after it was signed"),
        "{text}"
    );
    // What the file says otherwise counts as what anybody could have written.
    assert_eq!(findings.origin(), Origin::Generated);
    assert!(text.contains("Anybody could have written that"), "{text}");
}

#[test]
fn an_edit_names_what_it_was_made_of() {
    let inputs = [Input::read(&signed(FileFormat::Jpeg, &[]), Role::Parent)];
    let findings = examine(&signed(FileFormat::Webp, &inputs), &trusting()).unwrap();
    assert_eq!(findings.origin(), Origin::Edited);
    let text = says(&findings);
    assert!(
        text.contains("whose own signed statement is still with it"),
        "{text}"
    );
    let bare = [Input::read(&plain(FileFormat::Png), Role::Parent)];
    let findings = examine(&signed(FileFormat::Png, &bare), &trusting()).unwrap();
    assert!(says(&findings).contains("of which nothing is known"));
}

#[test]
fn unsigned_words_and_settings_are_told_as_such() {
    let findings = examine(&plain(FileFormat::Jpeg), &trusting()).unwrap();
    assert_eq!(findings.assurance(), Assurance::Unsigned);
    assert_eq!(findings.origin(), Origin::Generated);
    assert_eq!(findings.metadata.seed, provenance().seed);

    let bare = bare_png();
    let settings = with_text(bare, "parameters", "a cat\nSteps: 20");
    let findings = examine(&settings, &trusting()).unwrap();
    assert_eq!(findings.settings.as_deref(), Some("a cat\nSteps: 20"));
    assert_eq!(findings.assurance(), Assurance::Unsigned);
    assert!(says(&findings).contains("settings that tools for generating images write"));
}

#[test]
fn a_file_that_says_nothing_proves_nothing() {
    let findings = examine(&bare_png(), &trusting()).unwrap();
    assert_eq!(findings.assurance(), Assurance::Nothing);
    assert_eq!(findings.origin(), Origin::Unknown);
    assert!(says(&findings).contains("That proves nothing"));
    for other in [&b"%PDF-1.7"[..], b"", b"GIF", b"\0\0\0\x18ftypisom"] {
        assert_eq!(examine(other, &trusting()).unwrap_err(), UnknownKind);
    }
}

#[test]
fn nothing_that_a_file_holds_panics_or_takes_long() {
    let trust = trusting();
    let animated = {
        let frames = [gradient(9, 9, Channels::Rgb), gradient(9, 9, Channels::Rgb)];
        let format = FileFormat::WebpAnimation;
        let file = animate(
            &frames,
            format,
            crate::imaging::Timing::default(),
            &provenance(),
        );
        let provenance = &Provenance::default();
        let statement = Statement {
            provenance,
            inputs: &[],
        };
        CREDENTIALS.sign(&file.unwrap(), format, statement).unwrap()
    };
    let files = FileFormat::ALL.into_iter().chain([FileFormat::Gif]);
    let files = files.map(|format| signed(format, &[])).chain([animated]);
    for file in files {
        for place in (0..file.len()).step_by(5) {
            let _ = examine(&file[..place], &trust);
            for bits in [0xff, 0x01, 0x80] {
                let mut flipped = file.clone();
                flipped[place] ^= bits;
                let _ = examine(&flipped, &trust);
            }
        }
    }
    for beginning in [
        &b"\0\0\0\x18ftypavif"[..],
        b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",
    ] {
        let sound = signed(FileFormat::Jpeg, &[]);
        for end in (0..sound.len()).step_by(97) {
            let _ = examine(&[beginning, &sound[..end]].concat(), &trust);
        }
    }
}

#[test]
fn a_statement_that_would_exhaust_its_reader_is_not_read() {
    let sound = signed(FileFormat::Png, &[]);
    let store = c2pa::jumbf_io::load_jumbf_from_memory("image/png", &sound).unwrap();
    let with = |more: &[u8]| {
        let store = [&store[..], more].concat();
        let file = save_jumbf_to_memory("image/png", &bare_png(), &store).unwrap();
        let signed = examine(&file, &Trust::nobody()).unwrap().signed;
        signed.unwrap().unwrap_err()
    };
    assert_eq!(with(&vec![0xc1; 200_000]), Unread::TooDeep);
    assert_eq!(with(&[0xd9, 0xd9, 0xf7].repeat(1000)), Unread::TooDeep);
    assert_eq!(with(b"....brob"), Unread::Packed);
    assert_eq!(with(&vec![0; 5 << 20]), Unread::TooLong);
}

#[test]
fn a_list_of_authorities_must_hold_some() {
    assert!(matches!(
        Trust::new(Some("nothing"), None),
        Err(TrustError::Empty)
    ));
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let error = Trust::new(Some(damaged), None).unwrap_err();
    assert!(matches!(error, TrustError::Damaged { place: 1 }), "{error}");
}

fn bare_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::new(&mut bytes, 1, 1).write_header().unwrap();
    writer.write_image_data(&[0]).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn a_file_that_is_cut_off_carries_no_statement_that_nobody_made() {
    for format in [FileFormat::Png, FileFormat::Jpeg, FileFormat::Webp] {
        let file = plain(format);
        for length in [12, 60, file.len() - 12] {
            let findings = examine(&file[..length], &Trust::nobody()).unwrap();
            assert!(findings.signed.is_none(), "{format}, {length} bytes");
            assert!(!says(&findings).contains("signed statement"), "{format}");
        }
    }
}
