use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;

/// An operation that the fake supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /model/{id}/converse`.
    Converse,
    /// `POST /model/{id}/converse-stream`.
    ConverseStream,
    /// `POST /model/{id}/invoke-with-response-stream`: for recorded bodies only.
    InvokeModelWithResponseStream,
}

/// The operation and model of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) operation: Operation,
    /// None if the label is not a valid model id.
    pub(crate) model_id: Option<String>,
}

impl Operation {
    const ALL: [Self; 3] = [Self::Converse, Self::ConverseStream, Self::InvokeModelWithResponseStream];

    const fn path_end(self) -> &'static str {
        match self {
            Self::Converse => "/converse",
            Self::ConverseStream => "/converse-stream",
            Self::InvokeModelWithResponseStream => "/invoke-with-response-stream",
        }
    }
}

impl Route {
    pub(crate) fn of(parts: &Parts) -> Option<Self> {
        let rest = parts.uri.path().strip_prefix("/model/").filter(|_| parts.method == Method::POST)?;
        Operation::ALL.into_iter().find_map(|operation| {
            let label = rest.strip_suffix(operation.path_end())?;
            Some(Self { operation, model_id: model_id(label) })
        })
    }
}

/// Reads the label as Bedrock does: one path segment, percent-encoded UTF-8, of 1 to 2,048 characters.
fn model_id(label: &str) -> Option<String> {
    let id = percent_decode_str(label).decode_utf8().ok()?;
    let fits = !label.contains('/') && (1..=MAX_MODEL_ID_LEN).contains(&id.chars().count());
    fits.then(|| id.into_owned())
}

const MAX_MODEL_ID_LEN: usize = 2048;

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn route(method: Method, path: &str) -> Option<Route> {
        let request = Request::builder().method(method).uri(path).body(()).expect("the path is valid");
        Route::of(&request.into_parts().0)
    }

    fn model(path: &str) -> Option<String> {
        route(Method::POST, path).unwrap_or_else(|| panic!("{path} is no operation")).model_id
    }

    #[test]
    fn the_label_is_one_encoded_segment() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-v1:0";
        let path = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.anthropic.claude-v1%3A0/converse-stream";
        assert_eq!(model(path).as_deref(), Some(arn));
        assert_eq!(model("/model/a.b-v1:0/converse-stream?x=1").as_deref(), Some("a.b-v1:0"));
        assert_eq!(model("/model/a/b/converse-stream"), None);
        assert_eq!(model("/model/%ff/converse-stream"), None);
        assert_eq!(model("/model//converse-stream"), None);
        assert_eq!(model(&format!("/model/{}/converse-stream", "a".repeat(2049))), None);
    }

    #[test]
    fn each_operation_has_its_path() {
        for operation in Operation::ALL {
            let found = route(Method::POST, &format!("/model/m{}", operation.path_end()));
            assert_eq!(found, Some(Route { operation, model_id: Some("m".to_owned()) }));
        }
    }

    #[test]
    fn other_methods_and_paths_are_no_operation() {
        assert_eq!(route(Method::GET, "/model/m/converse-stream"), None);
        for path in
            ["/", "/model/", "/model/converse-stream", "/model/m/invoke", "/prefix/model/m/converse-stream"]
        {
            assert_eq!(route(Method::POST, path), None, "{path}");
        }
    }
}
