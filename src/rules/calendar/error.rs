//! What is wrong with a day or a notice.

/// Why a day cannot be computed or a notice not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("没有 {0} 年的节假日安排表，不能计算工作日；请在国务院办公厅发布通知后补充该年的表")]
    UnknownYear(i32),
    #[error("日期超出可以表示的范围（公元 1 年至 9999 年）")]
    OutOfRange,
    #[error("节假日安排表 {0} 不能使用：{1}")]
    Table(String, String),
}
