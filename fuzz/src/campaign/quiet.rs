//! Panics as values. Other threads, and what is outside of a campaign, panic as ever.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

/// Where and why a piece of work panicked.
pub(super) struct Panic {
    pub(super) place: String,
    pub(super) message: String,
}

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Does the work without a word on standard error if it panics.
pub(super) fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_expected = PLACE.with_borrow(Option::is_some);
            if !is_expected {
                return before(info);
            }
            let place = info.location().map_or_else(String::new, ToString::to_string);
            PLACE.with_borrow_mut(|kept| *kept = Some(place));
        }));
    });
    PLACE.with_borrow_mut(|place| *place = Some(String::new()));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let place = PLACE.with_borrow_mut(Option::take).unwrap_or_default();
    result.map_err(|payload| Panic { place, message: text(&*payload) })
}

fn text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
