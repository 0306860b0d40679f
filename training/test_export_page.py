"""docs/export.md does what it says: every block is run, imported and asked for an image."""

import base64
import io
import json
import os
import re
import subprocess
import tempfile
import unittest
import urllib.request
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/export.md").read_text()
SIZES = {"dcgan": (16, 16), "vae": (28, 28), "conditional": (28, 28), "labels": (28, 28), "pixels": (28, 28), "stylegan": (32, 32), "pix2pix": (64, 64)}
FROM_AN_IMAGE = {"pix2pix": (64, 64), "mosaic": (80, 48), "espcn": (96, 80)}


def program() -> str:
    """The binary that was built last."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for kind in ("debug", "release") if (path := target / kind / "atelier").exists()]
    if not built:
        raise SystemExit("cargo build comes first")
    return str(max(built, key=lambda path: path.stat().st_mtime))


class TestExportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        folder = Path(cls.scratch.name)
        cls.environment = os.environ | {
            "ATELIER_ONNXRUNTIME": os.environ.get("ATELIER_ONNXRUNTIME", str(ROOT / ".onnxruntime/lib/libonnxruntime.so"))
        }
        cls.blocks = re.findall(r"```python (\w+)\n(.*?)```\n\n```sh\n(atelier .*?)\n```", PAGE, re.DOTALL)
        here = os.getcwd()
        os.chdir(folder)
        try:
            for name, code, command in cls.blocks:
                exec(compile(code, name, "exec"), {})
                words = [program(), *command.split()[1:]]
                said = subprocess.run(words, capture_output=True, text=True, env=cls.environment)
                assert said.returncode == 0, (name, said.stderr)
                assert "CAREFUL" not in said.stdout, said.stdout
        finally:
            os.chdir(here)
        server = [program(), "serve", "--models", str(folder / "models"), "--listen", "127.0.0.1:0"]
        cls.server = subprocess.Popen(server, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=cls.environment)
        cls.url = re.search(r"http://\S+", cls.server.stdout.readline()).group()

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait()
        cls.server.stdout.close()
        cls.scratch.cleanup()

    def ask(self, body: dict) -> Image.Image:
        request = urllib.request.Request(
            f"{self.url}/generate", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            found = json.load(answer)
        return Image.open(io.BytesIO(base64.b64decode(found["images"][0]["b64"])))

    def test_every_block_stands_before_its_command(self):
        self.assertEqual(len(self.blocks), PAGE.count("```python "))
        self.assertEqual(len(self.blocks), PAGE.count("\natelier import "))

    def test_latents_become_images(self):
        for model, size in SIZES.items():
            if model not in FROM_AN_IMAGE:
                self.assertEqual(self.ask({"model": model, "seed": 1}).size, size, model)

    def test_labels_have_their_names(self):
        picture = self.ask({"model": "conditional", "seed": 1, "class": "dog"})
        self.assertNotEqual(picture.tobytes(), self.ask({"model": "conditional", "seed": 1, "class": "cat"}).tobytes())

    def test_images_become_images(self):
        content = Image.radial_gradient("L").resize((48, 40)).convert("RGB")
        for model, (width, height) in FROM_AN_IMAGE.items():
            scale = 2 if model == "espcn" else 1
            file = io.BytesIO()
            content.resize((width // scale, height // scale)).save(file, "PNG")
            image = base64.b64encode(file.getvalue()).decode()
            self.assertEqual(self.ask({"model": model, "image": image}).size, (width, height), model)
            styled = self.ask({"model": "pair", "image": image, "style_image": image})
            self.assertEqual(styled.size, (width // scale, height // scale))


if __name__ == "__main__":
    unittest.main()
