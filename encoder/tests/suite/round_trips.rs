//! What is saved is loaded again to the bit, and the small floating-point types are read as others read them.

use std::fs;
use std::path::Path;

use half::{bf16, f16};
use mtlift_encoder::{Checkpoint, Want, save};
use mtlift_files::TensorFile;
use mtlift_nn::{Layout, Store};
use proptest::prelude::*;
use safetensors::SafeTensors;

use crate::files::{directory, write_raw};

/// Layouts of up to 8 parameters with odd names and up to 64 values each, none included.
fn any_layout() -> impl Strategy<Value = Layout> {
    let parameter = (0..9_usize, 0..9_usize, any::<bool>());
    let parameters = prop::collection::btree_map("[a-zA-Z0-9_.é\"\\\\ ]{1,12}", parameter, 0..8);
    parameters.prop_map(|parameters| {
        let mut layout = Layout::default();
        for (name, (rows, columns, vector)) in parameters {
            match vector {
                true => drop(layout.vector(name, rows)),
                false => drop(layout.matrix(name, rows, columns)),
            }
        }
        layout
    })
}

/// A layout and the bits of its values: any that are finite.
fn any_store() -> impl Strategy<Value = (Layout, Vec<u32>)> {
    let finite = |bits: u32| if f32::from_bits(bits).is_finite() { bits } else { bits & !(1 << 30) };
    any_layout().prop_flat_map(move |layout| {
        let len = layout.len();
        (Just(layout), prop::collection::vec(any::<u32>().prop_map(finite), len))
    })
}

fn store(layout: &Layout, bits: &[u32]) -> Store<f32> {
    let mut store = layout.zeros();
    store.values_mut().iter_mut().zip(bits).for_each(|(value, &bits)| *value = f32::from_bits(bits));
    store
}

fn bits(store: &Store<f32>) -> Vec<u32> {
    store.values().iter().map(|value| value.to_bits()).collect()
}

/// Writes one tensor of two-byte values called `x`.
fn write_halves(path: &Path, dtype: &str, bits: &[u16]) {
    let header = format!(
        r#"{{"x":{{"dtype":"{dtype}","shape":[{}],"data_offsets":[0,{}]}}}}"#,
        bits.len(),
        2 * bits.len()
    );
    write_raw(path, &header, &bits.iter().flat_map(|bits| bits.to_le_bytes()).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn what_is_saved_is_loaded((layout, values) in any_store()) {
        let directory = directory();
        save(directory.path(), &layout, &store(&layout, &values)).unwrap();
        let mut loaded = layout.zeros();
        let checkpoint = Checkpoint::open(directory.path()).unwrap();
        let report = checkpoint.load("bert", &layout, &mut loaded, |_| Want::Required).unwrap();
        prop_assert_eq!(bits(&loaded), values);
        prop_assert_eq!(report.applied.len(), layout.entries().len());
        prop_assert!(report.unused.is_empty());
    }

    /// The file is what the safetensors crate takes for one, with the mark that transformers asks for.
    #[test]
    fn what_is_saved_is_a_safetensors_file((layout, values) in any_store()) {
        let directory = directory();
        save(directory.path(), &layout, &store(&layout, &values)).unwrap();
        let bytes = fs::read(directory.path().join("model.safetensors")).unwrap();
        let (length, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        prop_assert!(length.is_multiple_of(8));
        prop_assert_eq!(&metadata.metadata().as_ref().unwrap()["format"], "pt");
        let file = SafeTensors::deserialize(&bytes).unwrap();
        prop_assert_eq!(file.len(), layout.entries().len());
        for entry in layout.entries() {
            let tensor = file.tensor(&entry.name).unwrap();
            prop_assert_eq!((tensor.dtype(), tensor.shape()), (safetensors::Dtype::F32, entry.shape.as_slice()));
            let expected: Vec<_> = values[entry.range.clone()].iter().flat_map(|bits| bits.to_le_bytes()).collect();
            prop_assert_eq!(tensor.data(), expected);
        }
    }
}

/// Every value of both types, and so more than one buffer of each.
#[test]
fn half_precision_is_read_as_the_half_crate_reads_it() {
    let all: Vec<u16> = (0..=u16::MAX).chain(0..99).collect();
    let directory = directory();
    let path = directory.path().join("halves.safetensors");
    for dtype in ["F16", "BF16"] {
        write_halves(&path, dtype, &all);
        let (shape, values) = TensorFile::open(&path).unwrap().f32("x").unwrap();
        assert_eq!(shape, [all.len()]);
        for (&bits, value) in all.iter().zip(values) {
            let expected = match dtype {
                "F16" => f16::from_bits(bits).to_f32(),
                _ => bf16::from_bits(bits).to_f32(),
            };
            assert_eq!(value.to_bits(), expected.to_bits(), "{dtype} {bits:#06x}");
        }
    }
}

/// `tests/golden/halves.py` says how PyTorch made this file.
#[test]
fn half_precision_is_read_as_pytorch_reads_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/halves.safetensors");
    let file = TensorFile::open(&path).unwrap();
    assert_eq!(file.names().collect::<Vec<_>>(), ["bf16", "bf16.bits", "f16", "f16.bits"]);
    for name in ["f16", "bf16"] {
        let (shape, values) = file.f32(name).unwrap();
        let (expected_shape, bits) = file.i64(&format!("{name}.bits")).unwrap();
        assert_eq!((&shape, values.len()), (&expected_shape, bits.len()));
        for (value, expected) in values.iter().zip(bits) {
            assert_eq!(i64::from(value.to_bits()), expected, "{name}: {value}");
        }
    }
}
