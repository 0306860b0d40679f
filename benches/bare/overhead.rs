//! What a server adds to a graph call, as its only client sees it.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::client::Client;
use crate::quartiles;
use crate::session::Bare;

/// Calls of one kind before the other kind's turn: enough that each finds its caches warm, few
/// enough that a disturbance of the machine meets both.
const TURN: usize = 20;

/// `Session::run` in this process and requests to the server, in turns.
pub(crate) fn beside(graph: &Path, address: &str, pairs: usize, body: &str) -> Result<()> {
    let mut bare = Bare::open(graph)?;
    let inputs = bare.inputs(1)?;
    let mut client = Client::connect(address, body)?;
    for _ in 0..10 * TURN {
        bare.run(&inputs)?;
        client.post()?;
    }
    let (mut raw, mut answers, mut differences) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..pairs.div_ceil(TURN) {
        let mut turn = [Vec::new(), Vec::new()];
        for _ in 0..TURN {
            turn[0].push(bare.run(&inputs)?.as_secs_f64() * 1e6);
        }
        for _ in 0..TURN {
            turn[1].push(client.post()?.as_secs_f64() * 1e6);
        }
        let [_, raw_us, _] = quartiles(&mut turn[0]);
        let [_, answer_us, _] = quartiles(&mut turn[1]);
        differences.push(answer_us - raw_us);
        raw.append(&mut turn[0]);
        answers.append(&mut turn[1]);
    }
    let (raw, answers) = (quartiles(&mut raw), quartiles(&mut answers));
    println!(
        "{}",
        json!({
            "raw_us": raw,
            "answer_us": answers,
            "overhead_us": answers[1] - raw[1],
            "turns_us": quartiles(&mut differences),
        })
    );
    Ok(())
}

/// Answer times alone, one request after the other.
pub(crate) fn latency(address: &str, count: usize, body: &str) -> Result<()> {
    let mut client = Client::connect(address, body)?;
    client.post()?;
    let mut times = Vec::new();
    for _ in 0..count {
        times.push(client.post()?.as_secs_f64() * 1e6);
    }
    println!("{}", json!({"answer_us": quartiles(&mut times)}));
    Ok(())
}
