//! What a regression of linear layers costs, by the sizes of the model: their inputs' Gram matrices are larger than they are.

use mtlift_encoder::Config;

/// What merging by Gram matrices takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GramCost {
    /// Values of the matrices of all layers, for each model.
    pub values: f64,
    /// What a token costs beside a forward pass, where that costs 1.
    pub passes: f64,
    /// Multiplications that solve for all layers with one model more: the weights times the matrices.
    pub products: f64,
    /// Multiplications that solve whatever the models: factors, and the weights times these.
    pub solving: f64,
}

impl GramCost {
    /// Of a model of these sizes, by the layers of its blocks.
    pub(crate) fn of(config: &Config) -> Self {
        let [layers, hidden, wide] =
            [config.layers, config.hidden, config.feed_forward].map(|size| size as f64);
        // The input of queries, keys and values is one; outputs by inputs.
        let of_block = [(3.0 * hidden, hidden), (hidden, hidden), (wide, hidden), (hidden, wide)];
        let sum = |of_layer: fn((f64, f64)) -> f64| layers * of_block.map(of_layer).iter().sum::<f64>();
        let values = sum(|(_, inputs)| inputs * inputs);
        let weights = sum(|(outputs, inputs)| outputs * inputs);
        let products = sum(|(outputs, inputs)| outputs * inputs * inputs);
        let factors = sum(|(_, inputs)| inputs.powi(3) / 6.0);
        Self { values, passes: values / weights, products, solving: factors + products }
    }
}
