//! Why: the steps of a decision, each with its clause, a Chinese sentence and the values in it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One step of a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Id of the clause that the step applies, such as `INJ-2.1`.
    pub clause: Cow<'static, str>,
    /// Chinese, ready to show, with the sum worked out.
    pub text: String,
    /// The figures of the sentence by name.
    pub values: Map<String, Value>,
}

/// Collects the steps of a decision, or nothing: then the sentences are never made.
#[derive(Debug, Default)]
pub struct Steps(Option<Vec<Step>>);

impl Steps {
    /// Collects.
    pub fn on() -> Self {
        Steps(Some(Vec::new()))
    }

    /// Does not collect; a step costs one test.
    pub fn off() -> Self {
        Steps(None)
    }

    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Adds the step that `make` tells, if steps are wanted.
    pub fn add(
        &mut self,
        clause: impl Into<Cow<'static, str>>,
        make: impl FnOnce() -> (String, Map<String, Value>),
    ) {
        if let Some(steps) = &mut self.0 {
            let (text, values) = make();
            steps.push(Step { clause: clause.into(), text, values });
        }
    }

    /// Adds a step that was made elsewhere.
    pub fn push(&mut self, step: Step) {
        if let Some(steps) = &mut self.0 {
            steps.push(step);
        }
    }

    /// What was collected since the last call.
    pub fn take(&mut self) -> Vec<Step> {
        self.0.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

/// The values of a step: `values! { "low" => low, "ratio" => ratio }`; each is kept as its text.
#[macro_export]
macro_rules! values {
    ($($name:literal => $value:expr),* $(,)?) => {{
        #[allow(unused_mut)]
        let mut map = serde_json::Map::new();
        $(map.insert($name.to_owned(), serde_json::Value::String($value.to_string()));)*
        map
    }};
}
