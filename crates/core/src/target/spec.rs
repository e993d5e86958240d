//! The shape of a target in a targets file, and the way from there to a [`super::Target`].
