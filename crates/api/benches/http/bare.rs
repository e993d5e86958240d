//! A bare actix-web server that answers with the bytes of one answer of the API: what the framework alone can do. It is
//! this program, started again.

use std::process::Command;
use std::{env, fs, thread};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;
use tempfile::NamedTempFile;

use crate::client::Answer;
use crate::server::Server;

/// The argument that makes this program the bare server. Behind it stand the page's path, the file with its body, its
/// `Content-Type`, and its `Content-Encoding` or nothing.
const FLAG: &str = "--bare";

/// The four arguments behind the flag, where it is given.
pub(crate) fn asked_for(arguments: &[String]) -> Option<&[String; 4]> {
    let (flag, page) = arguments.split_first()?;
    if flag == FLAG { page.try_into().ok() } else { None }
}

/// Starts a server that answers with the body of an answer of the API.
pub(crate) fn start(path: &str, answer: &Answer) -> Server {
    let body = NamedTempFile::new().unwrap();
    fs::write(body.path(), &answer.body).unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([FLAG, path])
        .arg(body.path())
        .arg(answer.header("content-type").unwrap_or_default())
        .arg(answer.header("content-encoding").unwrap_or_default());
    // It has read the file once it listens.
    Server::start(command)
}

/// Serves until standard input ends.
pub(crate) fn serve([path, file, content_type, coding]: &[String; 4]) {
    thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0);
    });
    let body = Bytes::from(fs::read(file).unwrap());
    let content_type = HeaderValue::from_str(content_type).unwrap();
    let coding = (!coding.is_empty()).then(|| HeaderValue::from_str(coding).unwrap());
    let handler = move || {
        let mut response = HttpResponse::Ok();
        response.insert_header((header::CONTENT_TYPE, content_type.clone()));
        if let Some(coding) = &coding {
            response.insert_header((header::CONTENT_ENCODING, coding.clone()));
        }
        let response = response.body(body.clone());
        async { response }
    };
    let path = path.clone();
    actix_web::rt::System::new().block_on(async {
        let app = move || App::new().route(&path, web::get().to(handler.clone()));
        let server = HttpServer::new(app).bind(("127.0.0.1", 0)).unwrap();
        eprintln!("listening on {}", server.addrs()[0]);
        server.run().await.unwrap();
    });
}
