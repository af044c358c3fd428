//! The fenced blocks of Markdown, with what is needed to run them: words of the fence, heading, line.

/// A fenced block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The words after the fence: `mu`, `check`, `with`, `digits`.
    pub words: Vec<String>,
    pub text: String,
    /// The line of the fence, from 1.
    pub line: usize,
    /// How many headings stand before it, so that equal numbers mean the same section.
    pub section: usize,
    /// The nearest heading of the second level, without its marks.
    pub heading: String,
}

impl Block {
    /// The word after `word`.
    pub fn value(&self, word: &str) -> Option<&str> {
        let at = self.words.iter().position(|w| w == word)?;
        self.words.get(at + 1).map(String::as_str)
    }
}

/// The blocks of a Markdown text in its order.
pub fn of_markdown(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let (mut section, mut heading) = (0, String::new());
    let mut open: Option<(String, Block)> = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let fence: String = trimmed.chars().take_while(|c| *c == '`').collect();
        match &mut open {
            Some((opening, block)) => match trimmed.trim_end() == opening {
                true => blocks.extend(open.take().map(|(_, block)| block)),
                false => block.text.push_str(&format!("{line}\n")),
            },
            None if fence.len() >= 3 => {
                let words = trimmed[fence.len()..].split_whitespace().map(str::to_owned).collect();
                let block = Block { words, text: String::new(), line: index + 1, section, heading: heading.clone() };
                open = Some((fence, block));
            }
            None if line.starts_with('#') => {
                section += 1;
                if let Some(title) = line.strip_prefix("## ") {
                    heading = title.trim().to_owned();
                }
            }
            None => {}
        }
    }
    assert!(open.is_none(), "the block in line {} is not closed", open.map_or(0, |(_, block)| block.line));
    blocks
}

/// The blocks in the doc comments of a `.mu` file. Every comment is a section of its own.
pub fn of_doc_comments(source: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut markdown = String::new();
    let mut section = 0;
    // Lines that are no comment become headings: they end a section and keep the count of lines.
    for line in source.lines() {
        let line = line.trim_start();
        match line.strip_prefix("///").or(line.strip_prefix("//!")) {
            Some(text) => markdown.push_str(text.strip_prefix(' ').unwrap_or(text)),
            None => {
                section += 1;
                markdown.push_str(&format!("# {section}"));
            }
        }
        markdown.push('\n');
    }
    blocks.extend(of_markdown(&markdown));
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_words_lines_and_headings() {
        let blocks =
            of_markdown("# T\n\n## Wrong\n```mu with digits\na\n```\n````md\n```mu\n````\n## Right\n```mu\n```\n");
        let shown: Vec<_> = blocks.iter().map(|b| (b.words.join(" "), b.line, b.heading.as_str())).collect();
        assert_eq!(
            shown,
            [("mu with digits".to_owned(), 4, "Wrong"), ("md".to_owned(), 7, "Wrong"), ("mu".to_owned(), 11, "Right")]
        );
        assert_eq!(blocks[0].text, "a\n");
        assert_eq!(blocks[0].value("with"), Some("digits"));
        assert!(blocks[0].section == blocks[1].section && blocks[1].section < blocks[2].section);
    }

    #[test]
    fn doc_comments_hold_blocks() {
        let blocks = of_doc_comments("/// Text.\n/// ```mu check\n/// fn f() -> i64 { 1 }\n/// ```\nbuiltin fn x\n");
        assert_eq!(blocks.len(), 1);
        assert_eq!((blocks[0].text.as_str(), blocks[0].line), ("fn f() -> i64 { 1 }\n", 2));
    }
}
