//! One block of the encoder: attention and feed-forward, each with its residual connection and normalisation after it.
//!
//! All families share it; names, and where dropout stands, are the family's.

use mtlift_nn::{
    Activation, Attention, AttentionCache, AttentionScratch, Buffer, Dropout, Gradients, Init, LayerNorm,
    LayerNormCache, Layout, Linear, Real, Spans, Store,
};
use ndarray::{ArrayView2, Axis, s};

use crate::first_tokens::{gather, scatter};
use crate::residual::Residual;
use crate::{Config, Family, Input, Tokens};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Query, key and value as one product.
    projections: Linear,
    attention: Attention,
    attention_output: Linear,
    attention_end: Residual,
    expand: Linear,
    activation: Activation,
    contract: Linear,
    feed_forward_end: Residual,
}

/// What backward needs beside the input. The activation's output is formed again from its input. `R` rows are `T`, or `B` where the
/// block was run for first tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockCache<F> {
    tokens: Tokens,
    /// `[B + 1]`: where a sequence's rows begin.
    row_offsets: Vec<usize>,
    /// `[B, H]`: the input's first tokens, where only they go on.
    first: Buffer<F>,
    /// `[T, 3H]`; of queries only the rows that ask.
    qkv: Buffer<F>,
    attention: AttentionCache<F>,
    /// `[R, H]`: what the heads gathered.
    context: Buffer<F>,
    /// `[R, H]`: before the first normalisation.
    attention_sum: Buffer<F>,
    attention_norm: LayerNormCache<F>,
    /// `[R, H]`: after it.
    middle: Buffer<F>,
    /// `[R, F]`: the activation's input; after backward, its output.
    expanded: Buffer<F>,
    /// `[R, H]`: before the second normalisation.
    feed_forward_sum: Buffer<F>,
    feed_forward_norm: LayerNormCache<F>,
    /// `[R, H]`: after it.
    end: Buffer<F>,
    /// `[T, H]`: the same in its places, where it is of first tokens.
    spread: Buffer<F>,
}

/// Working memory that all blocks share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Working<F> {
    scratch: AttentionScratch<F>,
    /// `[R, F]`: the activation's output, or its gradient; then `[T, 3H]`, the gradient of queries, keys and values.
    active: Buffer<F>,
    /// `[R, H]`: the gradient of a branch.
    pub(crate) dbranch: Buffer<F>,
    /// `[R, H]`
    dcontext: Buffer<F>,
    /// `[B, H]`: queries of first tokens.
    queries: Buffer<F>,
    /// `[B, H]`: the gradient of first tokens.
    dfirst: Buffer<F>,
    /// `[B, 3H]`: that of their queries, keys and values.
    dqkv_first: Buffer<F>,
}

impl<F: Real> BlockCache<F> {
    /// `[T, H]`: the block's output; of tokens that it was not run for zero.
    pub(crate) fn output(&self) -> &Buffer<F> {
        match self.tokens {
            Tokens::All => &self.end,
            Tokens::First => &self.spread,
        }
    }
}

/// Whether this is the name of a bias of keys.
pub(crate) fn is_key_bias(name: &str) -> bool {
    Family::ALL.iter().any(|family| name.ends_with(&format!("{}.bias", family.block.projections[1])))
}

impl Block {
    pub(crate) fn new(layout: &mut Layout, config: &Config, index: usize) -> Self {
        let family = config.family;
        let names = &family.block;
        let attention_output_dropout =
            if family.drops_attention_output { config.hidden_dropout } else { 0.0 };
        let (hidden, wide, eps) = (config.hidden, config.feed_forward, config.layer_norm_eps);
        let name = |part: &str| format!("{}.{}.layer.{index}.{part}", family.prefix(), family.stack);
        // Site 0 is the embeddings'; a block has one for each head and two more.
        let heads = config.heads as u32;
        let site = 1 + index as u32 * (heads + 2);
        let residual = |layout: &mut Layout, norm: &str, rate: f64, site: u32| Residual {
            norm: LayerNorm::new(layout, &name(norm), hidden, eps),
            dropout: Dropout::new(rate),
            site,
        };
        let dropout = Dropout::new(config.attention_dropout);
        let linear = |layout: &mut Layout, part: &str, inputs: usize, outputs: usize| {
            Linear::new(layout, &name(part), inputs, outputs).in_precision(config.precision)
        };
        Self {
            projections: Linear::stacked(layout, &names.projections.map(name), hidden, hidden)
                .in_precision(config.precision),
            attention: Attention::new(config.heads, hidden / config.heads, dropout, site)
                .in_precision(config.precision),
            attention_output: linear(layout, names.attention_output, hidden, hidden),
            attention_end: residual(layout, names.attention_norm, attention_output_dropout, site + heads),
            expand: linear(layout, names.expand, hidden, wide),
            activation: config.activation,
            contract: linear(layout, names.contract, wide, hidden),
            feed_forward_end: residual(
                layout,
                names.feed_forward_norm,
                config.hidden_dropout,
                site + heads + 1,
            ),
        }
    }

    /// Packs the weights as a block reads them that is run for these tokens.
    pub(crate) fn pack<F: Real>(self, tokens: Tokens, params: &mut Store<F>) {
        match tokens {
            Tokens::All => self.projections.pack(params),
            Tokens::First => {
                self.queries().pack(params);
                self.keys_and_values().pack(params);
            }
        }
        [self.attention_output, self.expand, self.contract]
            .into_iter()
            .for_each(|linear| linear.pack(params));
    }

    fn queries(self) -> Linear {
        self.projections.of_outputs(0..self.projections.inputs())
    }

    fn keys_and_values(self) -> Linear {
        self.projections.of_outputs(self.projections.inputs()..self.projections.outputs())
    }

    pub(crate) fn forward<F: Real>(
        self,
        params: &Store<F>,
        input: &Input<'_>,
        tokens: Tokens,
        x: ArrayView2<'_, F>,
        cache: &mut BlockCache<F>,
        working: &mut Working<F>,
    ) {
        let (rows, hidden) = x.dim();
        let (offsets, c) = (input.offsets, cache);
        c.tokens = tokens;
        c.row_offsets.clear();
        let qkv = c.qkv.shape(rows, 3 * hidden);
        match tokens {
            Tokens::All => {
                c.row_offsets.extend_from_slice(offsets);
                self.projections.forward(params, x, qkv.view_mut());
                self.forward_from_projections(params, input, x, c, working);
            }
            Tokens::First => {
                c.row_offsets.extend(0..offsets.len());
                gather(x, offsets, &mut c.first);
                let queries = working.queries.shape(input.sequences(), hidden);
                self.queries().forward(params, c.first.view(), queries.view_mut());
                let (q, kv) = qkv.view_mut().split_at(Axis(1), hidden);
                scatter(queries.view(), offsets, q);
                self.keys_and_values().forward(params, x, kv);

                let first = std::mem::take(&mut c.first);
                self.forward_from_projections(params, input, first.view(), c, working);
                c.first = first;
                let spread = c.spread.shape(rows, hidden);
                spread.slice_mut().fill(F::zero());
                scatter(c.end.view(), offsets, spread.view_mut());
            }
        }
    }

    /// What follows the projections of `x`, `[R, H]`.
    fn forward_from_projections<F: Real>(
        self,
        params: &Store<F>,
        input: &Input<'_>,
        x: ArrayView2<'_, F>,
        cache: &mut BlockCache<F>,
        working: &mut Working<F>,
    ) {
        let ((rows, hidden), c) = (x.dim(), cache);
        let (offsets, step) = (&c.row_offsets[..], input.dropout);
        self.attention.forward(
            c.qkv.view(),
            Spans { tokens: input.offsets, queries: offsets },
            step,
            &mut c.attention,
            &mut working.scratch,
            &mut c.context,
        );
        self.attention_output.forward(
            params,
            c.context.view(),
            c.attention_sum.shape(rows, hidden).view_mut(),
        );
        self.attention_end.forward(
            params,
            offsets,
            step,
            x,
            &mut c.attention_sum,
            &mut c.attention_norm,
            &mut c.middle,
        );

        let wide = self.expand.outputs();
        self.expand.forward(params, c.middle.view(), c.expanded.shape(rows, wide).view_mut());
        self.activation.forward(c.expanded.slice(), working.active.shape(rows, wide).slice_mut());
        self.contract.forward(
            params,
            working.active.view(),
            c.feed_forward_sum.shape(rows, hidden).view_mut(),
        );
        let x = c.middle.view();
        self.feed_forward_end.forward(
            params,
            offsets,
            step,
            x,
            &mut c.feed_forward_sum,
            &mut c.feed_forward_norm,
            &mut c.end,
        );
    }

    /// Calls `visit` with each linear layer and what the last `forward` on `x` gave it; several that act as one are one.
    ///
    /// # Panics
    /// If it was not run for all tokens.
    pub(crate) fn visit_linear_inputs<F: Real>(
        self,
        x: ArrayView2<'_, F>,
        cache: &BlockCache<F>,
        working: &mut Working<F>,
        visit: &mut impl FnMut(Linear, ArrayView2<'_, F>),
    ) {
        assert_eq!(cache.tokens, Tokens::All, "a block that is run for all tokens");
        visit(self.projections, x);
        visit(self.attention_output, cache.context.view());
        visit(self.expand, cache.middle.view());
        let (rows, wide) = cache.expanded.view().dim();
        let active = working.active.shape(rows, wide);
        self.activation.forward(cache.expanded.slice(), active.slice_mut());
        visit(self.contract, active.view());
    }

    /// Reads upwards what `forward` does. `d` is the gradient of the output and becomes that of `x`.
    pub(crate) fn backward<F: Real>(
        self,
        params: &Store<F>,
        input: &Input<'_>,
        x: ArrayView2<'_, F>,
        cache: &mut BlockCache<F>,
        working: &mut Working<F>,
        d: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        let (offsets, hidden) = (input.offsets, x.ncols());
        match cache.tokens {
            Tokens::All => {
                self.backward_to_projections(params, input, cache, working, d, grads);
                let dqkv = working.active.view();
                self.projections.backward_params(grads, x, dqkv);
                self.projections.backward_input(params, dqkv, Init::Accumulate, d.view_mut());
            }
            Tokens::First => {
                let mut dfirst = std::mem::take(&mut working.dfirst);
                gather(d.view(), offsets, &mut dfirst);
                self.backward_to_projections(params, input, cache, working, &mut dfirst, grads);
                let dqkv = working.active.view();
                gather(dqkv, offsets, &mut working.dqkv_first);
                let own = working.dqkv_first.view();
                self.projections.backward_input(params, own, Init::Accumulate, dfirst.view_mut());
                self.projections.backward_input_behind(params, hidden, dqkv, Init::Zero, d.view_mut());
                scatter(dfirst.view(), offsets, d.view_mut());
                working.dfirst = dfirst;

                let (dq, dkv) = (own.slice(s![.., ..hidden]), dqkv.slice(s![.., hidden..]));
                let places = (&offsets[..input.sequences()], x.nrows());
                self.queries().backward_params_of_rows(grads, cache.first.view(), dq, places);
                self.keys_and_values().backward_params(grads, x, dkv);
            }
        }
    }

    /// Down to the projections, whose gradient is left in `working`. `d`, `[R, H]`, becomes the gradient of what goes around attention.
    fn backward_to_projections<F: Real>(
        self,
        params: &Store<F>,
        input: &Input<'_>,
        cache: &mut BlockCache<F>,
        working: &mut Working<F>,
        d: &mut Buffer<F>,
        grads: &mut Gradients<F>,
    ) {
        let (rows, hidden) = d.view().dim();
        let (c, w) = (cache, working);
        let (offsets, step) = (&c.row_offsets[..], input.dropout);
        let spans = Spans { tokens: input.offsets, queries: offsets };
        // Other tokens than the first have no gradient behind attention.
        let places = (c.tokens == Tokens::First).then(|| (&input.offsets[..rows], input.ids.len()));
        let add = |grads: &mut Gradients<F>, linear: Linear, x: &Buffer<F>, dy: &Buffer<F>| match places {
            None => linear.backward_params(grads, x.view(), dy.view()),
            Some(places) => linear.backward_params_of_rows(grads, x.view(), dy.view(), places),
        };
        let end = self.feed_forward_end;
        end.backward(
            params,
            offsets,
            step,
            &c.feed_forward_sum,
            &mut c.feed_forward_norm,
            d,
            &mut w.dbranch,
            grads,
        );
        let dactive = w.active.shape(rows, self.expand.outputs());
        self.contract.backward_input(params, w.dbranch.view(), Init::Zero, dactive.view_mut());
        self.activation.backward(c.expanded.slice_mut(), dactive.slice_mut());
        add(grads, self.contract, &c.expanded, &w.dbranch);
        add(grads, self.expand, &c.middle, dactive);
        self.expand.backward_input(params, dactive.view(), Init::Accumulate, d.view_mut());

        let end = self.attention_end;
        end.backward(
            params,
            offsets,
            step,
            &c.attention_sum,
            &mut c.attention_norm,
            d,
            &mut w.dbranch,
            grads,
        );
        add(grads, self.attention_output, &c.context, &w.dbranch);
        let dcontext = w.dcontext.shape(rows, hidden);
        self.attention_output.backward_input(params, w.dbranch.view(), Init::Zero, dcontext.view_mut());
        let (qkv, dcontext) = (c.qkv.view(), dcontext.view());
        self.attention.backward(qkv, spans, step, &c.attention, &mut w.scratch, dcontext, &mut w.active);
    }
}
