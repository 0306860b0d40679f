//! The OpenAPI document against what is really answered, and the page that shows it.

use atelier::http::openapi_yaml;
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::harness::{TestApp, header, image_file, send};

async fn document(app: &TestApp) -> Value {
    let response = send(app.get("/openapi.json")).await;
    assert_eq!(response.status(), 200);
    response.json().await.expect("the document is JSON")
}

/// The document's schema of that name.
fn schema(document: &Value, name: &str) -> Validator {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{name}"),
        "components": document["components"],
    });
    jsonschema::validator_for(&schema).expect("the document's schemas are JSON schemas")
}

fn check(schema: &Validator, instance: &Value) {
    let faults: Vec<_> = schema
        .iter_errors(instance)
        .map(|fault| format!("{}: {fault}", fault.instance_path))
        .collect();
    assert!(faults.is_empty(), "{faults:#?} in {instance:#}");
}

#[test]
fn the_committed_document_is_the_codes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == openapi_yaml(),
        "openapi.yaml is not what the code says; run `make openapi` and commit it"
    );
}

#[tokio::test]
async fn answers_are_what_the_document_says() {
    let app = TestApp::with([
        "models/gan",
        "models/vae",
        "models/autoregressive",
        "broken/nan",
    ])
    .start()
    .await;
    let document = document(&app).await;

    let generated = schema(&document, "GenerateAnswer");
    for body in [
        json!({}),
        json!({"model": "gan", "class": 1, "n": 2, "best_of": 4}),
        json!({"model": "vae", "latents": [0, 0, 0, 0]}),
        json!({"model": "autoregressive", "seed": 4294967295_u64}),
    ] {
        check(&generated, &app.generated(&body).await);
    }

    let list: Value = send(app.get("/models")).await.json().await.unwrap();
    check(&schema(&document, "ModelList"), &list);
    let description = schema(&document, "ModelDescription");
    for id in ["gan", "vae", "autoregressive", "nan"] {
        let model = send(app.get(&format!("/models/{id}"))).await;
        check(&description, &model.json().await.unwrap());
    }

    let problem = schema(&document, "Problem");
    for body in [json!({"n": 0}), json!({"model": "none"})] {
        let refused = app.generate(&body).await;
        check(&problem, &refused.json().await.unwrap());
    }

    let image = app.generated(&json!({"model": "vae"})).await["images"][0]["b64"].clone();
    let encoded = send(app.post("/encode", &json!({"image": image}))).await;
    check(
        &schema(&document, "EncodeAnswer"),
        &encoded.json().await.unwrap(),
    );
    let health = send(app.get("/readyz")).await;
    check(&schema(&document, "Health"), &health.json().await.unwrap());
    let kind = send(app.get("/problems/queue-full")).await;
    check(
        &schema(&document, "ProblemKind"),
        &kind.json().await.unwrap(),
    );
}

/// A schema that takes everything would pass the test above.
#[tokio::test]
async fn the_schemas_are_no_formality() {
    let app = TestApp::with(["models/gan"]).start().await;
    let document = document(&app).await;
    let mut answer = app.generated(&json!({})).await;
    answer["images"][0]["width"] = json!("8");
    assert!(!schema(&document, "GenerateAnswer").is_valid(&answer));
    let model = json!({"id": "gan", "status": "ready"});
    assert!(!schema(&document, "ModelDescription").is_valid(&model));
}

#[tokio::test]
async fn the_examples_fit_their_schema_and_run() {
    let app = TestApp::with_shipped().start().await;
    let document = document(&app).await;
    let body = &document["paths"]["/generate"]["post"]["requestBody"]["content"];
    let request = schema(&document, "GenerateRequest");
    let examples = body["application/json"]["examples"].as_object().unwrap();
    assert!(!examples.is_empty());
    for (name, example) in examples {
        check(&request, &example["value"]);
        let answer = app.generated(&example["value"]).await;
        assert!(!image_file(&answer, 0).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn every_route_says_what_it_does() {
    let app = TestApp::with([]).start().await;
    let document = document(&app).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for part in ["summary", "description", "operationId"] {
                let text = operation[part].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{method} {path} has no {part}");
            }
        }
    }
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let fields = &schemas["GenerateRequest"]["properties"];
    for (name, field) in fields.as_object().unwrap() {
        let described = field.to_string().contains("\"description\"");
        assert!(described, "{name} is not described");
    }
}

/// The page, its scripts and its styles come from here, and nothing in it may go elsewhere.
#[tokio::test]
async fn the_docs_page_keeps_to_itself() {
    let app = TestApp::with([]).start().await;
    let page = send(app.get("/docs")).await;
    let policy = header(&page, "content-security-policy").unwrap().to_owned();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains("connect-src 'self'"), "{policy}");
    assert!(
        !policy.contains("unsafe-eval") && !policy.contains("http"),
        "{policy}"
    );
    let html = page.text().await.unwrap();
    let sources: Vec<&str> = html
        .split(['"', '\''])
        .filter(|text| text.ends_with(".js") || text.ends_with(".css"))
        .collect();
    assert!(sources.len() >= 3, "{sources:?}");
    for source in sources {
        assert!(!source.contains("//"), "{source} is elsewhere");
        let path = format!("/docs/{}", source.trim_start_matches("./"));
        assert_eq!(send(app.get(&path)).await.status(), 200, "{path}");
    }
    let setup = send(app.get("/docs/swagger-initializer.js")).await;
    let setup = setup.text().await.unwrap();
    assert!(setup.contains("/openapi.json"), "{setup}");
    assert!(setup.contains("\"validatorUrl\": \"none\""), "{setup}");
    assert!(!setup.contains("http"), "{setup}");
}
