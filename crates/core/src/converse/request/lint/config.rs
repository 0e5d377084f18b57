//! Rules for everything except the messages.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::constraint_violation::Constraint;
use super::content;
use super::linter::Linter;
use crate::converse::request::{
    InferenceConfig, OutputConfig, OutputFormatStructure, Request, SystemBlock, Tool, ToolChoice, ToolConfig,
    ToolInputSchema, ToolSpec,
};
use crate::json::Json;

pub(super) fn check(linter: &mut Linter, request: &Request) {
    if let Some(system) = &request.system {
        linter.member("system", |linter| linter.items(system, system_block));
    }
    if let Some(config) = &request.inference_config {
        linter.member("inferenceConfig", |linter| inference(linter, config));
    }
    if let Some(config) = &request.tool_config {
        linter.member("toolConfig", |linter| tools(linter, config));
    }
    if let Some(id) =
        request.guardrail_config.as_ref().and_then(|config| config.guardrail_identifier.as_ref())
    {
        linter.member("guardrailConfig", |linter| {
            linter.member("guardrailIdentifier", |linter| linter.max_length(id, 2048));
        });
    }
    if let Some(id) = &request.project_identifier {
        linter.member("projectIdentifier", |linter| linter.length(id, 2048));
    }
    if let Some(variables) = &request.prompt_variables {
        linter.member("promptVariables", |linter| {
            for (name, value) in variables {
                linter.member(name, |linter| linter.union(value.members(), |_, _| {}));
            }
        });
    }
    if let Some(paths) = &request.additional_model_response_field_paths {
        linter.member("additionalModelResponseFieldPaths", |linter| {
            linter.find_if(paths.len() > 10, Constraint::TooMany { count: paths.len(), max: 10 });
            linter.items(paths, |linter, path| linter.length(path, 256));
        });
    }
    if let Some(metadata) = &request.request_metadata {
        linter.member("requestMetadata", |linter| request_metadata(linter, metadata));
    }
    if let Some(config) = &request.output_config {
        linter.member("outputConfig", |linter| output(linter, config));
    }
}

fn system_block(linter: &mut Linter, block: &SystemBlock) {
    linter.union(block.members(), |linter, member| match member {
        // Only an empty text is refused here; white space is not known to be refused.
        SystemBlock::Text(text) => {
            linter.member("text", |linter| linter.find_if(text.is_empty(), Constraint::Empty));
        }
        SystemBlock::GuardContent(guard) => {
            linter.member("guardContent", |linter| content::guard_content(linter, guard));
        }
        _ => {}
    });
}

fn inference(linter: &mut Linter, config: &InferenceConfig) {
    linter.member("maxTokens", |linter| linter.find_if(config.max_tokens == Some(0), Constraint::Zero));
    for (name, value) in [("temperature", config.temperature), ("topP", config.top_p)] {
        if let Some(value) = value.filter(|value| !(0.0..=1.0).contains(value)) {
            linter.member(name, |linter| linter.find(Constraint::OutOfRange { value, min: 0.0, max: 1.0 }));
        }
    }
    if let Some(sequences) = &config.stop_sequences {
        linter.member("stopSequences", |linter| {
            linter.find_if(sequences.len() > 2500, Constraint::TooMany { count: sequences.len(), max: 2500 });
            linter
                .items(sequences, |linter, sequence| linter.find_if(sequence.is_empty(), Constraint::Empty));
        });
    }
}

fn tools(linter: &mut Linter, config: &ToolConfig) {
    linter.member("tools", |linter| {
        linter.find_if(config.tools.is_empty(), Constraint::Empty);
        let mut names = BTreeMap::new();
        for (index, tool) in config.tools.iter().enumerate() {
            linter.item(index, |linter| {
                linter.union(tool.members(), |linter, member| match member {
                    Tool::Spec(spec) => linter.member("toolSpec", |linter| {
                        let first = *names.entry(&*spec.name).or_insert(index);
                        linter.member("name", |linter| {
                            linter.find_if(first != index, Constraint::DuplicateToolName { first });
                        });
                        tool_spec(linter, spec);
                    }),
                    Tool::System(tool) => linter.member("systemTool", |linter| {
                        linter.member("name", |linter| linter.tool_name(&tool.name));
                    }),
                    _ => {}
                });
            });
        }
    });
    if let Some(choice) = &config.tool_choice {
        linter.member("toolChoice", |linter| {
            linter.union(choice.members(), |linter, member| {
                if let ToolChoice::Tool(tool) = member {
                    linter.member("tool", |linter| {
                        linter.member("name", |linter| linter.tool_name(&tool.name));
                    });
                }
            });
        });
    }
}

fn tool_spec(linter: &mut Linter, spec: &ToolSpec) {
    linter.member("name", |linter| linter.tool_name(&spec.name));
    linter.member("description", |linter| {
        linter.find_if(spec.description.as_deref() == Some(""), Constraint::Empty);
    });
    linter.member("inputSchema", |linter| {
        linter.union(spec.input_schema.members(), |linter, member| {
            if let ToolInputSchema::Json(schema) = member {
                linter.member("json", |linter| input_schema(linter, schema));
            }
        });
    });
}

fn input_schema(linter: &mut Linter, schema: &Json) {
    if !content::is_object(schema) {
        return linter.find(Constraint::NotAnObject);
    }
    // Names that serde_json cannot read are left to Bedrock.
    if let Ok(members) = schema.parse::<BTreeMap<String, Json>>() {
        let is_object =
            members.get("type").is_some_and(|json| json.parse::<String>().is_ok_and(|s| s == "object"));
        linter.member("type", |linter| linter.find_if(!is_object, Constraint::SchemaNotObject));
    }
}

fn request_metadata(linter: &mut Linter, metadata: &BTreeMap<String, String>) {
    linter.find_if(metadata.is_empty(), Constraint::Empty);
    linter.find_if(metadata.len() > 16, Constraint::TooMany { count: metadata.len(), max: 16 });
    for (key, value) in metadata {
        linter.member(key, |linter| {
            linter.length(key, 256);
            linter.max_length(value, 256);
            for text in [key, value] {
                linter.characters(text, is_metadata, "ASCII letters, digits, white space and `:_@$#=/+,-.`");
            }
        });
    }
}

fn output(linter: &mut Linter, config: &OutputConfig) {
    if let Some(effort) = &config.effort {
        linter.member("effort", |linter| linter.max_length(effort.as_str(), 16));
    }
    let Some(format) = &config.text_format else { return };
    linter.member("textFormat", |linter| {
        linter.member("type", |linter| linter.find_if(format.kind.as_str().is_empty(), Constraint::Missing));
        linter.member("structure", |linter| {
            linter.union(format.structure.members(), |linter, member| {
                if let OutputFormatStructure::JsonSchema(schema) = member {
                    linter.member("jsonSchema", |linter| {
                        linter.member("schema", |linter| {
                            linter.find_if(schema.schema.is_empty(), Constraint::Empty);
                        });
                    });
                }
            });
        });
    });
}

/// The pattern of keys and values. The `,-.` in it is a range of exactly these three characters.
fn is_metadata(c: char) -> bool {
    c.is_ascii_alphanumeric() || c.is_whitespace() || ":_@$#=/+,-.".contains(c)
}
