"""fal_client, the client of fal. It speaks https alone, so a server of its own has a certificate."""

import base64
import json
import os
import subprocess
import sys
import textwrap
import unittest

from service import opened, picture, png

HOST = os.environ.get("ATELIER_TLS_HOST")


@unittest.skipUnless(HOST, "it needs a server with a certificate")
class Fal(unittest.TestCase):
    def run_client(self, code):
        """What the code prints, as JSON; hosts are read when the client is imported, so it has a process of its own."""
        environment = {
            **os.environ,
            "FAL_KEY": "any",
            "FAL_RUN_HOST": f"{HOST}/fal/run",
            "FAL_QUEUE_RUN_HOST": f"{HOST}/fal/queue",
        }
        code = "import fal_client, json\n" + textwrap.dedent(code)
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def picture_of(self, image):
        head, data = image["url"].split(",", 1)
        self.assertEqual(head, f"data:{image['content_type']};base64")
        return opened(base64.b64decode(data))

    def test_words_become_a_picture_by_the_queue_and_directly(self):
        queued, direct, statuses = self.run_client(
            """
            asked = {"prompt": "seven", "seed": 7}
            statuses = []
            queued = fal_client.subscribe(
                "any/digits-gan", arguments=asked, with_logs=True,
                on_queue_update=lambda status: statuses.append(type(status).__name__),
            )
            print(json.dumps([queued, fal_client.run("any/digits-gan", arguments=asked), statuses]))
            """
        )
        self.assertEqual(queued["images"], direct["images"])
        self.assertEqual((queued["seed"], self.picture_of(queued["images"][0]).size), (7, (28, 28)))
        self.assertEqual(statuses[-1], "Completed")

    def test_a_picture_becomes_another(self):
        image = "data:image/png;base64," + base64.b64encode(png(picture())).decode()
        answer = self.run_client(
            f"""
            asked = {{"prompt": "a cat", "seed": 5, "num_inference_steps": 2, "num_images": 2, "image_url": {image!r}}}
            print(json.dumps(fal_client.submit("any/stable-diffusion", arguments=asked).get()))
            """
        )
        self.assertEqual([self.picture_of(image).size for image in answer["images"]], [(32, 32)] * 2)

    def test_a_request_is_cancelled(self):
        error = self.run_client(
            """
            asked = {"prompt": "seven", "seed": 1, "num_images": 64}
            handle = fal_client.submit("any/digits-pixelrnn", arguments=asked)
            handle.cancel()
            print(json.dumps(handle.status().error))
            """
        )
        self.assertEqual(error, "cancelled")

    def test_errors_say_what_is_wrong(self):
        told = self.run_client(
            """
            told = []
            for model, words in [("any/none", "seven"), ("any/digits-gan", "a cat")]:
                try:
                    fal_client.submit(model, arguments={"prompt": words})
                except fal_client.FalClientHTTPError as error:
                    told.append([error.status_code, str(error)])
            print(json.dumps(told))
            """
        )
        self.assertEqual([status for status, _ in told], [404, 422])
        self.assertIn("there is no model", told[0][1])
        self.assertIn("prompt: ", told[1][1])
