//! What a profile may take of this machine (variables, files, commands) or of others (the place of another client): asked
//! once for each host, on the plain terminal, before there is a screen.
//!
//! What the user typed in their own address or configuration is theirs, and no question. What a profile needs is said by
//! [`needs`]; nothing here reads a secret or runs a command.

mod memory;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use self::memory::Memory;
use crate::profile::Profile;
use crate::profile::template::{Outside, Template};
use crate::text;

/// Something that a profile wants when it is used with a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Host and port.
    pub host: String,
    /// What goes there can be read on the way.
    pub plain: bool,
    pub profile: String,
    /// Of all that the profile says and runs: one that says something else is asked about anew.
    pub fingerprint: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "what", content = "name", rename_all = "snake_case")]
pub enum What {
    /// An environment variable, sent to the host.
    Env(String),
    /// The text of a file, likewise.
    File(String),
    /// A program, with its arguments as the profile writes them.
    Command(String),
    /// Another client loses its place or its messages: who, in the words of the profile.
    Takeover(String),
}

impl Need {
    /// Who wants it, what, and for whom. No secret is in it: a command stands as the profile writes it.
    pub fn words(&self) -> String {
        format!("the profile {}, for {}: {}", text::clean(&self.profile), text::clean(&self.host), self.what.words())
    }
}

/// What the command line allows for this run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    pub everything: bool,
    pub env: Vec<String>,
    pub files: Vec<String>,
    /// Programs, without their arguments.
    pub commands: Vec<String>,
    pub takeover: bool,
}

/// Why it may not be used, in words for a person, with the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

/// What a profile wants of this machine for a host.
pub fn needs(profile: &Profile, host: &str, plain: bool) -> Vec<Need> {
    let reads = |read| match read {
        Outside::Env(name) => What::Env(name.to_owned()),
        Outside::File(path) => What::File(path.to_owned()),
    };
    let mut wanted: Vec<_> = templates(profile).flat_map(Template::outside).map(|(_, read)| reads(read)).collect();
    wanted.extend(profile.programs().map(|program| What::Command(line(&program.command))));
    wanted.extend(profile.about.exclusive.clone().map(What::Takeover));
    wanted.sort();
    wanted.dedup();
    let fingerprint = fingerprint(profile);
    let need = |what| Need {
        host: host.to_owned(),
        plain,
        profile: profile.name.clone(),
        fingerprint: fingerprint.clone(),
        what,
    };
    wanted.into_iter().map(need).collect()
}

/// Sees to it that all of this is allowed: by the command line, by an earlier answer, or by asking now.
pub fn settle(needs: &[Need], allowance: &Allowance, interactive: bool) -> Result<(), Refused> {
    if needs.is_empty() {
        return Ok(());
    }
    let mut terminal = |question: &str| {
        let mut out = io::stderr().lock();
        write!(out, "{question}")?;
        out.flush()?;
        let mut answer = String::new();
        io::Read::take(io::stdin().lock(), 100).read_line(&mut answer)?;
        Ok(answer)
    };
    let ask: Option<Ask<'_>> = if interactive { Some(&mut terminal) } else { None };
    settle_with(needs, allowance, memory::place(), ask)
}

/// What neither the command line nor an earlier answer has allowed.
pub fn open(needs: &[Need], allowance: &Allowance) -> Vec<Need> {
    let memory = Memory::open(memory::place());
    let mut open = Vec::new();
    for need in needs.iter().filter(|need| !allowance.covers(&need.what) && !memory.has(need)) {
        if !open.contains(need) {
            open.push(need.clone());
        }
    }
    open
}

/// From now on all of this is allowed, in later runs too.
pub fn remember(needs: &[Need]) -> io::Result<()> {
    let mut memory = Memory::open(memory::place());
    memory.add(&needs.iter().collect::<Vec<_>>());
    memory.save()
}

type Ask<'a> = &'a mut dyn FnMut(&str) -> io::Result<String>;

fn settle_with(
    needs: &[Need],
    allowance: &Allowance,
    file: Option<PathBuf>,
    mut ask: Option<Ask<'_>>,
) -> Result<(), Refused> {
    let mut memory = Memory::open(file);
    let mut open: BTreeMap<(&str, &str), Vec<&Need>> = BTreeMap::new();
    for need in needs.iter().filter(|need| !allowance.covers(&need.what) && !memory.has(need)) {
        let group = open.entry((&need.host, &need.fingerprint)).or_default();
        if !group.contains(&need) {
            group.push(need);
        }
    }
    for group in open.into_values() {
        let Some(ask) = ask.as_deref_mut() else { return Err(nobody_to_ask(&group)) };
        let answer = ask(&question(&group)).unwrap_or_default().trim().to_lowercase();
        match answer.as_str() {
            "y" | "yes" => {
                memory.add(&group);
                if let Err(error) = memory.save() {
                    let told = format!("this answer could not be kept, and will be asked for again: {error}\n");
                    let _printed = io::stderr().lock().write_all(told.as_bytes());
                }
            }
            "o" | "once" => {}
            _ => {
                let name = group.first().map_or("", |need| &need.profile);
                return Err(Refused(format!("the profile {} is not used: this was not allowed", text::clean(name))));
            }
        }
    }
    Ok(())
}

impl Allowance {
    fn covers(&self, what: &What) -> bool {
        self.everything
            || match what {
                What::Env(name) => self.env.contains(name),
                What::File(path) => self.files.contains(path),
                What::Command(line) => self.commands.iter().any(|allowed| program(line) == allowed),
                What::Takeover(_) => self.takeover,
            }
    }
}

impl What {
    /// The option that allows it.
    fn option(&self) -> String {
        match self {
            Self::Env(name) => format!("--allow-env {}", text::clean(name)),
            Self::File(path) => format!("--allow-file {}", text::clean(path)),
            Self::Command(line) => format!("--allow-command {}", text::clean(program(line))),
            Self::Takeover(_) => "--allow-takeover".to_owned(),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Env(name) => format!("to read the environment variable {} and send it there", text::clean(name)),
            Self::File(path) => format!("to read the file {} and send what is in it there", text::clean(path)),
            Self::Command(line) => format!("to run a command on this machine: {}", text::clean(line)),
            Self::Takeover(who) => format!("to connect although others are affected: {}", text::clean(who)),
        }
    }
}

fn question(group: &[&Need]) -> String {
    let mut words = demand(group);
    let secret = group.iter().any(|need| need.plain && matches!(need.what, What::Env(_) | What::File(_)));
    if secret {
        words.push_str("  The connection is not encrypted (ws://): others on the way can read it.\n");
    }
    words.push_str("Allow it? [y]es, from now on; [o]nce; [N]o: ");
    words
}

fn demand(group: &[&Need]) -> String {
    let (profile, host) = group.first().map_or(("", ""), |need| (&need.profile, &need.host));
    let mut words = format!("The profile {} wants, for {}:\n", text::clean(profile), text::clean(host));
    for need in group {
        let _written = writeln!(words, "  - {}", need.what.words());
    }
    words
}

fn nobody_to_ask(group: &[&Need]) -> Refused {
    let options: Vec<_> = group.iter().map(|need| need.what.option()).collect();
    Refused(format!(
        "{}There is no terminal to ask on. Allow it with {} (or all of it with --yes)",
        demand(group),
        options.join(" ")
    ))
}

/// All that a profile says, wherever it stands.
fn templates(profile: &Profile) -> impl Iterator<Item = &Template> {
    let steps = profile.handshake.iter().flat_map(|step| step.send.iter().chain(&step.resume));
    let shares = profile.subscribe.iter().chain(&profile.unsubscribe).filter_map(|ask| ask.arg.as_ref());
    profile.templates().chain(&profile.endpoint.resume_url).chain(steps).chain(shares)
}

/// A command as one line; spaces inside of an argument are kept apart from those between two.
fn line(command: &[Template]) -> String {
    let word = |template: &Template| template.to_string().replace('\\', "\\\\").replace(' ', "\\ ");
    command.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn program(line: &str) -> &str {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let space = c == ' ' && !escaped;
        escaped = c == '\\' && !escaped;
        space
    });
    &line[..end.unwrap_or(line.len())]
}

/// The same for the same words in every version of the program. It need not resist forgery: host, variable and command
/// are remembered as they are, so all that a forger gains is a new order of what was allowed already.
fn fingerprint(profile: &Profile) -> String {
    let mut said: Vec<String> = templates(profile).map(ToString::to_string).collect();
    said.sort();
    said.dedup();
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in said.iter().flat_map(|text| text.bytes().chain([0])) {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    format!("{hash:032x}")
}
