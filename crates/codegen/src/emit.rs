//! From a normalised document to Rust syntax. The only user of progenitor.

use crate::normalize::{FILE, NULLS, Normalized, TIMESTAMP, plan::Def};
use conversations_document::{
    Fault,
    fault::{Code, Result},
};
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Lets progenitor write builders and structures for the document.
///
/// `module` is the path of the module that the result will be included in, such as `crate::acme`.
///
/// # Errors
/// Where progenitor refuses the document, which normalisation should have made impossible.
pub fn emit(normalized: &Normalized, module: &str, file: &str) -> Result<syn::File> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_derive("PartialEq")
        .with_map_type("::std::collections::BTreeMap")
        .with_replacement(TIMESTAMP, "::conversations_runtime::Timestamp", std::iter::empty())
        .with_replacement(FILE, "::conversations_runtime::FilePart", std::iter::empty())
        .with_replacement(NULLS, "::conversations_runtime::runtime::Nulls", std::iter::empty());
    for (name, def) in &normalized.plan.defs {
        match def {
            Def::Struct(_) => {}
            Def::Enum(_) => {
                let impls = [TypeImpl::Display, TypeImpl::FromStr];
                settings.with_replacement(
                    name,
                    format!("{module}::types::{name}"),
                    impls.into_iter(),
                );
            }
            Def::Union(_) => {
                settings.with_replacement(
                    name,
                    format!("{module}::types::{name}"),
                    std::iter::empty(),
                );
            }
        }
    }
    // Whatever progenitor does with input that it was never meant to see, it must not take the build
    // down without a word on which document it was.
    let tokens = catch_unwind(AssertUnwindSafe(|| {
        Generator::new(&settings).generate_tokens(&normalized.openapi)
    }));
    let tokens = match tokens {
        Ok(Ok(tokens)) => tokens,
        Ok(Err(error)) => return Err(refused(file, &error.to_string())),
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            return Err(refused(file, text));
        }
    };
    syn::parse2(tokens)
        .map_err(|error| refused(file, &format!("its output does not parse: {error}")))
}

fn refused(file: &str, why: &str) -> conversations_document::Faults {
    Fault::of_file(
        file,
        Code::Progenitor { error: why.to_owned() },
        "this is a fault of the generator; please report it with the document",
    )
    .into()
}
