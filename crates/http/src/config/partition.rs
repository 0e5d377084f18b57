/// A group of AWS regions that share a domain.
///
/// Source: `partitions.json` (botocore).
#[derive(Debug)]
pub(crate) struct Partition {
    /// Prefixes of its regions' names, followed by a word, `-` and digits.
    prefixes: &'static [&'static str],
    /// Regions whose names do not follow that rule.
    others: &'static [&'static str],
    suffix: &'static str,
    dual_stack_suffix: &'static str,
}

impl Partition {
    /// The domain of the partition's endpoints.
    pub(crate) const fn suffix(&self, dual_stack: bool) -> &'static str {
        if dual_stack { self.dual_stack_suffix } else { self.suffix }
    }

    fn claims(&self, region: &str) -> bool {
        let rest = |prefix: &&str| region.strip_prefix(*prefix);
        self.others.contains(&region) || self.prefixes.iter().filter_map(rest).any(is_word_and_number)
    }
}

/// The partition of a region, by its name; `aws` if no other matches.
pub(crate) fn of_region(region: &str) -> &'static Partition {
    PARTITIONS.iter().find(|partition| partition.claims(region)).unwrap_or(&AWS)
}

/// Whether a text is `\w+-\d+`.
fn is_word_and_number(text: &str) -> bool {
    text.split_once('-').is_some_and(|(word, number)| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The default, which needs no rule.
static AWS: Partition =
    Partition { prefixes: &[], others: &[], suffix: "amazonaws.com", dual_stack_suffix: "api.aws" };

static PARTITIONS: [Partition; 7] = [
    Partition {
        prefixes: &["cn-"],
        others: &["aws-cn-global"],
        suffix: "amazonaws.com.cn",
        dual_stack_suffix: "api.amazonwebservices.com.cn",
    },
    Partition {
        prefixes: &["us-gov-"],
        others: &["aws-us-gov-global"],
        suffix: "amazonaws.com",
        dual_stack_suffix: "api.aws",
    },
    Partition {
        prefixes: &["eusc-de-"],
        others: &[],
        suffix: "amazonaws.eu",
        dual_stack_suffix: "api.amazonwebservices.eu",
    },
    Partition {
        prefixes: &["us-iso-"],
        others: &["aws-iso-global"],
        suffix: "c2s.ic.gov",
        dual_stack_suffix: "api.aws.ic.gov",
    },
    Partition {
        prefixes: &["us-isob-"],
        others: &["aws-iso-b-global"],
        suffix: "sc2s.sgov.gov",
        dual_stack_suffix: "api.aws.scloud",
    },
    Partition {
        prefixes: &["eu-isoe-"],
        others: &["aws-iso-e-global"],
        suffix: "cloud.adc-e.uk",
        dual_stack_suffix: "api.cloud-aws.adc-e.uk",
    },
    Partition {
        prefixes: &["us-isof-"],
        others: &["aws-iso-f-global"],
        suffix: "csp.hci.ic.gov",
        dual_stack_suffix: "api.aws.hci.ic.gov",
    },
];
