//! Which settings were chosen, in words.

use crate::findings::ArmFindings;

/// `Settings by --tune, the best of 2 on held-out rows under 2 other seeds: single lr=3e-4; stilts from MRPC lr=5e-5.` None where nothing
/// is chosen.
pub fn tuned_line(arms: &[&ArmFindings]) -> Option<String> {
    let tuned = arms.iter().find_map(|arm| arm.tuned.as_ref())?;
    let chosen = |arm: &&ArmFindings| Some(format!("{} {}", arm.label, arm.tuned.as_ref()?.chosen.as_ref()?));
    let chosen: Vec<String> = arms.iter().filter_map(chosen).collect();
    let (count, seeds) = (tuned.tried.len(), tuned.seeds);
    let s = if seeds == 1 { "" } else { "s" };
    (!chosen.is_empty()).then(|| {
        format!(
            "Settings by --tune, the best of {count} on held-out rows under {seeds} other seed{s}: {}.",
            chosen.join("; ")
        )
    })
}
