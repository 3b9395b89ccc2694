//! Fits a fresh RoBERTa head to hidden states at random: the loss before and after some steps of gradient descent.
//!
//! Run: `cargo run -p mtlift-heads --example fit`

use mtlift_heads::{Form, Head, HeadCache, HeadInput, Targets, loss};
use mtlift_nn::random::Stream;
use mtlift_nn::{Buffer, Layout, Store, check, draw_normal};

const HIDDEN: usize = 32;
const LABELS: usize = 3;

#[expect(clippy::print_stdout, reason = "an example prints its results")]
fn main() {
    let mut layout = Layout::default();
    let head = Head::new(&mut layout, Form::ROBERTA, HIDDEN, LABELS, 0.1);
    let mut params: Store<f32> = layout.zeros();
    for entry in layout.entries().iter().filter(|entry| entry.decays) {
        draw_normal(&mut params.values_mut()[entry.range.clone()], 0.02, Stream::new(42, &entry.name));
    }

    // Six sequences of two tokens; a head reads the first of each.
    let hidden = check::random("hidden", &[12, HIDDEN]).mapv(|x| x as f32);
    let offsets: Vec<usize> = (0..=6).map(|b| 2 * b).collect();
    let labels = [0, 1, 2, 0, 1, 2];
    let input =
        HeadInput { hidden: hidden.view(), offsets: &offsets, sequences: &[0, 1, 2, 3, 4, 5], dropout: None };

    let (mut cache, mut grads) = (HeadCache::default(), layout.gradients());
    let mut dhidden = Buffer::new();
    dhidden.shape(12, HIDDEN);
    for step in 0..=50 {
        head.forward(&params, input, &mut cache);
        let total = loss(&mut cache, Targets::Classes(&labels), 1.0 / labels.len() as f64, 0.0);
        if step % 10 == 0 {
            println!("step {step}: mean loss {:.4}", total / labels.len() as f64);
        }
        head.backward(&params, input, &mut cache, &mut dhidden, &mut grads);
        let values = params.values_mut().iter_mut();
        values.zip(grads.store().values()).for_each(|(value, gradient)| *value -= 0.5 * gradient);
        grads.clear();
    }
}
