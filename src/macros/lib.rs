//! Lets the line of a route be the only place that names its method, address, role and tag: a handler of the API says the rest
//! above itself, and the line finds it by the handler's name.

use proc_macro::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// What a handler of the API answers: `#[operation(responses(…))]`, in the words of `utoipa::path`. Summary and description
/// are the handler's comment; a JSON body is read from its signature.
#[proc_macro_attribute]
pub fn operation(answers: TokenStream, handler: TokenStream) -> TokenStream {
    // utoipa asks for a method and an address; those of the line take their place.
    let mut told = tokens("get, path = \"\",");
    told.extend(answers);
    let mut attribute = tokens("::utoipa::path");
    attribute.extend([TokenTree::from(Group::new(Delimiter::Parenthesis, told))]);
    let mut out = tokens("#");
    out.extend([TokenTree::from(Group::new(Delimiter::Bracket, attribute))]);
    out.extend(handler);
    out
}

/// The type that keeps what [`macro@operation`] says above the handler of that path: `api::cancel` gives `api::__path_cancel`.
#[proc_macro]
pub fn operation_of(handler: TokenStream) -> TokenStream {
    let mut path: Vec<TokenTree> = handler.into_iter().collect();
    if let Some(TokenTree::Ident(name)) = path.pop() {
        path.push(Ident::new(&format!("__path_{name}"), name.span()).into());
    }
    path.into_iter().collect()
}

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_default()
}
