use super::json::{Json, Value};
use super::shape::{MESSAGE_STOP, METADATA, Shape};
use super::tree::Tree;

/// What `messageStop` and `metadata` say of the end.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    /// `Some`: the proof.
    stop_reason: Option<String>,
    counted: bool,
    stop_members: Vec<(String, Tree)>,
    metadata_members: Vec<(String, Tree)>,
}

impl Closing {
    /// `messageStop`: its reason.
    pub(crate) fn stop(&mut self, event: &Json<'_>) -> String {
        let reason = event.get("stopReason").and_then(Json::as_str).unwrap_or_default().to_owned();
        self.stop_reason = Some(reason.clone());
        Self::add(&mut self.stop_members, event, &MESSAGE_STOP, &["stopReason"]);
        reason
    }

    pub(crate) fn is_proven(&self) -> bool {
        self.stop_reason.is_some()
    }

    /// Whether nothing is left to wait for.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_proven() && self.counted
    }

    pub(crate) fn metadata(&mut self, event: &Json<'_>) {
        let counts = event.get("usage").is_some_and(counts);
        // "A usage without a single count does not count", and so takes no other's place.
        let has_usage = self.metadata_members.iter().any(|(name, _)| name == "usage");
        let passed_over: &[&str] = if has_usage && !counts { &["usage"] } else { &[] };
        self.counted |= counts;
        Self::add(&mut self.metadata_members, event, &METADATA, passed_over);
    }

    /// Adds an event's members.
    fn add(into: &mut Vec<(String, Tree)>, event: &Json<'_>, shape: &Shape, passed_over: &[&str]) {
        let Ok(Tree::Object(members)) = shape.echo(event) else {
            return;
        };
        let members: Vec<_> = members
            .into_iter()
            .filter(|(name, _)| name != "p" && !passed_over.contains(&&**name))
            .map(|(name, tree)| (if shape.knows(&name) { snake_case(&name) } else { name }, tree))
            .collect();
        for (index, (name, tree)) in members.iter().enumerate() {
            let again = members[..index].iter().any(|(earlier, _)| earlier == name);
            match into.iter_mut().find(|(earlier, _)| earlier == name) {
                // The design is silent on members of two events: the later takes the place of the first.
                Some((_, value)) if !again => *value = tree.clone(),
                // Those of one event are all kept, also if they have one name (C2).
                _ => into.push((name.clone(), tree.clone())),
            }
        }
    }

    /// `Done`; `tail`: what broke the rest, as an error's kind.
    pub(crate) fn done(&self, skipped: u64, tail: Option<&str>) -> Tree {
        let mut done = Tree::chunk("done")
            .with("stop_reason", Tree::text(self.stop_reason.clone().unwrap_or_default()))
            .with("skipped_events", Tree::Integer(skipped.into()));
        for (name, tree) in self.stop_members.iter().chain(&self.metadata_members) {
            done = done.with(name, tree.clone());
        }
        done.with_some(
            "tail",
            tail.map(|kind| {
                Tree::Object(vec![("kind".into(), Tree::text(kind)), ("message".into(), Tree::Sentence)])
            }),
        )
    }
}

/// Whether a usage has a single count.
fn counts(usage: &Json<'_>) -> bool {
    usage
        .members()
        .iter()
        .any(|(name, value)| name.ends_with("Tokens") && matches!(value.value, Value::Number))
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
