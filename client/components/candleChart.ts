import {
  type AutoscaleInfo,
  CandlestickSeries,
  createChart,
  createSeriesMarkers,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from 'lightweight-charts';
import type { Fill } from '../../shared/domain/fill.ts';
import type { Candle } from '../../shared/domain/market.ts';

/** A horizontal line with a name at the price axis. */
export interface ChartLine {
  price: string;
  title: string;
  tone: 'up' | 'down' | 'warn' | 'text';
}

export interface CandleChart {
  setHistory(candles: readonly Candle[]): void;
  update(candle: Candle): void;
  setFills(fills: readonly Fill[], intervalMs: number): void;
  setLines(lines: readonly ChartLine[]): void;
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

/** Charts draw in local time; the library knows only UTC. */
const chartTime = (ts: number): UTCTimestamp =>
  (Math.floor(ts / 1_000) - new Date(ts).getTimezoneOffset() * 60) as UTCTimestamp;

const bar = (candle: Candle) => ({
  time: chartTime(candle.openTime),
  open: Number(candle.open),
  high: Number(candle.high),
  low: Number(candle.low),
  close: Number(candle.close),
});

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
export function createCandleChart(host: HTMLElement, priceScale: number): CandleChart {
  let palette = readPalette(host);
  let shownLines: readonly ChartLine[] = [];
  let shownFills: { fills: readonly Fill[]; intervalMs: number } = { fills: [], intervalMs: 60_000 };
  const chart: IChartApi = createChart(host, {
    autoSize: true,
    layout: {
      background: { color: 'transparent' },
      fontFamily: getComputedStyle(host).fontFamily,
      fontSize: 11,
    },
    timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 4 },
    rightPriceScale: { scaleMargins: { top: 0.12, bottom: 0.12 } },
    handleScroll: { vertTouchDrag: false },
  });
  const series: ISeriesApi<'Candlestick'> = chart.addSeries(CandlestickSeries, {
    autoscaleInfoProvider: (original: () => AutoscaleInfo | null) => withLines(original(), shownLines),
    priceFormat: { type: 'price', precision: priceScale, minMove: 10 ** -priceScale },
  });
  const markers = createSeriesMarkers(series, []);
  let lines: IPriceLine[] = [];

  function drawFills(): void {
    const { fills, intervalMs } = shownFills;
    const marks = fills.map((fill): SeriesMarker<Time> => {
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
    drawFills();
    drawLines();
  }
  recolour();

  return {
    setHistory(candles) {
      series.setData(candles.map(bar));
      const shown = Math.min(candles.length, 90);
      chart.timeScale().setVisibleLogicalRange({ from: candles.length - shown, to: candles.length + 3 });
    },
    update: (candle) => series.update(bar(candle)),
    setFills(fills, intervalMs) {
      shownFills = { fills, intervalMs };
      drawFills();
    },
    setLines(next) {
      shownLines = next;
      drawLines();
    },
    recolour,
    destroy: () => chart.remove(),
  };
}
