//! What a bundle of a compiled project holds.

use crate::compile::Compiled;
use crate::lambda::Lambda;
use mu_bundle::{Contents, File};
use mu_format::bundle::{self, Manifest, Observe};
use mu_format::native::Arch;
use mu_format::plan;
use mu_native::{Isa, Level};
use std::sync::Arc;

/// Where a bundle runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Local,
    Lambda,
}

impl Target {
    pub fn name(self) -> &'static str {
        match self {
            Target::Local => "local",
            Target::Lambda => "lambda",
        }
    }
}

/// The files of a bundle with this runtime, and machine code for any machine of its processor. The error is a fault of the
/// compiler.
pub fn bundle(compiled: &Compiled, target: Target, bootstrap: Vec<u8>) -> Result<Contents, String> {
    bundle_in(compiled, target, bootstrap, Level::Baseline, &mut |_| ())
}

/// As [`bundle`], with machine code that may use more of the processor; `pass` is told the name of each stage when it begins.
pub fn bundle_in(
    compiled: &Compiled,
    target: Target,
    bootstrap: Vec<u8>,
    level: Level,
    pass: &mut dyn FnMut(&'static str),
) -> Result<Contents, String> {
    let mut contents = files(compiled)?;
    let arch = arch(&bootstrap);
    if let Some(arch) = arch.and_then(Arch::from_name) {
        let native = mu_native::compile(&compiled.program, Isa { arch, level }, pass).map_err(|e| e.to_string())?;
        contents.insert(bundle::NATIVE.to_string(), data(native.blob, true));
    }
    pass("bundle");
    contents.insert(bundle::BOOTSTRAP.to_string(), File { bytes: bootstrap.into(), executable: true, compress: true });
    let mut manifest = manifest(compiled, target, &contents)?;
    manifest.arch = arch.map(str::to_string);
    let text = manifest.to_json()?;
    contents.insert(bundle::MANIFEST.to_string(), data(text.into_bytes(), true));
    Ok(contents)
}

/// Adds the models as the bundle's own runtime froze them. The error is a fault of the compiler.
pub fn add_frozen(contents: &mut Contents, frozen: Vec<u8>) -> Result<(), String> {
    let text = contents.get(bundle::MANIFEST).map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let mut manifest = Manifest::from_json(&text.unwrap_or_default())?;
    manifest.files.push(bundle::File::of(bundle::FROZEN, &frozen));
    manifest.files.sort_by(|a, b| a.path.cmp(&b.path));
    contents.insert(bundle::FROZEN.to_string(), data(frozen, false));
    contents.insert(bundle::MANIFEST.to_string(), data(manifest.to_json()?.into_bytes(), true));
    Ok(())
}

/// The processor that an executable is for, as `deploy` names it; `None` for others and for what is no executable.
pub fn arch(elf: &[u8]) -> Option<&'static str> {
    // The field `e_machine`, in little-endian files.
    match (elf.get(..4)?, elf.get(18..20)?) {
        (b"\x7fELF", [62, 0]) => Some("x86_64"),
        (b"\x7fELF", [183, 0]) => Some("aarch64"),
        _ => None,
    }
}

/// Everything but the runtime and the manifest.
fn files(compiled: &Compiled) -> Result<Contents, String> {
    let mut contents = Contents::new();
    contents.insert(bundle::PLAN.to_string(), data(plan::encode(&compiled.program)?, true));
    for model in &compiled.models {
        contents.insert(bundle::model_path(&model.sha256), data(model.bytes.to_vec(), false));
    }
    for asset in &compiled.assets {
        contents.insert(bundle::asset_path(&asset.sha256), data(asset.bytes.to_vec(), true));
    }
    if let Some(bom) = &compiled.bom {
        contents.insert(bundle::BOM.to_string(), data(bom.clone().into_bytes(), true));
    }
    Ok(contents)
}

fn data(bytes: Vec<u8>, compress: bool) -> File {
    File { bytes: Arc::from(bytes), executable: false, compress }
}

fn manifest(compiled: &Compiled, target: Target, contents: &Contents) -> Result<Manifest, String> {
    let files = contents.iter().map(|(path, file)| bundle::File::of(path.as_str(), &file.bytes)).collect();
    let version = env!("CARGO_PKG_VERSION");
    let manifest = bundle::manifest(version, target.name(), &compiled.program, files, compiled.choices.clone());
    Ok(Manifest { observe: observe(compiled)?, ..manifest })
}

/// What the deployments say of logs. The functions of a bundle share its runtime, so the largest share that one asks for counts.
fn observe(compiled: &Compiled) -> Result<Option<Observe>, String> {
    let (deployments, lambda) = (&compiled.deployments, Lambda::get()?);
    let settings = deployments.functions.keys().filter_map(|name| deployments.settings(name, None, lambda));
    let shares = settings.filter(|settings| settings.on_lambda).map(|settings| settings.log_sampling);
    Ok(shares.reduce(f64::max).map(|sample| Observe { sample, ..Observe::default() }))
}

/// The text of `bundle.json`, without the line of the runtime.
pub(crate) fn preview(compiled: &Compiled, target: Target) -> Result<String, String> {
    manifest(compiled, target, &files(compiled)?)?.to_json()
}
