//! `mulc dump STAGE`: what each stage made, as text.

use crate::bundle::{Target, preview};
use crate::choose::Chooser;
use crate::compile::{asked, choose, compile};
use crate::front::{EntryPoint, Front};
use crate::report::{Failure, Report};
use crate::{Entry, Input, Options};
use mu_format::ir::Program;
use mu_format::native::Arch;
use mu_format::text;
use mu_lower::Node;
use mu_native::Isa;
use mu_select::why;
use std::fmt::Write;

/// The stages that can be shown, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The tree of each source.
    Syntax,
    /// What each module declares.
    Names,
    /// What each function, slot, card and constant takes and gives.
    Types,
    /// What needs what, as DOT.
    Graph,
    /// Which model fills each slot, and why.
    Selection,
    /// The program that is run.
    Ir,
    /// The program as Cranelift's text, for this processor.
    Native,
    /// What `bundle.json` says.
    Bundle,
}

impl Stage {
    pub const ALL: [Stage; 8] = [
        Stage::Syntax,
        Stage::Names,
        Stage::Types,
        Stage::Graph,
        Stage::Selection,
        Stage::Ir,
        Stage::Native,
        Stage::Bundle,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Stage::Syntax => "syntax",
            Stage::Names => "names",
            Stage::Types => "types",
            Stage::Graph => "graph",
            Stage::Selection => "selection",
            Stage::Ir => "ir",
            Stage::Native => "native",
            Stage::Bundle => "bundle",
        }
    }

    pub fn from_name(name: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// The printed form of a stage. Syntax and names are shown even where the program is wrong.
pub fn dump(input: &Input, stage: Stage, entry: Entry) -> Report<String> {
    if let Stage::Ir | Stage::Native | Stage::Bundle = stage {
        let compiled = compile(input, entry, &Options::default());
        return compiled.map(|compiled| match stage {
            Stage::Ir => Ok(text::print(&compiled.program)),
            Stage::Native => native(&compiled.program),
            _ => preview(&compiled, Target::Local),
        });
    }
    let front = Front::read(input);
    let result = match stage {
        Stage::Syntax => Ok(syntax(&front)),
        Stage::Names => Ok(names(&front)),
        _ if front.has_errors() => Err(Failure::Wrong(Vec::new())),
        Stage::Types => Ok(types(&front)),
        _ => chosen(&front, stage, entry),
    };
    Report::new(front, result)
}

fn native(program: &Program) -> Result<String, String> {
    let arch = Arch::host().ok_or("no machine code is made for this processor")?;
    mu_native::print(program, Isa::baseline(arch)).map_err(|e| e.to_string())
}

fn syntax(front: &Front) -> String {
    let mut out = String::new();
    let mut cache = mu_syntax::Cache::default();
    for (file, source) in front.analysis.sources.iter() {
        if source.path.ends_with(".mu") && !source.path.starts_with("std/") {
            let _ = writeln!(out, "// {}", source.path);
            out.push_str(&mu_syntax::dump(&mu_syntax::parse(file, &source.text, &mut cache)));
        }
    }
    out
}

fn names(front: &Front) -> String {
    let mut out = String::new();
    for (place, module) in front.analysis.modules.iter().enumerate().filter(|(_, module)| !module.is_std()) {
        let _ = writeln!(out, "// {}", module.name);
        for (_, def) in front.analysis.names.iter().filter(|(_, def)| def.module == place) {
            let _ = writeln!(out, "{} is {}", def.name, def.kind.noun());
        }
    }
    out
}

fn types(front: &Front) -> String {
    let analysis = &front.analysis;
    let mut out = String::new();
    for constant in analysis.constants.values() {
        let _ = writeln!(out, "const {}: {}", constant.name, constant.ty.show(&analysis.names));
    }
    for slot in analysis.slots.values() {
        let _ = writeln!(out, "slot {}: {}", slot.name, slot.task.show(&front.analysis.names));
    }
    for card in analysis.cards.values() {
        let ports = |ports: &[mu_analysis::hir::Port]| {
            let ports = ports.iter().map(|port| format!("{}: {}", port.name, port.ty.show(&analysis.names)));
            ports.collect::<Vec<_>>().join(", ")
        };
        let (inputs, outputs) = (ports(&card.net.inputs), ports(&card.net.outputs));
        let task = card.task.show(&front.analysis.names);
        let _ = writeln!(out, "model {}: {task} by ({inputs}) -> ({outputs})", card.name);
    }
    for function in analysis.functions.values() {
        let params = function.params.iter().map(|(name, ty)| format!("{name}: {}", ty.show(&analysis.names)));
        let params = params.collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "fn {}({params}) -> {}", function.name, function.result.show(&analysis.names));
        for local in function.body.locals.iter().skip(function.params.len()) {
            let _ = writeln!(out, "    {}: {}", local.name, local.ty.show(&analysis.names));
        }
    }
    out
}

fn chosen(front: &Front, stage: Stage, entry: Entry) -> Result<String, Failure> {
    let entries = asked(front, entry)?;
    if stage == Stage::Graph {
        let roots = entries.iter().map(|entry| Node::Function(entry.function));
        return Ok(front.graph.dot(roots, None));
    }
    let mut chooser = Chooser::new(front)?;
    let chosen = choose(front, &entries, &mut chooser)?;
    let tables = entries.iter().zip(&chosen).map(|(EntryPoint { name, .. }, chosen)| {
        let problem = &chosen.posed.problem;
        let slots = (0..problem.slots.len()).filter_map(|slot| why(problem, &chosen.selection, slot));
        let slots: String = slots.map(|why| why.to_string()).collect();
        let tables: String = chosen.options.values().map(ToString::to_string).collect();
        let memory = chosen.memory().map(|mb| format!("memory {mb} MB\n")).unwrap_or_default();
        let cost = chosen.cost().map(|items| format!("cost {items}\n")).unwrap_or_default();
        format!("// {name}\n{slots}{tables}{memory}{cost}")
    });
    Ok(tables.collect::<Vec<_>>().join("\n"))
}
