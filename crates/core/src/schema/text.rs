//! Text that came from strangers, made fit to be kept and shown.

use scraper::{ElementRef, Html, Node};

use super::{TEXT_BUDGET, affordable};

/// Trims a text and makes each run of white space one space.
pub fn collapse(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

/// At most `max` characters of a text; a cut is shown by an ellipsis that counts as one of them.
pub fn truncate(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// The readable text of an HTML fragment: tags gone, entities decoded once, scripts and styles left out, white space
/// collapsed. Plain text passes unchanged but for its white space; what follows markup nested beyond all reason is left
/// out.
pub fn plain_text(html: &str) -> String {
    if !html.contains(['<', '&']) {
        return collapse(html);
    }
    text_of(Html::parse_fragment(affordable(html, TEXT_BUDGET)).root_element())
}

/// The readable text of an element, as [`plain_text`] reads it.
pub(crate) fn text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for node in element.descendants() {
        let parent = node.parent().and_then(|parent| parent.value().as_element());
        // A block or a break parts words that the markup does not part by white space.
        let before = node.prev_sibling().and_then(|before| before.value().as_element());
        if [node.value().as_element(), before].into_iter().flatten().any(|element| !is_inline(element.name())) {
            text.push(' ');
        }
        if let Node::Text(piece) = node.value()
            && !parent.is_some_and(|parent| matches!(parent.name(), "script" | "style"))
        {
            text.push_str(piece);
        }
    }
    collapse(&text)
}

fn is_inline(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "abbr" | "b" | "code" | "em" | "i" | "mark" | "small" | "span" | "strong" | "sub" | "sup" | "u" | "var"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_readable_text() {
        for (html, text) in [
            ("  two\n words ", "two words"),
            ("<p>One.</p><p>Two.<br>Three.</p>", "One. Two. Three."),
            ("<div>One.</div>Two.<ul><li>Three.</li></ul>", "One. Two. Three."),
            ("Jan <var data-var='date'> 8</var>, 2020", "Jan 8, 2020"),
            ("a &amp;lt; b &amp; c", "a &lt; b & c"),
            ("<script>alert(1)</script><style>p{}</style>safe", "safe"),
            ("bro<b>ken</b", "broken"),
        ] {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }

    #[test]
    fn markup_nested_beyond_all_reason_is_read_up_to_there() {
        assert_eq!(plain_text(&format!("before{}after", "<div>".repeat(100_000))), "before");
        assert_eq!(plain_text(&format!("before{}after", "<b>".repeat(300))), "beforeafter");
    }

    #[test]
    fn a_cut_keeps_whole_characters_and_shows_itself() {
        assert_eq!(truncate("grüße", 5), "grüße");
        assert_eq!(truncate("grüße", 4), "grü…");
        assert_eq!(truncate("ab cd", 4), "ab…");
    }
}
