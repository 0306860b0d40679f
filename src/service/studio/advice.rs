//! What to say to a request that would never be done before its own deadline: what would be.

use std::time::Duration;

use super::Studio;
use crate::fields::InvalidField;
use crate::language::Message;
use crate::message;
use crate::service::gate::Work;
use crate::service::request::Generation;

impl Studio {
    /// Names the field that would have to change, and a value at which the request would be done in
    /// time: fewer images, fewer steps, a smaller image, or a longer deadline.
    pub(super) fn what_would_be_done(
        &self,
        generation: &Generation,
        work: Work,
        estimate: Duration,
    ) -> InvalidField {
        let (field, advice) = self.less_of(generation, work);
        let advice = timed(advice, estimate, generation.deadline());
        if generation.names_deadline() {
            return InvalidField::new(field, advice);
        }
        let or_streamed = message!(
            "{advice}; a stream (Accept: text/event-stream) has no deadline unless it names one"
        );
        InvalidField::new(field, or_streamed.with("advice", advice))
    }

    /// The field, and the advice without its times.
    fn less_of(&self, generation: &Generation, work: Work) -> (&'static str, Message) {
        let deadline = generation.deadline();
        let images = work.strands_within(deadline, self.workers());
        if images > 0 {
            let field = generation.counting_field();
            return (field, fewer(field, images as u64));
        }
        let share = deadline.as_secs_f64() / work.alone(usize::MAX).as_secs_f64();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "fewer steps than were asked for"
        )]
        let steps = generation
            .steps()
            .map_or(0, |steps| (steps as f64 * share) as u64);
        if steps > 0 {
            let message = if work.strands > 1 {
                message!(
                    "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline; steps = {steps} with n = 1 would do",
                    steps
                )
            } else {
                fewer("steps", steps)
            };
            return ("steps", message);
        }
        let percent = (share * 100.0).floor();
        if generation.model().manifest().family.is_image_to_image() && percent >= 1.0 {
            let message = message!(
                "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline; an image with {percent} % of the pixels would do",
                percent
            );
            return ("image", message);
        }
        let minimum = generation.model().parameter("width");
        let minimum = minimum.map(|width| width.minimum.unwrap_or(1.0));
        let width = f64::from(generation.order().size().0) * share.sqrt();
        if minimum.is_some_and(|minimum| width >= minimum) {
            let message = message!(
                "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline; one image of about {size} would do",
                size = generation.scaled(share)
            );
            return ("width", message);
        }
        ("deadline_ms", too_short())
    }
}

/// Says that nothing but more time would help.
pub(super) fn longer(estimate: Duration, deadline: Duration) -> InvalidField {
    InvalidField::new("deadline_ms", timed(too_short(), estimate, deadline))
}

/// The advice with its times, as the reader writes numbers.
fn timed(advice: Message, estimate: Duration, deadline: Duration) -> Message {
    let [estimate, deadline] = [estimate, deadline].map(|time| Message::decimal(seconds(time)));
    advice.with("estimate", estimate).with("deadline", deadline)
}

fn too_short() -> Message {
    message!(
        "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline"
    )
}

fn fewer(field: &str, value: u64) -> Message {
    message!(
        "this would take about {estimate} s at the present pace, and there are {deadline} s until the deadline; {field} = {value} would do",
        field,
        value
    )
}

/// With as many places as it takes for the number to say something.
fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        0.1.. => format!("{seconds:.1}"),
        0.001.. => format!("{seconds:.3}"),
        _ => "0.001".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_time_is_not_told_as_none() {
        let told = [0, 3, 96, 100, 12_340].map(|ms| seconds(Duration::from_millis(ms)));
        assert_eq!(told, ["0.001", "0.003", "0.096", "0.1", "12.3"]);
    }
}
