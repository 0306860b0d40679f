//! A loaded model: its folder, its program, and the parameters that it takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::families::{
    Encoder, GraphReport, Judge, LoadFailure, Order, Program, Training, Transform, load, narrow,
};
use crate::fields::{
    BACKGROUND, Checked, DEADLINE_MS, FORMAT, FRAME_MS, GRID, InvalidField, N, Parameter, QUALITY,
    RESTYLE, SEED, SEEDS, UPSCALE, fields,
};
use crate::imaging::Channels;
use crate::language::Message;
use crate::message;
use crate::models::{GraphRole, Manifest, ModelFolder};
use crate::runtime::Engine;

/// A model that serves.
#[derive(Debug)]
pub struct Model {
    folder: ModelFolder,
    program: Arc<dyn Program>,
    parameters: Vec<Parameter>,
    sample: Option<PathBuf>,
    /// What its answers say, where the same request gives another one each time: those that look at an
    /// image, and those that don't.
    irreproducible: [Option<Message>; 2],
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
        let mut parameters = parameters(&*program);
        narrow(&mut parameters, &folder.manifest.ranges)?;
        let graphs = program.graphs();
        let random = graphs.iter().filter(|graph| !graph.reproducible);
        let random: Vec<GraphRole> = random.map(|graph| graph.role).collect();
        let irreproducible = [true, false].map(|of_image| irreproducible(&random, of_image));
        if let [Some(why), _] = &irreproducible {
            tracing::warn!(model = folder.id, "{why}");
        }
        Ok(Self {
            parameters,
            irreproducible,
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

    /// What each answer to a request with an image must say, or to one without, where the same request
    /// gives another answer each time.
    pub(super) fn irreproducible(&self, of_image: bool) -> Option<&Message> {
        self.irreproducible[usize::from(!of_image)].as_ref()
    }

    /// Width and height of its images where a request says nothing of them; none where they follow
    /// the request's image.
    #[must_use]
    pub fn size(&self) -> Option<(u32, u32)> {
        self.program.size()
    }

    /// The channels of its images.
    #[must_use]
    pub fn channels(&self) -> Channels {
        self.program.channels()
    }

    /// Whether a prompt may say anything at all, since a text encoder reads it.
    #[must_use]
    pub fn reads_any_prompt(&self) -> bool {
        self.program.reads_any_prompt()
    }

    /// What it was told in training, if its folder tells that.
    #[must_use]
    pub fn training(&self) -> Option<Training> {
        self.program.training()
    }

    /// What encodes images, if it has that.
    #[must_use]
    pub fn encoder(&self) -> Option<&dyn Encoder> {
        self.program.encoder()
    }

    /// What judges images, if it has that.
    #[must_use]
    pub fn judge(&self) -> Option<&dyn Judge> {
        self.program.judge()
    }

    /// What loading found out about its graphs.
    #[must_use]
    pub fn graphs(&self) -> Vec<GraphReport> {
        self.program.graphs()
    }

    /// What a person should know of it.
    #[must_use]
    pub fn notes(&self) -> &[Message] {
        self.program.notes()
    }

    /// What it makes of images that another model painted.
    pub(super) fn transform(
        &self,
        request: &mut Checked<'_>,
    ) -> Result<Option<Arc<dyn Transform>>, InvalidField> {
        Arc::clone(&self.program).transform(request)
    }

    pub(super) fn order(&self, request: &mut Checked<'_>) -> Result<Box<dyn Order>, InvalidField> {
        Arc::clone(&self.program).order(request)
    }
}

/// What a model takes: its own fields and those of every model, in the order of the table.
fn parameters(program: &dyn Program) -> Vec<Parameter> {
    let every_model = [
        &SEED,
        &N,
        &SEEDS,
        &FORMAT,
        &QUALITY,
        &FRAME_MS,
        &GRID,
        &DEADLINE_MS,
        &RESTYLE,
        &UPSCALE,
    ];
    let mut all = program.parameters();
    all.extend(every_model.map(|field| field.parameter()));
    if program.channels() == Channels::Rgba {
        all.push(BACKGROUND.parameter());
    }
    let names: Vec<String> = all.iter().map(|one| one.name.to_string()).collect();
    for parameter in &mut all {
        parameter
            .excludes
            .retain(|other| names.iter().any(|name| name == other));
    }
    all.sort_by_key(|parameter| fields().position(|field| field.name() == parameter.name));
    all
}

/// Which graphs give other numbers each time, in a sentence for a caller; encoders are asked where there
/// is an image alone.
fn irreproducible(random: &[GraphRole], of_image: bool) -> Option<Message> {
    let encodes = |role: &&GraphRole| matches!(role, GraphRole::Encoder | GraphRole::VaeEncoder);
    let asked = random.iter().filter(|role| of_image || !encodes(role));
    let names: Vec<&str> = asked.map(|role| role.name()).collect();
    (!names.is_empty()).then(|| {
        message!(
            "the model's {graphs} draws random numbers of its own, so the same request gives another answer each time",
            graphs = names.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoder_that_draws_numbers_is_told_of_where_it_is_asked() {
        let of_image = |random: &[GraphRole]| [true, false].map(|is| irreproducible(random, is));
        assert_eq!(of_image(&[]), [None, None]);
        let [with, without] = of_image(&[GraphRole::VaeEncoder]);
        assert!(with.is_some() && without.is_none());
        let [with, without] = of_image(&[GraphRole::Unet, GraphRole::VaeEncoder]);
        assert_ne!(with, without);
        assert!(without.is_some());
    }
}
