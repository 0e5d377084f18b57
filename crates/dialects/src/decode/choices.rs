use alloc::vec::Vec;

/// Which choices have begun, and which of them have a finish reason: together they prove an answer complete.
#[derive(Debug)]
pub(in crate::decode) struct Choices {
    /// The choice being read.
    chosen: u32,
    is_chosen_finished: bool,
    /// The other choices that have begun, by index, and whether they are finished.
    others: Vec<(u32, bool)>,
    /// How many of them are unfinished.
    unfinished: usize,
    /// Whether more have begun than can be remembered.
    is_full: bool,
}

impl Choices {
    pub(in crate::decode) const fn new(chosen: u32) -> Self {
        Self { chosen, is_chosen_finished: false, others: Vec::new(), unfinished: 0, is_full: false }
    }

    /// The choice being read.
    pub(in crate::decode) const fn chosen(&self) -> u32 {
        self.chosen
    }

    /// Records a piece of a choice. Returns whether it is the choice being read.
    pub(in crate::decode) fn begin(&mut self, index: u32) -> bool {
        if index == self.chosen {
            return true;
        }
        if let Err(position) = self.others.binary_search_by_key(&index, |&(index, _)| index) {
            if self.others.len() < MAX_CHOICES {
                self.others.insert(position, (index, false));
                self.unfinished += 1;
            } else {
                self.is_full = true;
            }
        }
        false
    }

    /// Records that a choice has a finish reason.
    pub(in crate::decode) fn finish(&mut self, index: u32) {
        if index == self.chosen {
            self.is_chosen_finished = true;
        } else if let Ok(position) = self.others.binary_search_by_key(&index, |&(index, _)| index) {
            if !core::mem::replace(&mut self.others[position].1, true) {
                self.unfinished -= 1;
            }
        }
    }

    /// Whether the choice being read is finished, and every other that has begun.
    pub(in crate::decode) const fn are_finished(&self) -> bool {
        self.is_chosen_finished && self.unfinished == 0 && !self.is_full
    }
}

/// How many choices are remembered besides the one being read: eight times the number that OpenAI allows a request to
/// ask for. An answer with more cannot be proven complete.
const MAX_CHOICES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::{Choices, MAX_CHOICES};

    #[test]
    fn every_choice_that_has_begun_must_finish() {
        let mut choices = Choices::new(1);
        assert!(!choices.are_finished(), "nothing came");
        assert!(!choices.begin(0));
        assert!(choices.begin(1));
        choices.finish(1);
        assert!(!choices.are_finished(), "0 has begun");
        choices.finish(0);
        assert!(choices.are_finished());
        choices.begin(0);
        choices.finish(0);
        assert!(choices.are_finished(), "more of a finished choice does not begin it anew");
        choices.begin(7);
        assert!(!choices.are_finished(), "a new choice begins");
    }

    #[test]
    fn too_many_choices_are_never_finished() {
        let mut choices = Choices::new(0);
        choices.finish(0);
        for index in 1..=u32::try_from(MAX_CHOICES).unwrap() {
            choices.begin(index);
            choices.finish(index);
        }
        assert!(choices.are_finished());
        choices.begin(u32::MAX);
        choices.finish(u32::MAX);
        assert!(!choices.are_finished());
        assert_eq!(choices.others.len(), MAX_CHOICES);
    }
}
