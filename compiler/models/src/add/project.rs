//! What a project declares already: tasks, labels, records, data sets and models, as their modules write them.

use mu_analysis::project::{self, Module};
use mu_base::World;
use mu_syntax::Cache;
use mu_syntax::ast::{Generic, ItemKind, LabelSource, ParamKind, Task, TypeExpr, TypeKind};

/// The modules of a project.
pub struct Declared {
    /// The catalog's folder, from the project's.
    pub catalog: String,
    modules: Vec<Module>,
}

/// A declaration and the module that is to be used for it.
pub struct Found<T> {
    pub module: String,
    pub item: T,
}

/// A task of the standard library or the project.
#[derive(Clone)]
pub struct TaskInfo {
    pub name: String,
    pub generics: Vec<Generic>,
    /// The names of the inputs.
    pub params: Vec<String>,
    /// Their types: `Image`, or the kind of a generic, `Record`.
    pub takes: Vec<String>,
    /// The type of the result: `Ranking`.
    pub gives: String,
    pub metrics: Vec<String>,
}

impl Declared {
    pub fn read(world: &dyn World) -> Declared {
        let loaded = project::load(world, None, &mut Cache::default());
        Declared { catalog: loaded.project.catalog, modules: loaded.modules }
    }

    fn find<'a, T>(&'a self, pick: impl Fn(&'a Module, &'a ItemKind) -> Option<T>) -> Option<Found<T>> {
        self.modules.iter().find_map(|module| {
            let item = module.parsed.items.iter().find_map(|item| pick(module, &item.tree.kind))?;
            Some(Found { module: module.name.clone(), item })
        })
    }

    /// A task by its name or by its name on the hub.
    pub fn task(&self, name: &str) -> Option<Found<TaskInfo>> {
        let plain = name.replace('-', "_");
        let named =
            |task: &Task| task.signature.name.text == plain || task.hub.as_ref().is_some_and(|hub| hub.text == name);
        self.find(|_, kind| match kind {
            ItemKind::Task(task) if named(task) => Some(TaskInfo {
                name: task.signature.name.text.clone(),
                generics: task.signature.generics.clone(),
                params: task.signature.params.iter().map(|param| param.name.text.clone()).collect(),
                takes: task.signature.params.iter().map(|param| takes(task, &param.kind)).collect(),
                gives: type_name(&task.signature.result),
                metrics: task.metrics.iter().map(|metric| metric.name.text.clone()).collect(),
            }),
            _ => None,
        })
        .filter(|found| !found.item.params.is_empty())
    }

    /// All tasks by name.
    pub fn tasks(&self) -> Vec<&str> {
        let items = self.modules.iter().flat_map(|module| &module.parsed.items);
        items
            .filter_map(|item| {
                if let ItemKind::Task(task) = &item.tree.kind { Some(task.signature.name.text.as_str()) } else { None }
            })
            .collect()
    }

    /// A label set by name, with its labels in the order of the source.
    pub fn labels(&self, world: &dyn World, name: &str) -> Option<Found<Vec<String>>> {
        self.find(|module, kind| match kind {
            ItemKind::Labels { name: own, source } if own.text == name => Some(labels(world, module, source)),
            _ => None,
        })
    }

    /// A label set with these very labels, in whatever order, outside of the standard library and of modules with cards: one card
    /// is not to need another.
    pub fn same_labels(&self, world: &dyn World, labels: &[String]) -> Option<Found<String>> {
        let sorted = |labels: &[String]| {
            let mut labels = labels.to_vec();
            labels.sort();
            labels
        };
        let wanted = sorted(labels);
        self.find(|module, kind| match kind {
            ItemKind::Labels { name, source } if !module.is_std() && !has_model(module) => {
                (sorted(&self::labels(world, module, source)) == wanted).then(|| name.text.clone())
            }
            _ => None,
        })
    }

    /// A record by name, with its fields.
    pub fn record(&self, name: &str) -> Option<Found<Vec<String>>> {
        self.find(|_, kind| match kind {
            ItemKind::Record { name: own, fields, .. } if own.text == name => {
                Some(fields.iter().map(|field| field.name.text.clone()).collect())
            }
            _ => None,
        })
    }

    /// The module of a unit.
    pub fn unit(&self, name: &str) -> Option<Found<()>> {
        self.find(|_, kind| match kind {
            ItemKind::Unit { name: own, .. } | ItemKind::Dimension { unit: own, .. } if own.text == name => Some(()),
            _ => None,
        })
    }

    /// A data set by its name or one that is spelled alike.
    pub fn dataset(&self, name: &str) -> Option<Found<String>> {
        let plain = |name: &str| -> String {
            name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
        };
        self.find(|_, kind| match kind {
            ItemKind::Dataset(dataset) if plain(&dataset.name.text) == plain(name) => Some(dataset.name.text.clone()),
            _ => None,
        })
    }

    /// The module of a model.
    pub fn model(&self, name: &str) -> Option<Found<()>> {
        self.find(|_, kind| match kind {
            ItemKind::Model(model) if model.name.text == name => Some(()),
            _ => None,
        })
    }

    pub fn has_module(&self, name: &str) -> bool {
        self.modules.iter().any(|module| module.name == name)
    }
}

impl TaskInfo {
    /// The place of the generic of a kind: `Labels`, `Record`, `Unit`.
    pub fn generic(&self, kind: &str) -> Option<usize> {
        self.generics.iter().position(|generic| generic.kind.text == kind)
    }
}

fn labels(world: &dyn World, module: &Module, source: &LabelSource) -> Vec<String> {
    match source {
        LabelSource::Inline(labels) => labels.iter().map(|label| label.text.clone()).collect(),
        LabelSource::File(file) => {
            let bytes = world.read(&project::join(&module.folder, &file.text)).unwrap_or_default();
            super::labels::parse(&bytes).unwrap_or_default()
        }
    }
}

/// The name of a type without its arguments.
fn type_name(ty: &TypeExpr) -> String {
    match &ty.kind {
        TypeKind::Named { name, .. } => name.text.clone(),
        _ => String::new(),
    }
}

/// What a parameter takes; of a generic, its kind.
fn takes(task: &Task, kind: &ParamKind) -> String {
    let ParamKind::Value(ty) = kind else { return String::new() };
    let name = type_name(ty);
    let generic = task.signature.generics.iter().find(|generic| generic.name.text == name);
    generic.map_or(name, |generic| generic.kind.text.clone())
}

fn has_model(module: &Module) -> bool {
    module.parsed.items.iter().any(|item| matches!(item.tree.kind, ItemKind::Model(_)))
}
