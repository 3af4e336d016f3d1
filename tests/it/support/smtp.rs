//! A mail server on loopback that speaks just enough SMTP, remembers what it was told, and may refuse.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What the server answers to `RCPT TO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes every mail.
    Takes,
    /// `550`: there is no such person.
    RefusesForGood,
    /// `451`: later.
    RefusesForNow,
}

/// One mail as it came over the wire.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// Argument of `MAIL FROM`.
    pub from: String,
    /// Argument of `RCPT TO`.
    pub to: String,
    /// Everything between `DATA` and the point.
    pub data: String,
}

/// Listens until the process ends.
pub struct Server {
    /// Where.
    pub address: SocketAddr,
    /// Mails taken.
    pub mails: Arc<Mutex<Vec<Received>>>,
    /// Every line that clients sent.
    pub lines: Arc<Mutex<Vec<String>>>,
}

/// Starts a server.
pub fn start(manner: Manner) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server =
        Server { address: listener.local_addr().unwrap(), mails: Arc::default(), lines: Arc::default() };
    let (mails, lines) = (server.mails.clone(), server.lines.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (mails, lines) = (mails.clone(), lines.clone());
            std::thread::spawn(move || talk(&stream, manner, &mails, &lines));
        }
    });
    server
}

fn talk(
    stream: &TcpStream,
    manner: Manner,
    mails: &Mutex<Vec<Received>>,
    lines: &Mutex<Vec<String>>,
) -> Option<()> {
    let mut out = stream;
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes()).ok();
    let mut input = BufReader::new(stream);
    let mut mail = Received::default();
    say("220 mail.test ready")?;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_owned();
        lines.lock().unwrap().push(line.clone());
        let command = line.to_uppercase();
        if command.starts_with("EHLO") {
            say("250-mail.test\r\n250 8BITMIME")?;
        } else if command.starts_with("MAIL FROM") {
            mail = Received { from: line, ..Received::default() };
            say("250 ok")?;
        } else if command.starts_with("RCPT TO") {
            mail.to = line;
            say(match manner {
                Manner::Takes => "250 ok",
                Manner::RefusesForGood => "550 5.1.1 no such person here",
                Manner::RefusesForNow => "451 4.3.2 come again later",
            })?;
        } else if command == "DATA" {
            say("354 go on")?;
            loop {
                let mut line = String::new();
                if input.read_line(&mut line).ok()? == 0 {
                    return None;
                }
                if line.trim_end() == "." {
                    break;
                }
                mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
            }
            mails.lock().unwrap().push(mail.clone());
            say("250 taken")?;
        } else if command == "QUIT" {
            say("221 bye")?;
            return Some(());
        } else {
            say("250 ok")?;
        }
    }
}
