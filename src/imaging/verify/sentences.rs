//! What was found, in sentences.

use serde::Serialize;

use super::claims::last_part;
use super::{Findings, Mark, Pixels, Signed, Validation};
use crate::language::Message;
use crate::message;

/// Where a picture comes from, by what the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A trained model made it.
    Generated,
    /// A trained model changed it, or added to it.
    Edited,
    /// A camera took it.
    Captured,
    /// It came about in another way.
    Other,
    /// The file doesn't say.
    Unknown,
}

impl Origin {
    /// Of a source type by the IPTC's vocabulary.
    fn of(source_type: &str) -> Self {
        match last_part(source_type) {
            "trainedAlgorithmicMedia" | "trainedAlgorithmicData" => Self::Generated,
            "compositeWithTrainedAlgorithmicMedia" | "compositeSynthetic" => Self::Edited,
            "digitalCapture" | "computationalCapture" | "negativeFilm" | "positiveFilm" => {
                Self::Captured
            }
            _ => Self::Other,
        }
    }
}

/// How far what a file says can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// It is signed, and somebody trusted vouches for who signed it.
    Trusted,
    /// It is signed, by whomever.
    Signed,
    /// It is signed, and doesn't hold.
    Broken,
    /// It isn't signed, and its pixels carry a watermark that was made with a key that is known here.
    Marked,
    /// It isn't signed: anybody could have written it.
    Unsigned,
    /// It says nothing.
    Nothing,
}

impl Findings {
    /// How far what the file says can be believed.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        match &self.signed {
            Some(Ok(signed)) => match signed.validation {
                Validation::Trusted => Assurance::Trusted,
                Validation::Valid => Assurance::Signed,
                Validation::Invalid => Assurance::Broken,
            },
            Some(Err(_)) => Assurance::Broken,
            None if self.is_marked_here() => Assurance::Marked,
            None if self.says_anything_unsigned() || self.mark().is_some() => Assurance::Unsigned,
            None => Assurance::Nothing,
        }
    }

    /// Where the picture comes from: by its signed statement where that holds, or else by whatever it says.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let signed = self.holds().and_then(origin_of);
        signed.unwrap_or_else(|| self.unsigned_origin())
    }

    /// The signed statement, where it holds.
    fn holds(&self) -> Option<&Signed> {
        let signed = self.signed.as_ref()?.as_ref().ok()?;
        (signed.validation != Validation::Invalid).then_some(signed)
    }

    fn unsigned_origin(&self) -> Origin {
        let source_type = self.metadata.digital_source_type.as_deref();
        let written = match source_type {
            Some(source_type) => Origin::of(source_type),
            None if self.settings.is_some() => Origin::Generated,
            None => Origin::Unknown,
        };
        match written {
            // That a model made it or changed it, anybody can take out of the file, and not of its pixels.
            Origin::Captured | Origin::Other if self.is_marked_here() => Origin::Generated,
            Origin::Unknown if self.mark().is_some() => Origin::Generated,
            written => written,
        }
    }

    fn mark(&self) -> Option<&Mark> {
        self.pixels.as_ref()?.mark()
    }

    fn is_marked_here(&self) -> bool {
        self.mark().is_some_and(|mark| mark.ours == Some(true))
    }

    fn says_anything_unsigned(&self) -> bool {
        self.settings.is_some()
            || self.metadata.digital_source_type.is_some()
            || self.metadata.model.is_some()
    }

    /// What was found, the weightiest first.
    #[must_use]
    pub fn says(&self) -> Vec<Message> {
        let mut says = Vec::new();
        match &self.signed {
            None => {}
            Some(Err(unread)) => says.push(
                message!("It carries a signed statement, which can't be read: {why}.")
                    .with("why", unread.message()),
            ),
            Some(Ok(signed)) => {
                says.push(validity(signed));
                if signed.validation != Validation::Invalid {
                    says.extend(statement(signed));
                }
            }
        }
        if self.mark().is_some() {
            says.extend(self.pixels.iter().map(Pixels::says));
        }
        says.extend(self.unsigned());
        if says.is_empty() {
            says.push(message!(
                "The file says nothing of where it comes from. That proves nothing: most pictures say \
                 nothing, and what a file says is easily taken out."
            ));
        }
        if self.mark().is_none() {
            says.extend(self.pixels.iter().map(Pixels::says));
        }
        says
    }

    fn unsigned(&self) -> Vec<Message> {
        let mut says = Vec::new();
        if self.says_anything_unsigned() && self.metadata.digital_source_type.is_some() {
            let source_type = self.metadata.digital_source_type.as_deref();
            let origin = source_type.map_or(Origin::Unknown, Origin::of);
            let made = match (&origin, &self.metadata.model) {
                (Origin::Generated, Some(model)) => {
                    message!("a trained model made it, {model}", model)
                }
                (origin, _) => said_of(*origin),
            };
            says.push(
                message!("Its unsigned metadata says: {what}. Anybody could have written that.")
                    .with("what", made),
            );
        }
        if self.settings.is_some() {
            says.push(message!(
                "It holds the settings that tools for generating images write into their files, unsigned."
            ));
        }
        says
    }
}

fn origin_of(signed: &Signed) -> Option<Origin> {
    let all: Vec<Origin> = signed.claims.source_types().map(Origin::of).collect();
    let weightiest = [
        Origin::Edited,
        Origin::Generated,
        Origin::Captured,
        Origin::Other,
    ];
    weightiest.into_iter().find(|origin| all.contains(origin))
}

fn validity(signed: &Signed) -> Message {
    let unknown = || message!("somebody without a name");
    let signer = signed.signer.clone().map_or_else(unknown, Message::foreign);
    let said = match signed.validation {
        Validation::Trusted => message!(
            "It carries a statement that {signer} has signed. Somebody who is trusted here vouches for that \
             name, and nothing in the file has changed since."
        ),
        Validation::Valid => message!(
            "It carries a statement that was signed in the name of {signer}. Nothing in the file has changed \
             since, but nobody who is trusted here vouches for that name."
        ),
        Validation::Invalid => {
            let faults = signed
                .faults
                .iter()
                .filter(|fault| fault.code != "signingCredential.untrusted");
            let faults: Vec<Message> = faults.map(super::Fault::message).collect();
            message!(
                "It carries a statement that was signed in the name of {signer}, and it doesn't hold: {why}."
            )
            .with_all("why", faults, "; ")
        }
    };
    said.with("signer", signer)
}

fn statement(signed: &Signed) -> Vec<Message> {
    let mut says = Vec::new();
    if let Some(time) = &signed.time {
        says.push(message!("It was signed at {time}.", time));
    }
    let claims = &signed.claims;
    if let Some(origin) = origin_of(signed) {
        let mut agents = claims
            .actions
            .iter()
            .filter(|action| action.digital_source_type.is_some());
        let agent = agents.find_map(|action| action.agent.as_ref());
        says.push(
            match (agent, &claims.generator) {
                (Some(agent), _) => message!(
                    "By the statement, {what}, with {agent}.",
                    agent = agent.name
                ),
                (None, Some(generator)) => {
                    message!(
                        "By the statement, which {generator} has written, {what}.",
                        generator
                    )
                }
                (None, None) => message!("By the statement, {what}."),
            }
            .with("what", said_of(origin)),
        );
    }
    let ingredients = claims.ingredients.len();
    if ingredients > 0 {
        let known = claims
            .ingredients
            .iter()
            .filter(|one| one.is_signed)
            .count();
        says.push(match (ingredients, known) {
            (1, 0) => message!(
                "It was made from another picture, of which nothing is known."
            ),
            (1, _) => message!(
                "It was made from another picture, whose own signed statement is still with it."
            ),
            _ => message!(
                "It was made from {count} other pictures; the signed statements of {known} are still with it.",
                count = ingredients,
                known
            ),
        });
    }
    says
}

fn said_of(origin: Origin) -> Message {
    match origin {
        Origin::Generated => message!("a trained model made it"),
        Origin::Edited => message!("a trained model changed it or added to it"),
        Origin::Captured => message!("a camera took it"),
        Origin::Other | Origin::Unknown => message!("it was made in another way"),
    }
}
