//! JSON Schemas of Rust types (feature `schemars`).

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use schemars::Schema;
use schemars::generate::SchemaSettings;

use super::output_config::JsonSchema;
use super::strict_schema::make_strict;
use super::tool_config::ToolSpec;
use crate::json::Json;

impl ToolSpec {
    /// A tool whose arguments have the type `T`; read them with [`ToolInput::parse`](crate::content::ToolInput::parse).
    /// The tool's name is that of the schema; its description is the type's doc comment.
    ///
    /// ```
    /// use bedrock_stream_core::converse::{ToolConfig, ToolSpec};
    ///
    /// /// The weather in a city, now.
    /// #[derive(schemars::JsonSchema, serde::Deserialize)]
    /// #[schemars(rename = "get_weather")]
    /// struct GetWeather {
    ///     city: String,
    /// }
    ///
    /// let tool = ToolSpec::of::<GetWeather>();
    /// assert_eq!(tool.name, "get_weather");
    /// assert_eq!(tool.description.as_deref(), Some("The weather in a city, now."));
    /// let tools = ToolConfig::new([tool]);
    /// ```
    #[must_use]
    pub fn of<T: schemars::JsonSchema>() -> Self {
        let TypeSchema { name, description, schema } = TypeSchema::of::<T>(|_| {});
        Self { description, ..Self::new(name, schema) }
    }

    /// Like [`of`](Self::of), but Bedrock makes the model follow the schema ([`strict`](Self::strict)). Bedrock accepts only a
    /// part of JSON Schema for it, so the schema is changed like that of [`JsonSchema::of`]. `T` must be a struct with named fields: Bedrock
    /// refuses any other schema as that of a tool's arguments.
    #[must_use]
    pub fn strict_of<T: schemars::JsonSchema>() -> Self {
        let TypeSchema { name, description, schema } = TypeSchema::of::<T>(make_strict);
        Self { description, ..Self::new(name, schema).strict(true) }
    }
}

impl JsonSchema {
    /// The schema of the type `T`, for an answer to be read with [`Response::parse`](crate::answer::Response::parse).
    /// Its name and description are those of the type.
    ///
    /// Bedrock accepts only [a part of JSON
    /// Schema](https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html) here, so objects are closed
    /// (`"additionalProperties": false`), and the bounds of numbers, texts and lists stand in the descriptions, where the model
    /// reads them but need not follow them. It refuses a type that has no such schema: a map, any JSON, a tuple, a type that contains
    /// itself, an enum flattened into a struct.
    ///
    /// ```
    /// use bedrock_stream_core::converse::JsonSchema;
    ///
    /// #[derive(schemars::JsonSchema)]
    /// struct Rating {
    ///     #[schemars(range(min = 1, max = 5))]
    ///     stars: u8,
    /// }
    ///
    /// let schema: serde_json::Value = serde_json::from_str(&JsonSchema::of::<Rating>().schema)?;
    /// assert_eq!(schema["additionalProperties"], false);
    /// assert_eq!(schema["properties"]["stars"]["description"], "minimum: 1, maximum: 5");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of<T: schemars::JsonSchema>() -> Self {
        let TypeSchema { name, description, schema } = TypeSchema::of::<T>(make_strict);
        Self { name: Some(name), description, ..Self::new(schema.to_string()) }
    }
}

/// A type's schema, and the parts of it that have members of their own in the API.
struct TypeSchema {
    name: String,
    description: Option<String>,
    schema: Json,
}

impl TypeSchema {
    fn of<T: schemars::JsonSchema>(change: fn(&mut Schema)) -> Self {
        // Models follow inlined schemas better than references. A recursive type keeps its references.
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.inline_subschemas = true;
            settings.meta_schema = None;
        });
        let mut schema = settings.into_generator().into_root_schema_for::<T>();
        schema.remove("title");
        change(&mut schema);
        let description = schema.remove("description");
        Self {
            name: T::schema_name().into_owned(),
            description: description.as_ref().and_then(|text| text.as_str()).map(ToOwned::to_owned),
            schema: schema.to_value().into(),
        }
    }
}
