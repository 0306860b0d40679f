//! What a dialect is: the API of another service, whose clients work with this address as theirs.
//!
//! A dialect is a folder in `dialects/`, with a type that implements [`Dialect`]. All that others have
//! to know of it stands there: under which addresses it speaks, what it calls fields, what its errors
//! look like, and what it keeps between requests. From the list in `dialects/mod.rs` follow its
//! routes, its part of the OpenAPI document and the shape of errors under its addresses.

use axum::Extension;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{ComponentsBuilder, OpenApiBuilder};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::App;
use super::error::{ErrorBody, Rendering};
use super::plumbing::options::HttpOptions;

/// Names of fields: the native dialect's, and another's.
pub(in crate::http) type Names = &'static [(&'static str, &'static str)];

/// The API of another service.
pub(in crate::http) trait Dialect {
    /// The first part of its addresses: `v1` in `/v1/models`.
    const PREFIX: &'static str;
    /// What else its addresses may begin with.
    const OTHER_PREFIXES: &'static [&'static str] = &[];
    /// The name under which the document lists its routes; their attributes say the same.
    const TAG: &'static str;
    /// What the document says of them all.
    const ABOUT: &'static str;
    /// What fields are called here, where the native dialect calls them something else.
    const NAMES: Names = &[];
    /// The ends of addresses that are the operator's.
    const ADMIN: &'static [&'static str] = &[];

    /// What errors look like, also those of addresses where no route is.
    type Error: ErrorBody;
    /// What is kept between requests, by all of its routes; handlers have it as an [`Extension`].
    type State: Clone + Send + Sync + 'static;

    /// The state at start.
    fn state(options: &HttpOptions) -> Self::State;

    /// The routes, each with its documentation.
    fn routes() -> OpenApiRouter<App>;
}

/// A dialect, as the router and the layers know it.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Spoken {
    prefix: &'static str,
    other_prefixes: &'static [&'static str],
    admin: &'static [&'static str],
    rendering: Rendering,
    routes: fn(&HttpOptions) -> OpenApiRouter<App>,
}

impl Spoken {
    /// The one that the type describes.
    pub(in crate::http) const fn of<D: Dialect>() -> Self {
        Self {
            prefix: D::PREFIX,
            other_prefixes: D::OTHER_PREFIXES,
            admin: D::ADMIN,
            rendering: Rendering::of::<D::Error>(),
            routes: routes::<D>,
        }
    }

    fn begins_with(&self, part: &str) -> bool {
        self.prefix == part || self.other_prefixes.contains(&part)
    }

    /// The shape of its errors.
    pub(in crate::http) fn rendering(&self) -> Rendering {
        self.rendering
    }

    /// Whether the address is the operator's.
    pub(in crate::http) fn is_admins(&self, path: &str) -> bool {
        self.admin.iter().any(|end| path.ends_with(end))
    }

    /// Its routes, with the document's part that is about all of them.
    pub(in crate::http) fn routes(&self, options: &HttpOptions) -> OpenApiRouter<App> {
        (self.routes)(options)
    }
}

/// The dialect of that address, among these.
pub(in crate::http) fn at<'d>(dialects: &'d [Spoken], path: &str) -> Option<&'d Spoken> {
    let first = path.split('/').find(|part| !part.is_empty())?;
    dialects.iter().find(|dialect| dialect.begins_with(first))
}

fn routes<D: Dialect>(options: &HttpOptions) -> OpenApiRouter<App> {
    let mut schemas = vec![(D::Error::name().into_owned(), D::Error::schema())];
    D::Error::schemas(&mut schemas);
    let tag = TagBuilder::new().name(D::TAG).description(Some(D::ABOUT));
    let document = OpenApiBuilder::new()
        .tags(Some([tag.build()]))
        .components(Some(
            ComponentsBuilder::new().schemas_from_iter(schemas).build(),
        ))
        .build();
    OpenApiRouter::with_openapi(document)
        .merge(D::routes())
        .layer(Extension(D::state(options)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::dialects::ALL;
    use crate::http::error::Problem;
    use crate::language::Language;

    #[test]
    fn no_shape_tells_the_cause_of_a_fault_of_ours() {
        for dialect in ALL {
            let problem = Problem::internal("the secret");
            let body = dialect.rendering.body(problem, Language::English, "id-1");
            let body = String::from_utf8(body).unwrap();
            assert!(
                body.contains("server failed") && !body.contains("secret"),
                "{body}"
            );
        }
    }

    #[test]
    fn all_routes_of_a_dialect_stand_under_its_tag_and_document_its_errors() {
        let document = serde_json::to_value(crate::http::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        for dialect in ALL {
            let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
            let is_own = |path: &str| first(path).is_some_and(|part| dialect.begins_with(&part));
            let own = paths.iter().filter(|(path, _)| is_own(path));
            let operations: Vec<_> = own
                .flat_map(|(_, item)| item.as_object().unwrap().values())
                .collect();
            let tag = &operations[0]["tags"];
            let tags = document["tags"].as_array().unwrap();
            assert!(tags.iter().any(|known| known["name"] == tag[0]), "{tag}");
            let shape = format!("#/components/schemas/{}", dialect.rendering.schema());
            for operation in operations {
                assert_eq!(operation["tags"], *tag, "{}", operation["operationId"]);
                let invalid = &operation["responses"]["422"]["content"]["application/json"];
                let schema = &invalid["schema"]["$ref"];
                assert!(schema.is_null() || *schema == *shape, "{schema}");
            }
        }
    }

    #[test]
    fn the_first_part_of_a_path_decides() {
        for (path, prefix) in [
            ("/v1/images/generations", Some("v1")),
            ("/v1", Some("v1")),
            ("//v1/models", Some("v1")),
            ("/sdapi/v1/txt2img", Some("sdapi")),
            ("/internal/progress", Some("sdapi")),
            ("/hf/digits-gan", Some("hf")),
            ("/generate", None),
            ("/", None),
            ("/v10", None),
        ] {
            let found = at(ALL, path).map(|dialect| dialect.prefix);
            assert_eq!(found, prefix, "{path}");
        }
    }
}
