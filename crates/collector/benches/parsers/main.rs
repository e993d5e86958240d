//! How fast each format reads: `scripts/bench parsers`
//!
//! What is measured, and how to read it: `docs/benchmarks.md`.

#![expect(clippy::print_stdout, reason = "what is measured is printed")]
#![expect(clippy::unwrap_used, reason = "what fails here is to be seen")]

mod answer;
mod recorded;
mod simulated;

use std::time::{Duration, Instant};

use answer::Answer;

/// How often reading is timed; the median counts.
const SPANS: usize = 5;
/// How long it is timed each time.
const SPAN: Duration = Duration::from_millis(60);

#[tokio::main]
async fn main() {
    tell("Answers with 100 services of the simulator", &simulated::answers().await);
    match recorded::answers() {
        Some(answers) => tell("The largest recorded answers", &answers),
        None => println!("\nskipped: there are no recorded documents"),
    }
}

fn tell(title: &str, answers: &[Answer]) {
    println!("\n{title}");
    println!("{:<44} {:>5} {:>8} {:>8} {:>9} {:>9}", "", "parts", "kB", "services", "MB/s", "answers/s");
    for answer in answers {
        let services = answer.read();
        let rate = rate(answer);
        let (kilobytes, megabytes) = (figure(answer.size()) / 1e3, figure(answer.size()) / 1e6);
        println!(
            "{:<44} {:>5} {kilobytes:>8.1} {services:>8} {:>9.1} {rate:>9.0}",
            answer.title,
            answer.parts.len(),
            rate * megabytes,
        );
    }
}

/// How many times a second an answer is read.
fn rate(answer: &Answer) -> f64 {
    let mut rates: Vec<f64> = (0..SPANS).map(|_| rate_in_span(answer)).collect();
    rates.sort_by(f64::total_cmp);
    rates[SPANS / 2]
}

fn rate_in_span(answer: &Answer) -> f64 {
    let begun = Instant::now();
    let mut count = 0.0;
    while begun.elapsed() < SPAN {
        std::hint::black_box(answer.read());
        count += 1.0;
    }
    count / begun.elapsed().as_secs_f64()
}

fn figure(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}
