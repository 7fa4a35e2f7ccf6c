//! A screen as an SVG picture: every cell where it belongs whatever font the reader has, frames and bars as shapes, the
//! terminal's sixteen colours on a dark ground. Nothing is loaded from elsewhere. It knows no program.

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

/// A cell in units of the picture. The advance of most monospace fonts is 0.6 of their size.
const WIDE: f32 = 8.4;
const HIGH: f32 = 18.0;
const FONT: f32 = 14.0;
/// From the top of a cell to the line that letters stand on.
const BASE: f32 = 13.5;
const MARGIN: f32 = 14.0;

const GROUND: &str = "#11151c";
const INK: &str = "#d5dae3";
const PALETTE: [&str; 16] = [
    "#2a303b", "#f0717a", "#8ecb74", "#e9c46a", "#6aa6f2", "#c792ea", "#5fc9d3", "#c3cad6", "#5c6675", "#ff8b92",
    "#a9e08f", "#ffd98a", "#8dbdff", "#dcb0f7", "#86e1e9", "#f4f6fa",
];

pub(crate) fn picture(screen: &Screen, title: &str) -> String {
    let (rows, cols) = screen.size();
    let (rows, cols) = (rows.get(), cols.get());
    let (width, height) = (f32::from(cols) * WIDE + 2.0 * MARGIN, f32::from(rows) * HIGH + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\">\n\
         <title>{}</title>\n\
         <style>text{{font:{FONT}px ui-monospace,\"SF Mono\",Menlo,\"DejaVu Sans Mono\",Consolas,\"Noto Sans Mono CJK SC\",\
         \"PingFang SC\",\"Microsoft YaHei\",monospace;white-space:pre}}.b{{font-weight:bold}}.i{{font-style:italic}}\
         .u{{text-decoration:underline}}path{{fill:none;stroke-width:1.2}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n",
        at(width),
        at(height),
        at(width),
        at(height),
        escape(title),
    );
    for row in 0..rows {
        let cells: Vec<_> = (0..cols).filter_map(|col| Some((col, screen.cell(row, col)?))).collect();
        let y = MARGIN + f32::from(row) * HIGH;
        grounds(&mut out, &cells, y);
        for run in runs(&cells) {
            draw(&mut out, &run, y);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Cells in one row that look alike and can be drawn as one.
struct Run<'a> {
    col: u16,
    text: String,
    kind: Kind,
    look: &'a Cell,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Letters of one column, which every monospace font has.
    Letters,
    /// One sign whose width is the font's secret: it is set in the middle of its cells.
    Sign {
        cells: u8,
    },
    Shape,
}

fn runs<'a>(cells: &[(u16, &'a Cell)]) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for (col, cell) in cells.iter().filter(|(_, cell)| !cell.is_wide_continuation()) {
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let kind = kind(cell, text);
        match runs.last_mut() {
            Some(run) if joins(run, kind, *col, text) && alike(run.look, cell) => run.text.push_str(text),
            _ => runs.push(Run { col: *col, text: text.to_owned(), kind, look: cell }),
        }
    }
    runs.retain(|run| !run.text.trim().is_empty());
    runs
}

/// Two blanks in a row part what stands around them: not every reader of SVG keeps them.
fn joins(run: &Run<'_>, kind: Kind, col: u16, text: &str) -> bool {
    if kind != run.kind || usize::from(col - run.col) != run.text.chars().count() {
        return false;
    }
    match kind {
        Kind::Letters => !(text == " " && run.text.ends_with(' ')),
        Kind::Shape => text.starts_with(is_long) && run.text.ends_with(text),
        Kind::Sign { .. } => false,
    }
}

/// Whether many of a shape side by side are one long one.
fn is_long(sign: char) -> bool {
    matches!(sign, '─' | '▁'..='█' | '░')
}

fn kind(cell: &Cell, text: &str) -> Kind {
    let first = text.chars().next().unwrap_or(' ');
    match first {
        '─'..='╿' | '▁'..='█' | '░' => Kind::Shape,
        _ if text.is_ascii() => Kind::Letters,
        _ => Kind::Sign { cells: if cell.is_wide() { 2 } else { 1 } },
    }
}

fn alike(one: &Cell, other: &Cell) -> bool {
    ink(one) == ink(other)
        && ground(one) == ground(other)
        && (one.bold(), one.dim(), one.italic(), one.underline())
            == (other.bold(), other.dim(), other.italic(), other.underline())
}

fn grounds(out: &mut String, cells: &[(u16, &Cell)], y: f32) {
    let mut before = None;
    let grounds: Vec<_> = cells
        .iter()
        .map(|(col, cell)| {
            // The second half of a wide cell has no look of its own.
            before = if cell.is_wide_continuation() { before } else { ground(cell) };
            (*col, before)
        })
        .collect();
    for same in grounds.chunk_by(|one, other| one.1 == other.1) {
        let (Some((col, Some(colour))), Ok(count)) = (same.first(), u16::try_from(same.len())) else { continue };
        let (x, y, width) = (at(x_of(*col)), at(y), at(f32::from(count) * WIDE));
        line(out, format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HIGH}\" fill=\"{colour}\"/>"));
    }
}

fn draw(out: &mut String, run: &Run<'_>, y: f32) {
    let x = x_of(run.col);
    let colour = ink(run.look);
    let faint = if run.look.dim() { " opacity=\".6\"" } else { "" };
    let text = run.text.trim_end();
    let class = class(run.look);
    let base = at(y + BASE);
    match run.kind {
        Kind::Letters => {
            let before = text.len() - text.trim_start().len();
            let text = text.trim_start();
            let x = x + width_of(before);
            let width = at(width_of(text.len()));
            let text = escape(text);
            line(
                out,
                format_args!(
                    "<text x=\"{}\" y=\"{base}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{colour}\"{class}{faint}>{text}</text>",
                    at(x),
                ),
            );
        }
        Kind::Sign { cells } => {
            let x = at(x + f32::from(cells) * WIDE / 2.0);
            let text = escape(text);
            line(
                out,
                format_args!(
                    "<text x=\"{x}\" y=\"{base}\" text-anchor=\"middle\" fill=\"{colour}\"{class}{faint}>{text}</text>"
                ),
            );
        }
        Kind::Shape => shape(out, text, x, y, colour, faint),
    }
}

/// A frame's line as a stroke through the middle of its cells, a bar as a block from their bottom. All of `text` is one sign.
fn shape(out: &mut String, text: &str, x: f32, y: f32, colour: &str, faint: &str) {
    let sign = text.chars().next().unwrap_or(' ');
    let length = width_of(text.chars().count());
    if let Some(share) = filled(sign) {
        let clear = if sign == '░' { " fill-opacity=\".25\"" } else { "" };
        let height = HIGH * share;
        let (left, top, width, height) = (at(x), at(y + HIGH - height), at(length), at(height));
        let words = format_args!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"{clear}{faint}/>"
        );
        return line(out, words);
    }
    let (left, right, top, bottom) = (at(x), at(x + length), at(y), at(y + HIGH));
    let (mid_x, mid_y) = (at(x + WIDE / 2.0), at(y + HIGH / 2.0));
    let across = format!("M{left} {mid_y}H{right}");
    let down = format!("M{mid_x} {top}V{bottom}");
    let path = match sign {
        '─' => across,
        '│' => down,
        '├' => format!("{down}M{mid_x} {mid_y}H{right}"),
        '┤' => format!("{down}M{mid_x} {mid_y}H{left}"),
        '┬' => format!("{across}M{mid_x} {mid_y}V{bottom}"),
        '┴' => format!("{across}M{mid_x} {mid_y}V{top}"),
        '┼' => across + &down,
        '╷' => format!("M{mid_x} {mid_y}V{bottom}"),
        '╭' => format!("M{right} {mid_y}Q{mid_x} {mid_y} {mid_x} {bottom}"),
        '╮' => format!("M{left} {mid_y}Q{mid_x} {mid_y} {mid_x} {bottom}"),
        '╰' => format!("M{right} {mid_y}Q{mid_x} {mid_y} {mid_x} {top}"),
        '╯' => format!("M{left} {mid_y}Q{mid_x} {mid_y} {mid_x} {top}"),
        other => panic!("the picture has no shape for {other:?}"),
    };
    line(out, format_args!("<path d=\"{path}\" stroke=\"{colour}\"{faint}/>"));
}

/// How much of its cell a bar fills, from the bottom.
fn filled(sign: char) -> Option<f32> {
    let eighths = u16::try_from(u32::from(sign).checked_sub(u32::from('▁'))?).ok()? + 1;
    match sign {
        '▁'..='█' => Some(f32::from(eighths) / 8.0),
        '░' => Some(1.0),
        _ => None,
    }
}

fn ink(cell: &Cell) -> &'static str {
    if cell.inverse() { colour(cell.bgcolor(), GROUND) } else { colour(cell.fgcolor(), INK) }
}

/// The colour behind a cell, where it is not the picture's.
fn ground(cell: &Cell) -> Option<&'static str> {
    if cell.inverse() {
        return Some(colour(cell.fgcolor(), INK));
    }
    (cell.bgcolor() != Color::Default).then(|| colour(cell.bgcolor(), GROUND))
}

fn colour(colour: Color, usual: &'static str) -> &'static str {
    match colour {
        Color::Default => usual,
        Color::Idx(index) => PALETTE.get(usize::from(index)).copied().unwrap_or_else(|| panic!("colour {index}")),
        Color::Rgb(..) => panic!("the screen has sixteen colours"),
    }
}

fn class(cell: &Cell) -> String {
    let on = [(cell.bold(), "b"), (cell.italic(), "i"), (cell.underline(), "u")];
    let names: Vec<_> = on.into_iter().filter_map(|(on, name)| on.then_some(name)).collect();
    if names.is_empty() { String::new() } else { format!(" class=\"{}\"", names.join(" ")) }
}

fn x_of(col: u16) -> f32 {
    MARGIN + f32::from(col) * WIDE
}

fn width_of(columns: usize) -> f32 {
    u16::try_from(columns).map_or(0.0, |columns| f32::from(columns) * WIDE)
}

/// A number of the picture, with one decimal where it has one.
fn at(value: f32) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn line(out: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a `String` does not fail.
    let _written = writeln!(out, "{words}");
}
