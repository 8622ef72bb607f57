import { type Decimal, dec } from '../domain/decimal.ts';
import type { Denial } from '../domain/denial.ts';
import { type ChosenKind, chosenKinds, FAMILIES, type FamilyName, type ToldOf } from './families.ts';

/*
 * One of everything that can be told, for tests: what no test says to somebody, somebody is told unread.
 */

const PLAIN: Readonly<Record<string, unknown>> = {
  decimal: dec('1234.5'),
  price: dec('1234.5'),
  count: 7,
  duration: 137_000,
  moment: 1_795_800_120_000,
  symbol: 'BTCUSDT',
  name: '1',
  coin: 'USDT',
  text: '1',
};

/** Every code of a family, each with figures. */
export function samplesOf<F extends FamilyName>(family: F): ToldOf[F][] {
  return Object.entries(FAMILIES[family]).map(([code, figures]) => {
    const sampled = Object.entries(figures).map(([name, kind]) => [name, sampleOf(String(kind))]);
    // Each is made of the table that the type is made of.
    return { code, figures: Object.fromEntries(sampled) } as ToldOf[F];
  });
}

/** Every denial, as it is on the wire. */
export const denialSamples = (): Denial[] =>
  samplesOf('denial').map(({ code, figures }) => ({ limit: code, figures }) as Denial);

function sampleOf(kind: string): unknown {
  if (Object.hasOwn(chosenKinds, kind)) return chosenKinds[kind as ChosenKind].options[0];
  switch (kind) {
    case 'breach':
    case 'cause':
    case 'foreign':
      return samplesOf(kind)[0];
    case 'denial':
      return { limit: 'leverage', figures: { actual: 20, allowed: 5 } };
    case 'denials':
      return [sampleOf('denial')];
    case 'left':
      return [{ symbol: 'BTCUSDT', size: dec('1') as Decimal, cause: sampleOf('cause') }];
    case 'sizes':
      return [{ symbol: 'BTCUSDT', size: dec('1') as Decimal }];
    default:
      return PLAIN[kind];
  }
}
