import {
  defaultHorzScaleBehavior,
  TickMarkType,
  type Time,
  type TimeScalePoint,
  type UTCTimestamp,
} from 'lightweight-charts';
import { readInUtc } from './chartZone.ts';

/** Where a bar or fill is on the axis: in UTC, where every moment happens once and they follow each other. */
export const chartTime = (ts: number): UTCTimestamp => Math.floor(ts / 1_000) as UTCTimestamp;

const SHAPES = {
  year: { year: 'numeric' },
  month: { month: 'short' },
  day: { month: 'short', day: 'numeric' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  moment: {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    // Tells the two hours apart when the clock is put back.
    timeZoneName: 'short',
  },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

const TICKS: Readonly<Record<TickMarkType, keyof typeof SHAPES>> = {
  [TickMarkType.Year]: 'year',
  [TickMarkType.Month]: 'month',
  [TickMarkType.DayOfMonth]: 'day',
  [TickMarkType.Time]: 'time',
  [TickMarkType.TimeWithSeconds]: 'time',
};

/** The words at the axis: below its marks, and below the crosshair. */
export interface ChartLabels {
  mark(time: Time, type: TickMarkType): string;
  moment(time: Time): string;
}

export function chartLabels(locale: string, intervalMs: number): ChartLabels {
  const isUtc = readInUtc(intervalMs);
  const formats = new Map<string, Intl.DateTimeFormat>();
  function write(time: Time, shape: keyof typeof SHAPES): string {
    let format = formats.get(shape);
    if (format === undefined) {
      format = new Intl.DateTimeFormat(locale, { ...SHAPES[shape], ...(isUtc ? { timeZone: 'UTC' } : {}) });
      formats.set(shape, format);
    }
    return format.format(Number(time) * 1_000);
  }
  return {
    mark: (time, type) => write(time, TICKS[type]),
    moment: (time) => write(time, isUtc ? 'day' : 'moment'),
  };
}

type Points = readonly { -readonly [K in keyof TimeScalePoint]: TimeScalePoint[K] }[];

/** Lets days begin on the axis when they begin for whoever looks at it: the library knows only those of UTC. */
export class LocalDays extends defaultHorzScaleBehavior() {
  readonly #isUtc: boolean;

  constructor(intervalMs: number) {
    super();
    this.#isUtc = readInUtc(intervalMs);
  }

  override fillWeightsForPoints(points: Points, startIndex: number): void {
    if (this.#isUtc) {
      super.fillWeightsForPoints(points, startIndex);
      return;
    }
    const from = Math.max(0, startIndex - 1);
    const local = points.slice(from).map((point) => ({ ...point, time: this.#shifted(point) }));
    super.fillWeightsForPoints(local, startIndex - from);
    for (const [index, { timeWeight }] of local.entries()) {
      const point = points[from + index];
      if (point !== undefined && from + index >= startIndex) point.timeWeight = timeWeight;
    }
  }

  #shifted({ originalTime }: TimeScalePoint): TimeScalePoint['time'] {
    const seconds = Number(originalTime);
    const offset = new Date(seconds * 1_000).getTimezoneOffset() * 60;
    return this.convertHorzItemToInternal((seconds - offset) as UTCTimestamp);
  }
}
