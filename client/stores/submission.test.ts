import { beforeAll, expect, test } from 'vitest';
import { wireError } from '../../shared/protocol/errors.ts';
import { FillwireError } from '../../shared/sdk/fillwireError.ts';
import { loadLanguage } from '../i18n/language.ts';
import { Submission } from './submission.svelte.ts';

beforeAll(() => loadLanguage('en'));

test('[UI-7] a refused form says why until it is changed or sent again, and one is under way at a time', async () => {
  const submission = new Submission(() => 'd1');
  const changedBy = { deviceId: 'd1', action: 'update', at: 1 };
  const refuse = async () => {
    throw new FillwireError(
      wireError('version_conflict', 'the bot is at version 3', { expected: 2, actual: 3, changedBy }),
    );
  };
  expect(await submission.run(refuse)).toBe(false);
  expect(submission.problem?.detail).toContain('Changed first: edit by this device.');
  submission.clear();
  expect(submission.problem).toBeNull();

  await submission.run(refuse);
  let answer: () => void = () => {};
  const first = submission.run(() => new Promise<void>((resolve) => (answer = resolve)));
  expect([submission.busy, submission.problem]).toEqual([true, null]);
  let begun = false;
  expect(await submission.run(async () => (begun = true))).toBe(false);
  expect(begun, 'a second one while the first is under way').toBe(false);
  answer();
  expect(await first).toBe(true);
  expect(submission.busy).toBe(false);
});
