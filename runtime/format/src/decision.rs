//! A choice of a model that each request makes: the table that the compiler has computed, and how weights are looked up in it.

use serde::{Deserialize, Serialize};

/// What a slot's requests weigh, and the models that are best for some weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The slot's name.
    pub slot: String,
    /// What requests call the traits they weigh; two at least.
    pub terms: Vec<String>,
    /// At least one. With two terms in the order of a growing share of the first term's weight.
    pub options: Vec<Alternative>,
    /// With two terms, between each two options: the share of the first term in the sum of the weights, from 0 to 1, at which
    /// both are equally good. Empty otherwise.
    pub breaks: Vec<f64>,
}

/// A model that some weights choose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The card's name.
    pub card: String,
    /// Each term over its scale; smaller is better.
    pub values: Vec<f64>,
}

impl Decision {
    /// The place of the option with the least weighted sum; one of them where several have it. The weights are finite, none is
    /// negative, their sum is finite and not 0, and there are as many as terms.
    pub fn pick(&self, weights: &[f64]) -> usize {
        if let [first, second] = weights {
            let share = first / (first + second);
            return self.breaks.partition_point(|at| *at < share);
        }
        let sum = |option: &Alternative| option.values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        let mut best = (0, f64::INFINITY);
        for (place, option) in self.options.iter().enumerate() {
            let sum: f64 = sum(option);
            if sum < best.1 {
                best = (place, sum);
            }
        }
        best.0
    }

    /// Whether the table is one, or why not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let same = self.options.iter().all(|option| option.values.len() == self.terms.len());
        let finite = self.options.iter().flat_map(|option| &option.values).all(|value| value.is_finite());
        let breaks = if self.terms.len() == 2 { self.options.len().saturating_sub(1) } else { 0 };
        let rising = self.breaks.windows(2).all(|pair| pair[0] <= pair[1]);
        let shares = self.breaks.iter().all(|at| (0.0..=1.0).contains(at));
        match () {
            () if self.terms.len() < 2 => Err("fewer than two terms".into()),
            () if self.options.is_empty() => Err("no options".into()),
            () if !same || !finite => Err("an option has no number for a term".into()),
            () if self.breaks.len() != breaks || !rising || !shares => Err("the breaks are no table".into()),
            () => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decision(options: &[&[f64]], breaks: &[f64]) -> Decision {
        let terms = (0..options[0].len()).map(|i| format!("t{i}")).collect();
        let options =
            options.iter().map(|values| Alternative { card: String::new(), values: values.to_vec() }).collect();
        Decision { slot: "s".into(), terms, options, breaks: breaks.to_vec() }
    }

    #[test]
    fn two_weights_are_looked_up_by_their_share() {
        // Slow and good, between, fast and bad: latency first, then error.
        let table = decision(&[&[9.0, 0.0], &[3.0, 2.0], &[0.0, 8.0]], &[0.25, 2.0 / 3.0]);
        assert_eq!(table.check(), Ok(()));
        let picks = [[0.0, 1.0], [0.2, 0.8], [1.0, 2.0], [0.5, 0.5], [7.0, 3.0], [1.0, 0.0]].map(|w| table.pick(&w));
        assert_eq!(picks, [0, 0, 1, 1, 2, 2]);
    }

    #[test]
    fn more_weights_take_the_least_sum_and_the_first_of_equals() {
        let table = decision(&[&[1.0, 0.0, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.0, 1.0]], &[]);
        assert_eq!(table.pick(&[0.5, 0.3, 0.2]), 2);
        assert_eq!(table.pick(&[0.5, 0.2, 0.2]), 1);
    }

    #[test]
    fn a_table_that_is_none_is_told() {
        for table in [
            decision(&[&[1.0]], &[]),
            decision(&[&[1.0, f64::NAN]], &[]),
            decision(&[&[1.0, 2.0], &[2.0, 1.0]], &[]),
            decision(&[&[1.0, 2.0], &[2.0, 1.0]], &[1.5]),
            decision(&[&[1.0, 2.0], &[2.0, 1.0], &[3.0, 0.0]], &[0.6, 0.4]),
        ] {
            assert!(table.check().is_err(), "{table:?}");
        }
    }
}
