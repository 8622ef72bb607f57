import { describe, expect, test } from 'vitest';
import { parseRequest } from '../../server/gateway/parseRequest.ts';
import { requireOrSkip } from '../../server/testing/requireOrSkip.ts';
import { DashboardWorld, SCREENS } from './dashboardWorld.ts';

/** What the server says to a bot of this name. */
function refusalOf(name: string) {
  const config = { accountId: 'acc1', symbol: 'BTCUSDT', interval: '1m', strategy: 'momentum' };
  const args = { ...config, name, allocationPct: '25' };
  const parsed = parseRequest(JSON.stringify({ id: '1', op: 'bots.create', commandId: 'command-1', args }));
  if (parsed.ok) throw new Error(`${JSON.stringify(name)} is taken`);
  return parsed.error;
}

describe.skipIf(requireOrSkip('chromium'))('names, in a browser', () => {
  const stage = DashboardWorld.forEachTest();

  test.each(SCREENS)(
    '[NAME-1] on a %s: a name that turns the direction of text is refused in the form, which says what is allowed',
    async (screenName, screen) => {
      const { server } = stage;
      const page = await stage.enter(screen);
      server.desk.openAccount('Simulated');
      await page.locator('[data-action=new-bot]').first().click();
      const dialog = page.locator('dialog');
      const name = 'profit\u202e%001';
      await dialog.locator('input[id$="-name"]').fill(name);
      server.refusals.set('bots.create', refusalOf(name));
      await dialog.locator('button[type=submit]').click();
      const refusal = dialog.locator('.refusal');
      await refusal.waitFor();
      const said = (await refusal.textContent()) ?? '';
      expect(said).toContain('U+202E');
      expect(said).toContain(
        screen.locale?.startsWith('ko')
          ? '이름에는 U+202E 문자를 쓸 수 없습니다'
          : 'a name must not hold U+202E',
      );
      expect(said).toContain(screen.locale?.startsWith('ko') ? '이모지' : 'emoji');
      expect(said).not.toContain('args.');
      await stage.shot(page, `${screenName}-name-refused`);
      // The name stays as it was typed, and one without the mark is taken.
      await dialog.locator('input[id$="-name"]').fill('profit %001');
      await dialog.locator('button[type=submit]').click();
      await dialog.waitFor({ state: 'detached' });
      const asked = server.asked.filter(({ op }) => op === 'bots.create');
      expect(asked.map(({ args }) => (args as { name: string }).name)).toEqual([name, 'profit %001']);
    },
  );
});
