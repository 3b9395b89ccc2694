//! A hub on the loopback: a real server with real sockets, that speaks the protocol and can be told to break it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: BTreeMap<String, String>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The first byte of the range that is asked for.
    pub(crate) fn start(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }

    /// Whether it is for a file's bytes.
    pub(crate) fn is_for_bytes_of(&self, file: &str) -> bool {
        self.method == "GET" && self.path.ends_with(file)
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// How many bytes of the body are sent, and whether the connection then closes or stays silent.
    sent: Option<(usize, bool)>,
}

impl Reply {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), sent: None }
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// The connection closes after so many bytes of the body.
    pub(crate) fn cut_after(mut self, bytes: usize) -> Self {
        self.sent = Some((bytes, true));
        self
    }

    /// Nothing comes after so many bytes of the body, until the client has gone away.
    pub(crate) fn silent_after(mut self, bytes: usize) -> Self {
        self.sent = Some((bytes, false));
        self
    }

    fn send(&self, request: &Request, mut stream: TcpStream) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {} Status\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        if !self.headers.iter().any(|(name, _)| name == "Content-Length") && self.status != 304 {
            write!(head, "Content-Length: {}\r\n", self.body.len()).unwrap();
        }
        let body = if request.method == "HEAD" { &[] } else { &*self.body };
        let (sent, close) = self.sent.unwrap_or((body.len(), true));
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        stream.write_all(&body[..sent.min(body.len())])?;
        stream.flush()?;
        if !close {
            stream.read_to_end(&mut Vec::new())?;
        }
        Ok(())
    }
}

/// A file of the repository that a [`Server`] has.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    pub(crate) tag: String,
    /// Where the bytes are, if on another server.
    pub(crate) elsewhere: Option<String>,
}

type Answer = dyn Fn(&Request, usize) -> Option<Reply> + Send + Sync;

/// A running server. It ends with the test's process.
pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// A hub whose one repository, of any name, has these files. `special` may answer a request in the hub's place; it is told
    /// how many of the same method and path came before.
    pub(crate) fn new(
        files: BTreeMap<String, File>,
        special: impl Fn(&Request, usize) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::start(Arc::new(move |request, count| {
            special(request, count).or_else(|| Some(answer(&files, request)))
        }))
    }

    /// A server that answers nothing else.
    pub(crate) fn of(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(Arc::new(move |request, _| Some(answer(request))))
    }

    fn start(answer: Arc<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, seen) = (answer.clone(), seen.clone());
                thread::spawn(move || serve(&stream, &*answer, &seen));
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All that was asked so far, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// A client that goes away is no fault of the server's.
fn serve(stream: &TcpStream, answer: &Answer, seen: &Mutex<Vec<Request>>) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let first = lines.next()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let header = |line: String| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_owned()))
    };
    let headers = lines.take_while(|line| !line.is_empty()).filter_map(header).collect();
    let request = Request { method, path, headers };
    let count = {
        let mut seen = seen.lock().unwrap();
        let same = |other: &&Request| (&other.method, &other.path) == (&request.method, &request.path);
        let count = seen.iter().filter(same).count();
        seen.push(request.clone());
        count
    };
    answer(&request, count)?.send(&request, stream.try_clone().ok()?).ok()
}

/// As the hub answers.
fn answer(files: &BTreeMap<String, File>, request: &Request) -> Reply {
    if request.path.starts_with("/api/") {
        let names: Vec<String> = files.keys().map(|name| format!("{{\"rfilename\": {name:?}}}")).collect();
        return Reply::new(200)
            .body(format!("{{\"sha\": {COMMIT:?}, \"siblings\": [{}]}}", names.join(", ")));
    }
    let name = request.path.split_once(&format!("/resolve/{COMMIT}/")).map(|(_, name)| name);
    let Some(file) = name.and_then(|name| files.get(name)) else {
        return Reply::new(404).with("X-Error-Code", "EntryNotFound").with("X-Repo-Commit", COMMIT);
    };
    if let Some(url) = &file.elsewhere {
        return Reply::new(302)
            .with("Location", url)
            .with("X-Repo-Commit", COMMIT)
            .with("X-Linked-Etag", format!("\"{}\"", file.tag))
            .with("X-Linked-Size", file.bytes.len())
            .with("ETag", "\"the redirect's own\"");
    }
    content(file, request)
}

/// A file's bytes, from where they are asked for.
pub(crate) fn content(file: &File, request: &Request) -> Reply {
    let length = file.bytes.len();
    let reply = match request.start() {
        Some(start) if start < length => Reply::new(206)
            .with("Content-Range", format!("bytes {start}-{}/{length}", length - 1))
            .body(&file.bytes[start..]),
        Some(_) => Reply::new(416),
        None if request.method == "HEAD" => Reply::new(200).with("Content-Length", length),
        None => Reply::new(200).body(&file.bytes),
    };
    reply.with("X-Repo-Commit", COMMIT).with("ETag", format!("W/\"{}\"", file.tag))
}
