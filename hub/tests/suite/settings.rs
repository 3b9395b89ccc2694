//! The environment, read as Python's huggingface_hub reads it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use mtlift_hub::{Error, Settings};

fn read(variables: &[(&str, &str)]) -> Result<Settings, Error> {
    Settings::from_variables(|name| {
        let found = variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Ok(found.or_else(|| (name == "HOME").then(|| "/home/me".to_owned())))
    })
}

#[track_caller]
fn cache(variables: &[(&str, &str)], expected: &str) {
    assert_eq!(read(variables).unwrap().cache, Path::new(expected));
}

#[test]
fn the_cache_is_where_python_has_it() {
    cache(&[], "/home/me/.cache/huggingface/hub");
    cache(&[("XDG_CACHE_HOME", "/xdg")], "/xdg/huggingface/hub");
    cache(&[("XDG_CACHE_HOME", "/xdg"), ("HF_HOME", "/hf")], "/hf/hub");
    cache(&[("HF_HOME", "/hf"), ("HUGGINGFACE_HUB_CACHE", "/old")], "/old");
    cache(&[("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HUB_CACHE", "/new")], "/new");
    cache(&[("HF_HUB_CACHE", "")], "/home/me/.cache/huggingface/hub");
    cache(&[("HF_HOME", "~/hf")], "/home/me/hf/hub");
    cache(&[("HF_HOME", "~you/hf")], "~you/hf/hub");
    cache(&[("HF_HOME", "$DISK/a-${DISK}$NONE/${NONE}$"), ("DISK", "/d")], "/d/a-/d$NONE/${NONE}$/hub");
}

#[test]
fn truth_has_four_words() {
    for (value, offline) in
        [("1", true), ("on", true), ("Yes", true), ("TRUE", true), ("0", false), ("y", false), ("", false)]
    {
        assert_eq!(read(&[("HF_HUB_OFFLINE", value)]).unwrap().offline, offline, "{value}");
        assert_eq!(read(&[("TRANSFORMERS_OFFLINE", value)]).unwrap().offline, offline, "{value}");
    }
    assert!(!read(&[("HF_HUB_OFFLINE", "0"), ("TRANSFORMERS_OFFLINE", "1")]).unwrap().offline);
}

#[test]
fn the_endpoint_is_an_address() {
    assert_eq!(read(&[]).unwrap().endpoint, "https://huggingface.co");
    assert_eq!(
        read(&[("HF_ENDPOINT", "http://mirror:8080/hf//")]).unwrap().endpoint,
        "http://mirror:8080/hf"
    );
    assert_eq!(
        read(&[("HF_ENDPOINT", "mirror")]).unwrap_err().to_string(),
        "HF_ENDPOINT: expected an address that begins with https:// or http://, found `mirror`"
    );
    assert_eq!(read(&[("HF_HUB_DOWNLOAD_TIMEOUT", "30")]).unwrap().patience.read, Duration::from_secs(30));
    assert_eq!(
        read(&[("HF_HUB_DOWNLOAD_TIMEOUT", "soon")]).unwrap_err().to_string(),
        "HF_HUB_DOWNLOAD_TIMEOUT: expected a whole number of seconds, 1 or more, found `soon`"
    );
}

#[test]
fn a_file_of_certificates_has_some() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(
        read(&[("SSL_CERT_FILE", path)]).unwrap_err().to_string(),
        format!("SSL_CERT_FILE: expected a file with certificates in PEM, found `{path}`")
    );
}

#[test]
fn the_token_comes_from_the_environment_or_its_file_and_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_str().unwrap();
    let token = |variables: &[(&str, &str)]| {
        let settings = read(&[variables, &[("HF_HOME", home)]].concat()).unwrap();
        assert!(!format!("{settings:?}").contains("hf_"), "{settings:?}");
        settings.token.is_some()
    };
    assert!(!token(&[]));
    assert!(token(&[("HF_TOKEN", " hf_a\n")]));
    assert!(token(&[("HUGGING_FACE_HUB_TOKEN", "hf_a")]));
    fs::write(folder.path().join("token"), "hf_b\n").unwrap();
    assert!(token(&[]));
    assert!(!token(&[("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]));
    let elsewhere = folder.path().join("none");
    assert!(!token(&[("HF_TOKEN_PATH", elsewhere.to_str().unwrap())]));
    assert_eq!(
        read(&[("HF_TOKEN", "hf_a b")]).unwrap_err().to_string(),
        "HF_TOKEN: expected a token of the hub's, in ASCII without spaces"
    );
}
