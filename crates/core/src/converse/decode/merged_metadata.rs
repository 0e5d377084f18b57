use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use crate::answer::Usage;
use crate::converse::event::Metadata;
use crate::json::{ALLOCATION_LEN, Fields, Json, Member, OpenJson as _};

/// Several metadata events, merged into one.
#[derive(Clone, Debug, Default)]
pub(crate) struct MergedMetadata {
    /// The members that this version knows, once any metadata has come. Boxed, because a stream is without it for most of
    /// its life.
    known: Option<Box<Metadata>>,
    /// The others, by name: searching a list would take quadratic time on a hostile stream.
    unknown: BTreeMap<String, UnknownMember>,
    /// How many values of unknown members have arrived.
    values: usize,
    /// How many metadata events were merged.
    count: usize,
}

/// The values of an unknown member, each with its position among all values; more than one if an event repeated the
/// member.
#[derive(Clone, Debug)]
struct UnknownMember {
    values: Vec<(usize, Json)>,
    /// The number of the metadata event they are from.
    from: usize,
}

impl MergedMetadata {
    /// Merges `later`, whose members replace earlier ones.
    pub(crate) fn merge(&mut self, mut later: Box<Metadata>) {
        let other = mem::take(&mut later.other);
        match &mut self.known {
            None => self.known = Some(later),
            Some(known) => Self::merge_known(known, *later),
        }
        self.merge_unknown(other);
    }

    fn merge_known(known: &mut Metadata, later: Metadata) {
        let Metadata { usage, metrics, trace, performance_config, service_tier, other: _ } = later;
        // A usage without any count is empty, so it replaces nothing.
        if known.usage.is_none() || usage.as_ref().is_some_and(Usage::has_counts) {
            known.usage = usage.or(known.usage.take());
        }
        known.metrics = metrics.or(known.metrics.take());
        known.trace = trace.or(known.trace.take());
        known.performance_config = performance_config.or(known.performance_config.take());
        known.service_tier = service_tier.or(known.service_tier.take());
    }

    fn merge_unknown(&mut self, other: Fields) {
        self.count += 1;
        for Member { name, value } in other {
            let place = self.values;
            self.values += 1;
            match self.unknown.entry(name) {
                Entry::Occupied(mut member) if member.get().from < self.count => {
                    let member = member.get_mut();
                    member.from = self.count;
                    member.values.truncate(1);
                    member.values.iter_mut().for_each(|(_, kept)| *kept = value.clone());
                }
                Entry::Occupied(mut member) => member.get_mut().values.push((place, value)),
                Entry::Vacant(member) => {
                    let values = alloc::vec![(place, value)];
                    member.insert(UnknownMember { values, from: self.count });
                }
            }
        }
    }

    /// Roughly how many bytes merging would keep.
    pub(crate) fn cost(later: &Metadata) -> usize {
        let member_len = size_of::<(String, UnknownMember)>() + ALLOCATION_LEN + size_of::<(usize, Json)>();
        later.heap_len() + later.other.len() * member_len
    }

    pub(crate) fn has_usage(&self) -> bool {
        self.known.as_ref().and_then(|known| known.usage.as_ref()).is_some_and(Usage::has_counts)
    }

    pub(crate) fn to_metadata(&self) -> Metadata {
        let mut values: Vec<(usize, Member)> = Vec::with_capacity(self.unknown.len());
        for (name, member) in &self.unknown {
            let named = |(place, value): &(usize, Json)| {
                (*place, Member { name: name.clone(), value: value.clone() })
            };
            values.extend(member.values.iter().map(named));
        }
        values.sort_unstable_by_key(|(place, _)| *place);
        let mut metadata = self.known.as_deref().cloned().unwrap_or_default();
        metadata.other.extend(values.into_iter().map(|(_, member)| member));
        metadata
    }
}
