use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;

use crate::Dialect;

/// Where in a request a value is. Cheap to clone, and formatted only when it is reported.
#[derive(Clone, Debug)]
pub(super) struct Path(Rc<Step>);

#[derive(Debug)]
enum Step {
    /// The whole body. The dialect says how a path is written; the count, how many more values may be read.
    Body(Dialect, Cell<usize>),
    Member(Path, &'static str),
    /// A member that no reader reads.
    OtherMember(Path, String),
    Item(Path, usize),
}

impl Path {
    pub(super) fn body(dialect: Dialect) -> Self {
        Self(Rc::new(Step::Body(dialect, Cell::new(MAX_VALUES))))
    }

    pub(super) fn member(&self, name: &'static str) -> Self {
        Self(Rc::new(Step::Member(self.clone(), name)))
    }

    pub(super) fn other_member(&self, name: &str) -> Self {
        Self(Rc::new(Step::OtherMember(self.clone(), name.into())))
    }

    pub(super) fn item(&self, index: usize) -> Self {
        Self(Rc::new(Step::Item(self.clone(), index)))
    }

    /// How many more members and items of this request may be read.
    pub(super) fn values_left(&self) -> usize {
        self.budget().get()
    }

    /// Members or items were read.
    pub(super) fn count_values(&self, count: usize) {
        let left = self.budget();
        left.set(left.get().saturating_sub(count));
    }

    fn budget(&self) -> &Cell<usize> {
        let mut path = self;
        loop {
            path = match &*path.0 {
                Step::Body(_, left) => return left,
                Step::Member(parent, _) | Step::OtherMember(parent, _) | Step::Item(parent, _) => parent,
            };
        }
    }

    /// The path as the dialect writes it; `None`: it is the whole body.
    pub(super) fn told(&self) -> Option<String> {
        match &*self.0 {
            Step::Body(..) => None,
            _ => Some(self.to_string()),
        }
    }
}

/// As the vendor of the dialect writes it in its own errors: `messages[0].content` of OpenAI's, `messages.0.content` of
/// Anthropic's.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut steps, mut path) = (Vec::new(), self);
        let dialect = loop {
            steps.push(&*path.0);
            path = match &*path.0 {
                Step::Body(dialect, _) => break *dialect,
                Step::Member(parent, _) | Step::OtherMember(parent, _) | Step::Item(parent, _) => parent,
            };
        };
        let mut is_first = true;
        for step in steps.into_iter().rev() {
            let dot = if is_first { "" } else { "." };
            match step {
                Step::Body(..) => continue,
                Step::Member(_, name) => write!(f, "{dot}{name}")?,
                Step::OtherMember(_, name) => write!(f, "{dot}{}", Excerpt(name))?,
                Step::Item(_, index) if dialect == Dialect::Messages => write!(f, "{dot}{index}")?,
                Step::Item(_, index) => write!(f, "[{index}]")?,
            }
            is_first = false;
        }
        Ok(())
    }
}

/// The beginning of a client's text, without control characters.
pub(super) struct Excerpt<'a>(pub(super) &'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.char_indices().nth(EXCERPT_CHARS).map_or(self.0.len(), |(end, _)| end);
        for character in self.0[..end].chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if end < self.0.len() { f.write_str("..") } else { Ok(()) }
    }
}

const EXCERPT_CHARS: usize = 60;

/// How many members and items of a request are read. A few bytes of JSON may take some hundreds of memory, so their number is
/// bounded, and so generously that no conversation comes near.
pub(super) const MAX_VALUES: usize = 250_000;

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};

    use super::{Excerpt, Path};
    use crate::Dialect;

    #[test]
    fn a_path_is_written_as_the_vendor_does() {
        for (dialect, expected) in
            [(Dialect::Chat, "messages[2].content[0].text"), (Dialect::Messages, "messages.2.content.0.text")]
        {
            let path =
                Path::body(dialect).member("messages").item(2).member("content").item(0).member("text");
            assert_eq!(path.to_string(), expected);
            assert_eq!(Path::body(dialect).told(), None);
        }
    }

    #[test]
    fn a_clients_text_is_short_and_printable() {
        assert_eq!(Excerpt("a\n\u{1b}[2J").to_string(), "a\\n\\u{1b}[2J");
        let long: String = core::iter::repeat_n('é', 100).collect();
        assert_eq!(Excerpt(&long).to_string().chars().count(), 62);
    }
}
