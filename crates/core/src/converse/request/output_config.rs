use alloc::string::String;

object! {
    /// Requirements on the answer.
    ///
    /// ```
    /// use bedrock_stream_core::converse::{Effort, OutputConfig, Request};
    ///
    /// let mut request = Request::new().user("Prove it.");
    /// request.output_config = Some(OutputConfig::new().effort(Effort::High));
    /// assert!(request.to_json()?.contains(r#""outputConfig":{"effort":"high"}"#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct OutputConfig {
        /// The format of its text.
        "textFormat" => text_format: Option<OutputFormat>,
        /// How much effort the model should put into reasoning.
        "effort" => effort: Option<Effort>,
    }
}

impl OutputConfig {
    /// An empty configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

setters! {
    OutputConfig {
        /// Sets the format that the answer's text must have.
        text_format: OutputFormat,
        /// Sets how much effort the model should put into reasoning.
        effort: Effort,
    }
}

object! {
    /// The format of the answer's text.
    ///
    /// ```
    /// use bedrock_stream_core::converse::{JsonSchema, OutputFormat, Request};
    ///
    /// let schema = JsonSchema::new(r#"{"type":"object","properties":{"city":{"type":"string"}}}"#).name("capital");
    /// let request = Request::new().user("Of France?").text_format(OutputFormat::json_schema(schema));
    /// assert!(request.output_config.is_some());
    /// ```
    pub struct OutputFormat {
        /// What kind of format it is.
        "type" => kind: OutputFormatType,
        /// The format.
        "structure" => structure: OutputFormatStructure,
    }
}

impl OutputFormat {
    /// JSON that follows this schema.
    #[must_use]
    pub fn json_schema(schema: JsonSchema) -> Self {
        Self {
            kind: OutputFormatType::JsonSchema,
            structure: OutputFormatStructure::JsonSchema(schema),
            ..Self::default()
        }
    }
}

string_enum! {
    /// What kind of format it is.
    pub enum OutputFormatType {
        /// JSON that follows a schema.
        "json_schema" => JsonSchema,
    }
}

union! {
    /// The format of the answer's text.
    pub enum OutputFormatStructure {
        /// JSON that follows a schema.
        "jsonSchema" => JsonSchema(JsonSchema),
    }
}

object! {
    /// A JSON Schema that the answer must follow (`JsonSchemaDefinition`).
    ///
    /// ```
    /// use bedrock_stream_core::converse::{JsonSchema, OutputFormat, Request};
    ///
    /// let schema = JsonSchema::new(r#"{"type":"object","properties":{"city":{"type":"string"}}}"#)
    ///     .name("capital")
    ///     .description("The capital of a country.");
    /// let request = Request::new().user("Of France?").text_format(OutputFormat::json_schema(schema));
    /// assert!(request.lint().is_empty());
    /// ```
    pub struct JsonSchema {
        /// The schema, as text.
        "schema" => schema: String,
        /// Its name.
        "name" => name: Option<String>,
        /// A description for the model.
        "description" => description: Option<String>,
    }
}

impl JsonSchema {
    /// A schema from the text of its JSON.
    pub fn new(schema: impl Into<String>) -> Self {
        Self { schema: schema.into(), ..Self::default() }
    }
}

setters! {
    JsonSchema {
        /// Sets the name.
        name: impl Into<String>,
        /// Sets the description.
        description: impl Into<String>,
    }
}

string_enum! {
    /// How much effort the model should put into reasoning.
    pub enum Effort {
        /// Low effort.
        "low" => Low,
        /// Medium effort.
        "medium" => Medium,
        /// High effort.
        "high" => High,
        /// Extra-high effort.
        "xhigh" => ExtraHigh,
        /// The maximum effort.
        "max" => Max,
    }
}
