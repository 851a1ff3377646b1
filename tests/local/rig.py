"""The supervisor of `make run` with small stand-ins for the product's programs: same servers, same order, no Django."""

import os

from config.env import Environment
from config.local.run import Process, Product, run
from config.local.trouble import exit_with

ALIVE = """
import signal, sys, time
name = sys.argv[1]
def stop(*_):
    print("stopped", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("at work", flush=True)
while True:
    time.sleep(60)
"""
WITH_CHILD = "import subprocess; subprocess.Popen(['sleep', '98765'])" + ALIVE
STUBBORN = ALIVE.replace("signal.SIGTERM, stop", "signal.SIGTERM, signal.SIG_IGN")
WEB = """
import http.server, sys
class Well(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"well")
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Well).serve_forever()
"""
SIGN_IN = """print('{"email": "demo@example.com", "password": null}')"""
SET_UP = os.environ.get("RIG_SET_UP", "print('made ready')")

RIG = Product(
    set_up=(["-c", SET_UP],),
    sign_in=["-c", SIGN_IN],
    processes=(
        Process("web", ["-c", WEB, "$PORT"], stop_seconds=5),
        Process("worker", ["-c", WITH_CHILD, "worker"], stop_seconds=5),
        Process("beat", ["-c", STUBBORN if "RIG_STUBBORN" in os.environ else ALIVE, "beat"], stop_seconds=5),
    ),
)

if __name__ == "__main__":
    exit_with(lambda: run(Environment(os.environ), product=RIG))
