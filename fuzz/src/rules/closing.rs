use super::expected_json::ExpectedJson;
use super::json::{Json, Value};
use super::shape::{MESSAGE_STOP, METADATA, Shape};

/// What `messageStop` and `metadata` say about the end.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    /// `Some`: the proof.
    stop_reason: Option<String>,
    counted: bool,
    stop_members: Vec<Member>,
    metadata_members: Vec<Member>,
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

    /// Whether nothing more can follow.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_proven() && self.counted
    }

    pub(crate) fn metadata(&mut self, event: &Json<'_>) {
        let counts = event.get("usage").is_some_and(counts);
        // "A usage without a single count does not count", so it replaces no other.
        let has_usage = self.metadata_members.iter().any(|member| member.name == "usage");
        let passed_over: &[&str] = if has_usage && !counts { &["usage"] } else { &[] };
        self.counted |= counts;
        Self::add(&mut self.metadata_members, event, &METADATA, passed_over);
    }

    /// Adds an event's members.
    fn add(into: &mut Vec<Member>, event: &Json<'_>, shape: &Shape, passed_over: &[&str]) {
        let Ok(ExpectedJson::Object(members)) = shape.echo(event) else {
            return;
        };
        let members: Vec<Member> = members
            .into_iter()
            .filter(|(name, _)| name != "p" && !passed_over.contains(&&**name))
            .map(|(name, tree)| Member { is_known: shape.knows(&name), name, tree })
            .collect();
        for (index, member) in members.iter().enumerate() {
            let again = members[..index].iter().any(|earlier| earlier.name == member.name);
            match into.iter().position(|earlier| earlier.name == member.name) {
                // The design does not say what happens to the same member of two events: the later event's replaces the
                // earlier's.
                Some(place) if !again => {
                    into.retain(|earlier| earlier.name != member.name);
                    into.insert(place, member.clone());
                }
                // Those of one event are all kept, even if their names are equal (C2).
                _ => into.push(member.clone()),
            }
        }
    }

    /// What comes at the end: `Done`, preceded by members that would be mistaken for its own.
    ///
    /// `tail`: what broke the rest, as an error's kind.
    pub(crate) fn end(&self, skipped: u64, tail: Option<&str>) -> Vec<ExpectedJson> {
        let mut chunks = Vec::new();
        let mut done = ExpectedJson::chunk("done")
            .with("stop_reason", ExpectedJson::text(self.stop_reason.clone().unwrap_or_default()))
            .with("skipped_events", ExpectedJson::Integer(skipped.into()));
        for Member { name, is_known, tree } in self.stop_members.iter().chain(&self.metadata_members) {
            if *is_known {
                done = done.with(&snake_case(name), tree.clone());
            } else if MEMBERS.contains(&&*snake_case(name)) || VENDOR_MEMBERS.contains(&&**name) {
                // The design does not say so, but a member of a `Response` would be mistaken too.
                let unknown = ExpectedJson::chunk("unknown").with("member", ExpectedJson::text(&**name));
                chunks.push(unknown.with("value", tree.clone()));
            } else {
                done = done.with(name, tree.clone());
            }
        }
        chunks.push(done.with_some(
            "tail",
            tail.map(|kind| {
                ExpectedJson::Object(vec![
                    ("kind".into(), ExpectedJson::text(kind)),
                    ("message".into(), ExpectedJson::Sentence),
                ])
            }),
        ));
        chunks
    }
}

/// A member of `messageStop` or of `metadata`.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    /// Whether the service model has it.
    is_known: bool,
    tree: ExpectedJson,
}

/// The members of `Done` and of a `Response`.
const MEMBERS: [&str; 11] = [
    "additional_model_response_fields",
    "metrics",
    "output",
    "performance_config",
    "service_tier",
    "skipped_events",
    "stop_reason",
    "tail",
    "trace",
    "type",
    "usage",
];

/// The members of `Done` that only other dialects have.
const VENDOR_MEMBERS: [&str; 3] = ["invocation_metrics", "raw_stop_reason", "vendor_usage"];

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
