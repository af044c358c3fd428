//! A control group of Linux that grants a share of a processor, made for one process of a measurement and removed after it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How a group is limited: the two versions of control groups have different files.
enum Version {
    One,
    Two,
}

/// Removed when dropped. One that outlives its maker, because that was killed, is removed by the next.
pub struct Group {
    folder: PathBuf,
}

impl Group {
    /// Grants `share` of a processor, in parts of `period` seconds. The error is a sentence: who may make groups, and where, is
    /// up to the machine.
    pub fn new(share: f64, period: f64) -> Result<Group, String> {
        let mut last = "control groups for processors are not mounted".to_owned();
        for (parent, version) in parents() {
            sweep(&parent);
            match Group::below(&parent, &version, share, period) {
                Ok(group) => return Ok(group),
                Err(error) => last = format!("cannot make a control group in `{}`: {error}", parent.display()),
            }
        }
        Err(last)
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn below(parent: &Path, version: &Version, share: f64, period: f64) -> io::Result<Group> {
        let folder = parent.join(format!("{PREFIX}{}", std::process::id()));
        fs::create_dir(&folder)?;
        let group = Group { folder };
        let (quota, period) = ((share * period * 1e6).round(), (period * 1e6).round());
        match version {
            Version::One => {
                fs::write(group.folder.join("cpu.cfs_period_us"), period.to_string())?;
                fs::write(group.folder.join("cpu.cfs_quota_us"), quota.to_string())?;
            }
            Version::Two => fs::write(group.folder.join("cpu.max"), format!("{quota} {period}"))?,
        }
        Ok(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // There is no other way than the next sweep where this fails.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// What groups are called, before the number of the process that made them.
const PREFIX: &str = "mulc-measure-";

/// Removes groups whose makers are gone; one with processes in it stays by itself.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(PREFIX)).and_then(|id| id.parse::<u32>().ok());
        if let Some(maker) = maker
            && !Path::new("/proc").join(maker.to_string()).exists()
        {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// The folders in which a group may be made, the likeliest first: beside the group that this process is in, above it, and at
/// the top.
fn parents() -> Vec<(PathBuf, Version)> {
    let (Ok(mounts), Ok(own)) = (fs::read_to_string("/proc/self/mounts"), fs::read_to_string("/proc/self/cgroup"))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for mount in mounts.lines() {
        let fields: Vec<&str> = mount.split(' ').collect();
        let (Some(place), Some(kind), Some(options)) = (fields.get(1), fields.get(2), fields.get(3)) else { continue };
        let top = PathBuf::from(place);
        let has_cpu = |list: &str| list.split([',', ' ', '\n']).any(|name| name == "cpu");
        match *kind {
            "cgroup" if has_cpu(options) => {
                let own = own.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
                let own = own.filter(|(names, _)| has_cpu(names)).map(|(_, path)| path).next().unwrap_or("/");
                found.extend(upwards(&top, own).map(|folder| (folder, Version::One)));
            }
            "cgroup2" => {
                let own = own.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/");
                // A group with processes of its own has no limited groups below it: only groups that hand the processor on do.
                let hands_on = |folder: &PathBuf| {
                    fs::read_to_string(folder.join("cgroup.subtree_control")).is_ok_and(|list| has_cpu(&list))
                };
                found.extend(upwards(&top, own).filter(hands_on).map(|folder| (folder, Version::Two)));
            }
            _ => {}
        }
    }
    found
}

/// A group's folder and those above it, up to the top.
fn upwards(top: &Path, group: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let top = top.to_path_buf();
    let own = top.join(group.trim_start_matches('/'));
    let folders: Vec<PathBuf> =
        own.ancestors().take_while(|folder| folder.starts_with(&top)).map(Path::to_path_buf).collect();
    folders.into_iter()
}
