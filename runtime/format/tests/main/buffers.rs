//! Buffers and liveness.

use mu_format::buffers::plan;
use mu_format::ir::{Block, Function, ValueId};
use mu_format::liveness::Liveness;
use mu_format::text::parse;
use std::collections::BTreeMap;

const SOURCE: &str = "
func @chain(%0: f32[4]) -> f32[4] {
  %1: f32[4] = exp(%0)
  %2: f32[4] = exp(%1)
  %3: f32[4] = exp(%2)
  %4: f32[8] = concat(%3, %1)
  %5: f32[4] = slice[0, 4](%4)
  yield %5
}
func @loop(%0: list<f32[4], 9>, %1: f32[4], %2: bool) -> list<f32[4], 9> {
  %3: f32[4] = exp(%1)
  %4: f32[4] = exp(%3)
  %12: list<f32[4], 9> = scan %0 init(%3) do(%5: f32[4], %6: f32[4]) {
    %7: f32[4] = +(%5, %4)
    %8: f32[4] = exp(%7)
    %11: f32[4] = if %2 {
      %9: f32[4] = exp(%8)
      yield %9
    } else {
      %10: f32[4] = exp(%6)
      yield %10
    }
    yield %8, %11
  }
  %13: f32[4] = exp(%4)
  %14: f32[<= 9, 4] = stack(%12)
  %15: f32[_, 4] = stack(%12)
  yield %12
}
";

/// When each value starts and ends, in steps of a walk; loops are walked once, what lives across them to their end.
fn spans(function: &Function) -> BTreeMap<ValueId, (usize, usize)> {
    fn walk(block: &Block, liveness: &Liveness, step: &mut usize, spans: &mut BTreeMap<ValueId, (usize, usize)>) {
        for param in &block.params {
            spans.insert(*param, (*step, usize::MAX));
        }
        for inst in &block.insts {
            let inner: Vec<ValueId> = inst.kind.blocks().flat_map(|b| b.yields.clone()).collect();
            for block in inst.kind.blocks() {
                walk(block, liveness, step, spans);
            }
            *step += 1;
            spans.insert(inst.result, (*step, usize::MAX));
            for dead in liveness.after(inst.result).iter().chain(&inner) {
                spans.entry(*dead).and_modify(|s| s.1 = s.1.min(*step));
            }
            *step += 1;
        }
    }
    let mut spans = BTreeMap::new();
    walk(&function.body, &Liveness::of(function), &mut 0, &mut spans);
    spans
}

#[test]
fn two_values_that_live_at_one_time_never_share_a_buffer() {
    for function in parse(SOURCE).unwrap().functions {
        let spans = spans(&function);
        for buffer in plan(&function).buffers {
            for (i, a) in buffer.values.iter().enumerate() {
                for b in &buffer.values[i + 1..] {
                    let ((a0, a1), (b0, b1)) = (spans[a], spans[b]);
                    assert!(a1 < b0 || b1 < a0, "%{a} and %{b} of {} share", function.name);
                }
            }
        }
    }
}

#[test]
fn buffers_are_used_again_and_sized_by_the_largest() {
    let program = parse(SOURCE).unwrap();
    let chain = plan(&program.functions[0]);
    let sizes: Vec<_> = chain.buffers.iter().map(|b| (b.bytes, b.values.clone())).collect();
    // %2 is dead when %4 is made, and its buffer grows; %1 and %3 are free for %5.
    assert_eq!(sizes, [(16, vec![1, 5]), (32, vec![2, 4]), (16, vec![3])]);
    let looped = plan(&program.functions[1]);
    assert_eq!(looped.of(14).map(|b| looped.buffers[b].bytes), Some(144), "a bounded size has a buffer");
    assert_eq!((looped.of(15), looped.of(12), looped.of(0)), (None, None, None), "unbounded, no tensor, a parameter");
}

#[test]
fn values_die_where_they_are_used_last() {
    let program = parse(SOURCE).unwrap();
    let chain = Liveness::of(&program.functions[0]);
    assert_eq!([chain.after(1), chain.after(2), chain.after(3), chain.after(4)], [&[0][..], &[], &[2], &[1, 3]]);
    let looped = Liveness::of(&program.functions[1]);
    assert_eq!(looped.after(7), [5], "from outside the loop %4 is still needed");
    assert_eq!(looped.after(12), [0, 2, 3], "what the loop used dies after it");
    assert_eq!(looped.after(13), [4, 13], "what nobody uses dies at once");
}
