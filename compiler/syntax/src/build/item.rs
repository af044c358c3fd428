//! Items and the entries of their blocks.

use super::require::spdx;
use super::types::find;
use super::{Builder, P, here, name, path, span};
use crate::ast::{
    Claim, Dataset, Deploy, Direction, Function, ItemKind, LabelSource, Metric, Model, Name, Net, Port, Setting,
    SettingValue, Slot, Task, TraitDecl, TraitUnit, TypeExpr, TypeKind,
};
use crate::grammar::Rule;
use mu_base::{Code, Diagnostic, Span};

/// Until the grammar's own part is read.
fn no_type() -> TypeExpr {
    TypeExpr { kind: TypeKind::Tuple(Vec::new()), span: Span::default() }
}

impl Builder<'_> {
    pub(super) fn item(&mut self, pair: P<'_>) -> Option<ItemKind> {
        match pair.as_rule() {
            Rule::use_item => Some(ItemKind::Use { path: path(&find(pair, Rule::path)?) }),
            Rule::labels_item => {
                let mut kids = pair.into_inner();
                let name = name(&kids.next()?);
                Some(ItemKind::Labels { name, source: self.labels(kids.find(|k| k.as_rule() == Rule::label_source)?)? })
            }
            Rule::dimension_item => {
                let mut names = pair.into_inner().filter(|kid| kid.as_rule() == Rule::name);
                Some(ItemKind::Dimension { name: name(&names.next()?), unit: name(&names.next()?) })
            }
            Rule::unit_item => {
                let mut kids = pair.into_inner();
                let name = name(&kids.next()?);
                let number = kids.find(|kid| kid.as_rule() == Rule::number)?;
                let factor = self.decimal(number.as_str(), span(&number));
                Some(ItemKind::Unit { name, factor, unit: self.unit(&kids.next()?) })
            }
            Rule::record_item => self.record(pair),
            Rule::trait_item => self.trait_decl(pair),
            Rule::task_item => self.task(pair),
            Rule::builtin_item => self.builtin(pair),
            Rule::dataset_item => self.dataset(pair),
            Rule::model_item => self.model(pair),
            Rule::slot_item => self.slot(pair),
            Rule::const_item => self.constant(pair),
            Rule::fn_item => {
                let mut kids = pair.into_inner();
                let signature = self.signature(kids.next()?, false)?;
                Some(ItemKind::Fn(Function { signature, body: self.block(kids.next()?)? }))
            }
            Rule::deploy_item => self.deploy(pair),
            Rule::test_item => {
                let mut kids = pair.into_inner();
                let name = self.text(&kids.next()?);
                Some(ItemKind::Test { name, body: self.block(kids.next()?)? })
            }
            _ => None,
        }
    }

    fn labels(&mut self, pair: P<'_>) -> Option<LabelSource> {
        let mut labels = Vec::new();
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::text => labels.push(self.text(&kid)),
                Rule::label_file => return Some(LabelSource::File(self.text(&find(kid, Rule::text)?))),
                _ => {}
            }
        }
        Some(LabelSource::Inline(labels))
    }

    fn record(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let fields = self.fields(pair.clone())?;
        let mut kids = pair.into_inner();
        let name = name(&kids.next()?);
        let generics = match kids.find(|kid| kid.as_rule() == Rule::generics) {
            Some(generics) => self.generics(generics)?,
            None => Vec::new(),
        };
        Some(ItemKind::Record { name, generics, fields })
    }

    fn trait_unit(&mut self, pair: &P<'_>) -> TraitUnit {
        let unit = self.unit(pair);
        TraitUnit { terms: unit.terms, span: unit.span }
    }

    fn trait_decl(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let mut kids = pair.into_inner();
        let path = path(&kids.next()?);
        let (mut unit, mut direction, mut source) = (None, None, None);
        for kid in kids {
            match kid.as_rule() {
                Rule::unit => unit = Some(self.trait_unit(&kid)),
                Rule::direction => direction = Some(self.direction(kid)),
                Rule::word => source = Some(name(&kid)),
                _ => {}
            }
        }
        Some(ItemKind::Trait(TraitDecl { path, unit: unit?, direction, source: source? }))
    }

    fn direction(&self, pair: P<'_>) -> Direction {
        if find(pair, Rule::higher).is_some() { Direction::Higher } else { Direction::Lower }
    }

    fn task(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let mut kids = pair.into_inner();
        let signature = self.signature(kids.next()?, false)?;
        let mut task = Task { signature, hub: None, truth: None, metrics: Vec::new() };
        let mut seen = Seen::default();
        for kid in kids {
            match kid.as_rule() {
                Rule::hub => {
                    seen.once(self, &kid);
                    task.hub = Some(self.text(&find(kid, Rule::text)?));
                }
                Rule::truth => {
                    seen.once(self, &kid);
                    task.truth = Some(self.type_expr(find(kid, Rule::type_expr)?)?);
                }
                Rule::metric => task.metrics.push(self.metric(kid)?),
                _ => {}
            }
        }
        Some(ItemKind::Task(task))
    }

    fn metric(&mut self, pair: P<'_>) -> Option<Metric> {
        let docs = self.docs_before(span(&pair));
        let (mut metric, mut unit, mut direction, mut value) = (None, None, None, None);
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::name => metric = Some(name(&kid)),
                Rule::unit => unit = Some(self.trait_unit(&kid)),
                Rule::direction => direction = Some(self.direction(kid)),
                Rule::expr => value = Some(self.expr(kid)?),
                _ => {}
            }
        }
        Some(Metric { docs, name: metric?, unit: unit?, direction: direction?, value: value? })
    }

    fn builtin(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let mut kids = pair.into_inner();
        let mut signature = self.signature(kids.find(|kid| kid.as_rule() == Rule::signature)?, true)?;
        let conditions = kids.filter(|kid| kid.as_rule() == Rule::condition);
        signature.wheres = conditions.map(|condition| self.condition(condition)).collect::<Option<_>>()?;
        Some(ItemKind::Builtin(signature))
    }

    fn dataset(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let mut kids = pair.into_inner();
        let mut dataset = Dataset {
            name: name(&kids.next()?),
            task: no_type(),
            file: None,
            sha256: None,
            revision: None,
            license: None,
        };
        let mut seen = Seen::default();
        for kid in kids {
            match kid.as_rule() {
                Rule::type_expr => {
                    dataset.task = self.type_expr(kid)?;
                    continue;
                }
                Rule::file | Rule::sha256 | Rule::revision | Rule::license => seen.once(self, &kid),
                _ => continue,
            }
            let rule = kid.as_rule();
            let value = kid.into_inner().last()?;
            match rule {
                Rule::file => dataset.file = Some(self.text(&value)),
                Rule::sha256 => dataset.sha256 = Some(self.text(&value)),
                Rule::revision => dataset.revision = Some(self.text(&value)),
                _ => dataset.license = Some(spdx(&value)),
            }
        }
        Some(ItemKind::Dataset(dataset))
    }

    fn model(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let mut kids = pair.into_inner();
        let mut model = Model {
            name: name(&kids.next()?),
            task: no_type(),
            net: None,
            classes: None,
            license: None,
            origin: None,
            claims: Vec::new(),
            adapt: None,
        };
        let mut seen = Seen::default();
        for kid in kids {
            match kid.as_rule() {
                Rule::net | Rule::classes | Rule::license | Rule::origin | Rule::adapt => seen.once(self, &kid),
                _ => {}
            }
            match kid.as_rule() {
                Rule::type_expr => model.task = self.type_expr(kid)?,
                Rule::net => model.net = Some(self.net(kid)?),
                Rule::classes => model.classes = Some(self.labels(find(kid, Rule::label_source)?)?),
                Rule::license => model.license = Some(spdx(&find(kid, Rule::spdx)?)),
                Rule::origin => model.origin = Some(self.text(&find(kid, Rule::text)?)),
                Rule::claim => model.claims.push(self.claim(kid)?),
                Rule::adapt => model.adapt = Some(self.block(find(kid, Rule::block)?)?),
                _ => {}
            }
        }
        Some(ItemKind::Model(model))
    }

    fn net(&mut self, pair: P<'_>) -> Option<Net> {
        let whole = span(&pair);
        let (mut file, mut sha256, mut sides) = (None, None, Vec::new());
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::text => file = Some(self.text(&kid)),
                Rule::sha256 => sha256 = Some(self.text(&find(kid, Rule::text)?)),
                Rule::ports => sides.push(self.ports(kid)?),
                _ => {}
            }
        }
        let mut sides = sides.into_iter();
        Some(Net { file: file?, sha256, inputs: sides.next()?, outputs: sides.next()?, span: whole })
    }

    fn ports(&mut self, pair: P<'_>) -> Option<Vec<Port>> {
        let ports = pair.into_inner().filter(|kid| kid.as_rule() == Rule::port);
        ports
            .map(|port| {
                let mut kids = port.into_inner();
                let name = name(&kids.next()?);
                let mut onnx = None;
                let mut ty = None;
                for kid in kids {
                    match kid.as_rule() {
                        Rule::text => onnx = Some(self.text(&kid)),
                        Rule::type_expr => ty = Some(self.type_expr(kid)?),
                        _ => {}
                    }
                }
                Some(Port { name, onnx, ty: ty? })
            })
            .collect()
    }

    fn claim(&mut self, pair: P<'_>) -> Option<Claim> {
        let whole = span(&pair);
        let (mut metric, mut value, mut samples) = (None, None, None);
        for kid in pair.into_inner() {
            match kid.as_rule() {
                Rule::trait_ref => metric = Some(self.trait_ref(kid)?),
                Rule::quantity => value = Some(self.quantity(kid)?),
                Rule::samples => samples = Some(self.samples(kid)?),
                _ => {}
            }
        }
        Some(Claim { metric: metric?, value: value?, samples, span: whole })
    }

    fn slot(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let mut kids = pair.into_inner();
        let mut slot = Slot {
            name: name(&kids.next()?),
            task: no_type(),
            requires: Vec::new(),
            objective: Vec::new(),
            at_request: None,
        };
        let mut seen = Seen::default();
        for kid in kids {
            match kid.as_rule() {
                Rule::type_expr => slot.task = self.type_expr(kid)?,
                Rule::require => slot.requires.push(self.require(kid)?),
                Rule::minimize | Rule::maximize | Rule::prefer => slot.objective.push(self.objective(kid)?),
                Rule::at_request => {
                    seen.once(self, &kid);
                    slot.at_request = Some(self.at_request(kid)?);
                }
                _ => {}
            }
        }
        Some(ItemKind::Slot(slot))
    }

    fn constant(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let mut kids = pair.into_inner();
        let name = name(&kids.next()?);
        let (mut ty, mut value) = (None, None);
        for kid in kids {
            match kid.as_rule() {
                Rule::type_expr => ty = Some(self.type_expr(kid)?),
                Rule::expr => value = Some(self.expr(kid)?),
                _ => {}
            }
        }
        Some(ItemKind::Const { name, ty, value: value? })
    }

    fn deploy(&mut self, pair: P<'_>) -> Option<ItemKind> {
        let mut kids = pair.into_inner();
        let function = name(&kids.next()?);
        let mut deploy = Deploy { function, settings: Vec::new(), budgets: Vec::new(), objective: Vec::new() };
        for kid in kids {
            match kid.as_rule() {
                Rule::setting => deploy.settings.push(self.setting(kid)?),
                Rule::budget => deploy.budgets.push(self.require(kid)?),
                Rule::minimize | Rule::maximize | Rule::prefer => deploy.objective.push(self.objective(kid)?),
                _ => {}
            }
        }
        Some(ItemKind::Deploy(deploy))
    }

    fn setting(&mut self, pair: P<'_>) -> Option<Setting> {
        let whole = span(&pair);
        let mut kids = pair.into_inner();
        let name = name(&kids.next()?);
        let value = kids.next()?;
        let value = match value.as_rule() {
            Rule::text => SettingValue::Text(self.text(&value)),
            Rule::quantity => SettingValue::Quantity(self.quantity(value)?),
            _ => match kids.next() {
                Some(text) => SettingValue::Named(super::name(&value), self.text(&text)),
                None => SettingValue::Word(super::name(&value)),
            },
        };
        Some(Setting { name, value, span: whole })
    }
}

/// The entries of a block that may stand in it once.
#[derive(Default)]
struct Seen(Vec<Name>);

impl Seen {
    fn once(&mut self, builder: &mut Builder<'_>, entry: &P<'_>) {
        let text = entry.as_str().split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let start = entry.as_span().start();
        let word = Name { text: text.to_owned(), span: Span::new(start, start + text.len()) };
        if let Some(first) = self.0.iter().find(|seen| seen.text == word.text) {
            let diagnostic = Diagnostic::error(Code::DuplicateSetting, format!("`{text}` stands twice"))
                .at(here(word.span), "the second one")
                .because(here(first.span), "the first one");
            builder.diagnostics.push(diagnostic.help("remove one of them"));
        } else {
            self.0.push(word);
        }
    }
}
