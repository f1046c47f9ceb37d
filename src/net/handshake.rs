//! TLS handshakes, on a thread of their own: they cost a hundred times what a line does, and must
//! not stand in the way of lines. It knows nothing of what is spoken afterwards.

use super::certs::TlsSettings;
use rustls::ServerConnection;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_rustls::TlsAcceptor;

/// Handshakes that may be under way at once; each holds some 30 kB.
const AT_ONCE: usize = 256;
/// Connections that may wait for their handshake to begin.
const WAITING: usize = 1024;
/// How long a handshake may take.
const TIME: Duration = Duration::from_secs(10);

/// A connection behind its handshake.
pub(super) struct Secured {
    pub(super) stream: std::net::TcpStream,
    pub(super) tls: ServerConnection,
}

struct Request {
    stream: std::net::TcpStream,
    answer: oneshot::Sender<io::Result<Secured>>,
}

/// The thread that does handshakes. It ends when this value and its clones are dropped.
#[derive(Clone, Debug)]
pub struct Handshaker {
    requests: mpsc::Sender<Request>,
}

impl Handshaker {
    /// Starts it with these settings.
    ///
    /// # Errors
    /// When the system refuses a thread or a runtime.
    pub fn start(settings: TlsSettings) -> io::Result<Self> {
        let (requests, inbox) = mpsc::channel(WAITING);
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        std::thread::Builder::new()
            .name("handshake".into())
            .spawn(move || runtime.block_on(run(settings, inbox)))?;
        Ok(Self { requests })
    }

    /// Does the handshake of a connection.
    ///
    /// # Errors
    /// When the peer does not speak TLS, is too slow, or too many wait already.
    pub(super) async fn secure(&self, stream: TcpStream) -> io::Result<Secured> {
        let (answer, secured) = oneshot::channel();
        let request = Request { stream: stream.into_std()?, answer };
        self.requests
            .try_send(request)
            .map_err(|_| io::Error::other("too many handshakes wait"))?;
        secured.await.map_err(|_| io::Error::other("the handshake thread is gone"))?
    }
}

async fn run(settings: TlsSettings, mut inbox: mpsc::Receiver<Request>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(Request { stream, answer }) = inbox.recv().await {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let config = settings.current();
        tokio::spawn(async move {
            let done = tokio::time::timeout(TIME, handshake(stream, TlsAcceptor::from(config)));
            let done = done.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            // Nobody waits any more when the server is stopping.
            let _ = answer.send(done);
            drop(place);
        });
    }
}

async fn handshake(stream: std::net::TcpStream, acceptor: TlsAcceptor) -> io::Result<Secured> {
    let stream = acceptor.accept(TcpStream::from_std(stream)?).await?;
    let (stream, tls) = stream.into_inner();
    Ok(Secured { stream: stream.into_std()?, tls })
}
