//! The same input again, on other engines.

use crate::instance::{Input, named};
use crate::world::World;
use opencode_delegate::{Effect, Engine};
use serde_json::json;

impl World {
    /// Repeats the input on another engine: it must have the same state, to the byte.
    pub fn again(&mut self) {
        for slot in 0..self.slots.len() {
            self.replay(slot);
        }
    }

    /// Repeats an engine's events and requests on two others: one is restored at the same points, one lives on. Both
    /// must answer alike, and the first must be the same to the byte.
    pub fn replay(&mut self, slot: usize) {
        let Some(inputs) = self.slots[slot].inputs.clone() else {
            return;
        };
        let config = self.rules.config.clone();
        let process = self.slots[slot].process.clone();
        let mut twins = [(); 2].map(|()| Engine::with(&config, named(&process)).unwrap());
        let mut differs = None;
        // A snapshot does not hold in which order sessions are to be stored.
        let sorted = |effects: &[Effect]| {
            let mut texts: Vec<String> = effects
                .iter()
                .map(|effect| json!(effect).to_string())
                .collect();
            texts.sort();
            texts
        };
        for input in inputs {
            for twin in &mut twins {
                match &input {
                    Input::Event(event, effects) => {
                        let again = twin.apply(event.clone());
                        if again != *effects && sorted(&again) != sorted(effects) {
                            differs.get_or_insert(json!([event, effects, again]));
                        }
                    }
                    Input::Request(request, decided) => {
                        let again = twin.decide(request);
                        let same = sorted(&again.effects) == sorted(&decided.effects);
                        if again.decision != decided.decision || !same {
                            differs.get_or_insert(json!(request));
                        }
                    }
                    Input::Restore => {}
                }
            }
            if matches!(input, Input::Restore) {
                let before = twins[0].snapshot();
                twins[0] = Engine::restore_with(&before, &config, named(&process)).unwrap();
            }
        }
        self.must(differs.is_none(), "I6", || {
            format!(
                "the same again, another answer: {}",
                differs.unwrap_or_default()
            )
        });
        let same = twins[0].snapshot() == self.slots[slot].engine.snapshot();
        self.must(same, "I6", || {
            "the same input gives another state".to_owned()
        });
    }
}
