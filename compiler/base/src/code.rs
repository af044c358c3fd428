//! The codes of all diagnostics, each declared once, with its page: a missing page does not compile.

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($variant:ident $slug:literal $title:literal,)*) => {
        /// A permanent name of a kind of diagnostic; `mulc explain` tells its story.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            pub fn slug(self) -> &'static str {
                match self { $(Code::$variant => $slug),* }
            }

            /// What it is about, in a line.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title),* }
            }

            /// The story: prose in Markdown with a wrong and a right program.
            pub fn page(self) -> &'static str {
                match self { $(Code::$variant => include_str!(concat!("../codes/", $slug, ".md"))),* }
            }
        }
    };
}

codes! {
    // source and syntax
    NotUtf8 "not-utf8" "a source file is not UTF-8",
    SyntaxError "syntax-error" "the text does not follow the grammar",
    NestingTooDeep "nesting-too-deep" "brackets are nested too deep",
    SourceTooLarge "source-too-large" "a source file is too large",
    UnclosedBlock "unclosed-block" "a bracket, text or comment is not closed",
    // names
    UnknownName "unknown-name" "a name is not declared",
    UnknownModule "unknown-module" "a module does not exist",
    DuplicateName "duplicate-name" "a name is declared twice",
    AmbiguousName "ambiguous-name" "a name comes from two modules",
    ImportCycle "import-cycle" "modules use each other in a circle",
    CallCycle "call-cycle" "functions call each other in a circle",
    // types
    TypeMismatch "type-mismatch" "a value has another type than its place needs",
    ShapeMismatch "shape-mismatch" "the dimensions of two tensors do not agree",
    UnitMismatch "unit-mismatch" "a quantity has another unit than its place needs",
    UnknownUnit "unknown-unit" "a unit is not declared",
    UnknownField "unknown-field" "a record has no such field",
    MissingField "missing-field" "a field is not given",
    WrongArguments "wrong-arguments" "a call does not fit its declaration",
    NotConstant "not-constant" "a place needs a constant",
    NotCallable "not-callable" "a name is called that cannot be",
    NotAValue "not-a-value" "a name is used as a value that is none",
    NotAType "not-a-type" "a name is used as a type that is none",
    UnknownLabel "unknown-label" "a label is not in its set",
    DuplicateLabel "duplicate-label" "a label stands twice in its set",
    CannotInfer "cannot-infer" "a type is not determined",
    MatchNotTotal "match-not-total" "a match does not cover every case",
    ScanState "scan-state" "a state of a scan has no or two next values",
    ListTooLong "list-too-long" "a list is longer than its bound",
    BadLiteral "bad-literal" "a literal has no value",
    UnusedName "unused-name" "a local name is never used",
    // cards, data sets, files
    FileMissing "file-missing" "a file that the program names cannot be read",
    FileChanged "file-changed" "a file has another sha256 than stated",
    NotOnnx "not-onnx" "a file is not an ONNX model",
    NetMismatch "net-mismatch" "a card's net does not fit its ONNX file",
    AdapterMismatch "adapter-mismatch" "an adapter does not fit its net",
    UnboundedDimension "unbounded-dimension" "a free dimension of a net has no bound",
    UnsupportedOperator "unsupported-operator" "the runtime cannot run an operator of the model",
    ClassesMismatch "classes-mismatch" "a card's classes are not the labels of its task",
    DoubleSoftmax "double-softmax" "softmax is applied to what already is one",
    BadLicense "bad-license" "a licence is no SPDX expression",
    BadData "bad-data" "a file of data does not fit its type",
    // requirements and selection
    UnknownTrait "unknown-trait" "a requirement names no trait of the model",
    MetricNeedsDataset "metric-needs-dataset" "a metric is named without its data set",
    DatasetMismatch "dataset-mismatch" "a data set differs from the one a metric was measured on",
    NoModelFits "no-model-fits" "no model of the catalog meets the requirements",
    NoCandidates "no-candidates" "the catalog has no model for the task",
    BadObjective "bad-objective" "an objective cannot rank the models",
    UnlikeTerms "unlike-terms" "terms of a preference have no scale",
    BadQualifier "bad-qualifier" "`as claimed` or a confidence stands where it has no meaning",
    LockChanged "lock-changed" "the selection differs from the lock",
    BadLock "bad-lock" "the lock cannot be read",
    BadEvidence "bad-evidence" "a file of evidence does not count",
    WeakEvidence "weak-evidence" "the samples are too few to tell whether a requirement holds",
    SameData "same-data" "a model is chosen by the figure that is then reported",
    SearchTooLarge "search-too-large" "there are too many combinations of models",
    // projects and deployment
    BadProject "bad-project" "a project's settings are wrong",
    UnknownSetting "unknown-setting" "a block has no such setting",
    DuplicateSetting "duplicate-setting" "a setting stands twice",
    MissingSetting "missing-setting" "a setting is missing",
    BadSetting "bad-setting" "a setting has a value that it cannot have",
    PublicUrl "public-url" "a deployed function can be called by everyone",
    UnknownPrices "unknown-prices" "the prices of a region are not known",
    LambdaLimit "lambda-limit" "AWS Lambda's limits cannot hold the bundle",
    TestFailed "test-failed" "a test of the project does not hold",
    EvaluationFailed "evaluation-failed" "a constant cannot be evaluated at build time",
}

impl Code {
    pub fn from_slug(slug: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|c| c.slug() == slug)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.slug())
    }
}
