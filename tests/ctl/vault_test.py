#!/usr/bin/python3
"""tuberryctl vault render against a stand-in for Vault: TLS under a CA of our
own, on loopback."""

import http.server
import json
import os
import shutil
import ssl
import stat
import subprocess
import tempfile
import threading
import unittest

PROGRAM = os.path.abspath(os.environ.get("TUBERRYCTL", "./tuberryctl"))
TOKEN = "hvs.CAESIJ-a-token-that-nobody-may-see"
SECRETS = {"APP_SECRET": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
           "JWT_SECRET": "j" * 40,
           "DATABASE_URL": "postgresql://tuberry_web:pass%20word@db/tuberry"}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        vault = self.server
        vault.asked.append(self.path)
        if vault.silent:
            vault.released.wait(60)
            return
        status, body = vault.status, vault.body
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status, body = 403, '{"errors":["permission denied"]}'
        elif self.path != "/v1/secret/data/tuberry":
            status, body = 404, '{"errors":[]}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Handshakes that a test wants to fail."""


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ca(place, name):
    """A CA and a certificate for 127.0.0.1 that it signed."""
    at = os.path.join(place, name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
            f"/CN={name}", "-keyout", f"{at}-ca.key", "-out", f"{at}-ca.pem")
    openssl("req", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=127.0.0.1", "-keyout", f"{at}.key", "-out", f"{at}.csr")
    with open(f"{at}.ext", "w", encoding="ascii") as file:
        file.write("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", f"{at}.csr", "-CA", f"{at}-ca.pem",
            "-CAkey", f"{at}-ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", f"{at}.ext", "-out", f"{at}.pem")
    return at


class Render(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.mkdtemp(prefix="vault_test.")
        cls.right = make_ca(cls.place, "right")
        cls.wrong = make_ca(cls.place, "wrong")
        cls.server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{cls.right}.pem", f"{cls.right}.key")
        # In the connection's own thread, so that nobody waits for another's
        # handshake.
        cls.server.socket = context.wrap_socket(
            cls.server.socket, server_side=True,
            do_handshake_on_connect=False)
        cls.thread = threading.Thread(target=cls.server.serve_forever,
                                      args=(0.01,), daemon=True)
        cls.thread.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        shutil.rmtree(cls.place)

    def setUp(self):
        self.dir = os.path.join(self.place, "secrets")
        shutil.rmtree(self.dir, ignore_errors=True)
        self.token_file = os.path.join(self.place, "token")
        self.write_token(TOKEN + "\n")
        self.server.asked = []
        self.server.silent = False
        self.server.released = threading.Event()
        self.answer(SECRETS)
        self.settings = {
            "VAULT_ADDR":
                f"https://127.0.0.1:{self.server.server_address[1]}",
            "VAULT_CACERT": f"{self.right}-ca.pem",
            "VAULT_TOKEN_FILE": self.token_file,
            "VAULT_PATH": "secret/data/tuberry",
        }

    def write_token(self, text, mode=0o600):
        with open(self.token_file, "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(self.token_file, mode)

    def answer(self, secrets, status=200):
        self.server.status = status
        self.server.body = json.dumps(
            {"data": {"data": secrets, "metadata": {"version": 3}}})

    def render(self, *names):
        environment = {name: os.environ[name]
                       for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")
                       if name in os.environ}
        done = subprocess.run(
            [PROGRAM, "vault", "render", self.dir, *names],
            env={**environment, **self.settings}, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, check=False)
        for secret in (TOKEN, *SECRETS.values()):
            self.assertNotIn(secret, done.stdout + done.stderr)
        return done

    def files(self):
        found = {}
        for name in os.listdir(self.dir):
            with open(os.path.join(self.dir, name),
                      encoding="utf-8") as file:
                found[name] = file.read()
        return found

    def refused(self, why, *names, status=1):
        """Nothing is written; what a render has written before stays."""
        self.assertFalse(os.path.exists(self.dir))
        self.assertEqual(self.render(*names).returncode, status)
        self.assertFalse(os.path.exists(self.dir))
        os.mkdir(self.dir, 0o700)
        before = {"APP_SECRET": "former\n", "JWT_SECRET": "former\n",
                  "note": "mine\n"}
        for name, text in before.items():
            with open(os.path.join(self.dir, name), "w",
                      encoding="utf-8") as file:
                file.write(text)
        done = self.render(*names)
        self.assertEqual(done.returncode, status, done)
        self.assertIn(why, done.stderr)
        self.assertEqual(self.files(), before)
        return done

    # --- as it should be ---

    def test_secrets_become_files(self):
        done = self.render()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.files(),
                         {k: v + "\n" for k, v in SECRETS.items()})
        self.assertEqual(stat.S_IMODE(os.stat(self.dir).st_mode), 0o700)
        for name in SECRETS:
            info = os.stat(os.path.join(self.dir, name))
            self.assertEqual(stat.S_IMODE(info.st_mode), 0o600)
        self.assertEqual(sorted(done.stdout.split("\n")), [
            "", "wrote APP_SECRET", "wrote DATABASE_URL",
            "wrote JWT_SECRET"])

    def test_programs_take_the_files(self):
        self.render()
        done = subprocess.run(
            [PROGRAM, "--check-config"],
            env={f"{name}_FILE": os.path.join(self.dir, name)
                 for name in SECRETS}, stderr=subprocess.PIPE, text=True,
            check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_second_time_replaces_and_removes(self):
        self.render()
        with open(os.path.join(self.dir, "note"), "w",
                  encoding="utf-8") as file:
            file.write("mine\n")
        self.answer({"APP_SECRET": "another"})
        done = self.render()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.files(), {"APP_SECRET": "another\n",
                                        "note": "mine\n"})
        self.assertIn("removed JWT_SECRET\n", done.stdout)

    def test_settings_that_need_the_files_may_be_there(self):
        conf = os.path.join(self.place, "tuberry.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write(f"APP_SECRET_FILE={self.dir}/APP_SECRET\n"
                       f"JWT_SECRET=short\n")
            for name, value in self.settings.items():
                file.write(f"{name}={value}\n")
        os.chmod(conf, 0o600)
        done = subprocess.run(
            [PROGRAM, "--config", conf, "vault", "render", self.dir], env={},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_named_secrets_are_there(self):
        self.assertEqual(self.render("APP_SECRET").returncode, 0)

    # --- TLS ---

    def test_wrong_ca(self):
        self.settings["VAULT_CACERT"] = f"{self.wrong}-ca.pem"
        self.refused("certificate is not trusted")
        self.assertEqual(self.server.asked, [])

    def test_system_does_not_trust_our_ca(self):
        del self.settings["VAULT_CACERT"]
        self.refused("certificate is not trusted")
        self.assertEqual(self.server.asked, [])

    def test_certificate_of_another_host(self):
        self.settings["VAULT_ADDR"] = self.settings["VAULT_ADDR"].replace(
            "127.0.0.1", "localhost")
        self.refused("certificate is not trusted")
        self.assertEqual(self.server.asked, [])

    def test_ca_file_is_missing(self):
        self.settings["VAULT_CACERT"] = os.path.join(self.place, "nowhere")
        self.refused("VAULT_CACERT")

    def test_http_address(self):
        self.settings["VAULT_ADDR"] = "http://127.0.0.1:8200"
        self.settings["ALLOW_INSECURE_API"] = "1"
        self.refused("VAULT_ADDR: must begin with https://", status=78)

    def test_nobody_listens(self):
        self.settings["VAULT_ADDR"] = "https://127.0.0.1:1"
        self.refused("no answer from Vault")

    # --- answers ---

    def test_403_names_the_token_file(self):
        self.write_token("hvs.another\n")
        self.refused(self.token_file)

    def test_404_names_the_path(self):
        self.settings["VAULT_PATH"] = "secret/data/nothing"
        self.refused("secret/data/nothing")

    def test_503(self):
        self.answer({}, status=503)
        self.refused("sealed")

    def test_500(self):
        self.answer({}, status=500)
        self.refused("500")

    def test_redirect_is_not_followed(self):
        self.answer({}, status=307)
        self.refused("307")

    def test_no_json(self):
        self.server.body = "<html>" + SECRETS["APP_SECRET"]
        self.refused("not JSON")

    def test_kv_v1(self):
        self.server.body = json.dumps({"data": SECRETS})
        self.refused("KV v2")

    def test_deleted_version(self):
        self.server.body = json.dumps({"data": {"data": None}})
        self.refused("KV v2")

    def test_no_values(self):
        self.answer({})
        self.refused("no values")

    def test_huge_answer(self):
        self.answer({"APP_SECRET": "x" * (2 << 20)})
        self.refused("longer than")

    def test_slow(self):
        self.server.silent = True
        self.settings["VAULT_TIMEOUT"] = "1"
        try:
            self.refused("no whole answer in 1000 ms")
        finally:
            self.server.released.set()

    # --- values ---

    def test_unknown_name(self):
        self.answer({**SECRETS, "LOG_LEVEL": "debug"})
        self.refused('"LOG_LEVEL"')

    def test_name_that_is_a_path(self):
        self.answer({**SECRETS, "../APP_SECRET": "x"})
        self.refused('"../APP_SECRET"')

    def test_empty_value(self):
        self.answer({**SECRETS, "JWT_SECRET": ""})
        self.refused("JWT_SECRET is empty")

    def test_value_that_is_no_text(self):
        self.answer({**SECRETS, "JWT_SECRET": 5})
        self.refused("JWT_SECRET must be a text")

    def test_value_of_two_lines(self):
        self.answer({**SECRETS, "JWT_SECRET": "a\nb"})
        self.refused("JWT_SECRET must be one line")

    def test_missing_name(self):
        self.answer({"APP_SECRET": "x"})
        self.refused("JWT_SECRET is missing", "APP_SECRET", "JWT_SECRET")

    def test_demanding_what_is_no_secret(self):
        self.refused("LOG_LEVEL", "LOG_LEVEL", status=64)

    # --- files ---

    def test_token_file_that_others_can_read(self):
        for mode in (0o640, 0o604):
            shutil.rmtree(self.dir, ignore_errors=True)
            os.chmod(self.token_file, mode)
            self.refused("others can read it")
        self.assertEqual(self.server.asked, [])

    def test_no_token_file(self):
        os.unlink(self.token_file)
        self.refused("cannot read")

    def test_empty_token_file(self):
        self.write_token("\n")
        self.refused("empty")

    def test_folder_that_others_may_look_into(self):
        os.mkdir(self.dir, 0o755)
        os.chmod(self.dir, 0o755)
        done = self.render()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"chmod 700 {self.dir}", done.stderr)
        self.assertEqual(self.files(), {})

    def test_folder_that_is_a_link(self):
        os.mkdir(self.dir + ".real", 0o700)
        os.symlink(self.dir + ".real", self.dir)
        try:
            self.assertEqual(self.render().returncode, 1)
            self.assertEqual(self.files(), {})
        finally:
            os.unlink(self.dir)
            os.rmdir(self.dir + ".real")

    def test_file_that_cannot_be_replaced(self):
        os.makedirs(os.path.join(self.dir, "JWT_SECRET", "in", "the", "way"))
        os.chmod(self.dir, 0o700)
        done = self.render()
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot replace JWT_SECRET", done.stderr)
        self.assertEqual(os.listdir(self.dir), ["JWT_SECRET"])


if __name__ == "__main__":
    unittest.main()
