//! Text without labels, to train on: read, and packed into sequences.

use mtlift_glue_data::{Error, Text, pack};
use mtlift_tokenizer::Tokenizer;

use super::world::World;
use crate::mutate::Form;
use crate::target::Target;

pub(super) fn file() -> Target {
    let world = World::with_tasks();
    let tokenizer = Tokenizer::open(&world.path("model"), 12).expect("the vocabulary is genuine");
    let prose =
        "w1 w2 w3\nw4, w5!\n\nw6 w7 w8 w9 w10 w11 w12 w13 w14 w15 w16 w17\r\n\r\n\u{feff}w18 \u{e9}\n";
    let lines = "w1 w2\nw3\nw4 w5 w6\n";
    Target::new(Form::Bytes, vec![prose.into(), lines.into()], move |bytes| {
        world.write("it.txt", bytes);
        let text = Text::read(&world.path("it.txt"))?;
        pack(&text.documents, &tokenizer).map(drop)?;
        Ok::<_, Error>(())
    })
}
