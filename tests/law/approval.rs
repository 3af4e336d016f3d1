//! What an approval number says.

use jicai_rules::approval::is_imported;

#[test]
fn sn_2_the_number_says_where_a_product_comes_from() {
    for number in [
        "国药准字HJ20160001",
        "国药准字SJ20200012",
        "国药准字ZC20210001",
        "H20150123",
        "BH20150123",
        "注册证号 H20150123",
        "HC20160001",
        "S20171005",
        "国械注进20173221234",
        "国械注许20163460001",
        "国械备20150123号",
        "国食药监械（进）字2014第3461234号",
    ] {
        assert!(is_imported(number), "{number}");
    }
    for number in [
        "国药准字H20010492",
        "国药准字Z20020030",
        "国药准字S20040001",
        "国药准字J20150001",
        "国械注准20203130001",
        "粤械注准20182640001",
        "苏苏械备20150123号",
        "国食药监械(准)字2014第3461234号",
        "",
        "无",
        "H2015",
    ] {
        assert!(!is_imported(number), "{number}");
    }
}
