//! Many requests in one body: JSON lines, each the body of the same route.

use axum::http::HeaderMap;

use super::order::Question;
use crate::http::error::{Kind, LineFault, Problem};
use crate::http::native::generate::request::GenerateRequest;
use crate::http::native::question::ImageRequest;
use crate::http::plumbing::body::{media_type, parse};
use crate::jobs::Task;
use crate::message;

/// Requests in one body.
pub(super) const MOST_LINES: usize = 1000;
/// Faults that are told of one body.
const MOST_FAULTS: usize = 20;
/// What JSON lines are called.
const LINES: [&str; 4] = [
    "application/jsonl",
    "application/x-ndjson",
    "application/x-jsonlines",
    "application/jsonlines",
];

/// Whether the body calls itself JSON lines.
pub(super) fn are_lines(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media| LINES.contains(&&*media))
}

/// What is wrong with which line.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<LineFault>);

impl Faults {
    pub(super) fn add(&mut self, line: usize, problem: Problem) -> Result<(), Problem> {
        // What isn't the request's fault is none of its lines'.
        if problem.kind.status().is_server_error() {
            return Err(problem);
        }
        self.0.push(LineFault {
            line,
            field: problem.field,
            detail: problem.detail,
        });
        Ok(())
    }

    pub(super) fn are_enough(&self) -> bool {
        self.0.len() >= MOST_FAULTS
    }

    /// The problem that they make, if there are any.
    pub(super) fn told(self) -> Result<(), Problem> {
        let Some(first) = self.0.first().cloned() else {
            return Ok(());
        };
        let detail = message!("line {line}: {why}", line = first.line).with("why", first.detail);
        Err(Problem {
            field: Some(match first.field {
                Some(field) if !field.is_empty() => format!("[{}].{field}", first.line),
                _ => format!("[{}]", first.line),
            }),
            lines: self.0,
            ..Problem::new(Kind::InvalidField, detail)
        })
    }
}

/// A request's body.
pub(super) fn question(task: Task, body: &[u8]) -> Result<Question, Problem> {
    Ok(match task {
        Task::Generate => {
            let GenerateRequest(draft) = parse(body)?;
            Question::Generate(Box::new(draft))
        }
        Task::Encode => Question::Encode(parse::<ImageRequest>(body)?.into()),
        Task::Score => Question::Score(parse::<ImageRequest>(body)?.into()),
    })
}

/// The requests of all lines that aren't empty, with their numbers.
pub(super) fn questions(task: Task, body: &[u8]) -> Result<Vec<(usize, Question)>, Problem> {
    let lines = body.split(|byte| *byte == b'\n').enumerate();
    let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
    let (mut questions, mut faults) = (Vec::new(), Faults::default());
    for (at, line) in lines {
        if questions.len() == MOST_LINES {
            let detail = message!(
                "a body may hold {most} requests, a line each",
                most = MOST_LINES
            );
            return Err(Problem::field("", detail));
        }
        match question(task, line) {
            Ok(question) => questions.push((at + 1, question)),
            Err(problem) => faults.add(at + 1, problem)?,
        }
        if faults.are_enough() {
            break;
        }
    }
    faults.told()?;
    if questions.is_empty() {
        return Err(Problem::field(
            "",
            message!("there is no line with a request"),
        ));
    }
    Ok(questions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_line() {
        let body = b"{\"n\": 1}\n\n{\"n\": \"x\"}\n{\"steps\": 2}\n[]\n";
        let problem = questions(Task::Generate, body).expect_err("two lines are wrong");
        let told: Vec<_> = problem
            .lines
            .iter()
            .map(|fault| (fault.line, fault.field.as_deref()))
            .collect();
        assert_eq!(told, [(3, Some("n")), (5, Some(""))]);
        assert_eq!(problem.field.as_deref(), Some("[3].n"));
    }

    #[test]
    fn empty_lines_are_no_requests() {
        let read = questions(Task::Generate, b"\n{}\r\n \n{}").expect("sound lines");
        let lines: Vec<usize> = read.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 4]);
        assert!(questions(Task::Generate, b"\n\n").is_err());
        let many = "{}\n".repeat(MOST_LINES + 1);
        assert!(questions(Task::Generate, many.as_bytes()).is_err());
    }
}
