import { abs, dec, gte, parseDecimal, scaleOf } from '../../shared/domain/decimal.ts';
import { formatDecimal } from '../format/number.ts';
import { preferences } from '../stores/preferences.svelte.ts';

const ONE = dec('1');
/** More digits after the point than any step of prices or sizes has. */
const LONG_SCALE = 5;
const FIGURE = /^(-?\d+(?:\.\d+)?)( ?%|x)?$/;

export const isFigure = (text: string): boolean => FIGURE.test(text);

/** A figure as the engine tells it (`-443.39890684`, `5 %`, `20x`), as people read it; words stay as they are. */
export function figureText(text: string): string {
  const [, digits, unit = ''] = FIGURE.exec(text) ?? [];
  const value = digits === undefined ? undefined : parseDecimal(digits);
  if (value === undefined) return text;
  // Prices, sizes and steps need their digits; of what was computed to the last one, two say enough.
  const isLong = scaleOf(value) > LONG_SCALE && gte(abs(value), ONE);
  const shown = formatDecimal(value, preferences.locale, isLong ? { minScale: 2, maxScale: 2 } : {});
  return `${shown}${unit === 'x' ? '×' : unit}`;
}
