//! Where an image came from, to be written into its file.
//!
//! A generated image should say so wherever it travels, and whoever finds it later should be able
//! to paint it again. The model's digest and the seed do the second; the XMP packet of
//! [`xmp`](super::xmp) does the first, in the terms that search engines and newsrooms read.

/// The program and its version, as every file names them.
pub const SOFTWARE: &str = concat!("Atelier ", env!("CARGO_PKG_VERSION"));

/// The IPTC's identifier for media created by a trained model, from its `DigitalSourceType`
/// vocabulary.
pub const TRAINED_ALGORITHMIC_MEDIA: &str =
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

/// The IPTC's identifier for media that a trained model has changed or added to.
pub const COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA: &str =
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia";

/// What a file says of its own making, beside [`SOFTWARE`].
///
/// There is no time in it: the same image gives the same bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The model's id.
    pub model: String,
    /// The digest of the model's files, `sha256:…`.
    pub digest: String,
    /// `gan`, `vae`, and so on.
    pub family: String,
    /// The seed of this very image; a grid or a given latent has none.
    pub seed: Option<u64>,
    /// Written only when it is here, so leave it out unless the caller asked for it.
    pub prompt: Option<String>,
    /// What further models did to the image, in its order; none of them names a person's words.
    pub chain: Vec<String>,
    /// What it was painted from that somebody made, and whose that is.
    pub sources: Vec<String>,
    /// Whether an image was handed in, which the model changed.
    pub edited: bool,
}

impl Provenance {
    /// Whether no model had a part in it: an image of anybody's that was only brought to another size, say.
    #[must_use]
    pub fn is_of_no_model(&self) -> bool {
        self.model.is_empty() && self.chain.is_empty()
    }

    /// The IPTC's identifier for what was made in this way.
    #[must_use]
    pub fn digital_source_type(&self) -> &'static str {
        match self.edited {
            true => COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA,
            false => TRAINED_ALGORITHMIC_MEDIA,
        }
    }
}

/// What a file was found to say of its making; a file from elsewhere says little or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundProvenance {
    pub software: Option<String>,
    pub digital_source_type: Option<String>,
    pub model: Option<String>,
    pub digest: Option<String>,
    pub family: Option<String>,
    pub seed: Option<u64>,
    pub prompt: Option<String>,
    pub chain: Vec<String>,
    pub sources: Vec<String>,
}

impl FoundProvenance {
    /// Whether it says that a model changed an image which somebody handed in.
    #[must_use]
    pub fn is_edit(&self) -> bool {
        self.digital_source_type.as_deref() == Some(COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA)
    }
}

impl From<Provenance> for FoundProvenance {
    fn from(provenance: Provenance) -> Self {
        Self {
            software: Some(SOFTWARE.to_owned()),
            digital_source_type: Some(provenance.digital_source_type().to_owned()),
            model: Some(provenance.model),
            digest: Some(provenance.digest),
            family: Some(provenance.family),
            seed: provenance.seed,
            prompt: provenance.prompt,
            chain: provenance.chain,
            sources: provenance.sources,
        }
    }
}
