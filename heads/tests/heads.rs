//! Every family's head: its gradients against differences, its logits against plain loops, and what it must not touch.

use mtlift_heads::{Form, Head, HeadCache, HeadInput, Targets, loss};
use mtlift_nn::check::{self, Problem};
use mtlift_nn::random::Stream;
use mtlift_nn::{Buffer, DropoutStep, Layout, Role, Store};
use ndarray::Array2;

/// Five sequences of 3, 1, 2, 4 and 1 tokens, of which some are the head's.
const OFFSETS: [usize; 6] = [0, 3, 4, 6, 10, 11];
const TOKENS: usize = 11;
const OWN: [usize; 3] = [4, 0, 3];
const KEYS: [u64; 5] = [7, 1, 9, 2, 4];

fn step() -> DropoutStep<'static> {
    DropoutStep::new(Stream::new(1, "dropout"), 6, &KEYS)
}

fn input<'a, F>(hidden: &'a Array2<F>, dropout: Option<DropoutStep<'a>>) -> HeadInput<'a, F> {
    HeadInput { hidden: hidden.view(), offsets: &OFFSETS, sequences: &OWN, dropout }
}

fn head(form: Form, hidden: usize, labels: usize, dropout: f64) -> (Layout, Head) {
    let mut layout = Layout::default();
    let head = Head::new(&mut layout, form, hidden, labels, dropout);
    (layout, head)
}

#[test]
fn gradients() {
    for &form in Form::ALL {
        for (hidden, labels, rate) in [(1, 1, 0.0), (5, 3, 0.4), (8, 2, 0.1)] {
            let (layout, head) = head(form, hidden, labels, rate);
            Problem::random(&layout, &[TOKENS, hidden], &[OWN.len(), labels]).check(
                |params, x, mut y| {
                    let mut cache = HeadCache::default();
                    head.forward(params, input(x, Some(step())), &mut cache);
                    y.assign(&cache.logits());
                },
                |params, x, dy, mut dx, grads| {
                    let (mut cache, mut dhidden) = (HeadCache::default(), Buffer::new());
                    head.forward(params, input(x, Some(step())), &mut cache);
                    cache.logits_and_gradient().1.assign(dy);
                    dhidden.shape(TOKENS, hidden).slice_mut().fill(0.0);
                    head.backward(params, input(x, Some(step())), &mut cache, &mut dhidden, grads);
                    dx.assign(&dhidden.view());
                },
            );
        }
    }
}

/// The plain twin, without dropout: `V·f(W·x + b) + c` of each own sequence's first token.
#[test]
fn logits_equal_the_plain_twin() {
    let (hidden, labels) = (6, 3);
    for &form in Form::ALL {
        let (layout, head) = head(form, hidden, labels, 0.3);
        let params = check::random_store::<f64>(&layout, "params");
        let x = check::random("hidden", &[TOKENS, hidden]);
        let mut cache = HeadCache::default();
        head.forward(&params, input(&x, None), &mut cache);
        let values = |name: &str, part: &str| {
            let entry = layout.find(&format!("{name}.{part}")).unwrap();
            &params.values()[entry.range.clone()]
        };
        for (row, &sequence) in OWN.iter().enumerate() {
            let first = x.row(OFFSETS[sequence]);
            let (w, b) = (values(form.dense, "weight"), values(form.dense, "bias"));
            let dense: Vec<f64> = (0..hidden)
                .map(|i| (0..hidden).map(|j| w[i * hidden + j] * first[j]).sum::<f64>() + b[i])
                .collect();
            let mut active = vec![0.0; hidden];
            form.activation.forward(&dense, &mut active);
            let (v, c) = (values(form.projection, "weight"), values(form.projection, "bias"));
            for label in 0..labels {
                let want = (0..hidden).map(|i| v[label * hidden + i] * active[i]).sum::<f64>() + c[label];
                assert!((cache.logits()[[row, label]] - want).abs() < 1e-12, "{form:?}");
            }
        }
    }
}

/// What of a checkpoint a head is put on is asked of its parameters' roles.
#[test]
fn parameters_say_which_part_of_which_head_they_are() {
    let roles = |form| -> Vec<Role> {
        let mut layout = Layout::default();
        layout.vector("encoder", 1);
        Head::placed(&mut layout, 2, "", form, 4, 3, 0.0);
        layout.vector("encoder.again", 1);
        layout.entries().iter().map(|entry| entry.role).collect()
    };
    let of = |dense| [Role::Encoder, dense, dense, Role::Projection(2), Role::Projection(2), Role::Encoder];
    for &form in Form::ALL {
        let dense = if form.pools { Role::Pooler(2) } else { Role::Hidden(2) };
        assert_eq!(roles(form), of(dense));
    }
}

#[test]
fn a_form_is_found_by_its_name() {
    for form in Form::ALL {
        assert_eq!(Form::of(form.name), Some(*form));
    }
    assert_eq!(Form::of("gpt2"), None);
}

/// The names and shapes of transformers' heads.
#[test]
fn parameters_are_those_of_transformers() {
    let names = |form, prefix: &str| -> Vec<String> {
        let mut layout = Layout::default();
        Head::placed(&mut layout, 1, prefix, form, 4, 3, 0.0);
        layout.entries().iter().map(|entry| format!("{} {:?}", entry.name, entry.shape)).collect()
    };
    assert_eq!(
        names(Form::BERT, ""),
        [
            "bert.pooler.dense.weight [4, 4]",
            "bert.pooler.dense.bias [4]",
            "classifier.weight [3, 4]",
            "classifier.bias [3]"
        ]
    );
    assert_eq!(
        names(Form::DISTILBERT, ""),
        [
            "pre_classifier.weight [4, 4]",
            "pre_classifier.bias [4]",
            "classifier.weight [3, 4]",
            "classifier.bias [3]"
        ]
    );
    for form in [Form::ROBERTA, Form::ELECTRA] {
        assert_eq!(
            names(form, "task.1."),
            [
                "task.1.classifier.dense.weight [4, 4]",
                "task.1.classifier.dense.bias [4]",
                "task.1.classifier.out_proj.weight [3, 4]",
                "task.1.classifier.out_proj.bias [3]"
            ]
        );
    }
}

#[test]
fn only_first_tokens_of_own_sequences_have_a_gradient_and_it_is_added() {
    let (layout, head) = head(Form::BERT, 4, 2, 0.0);
    let params: Store<f32> = check::random_store(&layout, "params");
    let x = check::random("hidden", &[TOKENS, 4]).mapv(|x| x as f32);
    let (mut cache, mut dhidden, mut grads) = (HeadCache::default(), Buffer::new(), layout.gradients());
    head.forward(&params, input(&x, None), &mut cache);
    loss(&mut cache, Targets::Classes(&[0, 1, 1]), 1.0, 0.0);
    dhidden.shape(TOKENS, 4).slice_mut().fill(8.0);
    head.backward(&params, input(&x, None), &mut cache, &mut dhidden, &mut grads);
    let touched: Vec<usize> =
        (0..TOKENS).filter(|&token| dhidden.view().row(token).iter().any(|&d| d != 8.0)).collect();
    assert_eq!(touched, [OFFSETS[0], OFFSETS[3], OFFSETS[4]]);
}

/// `torch.nn.functional.cross_entropy` and `mse_loss` with `reduction="sum"`, by hand: ln 2 and ln(1 + e⁻²); 0.25 + 4.
#[test]
fn losses_are_sums_and_their_gradients_are_weighted() {
    let run = |labels: usize, bias: &[f32], targets: Targets<'_>| {
        let (layout, head) = head(Form::DISTILBERT, 2, labels, 0.0);
        let mut params: Store<f32> = layout.zeros();
        let entry = layout.find("classifier.bias").unwrap();
        params.values_mut()[entry.range.clone()].copy_from_slice(bias);
        let (hidden, mut cache) = (Array2::zeros((TOKENS, 2)), HeadCache::default());
        let input = HeadInput { hidden: hidden.view(), offsets: &OFFSETS, sequences: &[1, 2], dropout: None };
        head.forward(&params, input, &mut cache);
        let loss = loss(&mut cache, targets, 0.5, 0.0);
        (loss, cache.logits_and_gradient().1.to_owned())
    };
    let (total, gradient) = run(2, &[1.0, -1.0], Targets::Classes(&[0, 1]));
    let (right, wrong) = ((1.0 + (-2f64).exp()).ln(), (1.0 + 2f64.exp()).ln());
    assert!((total - (right + wrong)).abs() < 1e-12, "{total}");
    let p = 1.0 / (1.0 + (-2f64).exp());
    for (got, want) in gradient.iter().zip([p - 1.0, 1.0 - p, p, -p]) {
        assert!((f64::from(*got) - 0.5 * want).abs() < 1e-7, "{gradient}");
    }
    let (total, gradient) = run(1, &[1.5], Targets::Values(&[1.0, -0.5]));
    assert_eq!((total, gradient.into_raw_vec_and_offset().0), (4.25, vec![0.5, 2.0]));
}

#[test]
#[should_panic(expected = "cross_entropy: shapes")]
fn as_many_targets_as_rows() {
    let (layout, head) = head(Form::BERT, 2, 2, 0.0);
    let (hidden, mut cache) = (Array2::<f32>::zeros((TOKENS, 2)), HeadCache::default());
    head.forward(&layout.zeros(), input(&hidden, None), &mut cache);
    loss(&mut cache, Targets::Classes(&[0]), 1.0, 0.0);
}
