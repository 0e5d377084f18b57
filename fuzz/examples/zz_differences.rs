use bedrock_stream_core::frame::Message;
use bedrock_stream_fuzz::{compared_items_of, random_stream_of};
use std::collections::BTreeMap;
fn fails(stream: &[u8]) -> Option<String> {
    let stream = stream.to_vec();
    std::panic::catch_unwind(move || {
        compared_items_of(&stream, &[]);
    })
    .err()
    .map(|e| {
        e.downcast_ref::<String>()
            .cloned()
            .or(e.downcast_ref::<&str>().map(|s| s.to_string()))
            .unwrap_or("?".into())
    })
}
fn frames(mut s: &[u8]) -> Vec<Vec<u8>> {
    let mut v = vec![];
    loop {
        match Message::parse(s) {
            Ok(Some((_, after))) => {
                v.push(s[..s.len() - after.len()].to_vec());
                s = after;
            }
            _ => {
                if !s.is_empty() {
                    v.push(s.to_vec());
                }
                return v;
            }
        }
    }
}
fn class(msg: &str) -> String {
    let first = msg.lines().next().unwrap_or("");
    let (exp, act) = first.split_once(", but is ").unwrap_or((first, ""));
    let exp: String = exp.split_once("must be ").map_or(exp, |x| x.1).into();
    let exp: String = if let Some(at) = exp.find("(\"type\", Text(\"") {
        exp[at + 15..].split('"').next().unwrap().into()
    } else {
        exp.chars().take(24).collect()
    };
    let exp = if first.contains("Start") || true { exp } else { exp };
    let act: String = act.replace("Some(", "").chars().take_while(|c| *c != '{' && *c != ',').collect();
    let extra = if let Some(at) = first.find("reason: ") {
        first[at..].chars().take(24).collect::<String>()
    } else {
        String::new()
    };
    format!("{exp} <> {act} {extra}")
}
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let n: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let base: u64 = std::env::args().nth(2).map_or(1, |s| s.parse().unwrap());
    let mut classes: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut ok = 0;
    for seed in 0..n {
        let mut x = (seed + base).wrapping_mul(0x9E3779B97F4A7C15) | 1;
        let mut next = || {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x >> 24) as u8
        };
        let len = 40 + (next() as usize) * 3;
        let data: Vec<u8> = (0..len).map(|_| next()).collect();
        let stream = random_stream_of(&data);
        let Some(msg) = fails(&stream) else {
            ok += 1;
            continue;
        };
        let key = class(&msg);
        let entry = classes.entry(key.clone()).or_insert((0, String::new()));
        entry.0 += 1;
        if entry.0 > 60 {
            continue;
        }
        let mut f = frames(&stream);
        let mut best = msg;
        loop {
            let mut changed = false;
            for i in (0..f.len()).rev() {
                let mut g = f.clone();
                g.remove(i);
                if let Some(m) = fails(&g.concat()) {
                    if class(&m) == key {
                        f = g;
                        best = m;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        if entry.1.is_empty() || best.len() < entry.1.len() {
            entry.1 = best;
        }
    }
    println!("{ok} of {n} agree");
    let mut v: Vec<_> = classes.into_iter().collect();
    v.sort_by_key(|x| std::cmp::Reverse(x.1.0));
    for (k, (c, m)) in v {
        println!("\n## {c} x {k}\n{m}");
    }
}
