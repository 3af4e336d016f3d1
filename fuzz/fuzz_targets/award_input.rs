#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| jicai_fuzz::award_input(data));
