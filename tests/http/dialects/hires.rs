//! Images that are enlarged: by the web UI's extras, and on the way of `txt2img`.

use std::time::Duration;

use serde_json::{Value, json};

use super::{DIFFUSION, base64, decoded, house_of, png, size};
use crate::harness::{TestApp, send};

async fn app() -> TestApp {
    house_of(["images/upscale", DIFFUSION]).start().await
}

async fn asked(app: &TestApp, path: &str, request: &Value, status: u16) -> Value {
    let response = send(app.post(&format!("/sdapi/v1/{path}"), request)).await;
    let found = response.status();
    let answer: Value = response.json().await.expect("answers are JSON");
    assert_eq!(found, status, "{request}: {answer}");
    answer
}

fn pixels(file: &[u8]) -> Vec<u8> {
    let limits = atelier::imaging::DecodeLimits::default();
    atelier::imaging::decode(file, &limits)
        .expect("an image")
        .into_pixels()
}

fn hires(more: &Value) -> Value {
    let mut request = json!({
        "prompt": "one", "seed": 3, "steps": 2, "width": 32, "height": 32, "enable_hr": true,
        "hr_upscaler": "upscale", "denoising_strength": 0.5,
        "override_settings": {"sd_model_checkpoint": "stable-diffusion"},
    });
    for (name, value) in more.as_object().expect("fields") {
        request[name] = value.clone();
    }
    request
}

#[tokio::test]
async fn loaded_upscalers_are_listed_behind_the_filters() {
    let app = app().await;
    let response = send(app.get("/sdapi/v1/upscalers")).await;
    let upscalers: Value = response.json().await.expect("JSON");
    let names: Vec<_> = upscalers
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["name"])
        .collect();
    assert_eq!(names, ["None", "Lanczos", "upscale"]);
    assert_eq!(upscalers[2]["model_name"], "upscale");
    assert!(upscalers[2]["scale"].as_f64() > Some(1.0), "{upscalers}");
}

#[tokio::test]
async fn extras_enlarge_by_a_model_and_not_as_the_filter_does() {
    let app = app().await;
    let image = base64(&png(8, 6, |x, y| {
        [(x * 30) as u8, (y * 40) as u8, 128, 255]
    }));
    let request = |upscaler: &str, factor: f64| json!({"image": image, "upscaler_1": upscaler, "upscaling_resize": factor});
    let by = async |upscaler: &str, factor: f64| {
        let answer = asked(&app, "extra-single-image", &request(upscaler, factor), 200).await;
        decoded(&answer["image"])
    };
    let by_model = by("upscale", 2.0).await;
    assert_eq!(size(&by_model), (16, 12));
    // The native dialect has the same of it.
    let native = app
        .generated(&json!({"model": "upscale", "image": image, "scale": 2}))
        .await;
    assert!(pixels(&by_model) == pixels(&crate::harness::image_file(&native, 0)));
    assert_ne!(pixels(&by_model), pixels(&by("Lanczos", 2.0).await));
    // A factor that is no scale of its is met by the next one, and the filter.
    assert_eq!(size(&by("upscale", 1.5).await), (12, 9));
    assert_eq!(size(&by("upscale", 0.5).await), (4, 3));
    let list = json!({
        "imageList": [{"data": image, "name": "a"}, {"data": image}], "upscaler_1": "upscale",
        "resize_mode": 1, "upscaling_resize_w": 20, "upscaling_resize_h": 10,
    });
    let answer = asked(&app, "extra-batch-images", &list, 200).await;
    assert_eq!(size(&decoded(&answer["images"][1])), (20, 10));
    // A name that a client has built in stands for the model that there is.
    let other = asked(
        &app,
        "extra-single-image",
        &request("R-ESRGAN 4x+", 2.0),
        200,
    )
    .await;
    assert_eq!(pixels(&decoded(&other["image"])), pixels(&by_model));
    let says =
        "upscaler_1 \"R-ESRGAN 4x+\" became upscale: the upscalers are None, Lanczos, upscale";
    assert_eq!(other["warnings"], json!([says]));
}

#[tokio::test]
async fn enlarging_ends_with_the_deadline() {
    let setup = TestApp::with(["images/upscale"]).deadline(Duration::from_millis(1));
    let app = setup.start().await;
    let image = base64(&png(64, 64, |x, y| [x as u8, y as u8, 128, 255]));
    let list = json!({
        "imageList": vec![json!({"data": image}); 8], "upscaler_1": "Lanczos", "upscaling_resize": 16,
    });
    let late = asked(&app, "extra-batch-images", &list, 504).await;
    assert!(late.to_string().contains("deadline"), "{late}");
}

#[tokio::test]
async fn a_second_pass_paints_the_enlarged_images_anew() {
    let app = app().await;
    let two = asked(&app, "txt2img", &hires(&json!({"batch_size": 2})), 200).await;
    let images = two["images"].as_array().expect("a list");
    assert_eq!(images.len(), 2);
    for image in images {
        assert_eq!(size(&decoded(image)), (64, 64));
    }
    let info: Value = serde_json::from_str(two["info"].as_str().expect("a text")).expect("JSON");
    assert_eq!(
        (&info["width"], &info["all_seeds"]),
        (&json!(64), &json!([3, 4]))
    );
    assert_eq!(info["denoising_strength"], 0.5);
    assert_eq!(info["extra_generation_params"]["Hires upscaler"], "upscale");
    let text = info["infotexts"][0].as_str().expect("a text");
    assert!(
        text.contains("Denoising strength: 0.5, Hires upscale: 2"),
        "{text}"
    );

    // The first of them is what img2img makes of what the upscaler makes of the first pass.
    let first = asked(&app, "txt2img", &hires(&json!({"enable_hr": false})), 200).await;
    let enlarged =
        json!({"image": first["images"][0], "upscaler_1": "upscale", "upscaling_resize": 2});
    let enlarged = asked(&app, "extra-single-image", &enlarged, 200).await;
    let again = json!({
        "prompt": "one", "seed": 3, "steps": 2, "width": 64, "height": 64,
        "init_images": [enlarged["image"]], "denoising_strength": 0.5,
        "override_settings": {"sd_model_checkpoint": "stable-diffusion"},
    });
    let again = asked(&app, "img2img", &again, 200).await;
    assert!(pixels(&decoded(&again["images"][0])) == pixels(&decoded(&images[0])));

    // Its own prompt, steps and size, by the filter.
    let other = hires(&json!({
        "hr_upscaler": "Latent (nearest)", "hr_prompt": "two", "hr_second_pass_steps": 3,
        "hr_resize_x": 64, "hr_resize_y": 0, "hr_sampler_name": "Euler a",
    }));
    let other = asked(&app, "txt2img", &other, 200).await;
    assert_eq!(size(&decoded(&other["images"][0])), (64, 64));
    assert!(
        other["warnings"].to_string().contains("became Lanczos"),
        "{}",
        other["warnings"]
    );
    assert!(pixels(&decoded(&other["images"][0])) != pixels(&decoded(&images[0])));
}

#[tokio::test]
async fn without_a_second_pass_images_are_enlarged_and_keep_what_they_say_of_their_making() {
    let app = app().await;
    // A GAN paints no image anew.
    let request =
        hires(&json!({"override_settings": {"sd_model_checkpoint": "gan"}, "hr_scale": 1.5}));
    let made = asked(&app, "txt2img", &request, 200).await;
    let plain = hires(&json!({
        "override_settings": {"sd_model_checkpoint": "gan"}, "enable_hr": false,
    }));
    let plain = asked(&app, "txt2img", &plain, 200).await;
    let (file, first) = (decoded(&made["images"][0]), decoded(&plain["images"][0]));
    let (wide, high) = size(&first);
    assert_eq!(size(&file), (wide * 3 / 2, high * 3 / 2));
    assert!(
        made["warnings"].to_string().contains("not painted anew"),
        "{}",
        made["warnings"]
    );
    let says = atelier::imaging::read_provenance(&file).expect("a sound file");
    assert_eq!(says.model.as_deref(), Some("gan"));
    assert_eq!(says.seed, Some(3));
    assert!(
        says.chain
            .iter()
            .any(|link| link.starts_with("upscale upscale ×2 sha256:")),
        "{:?}",
        says.chain
    );
    // As much as nothing is to be painted anew.
    let kept = asked(
        &app,
        "txt2img",
        &hires(&json!({"denoising_strength": 0})),
        200,
    )
    .await;
    assert_eq!(size(&decoded(&kept["images"][0])), (64, 64));
}

#[tokio::test]
async fn what_makes_no_image_is_named_by_its_own_field() {
    let app = app().await;
    for (more, field) in [
        (json!({"hr_scale": 1e9}), "hr_scale"),
        (json!({"hr_scale": 0}), "hr_scale"),
        (json!({"hr_scale": "big"}), "hr_scale"),
        (json!({"hr_resize_x": 4_000_000_000_u64}), "hr_resize_x"),
        (json!({"hr_resize_y": -1}), "hr_resize_y"),
        (json!({"hr_sampler_name": "Magic"}), "hr_sampler_name"),
        (json!({"hr_prompt": 3}), "hr_prompt"),
        (json!({"hr_second_pass_steps": {}}), "hr_second_pass_steps"),
        (json!({"enable_hr": "perhaps"}), "enable_hr"),
    ] {
        let fault = asked(&app, "txt2img", &hires(&more), 422).await;
        assert_eq!(
            fault["detail"][0]["loc"],
            json!(["body", field]),
            "{more}: {fault}"
        );
    }
    let nothing = hires(&json!({
        "hr_scale": null, "hr_upscaler": "", "hr_resize_x": 0, "hr_second_pass_steps": null,
        "hr_prompt": "", "hr_sampler_name": null, "hr_scheduler": "",
    }));
    let made = asked(&app, "txt2img", &nothing, 200).await;
    assert_eq!(size(&decoded(&made["images"][0])), (64, 64));
    // Clients send these with every request.
    let idle = hires(&json!({"enable_hr": false, "hr_scale": 2, "hr_upscaler": "Latent"}));
    let idle = asked(&app, "txt2img", &idle, 200).await;
    assert!(
        !idle["warnings"].to_string().contains("hr_"),
        "{}",
        idle["warnings"]
    );
}

#[tokio::test]
async fn another_model_may_paint_the_second_pass() {
    let app = app().await;
    let of = |more: &Value| {
        let mut request = json!({
            "prompt": "one", "seed": 3, "enable_hr": true, "hr_upscaler": "upscale", "hr_scale": 4,
            "denoising_strength": 0.5, "hr_second_pass_steps": 2,
            "hr_checkpoint_name": "stable-diffusion",
            "override_settings": {"sd_model_checkpoint": "gan"},
        });
        for (name, value) in more.as_object().expect("fields") {
            request[name] = value.clone();
        }
        request
    };
    let made = asked(&app, "txt2img", &of(&json!({})), 200).await;
    let file = decoded(&made["images"][0]);
    assert_eq!(size(&file), (32, 32));
    let text = made["info"].as_str().expect("a text");
    assert!(
        text.contains("Hires checkpoint: stable-diffusion"),
        "{text}"
    );

    let first = asked(&app, "txt2img", &of(&json!({"enable_hr": false})), 200).await;
    let enlarged =
        json!({"image": first["images"][0], "upscaler_1": "upscale", "upscaling_resize": 4});
    let enlarged = asked(&app, "extra-single-image", &enlarged, 200).await;
    let again = json!({
        "prompt": "one", "seed": 3, "steps": 2, "width": 32, "height": 32,
        "init_images": [enlarged["image"]], "denoising_strength": 0.5,
        "override_settings": {"sd_model_checkpoint": "stable-diffusion"},
    });
    let again = asked(&app, "img2img", &again, 200).await;
    assert!(pixels(&decoded(&again["images"][0])) == pixels(&file));

    // What is the same model, or says so, is no other.
    for same in ["Use same checkpoint", "gan", ""] {
        let same = of(&json!({"hr_checkpoint_name": same}));
        let same = asked(&app, "txt2img", &same, 200).await;
        assert!(!same["info"].to_string().contains("Hires checkpoint"));
    }
    let none = of(&json!({"hr_checkpoint_name": "flux"}));
    let fault = asked(&app, "txt2img", &none, 404).await;
    assert!(fault["detail"].to_string().contains("flux"), "{fault}");

    // What the second pass would refuse is refused before the first is painted.
    let painted = async || -> Vec<String> {
        let metrics = send(app.get("/metrics")).await;
        let metrics = metrics.text().await.expect("a text");
        let rows = |line: &&str| line.starts_with("atelier_batch_rows_count");
        metrics.lines().filter(rows).map(str::to_owned).collect()
    };
    let before = painted().await;
    assert!(!before.is_empty(), "calls are counted");
    let refused = of(&json!({"hr_prompt": "cat ".repeat(2000)}));
    let refused = asked(&app, "txt2img", &refused, 422).await;
    assert_eq!(refused["detail"][0]["loc"][1], "hr_prompt", "{refused}");
    assert_eq!(painted().await, before);

    // What is cut in the second pass is told of it, and a negative strength is none.
    let long = of(&json!({"hr_prompt": "a very small red cat on the blue house ".repeat(12)}));
    let long = asked(&app, "txt2img", &long, 200).await;
    let warnings = long["warnings"].to_string();
    assert!(warnings.contains("in the second pass: "), "{warnings}");
    let negative = of(&json!({"denoising_strength": -1}));
    let negative = asked(&app, "txt2img", &negative, 200).await;
    let warnings = negative["warnings"].to_string();
    assert!(
        warnings.contains("denoising_strength -1 became 0"),
        "{warnings}"
    );
}
