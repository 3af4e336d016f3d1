//! What an organisation's own system may do. A client has the scopes that its administrator chose; the route table says which
//! scope a route asks for, and a route without one is for people only. Within a scope the client acts as somebody who has the
//! post that the act belongs to, so that the roles hold for it too.

use super::{OrgKind, Post, Principal};
use crate::text_enum;

text_enum! {
    /// One permission of a machine client.
    pub enum Scope {
        /// Products, listings and prices.
        ProductsRead = "products:read" | "查询药品与挂网价",
        /// Cuts of one's own listed prices.
        PricesWrite = "prices:write" | "下调本企业挂网价",
        /// Orders and what became of them.
        OrdersRead = "orders:read" | "查询订单",
        /// A hospital's orders; a supplier's answers to them.
        OrdersWrite = "orders:write" | "办理订单（医疗机构下单、撤销；企业确认、拒绝）",
        /// Delivery addresses.
        AddressesRead = "addresses:read" | "查询收货地址",
        /// Their changes.
        AddressesWrite = "addresses:write" | "维护收货地址",
        /// The enterprise's distributors.
        DistributorsRead = "distributors:read" | "查询委托的配送企业",
        /// Their appointments.
        DistributorsWrite = "distributors:write" | "委托与终止配送企业",
        /// A manufacturer's own products, enterprise codes and claims.
        OwnProductsRead = "own_products:read" | "查询本企业的产品、企业代码与认领",
        /// The organisation's own entry with its licences.
        OrganisationRead = "organisation:read" | "查询本单位登记信息与证照",
        /// The feed of changes.
        FeedRead = "feed:read" | "接收变更通知",
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
    pub fn post(self, who: &Principal) -> Post {
        let doer = if who.is(OrgKind::is_hospital) { Post::Order } else { Post::Trade };
        match self {
            Self::ProductsRead
            | Self::OrdersRead
            | Self::AddressesRead
            | Self::OwnProductsRead
            | Self::OrganisationRead
            | Self::FeedRead => Post::Viewer,
            Self::OrdersWrite | Self::AddressesWrite | Self::PricesWrite => doer,
            Self::DistributorsRead | Self::DistributorsWrite => doer,
        }
    }
}
