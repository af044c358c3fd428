//! The table of choices at request time equals the direct optimum for whatever weights.

use crate::instances::Random;
use mu_select::*;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Vectors with ties and models that are no use.
fn points(random: &mut Random, terms: usize) -> Vec<Vec<f64>> {
    let coarse = random.below(3) == 0;
    let value = |random: &mut Random| {
        if coarse { random.below(6) as f64 } else { random.below(1 << 20) as f64 / 1024.0 - 100.0 }
    };
    (0..1 + random.below(40)).map(|_| (0..terms).map(|_| value(random)).collect()).collect()
}

#[test]
fn the_table_gives_the_direct_optimum_for_random_weights() {
    let mut random = Random::new(11);
    for round in 0..3000 {
        let terms = 2 + round % 4;
        let points = points(&mut random, terms);
        let envelope = Envelope::new(&points).unwrap();
        for _ in 0..40 {
            let mut weights: Vec<f64> = (0..terms).map(|_| random.below(1001) as f64 / 7.0).collect();
            if random.below(4) == 0 {
                weights[random.below(terms)] = 0.0;
            }
            if weights.iter().sum::<f64>() == 0.0 {
                continue;
            }
            let chosen = dot(&points[envelope.choose(&weights).unwrap()], &weights);
            let best = points.iter().map(|point| dot(point, &weights)).fold(f64::INFINITY, f64::min);
            let scale: f64 = weights.iter().sum::<f64>() * 1000.0;
            assert!(chosen - best <= 1e-12 * scale, "round {round}: {chosen} instead of {best}");
        }
    }
}

#[test]
fn every_model_of_two_terms_is_the_only_best_one_between_its_breaks() {
    let mut random = Random::new(5);
    for _ in 0..2000 {
        let points = points(&mut random, 2);
        let Envelope { models, table: Table::Breaks(breaks) } = Envelope::new(&points).unwrap() else {
            panic!("two terms make a row")
        };
        assert_eq!(breaks.len() + 1, models.len());
        assert!(breaks.windows(2).all(|pair| pair[0] < pair[1]));
        let ends: Vec<f64> = [0.0].into_iter().chain(breaks).chain([1.0]).collect();
        for (place, model) in models.iter().enumerate() {
            let share = (ends[place] + ends[place + 1]) / 2.0;
            let sum = |point: &[f64]| dot(point, &[share, 1.0 - share]);
            let others = points.iter().filter(|other| **other != points[*model]);
            assert!(others.into_iter().all(|other| sum(other) > sum(&points[*model])));
        }
    }
}

#[test]
fn no_model_of_more_terms_is_there_that_others_beat_by_far() {
    let mut random = Random::new(3);
    for _ in 0..300 {
        let points = points(&mut random, 3);
        let envelope = Envelope::new(&points).unwrap();
        for model in &envelope.models {
            // A mixture of two others that is better by every term would beat it.
            for a in &points {
                for b in &points {
                    let mixed = a.iter().zip(b).map(|(a, b)| (a + b) / 2.0);
                    assert!(!mixed.zip(&points[*model]).all(|(mixed, own)| mixed < own - 1e-6));
                }
            }
        }
    }
}

#[test]
fn breaks_are_where_two_models_are_equally_good() {
    let points = [vec![1.0, 9.0], vec![3.0, 3.0], vec![9.0, 1.0], vec![6.0, 6.0], vec![3.0, 3.0]];
    let envelope = Envelope::new(&points).unwrap();
    assert_eq!(envelope, Envelope { models: vec![2, 1, 0], table: Table::Breaks(vec![0.25, 0.75]) });
    let chosen: Vec<_> = [0.0, 0.25, 0.26, 0.75, 0.76, 1.0].map(|w| envelope.choose(&[w, 1.0 - w]).unwrap()).to_vec();
    assert_eq!(chosen, [2, 2, 1, 1, 0, 0]);
    // Only the shares of the weights count.
    assert_eq!(envelope.choose(&[52.0, 148.0]), Some(1));
}

#[test]
fn what_is_no_weight_and_no_vector_has_no_answer() {
    let envelope = Envelope::new(&[vec![1.0, 2.0], vec![2.0, f64::NAN]]).unwrap();
    assert_eq!(envelope.models, [0]);
    for weights in [&[0.0, 0.0][..], &[-1.0, 2.0], &[f64::NAN, 1.0], &[f64::INFINITY, 1.0], &[1.0], &[1.0, 1.0, 1.0]] {
        assert_eq!(envelope.choose(weights), None);
    }
    assert_eq!(Envelope::new(&[]), None);
    assert_eq!(Envelope::new(&[vec![1.0]]), None);
    assert_eq!(Envelope::new(&[vec![1.0, 2.0], vec![1.0]]), None);
    assert_eq!(Envelope::new(&[vec![f64::INFINITY, 2.0]]), None);
}
