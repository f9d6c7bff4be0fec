//! A network as GraphML (<http://graphml.graphdrawing.org/>), for Gephi, NetworkX and others: undirected, with typed
//! attributes.

use std::fmt::{Display, Formatter, Write as _};
use std::io::{self, Write};

use super::network::Network;

/// Writes a network. The ids of nodes are their codes.
///
/// # Errors
/// Errors of the writer.
pub fn write_graphml(network: &Network, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(
        br#"<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">
  <key id="label" for="node" attr.name="label" attr.type="string"/>
  <key id="node-projects" for="node" attr.name="projects" attr.type="int"/>
  <key id="edge-projects" for="edge" attr.name="projects" attr.type="int"/>
  <graph id="network" edgedefault="undirected">
"#,
    )?;
    for node in &network.nodes {
        writeln!(
            out,
            r#"    <node id="{}"><data key="label">{}</data><data key="node-projects">{}</data></node>"#,
            Escaped(&node.code),
            Escaped(&node.label),
            node.projects
        )?;
    }
    for edge in &network.edges {
        writeln!(
            out,
            r#"    <edge source="{}" target="{}"><data key="edge-projects">{}</data></edge>"#,
            Escaped(&edge.a),
            Escaped(&edge.b),
            edge.projects
        )?;
    }
    out.write_all(b"  </graph>\n</graphml>\n")
}

/// A text within XML 1.0, in content and between double quotes; a character that XML cannot hold becomes U+FFFD.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // Within an attribute a parser would make spaces of them.
                '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(c))?,
                '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => f.write_char('\u{FFFD}')?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_means_otherwise_is_escaped() {
        let text = Escaped("a<b> & \"c\"\n\u{FFFF}\u{1}é").to_string();
        assert_eq!(text, "a&lt;b&gt; &amp; &quot;c&quot;&#10;\u{FFFD}\u{FFFD}é");
    }
}
