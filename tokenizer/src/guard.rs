//! The tokenizers library panics on some files that it accepts, and on some texts only when they come. Here that is an
//! error, and the panic's own message stays out of the user's sight.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many calls are guarded now. The library works on several threads, so a thread cannot know by itself.
static GUARDED: AtomicUsize = AtomicUsize::new(0);
static HOOK: Once = Once::new();

/// What `work` gives, or the message of its panic.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let shown = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if GUARDED.load(Ordering::SeqCst) == 0 {
                shown(panic);
            }
        }));
    });
    GUARDED.fetch_add(1, Ordering::SeqCst);
    // What `work` may leave half done belongs to a tokenizer, which is dropped or refused.
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    GUARDED.fetch_sub(1, Ordering::SeqCst);
    done.map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no reason given".to_owned())
    })
}
