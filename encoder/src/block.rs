//! One block of the encoder: attention and feed-forward, each with its residual connection and normalisation after it.
//!
//! All families share it; names, and where dropout stands, are the family's.

use mtlift_nn::{
    Activation, Attention, AttentionCache, AttentionScratch, Buffer, Dropout, Gradients, Init, LayerNorm,
    LayerNormCache, Layout, Linear, Real, Store,
};
use ndarray::ArrayView2;

use crate::residual::Residual;
use crate::{Config, Family, Input};

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

/// What backward needs beside the input. The activation's output is formed again from its input.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockCache<F> {
    /// `[T, 3H]`
    qkv: Buffer<F>,
    attention: AttentionCache<F>,
    /// `[T, H]`: what the heads gathered.
    context: Buffer<F>,
    /// `[T, H]`: before the first normalisation.
    attention_sum: Buffer<F>,
    attention_norm: LayerNormCache<F>,
    /// `[T, H]`: after it.
    middle: Buffer<F>,
    /// `[T, F]`: the activation's input; after backward, its output.
    expanded: Buffer<F>,
    /// `[T, H]`: before the second normalisation.
    feed_forward_sum: Buffer<F>,
    feed_forward_norm: LayerNormCache<F>,
    /// `[T, H]`: the block's output.
    pub(crate) output: Buffer<F>,
}

/// Working memory that all blocks share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Working<F> {
    scratch: AttentionScratch<F>,
    /// `[T, F]`: the activation's output, or its gradient.
    active: Buffer<F>,
    /// `[T, H]`: the gradient of a branch.
    pub(crate) dbranch: Buffer<F>,
    /// `[T, H]`
    dcontext: Buffer<F>,
    /// `[T, 3H]`
    dqkv: Buffer<F>,
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

    pub(crate) fn pack<F: Real>(self, params: &mut Store<F>) {
        [self.projections, self.attention_output, self.expand, self.contract]
            .into_iter()
            .for_each(|linear| linear.pack(params));
    }

    pub(crate) fn forward<F: Real>(
        self,
        params: &Store<F>,
        input: &Input<'_>,
        x: ArrayView2<'_, F>,
        cache: &mut BlockCache<F>,
        working: &mut Working<F>,
    ) {
        let (tokens, hidden) = x.dim();
        let (offsets, step) = (input.offsets, input.dropout);
        let c = cache;
        self.projections.forward(params, x, c.qkv.shape(tokens, 3 * hidden).view_mut());
        self.attention.forward(
            c.qkv.view(),
            offsets,
            step,
            &mut c.attention,
            &mut working.scratch,
            &mut c.context,
        );
        self.attention_output.forward(
            params,
            c.context.view(),
            c.attention_sum.shape(tokens, hidden).view_mut(),
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
        self.expand.forward(params, c.middle.view(), c.expanded.shape(tokens, wide).view_mut());
        self.activation.forward(c.expanded.slice(), working.active.shape(tokens, wide).slice_mut());
        self.contract.forward(
            params,
            working.active.view(),
            c.feed_forward_sum.shape(tokens, hidden).view_mut(),
        );
        let x = c.middle.view();
        self.feed_forward_end.forward(
            params,
            offsets,
            step,
            x,
            &mut c.feed_forward_sum,
            &mut c.feed_forward_norm,
            &mut c.output,
        );
    }

    /// Calls `visit` with each linear layer and what the last `forward` on `x` gave it; several that act as one are one.
    pub(crate) fn visit_linear_inputs<F: Real>(
        self,
        x: ArrayView2<'_, F>,
        cache: &BlockCache<F>,
        working: &mut Working<F>,
        visit: &mut impl FnMut(Linear, ArrayView2<'_, F>),
    ) {
        visit(self.projections, x);
        visit(self.attention_output, cache.context.view());
        visit(self.expand, cache.middle.view());
        let (tokens, wide) = cache.expanded.view().dim();
        let active = working.active.shape(tokens, wide);
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
        let (tokens, hidden) = x.dim();
        let (offsets, step) = (input.offsets, input.dropout);
        let (c, w) = (cache, working);
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
        let dactive = w.active.shape(tokens, self.expand.outputs());
        self.contract.backward_input(params, w.dbranch.view(), Init::Zero, dactive.view_mut());
        self.activation.backward(c.expanded.slice_mut(), dactive.slice_mut());
        self.contract.backward_params(grads, c.expanded.view(), w.dbranch.view());
        self.expand.backward_params(grads, c.middle.view(), dactive.view());
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
        self.attention_output.backward_params(grads, c.context.view(), w.dbranch.view());
        let dcontext = w.dcontext.shape(tokens, hidden);
        self.attention_output.backward_input(params, w.dbranch.view(), Init::Zero, dcontext.view_mut());
        let (qkv, dcontext) = (c.qkv.view(), dcontext.view());
        self.attention.backward(qkv, offsets, step, &c.attention, &mut w.scratch, dcontext, &mut w.dqkv);
        self.projections.backward_params(grads, x, w.dqkv.view());
        self.projections.backward_input(params, w.dqkv.view(), Init::Accumulate, d.view_mut());
    }
}
