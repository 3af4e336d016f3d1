//! The one list of roles: kind of organisation × post of the person in it (table (a) of the catalogue).

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::Actor;
use crate::sql::{Id, MultiBackend, Time};
use crate::text_enum;

text_enum! {
    /// What an organisation is (table (a)).
    pub enum OrgKind {
        /// 生产企业、上市许可持有人、注册人.
        Manufacturer = "manufacturer" | "生产企业",
        /// 境外产品全国总代理: counts as manufacturer (SN-2).
        NationalAgent = "national_agent" | "境外产品全国总代理",
        /// 配送企业.
        Distributor = "distributor" | "配送企业",
        /// 公立医疗机构.
        PublicHospital = "public_hospital" | "公立医疗机构",
        /// 军队医疗机构.
        MilitaryHospital = "military_hospital" | "军队医疗机构",
        /// 社会办定点医疗机构.
        PrivateHospital = "private_hospital" | "社会办医疗机构",
        /// 零售药店.
        Pharmacy = "pharmacy" | "零售药店",
        /// 诊所、村卫生室.
        Clinic = "clinic" | "诊所（村卫生室）",
        /// 医药集中采购机构.
        Agency = "agency" | "医药集中采购机构",
        /// 省医保局.
        ProvincialBureau = "provincial_bureau" | "省医保局",
        /// 市医保局.
        CityBureau = "local_bureau" | "市医保局",
        /// 县（区）医保局.
        CountyBureau = "county_bureau" | "县（区）医保局",
        /// 卫生健康部门.
        HealthDepartment = "health_department" | "卫生健康部门",
        /// 药品监督管理部门.
        DrugRegulator = "drug_regulator" | "药品监督管理部门",
        /// 义务监督员 and other witnesses: read only.
        Observer = "observer" | "义务监督员",
    }
}

impl OrgKind {
    /// Hospitals of every ownership.
    pub fn is_hospital(self) -> bool {
        matches!(self, Self::PublicHospital | Self::MilitaryHospital | Self::PrivateHospital)
    }

    /// Manufacturers, and the national general agents that count as such (SN-2).
    pub fn is_manufacturer(self) -> bool {
        matches!(self, Self::Manufacturer | Self::NationalAgent)
    }

    /// Manufacturers, general agents and distributors.
    pub fn is_supplier(self) -> bool {
        self.is_manufacturer() || self == Self::Distributor
    }

    /// The procurement agency and the medical-insurance bureaus.
    pub fn is_authority(self) -> bool {
        matches!(self, Self::Agency | Self::ProvincialBureau | Self::CityBureau | Self::CountyBureau)
    }

    /// The agency and the provincial bureau, whose acts hold for the whole province.
    pub fn is_provincial(self) -> bool {
        matches!(self, Self::Agency | Self::ProvincialBureau)
    }

    /// Authorities of other fields, which take part in supervision.
    pub fn is_other_authority(self) -> bool {
        matches!(self, Self::HealthDepartment | Self::DrugRegulator)
    }
}

/// Further kinds of one organisation, such as a manufacturer that delivers for others as well. One word each in the column.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AsExpression, FromSqlRow, ToSchema,
)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Kinds(pub Vec<OrgKind>);

impl<DB: Backend> FromSql<Text, DB> for Kinds
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let words = <String as FromSql<Text, DB>>::from_sql(bytes)?;
        let kinds: Result<Vec<OrgKind>, String> = words.split_whitespace().map(str::parse).collect();
        Ok(Self(kinds?))
    }
}

impl ToSql<Text, MultiBackend> for Kinds {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

impl ToSql<Text, Pg> for Kinds {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.words().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Text, Sqlite> for Kinds {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.words());
        Ok(IsNull::No)
    }
}

impl Kinds {
    fn words(&self) -> String {
        self.0.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(" ")
    }
}

text_enum! {
    /// What a person does inside the organisation.
    pub enum Post {
        /// Administrator of the organisation's own users.
        Admin = "admin" | "单位管理员",
        /// Hospital: orders. 采购
        Order = "order" | "采购",
        /// Hospital: reports volumes. 报量
        Report = "report" | "报量",
        /// Hospital: approves what another submitted. 复核
        Check = "check" | "复核",
        /// Hospital: pays. Enterprise: sees what is to be paid. 财务
        Finance = "finance" | "财务",
        /// Enterprise: all of its business, where one person does it. 业务
        Trade = "trade" | "业务",
        /// Manufacturer: products, codes, prices, bids, distributors; answers no order. 挂网申报
        Listing = "listing" | "挂网申报",
        /// Enterprise: answers orders and delivers; sets no price. 订单配送
        Fulfilment = "fulfilment" | "订单配送",
        /// Agency or bureau: procurement officer. 经办
        Officer = "officer" | "经办",
        /// Reads only.
        Viewer = "viewer" | "查阅",
    }
}

impl Post {
    /// True where people of such an organisation can have this post.
    pub fn fits(self, kind: OrgKind) -> bool {
        match self {
            Self::Admin => kind != OrgKind::Observer,
            Self::Order | Self::Report | Self::Check => kind.is_hospital(),
            Self::Finance => kind.is_hospital() || kind.is_supplier(),
            Self::Trade | Self::Fulfilment => kind.is_supplier(),
            Self::Listing => kind.is_manufacturer(),
            Self::Officer => kind.is_authority() || kind.is_other_authority(),
            Self::Viewer => true,
        }
    }

    /// Does an enterprise's business with its own products: claims, prices, bids, distributors.
    pub fn lists(self) -> bool {
        matches!(self, Self::Trade | Self::Listing)
    }

    /// Answers orders for an enterprise.
    pub fn answers_orders(self) -> bool {
        matches!(self, Self::Trade | Self::Fulfilment)
    }

    /// What such a person does in that organisation, in a sentence: for anyone who chooses a post for somebody.
    pub fn duty(self, who: &Principal) -> &'static str {
        match self {
            Self::Admin => "管理本单位的用户和证照；医疗机构和企业还管理系统对接",
            Self::Order => "查找药品、下单、撤销订单、维护收货地址",
            Self::Report => "填报采购需求量",
            Self::Check => "复核本单位他人提交的内容，不复核自己提交的",
            Self::Finance => "查看订单金额和付款情况",
            Self::Trade if who.is(OrgKind::is_manufacturer) => {
                "认领企业代码、下调挂网价、委托配送企业、确认或拒绝订单"
            }
            Self::Trade | Self::Fulfilment => "确认或拒绝订单、组织配送",
            Self::Listing => "认领企业代码、下调挂网价、委托配送企业",
            Self::Officer if who.is(OrgKind::is_other_authority) => "查看监管信息，提出处理意见",
            Self::Officer => "审核和办理本机构职责内的业务；须两人办理的，由另一位经办复核",
            Self::Viewer => "只查看，不办理",
        }
    }
}

/// The sides of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Orders.
    Hospital,
    /// Answers.
    Supplier,
    /// Looks on, in its part of the province.
    Authority,
}

/// A person who proved who they are, and the request they act through.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The person.
    pub user: Id,
    /// The organisation that the person belongs to.
    pub organisation: Id,
    /// What that organisation is.
    pub kind: OrgKind,
    /// What else it is.
    pub other_kinds: Kinds,
    /// What the person does there.
    pub post: Post,
    /// The person's name.
    pub name: String,
    /// The organisation's name.
    pub organisation_name: String,
    /// Request id, as in the log.
    pub request_id: Option<String>,
    /// When the last byte of the request was read.
    pub received_at: Time,
}

impl Principal {
    /// Everything that the person's organisation is.
    pub fn kinds(&self) -> impl Iterator<Item = OrgKind> + '_ {
        std::iter::once(self.kind).chain(self.other_kinds.0.iter().copied())
    }

    /// True where one of the organisation's kinds is such.
    pub fn is(&self, such: impl Fn(OrgKind) -> bool) -> bool {
        self.kinds().any(such)
    }

    /// True for people of the bureaus, the agency and other authorities, who must have a second step in production.
    pub fn is_official(&self) -> bool {
        self.is(|kind| kind.is_authority() || kind.is_other_authority())
    }

    /// Which side of an order the person stands on; where the organisation is both a hospital and a supplier, by what the
    /// person does there.
    pub fn side(&self) -> Option<Side> {
        let (buys, sells) = (self.is(OrgKind::is_hospital), self.is(OrgKind::is_supplier));
        let supplies = self.post.answers_orders() || self.post == Post::Listing;
        match () {
            () if sells && (supplies || !buys) => Some(Side::Supplier),
            () if buys => Some(Side::Hospital),
            () if self.is(OrgKind::is_authority) => Some(Side::Authority),
            () => None,
        }
    }

    /// Places a hospital's orders. 采购
    pub fn buys(&self) -> bool {
        self.is(OrgKind::is_hospital) && self.post == Post::Order
    }

    /// Answers a supplier's orders. 业务、订单配送
    pub fn sells(&self) -> bool {
        self.is(OrgKind::is_supplier) && self.post.answers_orders()
    }

    /// For `db.write`.
    pub fn actor(&self) -> Actor {
        Actor {
            user: Some(self.user),
            organisation: Some(self.organisation),
            name: self.name.clone(),
            request_id: self.request_id.clone(),
            received_at: self.received_at,
        }
    }
}
