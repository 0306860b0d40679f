//! In which language the caller is answered.

use serde_json::{Value, json};

use crate::harness::{TestApp, header, send};

#[tokio::test]
async fn an_error_is_told_in_the_callers_language() {
    let app = TestApp::start().await;
    let asked = async |language: &str, path: &str| {
        let request = app.post(path, &json!({"model": "nobody", "prompt": "x"}));
        send(request.header("accept-language", language)).await
    };
    let response = asked("fr-CA, en;q=0.5", "/generate").await;
    assert_eq!(header(&response, "content-language"), Some("fr"));
    assert_eq!(header(&response, "vary"), Some("accept-language"));
    let problem: Value = response.json().await.expect("problems are JSON");
    assert_eq!(problem["title"], "Ce modèle n’existe pas");
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("il n’y a pas de modèle \"nobody\""),
        "{detail}"
    );
    for (language, starts) in [("vi", "không có mô hình"), ("de", "there is no model")] {
        let problem: Value = asked(language, "/generate").await.json().await.unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(starts), "{detail}");
    }
}

#[tokio::test]
async fn a_model_speaks_of_itself_in_the_callers_language_where_it_can() {
    let shipped = TestApp::with(["../../onnx/digits-gan"]);
    let app = shipped.start().await;
    let described = async |language: &str| -> Value {
        let request = app.get("/models/digits-gan");
        let response = send(request.header("accept-language", language)).await;
        response.json().await.expect("descriptions are JSON")
    };
    let french = described("fr").await;
    assert!(
        french["summary"]
            .as_str()
            .unwrap()
            .starts_with("Chiffres manuscrits")
    );
    let limits = french["card"]["limits"].as_array().unwrap();
    assert!(
        limits[0]
            .as_str()
            .unwrap()
            .starts_with("Peint des chiffres")
    );
    assert_eq!(
        french["title"], "Digits GAN",
        "what is left out stays English"
    );
    assert_eq!(french["card"].get("fr"), None);
    let seed = |model: &Value| -> Value {
        let parameters = model["parameters"].as_array().unwrap().iter();
        let mut seeds = parameters.filter(|parameter| parameter["name"] == "seed");
        seeds.next().unwrap()["label"].clone()
    };
    assert_eq!(seed(&french), "Graine");
    assert_eq!(seed(&described("vi").await), "Hạt giống");
    assert_eq!(seed(&described("en").await), "Seed");
}
