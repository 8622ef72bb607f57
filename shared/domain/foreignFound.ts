import { plainKinds, TOLD_BEFORE, type Told, toldSchema } from './figures.ts';

/** What is found at a venue that is not ours. */
export const FOREIGN_FOUND = {
  fill: { side: 'side', size: 'decimal', symbol: 'symbol', price: 'decimal' },
  order: { side: 'side', size: 'decimal', symbol: 'symbol' },
  /** The venue's position is not what our fills say. */
  position: { direction: 'direction', size: 'decimal', symbol: 'symbol' },
  /** A position was closed there without a fill that we know. */
  closed: { symbol: 'symbol' },
  ...TOLD_BEFORE,
} as const;
export const foreignFoundSchema = toldSchema(plainKinds, FOREIGN_FOUND);
export type ForeignFound = Told<typeof plainKinds, typeof FOREIGN_FOUND>;
