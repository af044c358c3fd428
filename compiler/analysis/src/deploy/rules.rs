//! What settings must be together: names within AWS's limits, variables that fit, shares of what there is.

use super::names::function_name;
use super::settings::Stated;
use crate::cx::Cx;
use crate::hir::Setting;
use crate::lambda::Lambda;
use crate::project::Env;
use mu_base::{Code, Diagnostic, Loc, suggest};
use std::collections::BTreeMap;

/// A function that is deployed.
#[derive(Clone, Copy)]
pub(super) struct Deployed<'a> {
    pub lambda: &'a Lambda,
    pub function: &'a str,
    /// Where the block names it.
    pub loc: Loc,
    /// The environment that the settings are of.
    pub env: Option<&'a Env>,
}

/// Checks the settings of a function, as the program or an environment has them.
pub(super) fn check(cx: &mut Cx, deployed: &Deployed, settings: &[Stated]) {
    let find = |name: &str| settings.iter().find(|stated| stated.name == name);
    address(cx, find("url"), find("auth"));
    kept_ready(cx, find("concurrency"), find("provisioned"));
    variables(cx, deployed, settings);
    if find("target").is_some_and(|target| target.value == Setting::Word("lambda".to_owned())) {
        name(cx, deployed);
        if let Some(region) = find("region") {
            prices(cx, deployed.lambda, region);
        }
    }
}

/// Who may call the function's address.
fn address(cx: &mut Cx, url: Option<&Stated>, auth: Option<&Stated>) {
    let Some(auth) = auth else { return };
    if url.is_none_or(|url| url.value != Setting::Word("on".to_owned())) {
        cx.report(
            Diagnostic::error(Code::BadSetting, "`auth` says who may call a function's URL, and this one has none")
                .at(auth.loc, "of no use")
                .help("write `url on`, or remove `auth`"),
        );
    } else if auth.value == Setting::Word("public".to_owned()) {
        cx.report(
            Diagnostic::warning(Code::PublicUrl, "everyone who knows the URL can call this function, at your cost")
                .at(auth.loc, "open to all")
                .help("leave it out for callers that sign with IAM; `concurrency` limits what strangers can spend"),
        );
    }
}

/// What is kept ready is part of what may run at once.
fn kept_ready(cx: &mut Cx, concurrency: Option<&Stated>, provisioned: Option<&Stated>) {
    let (Some(most), Some(kept)) = (concurrency, provisioned) else { return };
    let (Setting::Quantity(limit), Setting::Quantity(ready)) = (&most.value, &kept.value) else { return };
    if ready > limit {
        let message = format!("{ready} environments are kept ready, and only {limit} may run at once");
        cx.report(
            Diagnostic::error(Code::BadSetting, message)
                .at(kept.loc, "more than `concurrency` allows")
                .because(most.loc, "the limit is said here"),
        );
    }
}

fn variables(cx: &mut Cx, deployed: &Deployed, settings: &[Stated]) {
    let function = &deployed.lambda.function;
    let mut all = BTreeMap::new();
    let mut last = None;
    for stated in settings {
        let Setting::Named(name, value) = &stated.value else { continue };
        if function.reserved.contains(name) {
            cx.report(
                Diagnostic::error(Code::BadSetting, format!("`{name}` is set by AWS Lambda itself"))
                    .at(stated.loc, "a function cannot set it")
                    .help("choose another name"),
            );
        }
        all.insert(name, value);
        last = Some(stated.loc);
    }
    let Some(last) = last else { return };
    let size = serde_json::to_string(&all).map_or(0, |text| text.len());
    if size > function.environment {
        let most = function.environment;
        cx.report(
            Diagnostic::error(
                Code::LambdaLimit,
                format!("the environment variables take {size} bytes, more than the {most} that AWS Lambda holds"),
            )
            .at(last, "with this one")
            .help("keep large values in a file of the project: `const table: List<Row, 100> = file(\"table.csv\")`"),
        );
    }
}

fn name(cx: &mut Cx, deployed: &Deployed) {
    let prefix = deployed.env.map_or("", |env| env.prefix.as_str());
    let name = function_name(prefix, &cx.project.name, deployed.function);
    let most = deployed.lambda.function.name;
    if name.len() > most {
        let message =
            format!("the function's name on AWS Lambda has {} characters, and {most} are the most", name.len());
        let diagnostic = Diagnostic::error(Code::LambdaLimit, message).at(deployed.loc, format!("becomes `{name}`"));
        cx.report(match deployed.env {
            Some(env) => diagnostic.because(env.loc, format!("its prefix is `{prefix}` here")),
            None => diagnostic.help("the name is the project's and the function's: shorten one of them"),
        });
    }
}

/// A region without prices is no error: only its cost is not known.
fn prices(cx: &mut Cx, lambda: &Lambda, region: &Stated) {
    let Setting::Text(name) = &region.value else { return };
    let known = &lambda.prices.regions;
    if known.contains_key(name) {
        return;
    }
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let help = match suggest::nearest(name, names.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("prices are known of {}", crate::cx::list(&names)),
    };
    cx.report(
        Diagnostic::warning(Code::UnknownPrices, format!("the prices of `{name}` are not known: no cost is predicted"))
            .at(region.loc, "not in the list of prices")
            .help(help),
    );
}
