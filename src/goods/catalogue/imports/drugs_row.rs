//! A row of the national workbook: its columns, and whether a product is as it says.

use crate::catalogue::Product;
use crate::platform::import::Cells;

pub(super) const CODE: usize = 0;
pub(super) const NAME: usize = 1;
pub(super) const TRADE: usize = 2;
pub(super) const FORM: usize = 3;
pub(super) const STRENGTH: usize = 4;
pub(super) const MATERIAL: usize = 5;
pub(super) const PACK_QTY: usize = 6;
pub(super) const UNIT: usize = 7;
pub(super) const PACK_UNIT: usize = 8;
pub(super) const MAKER: usize = 9;
pub(super) const APPROVAL: usize = 10;
pub(super) const STANDARD: usize = 11;

/// Whether a product is as the row says.
pub(super) fn is_as(product: &Product, row: &Cells) -> bool {
    product.generic_name == row.get(NAME)
        && product.trade_name == row.some(TRADE)
        && product.dosage_form == row.get(FORM)
        && product.strength == row.get(STRENGTH)
        && product.material == row.some(MATERIAL)
        && product.pack_qty.to_string() == row.get(PACK_QTY)
        && product.unit == row.get(UNIT)
        && product.pack_unit == row.get(PACK_UNIT)
        && product.maker_name == row.some(MAKER)
        && product.approval_no == row.get(APPROVAL)
        && product.standard_code == row.some(STANDARD)
}
