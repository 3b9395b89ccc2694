//! What a question is unless its user says otherwise, by protocol.

use mtlift_eval::Plan as LookPlan;
use mtlift_schedule::{Arm, ArmSpec, BatchKind, Exposure, HeadStart, Mix, Sampler, Shape, StepLoss};
use mtlift_train::{HeadSharing, Mixing, Protocol, Settings, Yardstick};

use super::{KeepModels, Question, Spec, SupportPhase, SupportSeed};

impl Spec {
    /// The settings of a protocol, without tasks. Under [`Protocol::Paper`] they are those of the code of Weller et al.
    /// (2022): see `docs/paper-protocol.md`.
    pub fn defaults(question: Question, protocol: Protocol) -> Self {
        let paper = protocol == Protocol::Paper;
        let settings = Settings::of(protocol);
        // A mixed run of a sweep serves all of its tasks, and none of them may end it for the others.
        let patience = if question == Question::Sweep { None } else { settings.patience };
        let settings = Settings { patience, ..settings };
        Self {
            question,
            model: String::new(),
            targets: Vec::new(),
            supports: Vec::new(),
            arms: if question == Question::Sweep {
                [Arm::Single, Arm::Stilts, Arm::Mtl, Arm::MtlAll].map(ArmSpec::from).to_vec()
            } else {
                [Arm::Single, Arm::Stilts, Arm::Mtl].map(ArmSpec::from).to_vec()
            },
            seeds: if paper { vec![42, 544_460, 801_760, 428_404, 257_803] } else { (1..=5).collect() },
            looks: LookPlan::default(),
            judge_by: Yardstick::Score,
            until: None,
            tune: None,
            ratios: if question == Question::SizeCurve {
                vec![1.0 / 3.0, 0.5, 1.0, 2.0, 3.0]
            } else {
                Vec::new()
            },
            mtl_all_samplers: if paper {
                vec![Sampler::Size, Sampler::Uniform, Sampler::Dynamic]
            } else {
                vec![Sampler::Size]
            },
            support_seed: if paper { SupportSeed::Best } else { SupportSeed::Paired },
            support_phase: SupportPhase::default(),
            heads: if paper { HeadStart::SharedByCount } else { HeadStart::Fresh },
            mixing: if paper {
                Mixing {
                    mix: Mix {
                        sampler: Sampler::Dynamic,
                        batches: BatchKind::Heterogeneous,
                        exposure: Exposure::Truncating,
                    },
                    loss: StepLoss::TaskMeans,
                    heads: HeadSharing::ByLabelCount,
                    ..Mixing::default()
                }
            } else {
                Mixing::default()
            },
            settings: if paper {
                Settings {
                    epochs: 10,
                    batch: 128,
                    learning_rate: 2e-5,
                    schedule: Shape::Linear,
                    warmup: 0.0,
                    weight_decay: 0.0,
                    ..settings
                }
            } else {
                settings
            },
            keep_models: if question == Question::Compare { KeepModels::All } else { KeepModels::Needed },
            conflict_every: None,
        }
    }
}
