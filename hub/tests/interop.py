"""Python's huggingface_hub and mtlift read each other's cache: both ways, through a hub on the loopback.

    python -m venv venv && venv/bin/pip install huggingface_hub
    cargo build
    venv/bin/python hub/tests/interop.py target/debug/mtlift

The hub below is written for this script, apart from the one of the Rust tests, after what huggingface_hub asks for: a listing, a
tree, HEAD and GET of files, large ones through a redirect to another origin. It needs no network. Each step asserts and prints a line.
"""

import hashlib
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "89abcdef0123456789abcdef0123456789abcdef"
HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent.parent / "train/tests/golden/bert-gelu-new-4class"
TOKEN = "hf_interop"


def git_sha1(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def model_files():
    config = (GOLDEN / "config.json").read_bytes()
    words = json.loads(config)["vocab_size"] - 5
    vocabulary = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]"] + [f"w{i}" for i in range(words)]
    return {
        "README.md": b"# A model of random numbers\n",
        "config.json": config,
        "model.safetensors": (GOLDEN / "model.safetensors").read_bytes(),
        "onnx/config.json": b"{}",
        "vocab.txt": "\n".join(vocabulary).encode(),
    }


REPOSITORIES = {
    "models": ("owner/tiny", model_files()),
    "datasets": (
        "nyu-mll/glue",
        {f"rte/{split}-00000-of-00001.parquet": b"PAR1 " + split.encode() for split in ("train", "validation", "test")},
    ),
}


class Storage(BaseHTTPRequestHandler):
    """Where large files are: another origin, which must never see the token."""

    seen = []

    def do_GET(self):
        self.seen.append(self.headers.get("Authorization"))
        data = REPOSITORIES["models"][1][self.path.strip("/")]
        answer(self, 200, data)

    def log_message(self, *_):
        pass


class Hub(BaseHTTPRequestHandler):
    seen = []

    def do_HEAD(self):
        self.respond()

    def do_GET(self):
        self.respond()

    def respond(self):
        path = self.path.split("?")[0]
        Hub.seen.append((self.command, path))
        for kind, (name, files) in REPOSITORIES.items():
            prefix = name if kind == "models" else f"{kind}/{name}"
            if path == f"/api/{kind}/{name}/revision/main" or path == f"/api/{kind}/{name}":
                siblings = [{"rfilename": file} for file in files]
                return answer(self, 200, json.dumps({"id": name, "sha": COMMIT, "siblings": siblings}).encode())
            if path == f"/api/{kind}/{name}/tree/{COMMIT}":
                return answer(self, 200, json.dumps([entry(*file) for file in files.items()]).encode())
            for revision in ("main", COMMIT):
                file = path.removeprefix(f"/{prefix}/resolve/{revision}/")
                if file in files:
                    return self.file(file, files[file])
        answer(self, 404, b"", {"X-Error-Code": "RepoNotFound"})

    def file(self, name, data):
        headers = {"X-Repo-Commit": COMMIT}
        if name.endswith(".safetensors"):
            headers["Location"] = f"http://localhost:{storage.server_port}/{name}"
            headers["X-Linked-Size"] = str(len(data))
            headers["X-Linked-Etag"] = f'"{hashlib.sha256(data).hexdigest()}"'
            return answer(self, 302, b"", headers)
        answer(self, 200, data, headers | {"ETag": f'"{git_sha1(data)}"'})

    def log_message(self, *_):
        pass


def entry(name, data):
    found = {"type": "file", "path": name, "size": len(data), "oid": git_sha1(data)}
    if name.endswith(".safetensors"):
        found["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return found


def answer(handler, status, data, headers=None):
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(data)


def start(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def environment(cache, offline):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "MTLIFT_"))}
    kept |= {"HF_HUB_CACHE": str(cache), "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return kept | ({"HF_HUB_OFFLINE": "1"} if offline else {"HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}"})


def mtlift(cache, *arguments, offline=False):
    """Standard output of a command that succeeds."""
    done = subprocess.run([PROGRAM, *arguments], env=environment(cache, offline), capture_output=True, text=True, cwd=work)
    assert done.returncode == 0, done.stderr
    return done.stdout


def python(cache, code, offline=False):
    """What the code prints, in a process of its own: the package reads its settings once."""
    code = "import json, huggingface_hub as h\n" + code
    done = subprocess.run([sys.executable, "-c", code], env=environment(cache, offline), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def gets(since):
    """The files whose bytes were asked of the hub."""
    return [path.rsplit(COMMIT + "/")[-1] for command, path in Hub.seen[since:] if command == "GET" and "/resolve/" in path]


def python_first(cache):
    folder = python(cache, "print(h.snapshot_download('owner/tiny'))")
    before = len(Hub.seen)
    found = json.loads(mtlift(cache, "fetch", "model", "owner/tiny", "--json", offline=True))
    assert found["directory"] == folder, (found["directory"], folder)
    assert [file["name"] for file in found["files"]] == ["config.json", "vocab.txt", "model.safetensors"]
    mtlift(cache, "train", "--model", "owner/tiny", "--task", "task.toml", "--max-steps", "2", "--out", "run", offline=True)
    assert len(Hub.seen) == before, "offline asks nothing"
    found = json.loads(mtlift(cache, "fetch", "model", "owner/tiny", "--json"))
    assert not any(file["downloaded"] for file in found["files"])
    assert gets(before) == []
    print("fetched by huggingface_hub: found and trained on by mtlift offline, and not fetched again online")


def mtlift_first(cache):
    found = json.loads(mtlift(cache, "fetch", "model", "owner/tiny", "--json"))
    before = len(Hub.seen)
    folder = python(cache, "print(h.snapshot_download('owner/tiny'))", offline=True)
    assert folder == found["directory"], (folder, found["directory"])
    for file in found["files"]:
        path = python(cache, f"print(h.hf_hub_download('owner/tiny', {file['name']!r}))", offline=True)
        assert Path(path).read_bytes() == REPOSITORIES["models"][1][file["name"]]
    assert len(Hub.seen) == before, "offline asks nothing"
    print("fetched by mtlift: found by snapshot_download and hf_hub_download offline")

    scan = json.loads(python(cache, """
info = h.scan_cache_dir()
(repo,) = info.repos
(revision,) = repo.revisions
print(json.dumps([len(info.warnings), repo.repo_id, sorted(revision.refs), revision.commit_hash, repo.nb_files, info.size_on_disk]))"""))
    size = sum(file["bytes"] for file in found["files"])
    assert scan == [0, "owner/tiny", ["main"], COMMIT, 3, size], scan
    verified = json.loads(python(cache, """
result = h.HfApi().verify_repo_checksums('owner/tiny')
print(json.dumps([result.checked_count, len(result.mismatches), sorted(result.missing_paths)]))"""))
    assert verified == [3, 0, ["README.md", "onnx/config.json"]], verified
    print("scan_cache_dir: no warnings; verify_repo_checksums: 3 files checked, no mismatch")

    before = len(Hub.seen)
    python(cache, "h.snapshot_download('owner/tiny')")
    assert sorted(gets(before)) == ["README.md", "onnx/config.json"], gets(before)
    print("huggingface_hub then fetches the other files of the repository and no other")


def glue(cache):
    mtlift(cache, "fetch", "glue", "RTE")
    path = python(
        cache, "print(h.hf_hub_download('nyu-mll/glue', 'rte/train-00000-of-00001.parquet', repo_type='dataset'))", offline=True
    )
    assert Path(path).read_bytes() == b"PAR1 train"
    print("a data set fetched by mtlift: found by huggingface_hub offline")


def tls(cache):
    """The same over TLS, with a certificate that only SSL_CERT_FILE vouches for."""
    key, certificate = work / "key.pem", work / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = environment(cache, False) | {"HF_ENDPOINT": f"https://localhost:{server.server_port}"}
    command = [PROGRAM, "fetch", "glue", "RTE"]
    refused = subprocess.run(command, env=env, capture_output=True, text=True)
    assert refused.returncode == 1 and "UnknownIssuer" in refused.stderr, refused.stderr
    done = subprocess.run(command, env=env | {"SSL_CERT_FILE": str(certificate)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print("over TLS: an unknown certificate is refused, one of SSL_CERT_FILE is believed")


def locks(cache):
    from huggingface_hub.utils import WeakFileLock

    tag = hashlib.sha256(REPOSITORIES["models"][1]["model.safetensors"]).hexdigest()
    lock = cache / ".locks/models--owner--tiny" / f"{tag}.lock"
    lock.parent.mkdir(parents=True)
    with WeakFileLock(lock):
        command = [PROGRAM, "fetch", "model", "owner/tiny"]
        process = subprocess.Popen(command, env=environment(cache, False), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        lines = iter(process.stderr.readline, "")
        waiting = next(line for line in lines if "waiting" in line)
        assert waiting == "model.safetensors: waiting for another process that is fetching it\n", waiting
        assert "model.safetensors" not in gets(0)[-1:]
    process.stderr.read()
    assert process.wait() == 0
    print("mtlift waits while huggingface_hub holds a file's lock")


TASK = """name = "toy"
kind = "classification"
labels = ["a", "b", "c", "d"]
metrics = ["accuracy"]
text = "text"
label = "label"
[files]
train = "rows.tsv"
dev = "rows.tsv"
"""

if __name__ == "__main__":
    PROGRAM = str(Path(sys.argv[1]).resolve())
    storage, hub = start(Storage), start(Hub)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder).resolve()
        (work / "task.toml").write_text(TASK)
        rows = [f"w{i % 7} w{i % 5}\t{'abcd'[i % 4]}" for i in range(80)]
        (work / "rows.tsv").write_text("\n".join(["text\tlabel", *rows]) + "\n")
        python_first(work / "by-python")
        mtlift_first(work / "by-mtlift")
        glue(work / "glue")
        locks(work / "locks")
        tls(work / "tls")
    assert Storage.seen and set(Storage.seen) == {None}, Storage.seen
    print("the token was never sent to the other origin, by either")
