//! Somebody with a browser that runs no scripts: it keeps its cookie and sends the forms that it is shown.

use url::form_urlencoded;

use crate::support::{Answer, Client};
use crate::world::BROWSER;

/// How forms are sent.
pub(crate) const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Somebody who looks at the dashboard.
pub(crate) struct Person {
    client: Client,
    /// As `Cookie` sends it.
    cookie: Option<String>,
    /// What the forms of the last page would send along.
    csrf: String,
}

impl Person {
    /// Somebody who has not said who they are.
    pub(crate) const fn new(client: Client) -> Self {
        Self { client, cookie: None, csrf: String::new() }
    }

    /// Somebody who logs in with the password of all users of the tests.
    pub(crate) async fn logged_in(client: Client, name: &str) -> Self {
        let mut person = Self::new(client);
        let answer = person.post("/login", &[("name", name), ("password", "correct horse")]).await;
        assert_eq!((answer.status, answer.header("Location")), (303, Some("/")), "{}", answer.body);
        person.get("/").await;
        person
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let headers = [&[BROWSER][..], &self.cookie()].concat();
        let answer = self.client.send("GET", path, &headers).await;
        self.keep(&answer);
        answer
    }

    /// Sends a form of the last page.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = Some(self.csrf.clone()).filter(|csrf| !csrf.is_empty());
        let csrf = csrf.as_deref().map(|csrf| ("csrf", csrf));
        self.send(path, &fields.iter().copied().chain(csrf).collect::<Vec<_>>()).await
    }

    /// Sends an empty form with what another page would send along.
    pub(crate) async fn post_as(&mut self, path: &str, csrf: Option<&str>) -> Answer {
        self.send(path, &csrf.map(|csrf| ("csrf", csrf)).into_iter().collect::<Vec<_>>()).await
    }

    async fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [&[BROWSER, FORM][..], &self.cookie()].concat();
        let answer = self.client.post(path, &headers, &body).await;
        self.keep(&answer);
        answer
    }

    fn cookie(&self) -> Vec<(&str, &str)> {
        self.cookie.iter().map(|cookie| ("Cookie", cookie.as_str())).collect()
    }

    fn keep(&mut self, answer: &Answer) {
        if let Some(set) = answer.header("Set-Cookie") {
            self.cookie = (!set.contains("Max-Age=0")).then(|| set.split(';').next().unwrap().to_owned());
        }
        let found = answer.body.split("name=\"csrf\" value=\"").nth(1);
        if let Some(csrf) = found.and_then(|rest| rest.split('"').next()) {
            csrf.clone_into(&mut self.csrf);
        }
    }
}
