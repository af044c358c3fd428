//! An emulator of Lambda (`cargo lambda watch`) that drives bundles, and bundles as Lambda lays them out.

use crate::cases::lay;
use crate::{lock, made, name, python, root, tools};
use serde_json::Value;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What Lambda says of the function; other runtimes do not start without it.
pub const FUNCTION: [(&str, &str); 3] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "digits"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
];

/// Ended when dropped.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The emulator at a port of its own; it waits for a runtime of the function `digits`.
pub struct Emulator {
    _process: Process,
    port: u16,
    agent: ureq::Agent,
}

impl Emulator {
    pub fn start() -> Emulator {
        let folder = made().join("lambda/emulator");
        // It reads the package while it starts, so one starts after the other. It wants a binary of the function's name, and never
        // builds it.
        let _guard = lock("emulator");
        let manifest = "[workspace]\n[package]\nname = \"digits\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        lay(&folder, &[("Cargo.toml".into(), manifest.into()), ("src/main.rs".into(), b"fn main() {}\n".to_vec())]);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(python::bin().join("cargo-lambda"))
            .args(["lambda", "watch", "--only-lambda-apis", "--invoke-address", "127.0.0.1"])
            .args(["--invoke-port", &port.to_string()])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Process(process);
        let listens = (0..600).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(listens, "the emulator does not listen");
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(300)))
            .build()
            .into();
        Emulator { _process: process, port, agent }
    }

    /// What a runtime's process finds in its environment, and nothing else.
    pub fn variables(&self, task: &Path) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            // As it names itself. Some runtimes take no path without the scheme.
            ("AWS_LAMBDA_RUNTIME_API", format!("http://127.0.0.1:{}/.rt/digits", self.port)),
            ("LAMBDA_TASK_ROOT", task.to_str().unwrap().into()),
        ];
        variables.extend(FUNCTION.map(|(name, value)| (name, value.into())));
        variables
    }

    /// The runtime of an unpacked bundle; its log goes to `log`.
    pub fn run(&self, task: &Path, log: Stdio) -> Process {
        let mut command = Command::new(task.join("bootstrap"));
        command.env_clear().envs(self.variables(task)).current_dir(task).stderr(log);
        Process(command.spawn().unwrap())
    }

    /// The answer to an event: the status and the body.
    pub fn invoke(&self, event: &str) -> (u16, Value) {
        let url = format!("http://127.0.0.1:{}/2015-03-31/functions/digits/invocations", self.port);
        let mut response = self.agent.post(url).send(event).unwrap();
        let body = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }
}

/// Unpacks a zip with its modes, as Lambda does.
pub fn unpack(zip: &Path, folder: &Path) {
    lay(folder, &[]);
    let mut archive = zip::ZipArchive::new(fs::File::open(zip).unwrap()).unwrap();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let path = folder.join(file.enclosed_name().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mode = file.unix_mode().unwrap();
        let mut out = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).unwrap();
        std::io::copy(&mut file, &mut out).unwrap();
    }
}

/// The zip of a project in `examples`, built for Lambda and unpacked into `target/lambda/<folder>`.
pub fn bundle(project: &str, folder: &str) -> PathBuf {
    let zip = made().join(format!("lambda/{folder}.zip"));
    let built = tools::mulc(root(), &["build", project, "--target", "lambda", "--out", zip.to_str().unwrap()]);
    assert!(built.status.success(), "{}: {}", name(&zip), tools::said(&built));
    let folder = made().join("lambda").join(folder);
    unpack(&zip, &folder);
    folder
}
