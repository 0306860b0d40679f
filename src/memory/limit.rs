//! How much memory the process may have, as the system tells.

use std::fs::read_to_string;
use std::path::Path;

/// Bytes that this process may have: the least of the machine's memory and of the limits of its control
/// groups.
#[must_use]
pub fn limit() -> Option<u64> {
    let machine = read_to_string("/proc/meminfo").ok();
    let machine = machine.and_then(|text| kilobytes(&text, "MemTotal:"));
    let groups = read_to_string("/proc/self/cgroup").unwrap_or_default();
    let group = group_limit(&groups, Path::new("/sys/fs/cgroup"));
    [machine, group].into_iter().flatten().min()
}

/// Bytes of addresses that it may still take, where these are bounded for it (`ulimit -v`).
#[must_use]
pub fn addresses_left() -> Option<u64> {
    let limit = address_limit(&read_to_string("/proc/self/limits").ok()?)?;
    let status = read_to_string("/proc/self/status").ok()?;
    Some(limit.saturating_sub(kilobytes(&status, "VmSize:")?))
}

/// Bytes that it has in memory now.
#[must_use]
pub fn resident() -> Option<u64> {
    let status = read_to_string("/proc/self/status").ok()?;
    kilobytes(&status, "VmRSS:")
}

/// The number of a line such as `VmRSS:     1234 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.split_whitespace().next()?.parse().ok()?;
    number.checked_mul(1024)
}

/// The least limit of the groups that the process is in, and of those above them. Within a
/// container its own group is the root of what it sees.
fn group_limit(groups: &str, root: &Path) -> Option<u64> {
    let limit = |file: &Path| read_to_string(file).ok()?.trim().parse::<u64>().ok();
    let of_line = |line: &str| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let (folder, file) = match controllers {
            "" => (root.to_owned(), "memory.max"),
            "memory" => (root.join("memory"), "memory.limit_in_bytes"),
            _ => return None,
        };
        let group = folder.join(path.trim_start_matches('/'));
        let above = group
            .ancestors()
            .take_while(|group| group.starts_with(&folder));
        above.filter_map(|group| limit(&group.join(file))).min()
    };
    groups.lines().filter_map(of_line).min()
}

fn address_limit(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_limit_of_all_groups_above_counts() {
        let root = tempfile::tempdir().expect("a folder");
        let pod = root.path().join("pod");
        std::fs::create_dir_all(pod.join("app")).expect("folders");
        std::fs::write(pod.join("memory.max"), "1000\n").expect("a file");
        std::fs::write(pod.join("app/memory.max"), "max\n").expect("a file");
        assert_eq!(group_limit("0::/pod/app\n", root.path()), Some(1000));
        std::fs::write(pod.join("app/memory.max"), "500\n").expect("a file");
        assert_eq!(group_limit("0::/pod/app\n", root.path()), Some(500));
        assert_eq!(group_limit("0::/elsewhere\n", root.path()), None);
    }

    #[test]
    fn limits_are_read_as_the_system_writes_them() {
        let limits = "Limit   Soft Limit  Hard Limit  Units\nMax address space         7516192768           7516192768           bytes\n";
        assert_eq!(address_limit(limits), Some(7_516_192_768));
        assert_eq!(
            address_limit(&limits.replace("7516192768", "unlimited")),
            None
        );
        assert_eq!(
            kilobytes("Name: x\nVmRSS:\t   12 kB\n", "VmRSS:"),
            Some(12_288)
        );
    }

    #[test]
    fn a_process_has_some_memory_and_no_more_than_it_may() {
        let (limit, resident) = (limit(), resident());
        assert!(resident.expect("on Linux") < limit.expect("on Linux"));
    }
}
