"""What the clients send where their user says little, to a server as it starts by itself."""

import base64
import unittest
import urllib.parse

import openai
import webuiapi
from huggingface_hub import InferenceClient

from service import URL, opened, picture, png


class StockCalls(unittest.TestCase):
    def test_openai(self):
        client = openai.OpenAI(base_url=f"{URL}/v1", api_key="any")
        self.addCleanup(client.close)
        for asked, size in [
            ({}, (64, 64)),
            ({"model": "dall-e-2", "size": "256x256"}, (256, 256)),
            ({"model": "dall-e-3", "size": "1024x1024", "quality": "hd", "style": "natural"}, (1024, 1024)),
            ({"model": "gpt-image-1", "size": "1024x1536", "background": "transparent"}, (1024, 1024)),
        ]:
            answer = client.images.generate(prompt="a black cat", **asked)
            self.assertEqual(answer.model_extra["model"], "emoji-diffusion")
            self.assertEqual(opened(base64.b64decode(answer.data[0].b64_json)).size, size)
            warnings = " ".join(answer.model_extra["warnings"])
            self.assertEqual("became 1024x1024" in warnings, asked.get("size") == "1024x1536", warnings)
        edited = client.images.edit(image=("a.png", png(picture()), "image/png"), prompt="a red apple")
        self.assertEqual(opened(base64.b64decode(edited.data[0].b64_json)).size, (64, 64))

    def test_webuiapi(self):
        address = urllib.parse.urlsplit(URL)
        api = webuiapi.WebUIApi(host=address.hostname, port=address.port)
        self.addCleanup(api.session.close)
        made = api.txt2img(prompt="a black cat", negative_prompt="ugly, out of frame", seed=1003, cfg_scale=7)
        self.assertEqual(made.image.size, (512, 512))
        made = api.img2img(images=[made.image], prompt="a white cat", seed=5555, cfg_scale=6.5, denoising_strength=0.6)
        self.assertEqual(made.image.size, (512, 512))

    def test_hugging_face(self):
        client = InferenceClient(model=f"{URL}/hf/emoji-diffusion")
        self.assertEqual(client.text_to_image("a black cat").size, (64, 64))
        self.assertEqual(client.text_to_image("a black cat", width=512, height=512).size, (512, 512))
        changed = client.image_to_image(png(picture()), prompt="a red apple", guidance_scale=7.5)
        self.assertEqual(changed.size, (64, 64))
