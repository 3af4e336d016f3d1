//! The one list of roles: kind of organisation × function of the person in it (table (a) of the catalogue).

use crate::platform::clock::Time;
use crate::platform::db::{Actor, Id};
use crate::words;

words! {
    /// What an organisation is (table (a)).
    pub enum OrgKind {
        /// 生产企业、上市许可持有人 or national general agent of imports.
        Manufacturer = "manufacturer",
        /// 配送企业.
        Distributor = "distributor",
        /// 公立医疗机构.
        PublicHospital = "public_hospital",
        /// 军队医疗机构.
        MilitaryHospital = "military_hospital",
        /// 社会办定点医疗机构.
        PrivateHospital = "private_hospital",
        /// 医药集中采购机构.
        Agency = "agency",
        /// 省医保局.
        ProvincialBureau = "provincial_bureau",
        /// 市县医保局.
        LocalBureau = "local_bureau",
        /// 义务监督员 and other witnesses: read only.
        Observer = "observer",
    }
}

impl OrgKind {
    /// Hospitals of every ownership.
    pub fn is_hospital(self) -> bool {
        matches!(self, Self::PublicHospital | Self::MilitaryHospital | Self::PrivateHospital)
    }

    /// Manufacturers and distributors.
    pub fn is_supplier(self) -> bool {
        matches!(self, Self::Manufacturer | Self::Distributor)
    }

    /// The procurement agency and the medical-insurance bureaus.
    pub fn is_authority(self) -> bool {
        matches!(self, Self::Agency | Self::ProvincialBureau | Self::LocalBureau)
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Manufacturer => "生产企业",
            Self::Distributor => "配送企业",
            Self::PublicHospital => "公立医疗机构",
            Self::MilitaryHospital => "军队医疗机构",
            Self::PrivateHospital => "社会办医疗机构",
            Self::Agency => "医药集中采购机构",
            Self::ProvincialBureau => "省医保局",
            Self::LocalBureau => "市县医保局",
            Self::Observer => "义务监督员",
        }
    }
}

words! {
    /// What a person does inside the organisation.
    pub enum Function {
        /// Administrator of the organisation's own users.
        Admin = "admin",
        /// Hospital: orders. 采购
        Order = "order",
        /// Hospital: reports volumes. 报量
        Report = "report",
        /// Hospital: approves what another submitted. 复核
        Check = "check",
        /// Hospital: pays. 财务
        Finance = "finance",
        /// Enterprise: listings, orders, deliveries. 业务
        Trade = "trade",
        /// Agency or bureau: procurement officer. 经办
        Officer = "officer",
        /// Reads only.
        Viewer = "viewer",
    }
}

impl Function {
    /// True where people of such an organisation can have this function.
    pub fn fits(self, kind: OrgKind) -> bool {
        match self {
            Self::Admin => kind != OrgKind::Observer,
            Self::Order | Self::Report | Self::Check | Self::Finance => kind.is_hospital(),
            Self::Trade => kind.is_supplier(),
            Self::Officer => kind.is_authority(),
            Self::Viewer => true,
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Admin => "单位管理员",
            Self::Order => "采购",
            Self::Report => "报量",
            Self::Check => "复核",
            Self::Finance => "财务",
            Self::Trade => "业务",
            Self::Officer => "经办",
            Self::Viewer => "查阅",
        }
    }
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
    /// What the person does there.
    pub function: Function,
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
