//! What an organisation's own system may do. A client has the scopes that its administrator chose; the route table says which
//! scope a route asks for, and a route without one is for people only. Within a scope the client acts as somebody who has the
//! function that the act belongs to, so that the roles hold for it too.

use super::{Function, OrgKind, Principal};
use crate::words;

words! {
    /// One permission of a machine client.
    pub enum Scope {
        /// Products, listings and prices.
        ProductsRead = "products:read",
        /// Cuts of one's own listed prices.
        PricesWrite = "prices:write",
        /// Orders and what became of them.
        OrdersRead = "orders:read",
        /// A hospital's orders; a supplier's answers to them.
        OrdersWrite = "orders:write",
        /// Delivery addresses.
        AddressesRead = "addresses:read",
        /// Their changes.
        AddressesWrite = "addresses:write",
        /// The enterprise's distributors.
        DistributorsRead = "distributors:read",
        /// Their appointments.
        DistributorsWrite = "distributors:write",
        /// A manufacturer's own products, enterprise codes and claims.
        OwnProductsRead = "own_products:read",
        /// The organisation's own entry with its licences.
        OrganisationRead = "organisation:read",
        /// The feed of changes.
        FeedRead = "feed:read",
    }
}

impl Scope {
    /// True where systems of such an organisation can have it.
    pub fn fits(self, kind: OrgKind) -> bool {
        match self {
            Self::ProductsRead
            | Self::OrdersRead
            | Self::OrdersWrite
            | Self::OrganisationRead
            | Self::FeedRead => kind.is_hospital() || kind.is_supplier(),
            Self::AddressesRead | Self::AddressesWrite => kind.is_hospital(),
            Self::PricesWrite | Self::DistributorsRead | Self::DistributorsWrite | Self::OwnProductsRead => {
                kind.is_manufacturer()
            }
        }
    }

    /// As whom a client acts in it.
    pub fn function(self, who: &Principal) -> Function {
        let doer = if who.is(OrgKind::is_hospital) { Function::Order } else { Function::Trade };
        match self {
            Self::ProductsRead
            | Self::OrdersRead
            | Self::AddressesRead
            | Self::OwnProductsRead
            | Self::OrganisationRead
            | Self::FeedRead => Function::Viewer,
            Self::OrdersWrite | Self::AddressesWrite | Self::PricesWrite => doer,
            Self::DistributorsRead | Self::DistributorsWrite => doer,
        }
    }

    /// For people.
    pub fn label(self) -> &'static str {
        match self {
            Self::ProductsRead => "查询药品与挂网价",
            Self::PricesWrite => "下调本企业挂网价",
            Self::OrdersRead => "查询订单",
            Self::OrdersWrite => "办理订单（医疗机构下单、撤销；企业确认、拒绝）",
            Self::AddressesRead => "查询收货地址",
            Self::AddressesWrite => "维护收货地址",
            Self::DistributorsRead => "查询委托的配送企业",
            Self::DistributorsWrite => "委托与终止配送企业",
            Self::OwnProductsRead => "查询本企业的产品、企业代码与认领",
            Self::OrganisationRead => "查询本单位登记信息与证照",
            Self::FeedRead => "接收变更通知",
        }
    }
}
