//! The one integration test binary: linking once is what two cores can afford.
