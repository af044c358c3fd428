//! moto's server as AWS: started at a free port, ended with the test process at the latest.

use crate::tools::said;
use crate::{made, python};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The server, which ends when its input does. The zips of functions lie where it says that they do.
const SERVER: &str = "import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.awslambda.models import LambdaFunction
described = LambdaFunction.get_code
def get_code(function):
    place = os.path.join(os.environ['ZIPS'], function.code_sha_256.replace('/', '_'))
    if not os.path.exists(place):
        own = f'{place}.{os.getpid()}.{threading.get_ident()}'
        with open(own, 'wb') as file:
            file.write(function.code_bytes)
        os.replace(own, place)
    return {**described(function), 'Code': {'Location': 'file://' + place}}
LambdaFunction.get_code = get_code
from moto.server import main
main()";

pub struct Moto {
    process: Child,
    pub port: u16,
}

impl Moto {
    pub fn start() -> Moto {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let zips = made().join("moto");
        fs::create_dir_all(&zips).unwrap();
        let process = Command::new(python::bin().join("python"))
            .env("ZIPS", zips)
            .args(["-c", SERVER, "-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Moto { process, port };
        let listens = (0..600).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        assert!(listens, "moto does not listen");
        moto
    }

    /// Runs a script of `support/` with boto3 looking at this server; gives what it printed.
    pub fn script(&self, name: &str, arguments: &[&str]) -> String {
        let mut command = Command::new(python::bin().join("python"));
        command.arg(crate::root().join("tests/support").join(name)).args(arguments);
        let done = with_aws(&mut command, self.port).output().unwrap();
        assert!(done.status.success(), "{name} {arguments:?}: {}", said(&done));
        String::from_utf8(done.stdout).unwrap()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Settings of AWS for a command: this endpoint, and nothing of the user's own.
pub fn with_aws(command: &mut Command, port: u16) -> &mut Command {
    without_aws(command)
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "secret-that-is-not-shown")
        .env("AWS_REGION", "us-east-1")
        // As boto3 calls it.
        .env("AWS_DEFAULT_REGION", "us-east-1")
}

/// No settings of AWS at all.
pub fn without_aws(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy().to_lowercase();
        if text.starts_with("aws_") || text.ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    let none = Path::new("/dev/null");
    command
        .env("AWS_CONFIG_FILE", none)
        .env("AWS_SHARED_CREDENTIALS_FILE", none)
        .env("AWS_EC2_METADATA_DISABLED", "true")
}
