//! Lists whose items have lists in parentheses: arms, and what an arm or a method is given.

/// The items of a list with commas between them; a comma in parentheses is part of an item.
pub fn split_list(text: &str) -> Vec<&str> {
    divided(text, b',')
}

/// What stands between the dividers that are in no parentheses.
pub(crate) fn divided(text: &str, divider: u8) -> Vec<&str> {
    let (mut items, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ if byte == divider && depth == 0 => {
                items.push(&text[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    items.push(&text[start..]);
    items
}
