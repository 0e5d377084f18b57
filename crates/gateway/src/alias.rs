use bedrock_stream_dialects::Dialect;
use bedrock_stream_dialects::request::{ModelFamily, Options, ReasoningStyle, ThinkingBudgets};

/// A name's model, and what its id does not say about it: see [`GatewayBuilder::alias`](crate::GatewayBuilder::alias).
///
/// ```
/// use bedrock_stream_dialects::request::ModelFamily;
/// use bedrock_stream_gateway::Alias;
///
/// let profile = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3d4e5f6";
/// let alias = Alias::new(profile).family(ModelFamily::Anthropic);
/// assert_eq!(alias.model(), profile);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    model: String,
    family: Option<ModelFamily>,
    reasoning_style: Option<ReasoningStyle>,
    thinking_budgets: Option<ThinkingBudgets>,
    allowed_betas: Option<Vec<String>>,
    native: Option<Vec<Dialect>>,
}

impl Alias {
    /// An alias for a model: its id, an inference profile or an ARN. What the model takes is told by its id.
    pub fn new(model: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            family: None,
            reasoning_style: None,
            thinking_budgets: None,
            allowed_betas: None,
            native: None,
        }
    }

    /// Sets the model's family, if its id does not reveal it.
    #[must_use]
    pub const fn family(mut self, family: ModelFamily) -> Self {
        self.family = Some(family);
        self
    }

    /// Sets how the model is told how hard to think, whatever its id says.
    #[must_use]
    pub const fn reasoning_style(mut self, style: ReasoningStyle) -> Self {
        self.reasoning_style = Some(style);
        self
    }

    /// Sets how many tokens the model may think, if it takes a budget.
    #[must_use]
    pub const fn thinking_budgets(mut self, budgets: ThinkingBudgets) -> Self {
        self.thinking_budgets = Some(budgets);
        self
    }

    /// Sets which values of `anthropic-beta` are passed on to the model, in place of those that Bedrock is known to take. Others are
    /// left out.
    #[must_use]
    pub fn allowed_betas<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.allowed_betas = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Sets in which dialects Bedrock serves the model itself: requests in these, and no others, are passed to Bedrock's own
    /// endpoint of the dialect, whatever [`GatewayBuilder::native`](crate::GatewayBuilder::native) says.
    #[must_use]
    pub fn native(mut self, dialects: impl IntoIterator<Item = Dialect>) -> Self {
        self.native = Some(dialects.into_iter().collect());
        self
    }

    /// The model that Bedrock is asked for.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Whether requests in this dialect are passed to Bedrock's own endpoint. `None`: the alias does not say.
    pub(crate) fn is_native(&self, dialect: Dialect) -> Option<bool> {
        self.native.as_ref().map(|dialects| dialects.contains(&dialect))
    }

    /// Adds what it says to how a request is read.
    pub(crate) fn apply(&self, mut options: Options) -> Options {
        if let Some(family) = self.family {
            options = options.family(family);
        }
        if let Some(style) = self.reasoning_style {
            options = options.reasoning_style(style);
        }
        if let Some(budgets) = self.thinking_budgets {
            options = options.thinking_budgets(budgets);
        }
        match &self.allowed_betas {
            Some(names) => options.allowed_betas(names),
            None => options,
        }
    }
}

impl From<String> for Alias {
    fn from(model: String) -> Self {
        Self::new(model)
    }
}

impl From<&str> for Alias {
    fn from(model: &str) -> Self {
        Self::new(model)
    }
}
