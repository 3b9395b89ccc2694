//! The hub on this machine: which commit a revision is, the links of a snapshot, the token, and whose certificates are believed.

use std::fs;
use std::path::Path;

use mtlift_hub::{Cache, Repository, Settings, model_files};

use super::world::World;
use crate::mutate::Form;
use crate::target::{Genuine, Target};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A snapshot is mutated as a list of its links, each a name, a tab and where it leads; what is no such line is left out.
pub(super) fn cache() -> Target {
    let world = World::new();
    let (repository, _) = Repository::model_at("someone/model").expect("it is a name");
    for blob in ["a", "b", "c", "d"] {
        world.write(&format!("models--someone--model/blobs/{blob}"), "{}");
    }
    let root = world.path("models--someone--model");
    let links = "config.json\t../../blobs/a\nvocab.txt\t../../blobs/b\nonnx/model.onnx\t../../../blobs/c\n\
                 model.safetensors\t../../blobs/d\n";
    let form = Form::Bytes;
    let files = [("refs/main", COMMIT), ("snapshot", links)].map(|(name, text)| Genuine {
        name: name.to_owned(),
        form,
        versions: vec![text.into()],
    });
    let genuine = files.clone().map(|file| file.versions[0].clone());
    Target::of(files.to_vec(), move |file, bytes| {
        let mut now = genuine.each_ref().map(Vec::as_slice);
        now[file] = bytes;
        world.write("models--someone--model/refs/main", now[0]);
        link(&root.join("snapshots").join(COMMIT), now[1]);
        let found = Cache::new(world.root().to_owned()).find(&repository, "main", model_files);
        match found.map_err(|error| error.to_string())? {
            Some(_) => Ok(()),
            None => Err("the model is not there".to_owned()),
        }
    })
}

pub(super) fn settings() -> Target {
    let world = World::new();
    world.write("token", "hf_abcdefghij\n");
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ0Ew\nCgYIKoZIzj0EAwI=\n-----END CERTIFICATE-----\n";
    world.write("roots.pem", format!("A name\n{certificate}# Another\n{certificate}"));
    world.target(&[("token", Form::Bytes), ("roots.pem", Form::Bytes)], |world| {
        let path = |name: &str| Some(world.path(name).to_string_lossy().into_owned());
        let variables = |name: &str| {
            Ok(match name {
                "HOME" | "HF_HOME" => path(""),
                "SSL_CERT_FILE" => path("roots.pem"),
                _ => None,
            })
        };
        Settings::from_variables(variables).map(drop)
    })
}

/// Makes the folder of a snapshot anew.
fn link(snapshot: &Path, lines: &[u8]) {
    drop(fs::remove_dir_all(snapshot));
    for line in String::from_utf8_lossy(lines).lines() {
        let Some((name, to)) = line.split_once('\t') else { continue };
        let place = snapshot.join(name);
        if name.contains("..") || !place.starts_with(snapshot) {
            continue;
        }
        let made = place.parent().is_some_and(|folder| fs::create_dir_all(folder).is_ok());
        if made {
            symlink(to, &place);
        }
    }
}

#[cfg(unix)]
fn symlink(to: &str, place: &Path) {
    drop(std::os::unix::fs::symlink(to, place));
}

/// Where there are no links, the cache has copies.
#[cfg(not(unix))]
fn symlink(_: &str, place: &Path) {
    drop(fs::write(place, "{}"));
}
