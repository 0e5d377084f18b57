use crate::excerpt::excerpt;

/// Values extracted from a prompt.
pub(super) struct PromptValues {
    pub(super) name: String,
    pub(super) number: Option<f64>,
}

impl PromptValues {
    pub(super) fn of(prompt: &str) -> Self {
        Self { name: name(prompt), number: number(prompt) }
    }
}

/// The last capitalized word after the first one, often the subject of a question; otherwise the prompt.
fn name(prompt: &str) -> String {
    let is_name = |word: &&str| word.chars().count() > 1 && word.starts_with(char::is_uppercase);
    let words =
        prompt.split_whitespace().skip(1).map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    excerpt(words.filter(is_name).last().unwrap_or(prompt), NAME_CHARS)
}

fn number(prompt: &str) -> Option<f64> {
    prompt
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_ascii_digit()))
        .find_map(|word| word.parse().ok())
        .filter(|number| *number <= MAX_NUMBER)
}

const NAME_CHARS: usize = 80;
/// The greatest integer up to which all integers are exact floats.
const MAX_NUMBER: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_prompt_where_it_names_nothing() {
        assert_eq!(name("weather please"), "weather please");
        assert_eq!(name("Weather"), "Weather");
    }
}
