//! Delivery addresses of the hospitals, and which distributors deliver for which manufacturer.

use super::people::People;
use super::province;
use crate::party;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::who::OrgKind;

/// Distributors that each manufacturer names.
const DISTRIBUTORS_EACH: usize = 3;

/// Two addresses a hospital, three distributors a manufacturer.
pub async fn seed(db: &Db, people: &People, clock: &Clock) -> Result<()> {
    let all = province::organisations();
    let of = |wanted: fn(OrgKind) -> bool| all.iter().filter(move |o| wanted(o.kind));
    let login = |organisation: &province::Organisation| organisation.people.first().map(|p| p.login.clone());
    for hospital in of(OrgKind::is_hospital) {
        let Some(clerk) = login(hospital) else { continue };
        for (place, default) in [("药品库", true), ("静脉用药调配中心", false)] {
            let input = party::address::AddressInput {
                recipient: format!("{place}收货员"),
                phone: format!("0{:03}-55{:05}", 990 + hospital.serial % 10, hospital.serial * 137 % 100_000),
                address: format!(
                    "澜江省{}市康宁路{}号{}{place}",
                    hospital.city, hospital.serial, hospital.name
                ),
                is_default: default,
            };
            party::address::add(db, &people.acting(&clerk, clock.now())?, input).await?;
        }
    }
    let mut distributors = Vec::new();
    for distributor in of(|kind| kind == OrgKind::Distributor) {
        if let Some(clerk) = login(distributor) {
            distributors.push(people.acting(&clerk, clock.now())?.organisation);
        }
    }
    for (n, manufacturer) in of(|kind| kind == OrgKind::Manufacturer).enumerate() {
        let Some(clerk) = login(manufacturer) else { continue };
        let named = distributors.iter().cycle().skip(n * DISTRIBUTORS_EACH).take(DISTRIBUTORS_EACH);
        for distributor in named {
            party::appointment::appoint(db, &people.acting(&clerk, clock.now())?, *distributor).await?;
        }
    }
    Ok(())
}
