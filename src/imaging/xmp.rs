//! The XMP packet: the one form of metadata that PNG, JPEG and WebP all carry.
//!
//! The properties are those of the IPTC Photo Metadata Standard 2025.1 (`DigitalSourceType` and the
//! `AI…` group), of XMP's basic schema (`CreatorTool`), and two of our own for what no standard has
//! a name for. The packet's frame is from the XMP specification, part 1 (ISO 16684-1), and how each
//! file format holds it from part 3.

use std::borrow::Cow;

use super::provenance::{FoundProvenance, Provenance, SOFTWARE};

const HEAD: &str = concat!(
    "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n",
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n",
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n",
    "<rdf:Description rdf:about=\"\"\n",
    " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n",
    " xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\n",
    " xmlns:atelier=\"urn:x-atelier:provenance:1#\">\n",
);

const TAIL: &str = "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>";

const CREATOR_TOOL: &str = "xmp:CreatorTool";
const DIGITAL_SOURCE_TYPE: &str = "Iptc4xmpExt:DigitalSourceType";
const MODEL: &str = "Iptc4xmpExt:AISystemUsed";
const DIGEST: &str = "Iptc4xmpExt:AISystemVersionUsed";
const PROMPT: &str = "Iptc4xmpExt:AIPromptInformation";
const FAMILY: &str = "atelier:Family";
const SEED: &str = "atelier:Seed";
const CHAIN: &str = "atelier:Chain";
const SOURCES: &str = "atelier:Sources";
/// Between the links of a chain, and between sources: no id of a model has it.
const LINKS: &str = "; ";

/// The packet, UTF-8, without padding and marked read-only (nobody should edit it in place).
pub(super) fn write(provenance: &Provenance) -> String {
    let mut packet = String::with_capacity(1280);
    packet.push_str(HEAD);
    property(&mut packet, CREATOR_TOOL, SOFTWARE);
    if !provenance.is_of_no_model() {
        property(
            &mut packet,
            DIGITAL_SOURCE_TYPE,
            provenance.digital_source_type(),
        );
    }
    if !provenance.model.is_empty() {
        property(&mut packet, MODEL, &provenance.model);
        property(&mut packet, DIGEST, &provenance.digest);
        property(&mut packet, FAMILY, &provenance.family);
    }
    if let Some(seed) = provenance.seed {
        property(&mut packet, SEED, &seed.to_string());
    }
    if let Some(prompt) = &provenance.prompt {
        property(&mut packet, PROMPT, prompt);
    }
    if !provenance.chain.is_empty() {
        property(&mut packet, CHAIN, &provenance.chain.join(LINKS));
    }
    if !provenance.sources.is_empty() {
        let sources = provenance.sources.iter();
        let sources: Vec<String> = sources.map(|one| one.replace(LINKS, ", ")).collect();
        property(&mut packet, SOURCES, &sources.join(LINKS));
    }
    packet.push_str(TAIL);
    packet
}

/// Reads back what [`write()`] writes.
///
/// It is no XML parser: it finds the properties as elements or as attributes under the prefixes
/// above, which is how most tools write them, and passes over everything else.
pub(super) fn read(packet: &str) -> FoundProvenance {
    let find = |name| find(packet, name).map(unescape);
    FoundProvenance {
        software: find(CREATOR_TOOL),
        digital_source_type: find(DIGITAL_SOURCE_TYPE),
        model: find(MODEL),
        digest: find(DIGEST),
        family: find(FAMILY),
        seed: find(SEED).and_then(|seed| seed.parse().ok()),
        prompt: find(PROMPT),
        chain: list(find(CHAIN)),
        sources: list(find(SOURCES)),
    }
}

fn list(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let parts = text.split(LINKS).filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

/// The text with every character that XML 1.0 cannot hold replaced (NUL among them, which no PNG
/// text chunk can hold either).
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    let illegal = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(illegal) {
        Cow::Owned(text.replace(illegal, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Elements rather than attributes: a parser turns the line breaks of an attribute into spaces.
fn property(packet: &mut String, name: &str, value: &str) {
    packet.extend(["<", name, ">"]);
    for character in legal(value).chars() {
        match character {
            '&' => packet.push_str("&amp;"),
            '<' => packet.push_str("&lt;"),
            '>' => packet.push_str("&gt;"),
            '"' => packet.push_str("&quot;"),
            '\'' => packet.push_str("&apos;"),
            // A parser reads a bare carriage return as a line feed.
            '\r' => packet.push_str("&#13;"),
            other => packet.push(other),
        }
    }
    packet.extend(["</", name, ">\n"]);
}

fn find<'a>(packet: &'a str, name: &str) -> Option<&'a str> {
    let element = packet.split_once(&format!("<{name}>"));
    if let Some((_, rest)) = element {
        return rest.split_once('<').map(|(value, _)| value);
    }
    let (_, rest) = packet.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// `&amp;` comes last, so that `&amp;lt;` becomes `&lt;` and no further.
fn unescape(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#13;", "\r"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (entity, character)| {
        text.replace(entity, character)
    })
    .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provenance() -> Provenance {
        Provenance {
            model: "digits-gan".to_owned(),
            digest: "sha256:0123".to_owned(),
            family: "gan".to_owned(),
            seed: Some(u64::MAX),
            prompt: None,
            chain: vec![
                "restyle painter".to_owned(),
                "upscale upscaler ×2".to_owned(),
            ],
            sources: vec!["cat (Icons & Co, MIT)".to_owned(), "dog".to_owned()],
            edited: true,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let written = provenance();
        assert_eq!(read(&write(&written)), written.into());
    }

    #[test]
    fn a_hostile_prompt_stays_text() {
        let prompt = "</Iptc4xmpExt:AIPromptInformation>&amp;lt;<a b='c' d=\"e\">\r\n]]>&#0; số";
        let written = Provenance {
            prompt: Some(prompt.to_owned()),
            ..provenance()
        };
        let packet = write(&written);
        assert_eq!(packet.matches("<a b").count(), 0);
        assert_eq!(
            packet.matches("</Iptc4xmpExt:AIPromptInformation>").count(),
            1
        );
        assert_eq!(read(&packet), written.into());
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_replaced() {
        let written = Provenance {
            prompt: Some("a\0b\u{1b}c\u{ffff}".to_owned()),
            ..provenance()
        };
        let found = read(&write(&written));
        assert_eq!(found.prompt.as_deref(), Some("a\u{fffd}b\u{fffd}c\u{fffd}"));
    }

    #[test]
    fn no_prompt_is_written_unless_given() {
        assert!(!write(&provenance()).contains("AIPromptInformation"));
    }

    #[test]
    fn attributes_are_read_too() {
        let found = read("<rdf:Description xmp:CreatorTool=\"An &amp; Other\"/>");
        assert_eq!(found.software.as_deref(), Some("An & Other"));
        assert_eq!(found.model, None);
    }

    #[test]
    fn broken_packets_are_passed_over() {
        let packet = write(&provenance());
        for end in (0..packet.len()).filter(|&end| packet.is_char_boundary(end)) {
            read(&packet[..end]);
        }
    }
}
