//! Servers that do not keep to TLS. Certificates that are wrong are tried in `tests/certificates.rs`.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::scene::{Scene, hold, pass, scene};

const TLS: &[&str] = &["tls"];

pub(crate) fn scenes() -> Vec<Scene> {
    let mut all: Vec<_> = [
        ("plain HTTP", &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..]),
        ("a page", b"<html>"),
        ("SSH", b"SSH-2.0-OpenSSH_9.6\r\n"),
        ("zeros", &[0; 4096]),
        ("an alert", b"\x15\x03\x03\x00\x02\x02\x28"),
        ("an alert that is none", b"\x15\x03\x03\x00\x02\xff\xff"),
        ("a warning, and no more", b"\x15\x03\x03\x00\x02\x01\x00"),
        ("a truncated hello", b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03abcdef"),
        ("a hello of nonsense", b"\x16\x03\x03\x00\x08\x02\x00\x00\x04\x03\x03\xff\xff"),
        ("a record that is too long", b"\x16\x03\x03\xff\xff\x02"),
        ("data before a hello", b"\x17\x03\x03\x00\x04\x00\x00\x00\x00"),
        ("SSL 2", b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10"),
    ]
    .into_iter()
    .map(|(name, bytes)| {
        scene(format!("tls: {name}"), TLS, move |mut tcp: TcpStream| async move {
            let _hello = tcp.read(&mut [0; 4096]).await;
            let _gone = tcp.write_all(bytes).await;
            hold(tcp).await;
        })
    })
    .collect();
    all.extend([
        scene("tls: silence", TLS, hold),
        scene("tls: gone at once", &["tls", "reset", "eof"], async |tcp| drop(tcp)),
        scene("tls: gone after the hello", &["tls", "eof"], async |mut tcp| {
            let _hello = tcp.read(&mut [0; 4096]).await;
        }),
        scene("tls: a byte now and then", TLS, async |mut tcp| {
            let _hello = tcp.read(&mut [0; 4096]).await;
            for byte in b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03".iter().chain(&[7; 200]) {
                let _gone = tcp.write_all(&[*byte]).await;
                pass(40).await;
            }
        }),
        scene("tls: records without an end", TLS, async |mut tcp| {
            let _hello = tcp.read(&mut [0; 4096]).await;
            // A handshake message of 16 MB, in pieces of 16 KB.
            let piece = [&b"\x16\x03\x03\x40\x00\x0b\xff\xff\xfc"[..], &[0; 16_380]].concat();
            for _ in 0..2000 {
                if tcp.write_all(&piece).await.is_err() {
                    return;
                }
            }
        }),
    ]);
    all.into_iter().map(Scene::tls).collect()
}
