import { expect, it, vi } from 'vitest';
import type { Authenticator } from '../ports/authenticator.ts';
import { RecordingLogger } from '../testing/recordingLogger.ts';
import { ManualClock } from '../testing/venue/manualClock.ts';
import { RevocationWatch } from './revocationWatch.ts';
import type { Sessions } from './sessions.ts';

const HOUR_MS = 3_600_000;

it('[MET-4] [FOUND-9] after a clock that was set, or a database that was away for long, it looks back to where it had looked', async () => {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const revokedSince = vi.fn<Authenticator['revokedSince']>(async () => []);
  const sessions = { revoke: vi.fn() } as unknown as Sessions;
  const authenticator = { revokedSince } as unknown as Authenticator;
  const watch = new RevocationWatch({ clock, logger, authenticator, sessions });
  const startedAt = clock.now();
  const look = async (): Promise<number> => {
    watch.look();
    await new Promise((resolve) => setImmediate(resolve));
    return (revokedSince.mock.calls.at(-1)?.[0] ?? Number.NaN) - startedAt;
  };
  const backMs = -(await look());
  expect(backMs).toBeGreaterThan(0);
  revokedSince.mockRejectedValueOnce(new Error('away'));
  clock.advance(HOUR_MS);
  expect(await look()).toBe(-backMs);
  expect(await look()).toBe(-backMs);
  expect(await look()).toBe(HOUR_MS - backMs);
  const now = vi.spyOn(clock, 'now').mockReturnValue(startedAt);
  expect(await look()).toBe(-backMs);
  now.mockRestore();
  expect(await look()).toBe(-backMs);
});
