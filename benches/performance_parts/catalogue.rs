//! The national workbook: 300,000 drugs imported by the command while others order, then searched for.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::client::{self, Work, p99_ms};
use super::dice::Dice;
use super::report::Report;
use super::server::{BINARY, command, memory_mib};

const ROWS: usize = 300_000;
/// Orders a second beside the import.
const PACE: f64 = 100.0;
const SEARCHES: usize = 1000;

/// Imports the workbook into the database behind `url` and searches it through the server that `work` talks to.
pub async fn measure(report: &mut Report, engine: &str, url: &str, dir: &Path, work: &Work) {
    let mut dice = Dice(7);
    let file = written(&mut dice, dir);
    let quiet = client::paced(work, 16, 5, PACE).await;
    let running = Arc::new(AtomicBool::new(true));
    let orders = {
        let running = running.clone();
        client::paced_while(work, 16, PACE, move || running.load(Ordering::Relaxed))
    };
    let import = async {
        let taken = import(Path::new(BINARY), &file, url).await;
        running.store(false, Ordering::Relaxed);
        taken
    };
    let (beside, (seconds, mib)) = tokio::join!(orders, import);
    let promise = match engine {
        "SQLite" => "promised: under 60",
        _ => "the promise of 60 is for the embedded database",
    };
    report.add(&format!("{engine}: 300,000 drugs imported in, s"), seconds, promise);
    report.add(&format!("{engine}: memory of the import at most, MiB"), mib, "promised: under 300");
    report.add(&format!("{engine}: p99 of 100 orders a second before it, ms"), quiet.p99_ms, "over HTTP");
    report.add(&format!("{engine}: p99 of 100 orders a second beside it, ms"), beside.p99_ms, "over HTTP");
    let mut took = Vec::new();
    for n in 0..SEARCHES {
        took.push(work.search(&question(&mut dice, n)).await);
    }
    let note = "over HTTP, promised: under 50";
    report.add(&format!("{engine}: p99 of searches in 300,000 drugs, ms"), p99_ms(took), note);
}

/// Imports the workbook by a build's command into a database that nobody serves.
pub async fn imported(binary: &Path, url: &str, dir: &Path) {
    import(binary, &written(&mut Dice(7), dir), url).await;
}

fn written(dice: &mut Dice, dir: &Path) -> PathBuf {
    let file = dir.join("drugs.csv");
    std::fs::write(&file, workbook(dice)).expect("the workbook");
    file
}

/// Seconds and MiB.
async fn import(binary: &Path, file: &Path, url: &str) -> (f64, f64) {
    let begun = Instant::now();
    let mut child = command(binary)
        .args(["import", "drugs"])
        .arg(file)
        .arg("--confirm")
        .env("DATABASE_URL", url)
        .stdout(Stdio::null())
        .spawn()
        .expect("the binary");
    let mut most = 0.0;
    loop {
        // Gone between the question and the answer: the last figure stands.
        most = memory_mib(child.id(), "VmHWM:").unwrap_or(most);
        if let Some(status) = child.try_wait().expect("status") {
            assert!(status.success(), "the import failed");
            return (begun.elapsed().as_secs_f64(), most);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn workbook(dice: &mut Dice) -> String {
    let makers: Vec<String> = (0..4000).map(|_| format!("{}制药有限公司", dice.word(4))).collect();
    let names: Vec<String> = (0..6000)
        .map(|n| {
            let length = 3 + dice.throw(6);
            format!("{}{}", if n % 3 == 0 { "注射用" } else { "" }, dice.word(length))
        })
        .collect();
    let trades: Vec<String> = (0..15_000).map(|_| dice.word(3)).collect();
    let mut all = String::from(
        "药品代码,注册名称,商品名称,注册剂型,注册规格,包装材质,最小包装数量,最小制剂单位,最小包装单位,药品企业,批准文号,药品本位码\n",
    );
    let mut rows = Vec::with_capacity(ROWS);
    for n in 0..ROWS {
        let (name, maker) = (dice.skewed(names.len()), dice.skewed(makers.len()));
        let trade = if n % 3 == 0 { trades[dice.throw(trades.len())].as_str() } else { "无" };
        let milligrams = 5 + dice.throw(200) * 5;
        rows.push(format!(
            "XA{name:04}{maker:04}{n:013},{},{trade},片剂,{milligrams}mg,铝塑包装,{},片,盒,{},国药准字H{n:08},无",
            names[name],
            6 + n % 7,
            makers[maker],
        ));
    }
    // The national workbook stands in the order of its codes.
    rows.sort_unstable();
    all.push_str(&rows.join("\n"));
    all.push('\n');
    all
}

/// What clerks type: two characters, more, initials, a code's beginning, several words.
fn question(dice: &mut Dice, n: usize) -> String {
    let initials = |text: &str| jicai::catalogue::words::initials(text)[0].clone();
    match n % 8 {
        0 => dice.word(2),
        1 => dice.word(3),
        2 => initials(&dice.word(4)),
        3 => initials(&dice.word(2)),
        4 => format!("XA{:04}", dice.throw(6000)),
        5 => format!("{} {}", dice.word(2), dice.word(1)),
        6 => format!("{} 制药", dice.word(2)),
        _ => format!("zsy {}", initials(&dice.word(2))),
    }
}
