//! A tab, and what a person does in it and sees of it.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::chromium::{Fault, Wire};
use super::{LOOK, PATIENCE};

/// A tab of a browser.
pub(super) struct Page {
    wire: Arc<Wire>,
    session: String,
    /// The address of the server.
    base: String,
}

impl Page {
    /// Takes over a tab.
    pub(super) async fn open(wire: Arc<Wire>, session: &str, base: &str) -> Self {
        let page = Self { wire, session: session.to_owned(), base: base.to_owned() };
        for domain in ["Page", "Runtime", "Network", "Log"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }

    /// Goes to a page of the server, and waits until it is loaded.
    pub(super) async fn visit(&self, path: &str) {
        let loads = self.loads();
        let answer = self.call("Page.navigate", json!({"url": format!("{}{path}", self.base)})).await;
        assert_eq!(answer.get("errorText"), None, "{path}");
        self.loaded_since(loads).await;
    }

    /// Clicks on what leads to another page, and waits until that is loaded.
    pub(super) async fn follow(&self, selector: &str) {
        let loads = self.loads();
        let click = format!("document.querySelector({}).click()", json!(selector));
        if let Err(fault) = self.evaluate(&click).await {
            assert!(fault.is_of_a_page_that_goes(), "{click:.200}: {fault}");
        }
        self.loaded_since(loads).await;
    }

    /// How many pages were loaded so far.
    pub(super) fn loads(&self) -> usize {
        self.wire.events(&self.session, "Page.loadEventFired").len()
    }

    /// Waits until one more is than there were.
    pub(super) async fn loaded_since(&self, loads: usize) {
        self.wait("another page", || async { self.loads() > loads }).await;
    }

    /// The path of the page.
    pub(super) async fn path(&self) -> String {
        self.value("location.pathname").await.as_str().unwrap().to_owned()
    }

    /// The value of an expression, or of what it promises.
    pub(super) async fn value(&self, expression: &str) -> Value {
        self.evaluate(expression).await.unwrap_or_else(|fault| panic!("{expression:.200}: {fault}"))
    }

    /// Waits until an expression is true, be it of this page or of the one that comes next.
    pub(super) async fn until(&self, expression: &str) {
        let is_true = || async {
            match self.evaluate(expression).await {
                Ok(value) => value == true,
                Err(fault) => {
                    assert!(fault.is_of_a_page_that_goes(), "{expression:.200}: {fault}");
                    false
                }
            }
        };
        self.wait(expression, is_true).await;
    }

    /// The value of an expression, or the fault of the browser at finding it.
    async fn evaluate(&self, expression: &str) -> Result<Value, Fault> {
        let question = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let mut answer = self.wire.ask("Runtime.evaluate", question, Some(&self.session)).await?;
        assert_eq!(answer.get("exceptionDetails"), None, "{expression:.200}");
        Ok(answer["result"]["value"].take())
    }

    /// Types a text into a field.
    pub(super) async fn type_into(&self, selector: &str, text: &str) {
        self.value(&format!("document.querySelector({}).focus()", json!(selector))).await;
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// Presses a key and lets it go.
    pub(super) async fn press(&self, key: &str, code: u8) {
        for kind in ["keyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Lets the person prefer light or dark pages.
    pub(super) async fn prefer(&self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]})).await;
    }

    /// Gives the tab a size.
    pub(super) async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// How many bytes came over the wire for what has been loaded completely, heads included.
    pub(super) fn bytes(&self) -> u64 {
        let finished = self.wire.events(&self.session, "Network.loadingFinished");
        let length = |event: &Value| event["encodedDataLength"].as_f64().unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes")]
        finished.iter().map(|event| length(event) as u64).sum()
    }

    /// Fails if the console complained, or anything was asked of another server.
    pub(super) fn assert_clean(&self) {
        let events = |method| self.wire.events(&self.session, method);
        assert_eq!(events("Runtime.exceptionThrown"), [] as [Value; 0]);
        let is_complaint = |entry: &Value| matches!(entry["level"].as_str(), Some("error" | "warning"));
        let logged: Vec<Value> = events("Log.entryAdded").into_iter().map(|mut event| event["entry"].take()).collect();
        let complaints: Vec<&Value> = logged.iter().filter(|entry| is_complaint(entry)).collect();
        assert!(complaints.is_empty(), "{complaints:?}");
        let spoken = events("Runtime.consoleAPICalled");
        assert!(spoken.is_empty(), "{spoken:?}");
        for request in events("Network.requestWillBeSent") {
            let address = request["request"]["url"].as_str().unwrap();
            let is_own = address.starts_with(&format!("{}/", self.base));
            assert!(is_own || address.starts_with("data:"), "{address} was asked for");
        }
    }

    async fn call(&self, method: &str, parameters: Value) -> Value {
        self.wire.call(method, parameters, Some(&self.session)).await
    }

    async fn wait<F: Future<Output = bool>>(&self, what: &str, is_so: impl Fn() -> F) {
        let wanted = timeout(PATIENCE, async {
            while !is_so().await {
                sleep(LOOK).await;
            }
        });
        if wanted.await.is_err() {
            let shown = self.value("document.body.innerText").await;
            panic!("waited in vain for {what}; shown was\n{}", shown.as_str().unwrap_or_default());
        }
    }
}
