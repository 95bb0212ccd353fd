//! Native cost of `decide`, in nanoseconds, by number of resident sessions. Prints one JSON line a row.
#![allow(clippy::unwrap_used, missing_docs)]

use opencode_delegate::{Created, Decision, Engine, Event, Request};
use std::hint::black_box;
use std::time::Instant;

const ROOT: &str = "ses_root0000000000000000000";
const DECISIONS: usize = 400_000;

fn world(sessions: usize) -> Engine {
    let mut engine = Engine::new(r#"{"agents":{"explorer":{},"fixer":{}}}"#).unwrap();
    for index in 0..sessions {
        let session = Created {
            id: format!("ses_{index:012x}AbCdEfGhIjKlMn"),
            parent_id: Some(ROOT.to_owned()),
            agent: Some(agent(index).to_owned()),
            description: Some(format!("Explore auth module {index}")),
            prompt: None,
            slug: None,
            files: None,
            record: None,
            alive: None,
        };
        engine.apply(Event::Created {
            now: 1_000 + index as u64,
            session,
        });
    }
    engine
}

fn agent(index: usize) -> &'static str {
    if index.is_multiple_of(2) {
        "fixer"
    } else {
        "explorer"
    }
}

fn main() {
    for sessions in [20, 1_000, 100_000] {
        for row in ["R4", "R5"] {
            let mut engine = world(sessions);
            let batch = sessions.min(1_000);
            let mut spent = 0.0;
            for round in 0..DECISIONS / batch {
                let texts: Vec<_> = (0..batch)
                    .map(|place| {
                        let call = round * batch + place;
                        let index = call * 7919 % sessions;
                        let slug = match row {
                            "R4" => format!("explore-auth-module-{index}"),
                            _ => format!("something-new-{call}"),
                        };
                        (format!("call_{call}"), agent(index), slug)
                    })
                    .collect();
                let mut tickets = Vec::with_capacity(batch);
                let start = Instant::now();
                for (call, agent, slug) in &texts {
                    let decision = engine.decide(&Request {
                        now: 500_000,
                        call_id: call.into(),
                        session_id: ROOT.into(),
                        caller_agent: Some("build".into()),
                        agent: (*agent).into(),
                        description: "Explore auth".into(),
                        prompt: "Look at the auth code and tell me what it does.".into(),
                        task_id: Some(slug.into()),
                        background: None,
                    });
                    tickets.push(black_box(decision));
                }
                spent += start.elapsed().as_secs_f64();
                for decision in tickets {
                    assert_eq!(format!("{:?}", decision.rule()), row);
                    let ticket = Decision::ticket(&decision).unwrap();
                    engine.apply(Event::Refund {
                        now: 500_000,
                        ticket,
                    });
                }
            }
            let decisions = DECISIONS / batch * batch;
            let ns = spent / decisions as f64 * 1e9;
            println!(
                "{{\"bench\":\"native\",\"row\":\"{row}\",\"sessions\":{sessions},\"ns\":{ns:.0}}}"
            );
        }
    }
}
