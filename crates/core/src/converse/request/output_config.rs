use alloc::string::String;

object! {
    /// What the answer must look like.
    pub struct OutputConfig {
        /// The format of its text.
        "textFormat" => text_format: Option<OutputFormat>,
        /// How hard the model should think.
        "effort" => effort: Option<Effort>,
    }
}

impl OutputConfig {
    /// A configuration that asks for nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

setters! {
    OutputConfig {
        /// Says what the text of the answer must look like.
        text_format: OutputFormat,
        /// Says how hard the model should think.
        effort: Effort,
    }
}

object! {
    /// The format of the answer's text.
    pub struct OutputFormat {
        /// What kind of format it is.
        "type" => kind: OutputFormatType,
        /// The format.
        "structure" => structure: OutputFormatStructure,
    }
}

impl OutputFormat {
    /// JSON of this schema.
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
        /// JSON of a schema.
        "json_schema" => JsonSchema,
    }
}

union! {
    /// The format of the answer's text.
    pub enum OutputFormatStructure {
        /// JSON of a schema.
        "jsonSchema" => JsonSchema(JsonSchema),
    }
}

object! {
    /// A JSON Schema that the answer must follow (`JsonSchemaDefinition`).
    pub struct JsonSchema {
        /// The schema, as text.
        "schema" => schema: String,
        /// Its name.
        "name" => name: Option<String>,
        /// What it is for, for the model.
        "description" => description: Option<String>,
    }
}

impl JsonSchema {
    /// This schema, given as the text of its JSON.
    pub fn new(schema: impl Into<String>) -> Self {
        Self { schema: schema.into(), ..Self::default() }
    }
}

setters! {
    JsonSchema {
        /// Names it.
        name: impl Into<String>,
        /// Says what it is for.
        description: impl Into<String>,
    }
}

string_enum! {
    /// How hard the model should think.
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
