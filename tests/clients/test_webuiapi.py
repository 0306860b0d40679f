"""webuiapi, the client of the A1111 web UI."""

import threading
import time
import urllib.parse

import webuiapi

from service import URL, ClientTest, left_half, opened, picture, png

DIFFUSION = {"sd_model_checkpoint": "stable-diffusion"}


def api():
    address = urllib.parse.urlsplit(URL)
    return webuiapi.WebUIApi(host=address.hostname, port=address.port)


class WebUi(ClientTest):
    def setUp(self):
        self.api = api()
        self.addCleanup(self.api.session.close)

    def test_pictures_with_their_seeds(self):
        answer = self.api.txt2img(prompt="seven", seed=7, batch_size=2)
        self.assertEqual(answer.info["all_seeds"], [7, 8])
        # The client asks for 512 by itself, and an upscaler comes as near as it can.
        self.assertEqual(answer.image.size, (448, 448))
        self.assertTrue(answer.image.text["parameters"].startswith("seven\nSteps: "))
        self.assertEqual(answer.image.text["parameters"], answer.info["infotexts"][0])
        self.assertIn("steps was not used", " ".join(answer.json["warnings"]))

    def test_a_white_mask_is_painted_anew(self):
        asked = {
            "images": [picture()],
            "prompt": "a cat",
            "seed": 5,
            "steps": 4,
            "width": 32,
            "height": 32,
            "sampler_name": "DDIM",
            "eta": 0.0,
            "override_settings": DIFFUSION,
        }
        white = self.api.img2img(mask_image=left_half(255, 0, "L"), **asked)
        black = self.api.img2img(mask_image=left_half(0, 255, "L"), inpainting_mask_invert=1, **asked)
        self.assertEqual(white.image.tobytes(), black.image.tobytes())
        whole = self.api.img2img(**asked)
        self.assertNotEqual(white.image.tobytes(), whole.image.tobytes())

    def test_models_that_make_a_picture_of_a_picture(self):
        painted = self.api.img2img(
            images=[picture()], prompt="", styles=["mosaic"], override_settings={"sd_model_checkpoint": "painter"}
        )
        self.assertEqual(painted.image.size, (32, 32))
        self.assertIn("width, height was not used", " ".join(painted.json["warnings"]))
        large = self.api.img2img(
            images=[picture()], width=120, height=128, override_settings={"sd_model_checkpoint": "upscaler"}
        )
        self.assertEqual(large.image.size, (128, 128))
        self.assertIn("became 128x128: upscaler enlarges by 2, 4", " ".join(large.json["warnings"]))

    def test_a_model_that_is_set_is_the_callers_own(self):
        self.api.util_set_model("stable-diffusion")
        self.assertTrue(self.api.util_get_current_model().startswith("stable-diffusion ["))
        answer = self.api.txt2img(prompt="a cat", steps=2, width=32, height=32)
        self.assertEqual(answer.info["sd_model_name"], "stable-diffusion")
        self.assertEqual(api().txt2img(prompt="seven").info["sd_model_name"], "digits-gan")

    def test_progress_and_interrupt(self):
        self.api.util_wait_for_ready()
        answers = []

        def paint():
            asked = {"prompt": "a cat", "steps": 200, "width": 256, "height": 256}
            answers.append(api().txt2img(override_settings=DIFFUSION, **asked))

        painting = threading.Thread(target=paint)
        painting.start()
        deadline = time.monotonic() + 60
        while self.api.get_progress()["state"]["sampling_step"] == 0:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        progress = self.api.get_progress()
        self.assertEqual(progress["state"]["sampling_steps"], 200)
        self.assertGreater(progress["progress"], 0)
        self.api.interrupt()
        painting.join()
        self.assertEqual(answers[0].images, [])
        self.api.util_wait_for_ready()

    def test_what_clients_ask_for_at_start(self):
        self.assertIn("Euler a", self.api.util_get_sampler_names())
        self.assertIn("karras", self.api.util_get_scheduler_names())
        self.assertTrue(any(name.startswith("digits-gan [") for name in self.api.util_get_model_names()))
        for ask in [
            self.api.get_cmd_flags,
            self.api.get_embeddings,
            self.api.get_face_restorers,
            self.api.get_hypernetworks,
            self.api.get_latent_upscale_modes,
            self.api.get_loras,
            self.api.get_memory,
            self.api.get_options,
            self.api.get_prompt_styles,
            self.api.get_realesrgan_models,
            self.api.get_scripts,
            self.api.get_sd_vae,
            self.api.get_upscalers,
            self.api.refresh_checkpoints,
            self.api.skip,
        ]:
            ask()

    def test_extras(self):
        large = self.api.extra_single_image(picture(), upscaler_1=webuiapi.Upscaler.Lanczos, upscaling_resize=2)
        self.assertEqual(large.image.size, (64, 64))
        by_model = self.api.extra_single_image(picture(), upscaler_1="upscaler", upscaling_resize=4)
        self.assertEqual(by_model.image.size, (128, 128))
        # What the client has built in, and no model here is called.
        built_in = self.api.extra_single_image(
            picture(), upscaler_1=webuiapi.Upscaler.ESRGAN_4x, upscaling_resize=4
        )
        self.assertEqual(built_in.image.tobytes(), by_model.image.tobytes())
        both = self.api.extra_batch_images([picture(), picture()], upscaler_1=webuiapi.Upscaler.Lanczos)
        self.assertEqual(len(both.images), 2)
        painted = self.api.txt2img(prompt="seven", seed=7)
        read = self.api.png_info(painted.image)
        self.assertIsInstance(read.info, str)

    def test_errors(self):
        for asked, status in [
            ({"prompt": "a cat"}, 422),
            ({"sampler_name": "Magic"}, 422),
            ({"override_settings": {"sd_model_checkpoint": "none"}}, 404),
        ]:
            with self.assertRaises(RuntimeError) as raised:
                self.api.txt2img(**{"prompt": "seven", **asked})
            self.assertEqual(raised.exception.args[0], status)
        with self.assertRaises(RuntimeError):
            self.api.img2img(images=[], prompt="seven")
        self.assertTrue(opened(png(picture())))
