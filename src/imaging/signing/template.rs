//! A manifest that many files share, but for the few bytes in which they differ.
//!
//! The library makes a manifest from the ground each time, and checks its own signature after it, which
//! takes longer than a small picture does. Files of one model have manifests of one length, which differ in
//! their two identifiers, in the time, in the hash of the file, in the hashes of the parts that hold those,
//! and in the signature. So the library makes the first one; these places are looked up in it, and filled
//! for the others. A template is used only after a file that was filled in by it was read and found valid
//! by the library.
//!
//! It is for PNG, where a manifest stands at the same place of each file.

use std::io::Cursor;
use std::ops::Range;

use c2pa::validation_results::ValidationState;
use c2pa::{Reader, Signer};
use memchr::memmem::{find, find_iter};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::imaging::manifests::CONTEXT;

/// Where the manifest's chunk stands: after the signature of PNG and the header's chunk.
const PLACE: usize = 8 + 25;
const CHUNK: [u8; 4] = *b"caBX";
const SIGNATURE: usize = 64;
const UUID: usize = 36;

/// A manifest, and the places in it that differ from file to file.
#[derive(Debug)]
pub(super) struct Template {
    manifest: Vec<u8>,
    /// Of the two identifiers, each where it stands.
    identifiers: Vec<Vec<usize>>,
    time: usize,
    file_hash: usize,
    /// What holds the time and what holds the file's hash, each with the place of its own hash.
    parts: [(Range<usize>, usize); 2],
    claim: Range<usize>,
    protected: Range<usize>,
    signature: usize,
}

impl Template {
    /// Looks the places up in a manifest, which the library made for that file.
    pub(super) fn of(
        (manifest, time): (&[u8], &str),
        file: &[u8],
        signer: &dyn Signer,
    ) -> Option<Self> {
        let all = 0..manifest.len();
        let part = |name| {
            let part = superbox(manifest, all.clone(), name)?;
            let hash = only(manifest, &Sha256::digest(&manifest[part.clone()]))?;
            Some((part, hash))
        };
        let parts = [part("c2pa.actions.v2")?, part("c2pa.hash.data")?];
        let claim = superbox(manifest, all.clone(), "c2pa.claim.v2")?;
        let claim = content(manifest, claim)?;
        let signature = superbox(manifest, all.clone(), "c2pa.signature")?;
        let signature = content(manifest, signature)?;
        // COSE_Sign1, tagged: the protected header comes first, and the signature last.
        let cose = &manifest[signature.clone()];
        let head = cose.strip_prefix(&[0xd2, 0x84, 0x59])?;
        let length = usize::from(u16::from_be_bytes([*head.first()?, *head.get(1)?]));
        let from = signature.start + 5;
        let protected = from..from + length;
        let place = signature.end.checked_sub(SIGNATURE)?;
        if protected.end > place || manifest[place - 2..place] != [0x58, 0x40] {
            return None;
        }
        let template = Self {
            identifiers: identifiers(manifest, &claim),
            time: only(manifest, time.as_bytes())?,
            file_hash: only(manifest, &Sha256::digest(file))?,
            parts,
            claim,
            protected,
            signature: place,
            manifest: manifest.to_vec(),
        };
        let is_sound = !template.identifiers.is_empty()
            && template.parts[0].0.contains(&template.time)
            && template.parts[1].0.contains(&template.file_hash)
            && template
                .parts
                .iter()
                .all(|(_, hash)| template.claim.contains(hash));
        let filled = template.fill(file, time, signer).filter(|_| is_sound)?;
        let reader = Reader::from_shared_context(&CONTEXT);
        let reader = reader.with_stream("image/png", Cursor::new(filled)).ok()?;
        (reader.validation_state() != ValidationState::Invalid).then_some(template)
    }

    /// The file with the manifest in it.
    pub(super) fn fill(&self, file: &[u8], time: &str, signer: &dyn Signer) -> Option<Vec<u8>> {
        if file.len() < PLACE || file.get(8..16)? != b"\0\0\0\x0dIHDR" {
            return None;
        }
        let length = u32::try_from(self.manifest.len()).ok()?;
        let mut filled = Vec::with_capacity(file.len() + self.manifest.len() + 12);
        filled.extend_from_slice(&file[..PLACE]);
        filled.extend_from_slice(&length.to_be_bytes());
        filled.extend_from_slice(&CHUNK);
        let start = filled.len();
        filled.extend_from_slice(&self.manifest);
        let manifest = &mut filled[start..];
        let mut text = [0; UUID];
        for places in &self.identifiers {
            let identifier = Uuid::new_v4();
            let text = identifier.hyphenated().encode_lower(&mut text).as_bytes();
            for &place in places {
                put(manifest, place, text);
            }
        }
        put(manifest, self.time, time.as_bytes());
        put(manifest, self.file_hash, &Sha256::digest(file));
        for (part, hash) in &self.parts {
            let digest = Sha256::digest(&manifest[part.clone()]);
            put(manifest, *hash, &digest);
        }
        let signature = signer.sign(&self.to_be_signed(manifest)).ok()?;
        if signature.len() != SIGNATURE {
            return None;
        }
        put(manifest, self.signature, &signature);
        let mut crc = crc32fast::Hasher::new();
        crc.update(&filled[start - CHUNK.len()..]);
        filled.extend_from_slice(&crc.finalize().to_be_bytes());
        filled.extend_from_slice(&file[PLACE..]);
        Some(filled)
    }

    /// What COSE signs (RFC 9052, section 4.4): the protected header, and the claim.
    fn to_be_signed(&self, manifest: &[u8]) -> Vec<u8> {
        let (protected, claim) = (
            &manifest[self.protected.clone()],
            &manifest[self.claim.clone()],
        );
        let mut text = Vec::with_capacity(protected.len() + claim.len() + 32);
        text.extend_from_slice(&[0x84, 0x6a]);
        text.extend_from_slice(b"Signature1");
        byte_string(&mut text, protected);
        byte_string(&mut text, b"");
        byte_string(&mut text, claim);
        text
    }
}

fn put(manifest: &mut [u8], place: usize, bytes: &[u8]) {
    manifest[place..place + bytes.len()].copy_from_slice(bytes);
}

/// A byte string of CBOR, with the shortest head that there is.
fn byte_string(text: &mut Vec<u8>, bytes: &[u8]) {
    match (u8::try_from(bytes.len()), u16::try_from(bytes.len())) {
        (Ok(length @ 0..=23), _) => text.push(0x40 | length),
        (Ok(length), _) => text.extend_from_slice(&[0x58, length]),
        (_, Ok(length)) => {
            text.push(0x59);
            text.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            text.push(0x5a);
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            text.extend_from_slice(&length.to_be_bytes());
        }
    }
    text.extend_from_slice(bytes);
}

/// The identifier of the manifest and that of the file, as far as the claim has them.
fn identifiers(manifest: &[u8], claim: &Range<usize>) -> Vec<Vec<usize>> {
    let mut identifiers: Vec<Vec<usize>> = Vec::new();
    for mark in [&b"urn:c2pa:"[..], b"xmp:iid:"] {
        let claim = &manifest[claim.clone()];
        let text = find(claim, mark).and_then(|at| {
            let from = at + mark.len();
            claim.get(from..from + UUID)
        });
        let Some(text) = text.filter(|text| Uuid::try_parse_ascii(text).is_ok()) else {
            return Vec::new();
        };
        identifiers.push(find_iter(manifest, text).collect());
    }
    identifiers
}

/// Where a text stands, if it stands once.
fn only(manifest: &[u8], text: &[u8]) -> Option<usize> {
    let mut places = find_iter(manifest, text);
    let place = places.next()?;
    places.next().is_none().then_some(place)
}

/// The boxes within a range, each with its kind: where its content lies.
fn boxes(manifest: &[u8], within: Range<usize>) -> Vec<([u8; 4], Range<usize>)> {
    let mut found = Vec::new();
    let mut from = within.start;
    while let Some(head) = manifest[..within.end].get(from..from + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let kind = [head[4], head[5], head[6], head[7]];
        if length < 8 || from + length > within.end {
            break;
        }
        found.push((kind, from + 8..from + length));
        from += length;
    }
    found
}

/// The content of the box of boxes of that name, as others hash it.
fn superbox(manifest: &[u8], within: Range<usize>, name: &str) -> Option<Range<usize>> {
    let nested = boxes(manifest, within).into_iter();
    let mut nested = nested.filter(|(kind, _)| kind == b"jumb");
    nested.find_map(|(_, inner)| {
        let (kind, about) = boxes(manifest, inner.clone()).into_iter().next()?;
        // Its kind takes 16 bytes, and what follows one more; then comes its name.
        let label = manifest[about].get(17..)?;
        let is_it = kind == *b"jumd"
            && label
                .strip_prefix(name.as_bytes())
                .and_then(|rest| rest.first())
                == Some(&0);
        if is_it {
            return Some(inner);
        }
        superbox(manifest, inner, name)
    })
}

/// The CBOR in a box of boxes.
fn content(manifest: &[u8], superbox: Range<usize>) -> Option<Range<usize>> {
    let inner = boxes(manifest, superbox).into_iter();
    inner
        .into_iter()
        .find_map(|(kind, content)| (kind == *b"cbor").then_some(content))
}
