//! Files of data as values.

use crate::program::*;
use mu_analysis::hir::ExprKind;
use mu_analysis::names::DefId;
use mu_analysis::ty::Type;
use mu_base::Code;
use mu_format::tensor::DType;
use mu_format::types::{Dim, Type as Ir};
use mu_format::value::Value;
use mu_lower::Error;
use mu_lower::data::value;
use std::sync::Arc;

fn row() -> Ir {
    Ir::Record(vec![
        ("name".to_string(), Ir::Text),
        ("age".to_string(), Ir::Option(Box::new(Ir::scalar(DType::F64)))),
        ("kind".to_string(), Ir::Label(0)),
    ])
}

fn read(path: &str, bytes: &str, ty: &Ir) -> Result<Value, String> {
    let labels = [vec!["cat".to_string(), "dog".to_string()]];
    value(path, bytes.as_bytes().to_vec(), ty, &labels).map_err(|problem| problem.label)
}

fn rows(path: &str, bytes: &str) -> Result<Value, String> {
    read(path, bytes, &Ir::List(Box::new(row()), 2))
}

fn list(values: Vec<Value>) -> Value {
    Value::List(Arc::new(values))
}

fn record(name: &str, age: Option<f64>, kind: u32) -> Value {
    let age = age.map(|age| Arc::new(Value::F64(age)));
    Value::Record(Arc::new(vec![Value::Text(name.into()), Value::Option(age), Value::Label(kind)]))
}

#[test]
fn tables_json_and_lines_of_json_hold_the_same() {
    let expected = Ok(list(vec![record("Mia, the first", Some(3.5), 0), record("Rex", None, 1)]));
    assert_eq!(rows("a.csv", "kind,name,age\ncat,\"Mia, the first\",3.5\ndog,Rex,\n"), expected);
    let (mia, rex) =
        (r#"{"name":"Mia, the first","age":3.5,"kind":"cat"}"#, r#"{"name":"Rex","age":null,"kind":"dog"}"#);
    assert_eq!(rows("a.json", &format!("[{mia},{rex}]")), expected);
    assert_eq!(rows("a.jsonl", &format!("{mia}\n\n{rex}\n")), expected);
}

#[test]
fn what_is_wrong_in_a_table_is_named_by_line_and_field() {
    let cases = [
        ("name,age,kind\nMia,old,cat\n", "line 2, field `age`: `old` is no value of type f64"),
        ("name,age,kind\nMia,3,cow\n", "line 2, field `kind`: \"cow\" is none of the labels \"cat\", \"dog\""),
        ("name,age\nMia,3\n", "line 1: no column for the field `kind`"),
        ("name,age,kind,more\nMia,3,cat,1\n", "line 1: there is no field `more`, only `name`, `age`, `kind`"),
        ("name,age,kind,kind\nMia,3,cat,1\n", "line 1: a column stands twice"),
        ("name,age,kind\nMia,3\n", "line 2: 2 cells where the first line has 3"),
        ("name,age,kind\na,1,cat\nb,1,cat\nc,1,cat\n", "line 4: there are more than 2 elements"),
    ];
    for (text, message) in cases {
        assert_eq!(rows("a.csv", text), Err(message.to_string()), "{text}");
    }
    assert!(value("a.csv", b"name,age,kind\n\xff,1,cat\n".to_vec(), &Ir::List(Box::new(row()), 2), &[]).is_err());
}

#[test]
fn what_is_wrong_in_lines_of_json_is_named_by_line() {
    let wrong = rows("a.jsonl", "{\"name\":\"a\",\"age\":1,\"kind\":\"cat\"}\n{\"name\":1,\"age\":1,\"kind\":\"cat\"}");
    assert_eq!(wrong, Err("line 2: $.name: expected a string, found a number".to_string()));
}

#[test]
fn a_format_that_does_not_fit_the_type_is_refused() {
    assert!(read("a.csv", "1\n", &Ir::scalar(DType::F32)).is_err());
    assert!(read("a.npy", "[1.0]", &Ir::Tensor(DType::F32, vec![Dim::Is(1)])).is_err());
    assert!(read("a.png", "no picture", &Ir::Image).is_err());
    assert!(read("a.json", "[1.0, 2.0]", &Ir::Tensor(DType::F32, vec![Dim::Is(2)])).is_ok());
}

#[test]
fn bad_data_and_missing_files_are_reported_where_they_are_named() {
    let mut program = Program::default();
    program.files.0.insert("faq.jsonl".to_string(), b"1\n2\n\"three\"\n".to_vec());
    for (path, code) in [("faq.jsonl", Code::BadData), ("none.jsonl", Code::FileMissing)] {
        program.function(1, "f", &[], &[], expr(crate::program::list(i64(), 9), ExprKind::File(path.to_string())));
        let Err(Error::Wrong(diagnostic)) = program.lower(1, &[]) else { panic!("it must fail") };
        assert_eq!(diagnostic.code, code);
    }
}

#[test]
fn a_file_is_a_constant_of_the_program() {
    let mut program = Program::default();
    program.files.0.insert("greeting.txt".to_string(), b"hello".to_vec());
    let file = expr(Type::Text, ExprKind::File("greeting.txt".to_string()));
    program.constant(7, "greeting", file);
    program.function(1, "f", &[], &[], expr(Type::Text, ExprKind::Const(DefId(7))));
    assert_eq!(program.call(1, Vec::new()), Ok(Value::Text("hello".into())));
}
