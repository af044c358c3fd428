//! Which models a call may come to, for the log.

use mu_format::ir::{Block, FuncId, Kind, Program};
use mu_format::prefer::{self, Picks, Weights};
use std::collections::BTreeSet;

/// The models of the calls of a program.
pub struct Models {
    /// By function: the decisions its calls come to.
    reached: Vec<Vec<u32>>,
}

impl Models {
    pub fn new(program: &Program) -> Models {
        Models { reached: prefer::reached(program) }
    }

    /// The cards' names, in order, of the models that a call of the entry comes to, whichever branches it takes; of those that
    /// requests choose among, the one that the weights pick.
    pub fn of<'p>(&self, program: &'p Program, entry: &str, weights: Option<&Weights>) -> Vec<&'p str> {
        let Some(entry) = program.entries.iter().find(|known| known.name == entry) else { return Vec::new() };
        let reached = self.reached.get(entry.function as usize).map(Vec::as_slice).unwrap_or_default();
        let picks = weights.and_then(|weights| prefer::picks(program, entry, reached, weights).ok());
        let picks = picks.unwrap_or_else(|| prefer::equal(program));
        let mut walk = Walk { program, picks, seen: BTreeSet::new(), models: BTreeSet::new() };
        walk.function(entry.function);
        walk.models.into_iter().filter_map(|id| Some(program.models.get(id as usize)?.name.as_str())).collect()
    }
}

struct Walk<'p> {
    program: &'p Program,
    picks: Picks,
    seen: BTreeSet<FuncId>,
    models: BTreeSet<u32>,
}

impl Walk<'_> {
    fn function(&mut self, id: FuncId) {
        if self.seen.insert(id)
            && let Some(function) = self.program.functions.get(id as usize)
        {
            self.block(&function.body);
        }
    }

    fn block(&mut self, block: &Block) {
        for inst in &block.insts {
            match &inst.kind {
                Kind::Infer { model, .. } => drop(self.models.insert(*model)),
                Kind::Call { function, .. } => self.function(*function),
                Kind::Dispatch { decision, functions, .. } => {
                    let pick = self.picks.get(*decision as usize).and_then(|pick| functions.get(*pick as usize));
                    pick.into_iter().for_each(|function| self.function(*function));
                }
                _ => {}
            }
            inst.kind.blocks().for_each(|inner| self.block(inner));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mu_format::text;

    #[test]
    fn a_call_comes_to_the_models_of_its_function_and_to_the_one_that_is_picked() {
        let program = r#"
            decision 0 = "voice" ("effort", "harm") ["gentle" [4.0, 0.0], "loud" [0.0, 1.0]] breaks [0.2]
            model 0 = "gentle" sha256 "00" ("x": f32) -> ("y": f32)
            model 1 = "loud" sha256 "01" ("x": f32) -> ("y": f32)
            model 2 = "backup" sha256 "02" ("x": f32) -> ("y": f32)
            func @card.gentle(%0: f32) -> f32 { %1: {y: f32} = infer 0(%0) %2: f32 = field %1 0 yield %2 }
            func @card.loud(%0: f32) -> f32 { %1: {y: f32} = infer 1(%0) %2: f32 = field %1 0 yield %2 }
            func @card.backup(%0: f32) -> f32 { %1: {y: f32} = infer 2(%0) %2: f32 = field %1 0 yield %2 }
            func @say(%0: f32) -> f32 { %1: f32 = dispatch 0 [@card.gentle, @card.loud](%0) yield %1 }
            func @safe(%0: f32, %1: bool) -> f32 {
                %4: f32 = if %1 { %2: f32 = call @say(%0) yield %2 } else { %3: f32 = call @card.backup(%0) yield %3 }
                yield %4
            }
            entry "say" = @say("x": f32) -> f32
            entry "safe" = @safe("x": f32, "sure": bool) -> f32
        "#;
        let program = text::parse(program).unwrap();
        let models = Models::new(&program);
        let harm = Weights::from_text("harm=1").unwrap();
        assert_eq!(models.of(&program, "say", None), ["loud"]);
        assert_eq!(models.of(&program, "say", Some(&harm)), ["gentle"]);
        assert_eq!(models.of(&program, "safe", Some(&harm)), ["gentle", "backup"]);
        assert!(models.of(&program, "none", None).is_empty());
    }
}
