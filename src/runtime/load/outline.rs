//! What a graph's file says of its operators and its weights, read without the weights themselves.
//!
//! A file may hold gigabytes, of which the nodes are a few thousandths. Weights are skipped, so that
//! looking takes milliseconds and no memory.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read, Seek};
use std::path::Path;

use crate::runtime::session::source::Source;

/// The most bytes that one node may have: those with weights inside are larger than any other.
const LARGEST_NODE: u64 = 64 << 20;
/// How deep graphs may lie in each other.
const DEEPEST: usize = 16;

/// A file's operators, and where its weights lie.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Outline {
    /// In the file's order, those inside of loops, branches and functions too.
    pub(in crate::runtime) nodes: Vec<Node>,
    /// Weights that lie in other files.
    pub(in crate::runtime) weights: Vec<Weights>,
    /// Operators that the file defines by itself, as domain and name.
    pub(in crate::runtime) functions: Vec<(String, String)>,
}

/// An operator of a graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::runtime) struct Node {
    pub(in crate::runtime) operator: String,
    /// Whose operator it is; empty for those of ONNX.
    pub(in crate::runtime) domain: String,
    /// Whether it lies inside of another node's graph or a function.
    pub(in crate::runtime) nested: bool,
    pub(in crate::runtime) inputs: Vec<String>,
}

/// A part of another file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::runtime) struct Weights {
    /// The file's name from the graph's folder.
    pub(in crate::runtime) file: String,
    /// Where the part ends in it, as far as the graph says.
    pub(in crate::runtime) end: u64,
}

impl Outline {
    /// Of what a graph is read from.
    pub(in crate::runtime) fn of(source: &Source) -> io::Result<Self> {
        match &source.rewritten {
            Some(model) => Self::of_bytes(model),
            None => Self::of_file(&source.path),
        }
    }

    /// Of a file.
    pub(in crate::runtime) fn of_file(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let end = file.metadata()?.len();
        Self::read(BufReader::new(file), end)
    }

    /// Of a graph in memory.
    pub(in crate::runtime) fn of_bytes(model: &[u8]) -> io::Result<Self> {
        Self::read(Cursor::new(model), model.len() as u64)
    }

    fn read(file: impl BufRead + Seek, end: u64) -> io::Result<Self> {
        let mut outline = Self::default();
        let mut reader = Reader { file, at: 0 };
        outline.model(&mut reader, end)?;
        Ok(outline)
    }

    /// Whether it has an operator of this name.
    pub(in crate::runtime) fn has(&self, operator: &str) -> bool {
        self.nodes.iter().any(|node| node.operator == operator)
    }

    /// Whether the graph has loops, whose turns a row may decide, so that one row can take any time
    /// though others were quick.
    pub(in crate::runtime) fn has_loops(&self) -> bool {
        let mut nodes = self.nodes.iter();
        nodes.any(|node| matches!(&*node.operator, "Loop" | "Scan"))
    }

    /// The names of operators that draw random numbers, each once.
    pub(in crate::runtime) fn random(&self) -> Vec<String> {
        let mut random = Vec::new();
        for node in &self.nodes {
            let name = &node.operator;
            let draws = match &**name {
                "RandomNormal" | "RandomNormalLike" | "RandomUniform" | "RandomUniformLike"
                | "Multinomial" | "Bernoulli" => true,
                // Its third input says that it is in training; without one it passes all through.
                "Dropout" => node.inputs.get(2).is_some_and(|mode| !mode.is_empty()),
                _ => false,
            };
            if draws && !random.contains(name) {
                random.push(name.clone());
            }
        }
        random
    }

    fn model(&mut self, reader: &mut Reader<impl BufRead + Seek>, end: u64) -> io::Result<()> {
        const GRAPH: u64 = 7;
        const FUNCTION: u64 = 25;
        while let Some((number, length)) = reader.field(end)? {
            match number {
                GRAPH => self.graph(reader, length, 0)?,
                FUNCTION => self.function(reader, length)?,
                _ => reader.skip(length)?,
            }
        }
        Ok(())
    }

    fn graph(
        &mut self,
        reader: &mut Reader<impl BufRead + Seek>,
        length: u64,
        depth: usize,
    ) -> io::Result<()> {
        const NODE: u64 = 1;
        const INITIALIZER: u64 = 5;
        let end = reader.within(length);
        while let Some((number, length)) = reader.field(end)? {
            match number {
                NODE => self.node(reader, length, depth)?,
                INITIALIZER => self.tensor(reader, length)?,
                _ => reader.skip(length)?,
            }
        }
        Ok(())
    }

    fn function(
        &mut self,
        reader: &mut Reader<impl BufRead + Seek>,
        length: u64,
    ) -> io::Result<()> {
        const NAME: u64 = 1;
        const NODE: u64 = 7;
        const DOMAIN: u64 = 10;
        let end = reader.within(length);
        let (mut name, mut domain) = (String::new(), String::new());
        while let Some((number, length)) = reader.field(end)? {
            match number {
                NAME => name = reader.text(length)?,
                DOMAIN => domain = reader.text(length)?,
                NODE => self.node(reader, length, 1)?,
                _ => reader.skip(length)?,
            }
        }
        self.functions.push((domain, name));
        Ok(())
    }

    fn node(
        &mut self,
        reader: &mut Reader<impl BufRead + Seek>,
        length: u64,
        depth: usize,
    ) -> io::Result<()> {
        const INPUT: u64 = 1;
        const OPERATOR: u64 = 4;
        const ATTRIBUTE: u64 = 5;
        const DOMAIN: u64 = 7;
        let end = reader.within(length);
        let mut node = Node {
            nested: depth > 0,
            ..Node::default()
        };
        while let Some((number, length)) = reader.field(end)? {
            match number {
                INPUT => node.inputs.push(reader.text(length)?),
                OPERATOR => node.operator = reader.text(length)?,
                DOMAIN => node.domain = reader.text(length)?,
                ATTRIBUTE if depth < DEEPEST => self.attribute(reader, length, depth)?,
                _ => reader.skip(length)?,
            }
        }
        self.nodes.push(node);
        Ok(())
    }

    /// The graphs that an attribute holds.
    fn attribute(
        &mut self,
        reader: &mut Reader<impl BufRead + Seek>,
        length: u64,
        depth: usize,
    ) -> io::Result<()> {
        const GRAPH: u64 = 6;
        const GRAPHS: u64 = 11;
        let end = reader.within(length);
        while let Some((number, length)) = reader.field(end)? {
            match number {
                GRAPH | GRAPHS => self.graph(reader, length, depth + 1)?,
                _ => reader.skip(length)?,
            }
        }
        Ok(())
    }

    /// Where a tensor's numbers lie, if that is another file.
    fn tensor(&mut self, reader: &mut Reader<impl BufRead + Seek>, length: u64) -> io::Result<()> {
        const EXTERNAL: u64 = 13;
        let end = reader.within(length);
        let (mut file, mut offset, mut bytes) = (None, 0, 0);
        while let Some((number, length)) = reader.field(end)? {
            if number != EXTERNAL {
                reader.skip(length)?;
                continue;
            }
            let (key, value) = reader.entry(length)?;
            match &*key {
                "location" => file = Some(value),
                "offset" => offset = value.parse().unwrap_or(0),
                "length" => bytes = value.parse().unwrap_or(0),
                _ => {}
            }
        }
        let Some(file) = file else {
            return Ok(());
        };
        let end = u64::saturating_add(offset, bytes);
        match self.weights.iter_mut().find(|known| known.file == file) {
            Some(known) => known.end = known.end.max(end),
            None => self.weights.push(Weights { file, end }),
        }
        Ok(())
    }
}

/// Protocol buffers from a file, one field after the other.
struct Reader<F> {
    file: F,
    at: u64,
}

impl<F: BufRead + Seek> Reader<F> {
    /// Where a message of this length ends that begins here.
    fn within(&self, length: u64) -> u64 {
        self.at.saturating_add(length)
    }

    /// The number of the next field that has bytes in it, and how many; others are passed over.
    fn field(&mut self, end: u64) -> io::Result<Option<(u64, u64)>> {
        while self.at < end {
            let key = self.varint()?;
            match key & 7 {
                0 => {
                    self.varint()?;
                }
                1 => self.skip(8)?,
                5 => self.skip(4)?,
                2 => {
                    let length = self.varint()?;
                    if self.within(length) > end {
                        return Err(unreadable());
                    }
                    return Ok(Some((key >> 3, length)));
                }
                _ => return Err(unreadable()),
            }
        }
        Ok(None)
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let mut byte = [0];
            self.file.read_exact(&mut byte)?;
            self.at += 1;
            value |= u64::from(byte[0] & 0x7f) << shift;
            if byte[0] < 0x80 {
                return Ok(value);
            }
        }
        Err(unreadable())
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let length = i64::try_from(length).map_err(|_| unreadable())?;
        // Within the buffer where it can be: most fields are small.
        let buffered = self.file.fill_buf()?.len();
        match usize::try_from(length) {
            Ok(length) if length <= buffered => self.file.consume(length),
            _ => {
                self.file.seek_relative(length)?;
            }
        }
        self.at += length as u64;
        Ok(())
    }

    fn text(&mut self, length: u64) -> io::Result<String> {
        if length > LARGEST_NODE {
            return Err(unreadable());
        }
        let mut text = Vec::new();
        (&mut self.file).take(length).read_to_end(&mut text)?;
        self.at += length;
        String::from_utf8(text).map_err(|_| unreadable())
    }

    /// A key and its value.
    fn entry(&mut self, length: u64) -> io::Result<(String, String)> {
        let end = self.within(length);
        let (mut key, mut value) = (String::new(), String::new());
        while let Some((number, length)) = self.field(end)? {
            match number {
                1 => key = self.text(length)?,
                2 => value = self.text(length)?,
                _ => self.skip(length)?,
            }
        }
        Ok((key, value))
    }
}

fn unreadable() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "this is no ONNX graph")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(path: &str) -> io::Result<Outline> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        Outline::of_file(&root.join("tests/fixtures").join(path))
    }

    #[test]
    fn operators_and_loops_are_seen() {
        let gan = outline("graphs/gan.onnx").unwrap();
        let operators: Vec<&str> = gan.nodes.iter().map(|node| &*node.operator).collect();
        assert!(operators.contains(&"Tanh"), "{operators:?}");
        assert!(!gan.has_loops());
        let slow = outline("graphs/slow.onnx").unwrap();
        assert!(slow.has_loops());
        // What turns in the loop lies inside of it.
        assert!(slow.nodes.iter().any(|node| node.nested));
    }

    #[test]
    fn weights_in_other_files_are_named_with_where_they_end() {
        let outline = outline("models/gan-external/generator.onnx").unwrap();
        let [weights] = &outline.weights[..] else {
            panic!("{:?}", outline.weights);
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("tests/fixtures/models/gan-external");
        let file = folder.join(&weights.file).metadata().unwrap();
        assert!(weights.end > 0 && weights.end <= file.len());
    }

    #[test]
    fn what_is_no_graph_is_an_error_and_no_panic() {
        assert!(outline("make.py").is_err());
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let graph = std::fs::read(root.join("tests/fixtures/graphs/slow.onnx")).unwrap();
        for end in 0..graph.len() {
            // A file that ends between two fields is none to complain of.
            let _error_or_less = Outline::of_bytes(&graph[..end]);
        }
    }
}
