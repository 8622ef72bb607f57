import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MINUTE_MS = 60_000;
const T0 = Date.UTC(2023, 2, 1);

/** A file of so many minutes of a calm market around 50,000, in each of which 10 were traded. The first 300 are the past. */
export function madeRecording(symbol: string, minutes: number): { path: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'fw-recording-'));
  const path = join(folder, `${symbol}_1m.csv`);
  const price = (bar: number): number => 50_000 + Math.round(100 * Math.sin(bar / 9));
  const rows = Array.from({ length: minutes }, (_, bar) => {
    const time = new Date(T0 + bar * MINUTE_MS).toISOString().replace('T', ' ').replace('.000Z', '+00:00');
    const [open, close] = [price(bar), price(bar + 1)];
    return [time, open, Math.max(open, close) + 5, Math.min(open, close) - 5, close, 10].join();
  });
  writeFileSync(path, `${['open_time,open,high,low,close,volume', ...rows].join('\n')}\n`);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
