use std::error::Error;

use plotters::prelude::*;

use crate::series::Series;

/// Draws all series into one SVG file: how many times the smallest size against the relative cost of a byte.
pub(crate) fn draw(measured: &[Series], file: &str) -> Result<(), Box<dyn Error>> {
    let highest =
        measured.iter().flat_map(|series| &series.points).map(|point| point.cost).fold(2.0, f64::max);
    let area = SVGBackend::new(file, (800, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption("What a byte costs as answers, streams and open blocks grow", ("sans-serif", 18))
        .margin(12)
        .margin_right(32)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d((1.0..10_000.0).log_scale(), 0.0..highest * 1.1)?;
    chart
        .configure_mesh()
        .x_desc("times the smallest size")
        .y_desc("cost of a byte (1 = at the smallest size)")
        .x_label_formatter(&|x| format!("{x}"))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (series, color) in measured.iter().zip([BLUE, RED, GREEN]) {
        let points = || series.points.iter().map(|point| (point.growth, point.cost));
        let legend = move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2));
        chart
            .draw_series(LineSeries::new(points(), color.stroke_width(2)).point_size(3))?
            .label(series.name)
            .legend(legend);
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE)
        .border_style(BLACK)
        .draw()?;
    area.present()?;
    Ok(())
}
