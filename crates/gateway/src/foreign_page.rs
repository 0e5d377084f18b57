use std::net::IpAddr;

use http::header::ORIGIN;
use http::{HeaderMap, HeaderValue, Uri};

/// Whether a browser sends the request for a web page that comes from elsewhere than this machine. A gateway without keys listens on
/// a loopback address, which keeps other machines out, but not the pages that are open in this one's browser: a form or a `fetch`
/// of plain text needs nobody's consent, and a name that is made to point to 127.0.0.1 lets its page read the answers, too. Browsers
/// say of each `POST` whose page it comes from. `allowed`: the origin of pages that may use the gateway, or `*`.
pub(crate) fn is_foreign_page(headers: &HeaderMap, allowed: Option<&HeaderValue>) -> bool {
    headers.get_all(ORIGIN).iter().any(|origin| {
        let is_allowed = allowed.is_some_and(|allowed| allowed == "*" || allowed == origin);
        !is_allowed && !is_local(origin)
    })
}

/// Whether it is the origin of a page from this machine, or of a program that is no page, as an editor's `vscode-webview://..`.
fn is_local(origin: &HeaderValue) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    // What has no origin, such as a file or a frame in a sandbox, says `null`.
    let Some((scheme, _)) = origin.split_once("://") else { return false };
    if !matches!(scheme, "http" | "https") {
        return true;
    }
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let Some(host) = uri.host() else { return false };
    if host == "localhost" || host.ends_with(".localhost") {
        return true;
    }
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::header::ORIGIN;
    use http::{HeaderMap, HeaderValue};

    use super::is_foreign_page;

    #[test]
    fn pages_of_this_machine_are_told_from_others() {
        let is_foreign = |origin: &'static str, allowed: Option<&'static str>| {
            let headers = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]);
            is_foreign_page(&headers, allowed.map(HeaderValue::from_static).as_ref())
        };
        for local in [
            "http://localhost:3000",
            "https://app.localhost",
            "http://127.0.0.1:8080",
            "http://127.1.2.3",
            "http://[::1]:8080",
            "vscode-webview://1a2b",
            "tauri://localhost",
        ] {
            assert!(!is_foreign(local, None), "{local}");
        }
        for foreign in [
            "https://evil.example",
            "http://evil.example:8080",
            "http://localhost.evil.example",
            "http://evillocalhost",
            "http://127.0.0.1.evil.example",
            "http://192.168.1.2",
            "http://[::2]",
            "http://",
            "null",
            "",
        ] {
            assert!(is_foreign(foreign, None), "{foreign}");
            assert!(!is_foreign(foreign, Some("*")), "{foreign}");
        }
        assert!(!is_foreign("https://app.example", Some("https://app.example")));
        assert!(is_foreign("https://evil.example", Some("https://app.example")));
        assert!(!is_foreign_page(&HeaderMap::new(), None));
    }
}
