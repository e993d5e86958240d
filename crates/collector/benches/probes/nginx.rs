//! A web server to be probed.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

/// An nginx that answers whatever is asked, in one process. It ends with this value.
pub(crate) struct Nginx {
    child: Child,
    /// Where it listens.
    pub(crate) address: String,
    _folder: TempDir,
}

impl Nginx {
    /// Starts `nginx` of `PATH`, or `NGINX`.
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().display();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let file = folder.path().join("nginx.conf");
        let config = format!(
            "daemon off; master_process off; pid {path}/pid; error_log {path}/error.log;
             events {{ worker_connections 8192; }}
             http {{
                 access_log off; client_body_temp_path {path}; proxy_temp_path {path}; fastcgi_temp_path {path};
                 uwsgi_temp_path {path}; scgi_temp_path {path};
                 server {{ listen {address} backlog=4096; location / {{ return 200 'all is well\\n'; }} }}
             }}"
        );
        fs::write(&file, config).unwrap();
        let program = env::var_os("NGINX").unwrap_or_else(|| "nginx".into());
        let mut command = Command::new(program);
        command.arg("-c").arg(&file).arg("-p").arg(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        Self { child, address, _folder: folder }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
