import { expect, test } from 'vitest';
import { Scenario } from '../testing/core/scenario.ts';
import { accountsToRead } from './accountsToRead.ts';

test('[RUN-36] accounts without positions and orders are compared with their venue as well, in their turn', () => {
  const desks = Array.from({ length: 4 }, () => new Scenario().desk);
  const rounds = [0, 1, 2, 3].map((round) => accountsToRead(desks, round).map(({ deskId }) => deskId));
  expect(rounds.flat()).toHaveLength(4);
  expect(rounds.every((round) => round.length === 1)).toBe(true);
});
