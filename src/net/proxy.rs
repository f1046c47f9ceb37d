//! The PROXY header, versions 1 and 2: the true address of a peer behind a proxy that is trusted.
//!
//! Source: "The PROXY protocol", HAProxy, sections 2.1 and 2.2. Reads are bounded by the format.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tokio::io::{AsyncRead, AsyncReadExt};

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
/// Bytes of a version 1 header at most, CR LF included. Section 2.1.
const V1_BYTES: usize = 107;
/// Bytes behind the fixed part of a version 2 header that are taken; what proxies send of
/// addresses and their own fields is far below.
const V2_BYTES: usize = 2048;

/// Reads the header and nothing beyond it. None: the proxy speaks for itself (a health check), and
/// the connection's own address holds.
///
/// # Errors
/// When there is no valid header; nothing from this peer can be believed then.
pub(super) async fn read_header<S: AsyncRead + Unpin>(
    stream: &mut S,
) -> io::Result<Option<IpAddr>> {
    // Both versions have at least as many bytes as the signature of version 2.
    let mut start = [0; SIGNATURE.len()];
    stream.read_exact(&mut start).await?;
    if start == SIGNATURE {
        let mut fixed = [0; 4];
        stream.read_exact(&mut fixed).await?;
        let length = usize::from(u16::from_be_bytes([fixed[2], fixed[3]]));
        if length > V2_BYTES {
            return Err(bad("the header is too long"));
        }
        let mut rest = vec![0; length];
        stream.read_exact(&mut rest).await?;
        return parse_v2(fixed[0], fixed[1], &rest);
    }
    let mut line = start.to_vec();
    if !line.starts_with(b"PROXY ") {
        return Err(bad("there is no PROXY header"));
    }
    // One byte at a time: what follows the line belongs to the peer.
    while !line.ends_with(b"\r\n") {
        if line.len() == V1_BYTES {
            return Err(bad("the header is too long"));
        }
        line.push(stream.read_u8().await?);
    }
    parse_v1(&line[..line.len() - 2])
}

fn parse_v1(line: &[u8]) -> io::Result<Option<IpAddr>> {
    let line = std::str::from_utf8(line).map_err(|_| bad("the header is not text"))?;
    let fields: Vec<&str> = line.split(' ').collect();
    match fields[..] {
        ["PROXY", "UNKNOWN", ..] => Ok(None),
        ["PROXY", family @ ("TCP4" | "TCP6"), source, destination, from, to] => {
            let source: IpAddr = source.parse().map_err(|_| bad("the source is no address"))?;
            let destination: IpAddr =
                destination.parse().map_err(|_| bad("the destination is no address"))?;
            let v4 = family == "TCP4";
            if source.is_ipv4() != v4 || destination.is_ipv4() != v4 {
                return Err(bad("the addresses are not of the family named"));
            }
            if from.parse::<u16>().is_err() || to.parse::<u16>().is_err() {
                return Err(bad("a port is no number"));
            }
            Ok(Some(source))
        }
        _ => Err(bad("the header has other fields than it should")),
    }
}

fn parse_v2(version_command: u8, family: u8, rest: &[u8]) -> io::Result<Option<IpAddr>> {
    match version_command {
        0x20 => return Ok(None),
        0x21 => {}
        _ => return Err(bad("the header's version or command is unknown")),
    }
    match family {
        0x11 => {
            let address: [u8; 4] = taken(rest, 12)?;
            Ok(Some(IpAddr::V4(Ipv4Addr::from(address))))
        }
        0x21 => {
            let address: [u8; 16] = taken(rest, 36)?;
            Ok(Some(IpAddr::V6(Ipv6Addr::from(address))))
        }
        // UNSPEC and families without an address a session could have. Section 2.2.
        _ => Ok(None),
    }
}

/// The source address at the start of an address block of `block` bytes.
fn taken<const N: usize>(rest: &[u8], block: usize) -> io::Result<[u8; N]> {
    if rest.len() < block {
        return Err(bad("the address is cut off"));
    }
    rest.first_chunk().copied().ok_or_else(|| bad("the address is cut off"))
}

fn bad(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> io::Result<(Option<IpAddr>, &[u8])> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let address = runtime.block_on(read_header(&mut bytes))?;
        Ok((address, bytes))
    }

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, rest].concat()
    }

    #[test]
    fn version_one_gives_the_source_and_leaves_the_rest() {
        let (address, rest) =
            read(b"PROXY TCP4 192.0.2.7 198.51.100.1 51000 6667\r\nNICK anna\r\n").unwrap();
        assert_eq!(address, Some("192.0.2.7".parse().unwrap()));
        assert_eq!(rest, b"NICK anna\r\n");
        let (address, _) = read(b"PROXY TCP6 2001:db8::7 2001:db8::1 1 2\r\n").unwrap();
        assert_eq!(address, Some("2001:db8::7".parse().unwrap()));
        assert_eq!(read(b"PROXY UNKNOWN\r\n").unwrap().0, None);
        assert_eq!(read(b"PROXY UNKNOWN ffff::1 ::1 1 2\r\n").unwrap().0, None);
    }

    #[test]
    fn version_two_gives_the_source_and_leaves_the_rest() {
        let block = [192, 0, 2, 7, 198, 51, 100, 1, 0, 1, 0, 2, 0x04, 0, 1, 9];
        let bytes = [v2(0x21, 0x11, &block), b"NICK".to_vec()].concat();
        let (address, rest) = read(&bytes).unwrap();
        assert_eq!(address, Some("192.0.2.7".parse().unwrap()));
        assert_eq!(rest, b"NICK");
        let mut six = [0; 36];
        six[15] = 1;
        assert_eq!(read(&v2(0x21, 0x21, &six)).unwrap().0, Some("::1".parse().unwrap()));
        assert_eq!(read(&v2(0x20, 0, &[])).unwrap().0, None, "LOCAL");
        assert_eq!(read(&v2(0x21, 0x31, &[0; 216])).unwrap().0, None, "a Unix socket");
    }

    #[test]
    fn what_is_not_a_header_is_an_error() {
        for bytes in [
            &b"NICK anna\r\nUSER a 0 * :a\r\n"[..],
            b"PROXY TCP4 192.0.2.7 198.51.100.1 51000\r\n",
            b"PROXY TCP4 ::1 198.51.100.1 1 2\r\n",
            b"PROXY TCP4 1.2.3 198.51.100.1 1 2\r\n",
            b"PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
            b"PROXY ",
            &[b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat(),
            &v2(0x11, 0x11, &[0; 12]),
            &v2(0x21, 0x11, &[0; 11]),
            &v2(0x21, 0x11, &[0; 3000]),
        ] {
            assert!(read(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
        }
    }
}
