use alloc::string::String;
use alloc::vec::Vec;

use bedrock_stream_core::answer::ServiceTierType;
use bedrock_stream_core::content::{
    CachePointBlock, ContentBlock, ReasoningBlock, ReasoningText, Role, ToolResultBlock,
};
use bedrock_stream_core::converse::{InferenceConfig, OutputConfig, SystemBlock};
use bedrock_stream_core::json::Fields;

use super::additional_fields::AdditionalFields;
use super::asked_reasoning::Reasoning;
use super::cache::Mark;
use super::chosen_tools::Tools;
use super::conversation::Conversation;
use super::document::DocumentNames;
use super::error::Problem;
use super::field::Field;
use super::left_out::{LeftOutFields, LeftOutReason};
use super::model_family::{ModelFamily, ModelTraits};
use super::options::Options;
use super::origins::Origins;
use super::path::Path;
use super::tool_names::{ToolNames, legal};
use crate::Dialect;

/// A request to Bedrock, built while the client's is read.
#[derive(Debug)]
pub(super) struct Draft<'o> {
    pub(super) options: &'o Options,
    pub(super) traits: ModelTraits,
    /// The path of the client's request.
    pub(super) body: Path,
    pub(super) left_out: LeftOutFields,
    pub(super) names: ToolNames,
    pub(super) documents: DocumentNames,
    pub(super) conversation: Conversation,
    pub(super) system: Vec<(SystemBlock, Path)>,
    pub(super) tools: Tools,
    pub(super) reasoning: Reasoning,
    pub(super) inference: InferenceConfig,
    pub(super) output: OutputConfig,
    pub(super) additional: AdditionalFields,
    /// The betas that the body asks for, and where.
    pub(super) betas: Vec<(String, Path)>,
    pub(super) response_fields: Vec<String>,
    pub(super) service_tier: Option<ServiceTierType>,
    pub(super) origins: Origins,
    pub(super) model: String,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    pub(super) request_members: Fields,
}

impl<'o> Draft<'o> {
    pub(super) fn new(dialect: Dialect, model: String, options: &'o Options) -> Self {
        Self {
            options,
            traits: options.traits(&model),
            body: Path::body(dialect),
            left_out: LeftOutFields::default(),
            names: ToolNames::default(),
            documents: DocumentNames::default(),
            conversation: Conversation::default(),
            system: Vec::new(),
            tools: Tools::default(),
            reasoning: Reasoning::default(),
            inference: InferenceConfig::default(),
            output: OutputConfig::default(),
            additional: AdditionalFields::default(),
            betas: Vec::new(),
            response_fields: Vec::new(),
            service_tier: None,
            origins: Origins::default(),
            model,
            stream: false,
            include_usage: true,
            request_members: Fields::new(),
        }
    }

    /// Bedrock has no equivalent of this member: an error, or, if the caller is lenient, the member is left out.
    pub(super) fn refuse(&mut self, field: &Field<'_>, message: &'static str) -> Result<(), Problem> {
        if self.options.is_lenient {
            self.left_out.push(&field.path, LeftOutReason::Unsupported);
            return Ok(());
        }
        Err(field.unsupported(message))
    }

    /// Instructions follow in the middle of the conversation, as this role says. Converse knows only those before it, where they go.
    pub(super) fn note_place_of_system(&mut self, role: &Field<'_>) {
        if self.conversation.last_role().is_some() {
            self.left_out.push(&role.path, LeftOutReason::Unsupported);
        }
    }

    /// Adds instructions. Blank ones are left out.
    pub(super) fn push_system(&mut self, text: String, path: &Path, mark: Option<Mark>) {
        if self.is_blank(&text, path) {
            return;
        }
        self.system.push((SystemBlock::Text(text), path.clone()));
        if let Some((point, path)) = self.allowed_mark(mark) {
            self.system.push((SystemBlock::CachePoint(point), path));
        }
    }

    /// Adds text of a message. Bedrock refuses blank text, so that is left out.
    pub(super) fn push_text(&mut self, role: &Role, text: String, path: &Path, mark: Option<Mark>) {
        if !self.is_blank(&text, path) {
            self.push_block(role, text, path, None);
        }
        // What the mark stands behind may be what came before.
        self.push_mark(role, mark);
    }

    /// Adds a block of a message.
    pub(super) fn push_block(
        &mut self,
        role: &Role,
        block: impl Into<ContentBlock>,
        path: &Path,
        mark: Option<Mark>,
    ) {
        self.conversation.push(role, block, path);
        self.push_mark(role, mark);
    }

    /// Adds reasoning. Claude refuses reasoning that it did not sign, so that is left out; other models sign none.
    pub(super) fn push_reasoning(&mut self, text: String, signature: Option<String>, path: &Path) {
        let must_be_signed = matches!(self.traits.family, ModelFamily::Anthropic | ModelFamily::Unknown);
        if signature.is_none() && (must_be_signed || text.is_empty()) {
            self.left_out.push(path, LeftOutReason::Unsigned);
            return;
        }
        let block = ReasoningBlock::Text(ReasoningText::new(text, signature));
        self.push_block(&Role::Assistant, block, path, None);
    }

    /// Adds the result of a tool, which must say something.
    pub(super) fn push_result(&mut self, mut result: ToolResultBlock, path: &Path, mark: Option<Mark>) {
        if result.content.is_empty() {
            result.content.push(EMPTY_RESULT.into());
        }
        self.push_block(&Role::User, result, path, mark);
    }

    fn push_mark(&mut self, role: &Role, mark: Option<Mark>) {
        if let Some((point, path)) = self.allowed_mark(mark) {
            self.conversation.push_cache_point(role, point, &path);
        }
    }

    /// The cache point, if the model takes some.
    pub(super) fn allowed_mark(&mut self, mark: Option<Mark>) -> Option<(CachePointBlock, Path)> {
        let (point, path) = mark?;
        if self.traits.family.has_cache_points() {
            return Some((point, path));
        }
        self.left_out.push(&path, LeftOutReason::NoEffect);
        None
    }

    /// Whether a text is blank; reported if it is not empty.
    pub(super) fn is_blank(&mut self, text: &str, path: &Path) -> bool {
        let is_blank = text.trim().is_empty();
        if is_blank && !text.is_empty() {
            self.left_out.push(path, LeftOutReason::Blank);
        }
        is_blank
    }

    /// The id of a tool call, as Bedrock takes it: its own, and any that is as legal.
    pub(super) fn call_id(&self, id: &Field<'_>) -> Result<String, Problem> {
        let text = id.string()?;
        if text.is_empty() {
            return Err(id.invalid("it must not be empty"));
        }
        let is_legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
        Ok(legal(&text, MAX_ID_LEN, is_legal, |_| true))
    }
}

/// The text of an empty tool result, since Bedrock refuses one without content.
const EMPTY_RESULT: &str = "(empty)";

const MAX_ID_LEN: usize = 64;
