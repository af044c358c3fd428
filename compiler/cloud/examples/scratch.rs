//! scratch
use mu_cloud::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let address = Address::parse(&a[2]).unwrap();
    let folder = std::path::PathBuf::from(&a[3]);
    let state = folder.join(".mulc");
    let s = match Session::open(None) {
        Ok(s) => s,
        Err(e) => {
            println!("{e:?}");
            std::process::exit(3)
        }
    };
    let r = if a[1] == "push" {
        let mut files = vec![];
        for e in std::fs::read_dir(&folder).unwrap() {
            let p = e.unwrap().path();
            let name = p.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".mu") {
                let stem = name.trim_end_matches(".mu").to_owned();
                let onnx = p.with_extension("onnx");
                let mut needs = vec![];
                if onnx.exists() {
                    needs.push(LocalNeed {
                        path: format!("{stem}.onnx"),
                        place: onnx.clone(),
                        sha256: hash_of(&std::fs::read(&onnx).unwrap()),
                        kind: NeedKind::Weights,
                        model: Some(stem.clone()),
                    });
                }
                files.push(LocalFile { path: name, models: vec![stem], needs });
            }
        }
        s.push(&address, &Local { folder, state, files }, &a[4..], Limits::default(), &|_| {}).map(|p| format!("{p:?}"))
    } else {
        let cards = a.get(4).is_some_and(|x| x == "--cards");
        s.pull(
            &address,
            &Wish {
                cache: state.join("cache/blobs"),
                folder,
                state,
                models: if cards { vec![] } else { a[4..].to_vec() },
                cards,
            },
            Limits::default(),
            &|_| {},
        )
        .map(|p| format!("{p:?}"))
    };
    match r {
        Ok(t) => println!("{t}"),
        Err(e) => {
            println!("{e:?}");
            std::process::exit(1)
        }
    }
}
