//! Every family's head for masked-language modelling: its gradients against differences, its logits against plain loops.

use mtlift_heads::{MaskedCache, MaskedForm, MaskedHead};
use mtlift_nn::check::{self, Problem};
use mtlift_nn::{Activation, Buffer, Embedding, Layout};

const TOKENS: usize = 9;
const VOCABULARY: usize = 7;
/// A place may not come twice; their order is free.
const PLACES: [usize; 4] = [6, 0, 2, 8];

fn head(form: MaskedForm, hidden: usize, width: usize) -> (Layout, MaskedHead) {
    let mut layout = Layout::default();
    let words = Embedding::new(&mut layout, "words", VOCABULARY, width);
    let head = MaskedHead::new(&mut layout, 0, form, hidden, words.table(), Activation::Silu, 1e-12);
    (layout, head)
}

#[test]
fn gradients() {
    for &form in MaskedForm::ALL {
        for (hidden, width) in [(2, 2), (5, 3), (4, 16)] {
            let (layout, head) = head(form, hidden, width);
            Problem::random(&layout, &[TOKENS, hidden], &[PLACES.len(), VOCABULARY]).check(
                |params, x, mut y| {
                    let mut cache = MaskedCache::default();
                    head.forward(params, x.view(), &PLACES, &mut cache);
                    y.assign(&cache.logits());
                },
                |params, x, dy, mut dx, grads| {
                    let (mut cache, mut dhidden) = (MaskedCache::default(), Buffer::new());
                    head.forward(params, x.view(), &PLACES, &mut cache);
                    cache.dlogits_mut().assign(dy);
                    dhidden.shape(TOKENS, hidden).slice_mut().fill(0.0);
                    head.backward(params, &PLACES, &mut cache, &mut dhidden, grads);
                    dx.assign(&dhidden.view());
                },
            );
        }
    }
}

/// The plain twin: `E·norm(f(W·x + b)) + c` at each place.
#[test]
fn logits_equal_the_plain_twin() {
    let (hidden, width) = (6, 4);
    for &form in MaskedForm::ALL {
        let (layout, head) = head(form, hidden, width);
        let params = check::random_store::<f64>(&layout, "params");
        let x = check::random("hidden", &[TOKENS, hidden]);
        let mut cache = MaskedCache::default();
        head.forward(&params, x.view(), &PLACES, &mut cache);
        let values = |name: String| &params.values()[layout.find(&name).unwrap().range.clone()];
        let of = |name: &str, part: &str| values(format!("{name}.{part}"));
        let (w, b, words, c) = (
            of(form.dense, "weight"),
            of(form.dense, "bias"),
            of("words", "weight"),
            values(form.bias.to_owned()),
        );
        let (scale, shift) = (of(form.norm, "weight"), of(form.norm, "bias"));
        for (row, &place) in PLACES.iter().enumerate() {
            let dense: Vec<f64> = (0..width)
                .map(|i| (0..hidden).map(|j| w[i * hidden + j] * x[[place, j]]).sum::<f64>() + b[i])
                .collect();
            let mut active = vec![0.0; width];
            form.activation.unwrap_or(Activation::Silu).forward(&dense, &mut active);
            let mean = active.iter().sum::<f64>() / width as f64;
            let variance = active.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / width as f64;
            let normal = |i: usize| (active[i] - mean) / (variance + 1e-12).sqrt() * scale[i] + shift[i];
            for token in 0..VOCABULARY {
                let want = (0..width).map(|i| words[token * width + i] * normal(i)).sum::<f64>() + c[token];
                assert!((cache.logits()[[row, token]] - want).abs() < 1e-10, "{form:?}");
            }
        }
    }
}

#[test]
fn a_hit_is_a_logit_above_all_others() {
    let (layout, head) = head(MaskedForm::BERT, 2, 2);
    let mut params = layout.zeros::<f64>();
    let mut cache = MaskedCache::default();
    let hidden = check::random("hidden", &[TOKENS, 2]);
    head.forward(&params, hidden.view(), &PLACES, &mut cache);
    assert_eq!(cache.hits(&[0, 1, 2, 3]), 0, "all logits are equal");
    let bias = layout.find(MaskedForm::BERT.bias).unwrap().range.clone();
    params.values_mut()[bias.start + 3] = 1.0;
    head.forward(&params, hidden.view(), &PLACES, &mut cache);
    assert_eq!(cache.hits(&[0, 3, 3, 1]), 2);
    let uniform = (6.0 + 1f64.exp()).ln();
    assert!((cache.loss(&[0, 3, 3, 1], 1.0) - (4.0 * uniform - 2.0)).abs() < 1e-12);
}
