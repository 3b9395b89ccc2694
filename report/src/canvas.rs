//! The few marks that the plots are made of, and the axes under them. Everything is placed in whole pixels of a canvas about
//! as wide as a page of text, with one size of text: it is still readable when the page is a telephone's.

use crate::format;
use crate::palette::{Colour, GRID, INK, MUTED, PAGE};
use plotters::coord::{CoordTranslate, Shift, types::RangedCoordf64};
use plotters::element::{DashedPathElement, Drawable, PointCollection};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::cell::RefCell;
use std::ops::Range;

/// Pixels of a plot's width, unless its contents need more.
pub(crate) const WIDTH: u32 = 580;
/// Pixels of a line of text.
pub(crate) const LINE: i32 = 22;
/// The size of all text, in pixels. At a width of 372, what a telephone leaves, it is 10.9.
const TEXT: f64 = 17.0;
/// What a letter of that size takes in a wide font.
const LETTER: i32 = 10;

/// The greatest value that is drawn. A score is a share; an error in a target's own units, squared, may be large.
const GREATEST: f64 = 1e12;

/// Why a plot could not be drawn.
pub(crate) type DrawingError = DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>;

/// A drawing: what stands between `<svg>` and `</svg>`, and the size of its view box.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub(crate) struct Drawing {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) body: String,
}

/// Draws on a canvas of `width` times `height` pixels.
pub(crate) fn draw(
    width: u32,
    height: u32,
    paint: impl FnOnce(&Canvas) -> Result<(), DrawingError>,
) -> Result<Drawing, DrawingError> {
    let mut svg = String::new();
    let hovers = {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        let canvas = Canvas(area, RefCell::default());
        paint(&canvas)?;
        canvas.0.present()?;
        canvas.1.into_inner()
    };
    // The page writes the outer tag: it names the drawing for those who cannot see it, and needs no namespace.
    let body = svg.split_once('>').map_or("", |(_, rest)| rest).replace("</svg>", "") + &hovers;
    Ok(Drawing { width, height, body })
}

/// A text as XML has it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            other => safe.push(other),
        }
    }
    safe
}

/// Pixels that a text needs at most, as far as its letters tell.
pub(crate) fn text_width(text: &str) -> i32 {
    text.chars().count() as i32 * LETTER
}

/// Where a text stands as seen from its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// To the left of the point, half above it.
    Left,
    /// To the right of the point, half above it.
    Right,
    /// Its middle is the point.
    Centre,
    /// Below the point.
    Below,
    /// Upwards from the point, turned.
    Up,
}

/// A point in pixels, from the upper left.
pub(crate) type Point = (i32, i32);

/// Something to draw on.
pub(crate) struct Canvas<'a>(
    DrawingArea<SVGBackend<'a>, Shift>,
    /// What is said under the pointer. plotters has no such thing, so it is laid over its drawing.
    RefCell<String>,
);

impl<'a> Canvas<'a> {
    /// Text in one line.
    pub(crate) fn text(&self, text: &str, at: Point, side: Side, colour: Colour) -> Result<(), DrawingError> {
        self.written(text, at, side, colour, FontStyle::Normal)
    }

    /// Bold text in one line.
    pub(crate) fn bold(&self, text: &str, at: Point, side: Side, colour: Colour) -> Result<(), DrawingError> {
        self.written(text, at, side, colour, FontStyle::Bold)
    }

    /// What is said where the pointer is within a rectangle of two corners.
    pub(crate) fn says(&self, [(left, top), (right, bottom)]: [Point; 2], text: &str) {
        let mut hovers = self.1.borrow_mut();
        *hovers += &format!(
            "<g pointer-events=\"all\"><title>{}</title><path fill=\"none\" d=\"M{left} {top}H{right}V{bottom}H{left}Z\"/></g>\n",
            escaped(text)
        );
    }

    /// What is said where the pointer is near a point.
    pub(crate) fn says_at(&self, (x, y): Point, text: &str) {
        const NEAR: i32 = 8;
        self.says([(x - NEAR, y - NEAR), (x + NEAR, y + NEAR)], text);
    }

    fn written(
        &self,
        text: &str,
        at: Point,
        side: Side,
        colour: Colour,
        style: FontStyle,
    ) -> Result<(), DrawingError> {
        let (horizontal, vertical) = match side {
            Side::Left => (HPos::Right, VPos::Center),
            Side::Right | Side::Up => (HPos::Left, VPos::Center),
            Side::Centre => (HPos::Center, VPos::Center),
            Side::Below => (HPos::Center, VPos::Top),
        };
        let turn = if side == Side::Up { FontTransform::Rotate270 } else { FontTransform::None };
        let font = font().style(style).transform(turn);
        let style = font.color(&colour.rgb()).pos(Pos::new(horizontal, vertical));
        self.0.draw_text(text, &style, at)
    }

    /// A filled dot, `opacity` from 0 to 1.
    pub(crate) fn dot(
        &self,
        at: Point,
        radius: u32,
        colour: Colour,
        opacity: f64,
    ) -> Result<(), DrawingError> {
        self.put(&Circle::new(at, radius, colour.rgb().mix(opacity).filled()))
    }

    /// A dot that is hollow.
    pub(crate) fn ring(&self, at: Point, radius: u32, colour: Colour) -> Result<(), DrawingError> {
        self.put(&Circle::new(at, radius, colour.rgb().stroke_width(2)))
    }

    /// A dot with a halo of the page's colour, so that it is seen on its own line.
    pub(crate) fn mean(&self, at: Point, colour: Colour) -> Result<(), DrawingError> {
        self.dot(at, 8, PAGE, 1.0)?;
        self.dot(at, 6, colour, 1.0)
    }

    /// Straight lines through the points, `width` pixels thick.
    pub(crate) fn line(&self, points: &[Point], width: u32, colour: Colour) -> Result<(), DrawingError> {
        self.put(&PathElement::new(points.to_vec(), colour.rgb().stroke_width(width)))
    }

    /// A dashed line.
    pub(crate) fn dashes(&self, from: Point, to: Point, colour: Colour) -> Result<(), DrawingError> {
        self.put(&DashedPathElement::new([from, to], 6, 5, colour.rgb().stroke_width(2)))
    }

    /// A pale area inside the points.
    pub(crate) fn band(&self, points: Vec<Point>, colour: Colour) -> Result<(), DrawingError> {
        self.put(&Polygon::new(points, colour.rgb().mix(0.16).filled()))
    }

    /// A filled rectangle, given by two corners.
    pub(crate) fn rectangle(&self, corners: [Point; 2], colour: Colour) -> Result<(), DrawingError> {
        self.put(&Rectangle::new(corners, colour.rgb().filled()))
    }

    /// Axes; what they return places values on the canvas.
    pub(crate) fn axes(&self, axes: &Axes) -> Result<Scale, DrawingError> {
        let top = if axes.y_title.is_empty() { 8 } else { 36 };
        let left = axes.left as u32;
        let mut chart = ChartBuilder::on(&self.0)
            .margin_top(top)
            .margin_right(axes.right)
            .margin_left(if axes.y_labels == 0 { left } else { 0 })
            .x_label_area_size(if axes.x_title.is_empty() { 30 } else { 58 })
            .y_label_area_size(if axes.y_labels == 0 { 0 } else { left })
            .build_cartesian_2d(drawable(&axes.x), drawable(&axes.y))?;
        let (label, tick) = (font().color(&MUTED.rgb()), |value: &f64| format::tick(*value));
        let mut mesh = chart.configure_mesh();
        if axes.y_labels == 0 {
            mesh.disable_y_mesh();
        }
        if axes.x_labels == 0 {
            mesh.disable_x_mesh();
        }
        mesh.max_light_lines(1)
            .bold_line_style(GRID.rgb())
            .light_line_style(TRANSPARENT)
            .axis_style(GRID.rgb())
            .x_labels(axes.x_labels)
            .y_labels(axes.y_labels)
            .x_label_formatter(&tick)
            .y_label_formatter(&tick)
            .label_style(label)
            .draw()?;
        let scale = Scale(chart.as_coord_spec().clone());
        let (bottom, middle) = (scale.bottom(), f64::midpoint(axes.x.start, axes.x.end));
        self.text(&axes.x_title, (scale.x(middle), bottom + 34), Side::Below, INK)?;
        self.text(&axes.y_title, (4, 14), Side::Right, INK)?;
        Ok(scale)
    }

    fn put<E>(&self, element: &E) -> Result<(), DrawingError>
    where
        for<'b> &'b E: PointCollection<'b, Point>,
        E: Drawable<SVGBackend<'a>>,
    {
        self.0.draw(element)
    }
}

/// The page's own font. plotters writes a size divided by 1.24.
fn font() -> FontDesc<'static> {
    FontDesc::new(FontFamily::Name("inherit"), 1.24 * TEXT, FontStyle::Normal)
}

/// What axes show. No labels, no grid lines.
pub(crate) struct Axes {
    /// Values from the left end to the right.
    pub(crate) x: Range<f64>,
    /// Values from the lower end to the upper.
    pub(crate) y: Range<f64>,
    /// About how many numbers stand below the x axis.
    pub(crate) x_labels: usize,
    /// About how many numbers stand left of the y axis.
    pub(crate) y_labels: usize,
    /// Below the x axis.
    pub(crate) x_title: String,
    /// Above the y axis.
    pub(crate) y_title: String,
    /// Pixels left of the y axis.
    pub(crate) left: i32,
    /// Pixels right of the plotting area.
    pub(crate) right: i32,
}

/// From values to pixels.
pub(crate) struct Scale(Cartesian2d<RangedCoordf64, RangedCoordf64>);

impl Scale {
    /// Where a pair of values lies; one far outside the axes lies as far as they are long.
    pub(crate) fn at(&self, x: f64, y: f64) -> Point {
        let near = |value: f64, Range { start, end }: Range<f64>| {
            let length = end - start;
            value.clamp(start - length, end + length)
        };
        self.0.translate(&(near(x, self.0.get_x_range()), near(y, self.0.get_y_range())))
    }

    /// Where a value lies along the x axis.
    pub(crate) fn x(&self, x: f64) -> i32 {
        self.at(x, self.0.get_y_range().start).0
    }

    /// Where a value lies along the y axis.
    pub(crate) fn y(&self, y: f64) -> i32 {
        self.at(self.0.get_x_range().start, y).1
    }

    /// The upper end of the plotting area.
    pub(crate) fn top(&self) -> i32 {
        self.y(self.0.get_y_range().end)
    }

    /// The lower end of the plotting area.
    pub(crate) fn bottom(&self) -> i32 {
        self.y(self.0.get_y_range().start)
    }

    /// The ends of the plotting area from left to right.
    pub(crate) fn sides(&self) -> [i32; 2] {
        let Range { start, end } = self.0.get_x_range();
        [self.x(start), self.x(end)]
    }
}

/// A range that axes can be drawn for: plotters counts its labels in whole numbers, which huge ranges and empty ones break.
fn drawable(range: &Range<f64>) -> Range<f64> {
    let end = |value: f64| value.clamp(-GREATEST, GREATEST);
    let (start, end) = (end(range.start), end(range.end));
    if end - start > 1e-9 { start..end } else { start..start + 1.0 }
}

/// From the least to the greatest of the values that are finite, with air around them; something to draw on if there is none.
pub(crate) fn around(values: impl IntoIterator<Item = f64>) -> Range<f64> {
    let (low, high) = values
        .into_iter()
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    if low > high {
        return -1.0..1.0;
    }
    let air = (0.06 * (high - low)).max(0.25);
    low - air..high + air
}
