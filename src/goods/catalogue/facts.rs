//! What is registered about a product, in terms.

use super::imports::consumables::Consumable;
use super::kinds::ProductKind;
use super::model::Product;
use crate::platform::http::view::Pair;
use crate::rules::approval::is_imported;

/// As officers see it: everything, also what is missing.
pub fn of_product(product: &Product, owner: Option<String>, goods: Option<&Consumable>) -> Vec<Pair> {
    let text = |t: &Option<String>| t.clone().unwrap_or_else(|| "—".into());
    let imported = is_imported(&product.approval_no);
    let holder = if imported { "全国总代理（视为生产企业）" } else { "归属企业" };
    let mut all = vec![
        Pair::new(holder, owner.unwrap_or_else(|| "尚未确认".into())),
        Pair::new("企业（登记名称）", text(&product.maker_name)),
        Pair::new("企业代码", text(&product.enterprise_code)),
    ];
    if let Some(goods) = goods {
        all.extend([Pair::new("规格型号", product.strength.clone()), Pair::new("包装", product.pack())]);
        all.extend(of_consumable(goods));
        return all;
    }
    if product.kind == ProductKind::Drug {
        all.extend([
            Pair::new("剂型", product.dosage_form.clone()),
            Pair::new("规格", product.strength.clone()),
            Pair::new("规格识别为", text(&product.content_key)),
            Pair::new("包装", product.pack()),
            Pair::new("批准文号", product.approval_no.clone()),
            Pair::new("药品本位码", text(&product.standard_code)),
            Pair::new("包装材质", text(&product.material)),
        ]);
    }
    all
}

/// What only a consumable has (HVC-1, HVC-10, HVC-11, YN-4).
pub fn of_consumable(goods: &Consumable) -> Vec<Pair> {
    let yes = |is: bool| if is { "是" } else { "否" };
    let class = match &goods.class_name {
        Some(name) => format!("{}（{name}）", goods.class_code),
        None => goods.class_code.clone(),
    };
    let mut all = vec![
        Pair::new("注册证号", goods.certificate.clone()),
        Pair::new("耗材分类", class),
        Pair::new("单独收费", yes(goods.separately_charged)),
    ];
    if let (Some(system), Some(role), Some(qty)) =
        (&goods.system_name, &goods.component_role, goods.component_qty)
    {
        all.push(Pair::new("所属系统", format!("{system}，{role} × {qty}")));
    }
    if goods.has_injector {
        all.push(Pair::new("配推注器", "是"));
    }
    if goods.additive {
        all.push(Pair::new("增材制造", "是"));
    }
    all
}
