"""An authority that stamps hashes with the time (RFC 3161), for tests: OpenSSL's own, behind HTTP."""

import contextlib
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/tsa.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
clock_precision_digits = 3
"""
STAMPS = "keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n"


def openssl(*arguments: object, **more: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **more)


class Authority:
    """Its address, its root's certificate, and how many stamps it gave."""

    def __init__(self, folder: Path):
        self.folder, self.given, self.lock = folder, 0, threading.Lock()
        (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
        (folder / "serial").write_text("01")
        (folder / "tsa.ext").write_text(STAMPS)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        root = ["-keyout", folder / "root.key", "-out", folder / "root.pem", "-subj", "/O=Trial/CN=Trial root"]
        openssl("req", "-x509", *key, *root, "-days", 2)
        openssl("req", *key, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr", "-subj", "/O=Trial/CN=Trial stamps")
        by = ["-CA", folder / "root.pem", "-CAkey", folder / "root.key", "-CAcreateserial", "-extfile", folder / "tsa.ext"]
        openssl("x509", "-req", "-in", folder / "tsa.csr", *by, "-out", folder / "tsa.pem", "-days", 2)
        self.root = (folder / "root.pem").read_text()

    def stamp(self, question: bytes) -> bytes:
        # OpenSSL keeps the serial number in a file.
        with self.lock:
            asked, answered = self.folder / "question", self.folder / "answer"
            asked.write_bytes(question)
            openssl("ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile", asked, "-out", answered)
            self.given += 1
            return answered.read_bytes()


@contextlib.contextmanager
def authority() -> Iterator[tuple[Authority, ThreadingHTTPServer]]:
    with tempfile.TemporaryDirectory() as name:
        stamps = Authority(Path(name))

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                answer = stamps.stamp(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-type", "application/timestamp-reply")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield stamps, server
        finally:
            server.shutdown()
            server.server_close()
