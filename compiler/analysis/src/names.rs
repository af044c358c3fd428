//! Names: which declaration each name means. Units and traits have name spaces of their own, so that a local may be called
//! `h` or `size`.

use crate::project::Module;
use mu_base::{Code, Diagnostic, Loc, Span, suggest};
use mu_syntax::ast::{ItemKind, Name};
use std::collections::BTreeMap;

/// A declaration, by its place in the table of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefKind {
    Labels,
    Record,
    Task,
    Builtin,
    Dataset,
    Model,
    Slot,
    Const,
    Fn,
    /// Could not be parsed; uses of its name are no further errors.
    Broken,
}

impl DefKind {
    /// With its article, for messages.
    pub fn noun(self) -> &'static str {
        match self {
            DefKind::Labels => "a label set",
            DefKind::Record => "a record",
            DefKind::Task => "a task",
            DefKind::Builtin => "a built-in function",
            DefKind::Dataset => "a data set",
            DefKind::Model => "a model's card",
            DefKind::Slot => "a slot",
            DefKind::Const => "a constant",
            DefKind::Fn => "a function",
            DefKind::Broken => "a broken declaration",
        }
    }
}

/// One declaration: where it stands.
#[derive(Debug, Clone)]
pub struct Def {
    pub name: String,
    pub kind: DefKind,
    pub module: usize,
    pub item: usize,
    /// Of the name, relative to the item.
    pub span: Span,
}

/// The names of types that are built in; `self` is the slot of a task.
pub const BUILT_IN: [&str; 16] = [
    "bool",
    "u8",
    "i32",
    "i64",
    "f32",
    "f64",
    "Text",
    "Bytes",
    "Image",
    "Audio",
    "Ranking",
    "Option",
    "Result",
    "List",
    "Embedding",
    "self",
];

/// The name an item declares in the common name space, if any.
pub fn declared(kind: &ItemKind) -> Option<(&Name, DefKind)> {
    Some(match kind {
        ItemKind::Labels { name, .. } => (name, DefKind::Labels),
        ItemKind::Record { name, .. } => (name, DefKind::Record),
        ItemKind::Task(task) => (&task.signature.name, DefKind::Task),
        ItemKind::Builtin(signature) => (&signature.name, DefKind::Builtin),
        ItemKind::Dataset(dataset) => (&dataset.name, DefKind::Dataset),
        ItemKind::Model(model) => (&model.name, DefKind::Model),
        ItemKind::Slot(slot) => (&slot.name, DefKind::Slot),
        ItemKind::Const { name, .. } => (name, DefKind::Const),
        ItemKind::Fn(function) => (&function.signature.name, DefKind::Fn),
        ItemKind::Broken { name: Some(name) } => (name, DefKind::Broken),
        _ => return None,
    })
}

/// All declarations and which names each module sees.
#[derive(Debug, Default)]
pub struct Names {
    pub defs: Vec<Def>,
    own: Vec<BTreeMap<String, DefId>>,
    imports: Vec<Vec<usize>>,
    standard: Vec<bool>,
    /// Modules with a `use` that leads nowhere: a name they do not find may be from there.
    incomplete: Vec<bool>,
}

/// What a name means.
pub enum Found {
    Def(DefId),
    /// Declared by several modules.
    Ambiguous(Vec<DefId>),
    Nothing,
}

impl Names {
    pub fn get(&self, id: DefId) -> &Def {
        &self.defs[id.0 as usize]
    }

    pub fn iter(&self) -> impl Iterator<Item = (DefId, &Def)> {
        self.defs.iter().enumerate().map(|(i, d)| (DefId(i as u32), d))
    }

    /// Own names first, then those of used modules.
    pub fn find(&self, module: usize, name: &str) -> Found {
        if let Some(id) = self.own[module].get(name) {
            return Found::Def(*id);
        }
        let mut found: Vec<DefId> =
            self.imports[module].iter().filter_map(|m| self.own[*m].get(name).copied()).collect();
        found.sort();
        found.dedup();
        match found.as_slice() {
            [] => Found::Nothing,
            [one] => Found::Def(*one),
            _ => Found::Ambiguous(found),
        }
    }

    /// Whether a module has a `use` that leads nowhere.
    pub fn is_incomplete(&self, module: usize) -> bool {
        self.incomplete[module]
    }

    /// A name of exactly this module.
    pub fn own(&self, module: usize, name: &str) -> Option<DefId> {
        self.own[module].get(name).copied()
    }

    /// The names a module sees, for did-you-mean.
    pub fn visible(&self, module: usize) -> Vec<&str> {
        let imported = self.imports[module].iter().flat_map(|m| self.own[*m].keys());
        self.own[module].keys().chain(imported).map(String::as_str).collect()
    }

    /// The standard module that declares a name, for the help of an unknown one.
    pub fn standard_module(&self, modules: &[Module], name: &str) -> Option<String> {
        (0..self.own.len())
            .find(|m| self.standard[*m] && self.own[*m].contains_key(name))
            .map(|m| modules[m].name.clone())
    }

    /// All names of the standard library.
    pub fn standard(&self) -> impl Iterator<Item = &str> {
        (0..self.own.len()).filter(|m| self.standard[*m]).flat_map(|m| self.own[m].keys()).map(String::as_str)
    }

    pub fn loc(&self, modules: &[Module], id: DefId) -> Loc {
        let def = self.get(id);
        modules[def.module].loc(def.item, def.span)
    }
}

/// Collects the declarations of all modules and resolves their `use`s.
pub fn collect(modules: &[Module], diagnostics: &mut Vec<Diagnostic>) -> Names {
    let mut names = Names::default();
    for (m, module) in modules.iter().enumerate() {
        let mut own: BTreeMap<String, DefId> = BTreeMap::new();
        for (i, item) in module.parsed.items.iter().enumerate() {
            let Some((name, kind)) = declared(&item.tree.kind) else { continue };
            if matches!(kind, DefKind::Record | DefKind::Labels) && BUILT_IN.contains(&name.text.as_str()) {
                diagnostics.push(
                    Diagnostic::error(Code::DuplicateName, format!("`{}` is a type of the language", name.text))
                        .at(module.loc(i, name.span), "declared again here")
                        .help("give it another name"),
                );
            }
            let id = DefId(names.defs.len() as u32);
            names.defs.push(Def { name: name.text.clone(), kind, module: m, item: i, span: name.span });
            if let Some(first) = own.get(&name.text) {
                let other = names.get(*first);
                let message = format!("`{}` is declared twice", name.text);
                diagnostics.push(
                    Diagnostic::error(Code::DuplicateName, message)
                        .at(module.loc(i, name.span), "declared again here")
                        .because(module.loc(other.item, other.span), "first declared here")
                        .help("give one of them another name"),
                );
            } else {
                own.insert(name.text.clone(), id);
            }
        }
        names.own.push(own);
        names.standard.push(module.is_std());
    }
    for m in 0..modules.len() {
        let before = diagnostics.len();
        let uses = imports(modules, m, diagnostics);
        names.imports.push(uses);
        names.incomplete.push(diagnostics.len() > before);
    }
    import_cycles(modules, &names, diagnostics);
    names
}

/// Standard modules that need no `use`.
const ALWAYS: [&str; 3] = ["std.core", "std.units", "std.traits"];

fn imports(modules: &[Module], m: usize, diagnostics: &mut Vec<Diagnostic>) -> Vec<usize> {
    let module = &modules[m];
    let place = |name: &str| modules.iter().position(|other| other.name == name);
    let mut found: Vec<usize> = ALWAYS.iter().filter_map(|name| place(name)).filter(|i| *i != m).collect();
    for (i, item) in module.parsed.items.iter().enumerate() {
        let ItemKind::Use { path } = &item.tree.kind else { continue };
        let full = path.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(".");
        let span = match (path.first(), path.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => continue,
        };
        match place(&full) {
            Some(other) if other == m => diagnostics.push(
                Diagnostic::error(Code::ImportCycle, format!("`{full}` uses itself"))
                    .at(module.loc(i, span), "this module")
                    .help("remove it: a module sees its own names"),
            ),
            Some(other) => found.push(other),
            None => {
                let loc = module.loc(i, span);
                let mut diagnostic =
                    Diagnostic::error(Code::UnknownModule, format!("there is no module `{full}`")).at(loc, "not found");
                let known = modules.iter().map(|m| m.name.as_str()).filter(|n| *n != module.name);
                if let Some(near) = suggest::nearest(&full, known) {
                    diagnostic =
                        diagnostic.help(format!("did you mean `{near}`?")).fix(format!("use `{near}`"), loc, near);
                } else {
                    diagnostic = diagnostic.help(match path.first().map(|n| n.text.as_str()) {
                        Some("std") => "the standard library has no such module; see `stdlib/`".to_string(),
                        Some("catalog") => format!("it would be `{}.mu` in the catalog", tail(&full).replace('.', "/")),
                        _ => format!("it would be `src/{}.mu`", full.replace('.', "/")),
                    });
                }
                diagnostics.push(diagnostic);
            }
        }
    }
    found
}

fn tail(path: &str) -> &str {
    path.split_once('.').map(|(_, rest)| rest).unwrap_or(path)
}

/// Reports each circle of `use`s once, at the module that closes it.
fn import_cycles(modules: &[Module], names: &Names, diagnostics: &mut Vec<Diagnostic>) {
    let mut state = vec![0u8; modules.len()];
    for start in 0..modules.len() {
        // An explicit stack: a chain of modules may be as long as a project likes.
        let mut stack: Vec<(usize, usize)> = vec![(start, 0)];
        while let Some((m, next)) = stack.last().copied() {
            if next == 0 {
                if state[m] == 2 {
                    stack.pop();
                    continue;
                }
                state[m] = 1;
            }
            match names.imports[m].get(next) {
                None => {
                    state[m] = 2;
                    stack.pop();
                }
                Some(other) => {
                    if let Some(top) = stack.last_mut() {
                        top.1 += 1;
                    }
                    match state[*other] {
                        0 => stack.push((*other, 0)),
                        1 if !modules[m].is_std() => {
                            let from = stack.iter().position(|(s, _)| s == other).unwrap_or(0);
                            let mut path: Vec<&str> =
                                stack[from..].iter().map(|(s, _)| modules[*s].name.as_str()).collect();
                            path.push(&modules[*other].name);
                            diagnostics.push(cycle(modules, m, *other, &path));
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

fn cycle(modules: &[Module], from: usize, to: usize, path: &[&str]) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::ImportCycle, format!("modules use each other: {}", path.join(" -> ")))
        .help("move what both need into a module of its own");
    let place = modules[from].parsed.items.iter().enumerate().find_map(|(i, item)| match &item.tree.kind {
        ItemKind::Use { path } => {
            let full = path.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(".");
            let (first, last) = (path.first()?, path.last()?);
            (full == modules[to].name).then(|| modules[from].loc(i, first.span.to(last.span)))
        }
        _ => None,
    });
    match place {
        Some(loc) => diagnostic.at(loc, "this closes the circle"),
        None => diagnostic,
    }
}
