//! The explanation of a slot as one page: nothing is loaded, nothing is run, everything that is shown is escaped. It is
//! well-formed as XML, too.

use super::plot::plot;
use super::{cost_items, known, proof, telling};
use mu_driver::why::Explained;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");

/// The page.
pub fn page(explained: &Explained) -> String {
    let mut out = String::new();
    let title = match &explained.chosen {
        Some(_) => format!("Why {} is filled as it is", explained.slot),
        None => format!("Why nothing fits {}", explained.slot),
    };
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>\n\
         <title>{0}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n",
        escape(&title)
    );
    intro(explained, &mut out);
    outcome(explained, &mut out);
    plots(explained, &mut out);
    candidates(explained, &mut out);
    list(&mut out, "The next better, and its price", explained.next_better.iter().cloned());
    cost(explained, &mut out);
    let demand = |one: &mu_driver::why::Demand| match &one.place {
        Some(place) => format!("{} ({place})", one.text),
        None => one.text.clone(),
    };
    list(&mut out, "Required of the program", explained.requirements.iter().map(demand));
    baselines(explained, &mut out);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn intro(explained: &Explained, out: &mut String) {
    let _ = writeln!(
        out,
        "<p>The slot <code>{}</code> takes a model for <code>{}</code>. It is filled for <code>{}</code> on {}.</p>",
        escape(&explained.slot),
        escape(&explained.task),
        escape(&explained.entry),
        escape(&explained.platform)
    );
    if !explained.other_entries.is_empty() {
        let _ = writeln!(out, "<p>Also reached by {}.</p>", escape(&explained.other_entries.join(", ")));
    }
    if let Some(by) = &explained.at_request {
        let said = format!("Each request chooses by {by}; below is what is chosen where it says nothing.");
        let _ = writeln!(out, "<p>{}</p>", escape(&said));
    }
}

fn outcome(explained: &Explained, out: &mut String) {
    if let Some(chosen) = &explained.chosen {
        out.push_str("<section>\n<h2>Chosen</h2>\n<dl>\n");
        let mut row = |name: &str, value: &str| {
            let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
        };
        chosen.models.iter().for_each(|(slot, model)| row(slot, model));
        chosen.setting.iter().for_each(|setting| row("memory size", setting));
        row("goals", &chosen.goals.join(", then "));
        proof(explained).iter().for_each(|proof| row("search", proof));
        out.push_str("</dl>\n</section>\n");
    }
    if let Some(conflict) = &explained.conflict {
        let smallest = if conflict.smallest { "The smallest set that" } else { "A set that" };
        list(out, &format!("{smallest} cannot hold together"), conflict.requirements.iter().cloned());
        list(out, "The nearest", conflict.nearest.iter().cloned());
        list(out, "One edit is enough", conflict.edits.iter().cloned());
    }
}

fn plots(explained: &Explained, out: &mut String) {
    let drawn: Vec<String> = telling(explained)
        .into_iter()
        .enumerate()
        .filter_map(|(number, (x, y))| plot(explained, x, y, number))
        .collect();
    if drawn.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>What the models trade</h2>\n");
    for svg in drawn {
        let _ = writeln!(
            out,
            "<figure>\n{svg}<figcaption>A disc fits, one with a ring is chosen, a cross does not fit. The line joins the \
             Pareto front; dashed lines are required.</figcaption>\n</figure>"
        );
    }
    out.push_str("</section>\n");
}

fn candidates(explained: &Explained, out: &mut String) {
    out.push_str("<section>\n<h2>Candidates</h2>\n<div class=\"wide\">\n<table>\n<thead><tr>");
    let head = ["model", "verdict"].into_iter().chain(explained.traits.iter().map(String::as_str));
    for name in head.chain(["licence", "why"]) {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escape(name));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for one in &explained.candidates {
        let front = if one.on_front { ", on the front" } else { "" };
        let _ = write!(
            out,
            "<tr class=\"{0}\"><th scope=\"row\">{1}</th><td>{0}{front}</td>",
            one.verdict,
            escape(&one.model)
        );
        for place in 0..explained.traits.len() {
            let figure = one.traits.get(place).and_then(Option::as_ref);
            let _ = write!(out, "<td>{}</td>", escape(&figure.map_or("unknown".into(), known)));
        }
        let beside = (!one.beside.is_empty()).then(|| format!("best with {}", one.beside.join(", ")));
        let why: Vec<String> = one.reasons.iter().cloned().chain(beside).collect();
        let license = one.license.as_deref().unwrap_or_default();
        let _ = writeln!(out, "<td>{}</td><td>{}</td></tr>", escape(license), escape(&why.join("; ")));
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

fn cost(explained: &Explained, out: &mut String) {
    let items = cost_items(explained);
    if items.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>What a request costs</h2>\n<table>\n<tbody>\n");
    for (item, value) in items {
        let _ = writeln!(out, "<tr><th scope=\"row\">{item}</th><td>{}</td></tr>", escape(&value));
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}

fn baselines(explained: &Explained, out: &mut String) {
    if explained.baselines.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Other selectors</h2>\n<div class=\"wide\">\n<table>\n<thead><tr>");
    for name in ["selector", "models", "goals", "misses"] {
        let _ = write!(out, "<th scope=\"col\">{name}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for one in &explained.baselines {
        let models: Vec<String> = one.models.iter().map(|(slot, model)| format!("{slot}: {model}")).collect();
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(&one.name),
            escape(&models.join(", ")),
            escape(&one.goals.join(", ")),
            escape(&one.missed.join("; "))
        );
    }
    out.push_str("</tbody>\n</table>\n</div>\n</section>\n");
}

fn list(out: &mut String, head: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "<section>\n<h2>{}</h2>\n<ul>", escape(head));
    for line in lines {
        let _ = writeln!(out, "<li>{}</li>", escape(&line));
    }
    out.push_str("</ul>\n</section>\n");
}

/// Text that stands for itself in elements and in attributes. What XML cannot hold becomes a replacement character.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            // They would turn the text around them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::page;
    use mu_driver::why::{Baseline, Candidate, Chosen, Conflict, Demand, Explained, Known, Scale};

    const HOSTILE: &str = "</svg><script>alert('1')</script>\" onload=\"x\u{0}\u{202e}&";

    fn candidate(verdict: &'static str, at: f64) -> Candidate {
        let known = Known {
            name: HOSTILE.into(),
            value: at,
            shown: HOSTILE.into(),
            source: "measured".into(),
            samples: Some(5),
            interval: Some((at, at)),
            interval_shown: Some(HOSTILE.into()),
            platform: None,
            date: None,
        };
        Candidate {
            model: format!("{HOSTILE}{at}"),
            verdict,
            reasons: vec![HOSTILE.into()],
            license: Some(HOSTILE.into()),
            traits: vec![Some(known), None],
            values: vec![Some(at), Some(1.0 / at), None],
            on_front: verdict != "dropped",
            beside: vec![HOSTILE.into()],
        }
    }

    fn explained(chosen: bool, values: &[f64]) -> Explained {
        let scale = |higher| Scale {
            name: HOSTILE.into(),
            higher_is_better: higher,
            factor: 0.001,
            unit: HOSTILE.into(),
            bounds: vec![0.5, 2.0, f64::NAN],
        };
        let verdict = |place: usize| ["chosen", "kept", "dropped"][place % 3];
        Explained {
            slot: HOSTILE.into(),
            task: HOSTILE.into(),
            entry: HOSTILE.into(),
            other_entries: vec![HOSTILE.into()],
            platform: HOSTILE.into(),
            at_request: Some(HOSTILE.into()),
            requirements: vec![Demand { text: HOSTILE.into(), place: Some(HOSTILE.into()) }],
            chosen: chosen.then(|| Chosen {
                models: vec![(HOSTILE.into(), HOSTILE.into())],
                setting: Some(HOSTILE.into()),
                goals: vec![HOSTILE.into()],
                pinned: false,
                nodes: 3,
                gap: Some(HOSTILE.into()),
            }),
            conflict: (!chosen).then(|| Conflict {
                requirements: vec![HOSTILE.into()],
                smallest: true,
                nearest: vec![HOSTILE.into()],
                edits: vec![HOSTILE.into()],
            }),
            traits: vec![HOSTILE.into(), "size".into()],
            candidates: values.iter().enumerate().map(|(place, at)| candidate(verdict(place), *at)).collect(),
            axes: vec![scale(false), scale(true), scale(true)],
            next_better: vec![HOSTILE.into()],
            cost: None,
            baselines: vec![Baseline {
                name: HOSTILE.into(),
                models: vec![(HOSTILE.into(), HOSTILE.into())],
                goals: vec![HOSTILE.into()],
                missed: vec![HOSTILE.into()],
            }],
        }
    }

    /// The page as a tree; that it can be read at all says that it is well-formed.
    fn elements(page: &str) -> Vec<String> {
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let tree = roxmltree::Document::parse_with_options(page, options).unwrap();
        tree.descendants().filter(|node| node.is_element()).map(|node| node.tag_name().name().to_owned()).collect()
    }

    #[test]
    fn hostile_names_stay_text() {
        for chosen in [true, false] {
            let page = page(&explained(chosen, &[1.0, 2.0, 3.0, 900.0]));
            let elements = elements(&page);
            assert!(!elements.iter().any(|name| name == "script"), "{page}");
            assert_eq!(elements.iter().filter(|name| *name == "svg").count(), 1);
            assert!(elements.iter().any(|name| name == "polyline"));
            assert!(!page.contains("onload=\"") && !page.contains('\0') && !page.contains('\u{202e}'));
        }
    }

    #[test]
    fn a_page_loads_nothing() {
        let page = page(&explained(true, &[1.0, 2.0]));
        let rest = page.replace("http://www.w3.org/2000/svg", "");
        for word in ["http:", "https:", "src=", "href=", "url(", "@import", "<link"] {
            assert!(!rest.contains(word), "{word}");
        }
        assert!(page.contains("default-src 'none'"));
    }

    #[test]
    fn numbers_that_cannot_be_drawn_are_left_to_the_table() {
        for values in [&[][..], &[1.0], &[1.0, 1.0], &[1e-300, 1e300], &[f64::MIN_POSITIVE, 1.0], &[-3.0, 5.0, 0.5]] {
            let page = page(&explained(true, values));
            elements(&page);
            assert!(!page.contains("NaN") && !page.contains("\"inf"), "{values:?}");
        }
    }
}
