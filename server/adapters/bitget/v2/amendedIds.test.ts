import { expect, test } from 'vitest';
import { amendedId, originalId } from './amendedIds.ts';

test('[BIT-36] an id given with a change is one the exchange takes, is another with each change, and leads back to ours', () => {
  const now = 1_764_000_000_000;
  for (const ours of ['0123456789abcdef0123456789abcdef', 'myorder001', 'a.b-c_d:e/f']) {
    const given = amendedId(ours, now);
    expect(given).toMatch(/^[.A-Z:/a-z0-9_-]{1,32}$/);
    expect(amendedId(ours, now + 1)).not.toBe(given);
    expect(originalId(given)).toBe(ours);
    expect(originalId(ours)).toBe(ours);
  }
  const other = amendedId('an id of somebody else, much longer', now);
  expect(originalId(other)).toBe(other);
  expect([originalId(null), originalId(amendedId(null, now))]).toEqual([null, amendedId(null, now)]);
});
