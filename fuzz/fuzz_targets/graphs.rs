//! ONNX files, as far as they are read and rewritten here.
#![no_main]

use atelier::runtime::fuzzing::read_graph;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| read_graph(file));
