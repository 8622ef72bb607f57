import {
  type AutoscaleInfo,
  CandlestickSeries,
  createChartEx,
  createSeriesMarkers,
  type DeepPartial,
  HistogramSeries,
  type IChartApiBase,
  type IPriceLine,
  type ISeriesApi,
  type SeriesMarker,
  type TickMarkType,
  type Time,
  type TimeChartOptions,
} from 'lightweight-charts';
import type { Fill } from '../../shared/domain/fill.ts';
import type { OpenCandle } from '../../shared/domain/market.ts';
import { chartLabels, chartTime, LocalDays } from './chartTime.ts';

/** A horizontal line with a name at the price axis. */
export interface ChartLine {
  price: string;
  title: string;
  tone: 'up' | 'down' | 'warn' | 'text';
}

export interface CandleChartOptions {
  /** Digits after the point of prices. */
  priceScale: number;
  /** Length of a bar, ms. */
  intervalMs: number;
  locale: string;
  /** Called whenever little is left of the past beyond the edge of what is looked at. */
  onPast: () => void;
  /** Whether the newest bar is out of sight. */
  onAway: (isAway: boolean) => void;
}

export interface CandleChart {
  /** Everything there is to draw, oldest first. */
  setBars(candles: readonly OpenCandle[]): void;
  /** The newest bar: a new one, or the latest as it is now. */
  update(candle: OpenCandle): void;
  /** Looks at the latest bars. */
  showLatest(): void;
  setFills(fills: readonly Fill[]): void;
  setLines(lines: readonly ChartLine[]): void;
  setLocale(locale: string): void;
  /** Reads the page's colours again, after a change of theme. */
  recolour(): void;
  destroy(): void;
}

const TOKENS = { up: '--up', down: '--down', warn: '--warn', text: '--text-3', border: '--border' } as const;
type Palette = Record<keyof typeof TOKENS, string>;

/** The library wants colours it can parse: the browser resolves `light-dark()` in our tokens for it. */
function readPalette(host: HTMLElement): Palette {
  const probe = document.createElement('span');
  host.append(probe);
  const entries = Object.entries(TOKENS).map(([name, token]) => {
    probe.style.color = `var(${token})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries) as Palette;
}

const bar = (candle: OpenCandle) => ({
  time: chartTime(candle.openTime),
  open: Number(candle.open),
  high: Number(candle.high),
  low: Number(candle.low),
  close: Number(candle.close),
});

/** Of an open bar nobody may know it yet: then its place is empty. */
const volumeOf = ({ openTime, volume }: OpenCandle) =>
  volume === null ? { time: chartTime(openTime) } : { time: chartTime(openTime), value: Number(volume) };

/** Bars looked at when a chart is opened, and so many beyond the left edge that older ones are asked for. */
const SHOWN_BARS = 90;
const PAST_BARS = 60;
/** Lines farther from the candles than this share of their price do not stretch the scale. */
const LINE_REACH = 0.04;

/** The stop belongs into the picture, not below its edge. */
function withLines(info: AutoscaleInfo | null, lines: readonly ChartLine[]): AutoscaleInfo | null {
  if (info?.priceRange == null) return info;
  const { minValue, maxValue } = info.priceRange;
  const near = lines
    .map((line) => Number(line.price))
    .filter((price) => price > minValue * (1 - LINE_REACH) && price < maxValue * (1 + LINE_REACH));
  return {
    ...info,
    priceRange: { minValue: Math.min(minValue, ...near), maxValue: Math.max(maxValue, ...near) },
  };
}

/** Draws candles, fills as arrows, and lines, into `host`. Loaded only when a chart is shown. */
export function createCandleChart(host: HTMLElement, options: CandleChartOptions): CandleChart {
  const { priceScale, intervalMs, onPast, onAway } = options;
  let labels = chartLabels(options.locale, intervalMs);
  let palette = readPalette(host);
  let shownLines: readonly ChartLine[] = [];
  let shownFills: readonly Fill[] = [];
  const settings: DeepPartial<TimeChartOptions> = {
    autoSize: true,
    layout: {
      background: { color: 'transparent' },
      fontFamily: getComputedStyle(host).fontFamily,
      fontSize: 11,
    },
    timeScale: {
      timeVisible: true,
      secondsVisible: false,
      rightOffset: 4,
      tickMarkFormatter: (time: Time, type: TickMarkType) => labels.mark(time, type),
    },
    localization: { timeFormatter: (time: Time) => labels.moment(time) },
    rightPriceScale: { scaleMargins: { top: 0.12, bottom: 0.2 } },
    handleScroll: { vertTouchDrag: false },
  };
  const chart: IChartApiBase<Time> = createChartEx<Time, LocalDays>(
    host,
    new LocalDays(intervalMs),
    settings,
  );
  const series: ISeriesApi<'Candlestick'> = chart.addSeries(CandlestickSeries, {
    autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => withLines(original(), shownLines),
    priceFormat: { type: 'price', precision: priceScale, minMove: 10 ** -priceScale },
    // The library's own label tells the last bar in sight, which is not the price now.
    lastValueVisible: false,
    priceLineVisible: false,
  });
  const volumes: ISeriesApi<'Histogram'> = chart.addSeries(HistogramSeries, {
    priceScaleId: 'volume',
    priceFormat: { type: 'volume' },
    lastValueVisible: false,
    priceLineVisible: false,
  });
  chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
  let now: IPriceLine | undefined;
  let newest: OpenCandle | undefined;
  let count = 0;

  function drawNow(): void {
    if (newest === undefined) return;
    const color = Number(newest.close) < Number(newest.open) ? palette.down : palette.up;
    const line = { price: Number(newest.close), color, lineWidth: 1, lineStyle: 1, title: '' } as const;
    if (now === undefined) now = series.createPriceLine(line);
    else now.applyOptions(line);
  }
  const markers = createSeriesMarkers(series, []);
  let lines: IPriceLine[] = [];

  function drawFills(): void {
    const marks = shownFills.map((fill): SeriesMarker<Time> => {
      const buy = fill.side === 'buy';
      return {
        time: chartTime(fill.ts - (fill.ts % intervalMs)),
        position: buy ? 'belowBar' : 'aboveBar',
        shape: fill.source === 'order' ? (buy ? 'arrowUp' : 'arrowDown') : 'circle',
        color: fill.source === 'stop' ? palette.warn : buy ? palette.up : palette.down,
      };
    });
    markers.setMarkers(marks.sort((a, b) => Number(a.time) - Number(b.time)));
  }

  function drawLines(): void {
    for (const line of lines) series.removePriceLine(line);
    lines = shownLines.map(({ price, title, tone }) =>
      series.createPriceLine({
        price: Number(price),
        title,
        color: palette[tone],
        lineWidth: 1,
        lineStyle: 2,
      }),
    );
  }

  function recolour(): void {
    palette = readPalette(host);
    const grid = { color: palette.border };
    chart.applyOptions({
      layout: { textColor: palette.text },
      grid: { vertLines: grid, horzLines: grid },
      timeScale: { borderColor: palette.border },
      rightPriceScale: { borderColor: palette.border },
    });
    const { up, down } = palette;
    series.applyOptions({
      upColor: up,
      downColor: down,
      wickUpColor: up,
      wickDownColor: down,
      borderVisible: false,
    });
    volumes.applyOptions({ color: palette.border });
    drawNow();
    drawFills();
    drawLines();
  }
  recolour();

  chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
    if (range === null) return;
    if (range.from < PAST_BARS) onPast();
    onAway(range.to < count - 1);
  });

  return {
    setBars(candles) {
      series.setData(candles.map(bar));
      volumes.setData(candles.map(volumeOf));
      count = candles.length;
      newest = candles.at(-1);
      drawNow();
    },
    update(candle) {
      series.update(bar(candle));
      volumes.update(volumeOf(candle));
      if (candle.openTime !== newest?.openTime) count += 1;
      newest = candle;
      drawNow();
    },
    showLatest() {
      const shown = Math.min(count, SHOWN_BARS);
      chart.timeScale().setVisibleLogicalRange({ from: count - shown, to: count + 3 });
    },
    setFills(fills) {
      shownFills = fills;
      drawFills();
    },
    setLocale(locale) {
      labels = chartLabels(locale, intervalMs);
      // Marks are kept until an option of theirs changes.
      chart.applyOptions({ localization: { locale } });
    },
    setLines(next) {
      shownLines = next;
      drawLines();
    },
    recolour,
    destroy: () => chart.remove(),
  };
}
