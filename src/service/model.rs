//! A loaded model: its folder, its program, and the words by which it is prompted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::parameter::Parameter;
use super::parameters::parameters;
use crate::families::diffusion::Unfit;
use crate::families::{GraphReport, LoadFailure, Program, Traits, load};
use crate::language::Message;
use crate::models::{Manifest, ModelFolder};
use crate::prompts::Vocabulary;
use crate::runtime::Engine;

/// A model that serves.
#[derive(Debug)]
pub struct Model {
    folder: ModelFolder,
    program: Box<dyn Program>,
    vocabulary: Vocabulary,
    parameters: Vec<Parameter>,
    sample: Option<PathBuf>,
}

/// What the sheet is called in a model's folder.
const SAMPLE: &str = "samples.png";

impl Model {
    /// Loads and proves the model of a folder.
    ///
    /// # Errors
    /// [`LoadFailure`], with a sentence for the person who described the model.
    pub fn load(engine: &Engine, folder: ModelFolder) -> Result<Self, LoadFailure> {
        let program = load(engine, &folder)?;
        Ok(Self {
            vocabulary: Vocabulary::of(&folder.manifest.classes, &folder.manifest.directions),
            parameters: parameters(&folder.manifest, program.traits()),
            sample: folder.file(SAMPLE),
            program,
            folder,
        })
    }

    /// Its id: the folder's name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.folder.id
    }

    /// The digest of everything that decides its pixels.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.folder.digest
    }

    /// What its folder says of it.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.folder.manifest
    }

    /// Exactly the parameters that a request for it may have.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter of that name, if it takes it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|known| known.name == name)
    }

    /// The sheet of images that lies in its folder to show what it paints.
    #[must_use]
    pub fn sample(&self) -> Option<&Path> {
        self.sample.as_deref()
    }

    /// What it can be asked to do.
    #[must_use]
    pub fn traits(&self) -> &Traits {
        self.program.traits()
    }

    /// What loading found out about its graphs.
    #[must_use]
    pub fn graphs(&self) -> Vec<GraphReport> {
        self.program.graphs()
    }

    /// What a person should know of it.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.program.traits().notes
    }

    pub(super) fn program(&self) -> &dyn Program {
        &*self.program
    }

    pub(super) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    pub(super) fn check(&self, order: &crate::families::Order) -> Result<Vec<Message>, Unfit> {
        self.program.check(order)
    }

    pub(super) fn cost(&self, order: &crate::families::Order) -> Duration {
        self.program.cost(order)
    }
}
