//! Pages and forms: what every office's counter shares.

/// Plain, already formatted data for templates.
pub mod view;
