//! Table (a) of the catalogue beside the list of roles: which accounts an actor has. A test compares both with the table's own
//! rows, so that neither an actor nor a role is forgotten.

use super::role::{OrgKind, Post};

/// An actor of table (a), and what its accounts are.
#[derive(Debug, Clone, Copy)]
pub struct TableActor {
    /// As the table names it.
    pub name: &'static str,
    /// Kinds of organisation that it is; empty where it has no account yet.
    pub kinds: &'static [OrgKind],
    /// Posts that its people have there.
    pub posts: &'static [Post],
    /// Why it has no account yet; empty where it has one.
    pub none_yet: &'static str,
}

const fn role(name: &'static str, kinds: &'static [OrgKind], posts: &'static [Post]) -> TableActor {
    TableActor { name, kinds, posts, none_yet: "" }
}

const fn no_account_yet(name: &'static str, why: &'static str) -> TableActor {
    TableActor { name, kinds: &[], posts: &[], none_yet: why }
}

use OrgKind as K;
use Post as F;

const OFFICE: &[Post] = &[F::Admin, F::Officer, F::Viewer];
const HOSPITAL: &[Post] = &[F::Admin, F::Order, F::Report, F::Check, F::Finance, F::Viewer];
const ENTERPRISE: &[Post] = &[F::Admin, F::Trade, F::Listing, F::Fulfilment, F::Finance, F::Viewer];
const DELIVERER: &[Post] = &[F::Admin, F::Trade, F::Fulfilment, F::Finance, F::Viewer];
const READERS: &[Post] = &[F::Admin, F::Viewer];

/// Every actor of table (a).
pub const ACTORS: &[TableActor] = &[
    no_account_yet("National MI administration 国家医保局", "receives uploads, does not log in"),
    no_account_yet("National/alliance procurement office 联采办", "its results come by import"),
    role("Provincial MI bureau 省医保局", &[K::ProvincialBureau], OFFICE),
    role("Provincial procurement agency 集采机构 / 公共资源交易中心 / 药事所", &[K::Agency], OFFICE),
    role("City/county/district MI bureau 市县医保局", &[K::CityBureau, K::CountyBureau], OFFICE),
    no_account_yet("MI handling agency 医保经办", "settlement is not built yet"),
    role("Health department 卫健", &[K::HealthDepartment], OFFICE),
    role("Drug regulator 药监", &[K::DrugRegulator], OFFICE),
    no_account_yet("Discipline/audit 纪检、审计", "referred cases are not built yet"),
    role(
        "Public hospital – purchasing/pharmacy 采购/药学",
        &[K::PublicHospital],
        &[F::Admin, F::Order, F::Report, F::Finance, F::Viewer],
    ),
    no_account_yet(
        "Public hospital – medical affairs 医务",
        "splitting volumes to departments is not built yet",
    ),
    no_account_yet(
        "Public hospital – clinical department 临床科室",
        "consultation on demand is not built yet",
    ),
    no_account_yet(
        "Public hospital – consumables committee 耗材管委会",
        "the hospital's catalogue is not built yet",
    ),
    role("Hospital second person 复核", &[K::PublicHospital], &[F::Check]),
    role("Military hospital 军队医疗机构", &[K::MilitaryHospital], HOSPITAL),
    role("Private MI-designated institution 社会办定点", &[K::PrivateHospital], HOSPITAL),
    role("Institution outside agreement 协议外", &[K::PrivateHospital], HOSPITAL),
    role("Project hospital 项目医院 (Anhui)", &[K::PublicHospital], HOSPITAL),
    role("Township hospital / medical-community lead 乡镇卫生院/医共体", &[K::PublicHospital], HOSPITAL),
    role("Integrated village clinic 一体化村卫生室", &[K::Clinic], READERS),
    role("Retail pharmacy / private 三进 unit", &[K::Pharmacy], READERS),
    role("Manufacturer / MAH / registrant 生产企业、持有人", &[K::Manufacturer], ENTERPRISE),
    role("National general agent of imports 全国总代理", &[K::NationalAgent], ENTERPRISE),
    role("Distributor 配送企业", &[K::Distributor], DELIVERER),
    role("Volunteer supervisor / observer 义务监督员", &[K::Observer], &[F::Viewer]),
    no_account_yet("Expert 专家", "expert review is not built yet"),
    no_account_yet("Public 社会公众", "reads the public pages without an account"),
    no_account_yet(
        "Third-party serving a hospital 第三方机构 (SPD)",
        "acts with a machine client of the hospital, under its prohibitions",
    ),
];
