//! What only some models take: thinking, effort and a few more.

use bedrock_stream_dialects::Dialect::{self, Chat, Messages, Responses};
use bedrock_stream_dialects::request::{ModelFamily, Options, ReasoningStyle, ThinkingBudgets};
use serde_json::{Value, json};

use super::ask::{refused, to_json, try_read, with};

const OLD_CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const NOVA: &str = "us.amazon.nova-2-lite-v1:0";

/// The fields of the model, the effort and the limit that a request of a model becomes.
fn fields(dialect: Dialect, options: &Options, members: Value) -> [Value; 3] {
    let read = to_json(&try_read(dialect, &with(dialect, members), options).unwrap());
    let at = |pointer: &str| read.pointer(pointer).cloned().unwrap_or_default();
    [at("/additionalModelRequestFields"), at("/outputConfig/effort"), at("/inferenceConfig/maxTokens")]
}

fn of(model: &str) -> Options {
    Options::new().model_id(model)
}

#[test]
fn newer_claudes_think_adaptively() {
    let adaptive = json!({"thinking": {"type": "adaptive"}});
    let options = Options::new();
    let effort = |effort: &str| json!({"reasoning_effort": effort});
    assert_eq!(fields(Chat, &options, effort("high")), [adaptive.clone(), json!("high"), Value::Null]);
    assert_eq!(fields(Chat, &options, effort("minimal")), [adaptive.clone(), json!("low"), Value::Null]);
    assert_eq!(fields(Chat, &options, effort("none")), [Value::Null, Value::Null, Value::Null]);
    let responses = json!({"reasoning": {"effort": "xhigh"}});
    assert_eq!(fields(Responses, &options, responses), [adaptive, json!("xhigh"), Value::Null]);
    // In Messages an effort alone does not make Claude think.
    let messages = json!({"output_config": {"effort": "max"}});
    assert_eq!(fields(Messages, &options, messages), [Value::Null, json!("max"), json!(2000)]);
}

#[test]
fn older_claudes_get_a_budget_below_the_limit() {
    let options = of(OLD_CLAUDE);
    let thinking = |budget: u32| json!({"thinking": {"type": "enabled", "budget_tokens": budget}});
    for (effort, budget) in
        [("minimal", 1024), ("low", 1024), ("medium", 2048), ("high", 4096), ("xhigh", 8192), ("max", 16384)]
    {
        let [fields, effort, max_tokens] = fields(Chat, &options, json!({"reasoning_effort": effort}));
        assert_eq!((fields, effort, max_tokens), (thinking(budget), Value::Null, json!(budget + 4096)));
    }
    let limited = json!({"reasoning_effort": "high", "max_completion_tokens": 3000});
    assert_eq!(fields(Chat, &options, limited), [thinking(1500), Value::Null, json!(3000)]);
    let messages = json!({"output_config": {"effort": "low"}});
    assert_eq!(fields(Messages, &options, messages), [thinking(1024), Value::Null, json!(2000)]);

    let mut too_few = with(Chat, json!({"reasoning_effort": "high", "max_completion_tokens": 1000}));
    too_few["model"] = json!(OLD_CLAUDE);
    assert_eq!(refused(Chat, &too_few).0, "reasoning_effort");
    let budgets = ThinkingBudgets { high: 9000, ..ThinkingBudgets::default() };
    let options = options.thinking_budgets(budgets);
    assert_eq!(fields(Chat, &options, json!({"reasoning_effort": "high"}))[0], thinking(9000));
}

#[test]
fn what_the_client_says_of_thinking_is_claudes() {
    let thinking = json!({"type": "enabled", "budget_tokens": 1500, "display": "omitted"});
    for (model, dialect) in [(OLD_CLAUDE, Messages), (OLD_CLAUDE, Chat), ("arn:aws:x/hidden", Messages)] {
        let members = json!({"thinking": thinking});
        assert_eq!(fields(dialect, &of(model), members)[0], json!({"thinking": thinking}));
    }
    let body = with(Messages, json!({"thinking": thinking}));
    assert!(try_read(Messages, &body, &of(OLD_CLAUDE)).unwrap().answer.asks_for_reasoning);
    let disabled = with(Messages, json!({"thinking": {"type": "disabled"}}));
    assert!(!try_read(Messages, &disabled, &of(OLD_CLAUDE)).unwrap().answer.asks_for_reasoning);
    assert_eq!(try_read(Messages, &body, &of(NOVA)).unwrap_err().field.as_deref(), Some("thinking"));
    assert!(try_read(Messages, &disabled, &of(NOVA)).is_ok());
}

#[test]
fn other_families_take_an_effort_in_their_own_words() {
    let effort = |effort: &str| json!({"reasoning_effort": effort});
    let nova = |effort: &str| json!({"reasoningConfig": {"type": "enabled", "maxReasoningEffort": effort}});
    assert_eq!(fields(Chat, &of(NOVA), effort("minimal"))[0], nova("low"));
    assert_eq!(fields(Chat, &of(NOVA), effort("max"))[0], nova("high"));
    assert_eq!(fields(Chat, &of(NOVA), effort("none"))[0], Value::Null);
    for model in ["openai.gpt-oss-120b-1:0", "us.deepseek.r1-v1:0"] {
        assert_eq!(fields(Chat, &of(model), effort("medium")), [Value::Null, json!("medium"), Value::Null]);
    }
    assert_eq!(fields(Chat, &of("qwen.qwen3-32b-v1:0"), effort("minimal"))[0], effort("minimal"));
    let mut llama = with(Chat, effort("low"));
    llama["model"] = json!("meta.llama3-3-70b-instruct-v1:0");
    assert_eq!(refused(Chat, &llama).0, "reasoning_effort");
    assert_eq!(refused(Chat, &with(Chat, effort("huge"))).0, "reasoning_effort");
}

#[test]
fn a_caller_knows_better() {
    let effort = json!({"reasoning_effort": "low"});
    let options = of("arn:aws:x/hidden").reasoning_style(ReasoningStyle::Effort);
    assert_eq!(fields(Chat, &options, effort.clone()), [Value::Null, json!("low"), Value::Null]);
    let options = of("arn:aws:x/hidden").family(ModelFamily::Nova);
    assert_eq!(fields(Chat, &options, effort)[0]["reasoningConfig"]["maxReasoningEffort"], "low");
}

/// A model of no known family is Anthropic's in Messages, and nobody's elsewhere.
#[test]
fn an_unknown_model_is_anthropics_in_messages_alone() {
    let options = of("arn:aws:bedrock:us-east-1:1:application-inference-profile/x");
    let read = try_read(Messages, &with(Messages, json!({"top_k": 5})), &options).unwrap();
    assert_eq!(read.answer.family, ModelFamily::Anthropic);
    let read = try_read(Chat, &with(Chat, json!({"top_k": 5})), &options).unwrap();
    assert_eq!(read.answer.family, ModelFamily::Unknown);
    assert_eq!(to_json(&read)["additionalModelRequestFields"], json!({"top_k": 5}));
    let nova = fields(Chat, &of(NOVA), json!({"top_k": 5}));
    assert_eq!(nova[0], json!({"inferenceConfig": {"topK": 5}}));
}

#[test]
fn the_family_says_how_tokens_are_counted() {
    assert!(ModelFamily::of("openai.gpt-5-1").has_cache_in_input_tokens());
    assert!(!ModelFamily::of(OLD_CLAUDE).has_cache_in_input_tokens());
}
